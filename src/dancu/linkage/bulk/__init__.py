"""Matching of whole files: the same keys, levels and weights as for one pair, over columns."""

from dancu.linkage.bulk.run import Bulk, Done, dedupe
from dancu.linkage.bulk.table import Table, read

__all__ = ["Bulk", "Done", "Table", "dedupe", "read"]
