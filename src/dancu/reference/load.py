"""Loads the committed tables into the database."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.reference import tables
from dancu.reference.model import Unit

SQL = Queries("dancu.reference")


def load_reference(connection: psycopg.Connection[Any]) -> int:
    """Replace the reference tables by the committed ones and return the number of rows written.

    Nothing is written, and 0 returned, when these very files are loaded already.
    All or nothing: readers see the earlier tables until the new ones are complete.

    Args:
        connection: of the role that owns the tables, in autocommit mode or in a transaction of the caller.
    """
    with connection.transaction():
        connection.execute(SQL.lock_loaded)
        found = connection.execute(SQL.loaded_digest).fetchone()
        if found and found[0] == tables.digest():
            return 0
        written = sum(_replace(connection, *table) for table in _tables())
        connection.execute(SQL.remember_digest, {"digest": tables.digest()})
    return written


Rows = Iterable[Sequence[object]]


def _tables() -> Iterable[tuple[str, Rows]]:
    yield "units", map(_unit_row, tables.read_units())
    yield (
        "successions",
        ((s.day, s.from_code, s.to_code, s.part.value, s.is_default) for s in tables.read_successions()),
    )
    for table in ("codes", "ethnic_groups", "countries", "number_places", "holidays"):
        yield table, ([field or None for field in row.values()] for row in tables.rows(table))


def _unit_row(unit: Unit) -> Sequence[object]:
    return (
        unit.code,
        unit.valid_from,
        unit.valid_from_precision.value,
        unit.valid_to,
        unit.valid_to_precision.value if unit.valid_to_precision else None,
        unit.level.value,
        unit.kind.value,
        unit.name,
        unit.name_key,
        unit.province_code,
        unit.district_code,
        unit.lat,
        unit.lon,
        unit.area_km2,
    )


def _replace(connection: psycopg.Connection[Any], table: str, rows: Rows) -> int:
    connection.execute(getattr(SQL, f"clear_{table}"))
    written = 0
    with connection.cursor().copy(getattr(SQL, f"copy_{table}")) as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written
