"""Type-ahead for units of all eras: words in any order, unfinished, without accents."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from dancu.kernel.text import fold
from dancu.reference.model import Level, Unit
from dancu.reference.units import UnitIndex, unit_index

_LEVELS = {level: rank for rank, level in enumerate(Level)}
_SHORT = {
    "tp": ("thanh", "pho"), "tx": ("thi", "xa"), "tt": ("thi", "tran"),
    "hcm": ("ho", "chi", "minh"), "tphcm": ("thanh", "pho", "ho", "chi", "minh"), "hn": ("ha", "noi"),
}  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """One unit to choose: `title` is how an address ends with it, as on `day`."""

    unit: Unit
    title: str
    day: date


class SuggestIndex:
    """An inverted index over the words of titles; sets of units are bits of whole numbers.

    The position of a bit is the rank of its unit: units of today before those of the past,
    provinces before districts before communes, then by name.
    """

    def __init__(self, index: UnitIndex) -> None:
        """Index every version of every unit."""
        self._entries = sorted(_entries(index), key=_rank)
        own: dict[str, int] = defaultdict(int)
        path: dict[str, int] = defaultdict(int)
        self._names: dict[str, int] = defaultdict(int)
        self._levels: dict[Level, int] = defaultdict(int)
        for position, entry in enumerate(self._entries):
            bit = 1 << position
            for word in _words(entry.unit.title):
                own[word] |= bit
            for word in _words(entry.title):
                path[word] |= bit
            for name in (entry.unit.name, entry.unit.title):
                self._names[" ".join(_words(name))] |= bit
            self._levels[entry.unit.level] |= bit
        self._own = _Words(own)
        self._path = _Words(path)
        self._leading = _Words(self._names)

    def suggest(
        self, text: str, *, day: date | None = None, level: Level | None = None, limit: int = 10
    ) -> list[Suggestion]:
        """List the units that the words may mean, the likeliest first.

        Names that equal the text come first, then names that begin with it, then titles that hold
        all words, then titles of which the parents hold the rest. Each word may be unfinished.
        Of versions with the same title the latest stands for all.

        Args:
            text: may lack accents; `tp`, `tx`, `tt`, `hcm` and `hn` are understood.
            day: only units that may have been in force then; None: of any day.
            level: only units of this level.
            limit: 1 or more.
        """
        words = [part for word in _words(text) for part in _SHORT.get(word, (word,))]
        if not words:
            return []
        wanted = self._levels[level] if level else (1 << len(self._entries)) - 1
        chosen: dict[str, Suggestion] = {}
        seen = 0
        for tier in self._tiers(words):
            for position in _positions(tier & wanted & ~seen):
                entry = self._entries[position]
                if day is None or entry.unit.may_cover(day):
                    chosen.setdefault(entry.title, entry)
                    if len(chosen) == limit:
                        return list(chosen.values())
            seen |= tier
        return list(chosen.values())

    def _tiers(self, words: list[str]) -> Iterator[int]:
        name = " ".join(words)
        yield self._names.get(name, 0)
        own = [self._own.beginning(word) for word in words]
        path = [self._path.beginning(word) for word in words]
        whole = [self._path.exact(word) for word in words]
        yield self._leading.beginning(name)
        # A text that goes on after a name names the parents: "mai sao chi lang".
        for size in range(len(words) - 1, 0, -1):
            yield self._names.get(" ".join(words[:size]), 0) & _all(path[size:])
        for size in range(len(words) - 1, 0, -1):
            yield self._leading.beginning(" ".join(words[:size])) & _all(path[size:])
        yield _all(own)
        yield own[0] & _all(whole[1:])
        yield own[0] & _all(path[1:])
        yield _all(path)


class _Words:
    """Sets of units by word, and by the beginning of a word."""

    def __init__(self, sets: dict[str, int]) -> None:
        self._sets = dict(sets)
        self._sorted = sorted(sets)
        self._short: dict[str, int] = defaultdict(int)
        for word, units in sets.items():
            for size in (1, 2):
                self._short[word[:size]] |= units

    def exact(self, word: str) -> int:
        return self._sets.get(word, 0)

    def beginning(self, start: str) -> int:
        if len(start) <= 2:
            return self._short.get(start, 0)
        first = bisect_left(self._sorted, start)
        found = 0
        for word in self._sorted[first : bisect_left(self._sorted, start + "\U0010ffff")]:
            found |= self._sets[word]
        return found


def _all(sets: Iterable[int]) -> int:
    found = -1
    for one in sets:
        found &= one
    return found


def _positions(bits: int) -> Iterator[int]:
    """Yield the positions of the bits, lowest first, without walking the whole number for each."""
    base = 0
    while bits:
        chunk = bits & 0xFFFF_FFFF_FFFF_FFFF
        while chunk:
            low = chunk & -chunk
            yield base + low.bit_length() - 1
            chunk ^= low
        bits >>= 64
        base += 64


_WORD = re.compile(r"[^\W_]+")


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text).replace("'", ""))


def _entries(index: UnitIndex) -> Iterator[Suggestion]:
    latest = index.change_days[-1]
    for unit in index.units:
        day = unit.valid_from if unit.valid_to else max(unit.valid_from, latest)
        yield Suggestion(unit, index.full_title(unit, day), day)


def _rank(entry: Suggestion) -> tuple[bool, int, str, str, int]:
    unit = entry.unit
    return (
        unit.valid_to is not None,
        _LEVELS[unit.level],
        unit.name_key,
        fold(entry.title),
        -unit.valid_from.toordinal(),
    )


@cache
def suggest_index() -> SuggestIndex:
    """Return the index over the committed tables, built once per process."""
    return SuggestIndex(unit_index())


def suggest(text: str, *, day: date | None = None, level: Level | None = None, limit: int = 10) -> list[Suggestion]:
    """List units for a text as it is typed; see `SuggestIndex.suggest`."""
    return suggest_index().suggest(text, day=day, level=level, limit=limit)
