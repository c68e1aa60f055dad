"""Words for the codes of acts, as msgids: grounds, cases, findings."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from dancu.kernel.codes import (
    AbsenceCase,
    Capacity,
    DeathGround,
    MaritalStatus,
    PermanentEnd,
    ProtectionGround,
    Relation,
    Sex,
    TemporaryEnd,
    TieEnd,
    TieKind,
)
from dancu.portals.shared.words import MARITAL, RELATION, SEX, msg
from dancu.register.notices import LodgingKind

ABSENCE = {
    AbsenceCase.UNDER_MEASURES: msg("Under a measure or a sentence that restricts movement"),
    AbsenceCase.LIABLE_TO_SERVICE: msg("Liable to military service, away for 3 months or longer"),
    AbsenceCase.LONG_ABSENCE: msg("Away from the commune for 12 months or longer"),
}

PERMANENT_END = {
    PermanentEnd.DEAD_OR_MISSING: msg("Dead, or declared dead or missing"),
    PermanentEnd.SETTLED_ABROAD: msg("Settled abroad"),
    PermanentEnd.REGISTRATION_CANCELLED: msg("The registration was cancelled"),
    PermanentEnd.ABSENT_12_MONTHS: msg("Away for 12 months without other residence or declared absence"),
    PermanentEnd.NATIONALITY_LOST: msg("Vietnamese nationality lost"),
    PermanentEnd.LODGING_ENDED: msg("Rented or lent dwelling given up 12 months ago"),
    PermanentEnd.DWELLING_SOLD: msg("Dwelling passed to another owner 12 months ago"),
    PermanentEnd.OWNER_REFUSES: msg("The owner no longer agrees"),
    PermanentEnd.DWELLING_GONE: msg("Dwelling demolished, or vehicle given up"),
    PermanentEnd.JOINED_FORCES: msg("Joined the armed forces (before July 2021)"),
}

TEMPORARY_END = {
    TemporaryEnd.DEAD_OR_MISSING: msg("Dead, or declared dead or missing"),
    TemporaryEnd.REGISTRATION_CANCELLED: msg("The registration was cancelled"),
    TemporaryEnd.ABSENT_6_MONTHS: msg("Away for 6 months without other residence"),
    TemporaryEnd.NATIONALITY_LOST: msg("Vietnamese nationality lost"),
    TemporaryEnd.PERMANENT_HERE: msg("Permanent residence registered at the same place"),
    TemporaryEnd.LODGING_ENDED: msg("Rented or lent dwelling given up"),
    TemporaryEnd.DWELLING_SOLD: msg("Dwelling passed to another owner"),
    TemporaryEnd.DWELLING_GONE: msg("Dwelling demolished, or vehicle given up"),
    TemporaryEnd.EXPIRED: msg("The term is over"),
}

LODGING = {
    LodgingKind.HOUSEHOLD: msg("Household"),
    LodgingKind.HOTEL: msg("Hotel or guest house"),
    LodgingKind.HOSPITAL: msg("Hospital"),
    LodgingKind.INDUSTRIAL_ZONE: msg("Lodging of an industrial zone"),
    LodgingKind.OTHER: msg("Other lodging"),
}

TIE = {
    TieKind.GUARDIAN: msg("Guardian"),
    TieKind.WARD: msg("Ward"),
    TieKind.REPRESENTATIVE: msg("Legal representative"),
    TieKind.REPRESENTED: msg("Represented person"),
}

TIE_END = {
    TieEnd.DECIDED: msg("By decision"),
    TieEnd.DIED: msg("By death"),
    TieEnd.OF_AGE: msg("Has come of age"),
    TieEnd.CAPACITY_RESTORED: msg("Has full capacity again"),
    TieEnd.ADOPTED: msg("Was adopted"),
}

CAPACITY = {
    Capacity.FULL: msg("Full legal capacity"),
    Capacity.LOST: msg("No legal capacity"),
    Capacity.DIFFICULT: msg("Difficulty in cognition and control of acts"),
    Capacity.LIMITED: msg("Limited legal capacity"),
}

PROTECTION = {
    ProtectionGround.ADOPTION: msg("Adopted"),
    ProtectionGround.SEX_CHANGED: msg("Sex redetermined"),
    ProtectionGround.WITNESS: msg("Protected witness"),
    ProtectionGround.THREATENED: msg("Threatened person"),
}

DEATH_GROUND = {
    DeathGround.MISSING_THREE_YEARS: msg("Declared missing 3 years ago, and no news"),
    DeathGround.WAR_FIVE_YEARS: msg("Missing in war for 5 years since its end"),
    DeathGround.DISASTER_TWO_YEARS: msg("Accident or disaster 2 years ago, and no news"),
    DeathGround.NO_NEWS_FIVE_YEARS: msg("No news for 5 years"),
}

_LISTS: tuple[tuple[type[IntEnum], Mapping[Any, str]], ...] = (
    (AbsenceCase, ABSENCE),
    (PermanentEnd, PERMANENT_END),
    (TemporaryEnd, TEMPORARY_END),
    (TieEnd, TIE_END),
    (Capacity, CAPACITY),
    (ProtectionGround, PROTECTION),
    (DeathGround, DEATH_GROUND),
    (MaritalStatus, MARITAL),
    (Relation, RELATION),
    (Sex, SEX),
)
CODES: Mapping[type[IntEnum], Mapping[int, str]] = {
    codes: {int(code): word for code, word in words.items()} for codes, words in _LISTS
}
"""The words of each list that an act may ask for, by number."""
