"""Annulling: an act that binds two persons falls, or stands again, as a whole."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dancu.kernel.errors import Conflict, FieldFault, Invalid
from dancu.register.act import Decided, NewEvent
from dancu.register.decisions import widowed
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event
from dancu.register.model import Life, annulled, fold
from dancu.register.payloads import Payload
from dancu.register.store import History

_CIVIL_STATUS = frozenset({EventKind.MARRIAGE_REGISTERED, EventKind.SPOUSE_DIED, EventKind.DEATH_REGISTERED})
_BINDS_TWO = _CIVIL_STATUS | {EventKind.EVENT_ANNULLED}


class AlreadyAnnulled(Conflict):
    """The event was annulled before."""


class NeededByLaterActs(Conflict):
    """Acts of civil status rest on the event; they must be annulled first."""


def target(events: Sequence[Event], seq: int) -> Event:
    """Return the event that is to be annulled.

    Raises:
        AlreadyAnnulled: it was before.
        NeededByLaterActs: it established somebody whose marriage or death is registered,
            or annulled the establishment of somebody who was established again.
        Invalid: there is no such event.
    """
    fallen = annulled(events)
    if seq in fallen:
        raise AlreadyAnnulled("This event was annulled before")
    found = next((event for event in events if event.seq == seq), None)
    if found is None:
        raise Invalid((FieldFault("/seq", "There is no such event"),))
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
    """Tell whether the act of an event may stand in the ledgers of spouses, too."""
    return one.kind in _BINDS_TWO


def shares(history: History, one: Event) -> bool:
    """Tell whether a ledger has an event of the same act."""
    return any(event.act_id == one.act_id for event in history.events)


def annulment(one: Event, histories: Mapping[int, History], reason: str) -> Decided:
    """Decide what annulling an event changes: its ledger, and those that the same act bound to it.

    Of an act of one ledger, only the event itself falls. With a death falls whatever widowed somebody of it; and
    a death or a marriage that stands again widows whoever is still told as married to the dead.

    Args:
        histories: of the person, and of whoever is bound and whoever they ever named as spouse.
    """
    falls = tuple(
        NewEvent(event.person_id, EventKind.EVENT_ANNULLED, event.valid_on, Payload(annuls=event.seq, reason=reason))
        for event in _falling(one, histories)
    )
    after = {person_id: _life_with(history.events, falls) for person_id, history in histories.items()}
    lives = {person_id: life for person_id, life in after.items() if life is not None}
    return Decided(EventKind.EVENT_ANNULLED, one.valid_on, (*falls, *widowed(lives)))


def _falling(one: Event, histories: Mapping[int, History]) -> list[Event]:
    falls = [one]
    if not binds_two(one):
        return falls
    events = [event for history in histories.values() for event in history.events]
    falls += [event for event in events if event.act_id == one.act_id and event != one]
    dead = {event.person_id for event in falls if event.kind is EventKind.DEATH_REGISTERED}
    falls += [
        event
        for history in histories.values()
        for event in history.events
        if event.kind is EventKind.SPOUSE_DIED
        and event.payload.marriage
        and event.payload.marriage.spouse.person_id in dead
        and event not in falls
        and event.seq not in annulled(history.events)
    ]
    return falls


def _life_with(events: Sequence[Event], new: Sequence[NewEvent]) -> Life | None:
    """The life that a ledger would tell with new events at its end."""
    last = events[-1]
    own = [one for one in new if one.person_id == last.person_id]
    return fold(
        (
            *events,
            *(
                Event(last.person_id, seq, one.kind, one.valid_on, last.known_at, last.act_id, one.payload)
                for seq, one in enumerate(own, start=last.seq + 1)
            ),
        )
    )
