"""Annulling: an act that binds two persons falls, or stands again, as a whole."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dancu.kernel.codes import PersonStatus, TieEnd
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict, FieldFault, Invalid
from dancu.register import merging
from dancu.register.act import Decided, EndedClock, NewEvent
from dancu.register.decisions.civil import bereaved
from dancu.register.decisions.records import WITHOUT_NUMBER
from dancu.register.decisions.status import NO_RESIDENCE_AFTER_RETURN
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event
from dancu.register.model import Life, annulled, fold, of_record
from dancu.register.payloads import Payload
from dancu.register.standing import SPOUSE_RETURNED
from dancu.register.store import History
from dancu.register.ties import (
    GUARDIANSHIP_UNTIL_MAJORITY,
    REPRESENTATION_UNTIL_MAJORITY,
    WARD_WITHOUT_GUARDIAN,
)

_DEATHS = frozenset({EventKind.DEATH_REGISTERED, EventKind.DEATH_DECLARED})
_TIES = frozenset(
    {
        EventKind.GUARDIANSHIP_ESTABLISHED,
        EventKind.GUARDIANSHIP_ENDED,
        EventKind.REPRESENTATION_ESTABLISHED,
        EventKind.REPRESENTATION_ENDED,
    }
)
_MARRIAGES = frozenset(
    {
        EventKind.MARRIAGE_REGISTERED,
        EventKind.SPOUSE_DIED,
        EventKind.DIVORCED,
        EventKind.MARRIAGE_ANNULLED,
        EventKind.DECLARED_DEATH_REVERSED,
    }
)
_CIVIL_STATUS = _MARRIAGES | _DEATHS | _TIES
_BINDS_TWO = _CIVIL_STATUS | {EventKind.EVENT_ANNULLED, EventKind.ADOPTED, EventKind.LEGAL_CAPACITY_CHANGED}
_BINDS_HOUSEHOLD = frozenset({EventKind.HOUSEHOLD_SPLIT, EventKind.HOUSEHOLDS_MERGED, EventKind.HOUSEHOLD_HEAD_CHANGED})


class AlreadyAnnulled(Conflict):
    """The event was annulled before."""


class UndoneOtherwise(Conflict):
    """A merge of records is undone by an act of its own, and not annulled."""


class NeededByLaterActs(Conflict):
    """Acts of civil status rest on the event; they must be annulled first."""


def target(events: Sequence[Event], seq: int) -> Event:
    """Return the event that is to be annulled.

    Raises:
        AlreadyAnnulled: it was before.
        NeededByLaterActs: it established somebody whose marriage or death is registered,
            or annulled the establishment of somebody who was established again.
        UndoneOtherwise: it merged records, or undid that.
        Invalid: there is no such event.
    """
    fallen = annulled(events)
    if seq in fallen:
        raise AlreadyAnnulled("This event was annulled before")
    found = next((event for event in events if event.seq == seq), None)
    if found is None:
        raise Invalid((FieldFault("/seq", "There is no such event"),))
    if found.kind in merging.MARKS:
        raise UndoneOtherwise("A merge of records is undone by an act of its own")
    rests = (event for event in events if event.kind in _CIVIL_STATUS and event.act_id != found.act_id)
    if found.kind in GENESIS and any(event.seq not in fallen for event in rests):
        raise NeededByLaterActs("Annul the marriage or the death of this person first")
    after = annulled((*events, _fall(found)))
    genesis = [event.seq for event in events if event.kind in GENESIS and event.seq not in after]
    merged = merging.absorbed(events) or merging.merged_into(events)
    if merged and genesis != [event.seq for event in events if event.kind in GENESIS and event.seq not in fallen]:
        raise NeededByLaterActs("Undo the merge of this record first")
    if len(genesis) > 1:
        raise NeededByLaterActs("This person was established again; annul that first")
    return found


def _fall(one: Event) -> Event:
    """The event that annuls another one, as the next of its ledger."""
    return replace(one, seq=sys.maxsize, kind=EventKind.EVENT_ANNULLED, payload=Payload(annuls=one.seq))


def tied_to(events: Sequence[Event]) -> frozenset[int]:
    """Return whoever was ever named in a ledger as spouse, or by a guardianship or representation."""
    spouses = (event.payload.marriage.spouse.person_id for event in events if event.payload.marriage)
    others = (tie.other.person_id for event in events for tie in event.payload.ties)
    return frozenset(person_id for person_id in (*spouses, *others) if person_id is not None)


def binds_two(one: Event) -> bool:
    """Tell whether the act of an event may stand in other ledgers, too: of spouses, or of a household."""
    return one.kind in _BINDS_TWO or one.kind in _BINDS_HOUSEHOLD


def shares(history: History, one: Event) -> bool:
    """Tell whether a ledger has an event of the same act."""
    return any(event.act_id == one.act_id for event in history.events)


def annulment(one: Event, histories: Mapping[int, History], reason: str) -> Decided:
    """Decide what annulling an event changes: its ledger, and those that the same act bound to it.

    Of an act of one ledger, only the event itself falls. What ended a marriage or a guardianship by a death falls when
    the other one has not died so; and what stands again has ended if the other one has died.

    Args:
        histories: of the person, and of whoever is bound and whoever they ever named as spouse or by a tie.

    Raises:
        NeededByLaterActs: somebody would have died twice, or married after the own death; or a court took a
            declaration of death back on the ground of what falls.
    """
    of_act = _of_one_act(one, histories)
    if any(_reversed_later(event, histories) for event in of_act):
        raise NeededByLaterActs("Annul the reversal of the declared death first")
    new = [_fallen(event, reason) for event in of_act]
    new += [_fallen(event, reason) for event in _mistaken_ends(histories, _lives_with(histories, new), new)]
    lives = _lives_with(histories, new)
    if _dies_twice(histories, new) or any(
        _married_dead(life) and not _married_dead(histories[person_id].life) for person_id, life in lives.items()
    ):
        raise NeededByLaterActs("Annul the marriage or the death of this person first")
    ended = tuple(clock for event in of_act for clock in _clocks_of(event))
    return Decided(EventKind.EVENT_ANNULLED, one.valid_on, (*new, *bereaved(lives)), ended_clocks=ended)


def _clocks_of(fallen: Event) -> Iterator[EndedClock]:
    """The clocks that have nothing to run for when an event falls."""
    match fallen.kind:
        case EventKind.PERSONAL_NUMBER_CANCELLED:
            yield EndedClock(WITHOUT_NUMBER, fallen.person_id)
        case EventKind.GUARDIANSHIP_ESTABLISHED:
            yield EndedClock(GUARDIANSHIP_UNTIL_MAJORITY, fallen.person_id)
        case EventKind.REPRESENTATION_ESTABLISHED:
            yield EndedClock(REPRESENTATION_UNTIL_MAJORITY, fallen.person_id)
        case EventKind.GUARDIANSHIP_ENDED:
            yield EndedClock(WARD_WITHOUT_GUARDIAN, fallen.person_id)
        case EventKind.DECLARED_DEATH_REVERSED | EventKind.DECLARED_MISSING_REVERSED:
            yield EndedClock(NO_RESIDENCE_AFTER_RETURN, fallen.person_id)


def _reversed_later(event: Event, histories: Mapping[int, History]) -> bool:
    """Tell whether a later reversal of a declared death rests on an event."""
    if event.kind not in _BINDS_TWO or event.kind in _TIES:
        return False
    reversals = _standing(histories[event.person_id].events, EventKind.DECLARED_DEATH_REVERSED)
    return any(one.seq > event.seq and one.act_id != event.act_id for one in reversals)


def _fallen(event: Event, reason: str) -> NewEvent:
    told = Payload(annuls=event.seq, reason=reason)
    return NewEvent(event.person_id, EventKind.EVENT_ANNULLED, event.valid_on, told)


def _of_one_act(one: Event, histories: Mapping[int, History]) -> list[Event]:
    """List what falls with an event.

    A birth takes along the death that the same act tells of a child who lived a day; the death alone does not.
    """
    if not binds_two(one) and one.kind not in GENESIS:
        return [one]
    reach = {one.person_id: histories[one.person_id]} if one.kind in GENESIS else histories
    events = (event for history in reach.values() for event in history.events)
    of_act = (event for event in events if event.act_id == one.act_id and event.kind not in merging.MARKS | GENESIS)
    return [one, *(event for event in of_act if event != one)]


def _mistaken_ends(
    histories: Mapping[int, History], lives: Mapping[int, Life], new: Sequence[NewEvent]
) -> Iterator[Event]:
    """Find what still ends a marriage or a tie by a death of the other that fell, or that is told otherwise."""
    ledgers = _ledgers_with(histories, new)
    deaths = {ledger[0].person_id: _days_of_death(ledger) for ledger in ledgers}
    for ledger in ledgers:
        fallen = annulled(ledger)
        for event in ledger:
            other_id = _bereaved_of(event)
            if other_id is None or event.seq in fallen:
                continue
            other = lives.get(other_id)
            days = {other.died, *deaths.get(other_id, ())} if other else set()
            if other and other.status is not PersonStatus.ANNULLED and event.valid_on not in days:
                yield event


def _bereaved_of(event: Event) -> int | None:
    """The record of the one whose death an event tells to have ended a marriage or a tie."""
    told = event.payload
    if event.kind is EventKind.SPOUSE_DIED and told.marriage:
        return told.marriage.spouse.person_id
    by_death = (tie.other.person_id for tie in told.ties if tie.ended_by is TieEnd.DIED)
    return next(by_death, None) if event.kind in _TIES else None


def _days_of_death(ledger: Sequence[Event]) -> set[PartialDate]:
    """The days on which somebody died, or was declared to have died even if that was taken back."""
    return {event.valid_on for kind in _DEATHS for event in _standing(ledger, kind)}


def _dies_twice(histories: Mapping[int, History], new: Sequence[NewEvent]) -> bool:
    return any(_died_once_too_often(ledger) for ledger in _ledgers_with(histories, new))


def _died_once_too_often(ledger: Sequence[Event]) -> bool:
    declared = len(_standing(ledger, EventKind.DEATH_DECLARED))
    registered = len(_standing(ledger, EventKind.DEATH_REGISTERED))
    reversals = _standing(ledger, EventKind.DECLARED_DEATH_REVERSED)
    returned = sum(event.payload.reason != SPOUSE_RETURNED for event in reversals)
    return registered + declared - returned > 1 or returned > declared


def _married_dead(life: Life | None) -> bool:
    if life is None or life.died is None:
        return False
    died = life.died.latest
    begun = [m.restored or m.since for m in life.marriages] + [tie.since for tie in life.ties]
    return any(since is not None and since.earliest > died for since in begun)


def _standing(ledger: Sequence[Event], kind: EventKind) -> list[Event]:
    fallen = annulled(ledger)
    return [event for event in ledger if event.kind is kind and event.seq not in fallen]


def _lives_with(histories: Mapping[int, History], new: Sequence[NewEvent]) -> dict[int, Life]:
    """The lives that ledgers would tell with new events at their ends."""
    ledgers: dict[int, Sequence[Event]] = {}
    for history in histories.values():
        survivor = history.survivor
        ledgers |= {**history.ledgers, **(survivor.ledgers if survivor else {})}
        ledgers |= {survivor.events[0].person_id: survivor.events} if survivor else {}
    ledgers |= {ledger[0].person_id: ledger for ledger in _ledgers_with(histories, new)}
    lives: dict[int, Life] = {}
    for person_id, history in histories.items():
        of = history.survivor.events[0].person_id if history.survivor else person_id
        if life := fold(ledgers[of], ledgers=ledgers):
            lives[person_id] = of_record(life, person_id) if history.survivor else life
    return lives


def _ledgers_with(histories: Mapping[int, History], new: Sequence[NewEvent]) -> list[list[Event]]:
    return [
        _with_new(history.events, [one for one in new if one.person_id == person_id])
        for person_id, history in histories.items()
    ]


def _with_new(events: Sequence[Event], new: Sequence[NewEvent]) -> list[Event]:
    last = events[-1]
    return [
        *events,
        *(
            Event(last.person_id, seq, one.kind, one.valid_on, last.known_at, last.act_id, one.payload)
            for seq, one in enumerate(new, start=last.seq + 1)
        ),
    ]
