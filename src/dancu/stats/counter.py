"""The counter: a subscriber of the feed that keeps the counts of the population.

It keeps as what each person is counted, 80 bytes each, and not only the sums.
So a change is one read of the person as it is now, and the difference of two small rows: the same whether an event
comes once, twice or late, and the same for one person and for a load of fifty thousand.
Folding a ledger before and after each event would need no such rows, but reads and folds the whole ledger twice for
every event, and could not tell whose temporary residence ends tomorrow.
"""

from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.sql import Queries
from dancu.kernel.time import today
from dancu.register.feed import Happened, Place, Pointer
from dancu.register.feed.presences import presences
from dancu.register.territory import locate
from dancu.stats.cells import Cell, Counted, counted

SQL = Queries("dancu.stats")
POINTER = Pointer(("stats", "place"), "population")

_MOST = 20_000

Now = Callable[[], datetime]


class Counter:
    """Keeps the counts.

    Args:
        now: gives the moment; counts are those of its day in the time of the state.
    """

    def __init__(self, now: Now) -> None:
        self._now = now

    @property
    def day(self) -> date:
        """The day whose counts are kept, in the time of the state."""
        return today(self._now())

    def place(self, own: psycopg.Connection[Any]) -> Place:
        """Return how far it has read, and lock that."""
        return POINTER.locked(own)

    def take(self, own: psycopg.Connection[Any], events: Sequence[Happened]) -> None:
        """Count the persons of events as they are now."""
        count(own, {event.person_id for event in events}, self.day)

    def move(self, own: psycopg.Connection[Any], to: Place) -> None:
        """Remember how far it has read."""
        POINTER.move(own, to)

    def count_due(self, own: psycopg.Connection[Any]) -> int:
        """Count those again for whom a stay began or ended by itself, as many as one transaction takes."""
        day = self.day
        rows = own.execute(SQL.due.encode(), {"today": day, "most": _MOST}).fetchall()
        if rows:
            with own.transaction():
                self.place(own)
                count(own, {row[0] for row in rows}, day)
        return len(rows)


def count(own: psycopg.Connection[Any], person_ids: Collection[int], day: date) -> int:
    """Count persons as they are now, and return for how many that is something else than before.

    Args:
        own: in a transaction.
    """
    ids = SqlArray(pa.array(sorted(person_ids), pa.int64()))
    before = {row[0]: Counted(*row) for row in own.execute(SQL.counted.encode(), {"ids": ids}).fetchall()}
    after = {one.person_id: counted(one, day, locate) for one in presences(own, sorted(person_ids))}
    changed = [one for one in after.values() if before.get(one.person_id) != one]
    gone = [one for one in before if one not in after]
    moves: Tally[Cell] = Tally()
    for one in changed:
        moves.update(one.cells())
    for person_id in [*(one.person_id for one in changed), *gone]:
        if person_id in before:
            moves.subtract(before[person_id].cells())
    if changed:
        own.execute(SQL.count_persons.encode(), _columns(changed))
    if gone:
        own.execute(SQL.forget.encode(), {"ids": SqlArray(pa.array(gone, pa.int64()))})
    add(own, {cell: by for cell, by in moves.items() if by})
    return len(changed) + len(gone)


def add(own: psycopg.Connection[Any], moves: dict[Cell, int]) -> None:
    """Add to cells what may be negative, too."""
    if not moves:
        return
    units, bases, sexes, years = zip(*(cell for cell in sorted(moves)), strict=True)
    columns = {
        "unit": pa.array(units, pa.string()),
        "base": pa.array(bases, pa.int16()),
        "sex": pa.array(sexes, pa.int16()),
        "born_year": pa.array(years, pa.int16()),
        "persons": pa.array([moves[cell] for cell in sorted(moves)], pa.int64()),
    }
    own.execute(SQL.add.encode(), {name: SqlArray(column) for name, column in columns.items()})


_TYPES = {
    "person_id": pa.int64(),
    "due_on": pa.date32(),
    "born_year": pa.int16(),
    "sex": pa.int16(),
    "abode": pa.string(),
    "permanent": pa.string(),
    "temporary": pa.string(),
}


def _columns(found: Iterable[Counted]) -> dict[str, SqlArray]:
    rows = sorted(found, key=lambda one: one.person_id)
    return {name: SqlArray(pa.array([getattr(one, name) for one in rows], kind)) for name, kind in _TYPES.items()}
