"""Pairs of records that share a key: each pair once, by the first rule that brings it together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dancu.linkage.bulk.table import Table
from dancu.linkage.hashes import together
from dancu.linkage.keys import Rule, split
from dancu.linkage.kinds.kind import Array


@dataclass(frozen=True)
class Capped:
    """A key that too many records share, and which therefore brings nobody together: recall that is known to be lost.

    Args:
        rule: name of the rule.
        records: how many share the key.
        example: a place of a record that has it.
    """

    rule: str
    records: int
    example: int


@dataclass
class Blocks:
    """Finds the pairs of a table.

    Args:
        parts: in how many parts the keys of a rule are sorted, so that fewer are held at once.
    """

    table: Table
    rules: Sequence[Rule]
    parts: int = 1
    capped: list[Capped] = field(default_factory=list)
    _given_up: dict[str, Array] = field(default_factory=dict)

    def pairs(self, rule: Rule, part: int = 0) -> Iterator[tuple[Array, Array]]:
        """Yield the pairs (lower place, higher place) of one rule and part that no earlier rule brings together.

        The rules must be asked for in their order, each with all its parts: whether a pair was brought together
        before depends on which keys were given up.
        """
        rows, starts, sizes = self.blocks(rule, part)
        kept = [size for size in np.unique(sizes).tolist() if 1 < size <= rule.cap]
        found = (pairs for size in kept for pairs in self._of_size(rule, rows, starts[sizes == size], size))
        if rule.makes_several:
            yield from _each_once(list(found))
        else:
            yield from found

    def blocks(self, rule: Rule, part: int = 0) -> tuple[Array, Array, Array]:
        """Return the records of one rule and part by key, where each block begins and how large it is.

        Blocks above the cap are given up from then on.
        """
        rows, hashes = self._entries(rule, part)
        order = np.argsort(hashes, kind="stable")
        rows, hashes = rows[order], hashes[order]
        starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])) if len(hashes) else rows[:0]
        sizes = np.diff(np.append(starts, len(hashes)))
        self._give_up(rule, part, rows, hashes, starts, sizes)
        return rows, starts, sizes

    def _entries(self, rule: Rule, part: int) -> tuple[Array, Array]:
        keys = self.keys(rule)
        rows = np.concatenate([np.arange(len(self.table), dtype=np.int32)] * len(keys))
        hashes = np.concatenate(keys)
        kept = hashes != 0
        if rule.makes_several:
            kept &= part == 0  # a pair may share several keys; all of them are looked at together
        elif self.parts > 1:
            kept &= hashes % np.uint64(self.parts) == part
        return rows[kept], hashes[kept]

    def _give_up(self, rule: Rule, part: int, rows: Array, hashes: Array, starts: Array, sizes: Array) -> None:
        large = np.flatnonzero(sizes > rule.cap)
        before = self._given_up.get(rule.name, np.zeros(0, np.uint64)) if part else np.zeros(0, np.uint64)
        self._given_up[rule.name] = np.sort(np.concatenate([before, hashes[starts[large]]]))
        self.capped += [Capped(rule.name, int(sizes[block]), int(rows[starts[block]])) for block in large.tolist()]

    def _of_size(self, rule: Rule, rows: Array, starts: Array, size: int) -> Iterator[tuple[Array, Array]]:
        first, second = np.triu_indices(size, 1)
        most = max(1, _PAIRS_AT_ONCE // len(first))
        for begin in range(0, len(starts), most):
            block = starts[begin : begin + most, None]
            ones, others = rows[block + first].ravel(), rows[block + second].ravel()
            low, high = np.minimum(ones, others), np.maximum(ones, others)
            kept = (low != high) & (high >= self.table.known)
            low, high = low[kept], high[kept]
            kept = ~self._brought_before(rule, low, high)
            yield low[kept], high[kept]

    def _brought_before(self, rule: Rule, ones: Array, others: Array) -> Array:
        before = np.zeros(len(ones), np.bool_)
        for earlier in self.rules[: self.rules.index(rule)]:
            at = np.flatnonzero(~before)
            given_up = self._given_up.get(earlier.name, np.zeros(0, np.uint64))
            for one in self.keys(earlier, ones[at]):
                for other in self.keys(earlier, others[at]):
                    shared = (one == other) & (one != 0)
                    if len(given_up):
                        shared &= ~_among(given_up, one)
                    before[at[shared]] = True
        return before

    def keys(self, rule: Rule, rows: Array | None = None) -> list[Array]:
        """Return the hashes of the keys of records, an array for each key that a record may have by the rule."""
        made: list[list[Array]] = [[]]
        for part in rule.parts:
            field_name, _, names = split(part)
            column = self.table.columns[field_name]
            made = [[*key, column.part(name, rows)] for key in made for name in names]
        return [together(key) for key in made]


_PAIRS_AT_ONCE = 4_000_000


def _each_once(found: list[tuple[Array, Array]]) -> Iterator[tuple[Array, Array]]:
    if found:
        ones, others = (np.concatenate(side).astype(np.int64) for side in zip(*found, strict=True))
        pairs = np.unique(ones << 32 | others)
        yield (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def _among(ordered: Array, values: Array) -> Array:
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: Array = ordered[place] == values
    return found
