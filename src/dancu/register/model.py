"""A life: the state of one person, folded from events by one pure function.

Two times run through it.
*Known*: leave out the events recorded after a moment, and the fold gives what the register knew then.
*Valid*: leave out the events that are true only after a day, and the fold gives the person on that day.
Events apply in the order in which they are true, so what is registered late falls into its place,
and a correction stands directly after what it corrects.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from dancu.kernel.codes import (
    IdentifierScheme,
    MaritalStatus,
    PersonStatus,
    ProtectionGround,
    ResidenceKind,
    Sex,
    SubjectType,
)
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import abodes, family, merging, standing
from dancu.register.abodes import ended, unit_day, with_membership, with_residence
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event, annulled
from dancu.register.life import FormerName, Identifier, Life, Marriage, Membership, Residence, SealedFacts
from dancu.register.merging import MARKS, NO_LEDGERS, Ledgers
from dancu.register.payloads import IdentifierGiven

__all__ = [
    "FormerName",
    "Identifier",
    "Life",
    "Marriage",
    "Membership",
    "Residence",
    "UnsupportedKind",
    "annulled",
    "apply",
    "extended",
    "fold",
    "in_order_of_truth",
    "of_record",
    "unit_day",
]


def fold(
    events: Sequence[Event],
    *,
    on: date | None = None,
    as_known_at: datetime | None = None,
    ledgers: Ledgers = NO_LEDGERS,
) -> Life | None:
    """Return the life that events tell, or None where nothing is known.

    Args:
        events: of one person, in order of `seq`.
        on: leave out what is true only after this day.
        as_known_at: leave out what was recorded after this moment.
        ledgers: of the records that this one absorbed, where it absorbed any.

    Raises:
        LedgerMissing: a record was absorbed, and its ledger is not among them.
    """
    known = [e for e in events if as_known_at is None or e.known_at <= as_known_at]
    alone = _alone(known, on)
    if not merging.concerns(known):
        return alone
    if merge := merging.merged_into(known):
        return _merged(alone, merge) if alone else None
    return _with_absorbed(alone, known, on, merging.known_by(as_known_at, ledgers))


def _alone(known: Sequence[Event], on: date | None) -> Life | None:
    """Fold one ledger, whatever was merged."""
    fallen = annulled(known)
    standing = _without(known, fallen)
    if on is not None:
        standing = _true_by(on, in_order_of_truth(standing))
    if not any(e.kind in GENESIS for e in known):
        return None
    life = Life(known[-1].person_id, known[-1].seq, known[-1].known_at)
    if not any(e.kind in GENESIS for e in standing):
        if any(e.kind in GENESIS and e.seq not in fallen for e in known):
            return None
        return _shell(life, known)
    life = _applied(life, standing)
    if fallen:
        life = replace(life, identifiers=_with_cancelled(life.identifiers, (e for e in known if e.seq in fallen)))
    return _ended_by_death(life)


def _standing(known: Sequence[Event]) -> Sequence[Event]:
    return _without(known, annulled(known))


def _without(known: Sequence[Event], fallen: frozenset[int]) -> Sequence[Event]:
    return [e for e in known if e.seq not in fallen] if fallen else known


def _merged(alone: Life, merge: merging.Merge) -> Life:
    """A merged record keeps what lets it be found, and leads to the one that carries on."""
    return Life(
        alone.person_id,
        alone.version,
        alone.known_at,
        status=PersonStatus.MERGED,
        subject_type=alone.subject_type,
        name=alone.name,
        born=alone.born,
        sex=alone.sex,
        identifiers=_led_on(alone.identifiers, merge),
        protections=alone.protections,
        merged_into=merge.record,
    )


def _led_on(identifiers: Iterable[Identifier], merge: merging.Merge) -> tuple[Identifier, ...]:
    """The personal numbers of a merged record are cancelled with the merge: a person has one."""
    return tuple(
        replace(i, cancelled=True, until=i.until or merge.since)
        if i.scheme is IdentifierScheme.PERSONAL_NUMBER and not i.cancelled
        else i
        for i in identifiers
    )


def _with_absorbed(alone: Life | None, known: Sequence[Event], on: date | None, ledgers: Ledgers) -> Life | None:
    """Tell one life from the own ledger and those of absorbed records; their numbers stay theirs."""
    own = _standing(known)
    others = [(merge, events, _standing(events)) for merge, events in merging.all_absorbed(known, ledgers)]
    others = [one for one in others if any(e.kind in GENESIS for e in one[2])]
    if not others or not any(e.kind in GENESIS for e in own):
        return alone
    told = _united(own, [(merge, standing) for merge, _, standing in others])
    if on is not None:
        told = _true_by(on, told)
    if not any(e.kind in GENESIS for e in told):
        return None
    life = Life(known[-1].person_id, known[-1].seq, known[-1].known_at)
    for event in told:
        life = apply(life, event)
    numbers = {(i.scheme, i.value): i for i in alone.identifiers} if alone else {}
    for merge, events, _ in reversed(others):
        theirs = _alone(events, on)
        for one in _led_on(theirs.identifiers, merge) if theirs else ():
            numbers.setdefault((one.scheme, one.value), replace(one, of=one.of or merge.record))
    records = tuple(merge.record for merge, _, _ in others)
    return replace(_ended_by_death(life), identifiers=tuple(numbers.values()), absorbed=records)


def _united(own: Sequence[Event], others: Sequence[tuple[merging.Merge, Sequence[Event]]]) -> list[Event]:
    """Order the events of several ledgers of one person.

    What an absorbed record told of the person before the merge gives way to what the survivor's tells;
    all else falls into its place in time.
    """
    background = [
        event
        for merge, standing in others
        for event in in_order_of_truth(standing)
        if event.kind in _TELLING and event.known_at <= merge.known_at
    ]
    first = {(event.person_id, event.seq) for event in background}
    rest = [e for _, standing in others for e in standing if (e.person_id, e.seq) not in first]
    return [*background, *sorted((*own, *rest), key=_place_among)]


def of_record(life: Life, record: int) -> Life:
    """Return the life of a survivor as that of one of its records: acts on it are filed there."""
    return replace(life, person_id=record, absorbed=tuple(sorted(life.records - {record})))


_TELLING = GENESIS | {
    EventKind.PARTICULARS_UPDATED,
    EventKind.PARTICULARS_CORRECTED,
    EventKind.PARTICULARS_CHANGED,
}


def _place_among(event: Event) -> tuple[bool, int, datetime, int, int]:
    genesis, day, seq = _place_in_truth(event)
    return genesis, day, event.known_at, event.person_id, seq


def _true_by(day: date, events: Sequence[Event]) -> list[Event]:
    """Leave out what is true only after a day; what is true from birth is so from the birth as it stands corrected.

    Args:
        events: in order of truth, of all ledgers that tell the life.
    """
    from_birth = {(e.person_id, e.valid_on) for e in events if e.kind in GENESIS}
    told_born = [e.payload.born for e in events if e.payload.born]

    def begins(event: Event) -> date:
        with_birth = event.kind in _FROM_BIRTH and (event.person_id, event.valid_on) in from_birth
        return PartialDate(told_born[-1]).earliest if with_birth and told_born else event.valid_on.earliest

    return [e for e in events if begins(e) <= day]


_FROM_BIRTH = GENESIS | {EventKind.PARTICULARS_CORRECTED}
_ENDINGS = frozenset(
    {
        EventKind.DEATH_REGISTERED,
        EventKind.DEATH_DECLARED,
        EventKind.SPOUSE_DIED,
        EventKind.DIVORCED,
        EventKind.MARRIAGE_ANNULLED,
        EventKind.GUARDIANSHIP_ENDED,
        EventKind.REPRESENTATION_ENDED,
    }
)


def in_order_of_truth(events: Iterable[Event]) -> list[Event]:
    """Order events as they are true in the world: the genesis first, then by valid date, then as recorded.

    Of a partial date, what begins something counts from its first possible day, and a death from its last:
    someone who married in May and died that year died married.
    """
    return sorted(events, key=_place_in_truth)


def _place_in_truth(event: Event) -> tuple[bool, int, int]:
    day = PartialDate.on(event.valid_on.latest).number if event.kind in _ENDINGS else event.valid_on.number
    return event.kind not in GENESIS, day, event.seq


def _shell(life: Life, events: Sequence[Event]) -> Life:
    """A record whose genesis was annulled keeps what lets it be found again: name, birth, cancelled numbers.

    Who was masked stays so.
    """
    told = apply(life, next(e for e in events if e.kind in GENESIS))
    return replace(
        life,
        status=PersonStatus.ANNULLED,
        subject_type=told.subject_type,
        name=told.name,
        born=told.born,
        sex=told.sex,
        identifiers=_with_cancelled((), events),
        protections=_applied(told, _standing(events)).protections,
    )


def _with_cancelled(before: tuple[Identifier, ...], events: Iterable[Event]) -> tuple[Identifier, ...]:
    """Keep, cancelled, the numbers that annulled events gave: a number is never given again and stays findable."""
    held = {(i.scheme, i.value) for i in before}
    given = (one for event in events for one in event.payload.identifiers if (one.scheme, one.value) not in held)
    cancelled = (Identifier(one.scheme, one.value, one.since, one.until, cancelled=True) for one in given)
    return (*before, *{(i.scheme, i.value): i for i in cancelled}.values())


_TELL_ANEW = MARKS | {EventKind.EVENT_ANNULLED}


def extended(
    life: Life | None, events: Sequence[Event], new: Sequence[Event], *, ledgers: Ledgers = NO_LEDGERS
) -> Life | None:
    """Return `fold((*events, *new))`, given that `life` is `fold(events)`; without telling the past again if it can.

    It can where all that is new is true after all that was known, and nobody died and nothing fell or was merged.
    """
    if (
        life is None
        or life.died
        or any(event.kind in _TELL_ANEW for event in (*events, *new))
        or min(map(_place_in_truth, new)) < max(map(_place_in_truth, events))
    ):
        return fold((*events, *new), ledgers=ledgers)
    return _ended_by_death(_applied(replace(life, version=new[-1].seq, known_at=new[-1].known_at), new))


def _applied(life: Life, events: Iterable[Event]) -> Life:
    for event in in_order_of_truth(events):
        life = apply(life, event)
    return life


def _ended_by_death(life: Life) -> Life:
    """What is registered late of a dead person ends with the death, too."""
    return _died(life, life.died) if life.died else life


def apply(life: Life, event: Event) -> Life:
    """Return the life after one more event: the one switch over all kinds."""
    told = event.payload
    match event.kind:
        case EventKind.PERSON_ESTABLISHED | EventKind.BIRTH_REGISTERED | EventKind.PARTICULARS_UPDATED:
            return _told(life, event)
        case EventKind.PARTICULARS_CORRECTED | EventKind.PARTICULARS_CHANGED:
            return standing.sex_masked(_told(life, event), life.sex)
        case EventKind.PERMANENT_RESIDENCE_REGISTERED:
            return abodes.moved(life, event)
        case (
            EventKind.TEMPORARY_RESIDENCE_REGISTERED
            | EventKind.TEMPORARY_RESIDENCE_EXTENDED
            | EventKind.CURRENT_ABODE_DECLARED
        ):
            return abodes.stays_registered(life, event)
        case EventKind.PERMANENT_RESIDENCE_ENDED | EventKind.TEMPORARY_RESIDENCE_ENDED:
            return abodes.deregistered(life, event)
        case EventKind.ABSENCE_DECLARED | EventKind.ABSENCE_ENDED:
            return abodes.absence_told(life, event)
        case (
            EventKind.HOUSEHOLD_JOINED
            | EventKind.HOUSEHOLD_SPLIT
            | EventKind.HOUSEHOLDS_MERGED
            | EventKind.HOUSEHOLD_HEAD_CHANGED
        ):
            return abodes.household_told(life, event)
        case EventKind.DEATH_REGISTERED:
            return _died(life, event.valid_on)
        case EventKind.DEATH_DECLARED:
            return _died(replace(life, status=PersonStatus.DECLARED_DEAD), event.valid_on)
        case EventKind.DECLARED_DEATH_REVERSED:
            return family.marriage_restored(standing.returned(life, told, event.valid_on), told, event.valid_on)
        case EventKind.DECLARED_MISSING:
            return standing.declared_missing(life, event.valid_on)
        case EventKind.DECLARED_MISSING_REVERSED:
            return standing.found_again(life)
        case EventKind.MARRIAGE_REGISTERED:
            return family.married(life, told, event.valid_on)
        case EventKind.SPOUSE_DIED:
            return family.marriage_ended(life, told, event.valid_on, MaritalStatus.WIDOWED)
        case EventKind.DIVORCED:
            return family.marriage_ended(life, told, event.valid_on, MaritalStatus.DIVORCED)
        case EventKind.MARRIAGE_ANNULLED:
            return family.marriage_annulled(life, told)
        case EventKind.ADOPTED:
            return family.adopted(_told(life, event), told, event.valid_on, life)
        case EventKind.ADOPTION_ENDED:
            return family.adoption_ended(_told(life, event))
        case EventKind.PARENT_RECOGNISED:
            return family.recognised(_told(life, event), told, life)
        case EventKind.GUARDIANSHIP_ESTABLISHED | EventKind.REPRESENTATION_ESTABLISHED:
            return family.tied(life, told, event.valid_on)
        case EventKind.GUARDIANSHIP_ENDED | EventKind.REPRESENTATION_ENDED:
            return family.untied(life, told, event.valid_on)
        case EventKind.NATIONALITY_CHANGED:
            return standing.nationality_changed(_told(life, event), life.nationality, event.valid_on)
        case EventKind.LEGAL_CAPACITY_CHANGED:
            return standing.capacity_found(life, told)
        case EventKind.PROTECTED if told.protection is not None:
            return standing.protected_by(life, ProtectionGround(told.protection))
        case EventKind.PROTECTION_ENDED:
            return standing.protection_ended(life, told)
        case EventKind.PERSONAL_NUMBER_ESTABLISHED:
            return replace(life, identifiers=_renumbered(life.identifiers, event))
        case EventKind.PERSONAL_NUMBER_CANCELLED:
            return replace(life, identifiers=_number_cancelled(life.identifiers, event.valid_on.earliest))
        case (
            EventKind.EVENT_ANNULLED
            | EventKind.RECORD_MERGED
            | EventKind.RECORD_UNMERGED
            | EventKind.FILED_UNDER_MERGED_RECORD
        ):
            return life
        case _:
            raise UnsupportedKind(event.kind)


class UnsupportedKind(Exception):
    """The ledger holds an event of a kind that no command of this version writes."""


def _told(life: Life, event: Event) -> Life:
    """Take over what the event says about the person; what it leaves out stays."""
    told = event.payload
    changes: dict[str, Any] = {field: value for field in _TAKEN_OVER if (value := getattr(told, field)) is not None}
    changes |= {field: code(changes[field]) for field, code in _CODES.items() if field in changes}
    if told.born:
        changes["born"] = born = PartialDate(told.born)
        life = _begun_with_birth(life, life.born.earliest, born.earliest) if life.born else life
    if told.name or told.other_name:
        name = changes["name"] = PersonName(*told.name) if told.name else life.name
        changes["former_names"] = _former_names(life, name, told.other_name)
    if told.identifiers:
        changes["identifiers"] = _with_identifiers(life.identifiers, told.identifiers)
    if told.membership:
        changes["memberships"] = with_membership(life.memberships, told)
    if told.sealed:
        changes["sealed"] = (*life.sealed, SealedFacts(event.person_id, event.seq, told.sealed))
    life = replace(life, **changes)
    for given in told.residences:
        life = replace(life, residences=with_residence(life.residences, given, unit_day(event)))
    if told.marriage:
        since = PartialDate(told.marriage.since) if told.marriage.since else None
        life = replace(life, marriages=family.with_marriage(life.marriages, Marriage(told.marriage.spouse, since)))
    return _died(life, PartialDate(told.died)) if told.died else life


_TAKEN_OVER = (
    "other_name",
    "sex",
    "birth_place",
    "birth_registration",
    "origin",
    "ethnicity",
    "religion",
    "nationality",
    "blood",
    "marital",
    "phone",
    "email",
    "subject_type",
    "father",
    "mother",
)
_CODES = {"sex": Sex, "marital": MaritalStatus, "subject_type": SubjectType}
_Stay = TypeVar("_Stay", bound=Residence | Membership)


def _begun_with_birth(life: Life, before: date, born: date) -> Life:
    """Let what began with the birth begin with the birth that is told now."""
    stays = tuple(
        stay
        for kind in ResidenceKind
        for stay in _first_begun(tuple(r for r in life.residences if r.kind is kind), before, born)
    )
    return replace(
        life,
        residences=tuple(sorted(stays, key=lambda r: (r.since or date.min, r.kind))),
        memberships=_first_begun(life.memberships, before, born),
    )


def _first_begun(stays: tuple[_Stay, ...], before: date, born: date) -> tuple[_Stay, ...]:
    """The stays of one layer, with the first begun at birth; none is left of it if it ended before that."""
    if not stays or stays[0].since != before:
        return stays
    first = replace(stays[0], since=born)
    return (first, *stays[1:]) if first.until is None or first.until > born else stays[1:]


def _former_names(life: Life, name: PersonName | None, other_name: str | None) -> tuple[FormerName, ...]:
    names = list(life.former_names)
    if life.name and name and name.full != life.name.full:
        names.append(FormerName(life.name.full, other=False))
    if other_name and other_name != life.other_name:
        names.append(FormerName(other_name, other=True))
    return tuple(names)


def _with_identifiers(before: tuple[Identifier, ...], given: Iterable[IdentifierGiven]) -> tuple[Identifier, ...]:
    numbers = {(i.scheme, i.value): i for i in before}
    for one in given:
        numbers[one.scheme, one.value] = Identifier(one.scheme, one.value, one.since, one.until)
    return tuple(numbers.values())


def _renumbered(before: tuple[Identifier, ...], event: Event) -> tuple[Identifier, ...]:
    """Establish a personal number; the one before is cancelled on that day and kept."""
    return _with_identifiers(_number_cancelled(before, event.valid_on.earliest), event.payload.identifiers)


def _number_cancelled(before: tuple[Identifier, ...], day: date) -> tuple[Identifier, ...]:
    """Cancel the personal number in force; it is kept, and never given again."""
    return tuple(
        replace(i, cancelled=True, until=day) if i.scheme is IdentifierScheme.PERSONAL_NUMBER and not i.cancelled else i
        for i in before
    )


def _died(life: Life, day: PartialDate) -> Life:
    """End residence, household, marriages and ties of the dead on the first day on which it can have been.

    Who was declared dead by a court stays so.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 34; Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm a.
    """
    first = day.earliest
    return replace(
        life,
        died=day,
        status=PersonStatus.DECLARED_DEAD if life.status is PersonStatus.DECLARED_DEAD else PersonStatus.DEAD,
        residences=ended(life.residences, first),
        absences=abodes.absences_ended(life.absences, first),
        memberships=standing.memberships_ended(life.memberships, first),
        marriages=tuple(replace(m, until=day) if m.until is None else m for m in life.marriages),
        ties=family.ties_ended_by_death(life.ties, day),
    )
