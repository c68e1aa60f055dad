"""What acts on status, capacity, nationality and protection do to a life: pure steps of the fold."""

from datetime import date

from msgspec.structs import replace

from dancu.kernel.codes import Capacity, MaritalStatus, PersonStatus, ProtectionGround, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.register.abodes import ended
from dancu.register.life import Life, Membership
from dancu.register.payloads import Payload

VIETNAM = "VNM"
SPOUSE_RETURNED = "spouse returned"
"""Tells the restored marriage in the record of the spouse from the return itself."""


def declared_missing(life: Life, day: PartialDate) -> Life:
    """Declare missing: residence and household end, and the marriage lasts until a divorce or a declared death.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 68; Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm a.
    """
    if life.died:
        return life
    return replace(
        life,
        status=PersonStatus.DECLARED_MISSING,
        missing_since=day,
        residences=ended(life.residences, day.earliest),
        memberships=memberships_ended(life.memberships, day.earliest),
    )


def found_again(life: Life) -> Life:
    """Take back that somebody was declared missing; residence is registered anew.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 70.
    """
    status = PersonStatus.ALIVE if life.status is PersonStatus.DECLARED_MISSING else life.status
    return replace(life, status=status, missing_since=None)


def returned(life: Life, told: Payload, day: PartialDate) -> Life:
    """Take back that somebody was declared dead; the act tells which marriage lasts again.

    Of the property, the law gives back what is left; of this the register knows nothing.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 73; Luật Hôn nhân và gia đình 52/2014/QH13, Điều 67.
    """
    if life.status is not PersonStatus.DECLARED_DEAD or told.reason == SPOUSE_RETURNED:
        return life
    marital = life.marital if told.marital is None else MaritalStatus(told.marital)
    return replace(life, status=PersonStatus.ALIVE, died=None, missing_since=None, marital=marital, returned_on=day)


def memberships_ended(before: tuple[Membership, ...], day: date) -> tuple[Membership, ...]:
    """End every membership on a day; what would have begun on or after it never was."""
    return tuple(
        replace(m, until=day) if m.until is None or m.until > day else m for m in before if (m.since or date.min) < day
    )


def nationality_changed(life: Life, before: str, day: PartialDate) -> Life:
    """End permanent residence with the loss of nationality.

    Law: Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm e.
    """
    if before != VIETNAM or life.nationality == VIETNAM:
        return life
    return replace(life, residences=ended(life.residences, day.earliest, frozenset({ResidenceKind.PERMANENT})))


def capacity_found(life: Life, told: Payload) -> Life:
    """Set the civil capacity that a court has found.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 22, Điều 23, Điều 24.
    """
    return life if told.capacity is None else replace(life, capacity=Capacity(told.capacity))


def protected_by(life: Life, ground: ProtectionGround) -> Life:
    """Mask the record on a ground."""
    return replace(life, protections=tuple(sorted({*life.protections, ground})))


def protection_ended(life: Life, told: Payload) -> Life:
    """Take one ground away; the record is masked as long as another one stands."""
    return replace(life, protections=tuple(ground for ground in life.protections if ground != told.protection))


def sex_masked(life: Life, before: Sex) -> Life:
    """Mask the record of somebody whose sex was told otherwise before.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 36, Điều 37, Điều 38.
    """
    changed = before is not Sex.UNKNOWN and life.sex is not before
    return protected_by(life, ProtectionGround.SEX_CHANGED) if changed else life
