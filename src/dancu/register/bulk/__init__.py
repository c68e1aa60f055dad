"""The first national load: the same rows as single events write, made by the million."""

from dancu.register.bulk.households import start_clocks
from dancu.register.bulk.indexes import defer_indexes, indexes_missing, restore_indexes
from dancu.register.bulk.load import BulkLoad, Prepared

__all__ = ["BulkLoad", "Prepared", "defer_indexes", "indexes_missing", "restore_indexes", "start_clocks"]
