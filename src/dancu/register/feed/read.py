"""Reading the feed: pages of entries, and acts of many unfolded into the events that they stand for.

Who reads is told more or less: kinds that give away what the law keeps secret are blurred for whoever doesn't say that
it derives something inside the house. See `Reader`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import psycopg

from dancu.infra.sql import Queries
from dancu.register.kinds import EventKind

SQL = Queries("dancu.register.feed")

PAGE = 1_000
"""How many entries or events a page has at most."""


class Reader(Enum):
    """For whom the feed is read.

    An outsider learns that a record changed, and of some kinds not in which way: an adoption, a protection and their
    ends look like any change or correction of particulars, without the act that ties several records together, and
    with the hour only. Numbers have no gaps, and each event names its person.
    """

    OUTSIDE = "outside"
    """Agencies, operators, and whoever does not say anything else."""
    DERIVED = "derived"
    """Parts of the house that derive something from the register and answer for what leaves them."""


class Blurred(Enum):
    """What stands in place of a kind that an outsider may not tell from others."""

    RECORD_CHANGED = "record_changed"


UNTOLD = frozenset(
    {
        EventKind.ADOPTED,
        EventKind.ADOPTION_ENDED,
        EventKind.PROTECTED,
        EventKind.PROTECTION_ENDED,
        EventKind.PARTICULARS_UPDATED,
        EventKind.PARTICULARS_CORRECTED,
        EventKind.PARTICULARS_CHANGED,
        EventKind.EVENT_ANNULLED,
        EventKind.FILED_UNDER_MERGED_RECORD,
    }
)
"""Kinds that outsiders can't tell from one another: the secret ones, and those that happen all day, to hide among.

Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 11; Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15.
"""


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
        act_id: None where the kind is blurred: it would tell which records changed together.
        kind: None where the outbox named an act that is not there, which `dancu verify` tells.
        person_id: None: the entry stands for all events of its act.
        seq: number of the event in the person's ledger; None with a whole act.
        survivor_id: of a merged record, the record that goes on.
        persons: for how many persons it stands.
    """

    sequence: int
    act_id: int | None
    kind: EventKind | Blurred | None
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
        act_id: None where the kind is blurred.
    """

    at: Place
    act_id: int | None
    kind: EventKind | Blurred
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


def page(
    connection: psycopg.Connection[Any], *, after: int, most: int = PAGE, reader: Reader = Reader.OUTSIDE
) -> list[Entry]:
    """List the entries after a number.

    Args:
        after: last number that is known; 0 begins at the first.
        most: 1 to 1000.
        reader: what they may tell.
    """
    entries = _page(connection, after, most)
    return entries if reader is Reader.DERIVED else [_blurred(one) for one in entries]


def _page(connection: psycopg.Connection[Any], after: int, most: int) -> list[Entry]:
    rows = connection.execute(SQL.page.encode(), {"after": after, "most": min(most, PAGE)}).fetchall()
    return [Entry(row[0], row[1], EventKind(row[2]) if row[2] else None, *row[3:]) for row in rows]


Told = TypeVar("Told", Entry, Happened)


def _blurred(one: Told) -> Told:
    """Return an entry as an outsider may know it."""
    if one.kind not in UNTOLD:
        return one
    hour = one.known_at.replace(minute=0, second=0, microsecond=0)
    return replace(one, act_id=None, kind=Blurred.RECORD_CHANGED, known_at=hour)


def events_after(
    connection: psycopg.Connection[Any], at: Place, *, most: int = PAGE, reader: Reader = Reader.OUTSIDE
) -> tuple[list[Happened], Place]:
    """List the events after a place, acts of many unfolded, and tell where the next page begins.

    Args:
        most: how many; an entry or a person is never cut, so there may be a few more.
        reader: what they may tell.

    Returns:
        no events and the same place at the end of the feed. A page may have no events and another place, where the
        entries stand for none.
    """
    found, to = _events_after(connection, at, most)
    return (found if reader is Reader.DERIVED else [_blurred(one) for one in found]), to


def _events_after(connection: psycopg.Connection[Any], at: Place, most: int) -> tuple[list[Happened], Place]:
    found: list[Happened] = []
    for entry in _page(connection, at.sequence, 1 if at.within else most):
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
