"""The rows that a life has in the tables of the current state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from dancu.kernel.dates import PartialDate
from dancu.kernel.text import fold as fold_text
from dancu.register.model import Identifier, Life, Membership, Residence

Locate = Callable[[str, date, str], tuple[str | None, str | None]]
"""(unit code, the day whose unit it is, address text) to today's (province, commune); None where it can't be told."""


@dataclass(frozen=True)
class Rows:
    """Everything that a life writes into the tables of the current state."""

    person: dict[str, object]
    identifiers: frozenset[Identifier] = frozenset()
    residences: frozenset[Residence] = frozenset()
    memberships: frozenset[Membership] = frozenset()
    former_names: tuple[tuple[str, bool], ...] = field(default=())


NO_ROWS = Rows(person={})


def rows_of(life: Life, locate: Locate) -> Rows:
    """Return the rows of a life."""
    return Rows(
        person=person_row(life, locate),
        identifiers=frozenset(one for one in life.identifiers if one.of is None),
        residences=frozenset(life.residences),
        memberships=frozenset(life.memberships),
        former_names=former_names(life),
    )


def former_names(life: Life) -> tuple[tuple[str, bool], ...]:
    """Return the keys by which a person is found under other names, each with whether it is one besides the first."""
    return tuple((fold_text(name.full), name.other) for name in life.former_names)


def same_rows(before: Life, after: Life) -> bool:
    """Tell whether an event left all rows of a life as they were, the stamps of the person's own apart."""
    if replace(after, version=before.version, known_at=before.known_at, sealed=before.sealed) != before:
        return False
    then, now = before.known_on, after.known_on
    return then == now or (before.abode(then), before.membership(then)) == (after.abode(now), after.membership(now))


def person_row(life: Life, locate: Locate) -> dict[str, object]:
    """Return the row of `register.person`, by column name."""
    name = life.name
    spouse = life.spouse
    membership = life.membership(life.known_on)
    province, commune = scope_of(life, locate)
    return {
        "person_id": life.person_id,
        "father_id": life.father.person_id if life.father else None,
        "mother_id": life.mother.person_id if life.mother else None,
        "spouse_id": spouse.person_id if spouse else None,
        "household_id": membership.household_id if membership else None,
        "known_at": life.known_at,
        "version": life.version,
        "born": _number(life.born),
        "died": _number(life.died),
        "status": int(life.status),
        "subject_type": int(life.subject_type),
        "sex": int(life.sex),
        "marital": int(life.marital),
        "ethnicity": life.ethnicity,
        "relation": int(membership.relation) if membership else None,
        "personal_number": life.personal_number,
        "name_key": name.key if name else "",
        "surname": name.surname if name else "",
        "middle": name.middle if name else "",
        "given": name.given if name else "",
        "nationality": life.nationality,
        "birth_registration_unit": life.birth_registration[0] or None,
        "origin_unit": life.origin[0] or None,
        "province_code": province,
        "commune_code": commune,
        "protected": life.protected,
        "merged_into": life.merged_into,
    }


def scope_of(life: Life, locate: Locate) -> tuple[str | None, str | None]:
    """Return today's province and commune of the abode; of the dead, of the last one."""
    abode = life.abode(life.known_on)
    if abode is None and life.residences:
        abode = max(life.residences, key=lambda r: (r.until or date.max, r.since or date.min))
    return locate(abode.unit, abode.unit_day, abode.detail) if abode else (None, None)


def _number(day: PartialDate | None) -> int | None:
    return day.number if day else None
