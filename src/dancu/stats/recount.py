"""Counting again, to prove the counts or to put them right."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from dancu.kernel.errors import Unavailable
from dancu.kernel.time import today
from dancu.register.feed.presences import presences_between
from dancu.register.territory import locate
from dancu.stats.cells import Cell, Counted, counted
from dancu.stats.counter import SQL, add, count
from dancu.stats.keeping import counter_dsn, leads

_SPACE = 2**63
_PERSONS_A_SLICE = 20_000
_WAITING_AT_MOST = 2_000_000

Progress = Callable[[int], None]


class CountsBehind(Unavailable):
    """So many events are not counted yet that a comparison would say nothing."""


@dataclass(frozen=True)
class Discrepancy:
    """A person or a cell that is not counted as it should be.

    Args:
        what: in English, without personal data.
        cell: (unit, base, sex, year of birth) of a sum.
    """

    what: str
    person_id: int | None = None
    cell: Cell | None = None


def recount(dsn: str, *, now: datetime, workers: int = 2, progress: Progress = lambda _: None) -> Iterator[Discrepancy]:
    """Count everybody again, as of one moment, and yield what is counted otherwise.

    Persons with events that the counter has not taken yet are left out, and so are those of whom a stay ended by
    itself since it last looked.

    Args:
        dsn: of a user who may act as dancu_verifier.
        workers: how many processes; a small register needs none but this one.
        progress: told how many persons were counted since the last call.

    Raises:
        CountsBehind: more than two million persons are left out.
    """
    dsn = make_conninfo(dsn, options="-c role=dancu_verifier -c statement_timeout=0")
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        waiting = _waiting(connection)
        slices = [_Slice(dsn, snapshot, first, last, today(now)) for first, last in _slices(connection)]
        for found, differing in _each(slices, workers):
            progress(found)
            yield from (one for one in differing if one.person_id not in waiting)
        for unit, base, sex, born_year, says, should in connection.execute(SQL.differing_cells.encode()).fetchall():
            yield Discrepancy(f"it says {says} and should be {should}", cell=(unit, base, sex, born_year))


def repair(dsn: str, found: Iterator[Discrepancy], *, now: datetime) -> int:
    """Put right what a recount found, and return how much that was.

    Raises:
        Unavailable: the worker keeps the counts; stop it first.
    """
    persons, total = set[int](), 0
    with psycopg.connect(counter_dsn(dsn), autocommit=True) as own:
        if not leads(own):
            raise Unavailable("Stop 'dancu up' or 'dancu work' first: it keeps the counts")
        for one in found:
            total += 1
            if one.person_id is not None:
                persons.add(one.person_id)
        with own.transaction():
            count(own, persons, today(now))
            rows = own.execute(SQL.differing_cells.encode()).fetchall()
            add(own, {(u, b, s, y): should - says for u, b, s, y, says, should in rows})
    return total


def _waiting(connection: psycopg.Connection[Any]) -> frozenset[int]:
    place = connection.execute(SQL.place.encode()).fetchone()
    with connection.cursor(name="waiting") as cursor:
        cursor.execute(SQL.waiting.encode(), {"sequence": place[0] if place else 0})
        found = cursor.fetchmany(_WAITING_AT_MOST + 1)
    if len(found) > _WAITING_AT_MOST:
        raise CountsBehind("The counts are far behind the register; let 'dancu work' catch up first")
    return frozenset(row[0] for row in found)


def _slices(connection: psycopg.Connection[Any]) -> list[tuple[int, int]]:
    row = connection.execute("SELECT count(*) FROM register.person").fetchone()
    parts = max(1, (int(row[0]) if row else 0) // _PERSONS_A_SLICE)
    edges = [-_SPACE, *(_SPACE * i // parts for i in range(1, parts)), _SPACE]
    return [(first, following - 1) for first, following in pairwise(edges)]


@dataclass(frozen=True)
class _Slice:
    """Persons with ids from `first` to `last`, as a snapshot shows them."""

    dsn: str
    snapshot: str
    first: int
    last: int
    day: date


def _each(slices: list[_Slice], workers: int) -> Iterator[tuple[int, list[Discrepancy]]]:
    if len(slices) == 1 or workers == 1:
        yield from map(_compared, slices)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_compared, slices)


def _compared(part: _Slice) -> tuple[int, list[Discrepancy]]:
    """Return how many persons there are, and what differs."""
    within = {"first": part.first, "last": part.last}
    with psycopg.connect(part.dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(f"SET TRANSACTION SNAPSHOT '{part.snapshot}'".encode())
        says = {row[0]: Counted(*row) for row in connection.execute(SQL.counted_between.encode(), within).fetchall()}
        found = presences_between(connection, part.first, part.last)
    should = {one.person_id: counted(one, part.day, locate) for one in found}
    return len(should), [
        Discrepancy(_what(says.get(person_id), should.get(person_id)), person_id)
        for person_id in sorted(says.keys() | should.keys())
        if says.get(person_id) != should.get(person_id) and not _is_due(says.get(person_id), part.day)
    ]


def _is_due(says: Counted | None, day: date) -> bool:
    return says is not None and says.due_on is not None and says.due_on <= day


def _what(says: Counted | None, should: Counted | None) -> str:
    if says is None:
        return "the person is not counted"
    if should is None:
        return "somebody is counted whom the register has not"
    names = [name for name in Counted.__struct_fields__ if getattr(says, name) != getattr(should, name)]
    return f"counted with another {', '.join(names)}"
