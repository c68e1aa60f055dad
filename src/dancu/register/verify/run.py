"""All lives, in parallel, slice by slice; then the links between them."""

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from dancu.infra.sql import Queries
from dancu.register.territory import locate
from dancu.register.verify.lives import Difference, Stored, differences

SQL = Queries("dancu.register.verify")

_SPACE = 2**63 - 1  # one less than ids can be; the chance that anybody has that one is nil
_PERSONS_A_SLICE = 4_000
_OTHER_TABLES = ("events", "identifiers", "residences", "memberships", "former_names")

Progress = Callable[[int], None]


def verify(dsn: str, *, workers: int = 2, progress: Progress = lambda _: None) -> Iterator[Difference]:
    """Yield every difference between the stored state and what the events tell.

    Args:
        dsn: of a user who may act as dancu_verifier.
        workers: how many processes.
        progress: told how many persons were verified since the last call.
    """
    dsn = make_conninfo(dsn, options="-c role=dancu_verifier -c statement_timeout=0")
    slices = _slices(dsn)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for count, found in pool.map(_verify_slice, [dsn] * len(slices), slices):
            progress(count)
            yield from found
    yield from _links(dsn)


def _slices(dsn: str) -> list[tuple[int, int]]:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM register.person").fetchone()
    count = max(1, (int(row[0]) if row else 0) // _PERSONS_A_SLICE)
    edges = [_SPACE * i // count for i in range(count + 1)]
    return list(pairwise(edges))


def _verify_slice(dsn: str, edges: tuple[int, int]) -> tuple[int, list[Difference]]:
    low, high = edges
    within = {"low": low, "high": high}
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with connection.cursor(row_factory=dict_row) as cursor:
            persons = {row["person_id"]: row for row in cursor.execute(SQL.persons.encode(), within)}
        others = {table: _grouped(connection, table, within) for table in _OTHER_TABLES}
    everybody = set(persons).union(*others.values())
    found = []
    for person_id in sorted(everybody):
        rows = (others[table].get(person_id, []) for table in _OTHER_TABLES)
        found += differences(Stored(person_id, persons.get(person_id), *rows), locate)
    return len(persons), found


def _grouped(connection: psycopg.Connection[Any], table: str, within: dict[str, int]) -> dict[int, list[Sequence[Any]]]:
    grouped: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in connection.execute(getattr(SQL, table).encode(), within):
        grouped[row[0]].append(row)
    return dict(grouped)


def _links(dsn: str) -> Iterator[Difference]:
    with psycopg.connect(dsn) as connection:
        for name, statement in SQL.items():
            if not name.startswith("link_"):
                continue
            what = name.removeprefix("link_").replace("_", " ")
            for (person_id,) in connection.execute(statement.encode()):
                yield Difference("household" if "household" in what else "person", f"not so: {what}", person_id)
