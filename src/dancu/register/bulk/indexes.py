"""Indexes are made once, after the rows: that is half of the speed of a first load.

What was dropped is remembered in the same transaction, so an interrupted load can't lose an index:
whoever comes next restores them.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from dancu.infra.sql import Queries

SQL = Queries("dancu.register.bulk", "indexes.sql")

Report = Callable[[str], None]


def defer_indexes(connection: psycopg.Connection[Any]) -> int:
    """Drop the indexes and keys of the tables that a load fills, and remember them; return how many.

    Args:
        connection: of the role that owns the tables.
    """
    with connection.transaction():
        rows = connection.execute(SQL.index_definitions).fetchall()
        for drop, create in rows:
            connection.execute(SQL.remember, {"definition": create})
            connection.execute(drop)
    return len(rows)


def indexes_missing(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a first load was interrupted before it made its indexes: nothing keeps numbers unique then."""
    return connection.execute(SQL.remembered).fetchone() is not None


def restore_indexes(dsn: str, report: Report = lambda _: None) -> int:
    """Make what `defer_indexes` dropped and nobody restored yet; return how many.

    Args:
        dsn: of the role that owns the tables.
        report: told what is being made.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        todo = [row[0] for row in connection.execute(SQL.remembered).fetchall()]
    if todo:
        report(f"Making {len(todo)} indexes")
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(lambda definition: _make(dsn, definition), todo))
    with psycopg.connect(dsn, autocommit=True) as connection:
        # Without it the planner takes full tables for empty ones, and reads all of them for one person's events.
        connection.execute(SQL.analyse)
    return len(todo)


def _make(dsn: str, definition: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection, connection.transaction():
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL statement_timeout = 0")
        connection.execute(definition.encode())
        connection.execute(SQL.forget, {"definition": definition})
