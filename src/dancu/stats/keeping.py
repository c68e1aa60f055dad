"""The counter at work: in `dancu work`, or once after a load."""

import threading
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from psycopg.conninfo import make_conninfo

from dancu.register.feed import Reader, advance
from dancu.register.feed.read import SQL as FEED
from dancu.stats.counter import SQL, Counter, Now
from dancu.stats.fill import fill

_log = structlog.get_logger("dancu.stats")

_MOST = 20_000
_WAIT_S = 0.5
_AGAIN_S = 1.0


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
        if _loading(connection):
            stop.wait(_AGAIN_S)
        elif not _count_some(connection, counter):
            for _ in connection.notifies(timeout=_WAIT_S, stop_after=1):
                pass


def _count_some(connection: psycopg.Connection[Any], counter: Counter) -> bool:
    """Take one step, and tell whether there was anything to do."""
    return (
        fill(connection, counter.day)
        or advance(connection, connection, counter, most=_MOST, reader=Reader.DERIVED)
        or counter.count_due(connection) > 0
    )


def _loading(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a first load goes on, which leaves out the indexes by which persons are found."""
    row = connection.execute(SQL.loading.encode()).fetchone()
    return bool(row and row[0])


def count_all(dsn: str, *, now: datetime) -> None:
    """Count all that is in the feed, unless the worker does so or a first load goes on."""
    with psycopg.connect(counter_dsn(dsn), autocommit=True) as connection:
        counter = Counter(lambda: now)
        while leads(connection) and not _loading(connection) and _count_some(connection, counter):
            continue


def leads(connection: psycopg.Connection[Any]) -> bool:
    """Take the place of the one counter for this session, and tell whether it was free."""
    row = connection.execute(SQL.lead.encode()).fetchone()
    return bool(row and row[0])
