"""Names of persons and of their parents."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from dancu.linkage.kinds.kind import NOT_TOLD, UNSETTLED, Array, Coded, Kind, on_distinct, settle
from dancu.linkage.kinds.likeness import alike, alike_many
from dancu.linkage.names import Name


def _one_within_other(one: str, other: str) -> bool:
    """Tell whether the words of one middle name are among those of the other."""
    few, many = set(one.split()), set(other.split())
    return few <= many or many <= few


class NameKind(Kind):
    """The name of the person.

    exact: the same letters and tones; marks: the same letters; order: the same words; initials: one is abbreviated;
    left_out: words of the middle name are missing; ends: surname and given name; close: Jaro-Winkler >= .92;
    given: the given name; near: Jaro-Winkler >= .8.
    """

    id = "name"
    levels: tuple[str, ...] = (
        "exact",
        "marks",
        "order",
        "initials",
        "left_out",
        "ends",
        "close",
        "given",
        "near",
        "else",
    )
    frequent = frozenset({"exact", "marks", "order"})
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "text": lambda name: name.text,
        "folded": lambda name: name.folded,
        "tokens": lambda name: name.tokens,
        "surname": lambda name: name.surname,
        "middle": lambda name: name.middle,
        "given": lambda name: name.given,
        "initials": lambda name: name.initials,
        "abbreviated": lambda name: name.abbreviated or None,
    }
    close, near = 0.92, 0.8

    def read(self, text: str) -> Name | None:
        """Return the name that a cell tells."""
        return Name.of(text)

    def text(self, value: Name) -> str:
        """Return the folded name."""
        return value.folded

    def level(self, one: Name | None, other: Name | None) -> int:
        """Return the level of two names."""
        if one is None or other is None:
            return NOT_TOLD
        return self.levels.index(self._level(one, other))

    def _level(self, one: Name, other: Name) -> str:
        if one.text == other.text:
            return "exact"
        if one.folded == other.folded:
            return "marks"
        if one.tokens == other.tokens:
            return "order"
        same_given = one.given == other.given
        if same_given and one.initials == other.initials and (one.abbreviated or other.abbreviated):
            return "initials"
        if same_given and one.surname == other.surname and one.surname:
            return "left_out" if _one_within_other(one.middle, other.middle) else "ends"
        likeness = alike(one.folded, other.folded)
        if likeness >= self.close:
            return "close"
        if same_given:
            return "given"
        return "near" if likeness >= self.near else "else"

    def levels_of(self, coded: Coded, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of names."""

        def same(part: str) -> Array:
            codes = coded.part(part)
            equal: Array = codes[ones] == codes[others]
            return equal

        levels = np.full(len(ones), UNSETTLED, np.int8)
        told = (ones != 0) & (others != 0)
        levels[~told] = NOT_TOLD
        settle(levels, same("text"), self.at("exact"))
        settle(levels, same("folded"), self.at("marks"))
        settle(levels, same("tokens"), self.at("order"))
        same_given, short = same("given"), coded.part("abbreviated")
        settle(levels, same_given & same("initials") & ((short[ones] | short[others]) != 0), self.at("initials"))
        ends = same_given & same("surname") & (coded.part("surname")[ones] != 0) & (levels == UNSETTLED)
        levels[ends] = on_distinct(ones[ends], others[ends], lambda i, j: self._ends(coded, i, j))
        rest = levels == UNSETTLED
        likeness = np.zeros(len(ones))
        likeness[rest] = on_distinct(
            ones[rest],
            others[rest],
            lambda i, j: alike_many([coded.texts[k] for k in i], [coded.texts[k] for k in j]),
        )
        settle(levels, likeness >= self.close, self.at("close"))
        settle(levels, same_given, self.at("given"))
        settle(levels, likeness >= self.near, self.at("near"))
        settle(levels, rest, self.at("else"))
        return levels

    def _ends(self, coded: Coded, ones: list[int], others: list[int]) -> Array:
        values = coded.values
        within = [_one_within_other(values[i].middle, values[j].middle) for i, j in zip(ones, others, strict=True)]
        return np.where(np.array(within, np.bool_), self.at("left_out"), self.at("ends")).astype(np.int8)


class RelativeKind(NameKind):
    """The name of a parent: told with less care, so marks and order count for nothing.

    exact: the same words; initials, left_out, close (Jaro-Winkler >= .9) and given as for the name of the person.
    """

    id = "relative"
    levels = ("exact", "initials", "left_out", "close", "given", "else")
    frequent = frozenset({"exact"})
    _of_name = {  # noqa: RUF012
        "exact": "exact", "marks": "exact", "order": "exact", "initials": "initials", "left_out": "left_out",
        "ends": "given", "close": "close", "given": "given", "near": "else", "else": "else",
    }  # fmt: skip
    close = 0.9

    def level(self, one: Name | None, other: Name | None) -> int:
        """Return the level of two names."""
        if one is None or other is None:
            return NOT_TOLD
        return self.levels.index(self._of_name[self._level(one, other)])

    def at(self, level: str) -> int:
        """Return the place of a level by its name; also of a level that only the name of the person has."""
        return self.levels.index(self._of_name[level])


NAME, RELATIVE = NameKind(), RelativeKind()
