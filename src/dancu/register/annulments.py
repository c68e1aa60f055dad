"""Annulling: an act that binds two persons falls, or stands again, as a whole."""

from collections.abc import Sequence

from dancu.kernel.errors import Conflict, FieldFault, Invalid
from dancu.register.act import Decided, NewEvent
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event
from dancu.register.model import annulled
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
        NeededByLaterActs: it established somebody whose marriage or death is registered.
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
    return found


def bound_with(events: Sequence[Event], one: Event) -> frozenset[int]:
    """Return the persons in whose ledgers the act of an event may stand, too: whoever was ever named as spouse."""
    if one.kind not in _BINDS_TWO:
        return frozenset()
    named = (event.payload.marriage.spouse.person_id for event in events if event.payload.marriage)
    return frozenset(person_id for person_id in named if person_id is not None) - {one.person_id}


def shares(history: History, one: Event) -> bool:
    """Tell whether a ledger has an event of the same act."""
    return any(event.act_id == one.act_id for event in history.events)


def annulment(one: Event, histories: dict[int, History], reason: str) -> Decided:
    """Decide what annulling an event changes: its ledger, and those that the same act bound to it.

    Of an act of one ledger, only the event itself falls.
    """
    falls = [one]
    if one.kind in _BINDS_TWO:
        others = (event for history in histories.values() for event in history.events if event.act_id == one.act_id)
        falls += [event for event in others if (event.person_id, event.seq) != (one.person_id, one.seq)]
    events = tuple(
        NewEvent(event.person_id, EventKind.EVENT_ANNULLED, event.valid_on, Payload(annuls=event.seq, reason=reason))
        for event in falls
    )
    return Decided(EventKind.EVENT_ANNULLED, one.valid_on, events)
