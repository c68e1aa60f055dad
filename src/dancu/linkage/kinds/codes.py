"""Numbers, code lists and plain texts."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dancu.kernel.text import fold
from dancu.linkage.hashes import mixed
from dancu.linkage.kinds.kind import (
    NOT_TOLD,
    UNSETTLED,
    Array,
    Coded,
    Kind,
    begun,
    on_distinct,
    settle,
)
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
        levels = begun(coded, ones, others)
        settle(levels, coded.same("value", ones, others), 0)
        rest = levels == UNSETTLED
        levels[rest] = on_distinct(ones[rest], others[rest], lambda i, j: self._slips(coded, i, j))
        return levels

    def _slips(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        slips = one_slip_many(coded.texts(ones), coded.texts(others))
        return np.where(slips, 1, 2).astype(np.int8)


def coded_digits(texts: pa.Array, width: int) -> Coded | None:
    """Return distinct texts as whole numbers, or None where one is anything but so many digits."""
    if not len(texts) or not pc.all(pc.match_substring_regex(texts, rf"^\d{{{width}}}$")).as_py():
        return None
    values = np.concatenate([[0], pc.cast(texts, pa.int64()).to_numpy()]).astype(np.uint64)
    # Zeros only are a number, too, and 0 stands for nothing: one more is added, which changes no comparison.
    values[1:] += np.uint64(1)
    return Coded({"value": values}, lambda place: str(int(values[place]) - 1).zfill(width) if place else "")


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

    def coded(self, texts: pa.Array) -> Coded:
        """Return the numbers that distinct cells of a file tell."""
        found = coded_digits(texts, 12)
        if found is None:
            return super().coded(texts)
        number = found.parts["value"] - np.uint64(1)
        parts = {"head": mixed(number // np.uint64(1000), 1), "tail": mixed(number % np.uint64(10**8), 2)}
        for part in parts.values():
            part[0] = 0
        found.parts = {"value": found.parts["value"], **parts}
        return found


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

    def coded(self, texts: pa.Array) -> Coded:
        """Return the numbers that distinct cells of a file tell."""
        single = coded_digits(texts, 9)
        if single is None:
            return super().coded(texts)
        nobody = np.zeros(len(single), np.uint64)
        single.parts = {
            "value": single.parts["value"],
            "first": single.parts["value"],
            "second": nobody,
            "third": nobody,
        }
        return single

    def text(self, value: tuple[str, ...]) -> str:
        """Return the numbers with spaces between."""
        return " ".join(value)

    def _slips(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        cells = [coded.text(place).split() for place in (*ones, *others)]
        values = [tuple(cell) for cell in cells]
        pairs = zip(values[: len(ones)], values[len(ones) :], strict=True)
        return np.array([self.level(one, other) for one, other in pairs], np.int8)


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

    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of codes."""
        levels = begun(coded, ones, others)
        settle(levels, coded.same("value", ones, others), 0)
        settle(levels, levels == UNSETTLED, 1)
        return levels


class UnitsKind(SameKind):
    """Communes in which a person lives or lived: one is shared or none. A cell holds codes with spaces between."""

    id = "units"
    levels = ("shared", "else")
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "first": lambda units: units[0],
        "second": lambda units: units[1] if len(units) > 1 else None,
        "third": lambda units: units[2] if len(units) > 2 else None,
    }

    def read(self, text: str) -> tuple[str, ...] | None:
        """Return the codes that a cell tells."""
        return tuple(sorted(set(text.split()))) or None

    def level(self, one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> int:
        """Return the level of two sets of communes."""
        if not one or not other:
            return NOT_TOLD
        return 1 if set(one).isdisjoint(other) else 0

    def levels_of(self, coded: Any, ones: Array, others: Array) -> Array:
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
        levels = begun(coded, ones, others)
        settle(levels, coded.same("value", ones, others), 0)
        rest = levels == UNSETTLED
        levels[rest] = on_distinct(ones[rest], others[rest], lambda i, j: self._alike(coded, i, j))
        return levels

    def _alike(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        likeness = alike_many(coded.texts(ones), coded.texts(others))
        return np.where(likeness >= 0.92, 1, np.where(likeness >= 0.8, 2, 3)).astype(np.int8)


CODE, NUMBER, CARDS, SEX, UNITS, TEXT = CodeKind(), NumberKind(), CardsKind(), SameKind(), UnitsKind(), TextKind()
