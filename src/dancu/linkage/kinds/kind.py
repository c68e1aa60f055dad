"""What a kind of value is: levels of agreement, from the same to altogether different."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dancu.linkage.hashes import of_text

NOT_TOLD = -1
"""The level of a pair of which one side says nothing: no evidence."""

UNSETTLED = 127
"""Stands in an array of levels for pairs that are not yet decided."""

Array = npt.NDArray[Any]


class Coded:
    """The distinct values of a column, and for each part of them a hash that is equal where the parts are.

    What stands at 0 is that nothing is told; the hash of nothing is 0.

    Args:
        parts: `(value,)` unsigned 64 bits by the names of the parts; `value` is the whole.
        text: the text at a place, on which likeness is measured.
    """

    def __init__(self, parts: Mapping[str, Array], text: Callable[[int], str]) -> None:
        self.parts = parts
        self.text = text

    def __len__(self) -> int:
        return len(self.parts["value"])

    def texts(self, places: list[int]) -> list[str]:
        """Return the texts at many places."""
        return [self.text(place) for place in places]

    def told(self, ones: Array, others: Array) -> Array:
        """Tell of which pairs both sides are told."""
        value = self.parts["value"]
        both: Array = (value[ones] != 0) & (value[others] != 0)
        return both

    def same(self, part: str, ones: Array, others: Array) -> Array:
        """Tell of which pairs a part is the same."""
        hashes = self.parts[part]
        equal: Array = hashes[ones] == hashes[others]
        return equal


class CodedValues(Coded):
    """Distinct values of which there are not many: kept as they are."""

    def __init__(self, kind: "Kind", values: list[Any]) -> None:
        self.values = [None, *values]
        parts = {"value": _hashes(self.values, kind.text)}
        parts |= {name: _hashes(self.values, part) for name, part in kind.parts.items() if name != "value"}
        super().__init__(parts, lambda place: "" if self.values[place] is None else kind.text(self.values[place]))


def _hashes(values: list[Any], part: Callable[[Any], Hashable]) -> Array:
    found = (None if value is None else part(value) for value in values)
    return np.array([0 if one in {None, ""} else of_text(str(one)) for one in found], np.uint64)


class Kind(ABC):
    """A kind of value.

    Args (of the class):
        id: the word by which a model names it.
        levels: names of the levels; the last is everything else.
        frequent: levels whose evidence depends on how frequent the value is.
        parts: what keys are made of; a part that is None or '' makes no key.
    """

    id: str
    levels: tuple[str, ...]
    frequent: frozenset[str] = frozenset()
    parts: dict[str, Callable[[Any], Hashable]]

    @abstractmethod
    def read(self, text: str) -> Any:
        """Return the value that a cell of a file tells, or None."""

    @abstractmethod
    def level(self, one: Any, other: Any) -> int:
        """Return the level of two values, `NOT_TOLD` where one is None. The order of the two does not matter."""

    @abstractmethod
    def levels_of(self, coded: Any, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of values by their places, as `level` would."""

    def coded(self, texts: pa.Array) -> Coded:
        """Return the values that distinct cells of a file tell, in their order, after one for nothing."""
        return CodedValues(self, [self.read(text) for text in texts.to_pylist()])

    def text(self, value: Any) -> str:
        """Return the text that likeness and frequency go by."""
        return str(value)

    def hash(self, text: str) -> int:
        """Return the hash by which coded values of this text are found."""
        return of_text(text)

    frequency_part = "value"
    """The part whose hash is `hash` of the text."""

    def at(self, level: str) -> int:
        """Return the place of a level by its name."""
        return self.levels.index(level)


def on_distinct(ones: Array, others: Array, compute: Callable[[list[int], list[int]], Array]) -> Array:
    """Compute something for pairs of places, once for each distinct pair in whatever order."""
    if not len(ones):
        return np.zeros(0, np.int8)
    low, high = np.minimum(ones, others).astype(np.int64), np.maximum(ones, others).astype(np.int64)
    pairs, place = np.unique(low << 32 | high, return_inverse=True)
    found: Array = compute((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist())[place]
    return found


def settle(levels: Array, where: Array, level: int) -> None:
    """Give pairs a level that have none yet."""
    levels[where & (levels == UNSETTLED)] = level


def begun(coded: Coded, ones: Array, others: Array) -> Array:
    """Return levels of pairs, unsettled where both sides are told."""
    levels = np.full(len(ones), UNSETTLED, np.int8)
    levels[~coded.told(ones, others)] = NOT_TOLD
    return levels
