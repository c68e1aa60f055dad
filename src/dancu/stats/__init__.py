"""Counts of the population, derived from the register by reading its feed. All of it can be made again."""

from dancu.stats.cells import Base
from dancu.stats.counter import Counter
from dancu.stats.disclosure import Table, exact, told
from dancu.stats.keeping import count_all, keep_counting
from dancu.stats.population import Count, population
from dancu.stats.recount import CountsBehind, Discrepancy, recount, repair

__all__ = [
    "Base",
    "Count",
    "Counter",
    "CountsBehind",
    "Discrepancy",
    "Table",
    "count_all",
    "exact",
    "keep_counting",
    "population",
    "recount",
    "repair",
    "told",
]
