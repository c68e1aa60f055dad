"""One life against its stored rows: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dancu.kernel.codes import IdentifierScheme
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError
from dancu.register import payloads
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event, chain_hash
from dancu.register.merging import LedgerMissing, Ledgers
from dancu.register.model import Identifier, Membership, Residence, UnsupportedKind, fold
from dancu.register.projection import NO_ROWS, Locate, Rows, rows_of


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the events say.

    Args:
        what: in English; a column's name where one differs. No personal data.
        person_id: internal id of the person, or of the household where the table is `household`.
    """

    table: str
    what: str
    person_id: int | None = None


@dataclass(frozen=True)
class Stored:
    """The rows of one person as they are stored.

    Args:
        ledgers: of the records that this one ever absorbed.
    """

    person_id: int
    person: dict[str, Any] | None
    events: Sequence[Sequence[Any]]
    identifiers: Sequence[Sequence[Any]]
    residences: Sequence[Sequence[Any]]
    memberships: Sequence[Sequence[Any]]
    former_names: Sequence[Sequence[Any]]
    ledgers: Ledgers = field(default_factory=dict, kw_only=True)


def differences(stored: Stored, locate: Locate) -> list[Difference]:
    """List in what the stored rows of a person differ from what the events tell."""
    person_id = stored.person_id
    found = [Difference("event", what, person_id) for what in _chain(stored.events)]
    if not stored.events:
        return [*found, Difference("event", "there are rows of a person without any event", person_id)]
    try:
        events = [_event(row) for row in stored.events]
        told, stays, members = _replayed(events, stored.ledgers, locate)
    except (DancuError, msgspec.MsgspecError, UnsupportedKind, LedgerMissing, ValueError):
        return [*found, Difference("event", "an event can't be read", person_id)]
    found += [Difference("person", what, person_id) for what in _person(stored.person, told.person)]
    if _identifiers(stored.identifiers) != told.identifiers:
        found.append(Difference("identifier", "the numbers are not those of the events", person_id))
    if sorted(map(str, stored.residences)) != sorted(map(str, stays)):
        found.append(Difference("residence", "the stays are not those of the events", person_id))
    if sorted(map(str, stored.memberships)) != sorted(map(str, members)):
        found.append(Difference("membership", "the memberships are not those of the events", person_id))
    born = told.person.get("born")
    names = [(person_id, i, key, other, born) for i, (key, other) in enumerate(told.former_names, start=1)]
    if sorted(map(tuple, stored.former_names)) != names:
        found.append(Difference("former_name", "the former names are not those of the events", person_id))
    return found


def _chain(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Recompute the chain; what is wrong is told once, since all that follows is wrong with it."""
    head = b""
    for expected, (person_id, seq, kind, valid_on, known_at, act_id, payload, digest) in enumerate(rows, start=1):
        if seq != expected:
            return ["an event is missing, or stands twice"]
        head = chain_hash(
            head,
            person_id=person_id,
            seq=seq,
            kind=kind,
            valid_on=valid_on,
            known_at=known_at,
            act_id=act_id,
            payload=payloads.canonical(payload),
        )
        if head != bytes(digest):
            return [f"event {seq} is not what was written"]
    return []


def _event(row: Sequence[Any]) -> Event:
    person_id, seq, kind, valid_on, known_at, act_id, payload, _ = row
    return Event(person_id, seq, EventKind(kind), PartialDate(valid_on), known_at, act_id, payloads.decode(payload))


Row = tuple[Any, ...]


def _replayed(events: Sequence[Event], ledgers: Ledgers, locate: Locate) -> tuple[Rows, list[Row], list[Row]]:
    """The rows after the last event, and all stays and memberships ever known, each with when it was."""
    rows, stays, members = NO_ROWS, list[_Known](), list[_Known]()
    for count, event in enumerate(events, start=1):
        if count < len(events) and events[count].act_id == event.act_id:
            continue  # the events of one act are written together
        life = fold(events[:count], as_known_at=event.known_at, ledgers=ledgers)
        if life is None:
            raise ValueError("the first event establishes nobody")
        after = rows_of(life, locate)
        _succeed(stays, rows.residences, after.residences, event, _stay)
        _succeed(members, rows.memberships, after.memberships, event, _member)
        rows = after
    return rows, [known.row for known in stays], [known.row for known in members]


@dataclass
class _Known:
    """A value, and its row with when it was known."""

    value: Residence | Membership
    row: Row


Values = frozenset[Residence] | frozenset[Membership]


def _succeed(known: list[_Known], before: Values, after: Values, event: Event, row: Callable[[Any], Row]) -> None:
    for gone in before - after:
        last = next(one for one in known if one.value == gone and one.row[-1] is None)
        last.row = (*last.row[:-1], event.known_at)
    known += [_Known(come, (event.person_id, *row(come), event.known_at, None)) for come in after - before]


def _stay(stay: Residence) -> Row:
    return (int(stay.kind), stay.unit, stay.detail, stay.unit_day, stay.since, stay.until)


def _member(member: Membership) -> Row:
    return (member.household_id, int(member.relation), member.since, member.until)


def _person(stored: dict[str, Any] | None, told: dict[str, object]) -> list[str]:
    if stored is None:
        return ["the person is missing"]
    return [f"{column} is not what the events tell" for column in told if stored[column] != told[column]]


def _identifiers(rows: Iterable[Sequence[Any]]) -> frozenset[Identifier]:
    return frozenset(
        Identifier(IdentifierScheme(scheme), value, since, until, cancelled)
        for _, scheme, value, since, until, cancelled in rows
    )
