"""Annulling: an act that binds two persons falls, or stands again, as a whole."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from dancu.kernel.codes import PersonStatus
from dancu.kernel.errors import Conflict, FieldFault, Invalid
from dancu.register import merging
from dancu.register.act import Decided, EndedClock, NewEvent
from dancu.register.decisions import bereaved
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event
from dancu.register.model import Life, annulled, fold
from dancu.register.payloads import Payload
from dancu.register.record_acts import WITHOUT_NUMBER
from dancu.register.store import History

_CIVIL_STATUS = frozenset({EventKind.MARRIAGE_REGISTERED, EventKind.SPOUSE_DIED, EventKind.DEATH_REGISTERED})
_BINDS_TWO = _CIVIL_STATUS | {EventKind.EVENT_ANNULLED}
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
    if found.kind in GENESIS and (merging.absorbed(events) or merging.merged_into(events)):
        raise NeededByLaterActs("Undo the merge of this record first")
    if found.kind in GENESIS and any(event.kind in _CIVIL_STATUS and event.seq not in fallen for event in events):
        raise NeededByLaterActs("Annul the marriage or the death of this person first")
    after = annulled((*events, _fall(found)))
    if sum(event.kind in GENESIS and event.seq not in after for event in events) > 1:
        raise NeededByLaterActs("This person was established again; annul that first")
    return found


def _fall(one: Event) -> Event:
    """The event that annuls another one, as the next of its ledger."""
    return replace(one, seq=sys.maxsize, kind=EventKind.EVENT_ANNULLED, payload=Payload(annuls=one.seq))


def spouses_named(events: Sequence[Event]) -> frozenset[int]:
    """Return whoever was ever named as spouse in a ledger."""
    named = (event.payload.marriage.spouse.person_id for event in events if event.payload.marriage)
    return frozenset(person_id for person_id in named if person_id is not None)


def binds_two(one: Event) -> bool:
    """Tell whether the act of an event may stand in other ledgers, too: of spouses, or of a household."""
    return one.kind in _BINDS_TWO or one.kind in _BINDS_HOUSEHOLD


def shares(history: History, one: Event) -> bool:
    """Tell whether a ledger has an event of the same act."""
    return any(event.act_id == one.act_id for event in history.events)


def annulment(one: Event, histories: Mapping[int, History], reason: str) -> Decided:
    """Decide what annulling an event changes: its ledger, and those that the same act bound to it.

    Of an act of one ledger, only the event itself falls. What ended a marriage falls when the spouse has not died so;
    and a death or a marriage that stands again widows whoever is still told as married to the dead.

    Args:
        histories: of the person, and of whoever is bound and whoever they ever named as spouse.

    Raises:
        NeededByLaterActs: somebody would have died twice, or married after the own death.
    """
    new = [_fallen(event, reason) for event in _of_one_act(one, histories)]
    new += [_fallen(event, reason) for event in _mistaken_ends(histories, _lives_with(histories, new), new)]
    lives = _lives_with(histories, new)
    if _dies_twice(histories, new) or any(
        _married_dead(life) and not _married_dead(histories[person_id].life) for person_id, life in lives.items()
    ):
        raise NeededByLaterActs("Annul the marriage or the death of this person first")
    ended = (EndedClock(WITHOUT_NUMBER, one.person_id),) if one.kind is EventKind.PERSONAL_NUMBER_CANCELLED else ()
    return Decided(EventKind.EVENT_ANNULLED, one.valid_on, (*new, *bereaved(lives)), ended_clocks=ended)


def _fallen(event: Event, reason: str) -> NewEvent:
    told = Payload(annuls=event.seq, reason=reason)
    return NewEvent(event.person_id, EventKind.EVENT_ANNULLED, event.valid_on, told)


def _of_one_act(one: Event, histories: Mapping[int, History]) -> list[Event]:
    if not binds_two(one):
        return [one]
    events = (event for history in histories.values() for event in history.events)
    of_act = (event for event in events if event.act_id == one.act_id and event.kind not in merging.MARKS)
    return [one, *(event for event in of_act if event != one)]


def _mistaken_ends(
    histories: Mapping[int, History], lives: Mapping[int, Life], new: Sequence[NewEvent]
) -> Iterator[Event]:
    """Find what still ends a marriage by a death of the spouse that fell, or that is told otherwise."""
    for ledger in _ledgers_with(histories, new):
        for event in _standing(ledger, EventKind.SPOUSE_DIED):
            spouse = lives.get(event.payload.marriage.spouse.person_id or 0) if event.payload.marriage else None
            if spouse and spouse.status is not PersonStatus.ANNULLED and spouse.died != event.valid_on:
                yield event


def _dies_twice(histories: Mapping[int, History], new: Sequence[NewEvent]) -> bool:
    return any(len(_standing(ledger, EventKind.DEATH_REGISTERED)) > 1 for ledger in _ledgers_with(histories, new))


def _married_dead(life: Life | None) -> bool:
    if life is None or life.died is None:
        return False
    died = life.died.latest
    return any(m.since is not None and m.since.earliest > died for m in life.marriages)


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
            lives[person_id] = structs.replace(life, person_id=person_id)
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
