"""The first count of everybody: set-based, for a register that was just loaded."""

from datetime import date
from typing import Any

import psycopg
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.sql import Queries
from dancu.register.feed import Place, head
from dancu.register.territory import locate
from dancu.stats.cells import COUNTING
from dancu.stats.counter import POINTER, count

SQL = Queries("dancu.stats", "fill.sql")

_FEW = 20_000
_PAGE = 20_000


def fill(own: psycopg.Connection[Any], day: date) -> bool:
    """Count everybody at once, unless somebody is counted or few are there; tell whether it did.

    The counter goes on from the number that the feed has at this moment. Acts that are not in the feed yet are counted,
    too, and once more when they are: that changes nothing.

    Args:
        own: of the counter, in autocommit mode.
    """
    row = own.execute(SQL.nobody_is_counted.encode(), {"few": _FEW}).fetchone()
    if not row or not row[0]:
        return False
    with own.transaction():
        own.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        POINTER.locked(own)
        sequence = head(own)
        own.execute(SQL.more_memory.encode())
        places = own.execute(SQL.places.encode()).fetchall()
        statuses = [int(status) for status in COUNTING]
        own.execute(SQL.count_persons.encode(), {**_located(places), "today": day, "counting": statuses})
        own.execute("DELETE FROM stats.population")
        own.execute(SQL.count_cells.encode())
        left = [row[0] for row in own.execute(SQL.left_open.encode()).fetchall()]
        for first in range(0, len(left), _PAGE):
            count(own, left[first : first + _PAGE], day)
        POINTER.move(own, Place(sequence))
    return True


def _located(places: list[tuple[str, date]]) -> dict[str, SqlArray]:
    """Today's units of places; one without a commune is open, since an address may tell it."""
    found = [locate(unit, unit_day, "") for unit, unit_day in places]
    return {
        "unit_code": SqlArray(pa.array([unit for unit, _ in places], pa.string())),
        "unit_day": SqlArray(pa.array([unit_day for _, unit_day in places], pa.date32())),
        "unit": SqlArray(pa.array([commune or province or "" for province, commune in found], pa.string())),
        "decided": SqlArray(pa.array([int(commune is not None) for _, commune in found], pa.int16())),
    }
