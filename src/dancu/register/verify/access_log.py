"""Acts against the log of accesses, both ways: no act without its row, and no row of an act that is not there."""

from collections.abc import Iterator
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.register.verify.lives import Difference

SQL = Queries("dancu.register.verify", "access_log.sql")

_BEGINNING = "since"


def unmatched(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    """Yield the acts that the log doesn't tell of, and the rows of the log whose act is not there.

    Only as far back as the log names acts and is kept. Of loads, the log has the batch.

    Args:
        connection: of a role that may read everything.
    """
    row = connection.execute(SQL.since.encode()).fetchone()
    if row is None:
        yield Difference("acts_named", "not so: it is known since when the log names acts")
        return
    for name, statement in SQL.items():
        if name == _BEGINNING:
            continue
        for person_id, number in connection.execute(statement.encode(), {"since": row[0]}).fetchall():
            yield Difference("access_log", f"not so: {name.replace('_', ' ')} ({number})", person_id)
