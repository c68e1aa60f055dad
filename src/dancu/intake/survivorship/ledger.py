"""The claims that a ledger holds: what its standing events told, and by whose act."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dancu.infra.keys import KeyRing
from dancu.intake.survivorship.claims import Claim, Document, Field, told_value
from dancu.kernel.time import today
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event, annulled
from dancu.register.merging import Ledgers, absorbed
from dancu.register.sensitive import opened_payload

RECOMPUTED = "dancu-survivorship"
"""Source of the acts that only put in force what follows from claims: they claim nothing themselves."""

_DECISIONS = frozenset(
    {
        EventKind.PARTICULARS_CORRECTED,
        EventKind.PARTICULARS_CHANGED,
        EventKind.NATIONALITY_CHANGED,
        EventKind.PARENT_RECOGNISED,
        EventKind.ADOPTED,
        EventKind.ADOPTION_ENDED,
    }
)


@dataclass(frozen=True)
class ActTold:
    """Of an act, what says on whose word it rests.

    Args:
        document: on what the source's facts rest; of an act without source it follows from the kind of event.
    """

    act_id: int
    source: str | None
    batch_id: int | None
    document: Document = Document.UNDECLARED


def claims_of(events: Sequence[Event], acts: Mapping[int, ActTold], ring: KeyRing) -> list[Claim]:
    """Return what the events of one ledger claim, in the order of the ledger.

    Raises:
        KeyMissing: there are sealed facts, and their key isn't there.
    """
    fallen = annulled(events)
    found: list[Claim] = []
    latest: dict[tuple[str, Field], int] = {}
    for event in events:
        act = acts.get(event.act_id, ActTold(event.act_id, None, None))
        if event.seq in fallen or act.source == RECOMPUTED:
            continue
        payload = opened_payload(event.payload, ring, person_id=event.person_id, seq=event.seq)
        for field in Field:
            value = told_value(payload, field)
            if value is None:
                continue
            before = latest.get((act.source or "", field))
            if act.source and before is not None:
                found[before] = replace(found[before], replaced=True)
            latest[act.source or "", field] = len(found)
            found.append(_claim(event, act, field, value))
    return found


def claims_of_all(events: Sequence[Event], ledgers: Ledgers, acts: Mapping[int, ActTold], ring: KeyRing) -> list[Claim]:
    """Return the claims of a ledger and of those of the records that it absorbed: while the merges stand."""
    found = claims_of(events, acts, ring)
    for record in standing_records(events, ledgers):
        found += claims_of(ledgers[record], acts, ring)
    return found


def standing_records(events: Sequence[Event], ledgers: Ledgers) -> list[int]:
    """Return the records that a ledger has absorbed and holds, those that they absorbed included."""
    found: list[int] = []
    for merge in absorbed(events):
        found += [merge.record, *standing_records(ledgers[merge.record], ledgers)]
    return found


def act_ids(ledgers: Iterable[Sequence[Event]]) -> set[int]:
    """Return the acts that ledgers name."""
    return {event.act_id for events in ledgers for event in events}


def _claim(event: Event, act: ActTold, field: Field, value: object) -> Claim:
    recorded = today(event.known_at)
    told_on: date | None = recorded
    if act.source:
        document = act.document
        valid = event.valid_on.complete
        # The birth in a first event, and the day of recording of an undated list, are no days of a document.
        dated = event.kind is EventKind.PARTICULARS_UPDATED and valid is not None and valid != recorded
        told_on = valid if dated else None
    elif event.kind is EventKind.BIRTH_REGISTERED:
        document = Document.BIRTH_CERTIFICATE
    else:
        document = Document.CIVIL_STATUS_DECISION if event.kind in _DECISIONS else Document.MINISTRY
    return Claim(
        field,
        value,
        act.source or "",
        document,
        event.known_at,
        told_on=told_on,
        batch_id=act.batch_id,
        record=event.payload.source_record,
        act_id=act.act_id,
    )
