"""What acts of residence do to a life: stays in their layers, membership of households, absences.

A layer is a timeline: a stay that begins ends the one before it, and is ended by the one after it.
"""

from datetime import date

from msgspec.structs import replace

from dancu.kernel.codes import ResidenceKind, TemporaryEnd
from dancu.kernel.time import today
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.life import Absence, Life, Membership, Residence
from dancu.register.payloads import Payload, ResidenceGiven


def unit_day(event: Event) -> date:
    """The day whose units the codes of an event are of: as told, else the day of recording."""
    return event.payload.unit_day or today(event.known_at)


def with_residence(before: tuple[Residence, ...], given: ResidenceGiven, units_of: date) -> tuple[Residence, ...]:
    """Insert a stay into its layer: it ends the stay before it and is ended by the one after it."""
    stay = Residence(given.kind, given.unit, given.detail, units_of, given.since, given.until)
    begins = stay.since or date.min
    kept: list[Residence] = []
    for other in before:
        if other.kind is not stay.kind:
            kept.append(other)
            continue
        other_begins = other.since or date.min
        if other_begins > begins and (stay.until is None or stay.until > other_begins):
            stay = replace(stay, until=other_begins)
        if other_begins < begins:
            kept.append(replace(other, until=begins) if other.until is None or other.until > begins else other)
        elif other_begins > begins:
            kept.append(other)
    return tuple(sorted([*kept, stay], key=lambda r: (r.since or date.min, r.kind)))


def ended(
    before: tuple[Residence, ...], day: date, kinds: frozenset[ResidenceKind] = frozenset(ResidenceKind)
) -> tuple[Residence, ...]:
    """End every stay of the layers on a day; what would have begun on or after it never was."""
    kept = []
    for stay in before:
        if stay.kind in kinds and (stay.until is None or stay.until > day):
            if (stay.since or date.min) >= day:
                continue
            stay = replace(stay, until=day)  # noqa: PLW2901 -- the stay, shortened
        kept.append(stay)
    return tuple(kept)


_OTHER_LAYERS = frozenset({ResidenceKind.TEMPORARY, ResidenceKind.CURRENT_ABODE})


def moved(life: Life, event: Event) -> Life:
    """Register at the destination: that ends the old registration, and the person lives there now.

    Law: Luật Cư trú 68/2020/QH14, Điều 22; Điều 24 khoản 1.
    """
    day = event.valid_on.earliest
    stays = ended(life.residences, day, _OTHER_LAYERS)
    for given in event.payload.residences:
        stays = with_residence(stays, given, unit_day(event))
    return replace(life, residences=stays, memberships=with_membership(life.memberships, event.payload))


def with_membership(before: tuple[Membership, ...], told: Payload) -> tuple[Membership, ...]:
    """Insert a place in a household: it ends the one before it and is ended by the one after it."""
    if told.membership is None:
        return before
    joined = Membership(told.membership.household_id, told.membership.relation, told.membership.since)
    begins = joined.since or date.min
    kept: list[Membership] = []
    for other in before:
        other_begins = other.since or date.min
        if other_begins > begins:
            joined = replace(joined, until=min(joined.until or date.max, other_begins))
            kept.append(other)
        elif other_begins < begins:
            kept.append(replace(other, until=begins) if other.until is None or other.until > begins else other)
    return tuple(sorted([*kept, joined], key=lambda m: m.since or date.min))


def stays_registered(life: Life, event: Event) -> Life:
    """Take over stays of layers that stand beside permanent residence: temporary residence, and the declared abode.

    An extension is a stay of its own that begins where the term before it ends.
    """
    stays = life.residences
    for given in event.payload.residences:
        stays = with_residence(stays, given, unit_day(event))
    return replace(life, residences=stays)


def deregistered(life: Life, event: Event) -> Life:
    """End a registration of residence on a day; with permanent residence ends the place in the household.

    Law: Luật Cư trú 68/2020/QH14, Điều 24, Điều 29.
    """
    day = event.valid_on.earliest
    if event.payload.ground == TemporaryEnd.EXPIRED and event.kind is EventKind.TEMPORARY_RESIDENCE_ENDED:
        return life  # the term ended by itself
    if event.kind is EventKind.TEMPORARY_RESIDENCE_ENDED:
        return replace(life, residences=_closed(life.residences, day, ResidenceKind.TEMPORARY))
    return replace(
        life,
        residences=_closed(life.residences, day, ResidenceKind.PERMANENT),
        memberships=_left(life.memberships, day),
    )


def _closed(before: tuple[Residence, ...], day: date, kind: ResidenceKind) -> tuple[Residence, ...]:
    """End the stay of one layer that lasts on a day; one that began on that day never was."""
    kept = []
    for stay in before:
        if stay.kind is kind and stay.covers(day):
            if stay.since == day:
                continue
            stay = replace(stay, until=day)  # noqa: PLW2901 -- the stay, shortened
        kept.append(stay)
    return tuple(kept)


def _left(before: tuple[Membership, ...], day: date) -> tuple[Membership, ...]:
    return tuple(
        replace(m, until=day) if m.covers(day) else m for m in before if not (m.covers(day) and m.since == day)
    )


def household_told(life: Life, event: Event) -> Life:
    """Take over the place in a household: joined, split off, merged, or told anew to another head.

    Who splits off to another address is registered there, as in a move.

    Law: Luật Cư trú 68/2020/QH14, Điều 25, Điều 26.
    """
    if event.payload.residences:
        return moved(life, event)
    return replace(life, memberships=with_membership(life.memberships, event.payload))


def absence_told(life: Life, event: Event) -> Life:
    """Take over a declared absence, or end the one that lasts.

    Law: Luật Cư trú 68/2020/QH14, Điều 31.
    """
    day = event.valid_on.earliest
    kept = tuple(_shortened(one, day) if one.since < day else one for one in life.absences if one.since != day)
    told = event.payload.absence
    if told is None or event.kind is EventKind.ABSENCE_ENDED:
        return replace(life, absences=kept)
    following = min((one.since for one in kept if one.since > day), default=None)
    until = min((end for end in (told.until, following) if end), default=None)
    declared = Absence(told.case, day, until, told.destination)
    return replace(life, absences=tuple(sorted((*kept, declared), key=lambda one: one.since)))


def absences_ended(before: tuple[Absence, ...], day: date) -> tuple[Absence, ...]:
    """End every absence on a day; what would have begun on or after it never was."""
    return tuple(_shortened(one, day) for one in before if one.since < day)


def _shortened(absence: Absence, day: date) -> Absence:
    return replace(absence, until=day) if absence.until is None or absence.until > day else absence
