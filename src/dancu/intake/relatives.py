"""Who is whose, over all records of a first load: numbers to ids, by sorted arrays instead of a dictionary.

A nation of 104 million has arrays of some gigabytes here; nothing else of it is kept in memory.
"""

import os
from collections.abc import Iterable

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dancu.intake import spool

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def _numbers(chunk: pa.Table, name: str) -> Ints:
    column = chunk.column(name)
    if column.null_count == len(column):
        return np.zeros(len(column), np.int64)
    whole: Ints = pc.cast(column, pa.int64()).fill_null(0).to_numpy()
    return whole


def _name_hashes(chunk: pa.Table) -> Ints:
    names = chunk.select(["name_key"])
    with duckdb.connect() as duck:
        duck.register("names", names)
        hashes = duck.execute("SELECT (hash(name_key) >> 1)::BIGINT AS h FROM names").fetchnumpy()
    whole: Ints = hashes["h"]
    return whole


class Relatives:
    """What the first pass learned of all records, in the order in which they will come again."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Ints]] = {k: [] for k in ("number", "spouse", "cmnd9", "name", "fate", "died")}

    def learn(self, chunk: pa.Table) -> None:
        """Take in a chunk of a spool."""
        self._parts["number"].append(_numbers(chunk, "personal_number"))
        self._parts["spouse"].append(_numbers(chunk, "spouse_number"))
        self._parts["cmnd9"].append(_numbers(chunk, "cmnd9"))
        self._parts["name"].append(_name_hashes(chunk))
        self._parts["fate"].append(chunk.column("fate").to_numpy().astype(np.int64))
        self._parts["died"].append(_numbers(chunk, "died_on"))

    def settle(self, ids: Ints | None = None) -> None:
        """Draw ids, and decide which records are certain: they bear a number, or a name, that no other record bears.

        Args:
            ids: for tests; one for each record.
        """
        whole = {name: np.concatenate(parts or [np.zeros(0, np.int64)]) for name, parts in self._parts.items()}
        self._parts.clear()
        size = len(whole["number"])
        drawn = np.frombuffer(os.urandom(8 * size), np.uint64) >> np.uint64(1) if ids is None else ids
        self.ids: Ints = np.maximum(drawn.astype(np.int64), 1)
        numbered = whole["number"] > 0
        own = _alone(whole["number"], numbered) & numbered
        nameless = ~numbered & _alone(whole["name"], np.ones(size, np.bool_))
        self.certain: Mask = (whole["fate"] == spool.TAKEN) & (own | nameless)
        known = np.flatnonzero(self.certain & numbered)
        order = known[np.argsort(whole["number"][known], kind="stable")]
        self._sorted = whole["number"][order]
        self._holders = self.ids[order]
        self.ordinals: Ints = _occurrence(whole["cmnd9"])
        self.spouses: Ints = self._couples(whole, order)

    def _couples(self, whole: dict[str, Ints], order: Ints) -> Ints:
        """Ids of spouses who are both alive, both certain, and each name the other; else 0."""
        position = self._position(whole["spouse"])
        found = position >= 0
        other = np.where(found, order[np.maximum(position, 0)] if len(order) else 0, 0)
        mutual = found & self.certain & (whole["spouse"][other] == whole["number"]) & (whole["number"] > 0)
        alive = (whole["died"] == 0) & (whole["died"][other] == 0) if len(other) else found
        return np.where(mutual & alive, self.ids[other] if len(self.ids) else 0, 0)

    def _position(self, wanted: Ints) -> Ints:
        if not len(self._sorted):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        return np.where((wanted > 0) & (self._sorted[at] == wanted), at, -1)

    def ids_of(self, chunk: pa.Table, column: str) -> pa.Array:
        """Return the ids of the persons whose numbers a column holds; null where no certain record has it."""
        position = self._position(_numbers(chunk, column))
        held = self._holders[np.maximum(position, 0)] if len(self._holders) else np.zeros(len(position), np.int64)
        return pa.array(held, mask=position < 0)


def _alone(values: Ints, among: Mask) -> Mask:
    """Tell which values occur once among the chosen records, and in no other of them."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    same_as_next = np.zeros(len(values), np.bool_)
    same_as_next[:-1] = ordered[1:] == ordered[:-1]
    repeated = same_as_next.copy()
    repeated[1:] |= same_as_next[:-1]
    alone = np.ones(len(values), np.bool_)
    alone[order] = ~repeated
    return alone & among


def _occurrence(values: Ints) -> Ints:
    """Count, for each record, how many earlier ones have the same value; 0 where there is none."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.ones(len(values), np.bool_)
    starts[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(values)), 0)) if len(values) else order
    occurrence = np.zeros(len(values), np.int64)
    occurrence[order] = np.arange(len(values)) - first
    occurrence[values == 0] = 0
    return occurrence


def learned(chunks: Iterable[pa.Table]) -> Relatives:
    """Learn from all chunks and settle."""
    relatives = Relatives()
    for chunk in chunks:
        relatives.learn(chunk)
    relatives.settle()
    return relatives
