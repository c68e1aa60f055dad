"""All lives, in parallel, slice by slice; then the links between them."""

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from dancu.infra.keys import KeyRing
from dancu.infra.sql import Queries
from dancu.register.kinds import EventKind
from dancu.register.merging import Ledgers
from dancu.register.territory import locate
from dancu.register.verify.access_log import unmatched
from dancu.register.verify.feed import feed_differences
from dancu.register.verify.lives import Difference, Stored, differences
from dancu.register.verify.merges import Shelf, Survivors, in_batches
from dancu.register.verify.seconds import unseconded
from dancu.register.verify.ties import tie_differences

SQL = Queries("dancu.register.verify")

_SPACE = 2**63
_PERSONS_A_SLICE = 4_000
_OTHER_TABLES = ("events", "identifiers", "residences", "memberships", "former_names")

Progress = Callable[[int], None]


def verify(
    dsn: str, *, workers: int = 2, progress: Progress = lambda _: None, ring: KeyRing | None = None
) -> Iterator[Difference]:
    """Yield every difference between the stored state and what the events tell.

    Args:
        dsn: of a user who may act as dancu_verifier.
        workers: how many processes.
        progress: told how many persons were verified since the last call.
        ring: opens what was proposed to second officers, so that it is compared with what was recorded.
    """
    dsn = make_conninfo(dsn, options="-c role=dancu_verifier -c statement_timeout=0")
    slices = _slices(dsn)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for count, found in pool.map(_verify_slice, [dsn] * len(slices), slices):
            progress(count)
            yield from found
    yield from _links(dsn, ring)


def _slices(dsn: str) -> list[tuple[int, int]]:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM register.person").fetchone()
    count = max(1, (int(row[0]) if row else 0) // _PERSONS_A_SLICE)
    # Ids are drawn from the positive ones; a row that was slipped in may have any.
    edges = [-_SPACE, *(_SPACE * i // count for i in range(1, count)), _SPACE]
    return [(first, following - 1) for first, following in pairwise(edges)]


def _verify_slice(dsn: str, edges: tuple[int, int]) -> tuple[int, list[Difference]]:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        lives = list(stored_lives(connection, *edges))
    found = [difference for stored in lives for difference in differences(stored, locate)]
    return sum(stored.person is not None for stored in lives), found


def stored_lives(connection: psycopg.Connection[Any], first: int, last: int) -> Iterator[Stored]:
    """Yield the rows of everybody with an id from `first` to `last`."""
    within = {"first": first, "last": last}
    with connection.cursor(row_factory=dict_row) as cursor:
        persons = {row["person_id"]: row for row in cursor.execute(SQL.persons.encode(), within)}
    others = {table: _grouped(connection, table, within) for table in _OTHER_TABLES}
    shelf = Shelf(connection)
    for person_id in sorted(set(persons).union(*others.values())):
        rows = (others[table].get(person_id, []) for table in _OTHER_TABLES)
        stored = Stored(person_id, persons.get(person_id), *rows)
        yield replace(stored, ledgers=_ledgers(shelf, stored.events, person_id))


def _ledgers(shelf: Shelf, rows: Sequence[Sequence[Any]], person_id: int) -> Ledgers:
    """Read what a record absorbed; of nearly all, nothing."""
    if not any(row[2] == EventKind.RECORD_MERGED for row in rows):
        return {}
    return shelf.absorbed(shelf.ledger(person_id))


def _grouped(connection: psycopg.Connection[Any], table: str, within: dict[str, int]) -> dict[int, list[Sequence[Any]]]:
    grouped: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in connection.execute(getattr(SQL, table).encode(), within):
        grouped[row[0]].append(row)
    return dict(grouped)


def _links(dsn: str, ring: KeyRing | None) -> Iterator[Difference]:
    with psycopg.connect(dsn) as connection:
        yield from broken_links(connection)
        yield from feed_differences(connection)
        yield from unseconded(connection, ring)
        yield from unmatched(connection)


def broken_links(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    """Yield the persons and households for which a link does not hold from both sides."""
    survivors = Survivors(connection)
    yield from survivors.differences()
    yield from tie_differences(connection, survivors)
    for batch in in_batches(connection.execute(SQL.one_sided.encode()).fetchall()):
        survivors.turn_to(spouse_id for _, spouse_id in batch)
        for person_id, spouse_id in batch:
            if survivors.of(person_id) not in survivors.spouses_of(spouse_id):
                yield Difference("person", "not so: spouse is mutual", person_id)
    for name, statement in SQL.items():
        if name.startswith("link_"):
            what = name.removeprefix("link_").replace("_", " ")
            for (person_id,) in connection.execute(statement.encode()).fetchall():
                yield Difference("household" if "household" in what else "person", f"not so: {what}", person_id)
