"""The one writer of the feed: gives numbers to acts after they are certain.

Writers leave an act in the outbox, in the transaction that records it. The order of ids, of clocks and of transaction
numbers is not the order of commits, so none of them may number a feed: a reader would miss whoever commits late.
The sequencer takes what its snapshot sees out of the outbox and puts it into the feed, in one transaction.
What it takes is committed; what commits later is seen later and gets a higher number.

An act on a person waits for the lock of whoever acts on the same person, and takes its position in the outbox
afterwards; and a snapshot that sees it sees the act before, too. So each person's events come in their order.
"""

import threading
from typing import Any

import psycopg
import structlog
from psycopg.conninfo import make_conninfo

from dancu.register.feed.read import SQL

_log = structlog.get_logger("dancu.feed")

WHOLE = 256
"""An act of more persons is one entry."""

_FEW, _MANY = 2_000, 30_000
"""Acts of one transaction: each looks through the whole outbox, so of a long one it takes more."""
_PARTITION = 10_000_000
_AHEAD = _MANY * WHOLE
_TIDY_AFTER = 50_000
_SOON = 1_000
"""After fewer acts than these it rests: a step of few costs as much as one of many."""
_POLL_S = 0.2
_STAND_BY_S = 1.0
_AGAIN_S = 1.0

_OPTIONS = (
    # The planner has no idea how long the outbox is just now, and ledgers are only ever asked by key.
    "-c role=dancu_sequencer -c enable_hashjoin=off -c enable_mergejoin=off -c statement_timeout=0"
)


class Sequencer:
    """Moves acts from the outbox into the feed.

    Args:
        connection: in autocommit mode, of the sequencer's role.
        most: acts of one transaction, at most 30,000; two thousand at first, and more where many wait, if not given.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, most: int | None = None) -> None:
        self._connection = connection
        self._fixed = most
        self._most = most or _FEW
        self._partition = -1
        self._dead = 0

    def step(self) -> int:
        """Number what waits, as many acts as one transaction takes, and return how many."""
        connection = self._connection
        row = connection.execute(SQL.anything.encode()).fetchone()
        if not row or not row[0]:
            return 0
        with connection.transaction():
            count = self._number()
            connection.execute(SQL.announce.encode())
        self._tidy(count)
        return count

    def number_all(self) -> None:
        """Number all that waits, in the transaction that is open."""
        while self._number():
            continue

    def _number(self) -> int:
        head = self._connection.execute(SQL.head_for_update.encode()).fetchone()
        self._make_partition(int(head[0]) if head else 0)
        done = self._connection.execute(SQL.sequence.encode(), {"most": self._most, "whole": WHOLE}).fetchone()
        return int(done[0]) if done else 0

    def run(self) -> int:
        """Number all that waits and return how many acts that were."""
        total = 0
        while done := self.step():
            total += done
        return total

    def _make_partition(self, head: int) -> None:
        number = (head + _AHEAD) // _PARTITION
        if number > self._partition:
            self._connection.execute(SQL.make_partition.encode(), {"number": number})
            self._partition = number

    def _tidy(self, moved: int) -> None:
        """Reclaim what moved rows leave behind, sooner than the server would."""
        self._dead += moved
        if self._dead >= _TIDY_AFTER:
            self._connection.execute(SQL.tidy.encode())
            self._dead = 0


def sequencer_dsn(dsn: str) -> str:
    """Return an address whose sessions are the sequencer's."""
    return make_conninfo(dsn, options=_OPTIONS, application_name="dancu sequencer")


def keep_sequencing(dsn: str, stop: threading.Event) -> None:
    """Number whatever comes, until told to stop; where another one does, stand by to take over.

    A lost connection is made again: what was not committed is still in the outbox.
    """
    while not stop.is_set():
        try:
            with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as connection:
                _lead(connection, stop)
        except psycopg.Error as error:
            _log.warning("the feed stands still", reason=type(error).__name__)
            stop.wait(_AGAIN_S)


def _lead(connection: psycopg.Connection[Any], stop: threading.Event) -> None:
    while not stop.is_set() and not _leads(connection):
        stop.wait(_STAND_BY_S)
    sequencer = Sequencer(connection)
    while not stop.is_set():
        if sequencer.step() < _SOON:
            stop.wait(_POLL_S)


def _leads(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute(SQL.lead.encode()).fetchone()
    return bool(row and row[0])
