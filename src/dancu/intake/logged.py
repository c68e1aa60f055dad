"""What intake does with personal data stands in the access log, as what officers do does."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import psycopg

from dancu.audit.entry import ALL_FIELDS, Actor, Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.infra.db import Transaction
from dancu.infra.sql import Queries

SQL = Queries("dancu.intake", "logged.sql")
PURPOSE = "intake"


def entry_of(what: str, batch_id: int, *, operation: Operation, persons: int, now: datetime) -> Entry:
    """Return the row of what was done with a batch; `intake.chunk` tells whom it is about.

    Args:
        what: a word, such as `load`; it stands with the batch in `reason`.
        persons: how many records of persons are read or written; 0 where that is not known yet.
    """
    return Entry(
        logged_at=now,
        operation=operation,
        outcome=Outcome.GRANTED,
        channel=Channel.INTAKE,
        request_id=uuid5(NAMESPACE_OID, f"dancu:intake:{batch_id}:{what}:{now.isoformat()}"),
        purpose=PURPOSE,
        fields=ALL_FIELDS,
        result_count=persons,
        reason=f"{what}:{batch_id}",
        actor=Actor.PROGRAM,
    )


async def note(tx: Transaction, what: str, batch_id: int, *, persons: int, now: datetime) -> None:
    """Write down that the persons of a batch are written, in the transaction that begins or ends it."""
    await record(tx, entry_of(what, batch_id, operation=Operation.BULK_WRITE, persons=persons, now=now))


def batches_gone(connection: psycopg.Connection[Any]) -> list[int]:
    """List the rows of the log that tell of a load which is not there.

    Args:
        connection: of a role that may read everything.
    """
    return [log_id for (log_id,) in connection.execute(SQL.batches_gone.encode()).fetchall()]
