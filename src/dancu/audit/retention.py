"""The end of retention: a month of the log is dropped whole, and the log tells so.

The leaves of the rows stay in the tree. Without the rows and their salts they tell nothing about anybody.

Law: Nghị định 333/2026 and TCVN 14423:2026, level 4: logs are kept for 12 months.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.multirange import Multirange

from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome, sealed
from dancu.audit.log import SQL
from dancu.audit.tiles import NotSealedYet
from dancu.kernel.errors import Conflict, NotFound, Unavailable
from dancu.kernel.time import today

KEPT_MONTHS = 12
_REASON = "log_retired"


class TooYoung(Conflict):
    """The month must still be kept."""


class NoSuchMonth(NotFound):
    """The log has no partition of that month."""


@dataclass(frozen=True)
class RetiredMonth:
    """A month that was dropped.

    Args:
        told_by: number of the row of the log that tells of it.
        log_ids: numbers of its rows, as ranges from a first to one past a last.
    """

    month: date
    told_by: int
    log_ids: tuple[tuple[int, int], ...]

    @property
    def digest(self) -> bytes:
        """What the row of the log holds of it: SHA-256 over the month and the ranges, as text."""
        ranges = ",".join(f"{first}-{past}" for first, past in self.log_ids)
        return hashlib.sha256(f"{self.month.isoformat()}:{ranges}".encode()).digest()


@dataclass
class Retired:
    """The months that were dropped, and which of them the log tells of."""

    months: tuple[RetiredMonth, ...] = ()
    _told: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, connection: psycopg.Connection) -> "Retired":
        """Read which months were dropped."""
        rows = connection.execute(SQL.retired.encode()).fetchall()
        return cls(tuple(RetiredMonth(month, told_by, ranges_of(log_ids)) for month, told_by, log_ids in rows))

    def covers(self, log_id: int) -> bool:
        """Tell whether a row was dropped with its month."""
        return any(first <= log_id < past for month in self.months for first, past in month.log_ids)

    def look(self, log_id: int, entry: Entry) -> None:
        """Note that a row of the log tells of a dropped month."""
        if entry.operation is Operation.ADMINISTER and entry.reason == _REASON:
            self._told.update(
                i for i, one in enumerate(self.months) if (one.told_by, one.digest) == (log_id, entry.persons_digest)
            )

    def untold(self) -> list[RetiredMonth]:
        """List the dropped months of which no row tells; a row that was dropped itself since then told of its own."""
        return [one for i, one in enumerate(self.months) if i not in self._told and not self.covers(one.told_by)]


def ranges_of(stored: Multirange[int]) -> tuple[tuple[int, int], ...]:
    """Return stored ranges of numbers, each from a first to one past a last."""
    return tuple((one.lower or 0, one.upper or 0) for one in stored)


def retire(connection: psycopg.Connection, month: date, *, now: datetime, request_id: UUID) -> int:
    """Drop a month of the log whose time is over, tell so in the log, and return how many rows it had.

    Args:
        connection: of the owner of the tables; nobody else may drop any.
        month: its first day.

    Raises:
        TooYoung: fewer than 12 whole months have passed since.
        NoSuchMonth: the log has no partition of that month.
        NotSealedYet: a row of it is not in the tree.
        Unavailable: a transaction that wrote to the log stays open.
    """
    month = month.replace(day=1)
    if _months(today(now)) - _months(month) <= KEPT_MONTHS:
        raise TooYoung(f"{month:%Y-%m} must be kept for {KEPT_MONTHS} months")
    name = f"access_log_{month:%Y_%m}"
    try:
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '2s'")
            return _drop(connection, month, name, now, request_id)
    except psycopg.errors.LockNotAvailable as error:
        raise Unavailable("The log is being written by a long transaction; try again later") from error


def _drop(connection: psycopg.Connection, month: date, name: str, now: datetime, request_id: UUID) -> int:
    (there,) = connection.execute("SELECT to_regclass(%s)", (f"audit.{name}",)).fetchone() or (None,)
    if there is None:
        raise NoSuchMonth(f"The log has no month {month:%Y-%m}")
    # Counting may take minutes, and holds only the month; the whole log is locked for the moment of the drop.
    connection.execute(sql.SQL("LOCK TABLE audit.{} IN SHARE MODE").format(sql.Identifier(name)))
    counted = sql.SQL(
        "SELECT count(*), coalesce(max(log_id), 0), coalesce(range_agg(int8range(log_id, log_id + 1)), '{{}}')"
        " FROM audit.{}"
    ).format(sql.Identifier(name))
    rows, last, log_ids = connection.execute(counted).fetchone() or (0, 0, Multirange[int]())
    (sealed_to,) = connection.execute("SELECT max(sealed_to) FROM audit.tree").fetchone() or (None,)
    if last > (sealed_to or 0):
        raise NotSealedYet(f"{month:%Y-%m} has rows that are not sealed yet; let dancu work run")
    told = RetiredMonth(month, 0, ranges_of(log_ids))
    connection.execute(SQL.record.encode(), sealed(_entry(told.digest, rows, now, request_id)))
    connection.execute(
        "INSERT INTO audit.retired (month, told_by, log_ids) VALUES (%s, currval('audit.access_log_log_id_seq'), %s)",
        (month, log_ids),
    )
    connection.execute(sql.SQL("DROP TABLE audit.{}").format(sql.Identifier(name)))
    return int(rows)


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _entry(digest: bytes, rows: int, now: datetime, request_id: UUID) -> Entry:
    return Entry(
        logged_at=now,
        operation=Operation.ADMINISTER,
        outcome=Outcome.GRANTED,
        channel=Channel.COMMAND_LINE,
        request_id=request_id,
        legal_ground="TCVN 14423:2026, 6.8.2",
        persons_digest=digest,
        result_count=rows,
        reason=_REASON,
        actor=Actor.PROGRAM,
    )
