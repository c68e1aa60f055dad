"""Matching of whole files: the same keys, levels and weights as for one pair, over columns."""

from dancu.linkage.bulk.run import Bulk, Done, Progress, dedupe, write_entities, write_pairs
from dancu.linkage.bulk.table import Table, read

__all__ = ["Bulk", "Done", "Progress", "Table", "dedupe", "read", "write_entities", "write_pairs"]
