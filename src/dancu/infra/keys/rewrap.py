"""Putting newer keys in the place of older ones; an interrupted run is gone on with by running it again.

Data keys are wrapped by the newest key-encryption key, and sealed columns are sealed under the newest data keys.
Every step is committed by itself, and what is done already is told by the row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from dancu.infra.classes import SealedColumn, sealed_columns
from dancu.infra.keys.model import KeyMissing, Place, SealBroken
from dancu.infra.keys.ring import Ring
from dancu.infra.keys.shelf import SQL
from dancu.kernel.errors import DancuError

_BATCH = 200

Progress = Callable[[str, int], None]
Row = tuple[tuple[Any, ...], bytes]
"""The key of a row, and the sealed value."""


@dataclass(frozen=True)
class Fault:
    """A sealed value that does not open: no personal data, `row` is the key of the row."""

    table: str
    column: str
    row: str
    why: str


def wrap_anew(connection: psycopg.Connection[Any], ring: Ring) -> int:
    """Wrap all data keys by the newest key-encryption key; return how many were not.

    Args:
        connection: in autocommit mode, of the owner of the tables.

    Raises:
        KeyMissing: one can't be unwrapped; those before it are done.
    """
    newest = max(ring.custody.numbers(), default=0)
    done = 0
    for kept in ring.shelf.all():
        if kept.destroyed_at is None and kept.wrapped_by != newest:
            key = ring.custody.unwrap(kept.wrapped_by, kept.wrapped, kept.about)
            wrapped = ring.custody.wrap(newest, key, kept.about)
            row = {"key_id": kept.key_id, "wrapped_by": newest, "wrapped": wrapped, "was_wrapped_by": kept.wrapped_by}
            done += connection.execute(SQL.wrap_anew.encode(), row).rowcount
    return done


def seal_anew(
    connection: psycopg.Connection[Any], ring: Ring, progress: Progress = lambda _column, _count: None
) -> tuple[int, list[Fault]]:
    """Seal every column under the newest data key of its purpose; return how many values were not, and what fails.

    A value that was changed meanwhile is left to whoever changed it, under the newest key.
    """
    done, faults = 0, []
    for column in sealed_columns():
        keys = key_columns(connection, column)
        newest = ring.sealing_key(column.purpose)
        for batch in _batches(connection, column, keys, besides=newest):
            moved = 0
            with connection.transaction():
                for row, value in batch:
                    try:
                        moved += _move(connection, ring, column, keys, row, value)
                    except (KeyMissing, SealBroken) as error:
                        faults.append(_fault(column, row, error))
            done += moved
            progress(f"{column.table}.{column.name}", moved)
    return done, faults


def open_all(
    connection: psycopg.Connection[Any], ring: Ring, progress: Progress = lambda _column, _count: None
) -> tuple[int, list[Fault]]:
    """Open every sealed value; return how many there are, and which don't open."""
    count, faults = 0, []
    for column in sealed_columns():
        keys = key_columns(connection, column)
        for batch in _batches(connection, column, keys):
            for row, value in batch:
                try:
                    _clear(ring, column, keys, row, value)
                except (KeyMissing, SealBroken) as error:
                    faults.append(_fault(column, row, error))
            count += len(batch)
            progress(f"{column.table}.{column.name}", len(batch))
    return count, faults


def place_of(column: SealedColumn, keys: Sequence[str], row: Sequence[object]) -> Place:
    """Return where a value stands, given the values of the primary key."""
    values = dict(zip(keys, row, strict=True))
    named = ":".join(str(values[one]) for one in column.place or keys)
    return Place(column.table, column.name, named, int(str(values[column.part])) if column.part else 0)


def key_columns(connection: psycopg.Connection[Any], column: SealedColumn) -> list[str]:
    """List the columns of the primary key of a column's table, in order."""
    return [row[0] for row in connection.execute(SQL.key_columns.encode(), {"relation": column.table}).fetchall()]


def _clear(ring: Ring, column: SealedColumn, keys: Sequence[str], row: Sequence[object], value: bytes) -> bytes:
    return ring.decrypt(column.purpose, value, place_of(column, keys, row))


def _move(
    connection: psycopg.Connection[Any],
    ring: Ring,
    column: SealedColumn,
    keys: Sequence[str],
    row: tuple[Any, ...],
    value: bytes,
) -> int:
    place = place_of(column, keys, row)
    sealed = ring.encrypt(column.purpose, ring.decrypt(column.purpose, value, place), place)
    statement = sql.SQL("UPDATE {table} SET {value} = %s WHERE {row} AND {value} = %s").format(
        table=_table(column),
        value=sql.Identifier(column.name),
        row=sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(key)) for key in keys),
    )
    return connection.execute(statement, (sealed, *row, value)).rowcount


def _batches(
    connection: psycopg.Connection[Any], column: SealedColumn, keys: Sequence[str], besides: int | None = None
) -> Iterator[list[Row]]:
    """Read the values of a column in the order of the primary key.

    Args:
        besides: id of the key whose values are left out.
    """
    key = sql.SQL(", ").join(map(sql.Identifier, keys))
    statement = sql.SQL(
        "SELECT {key}, {value} FROM {table}"
        " WHERE {value} IS NOT NULL AND (%(head)s::bytea IS NULL OR substring({value} FROM 2 FOR 4) <> %(head)s)"
        " {after} ORDER BY {key} LIMIT {most}"
    )
    after: tuple[Any, ...] | None = None
    while True:
        beyond = sql.SQL("AND ({}) > ({})").format(key, sql.SQL(", ").join(map(sql.Literal, after or ())))
        query = statement.format(
            key=key,
            value=sql.Identifier(column.name),
            table=_table(column),
            after=beyond if after else sql.SQL(""),
            most=sql.Literal(_BATCH),
        )
        with connection.cursor(row_factory=tuple_row) as cursor:
            head = None if besides is None else besides.to_bytes(4, "big")
            rows = [(one[:-1], bytes(one[-1])) for one in cursor.execute(query, {"head": head}).fetchall()]
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _table(column: SealedColumn) -> sql.Identifier:
    return sql.Identifier(*column.table.split("."))


def _fault(column: SealedColumn, row: Sequence[object], error: DancuError) -> Fault:
    return Fault(column.table, column.name, ":".join(map(str, row)), str(error))
