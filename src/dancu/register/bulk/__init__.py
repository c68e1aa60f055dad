"""Loads: the same rows as single events write, made by the million."""

from dancu.register.bulk.households import start_clocks
from dancu.register.bulk.indexes import defer_indexes, indexes_missing, restore_indexes
from dancu.register.bulk.load import BulkLoad, Prepared
from dancu.register.bulk.together import Telling, Together, plain_histories

__all__ = [
    "BulkLoad",
    "Prepared",
    "Telling",
    "Together",
    "defer_indexes",
    "indexes_missing",
    "plain_histories",
    "restore_indexes",
    "start_clocks",
]
