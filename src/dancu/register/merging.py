"""Records that turned out to be of one person: which one carries on, and what it absorbs.

Events stay in the ledger of the record under which they were filed. Of a merge and its undoing each of the two ledgers
has an event; while it stands, the life of the survivor is told by both ledgers, and the merged record is a shell that
leads to it. What is filed under a merged record is marked in the ledger of the survivor, whose life it changes.
So an undone merge leaves two ledgers that tell what they would have told without it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec import structs

from dancu.register.kinds import EventKind
from dancu.register.ledger import Event, annulled
from dancu.register.payloads import Kin, Payload

MERGES = frozenset({EventKind.RECORD_MERGED, EventKind.RECORD_UNMERGED})
MARKS = MERGES | {EventKind.FILED_UNDER_MERGED_RECORD}
"""Kinds that tell nothing of the person, only of the record."""

Ledgers = Mapping[int, Sequence[Event]]
"""Ledgers of other records, by person id."""
NO_LEDGERS: Ledgers = {}


class LedgerMissing(LookupError):
    """The ledger of an absorbed record is needed to tell the life of the survivor: a mistake in the program."""


@dataclass(frozen=True)
class Merge:
    """A merge that stands.

    Args:
        record: the other record: in the survivor's ledger the absorbed one, in the merged one's the survivor.
        since: the day of the act.
        known_at: when it was recorded.
        seq: of its event in this ledger.
    """

    record: int
    since: date
    known_at: datetime
    seq: int


def concerns(events: Iterable[Event]) -> bool:
    """Tell whether a ledger was ever part of a merge."""
    return any(event.kind in MARKS for event in events)


def absorbed(events: Sequence[Event]) -> tuple[Merge, ...]:
    """Return the merges into this record that stand, in the order in which they were made."""
    return tuple(_standing(events, into_it=True).values())


def ever_absorbed(events: Iterable[Event]) -> set[int]:
    """Return the records that were ever merged into this one: what was known before needs their ledgers."""
    return {event.payload.absorbs for event in events if event.payload.absorbs is not None}


def merged_into(events: Sequence[Event]) -> Merge | None:
    """Return the merge of this record into another, if it stands."""
    return next(iter(_standing(events, into_it=False).values()), None)


def _standing(events: Sequence[Event], *, into_it: bool) -> dict[int, Merge]:
    fallen = annulled(events)
    found: dict[int, Merge] = {}
    for event in events:
        other = event.payload.absorbs if into_it else event.payload.merged_into
        if event.kind not in MERGES or other is None or event.seq in fallen:
            continue
        if event.kind is EventKind.RECORD_MERGED:
            found[other] = Merge(other, event.valid_on.earliest, event.known_at, event.seq)
        else:
            found.pop(other, None)
    return found


def all_absorbed(events: Sequence[Event], ledgers: Ledgers) -> list[tuple[Merge, Sequence[Event]]]:
    """Return everything that a record absorbed, with the ledgers: what those absorbed before comes before them.

    Raises:
        LedgerMissing: one of the ledgers is not there.
    """
    found: list[tuple[Merge, Sequence[Event]]] = []
    for merge in absorbed(events):
        if merge.record not in ledgers:
            raise LedgerMissing("the ledger of an absorbed record was not read")
        other = ledgers[merge.record]
        found += [*all_absorbed(other, ledgers), (merge, other)]
    return found


def known_by(moment: datetime | None, ledgers: Ledgers) -> Ledgers:
    """Leave out what was recorded after a moment."""
    if moment is None:
        return ledgers
    return {record: [event for event in events if event.known_at <= moment] for record, events in ledgers.items()}


def named_as_known(told: Payload, before: Iterable[Event], records: Iterable[frozenset[int]]) -> tuple[Payload, ...]:
    """Name spouses and others in an event as the ledger named them before, if that was by another record of theirs.

    A ledger that named one person by two records gets an event for each.

    Args:
        before: the ledger to which the event will be added.
        records: of each person with several, all records.
    """
    named = {one for event in before for one in _others(event.payload)}
    spoken_of = _others(told)
    for of_one in records:
        for one in spoken_of & of_one:
            known = sorted(named & of_one)
            if known and known != [one]:
                return tuple(_renamed(told, one, other) for other in known)
    return (told,)


def _others(told: Payload) -> set[int]:
    kin = [tie.other for tie in told.ties] + ([told.marriage.spouse] if told.marriage else [])
    return {one.person_id for one in kin if one.person_id is not None}


def _renamed(told: Payload, one: int, other: int) -> Payload:
    def kin(named: Kin) -> Kin:
        return structs.replace(named, person_id=other) if named.person_id == one else named

    marriage = told.marriage and structs.replace(told.marriage, spouse=kin(told.marriage.spouse))
    ties = tuple(structs.replace(tie, other=kin(tie.other)) for tie in told.ties)
    return structs.replace(told, marriage=marriage, ties=ties)
