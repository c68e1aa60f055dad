"""Numbers, code lists and plain texts."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from dancu.kernel.text import fold
from dancu.linkage.kinds.kind import NOT_TOLD, UNSETTLED, Array, Coded, Kind, on_distinct, settle
from dancu.linkage.kinds.likeness import alike, alike_many, one_slip, one_slip_many
from dancu.linkage.record import card_numbers, personal_number


class CodeKind(Kind):
    """A number or code that a slip of the finger may have changed: exact, slip (one letter or an exchange), else."""

    id = "code"
    levels = ("exact", "slip", "else")
    frequent = frozenset({"exact"})
    parts: dict[str, Callable[[Any], Hashable]] = {"value": lambda value: value}  # noqa: RUF012

    def read(self, text: str) -> Any:
        """Return the folded text."""
        return fold(text) or None

    def level(self, one: Any, other: Any) -> int:
        """Return the level of two codes."""
        if one is None or other is None:
            return NOT_TOLD
        if one == other:
            return 0
        return 1 if one_slip(one, other) else 2

    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of codes."""
        levels = np.full(len(ones), UNSETTLED, np.int8)
        levels[(ones == 0) | (others == 0)] = NOT_TOLD
        settle(levels, ones == others, 0)
        rest = levels == UNSETTLED
        levels[rest] = on_distinct(ones[rest], others[rest], lambda i, j: self._slips(coded, i, j))
        return levels

    def _slips(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        slips = one_slip_many([coded.texts[i] for i in ones], [coded.texts[j] for j in others])
        return np.where(slips, 1, 2).astype(np.int8)


class NumberKind(CodeKind):
    """The 12-digit personal number."""

    id = "number"
    frequent = frozenset()
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "value": lambda number: number,
        "head": lambda number: number[:9],
        "tail": lambda number: number[-8:],
    }

    def read(self, text: str) -> str | None:
        """Return the number that a cell tells."""
        return personal_number(text)


class CardsKind(CodeKind):
    """The 9-digit card numbers that a person has or had: one is the same, one is a slip away, else.

    A cell holds them with spaces between.
    """

    id = "cards"
    frequent = frozenset()
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "first": lambda cards: cards[0],
        "second": lambda cards: cards[1] if len(cards) > 1 else None,
        "third": lambda cards: cards[2] if len(cards) > 2 else None,
    }

    def read(self, text: str) -> tuple[str, ...] | None:
        """Return the numbers that a cell tells."""
        return card_numbers(text.split()) or None

    def level(self, one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> int:
        """Return the level of two sets of numbers."""
        if not one or not other:
            return NOT_TOLD
        if not set(one).isdisjoint(other):
            return 0
        return 1 if any(one_slip(a, b) for a in one for b in other) else 2

    def _slips(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        values = coded.values
        return np.array([self.level(values[i], values[j]) for i, j in zip(ones, others, strict=True)], np.int8)


class SameKind(Kind):
    """A code that is the same or not, as sex is."""

    id = "sex"
    levels = ("exact", "else")
    parts: dict[str, Callable[[Any], Hashable]] = {"value": lambda value: value}  # noqa: RUF012

    def read(self, text: str) -> Any:
        """Return the code that a cell tells; 0 is not known."""
        return int(text) or None if text.isdecimal() else None

    def level(self, one: Any, other: Any) -> int:
        """Return the level of two codes."""
        if not one or not other:
            return NOT_TOLD
        return 0 if one == other else 1

    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:  # noqa: ARG002
        """Return the levels of pairs of codes."""
        levels: Array = (ones != others).astype(np.int8)
        levels[(ones == 0) | (others == 0)] = NOT_TOLD
        return levels


class UnitsKind(SameKind):
    """Communes in which a person lives or lived: one is shared or none. A cell holds codes with spaces between."""

    id = "units"
    levels = ("shared", "else")
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "first": lambda units: units[0],
    }

    def read(self, text: str) -> tuple[str, ...] | None:
        """Return the codes that a cell tells."""
        return tuple(sorted(set(text.split()))) or None

    def level(self, one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> int:
        """Return the level of two sets of communes."""
        if not one or not other:
            return NOT_TOLD
        return 1 if set(one).isdisjoint(other) else 0

    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of sets of communes."""
        values = coded.values
        return on_distinct(
            ones,
            others,
            lambda i, j: np.array([self.level(values[a], values[b]) for a, b in zip(i, j, strict=True)], np.int8),
        )


class TextKind(Kind):
    """Any text: exact, close (Jaro-Winkler >= .92), near (>= .8), else."""

    id = "text"
    levels = ("exact", "close", "near", "else")
    frequent = frozenset({"exact"})
    parts: dict[str, Callable[[Any], Hashable]] = {"value": lambda value: value}  # noqa: RUF012

    def read(self, text: str) -> str | None:
        """Return the folded text."""
        return fold(text) or None

    def level(self, one: str | None, other: str | None) -> int:
        """Return the level of two texts."""
        if not one or not other:
            return NOT_TOLD
        if one == other:
            return 0
        likeness = alike(one, other)
        return 1 if likeness >= 0.92 else 2 if likeness >= 0.8 else 3

    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of texts."""
        levels = np.full(len(ones), UNSETTLED, np.int8)
        levels[(ones == 0) | (others == 0)] = NOT_TOLD
        settle(levels, ones == others, 0)
        rest = levels == UNSETTLED
        levels[rest] = on_distinct(ones[rest], others[rest], lambda i, j: self._alike(coded, i, j))
        return levels

    def _alike(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        likeness = alike_many([coded.texts[i] for i in ones], [coded.texts[j] for j in others])
        return np.where(likeness >= 0.92, 1, np.where(likeness >= 0.8, 2, 3)).astype(np.int8)


CODE, NUMBER, CARDS, SEX, UNITS, TEXT = CodeKind(), NumberKind(), CardsKind(), SameKind(), UnitsKind(), TextKind()
