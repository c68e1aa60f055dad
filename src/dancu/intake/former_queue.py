"""Records that were queued in the clear, before the queue was sealed."""

from typing import Any

import psycopg

from dancu.infra.keys import KeyRing
from dancu.intake.store import SQL, seal_told

_BATCH = 500


def seal_former(connection: psycopg.Connection[Any], ring: KeyRing) -> int:
    """Seal the records that are not, and return how many that were; an interrupted run goes on where it was.

    Args:
        connection: in autocommit mode, of the owner of the tables.
    """
    done = 0
    while rows := connection.execute(SQL.clear_told.encode(), {"most": _BATCH}).fetchall():
        with connection.transaction():
            for batch_id, record, told in rows:
                sealed = {"batch_id": batch_id, "record": record, "told": seal_told(ring, batch_id, record, told)}
                connection.execute(SQL.seal_told.encode(), sealed)
        done += len(rows)
    return done
