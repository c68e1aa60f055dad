"""From what a source tells about a person to the payload of its first event: one function for bulk and single."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dancu.kernel.codes import IdentifierScheme, Relation, ResidenceKind, SubjectType
from dancu.register.payloads import (
    IdentifierGiven,
    Kin,
    MarriageGiven,
    MembershipGiven,
    Payload,
    Place,
    ResidenceGiven,
)

_LAYERS = (
    ("permanent", ResidenceKind.PERMANENT),
    ("temporary", ResidenceKind.TEMPORARY),
    ("current", ResidenceKind.CURRENT_ABODE),
)
_NUMBERS = (
    ("personal_number", IdentifierScheme.PERSONAL_NUMBER),
    ("cmnd9", IdentifierScheme.CMND9),
    ("passport", IdentifierScheme.PASSPORT),
)


def genesis_payload(told: Mapping[str, Any], *, source_record: int | None = None) -> Payload:
    """Return what a source's record says, as the payload of an event.

    Args:
        told: a record by field name: the fields of `dancu.intake.normal`, and of its links where there is a record
            `father_id`, `mother_id`, `spouse_id`, `household_id`. A missing field and None are the same.
        source_record: ordinal of the record in its batch.
    """
    get = told.get
    given = get("given") or ""
    return Payload(
        name=(get("surname") or "", get("middle") or "", given) if given or get("surname") else None,
        other_name=get("other_name"),
        born=get("born"),
        sex=get("sex"),
        birth_place=_place(get("birth_place_unit"), get("birth_place_text")),
        birth_registration=_place(get("birth_registration_unit"), None),
        origin=_place(get("origin_unit"), get("origin_text")),
        ethnicity=get("ethnicity"),
        religion=get("religion"),
        nationality=get("nationality"),
        blood=get("blood"),
        marital=get("marital"),
        phone=get("phone"),
        email=get("email"),
        subject_type=None if get("subject") in {None, SubjectType.CITIZEN} else get("subject"),
        father=_kin(get("father_id"), get("father_name"), get("father_number")),
        mother=_kin(get("mother_id"), get("mother_name"), get("mother_number")),
        marriage=_marriage(told),
        identifiers=tuple(IdentifierGiven(scheme, told[field]) for field, scheme in _NUMBERS if get(field)),
        residences=tuple(_stay(told, layer, kind) for layer, kind in _LAYERS if _lives(told, layer)),
        membership=_membership(told),
        died=get("died_on"),
        unit_day=get("unit_day"),
        source_record=source_record,
    )


def _place(unit: str | None, text: str | None) -> Place | None:
    return (unit or "", text or "") if unit or text else None


def _kin(person_id: int | None, name: str | None, number: str | None) -> Kin | None:
    return Kin(person_id, name or "", number or "") if person_id or name or number else None


def _marriage(told: Mapping[str, Any]) -> MarriageGiven | None:
    parts = (told.get("spouse_surname"), told.get("spouse_middle"), told.get("spouse_given"))
    name = " ".join(part for part in parts if part)
    spouse = _kin(told.get("spouse_id"), name, told.get("spouse_number"))
    return MarriageGiven(spouse, told.get("married_on")) if spouse else None


def _lives(told: Mapping[str, Any], layer: str) -> bool:
    return bool(told.get(f"{layer}_unit") or told.get(f"{layer}_address"))


def _stay(told: Mapping[str, Any], layer: str, kind: ResidenceKind) -> ResidenceGiven:
    until: date | None = told.get("temporary_until") if kind is ResidenceKind.TEMPORARY else None
    return ResidenceGiven(
        kind, told.get(f"{layer}_unit") or "", told.get(f"{layer}_address") or "", told.get(f"{layer}_since"), until
    )


def _membership(told: Mapping[str, Any]) -> MembershipGiven | None:
    household_id = told.get("household_id")
    if household_id is None:
        return None
    relation = Relation(told.get("relation") or Relation.NOT_RELATED)
    return MembershipGiven(household_id, relation, told.get("permanent_since"))
