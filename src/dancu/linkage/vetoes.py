"""What looks like one person and often is two: reasons for which the machine must not decide alone."""

from collections.abc import Mapping
from enum import StrEnum


class Veto(StrEnum):
    """Why a clerk must look although the evidence is strong.

    twins: born on one day of the same parents, with another name, be it the middle one;
    other_twin: twins, and each has a number of its own: two persons, no clerk is needed;
    siblings: the same parents, another day, another name;
    numbers: two personal numbers;
    sex: one is a man and the other a woman.
    """

    TWINS = "twins"
    OTHER_TWIN = "other_twin"
    SIBLINGS = "siblings"
    NUMBERS = "numbers"
    SEX = "sex"


FAMILY = frozenset({Veto.TWINS, Veto.OTHER_TWIN, Veto.SIBLINGS})
"""The vetoes of which the likely explanation is another child of the same parents."""

SAME_NAME = frozenset({"exact", "marks", "order", "initials", "left_out"})
"""Levels of a name that brothers and sisters hardly share: twins often have one given name and two middle names."""
OTHER_NAME = frozenset({"near", "else"})
"""Levels of a name that one person hardly has in two sources."""
AGREEING_PARENT = frozenset({"exact", "initials", "left_out", "close"})
SAME_PLACE, SAME_HOME = "ward", "shared"
SAME_DAY = frozenset({"exact"})
NOT_ANOTHER_DAY = frozenset({"exact", "both_partial"})


def vetoes_of(levels: Mapping[str, str | None]) -> tuple[Veto, ...]:
    """List the vetoes against two records.

    Args:
        levels: the level of each field, None where a side does not tell.
    """
    found = []
    number = levels.get("number")
    if number != "exact" and _same_parents(levels) and levels.get("name") not in (None, *SAME_NAME):
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
    """Tell whether the parents agree; where none is told, the place of birth and the home stand for them."""
    parents = [levels.get("mother"), levels.get("father")]
    told = [level for level in parents if level is not None]
    if not told:
        return levels.get("birth_place") == SAME_PLACE and levels.get("residence") == SAME_HOME
    return all(level in AGREEING_PARENT for level in told)
