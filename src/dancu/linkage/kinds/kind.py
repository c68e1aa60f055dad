"""What a kind of value is: levels of agreement, from the same to altogether different."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

NOT_TOLD = -1
"""The level of a pair of which one side says nothing: no evidence."""

Array = npt.NDArray[Any]


class Coded:
    """A dictionary of distinct values and, for each part of them, codes that are equal where the parts are.

    The value at 0 is None, and so is the code 0 of a part.
    """

    def __init__(self, kind: "Kind", values: Sequence[Any]) -> None:
        self.kind = kind
        self.values: list[Any] = [None, *values]
        self._parts: dict[str, Array] = {}

    def __len__(self) -> int:
        return len(self.values)

    def part(self, name: str) -> Array:
        """Return for each value the code of its part."""
        if name not in self._parts:
            self._parts[name] = _codes(self.values, self.kind.parts[name])
        return self._parts[name]

    @cached_property
    def texts(self) -> list[str]:
        """For each value the text that likeness is measured on."""
        return ["" if value is None else self.kind.text(value) for value in self.values]

    @cached_property
    def numbers(self) -> Array:
        """The values themselves, 0 for none, where they are whole numbers."""
        return np.array([value or 0 for value in self.values], np.int64)


def _codes(values: list[Any], part: Callable[[Any], Hashable]) -> Array:
    known: dict[Hashable, int] = {None: 0, "": 0}
    codes = np.zeros(len(values), np.int32)
    for at, value in enumerate(values):
        if value is not None:
            codes[at] = known.setdefault(part(value), len(known))
    return codes


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
    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of values by their places in a dictionary, as `level` would."""

    def text(self, value: Any) -> str:
        """Return the text that likeness and frequency go by."""
        return str(value)

    def at(self, level: str) -> int:
        """Return the place of a level by its name."""
        return self.levels.index(level)


def on_distinct(ones: Array, others: Array, compute: Callable[[list[int], list[int]], Array]) -> Array:
    """Compute something for pairs of codes, once for each distinct pair in whatever order."""
    low, high = np.minimum(ones, others).astype(np.int64), np.maximum(ones, others).astype(np.int64)
    pairs, place = np.unique(low << 32 | high, return_inverse=True)
    found: Array = compute((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist())[place]
    return found


def settle(levels: Array, where: Array, level: int) -> None:
    """Give pairs a level that have none yet; `levels` holds the place after the last level for those."""
    levels[where & (levels == UNSETTLED)] = level


UNSETTLED = 127
"""Stands in an array of levels for pairs that are not yet decided."""
