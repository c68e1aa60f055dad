"""Events as they stand in the ledger, and the chain that ties each to the one before."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dancu.kernel.dates import PartialDate
from dancu.register import payloads
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Event:
    """One event of one person.

    Args:
        person_id: internal key of the person.
        seq: 1 for the genesis event, then without gaps.
        kind: what happened.
        valid_on: from when it is true in the world; may be partial.
        known_at: when the register recorded it.
        act_id: the official act that it is part of.
        payload: what it says.
    """

    person_id: int
    seq: int
    kind: EventKind
    valid_on: PartialDate
    known_at: datetime
    act_id: int
    payload: Payload


def micros(moment: datetime) -> int:
    """Count the microseconds since 1970, as PostgreSQL keeps them."""
    return (moment - _EPOCH) // _MICROSECOND


def chain_hash(
    previous: bytes,
    *,
    person_id: int,
    seq: int,
    kind: int,
    valid_on: int,
    known_at: datetime,
    act_id: int,
    payload: bytes,
) -> bytes:
    """Return SHA-256 over the previous hash and the event.

    The event is written as the JSON array
    `[person_id,seq,kind,valid_on,known_at in microseconds,act_id,payload]` without spaces.

    Args:
        previous: 32 bytes, or none for the genesis event.
        payload: the canonical form of `payloads.canonical`.
    """
    head = f"[{person_id},{seq},{kind},{valid_on},{micros(known_at)},{act_id},".encode()
    return hashlib.sha256(previous + head + payload + b"]").digest()


def hash_of(event: Event, previous: bytes) -> bytes:
    """Return the chain hash of an event."""
    return chain_hash(
        previous,
        person_id=event.person_id,
        seq=event.seq,
        kind=event.kind,
        valid_on=event.valid_on.number,
        known_at=event.known_at,
        act_id=event.act_id,
        payload=payloads.encode(event.payload),
    )


def annulled(events: Iterable[Event]) -> frozenset[int]:
    """Return the seq numbers of annulled events; annulling an annulment lets the first event stand again."""
    annulments = [event for event in events if event.kind is EventKind.EVENT_ANNULLED]
    fallen: set[int] = set()
    for event in sorted(annulments, key=lambda e: -e.seq):
        if event.seq not in fallen and event.payload.annuls is not None:
            fallen.add(event.payload.annuls)
    return frozenset(fallen)
