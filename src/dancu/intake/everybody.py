"""The whole register as a file of records to compare: what bulk matching reads."""

from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import psycopg

from dancu.audit.entry import ALL_FIELDS, Actor, Channel, Entry, Operation, Outcome, sealed
from dancu.audit.log import SQL as AUDIT
from dancu.infra.sql import Queries
from dancu.intake.logged import PURPOSE

SQL = Queries("dancu.intake", "everybody.sql")
_REASON = "linkage"


def write_everybody(connection: psycopg.Connection, out: Path, *, now: datetime) -> int:
    """Write everybody whose record stands as CSV, in the order of person ids, and return how many.

    The file appears when it is whole and its row stands in the access log; only its owner may read it.

    Args:
        connection: of the role that loads; its transaction is committed.
    """
    partial = out.with_name(f".{out.name}.partial")
    partial.touch(mode=0o600)
    statement = b"COPY (" + SQL.everybody.encode() + b") TO STDOUT (FORMAT csv, HEADER)"
    with partial.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in copy:
                file.write(block)
        count = cursor.rowcount
    connection.execute(AUDIT.record.encode(), sealed(_entry(count, now)))
    connection.commit()
    partial.replace(out)
    return count


def _entry(persons: int, now: datetime) -> Entry:
    return Entry(
        logged_at=now,
        operation=Operation.EXPORT,
        outcome=Outcome.GRANTED,
        channel=Channel.INTAKE,
        request_id=uuid5(NAMESPACE_OID, f"dancu:intake:{_REASON}:{now.isoformat()}"),
        purpose=PURPOSE,
        fields=ALL_FIELDS,
        result_count=persons,
        reason=_REASON,
        actor=Actor.PROGRAM,
    )
