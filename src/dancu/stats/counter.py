"""The counter: a subscriber of the feed that keeps the counts of the population.

It keeps as what each person is counted, 80 bytes each, and not only the sums.
So a change is one read of the person as it is now, and the difference of two small rows: the same whether an event
comes once, twice or late, and the same for one person and for a load of fifty thousand.
Folding a ledger before and after each event would need no such rows, but reads and folds the whole ledger twice for
every event, and could not tell whose temporary residence ends tomorrow.
"""

import threading
from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pyarrow as pa
import structlog
from psycopg.conninfo import make_conninfo

from dancu.infra.arrays import SqlArray
from dancu.infra.sql import Queries
from dancu.kernel.time import today
from dancu.register.feed import Happened, Place, Pointer, advance
from dancu.register.feed.presences import presences
from dancu.register.feed.read import SQL as FEED
from dancu.register.territory import locate
from dancu.stats.cells import Cell, Counted, counted

SQL = Queries("dancu.stats")
POINTER = Pointer(("stats", "place"), "population")

_log = structlog.get_logger("dancu.stats")

_MOST = 20_000
_WAIT_S = 0.5
_AGAIN_S = 1.0

Now = Callable[[], datetime]


class Counter:
    """Keeps the counts.

    Args:
        now: gives the moment; counts are those of its day in the time of the state.
    """

    def __init__(self, now: Now) -> None:
        self._now = now

    def place(self, own: psycopg.Connection[Any]) -> Place:
        """Return how far it has read, and lock that."""
        return POINTER.locked(own)

    def take(self, own: psycopg.Connection[Any], events: Sequence[Happened]) -> None:
        """Count the persons of events as they are now."""
        count(own, {event.person_id for event in events}, today(self._now()))

    def move(self, own: psycopg.Connection[Any], to: Place) -> None:
        """Remember how far it has read."""
        POINTER.move(own, to)

    def count_due(self, own: psycopg.Connection[Any]) -> int:
        """Count those again for whom a stay began or ended by itself, as many as one transaction takes."""
        day = today(self._now())
        with own.transaction():
            self.place(own)
            rows = own.execute(SQL.due.encode(), {"today": day, "most": _MOST}).fetchall()
            if rows:
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


def counter_dsn(dsn: str) -> str:
    """Return an address whose sessions are the counter's."""
    return make_conninfo(dsn, options="-c role=dancu_counter -c statement_timeout=0", application_name="dancu counter")


def keep_counting(dsn: str, stop: threading.Event, now: Now = lambda: datetime.now(UTC)) -> None:
    """Count whatever the feed brings, until told to stop; where another one does, stand by to take over.

    A lost connection is made again: place and counts are as of the last page.
    """
    while not stop.is_set():
        try:
            with psycopg.connect(counter_dsn(dsn), autocommit=True) as connection:
                _lead(connection, stop, Counter(now))
        except psycopg.Error as error:
            _log.warning("the counts stand still", reason=type(error).__name__)
            stop.wait(_AGAIN_S)


def _lead(connection: psycopg.Connection[Any], stop: threading.Event, counter: Counter) -> None:
    while not stop.is_set() and not leads(connection):
        stop.wait(_AGAIN_S)
    connection.execute(FEED.listen.encode())
    while not stop.is_set():
        if advance(connection, connection, counter, most=_MOST) or counter.count_due(connection):
            continue
        for _ in connection.notifies(timeout=_WAIT_S, stop_after=1):
            pass


def count_all(dsn: str, *, now: datetime, progress: Callable[[int], None] = lambda _: None) -> int:
    """Count all that is in the feed, unless the worker does so, and return how many pages that were.

    Args:
        progress: told 1 after each page.
    """
    pages = 0
    with psycopg.connect(counter_dsn(dsn), autocommit=True) as connection:
        counter = Counter(lambda: now)
        while leads(connection) and advance(connection, connection, counter, most=_MOST):
            pages += 1
            progress(1)
    return pages


def leads(connection: psycopg.Connection[Any]) -> bool:
    """Take the place of the one counter for this session, and tell whether it was free."""
    row = connection.execute(SQL.lead.encode()).fetchone()
    return bool(row and row[0])
