"""What a clerk compares: a record or a person as texts by field, in the order in which they are read. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from dancu.intake.adjudication.differences import Agreement
from dancu.kernel.codes import IdentifierScheme, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.messages import msg
from dancu.reference.units import unit_index
from dancu.register.life import Life
from dancu.register.payloads import Kin, Place
from dancu.register.territory import latest_day

FIELDS: Mapping[str, str] = {
    "name": msg("Full name"),
    "former_names": msg("Other names"),
    "born": msg("Date of birth"),
    "sex": msg("Sex"),
    "number": msg("Personal number"),
    "old_numbers": msg("CMND, 9 digits"),
    "birth_place": msg("Place of birth"),
    "registered_in": msg("Birth registered in"),
    "origin": msg("Place of origin"),
    "mother": msg("Mother"),
    "father": msg("Father"),
    "spouse": msg("Wife or husband"),
    "permanent": msg("Permanent residence"),
    "temporary": msg("Temporary residence"),
    "current": msg("Current abode"),
    "died": msg("Date of death"),
}
"""Fields in the order of reading, with their titles."""

SEXES = {Sex.MALE: msg("Male"), Sex.FEMALE: msg("Female")}
TRANSLATED = frozenset({"sex"})
"""Fields whose texts are messages."""


class Side(msgspec.Struct, frozen=True):
    """One column of a comparison.

    Args:
        person_id: None: the record of a source.
        texts: by field; what isn't known is left out.
        masked: the clerk may not see it: no text is told, only how it agrees with the record.
        office: of a masked one, the unit whose office can be asked.
        agreements: of a masked one, by field.
    """

    person_id: int | None
    texts: dict[str, str] = {}
    score: float = 0.0
    status: int = 1
    masked: bool = False
    office: str = ""
    agreements: dict[str, Agreement] = {}


class Shown(msgspec.Struct, frozen=True):
    """A doubt as it was shown: what is compared, the first with each of the others."""

    sides: tuple[Side, ...]


def side_of_record(row: Mapping[str, Any], *, today: date) -> Side:
    """Make a side of a normal row of a source.

    Args:
        row: days as dates or as ISO 8601 writes them.
        today: the day whose units codes are of, where the source doesn't tell.
    """
    day = row.get("unit_day") or today
    on = date.fromisoformat(day) if isinstance(day, str) else day
    names = [row.get(part) for part in ("surname", "middle", "given")]
    spouse = [row.get(f"spouse_{part}") for part in ("surname", "middle", "given")]

    def place(unit: str, text: str) -> str:
        return _place((row.get(unit) or "", row.get(text) or ""), on)

    return Side(
        None,
        _told(
            name=" ".join(part for part in names if part),
            former_names=row.get("other_name") or "",
            born=partial_text(row.get("born")),
            sex=SEXES.get(Sex(row.get("sex") or 0), ""),
            number=row.get("personal_number") or "",
            old_numbers=row.get("cmnd9") or "",
            birth_place=place("birth_place_unit", "birth_place_text"),
            registered_in=place("birth_registration_unit", ""),
            origin=place("origin_unit", "origin_text"),
            mother=row.get("mother_name") or "",
            father=row.get("father_name") or "",
            spouse=" ".join(part for part in spouse if part),
            permanent=place("permanent_unit", "permanent_address"),
            temporary=place("temporary_unit", "temporary_address"),
            current=place("current_unit", "current_address"),
            died=partial_text(row.get("died_on")),
        ),
    )


def side_of_person(life: Life, names: Mapping[int, str], *, on: date, score: float) -> Side:
    """Make a side of a person of the register.

    Args:
        names: of relatives who have records, as far as they are in scope.
        on: the day on which it is true.
    """
    olds = [one.value for one in life.identifiers if one.scheme is IdentifierScheme.CMND9]
    layers = {
        kind: _place((stay.unit, stay.detail), stay.unit_day)
        for kind in ResidenceKind
        if (stay := life.residence(kind, on))
    }
    named = [one.full for one in life.former_names] + ([life.other_name] if life.other_name else [])
    return Side(
        life.person_id,
        _told(
            name=life.name.full if life.name else "",
            former_names=", ".join(dict.fromkeys(named)),
            born=partial_text(life.born.number if life.born else None),
            sex=SEXES.get(life.sex, ""),
            number=life.personal_number or "",
            old_numbers=", ".join(dict.fromkeys(olds)),
            birth_place=_place(life.birth_place, on),
            registered_in=_place(life.birth_registration, on),
            origin=_place(life.origin, on),
            mother=_kin(life.mother, names),
            father=_kin(life.father, names),
            spouse=_kin(life.spouse, names),
            permanent=layers.get(ResidenceKind.PERMANENT, ""),
            temporary=layers.get(ResidenceKind.TEMPORARY, ""),
            current=layers.get(ResidenceKind.CURRENT_ABODE, ""),
            died=partial_text(life.died.number if life.died else None),
        ),
        score,
        int(life.status),
    )


def relatives_of(life: Life) -> set[int]:
    """Return the ids of the relatives whom a side names."""
    kin = (life.mother, life.father, life.spouse)
    return {one.person_id for one in kin if one and one.person_id is not None}


def _told(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def partial_text(number: int | None) -> str:
    """Write a birth date, yyyymmdd with zeros for unknown parts, as 30/09/1958, 09/1958 or 1958."""
    if not number:
        return ""
    day = PartialDate(number)
    parts = [f"{day.day:02}"] if day.day else []
    parts += [f"{day.month:02}"] if day.month else []
    return "/".join([*parts, f"{day.year:04}"])


def _kin(kin: Kin | None, names: Mapping[int, str]) -> str:
    if kin is None:
        return ""
    return kin.name or (names.get(kin.person_id, "") if kin.person_id else "")


def _place(place: Place, day: date) -> str:
    code, detail = place
    unit = unit_index().unit_on(code, min(day, latest_day())) if code else None
    title = unit_index().full_title(unit, min(day, latest_day())) if unit else code
    if title and detail.endswith(title):
        return detail
    return ", ".join(part for part in (detail, title) if part)
