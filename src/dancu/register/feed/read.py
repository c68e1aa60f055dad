"""Reading the feed: pages of entries, and acts of many unfolded into the events that they stand for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.register.kinds import EventKind

SQL = Queries("dancu.register.feed")

PAGE = 1_000
"""How many entries or events a page has at most."""


@dataclass(frozen=True, order=True)
class Place:
    """How far somebody has read.

    Args:
        sequence: the last entry that was read to its end.
        within: how many persons of the entry after it were read; not 0 only inside an act of many.
    """

    sequence: int = 0
    within: int = 0


@dataclass(frozen=True)
class Entry:
    """One entry of the feed: an event of a person, or a whole act of many persons.

    Args:
        kind: None where the outbox named an act that is not there, which `dancu verify` tells.
        person_id: None: the entry stands for all events of its act.
        seq: number of the event in the person's ledger; None with a whole act.
        survivor_id: of a merged record, the record that goes on.
        persons: for how many persons it stands.
    """

    sequence: int
    act_id: int
    kind: EventKind | None
    known_at: datetime
    person_id: int | None
    seq: int | None
    survivor_id: int | None
    persons: int


@dataclass(frozen=True)
class Happened:
    """One event of one person, thin: who may know more asks the register.

    Args:
        at: what to remember when this event was taken; where the next page begins.
    """

    at: Place
    act_id: int
    kind: EventKind
    known_at: datetime
    person_id: int
    seq: int
    survivor_id: int | None


@dataclass(frozen=True)
class Standing:
    """How far the feed is.

    Args:
        sequence: its last number.
        waiting: acts that are certain and not yet in it.
        waiting_since: when the first of those was recorded.
    """

    sequence: int
    waiting: int
    waiting_since: datetime | None


def head(connection: psycopg.Connection[Any]) -> int:
    """Return the last number of the feed; 0 while it is empty."""
    row = connection.execute(SQL.head.encode()).fetchone()
    return int(row[0]) if row else 0


def standing(connection: psycopg.Connection[Any]) -> Standing:
    """Tell how far the feed is, and what waits to be in it."""
    row = connection.execute(SQL.pending.encode()).fetchone()
    return Standing(head(connection), row[0] if row else 0, row[1] if row else None)


def page(connection: psycopg.Connection[Any], *, after: int, most: int = PAGE) -> list[Entry]:
    """List the entries after a number.

    Args:
        after: last number that is known; 0 begins at the first.
        most: 1 to 1000.
    """
    rows = connection.execute(SQL.page.encode(), {"after": after, "most": min(most, PAGE)}).fetchall()
    return [Entry(row[0], row[1], EventKind(row[2]) if row[2] else None, *row[3:]) for row in rows]


def events_after(connection: psycopg.Connection[Any], at: Place, *, most: int = PAGE) -> tuple[list[Happened], Place]:
    """List the events after a place, acts of many unfolded, and tell where the next page begins.

    Args:
        most: how many; an entry or a person is never cut, so there may be a few more.

    Returns:
        no events and the same place at the end of the feed. A page may have no events and another place, where the
        entries stand for none.
    """
    found: list[Happened] = []
    if at.within:
        entries = page(connection, after=at.sequence, most=1)
    else:
        entries = page(connection, after=at.sequence, most=most)
    for entry in entries:
        if entry.person_id is not None:
            found += _single(entry)
            at = Place(entry.sequence)
        elif found:
            break  # an act of many begins a page of its own
        else:
            return _of_many(connection, entry, at.within, most)
    return found, at


def _single(entry: Entry) -> Iterator[Happened]:
    if entry.kind is not None and entry.person_id is not None and entry.seq is not None:
        yield Happened(
            Place(entry.sequence),
            entry.act_id,
            entry.kind,
            entry.known_at,
            entry.person_id,
            entry.seq,
            entry.survivor_id,
        )


def _of_many(connection: psycopg.Connection[Any], entry: Entry, after: int, most: int) -> tuple[list[Happened], Place]:
    done = after + most >= entry.persons
    at = Place(entry.sequence) if done else Place(entry.sequence - 1, after + most)
    asked = {"act_id": entry.act_id, "after": after, "most": most}
    rows = connection.execute(SQL.events_of_act.encode(), asked).fetchall()
    return [
        Happened(at, entry.act_id, EventKind(kind), entry.known_at, person_id, seq, None)
        for _, person_id, seq, kind in rows
    ], at
