"""Acts in the order in which they became certain: what derived parts will read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from dancu.register.kinds import EventKind
from dancu.register.store import SQL


@dataclass(frozen=True)
class FeedAct:
    """One act, thin: who reads the feed asks for the persons if it may.

    Args:
        position: of its transaction; acts of one transaction share it.
        persons: how many persons have an event in it.
    """

    position: int
    act_id: int
    kind: EventKind
    known_at: datetime
    persons: int


def tail(connection: psycopg.Connection[Any], *, after: int = 0, most: int = 100) -> list[FeedAct]:
    """List acts whose transactions are certain to have none before them that is still open.

    Args:
        after: position of the last act that is known; 0 begins at the first.
        most: 1 to 1000.
    """
    rows = connection.execute(SQL.feed_tail.encode(), {"after": str(after), "most": most}).fetchall()
    return [
        FeedAct(int(txid), act_id, EventKind(kind), known_at, persons) for txid, act_id, kind, known_at, persons in rows
    ]
