"""Writing and reading the log."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dancu.audit.entry import Entry, Operation, sealed
from dancu.infra.db import Database, Transaction
from dancu.infra.sql import Queries

SQL = Queries("dancu.audit")


async def record(tx: Transaction, entry: Entry, *, with_commit: bool = False) -> None:
    """Write an access in the transaction that makes it: if this fails, the data don't leave.

    Args:
        with_commit: send the row in one message with the commit, a round trip less. It may then fail when the
            transaction ends, so nothing may leave before.
    """
    if with_commit:
        tx.with_commit(SQL.record, sealed(entry))
    else:
        await tx.execute(SQL.record, sealed(entry))


async def record_apart(database: Database, entry: Entry) -> None:
    """Write a refused access on a connection of its own, since the request's transaction rolls back."""
    async with database.transaction(scope="none") as tx:
        await record(tx, entry)


@dataclass(frozen=True)
class Look:
    """One access to a person's data, as the log has it."""

    logged_at: datetime
    officer_id: int | None
    office: str
    role: str
    purpose: str
    operation: int
    outcome: int
    dossier_id: int | None


@dataclass(frozen=True)
class Done:
    """One access of an officer, as the log has it."""

    logged_at: datetime
    person_id: int | None
    office: str
    role: str
    purpose: str
    operation: int
    outcome: int
    dossier_id: int | None
    result_count: int


async def who_looked(tx: Transaction, person_id: int, *, most: int = 50) -> list[Look]:
    """List the latest accesses to a person, searches that listed the person included."""
    return await tx.all(Look, SQL.who_looked, {"person_id": person_id, "most": most})


async def by_officer(tx: Transaction, officer_id: int, *, since: datetime, most: int = 200) -> list[Done]:
    """List the latest accesses of an officer."""
    return await tx.all(Done, SQL.by_officer, {"officer_id": officer_id, "since": since, "most": most})


async def refusals(tx: Transaction, officer_id: int, operation: Operation, *, reason: str, since: datetime) -> int:
    """Count how often an officer was refused something for one reason."""
    asked = {"officer_id": officer_id, "operation": int(operation), "reason": reason, "since": since}
    row = await tx.row(SQL.refusals, asked)
    return int(row[0]) if row else 0


async def make_partitions(tx: Transaction, today: date, *, months: int = 3) -> int:
    """Make the partitions of this month and the next ones; return how many were missing."""
    made = 0
    month = today.replace(day=1)
    for _ in range(months):
        row = await tx.row(SQL.make_partition, {"month": month})
        made += bool(row and row[0])
        month = (month + timedelta(days=32)).replace(day=1)
    return made
