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


def _hashes(chunk: pa.Table, name: str) -> Ints:
    """Hashes of texts, above 0; 0 for none."""
    texts = chunk.select([name]).rename_columns(["text"])
    if texts.column(0).null_count == chunk.num_rows:
        return np.zeros(chunk.num_rows, np.int64)
    with duckdb.connect() as duck:
        duck.register("texts", texts)
        hashes = duck.execute("SELECT coalesce((hash(text) >> 1)::BIGINT | 1, 0) AS h FROM texts").fetchnumpy()
    whole: Ints = hashes["h"]
    return whole


_COUPLE = -1


def _fates(chunk: pa.Table) -> Ints:
    """Fates of records; a record about two persons is not for the fast way."""
    couples = pc.equal(chunk.column("kind"), "marriages").fill_null(fill_value=False)
    whole: Ints = np.where(couples.to_numpy(), _COUPLE, chunk.column("fate").to_numpy()).astype(np.int64)
    return whole


_PARTS = ("number", "spouse", "cmnd9", "passport", "name", "born", "fate", "died")


class Relatives:
    """What the first pass learned of all records, in the order in which they will come again."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Ints]] = {name: [] for name in _PARTS}

    def learn(self, chunk: pa.Table) -> None:
        """Take in a chunk of a spool."""
        self._parts["number"].append(_numbers(chunk, "personal_number"))
        self._parts["spouse"].append(_numbers(chunk, "spouse_number"))
        self._parts["cmnd9"].append(_numbers(chunk, "cmnd9"))
        self._parts["passport"].append(_hashes(chunk, "passport"))
        self._parts["name"].append(_hashes(chunk, "name_key"))
        self._parts["born"].append(_numbers(chunk, "born"))
        self._parts["fate"].append(_fates(chunk))
        self._parts["died"].append(_numbers(chunk, "died_on"))

    def settle(self, ids: Ints | None = None) -> None:
        """Draw ids, and decide which records are certain: of none of them may another one tell, too.

        That is so of one that bears a personal number of its own, and of one without where no other record has
        the name with a birth that may be the same (see `dancu.intake.match`).
        Where two share an old number with name or birth, a clerk may have to look, so neither is certain.

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
        new = own | _like_nobody(whole["name"], whole["born"], ~numbered)
        self.certain: Mask = (whole["fate"] == spool.TAKEN) & new & ~_share_old_number(whole)
        known = np.flatnonzero(self.certain & numbered)
        order = known[np.argsort(whole["number"][known], kind="stable")]
        self._sorted = whole["number"][order]
        self._holders = self.ids[order]
        self.cmnd9_ordinals: Ints = _occurrence(whole["cmnd9"])
        self.passport_ordinals: Ints = _occurrence(whole["passport"])
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


_MIX = np.int64(1_000_003)


def _like_nobody(name: Ints, born: Ints, among: Mask) -> Mask:
    """Tell of which chosen records no other record has the name with a birth that may be the same.

    Args:
        born: yyyymmdd, 0 where unknown; a birth without day or month counts as its year, which is on the safe side.
    """
    found = np.zeros(len(name), np.bool_)
    rivals = np.flatnonzero(np.isin(name, name[among]))
    name, born = name[rivals], born[rivals]
    year = born // 10_000
    unknown = year == 0
    vague = ~unknown & (born % 100 == 0)
    of_day, of_year = name * _MIX + born, name * _MIX + year
    everyone = np.ones(len(name), np.bool_)
    alone = np.where(vague, _alone(of_year, everyone), _alone(of_day, everyone) & ~np.isin(of_year, of_year[vague]))
    alone = np.where(unknown, _alone(name, everyone), alone & ~np.isin(name, name[unknown]))
    found[rivals] = alone
    return found & among


def _share_old_number(whole: dict[str, Ints]) -> Mask:
    """Tell which records have their 9-digit number together with name or birth date of another record."""
    number = whole["cmnd9"]
    told = number > 0
    shared = np.zeros(len(number), np.bool_)
    at = np.flatnonzero(told & ~_alone(number, told))
    everyone = np.ones(len(at), np.bool_)
    for other in ("name", "born"):
        shared[at] |= ~_alone(number[at] * _MIX + whole[other][at], everyone)
    return shared


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
