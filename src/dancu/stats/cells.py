"""As what a person is counted on a day: pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import IntEnum

import msgspec

from dancu.kernel.codes import PersonStatus, ResidenceKind
from dancu.register.feed.presences import Presence
from dancu.register.life import Life
from dancu.register.projection import Locate


class Base(IntEnum):
    """By what persons are counted. Numbers are stored.

    Law: Luật Cư trú 68/2020/QH14, Điều 2, Điều 11.
    """

    ABODE = 1
    """The one place where a person counts: declared abode, else temporary, else permanent residence."""
    PERMANENT = 2
    TEMPORARY = 3


Cell = tuple[str, int, int, int]
"""(unit, base, sex, year of birth)."""

COUNTING = frozenset({PersonStatus.ALIVE, PersonStatus.DECLARED_MISSING})
"""Who is counted: the missing live until the court says otherwise."""


class Counted(msgspec.Struct, frozen=True):
    """As what one person is counted.

    Args:
        due_on: the next day on which a stay begins or ends by itself.
        abode: unit; '' where none is known, None where the person does not count.
        permanent: unit; None where there is no such residence.
        temporary: the same.
    """

    person_id: int
    due_on: date | None = None
    born_year: int = 0
    sex: int = 0
    abode: str | None = None
    permanent: str | None = None
    temporary: str | None = None

    def cells(self) -> Iterator[Cell]:
        """Yield the cells in which the person is one."""
        for base, unit in ((1, self.abode), (2, self.permanent), (3, self.temporary)):
            if unit is not None:
                yield unit, base, self.sex, self.born_year


def counted(one: Presence, day: date, locate: Locate) -> Counted:
    """Return as what a person is counted on a day, given what is known now."""
    born_year = one.born // 10_000 if one.born else 0
    if one.status not in COUNTING:
        return Counted(one.person_id, None, born_year, one.sex)
    # Of each layer the last one in force, as Life.residence has it.
    stays = {stay.kind: stay for stay in one.residences if stay.covers(day)}
    units = {kind: _unit(*locate(stay.unit, stay.unit_day, stay.detail)) for kind, stay in stays.items()}
    counts = Life(one.person_id, one.version, _EPOCH, residences=tuple(stays.values())).abode(day) if stays else None
    return Counted(
        one.person_id,
        _due(one, day),
        born_year,
        one.sex,
        units[counts.kind] if counts else "",
        units.get(ResidenceKind.PERMANENT),
        units.get(ResidenceKind.TEMPORARY),
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _unit(province: str | None, commune: str | None) -> str:
    return commune or province or ""


def _due(one: Presence, day: date) -> date | None:
    bounds = (bound for stay in one.residences for bound in (stay.since, stay.until) if bound and bound > day)
    return min(bounds, default=None)
