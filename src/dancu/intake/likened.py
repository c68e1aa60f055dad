"""Persons of the register and rows of sources as records to compare: the same whichever side they come from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from dancu.intake.places import province_today, provinces_of_number
from dancu.kernel.codes import PersonStatus
from dancu.linkage.record import Place, Record, normalised
from dancu.reference.model import TWO_LEVELS_SINCE
from dancu.reference.units import unit_index
from dancu.register.territory import latest_day, locate

_LAST_DAY_OF_63 = TWO_LEVELS_SINCE.fromordinal(TWO_LEVELS_SINCE.toordinal() - 1)


@dataclass(frozen=True)
class Person:
    """A person of the register, as far as it is compared.

    Args:
        numbers: every personal number that it has or had; `number` is the one in force.
        shown: whether the caller may see it; else only that it is there may be told.
    """

    person_id: int
    status: int
    sex: int
    born: int | None
    number: str | None
    surname: str
    middle: str
    given: str
    name_key: str
    province: str | None
    commune: str | None
    registered_in: str | None
    father: str | None
    mother: str | None
    cmnd9s: tuple[str, ...]
    numbers: tuple[str, ...]
    shown: bool

    @classmethod
    def of(cls, row: Iterable[Any]) -> "Person":
        """Make one of a row of `register.alike` or `register.alike_anywhere`."""
        *plain, cmnd9s, numbers, shown = row
        return cls(*[*plain, tuple(cmnd9s or ()), tuple(numbers or ()), shown])

    @property
    def record(self) -> Record:
        """The record that is compared."""
        return normalised(
            str(self.person_id),
            name=" ".join(part for part in (self.surname, self.middle, self.given) if part),
            born=self.born,
            sex=self.sex,
            number=self.number,
            cmnd9s=self.cmnd9s,
            mother=self.mother,
            father=self.father,
            birth_place=birth_place(self.number, self.registered_in),
            residence=(self.commune,),
        )

    @property
    def provinces(self) -> frozenset[str]:
        """Today's provinces in which the person lives or was registered."""
        told = {self.province} if self.province else set()
        if self.number:
            told |= provinces_of_number(self.number)
        if self.registered_in and (found := province_today(self.registered_in, latest_day())):
            told.add(found)
        return frozenset(told)

    @property
    def stands(self) -> bool:
        """Whether it is neither merged nor annulled."""
        return self.status not in {PersonStatus.MERGED, PersonStatus.ANNULLED}


def record_of(row: Mapping[str, Any], *, today: date) -> Record:
    """Make a record of a normal row of a source.

    Args:
        today: the day whose units codes are of, where the source doesn't tell.
    """
    day = _day(row.get("unit_day")) or today
    named = [row.get("surname"), row.get("middle"), row.get("given")]
    units = [row.get(f"{layer}_unit") for layer in ("permanent", "temporary", "current")]
    return normalised(
        str(row.get("record", "")),
        name=" ".join(part for part in named if part),
        born=row.get("born"),
        sex=row.get("sex"),
        number=row.get("personal_number"),
        cmnd9s=(row["cmnd9"],) if row.get("cmnd9") else (),
        mother=row.get("mother_name"),
        father=row.get("father_name"),
        birth_place=birth_place(
            row.get("personal_number"), row.get("birth_registration_unit") or row.get("birth_place_unit")
        ),
        residence=[locate(unit, day, "")[1] for unit in units if unit],
    )


def _day(told: date | str | None) -> date | None:
    return date.fromisoformat(told) if isinstance(told, str) else told


@lru_cache(maxsize=200_000)
def birth_place(number: str | None, unit: str | None) -> Place | None:
    """Return where a birth was registered, in the units of before 1 July 2025.

    A commune tells ward and district; where it is of today, only the province is certain, as a number tells it too.
    """
    found = unit_index().unit_on(unit, _LAST_DAY_OF_63) if unit else None
    if found and len(found.code) == 5:
        return Place(found.province_code, found.district_code or "", found.code)
    if found:
        return Place(found.province_code, found.code if len(found.code) == 3 else "")
    return Place(number[1:3]) if number and number.startswith("0") else None


def provinces_today(record: Record) -> tuple[str, ...]:
    """Return today's provinces in which a record lives or was born, the residence first."""
    homes = [unit.province_code for code in record.residence if (unit := unit_index().unit_on(code, latest_day()))]
    born = record.birth_place
    if born and (later := unit_index().later_province(born.province, _LAST_DAY_OF_63, latest_day())):
        homes.append(later.code)
    return tuple(dict.fromkeys(homes))
