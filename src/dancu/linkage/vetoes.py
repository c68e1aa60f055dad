"""What looks like one person and often is two: reasons for which the machine must not decide alone."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Veto(StrEnum):
    """Why a clerk must look although the evidence is strong.

    twins: born on one day of the same parents, with another given name;
    other_twin: twins, and each has a number of its own: two persons, no clerk is needed;
    siblings: the same parents, another day, another given name;
    numbers: two personal numbers;
    sex: one is a man and the other a woman.
    """

    TWINS = "twins"
    OTHER_TWIN = "other_twin"
    SIBLINGS = "siblings"
    NUMBERS = "numbers"
    SEX = "sex"


SAME_NAME = frozenset({"exact", "marks", "order", "initials", "left_out", "ends", "given"})
"""Levels of a name with the same given name."""
AGREEING_PARENT = frozenset({"exact", "initials", "left_out", "close"})
SAME_DAY = frozenset({"exact"})
NOT_ANOTHER_DAY = frozenset({"exact", "both_partial"})


def vetoes_of(levels: Mapping[str, str | None], one: Any, other: Any) -> tuple[Veto, ...]:
    """List the vetoes against two records.

    Args:
        levels: the level of each field, None where a side does not tell.
        one, other: the records, of which the given names are looked at.
    """
    found = []
    number = levels.get("number")
    if (
        number != "exact"
        and _same_parents(levels)
        and levels.get("name") not in (None, *SAME_NAME)
        and one.name.given != other.name.given
    ):
        if levels.get("born") in SAME_DAY:
            found.append(Veto.OTHER_TWIN if number == "else" else Veto.TWINS)
        elif levels.get("born") not in (None, *NOT_ANOTHER_DAY):
            found.append(Veto.SIBLINGS)
    if number not in (None, "exact"):
        found.append(Veto.NUMBERS)
    if levels.get("sex") == "else":
        found.append(Veto.SEX)
    return tuple(found)


def _same_parents(levels: Mapping[str, str | None]) -> bool:
    parents = [levels.get("mother"), levels.get("father")]
    told = [level for level in parents if level is not None]
    return bool(told) and all(level in AGREEING_PARENT for level in told)
