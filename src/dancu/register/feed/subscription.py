"""What a part that derives from the register needs: its place in the feed, kept with what it derived.

The place and the derived state change in one transaction, so an event is taken once, whatever breaks.
A subscriber that fell behind, or begins again from an extract as of a number, does the same as one that never did.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import psycopg
from psycopg import sql

from dancu.register.feed.read import PAGE, Happened, Place, Reader, events_after


class Subscriber(Protocol):
    """A part that derives from the register. All three are called in one transaction on its own connection."""

    def place(self, own: psycopg.Connection[Any]) -> Place:
        """Return how far it has read, and lock that, so that two of the same subscriber take turns."""

    def take(self, own: psycopg.Connection[Any], events: Sequence[Happened]) -> None:
        """Take events into its state."""

    def move(self, own: psycopg.Connection[Any], to: Place) -> None:
        """Remember how far it has read."""


def advance(
    feed: psycopg.Connection[Any],
    own: psycopg.Connection[Any],
    subscriber: Subscriber,
    *,
    most: int = PAGE,
    reader: Reader = Reader.OUTSIDE,
) -> bool:
    """Let a subscriber take one page of events, and tell whether there was one.

    Args:
        feed: of a role that may read the feed; it may be `own`.
        own: where the subscriber keeps its state, in autocommit mode.
        most: events of the page.
        reader: a part of the house that needs the plain kinds says so.
    """
    with own.transaction():
        before = subscriber.place(own)
        events, to = events_after(feed, before, most=most, reader=reader)
        if to == before:
            return False
        if events:
            subscriber.take(own, events)
        subscriber.move(own, to)
    return True


def catch_up(
    feed: psycopg.Connection[Any],
    own: psycopg.Connection[Any],
    subscriber: Subscriber,
    *,
    most: int = PAGE,
    reader: Reader = Reader.OUTSIDE,
) -> int:
    """Let a subscriber take all that is in the feed, and return how many pages that were."""
    pages = 0
    while advance(feed, own, subscriber, most=most, reader=reader):
        pages += 1
    return pages


class Pointer:
    """A subscriber's place in a table of its own schema.

    Args:
        table: schema and name; its columns are `subscriber` text (the key), `sequence` bigint and `within` integer.
        subscriber: whose place.
    """

    def __init__(self, table: tuple[str, str], subscriber: str) -> None:
        self._table = sql.Identifier(*table)
        self._key = {"subscriber": subscriber}

    def locked(self, own: psycopg.Connection[Any]) -> Place:
        """Read and lock it.

        Raises:
            LookupError: there is no such subscriber.
        """
        statement = "SELECT p.sequence, p.within FROM {} p WHERE p.subscriber = %(subscriber)s FOR UPDATE"
        row = own.execute(sql.SQL(statement).format(self._table), self._key).fetchone()
        if row is None:
            raise LookupError("the subscriber has no row in its table of places")
        return Place(*row)

    def read(self, own: psycopg.Connection[Any]) -> Place:
        """Read it; the beginning where there is none yet."""
        statement = "SELECT p.sequence, p.within FROM {} p WHERE p.subscriber = %(subscriber)s"
        row = own.execute(sql.SQL(statement).format(self._table), self._key).fetchone()
        return Place(*row) if row else Place()

    def move(self, own: psycopg.Connection[Any], to: Place) -> None:
        """Write it: after taking events, or as of an extract that the subscriber begins with."""
        statement = (
            "INSERT INTO {} (subscriber, sequence, within) VALUES (%(subscriber)s, %(sequence)s, %(within)s)"
            " ON CONFLICT (subscriber) DO UPDATE SET sequence = excluded.sequence, within = excluded.within"
        )
        own.execute(sql.SQL(statement).format(self._table), {**self._key, **vars(to)})
