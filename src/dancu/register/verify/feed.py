"""The feed against the ledgers: whole, in order, each event told once."""

from collections.abc import Iterator
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.register.verify.lives import Difference

SQL = Queries("dancu.register.verify", "feed.sql")


def feed_differences(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    """Yield in what the feed is not what the ledgers tell; acts may wait in the outbox meanwhile.

    Args:
        connection: of a role that may read everything.
    """
    for name, statement in SQL.items():
        about_person = name.startswith("person_")
        for (found,) in connection.execute(statement.encode()).fetchall():
            what = f"not so: {name.replace('_', ' ')}"
            yield Difference(
                "feed", what if about_person or found is None else f"{what} ({found})", found if about_person else None
            )
