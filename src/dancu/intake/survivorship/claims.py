"""Claims: what one source told of one field of a person, and when two of them say the same."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.kernel.text import fold
from dancu.register.life import Life
from dancu.register.payloads import Payload


class Field(StrEnum):
    """A field of which one value is chosen: an attribute of payloads and lives."""

    NAME = "name"
    OTHER_NAME = "other_name"
    BORN = "born"
    SEX = "sex"
    BIRTH_PLACE = "birth_place"
    BIRTH_REGISTRATION = "birth_registration"
    ORIGIN = "origin"
    ETHNICITY = "ethnicity"
    RELIGION = "religion"
    NATIONALITY = "nationality"
    BLOOD = "blood"
    PHONE = "phone"
    EMAIL = "email"
    FATHER = "father"
    MOTHER = "mother"

    @property
    def bit(self) -> int:
        """Its bit in stored claims; the order of the fields is therefore never changed."""
        return 1 << _ORDER[self]


_ORDER = {field: at for at, field in enumerate(Field)}
SENSITIVE = (Field.RELIGION, Field.BLOOD, Field.PHONE, Field.EMAIL)
"""Sealed wherever they are stored."""
_PLACES = (Field.BIRTH_PLACE, Field.BIRTH_REGISTRATION, Field.ORIGIN)
_PARENTS = (Field.FATHER, Field.MOTHER)
_BLANK: tuple[object, ...] = (None, "", 0, ("", ""), ("", "", ""))


class Document(IntEnum):
    """On what a source's facts rest. Numbers are stored and never reused."""

    COURT_DECISION = 1
    CIVIL_STATUS_DECISION = 2
    BIRTH_CERTIFICATE = 3
    CIVIL_STATUS_PAPER = 4
    IDENTITY_CARD = 5
    MINISTRY = 6
    FORM = 7
    UNDECLARED = 8


@dataclass(frozen=True)
class Claim:
    """What a source told of one field.

    Args:
        value: as a payload holds it; never blank.
        source: name of the source system; empty for acts of officers.
        document: on what it rests.
        received_at: when the register was told.
        told_on: the day of the document or of the event, where it is told; nothing is newer than what has none.
        batch_id: batch of intake; None: an act of an officer.
        record: its ordinal in the batch.
        act_id: of what the ledger holds; None: it was kept beside the ledger.
        confidence: how probable it is that the record is about this person, 0 to 1; None: nothing was weighed.
        replaced: the same source told the field otherwise later, and that was taken over.
    """

    field: Field
    value: Any
    source: str
    document: Document
    received_at: datetime
    told_on: date | None = None
    batch_id: int | None = None
    record: int | None = None
    act_id: int | None = None
    confidence: float | None = None
    replaced: bool = False

    @property
    def teller(self) -> str:
        """Whose voice it is: of a source all claims together are one, of officers each act is."""
        return self.source or f"act {self.act_id}"


def told_value(payload: Payload, field: Field) -> Any:
    """Return what a payload says of a field; None: nothing, for a blank says nothing."""
    value = getattr(payload, field)
    return None if value in _BLANK else value


def standing_value(life: Life, field: Field) -> Any:
    """Return what stands in a life, as a payload holds it; None: nothing.

    Args:
        life: with its sensitive facts opened, where they are asked for.
    """
    value = getattr(life, field)
    if isinstance(value, PersonName):
        value = (value.surname, value.middle, value.given)
    elif isinstance(value, PartialDate):
        value = value.number
    elif isinstance(value, IntEnum):
        value = int(value)
    return None if value in _BLANK else value


def key_of(field: Field, value: Any) -> str:
    """Return what is equal for values that say the same, however they are written."""
    if field is Field.NAME:
        name = PersonName(*value)
        return f"{name.key}|{' '.join(_letters(word) for word in name.full.lower().split())}"
    if field in _PLACES:
        return f"{value[0]}|{fold(value[1])}"
    if field in _PARENTS:
        return f"{fold(value.name) or value.number}|{'' if value.person_id is None else value.person_id}"
    return str(value).casefold()


def exactness(field: Field, value: Any) -> int:
    """Tell how much a value says; of values of which one refines the other, the finer has more."""
    if field is Field.BORN:
        return int(value % 10000 > 0) + int(value % 100 > 0)
    if field is Field.NAME:
        full = PersonName(*value).full.lower()
        return int(full != fold(full))
    return int(field in _PARENTS and value.person_id is not None)


def refines(field: Field, value: Any, coarse: Any) -> bool:
    """Tell whether a value says what a coarser one says, and more: a day of its year, tone marks, a record."""
    if exactness(field, value) <= exactness(field, coarse):
        return False
    if field is Field.BORN:
        return PartialDate(coarse).may_be(PartialDate(value))
    if field is Field.NAME:
        return PersonName(*value).key == PersonName(*coarse).key
    if field not in _PARENTS:
        return False
    return fold(coarse.name) == fold(value.name) if coarse.name else coarse.number == value.number


def agree(field: Field, one: Any, other: Any) -> bool:
    """Tell whether two values don't contradict each other."""
    return key_of(field, one) == key_of(field, other) or refines(field, one, other) or refines(field, other, one)


def _letters(word: str) -> str:
    """The letters and marks of a syllable in any order: the place of a tone mark doesn't count."""
    return "".join(sorted(unicodedata.normalize("NFD", word)))
