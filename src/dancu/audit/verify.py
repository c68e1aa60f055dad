"""Recomputing the log: every row must be what it committed to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome, commitment
from dancu.audit.log import SQL

_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class AlteredRow:
    """A row of the log that is not what was written."""

    log_id: int


def check(connection: psycopg.Connection, progress: Callable[[int], None] = lambda _: None) -> Iterator[AlteredRow]:
    """Yield every row that was changed after it had been written, or inserted past the program.

    Not promised: rows that were deleted, or changed together with their salt and commitment.
    Sealing the commitments into a tree that a witness signs brings that.

    Args:
        connection: of the role that verifies.
        progress: told how many rows were looked at since the last call.
    """
    with connection.transaction(), connection.cursor(name="access_log") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(SQL.every_row.encode())
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from (AlteredRow(row[0]) for row in rows if not _stands(row))
            progress(len(rows))


def _stands(row: tuple[Any, ...]) -> bool:
    *told, salt, committed = row[1:]
    try:
        entry = _entry(told)
    except ValueError:
        return False
    return commitment(bytes(salt), entry) == bytes(committed)


def _entry(told: Sequence[Any]) -> Entry:
    """Read the columns of `every_row`, which stand in the order of `Entry`."""
    logged_at, operation, outcome, channel, *plain, persons, digest, fields, result_count, reason, actor = told
    request_id, officer_id, office, role, purpose, legal_ground, dossier_id, person_id = plain
    return Entry(
        logged_at,
        Operation(operation),
        Outcome(outcome),
        Channel(channel),
        request_id,
        officer_id,
        office,
        role,
        purpose,
        legal_ground,
        dossier_id,
        person_id,
        tuple(persons) if persons is not None else None,
        bytes(digest) if digest is not None else None,
        fields,
        result_count,
        reason,
        Actor(actor),
    )
