"""Opened access: a transaction that sees as far as was granted, and can't end unlogged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from dancu.access.model import Officer
from dancu.access.policy import Grant, OpenDossier, Refusal, decide
from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record, record_apart
from dancu.infra.db import Database, Transaction
from dancu.kernel.errors import Forbidden
from dancu.kernel.time import today


class NotAllowed(Forbidden):
    """The policy refuses; `reason` is its code."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.reason = refusal.reason
        self.law = refusal.law


class Unlogged(RuntimeError):
    """Work with personal data came to its end without a row in the log: a mistake in the program."""


@dataclass
class OpenWork:
    """What an officer may do now: a transaction in scope, and the log."""

    tx: Transaction
    grant: Grant
    entry: Entry
    logged: int = 0

    async def log(
        self,
        *,
        person_id: int | None = None,
        persons: tuple[int, ...] | None = None,
        result_count: int = 1,
        fields: int | None = None,
        operation: Operation | None = None,
    ) -> None:
        """Write down what was read or written, in this transaction."""
        entry = replace(
            self.entry,
            operation=operation or self.entry.operation,
            person_id=person_id,
            persons=persons,
            fields=self.entry.fields if fields is None else fields,
            result_count=result_count,
        )
        await record(self.tx, entry)
        self.logged += 1


@asynccontextmanager
async def opened(
    database: Database,
    officer: Officer,
    *,
    operation: Operation,
    purpose: str,
    now: datetime,
    request_id: UUID,
    fields: int = 0,
    dossier: OpenDossier | None = None,
    channel: Channel = Channel.PORTAL,
) -> AsyncIterator[OpenWork]:
    """Open a transaction that sees what the policy grants, and commit it only if it was logged.

    Raises:
        NotAllowed: the policy refuses; that is logged too, apart.
        Unlogged: the block ended without `log()`; everything rolls back.
    """
    entry = Entry(
        logged_at=now,
        operation=operation,
        outcome=Outcome.GRANTED,
        channel=channel,
        request_id=request_id,
        officer_id=officer.officer_id,
        purpose=purpose,
        dossier_id=dossier.dossier_id if dossier else None,
        fields=fields,
    )
    decision = decide(officer, operation=operation, purpose=purpose, day=today(now), fields=fields, dossier=dossier)
    if isinstance(decision, Refusal):
        await record_apart(database, entry.refused(decision.reason))
        raise NotAllowed(decision)
    assignment = decision.assignment
    entry = entry.by(
        office=assignment.office.unit_code, role=assignment.role.code, legal_ground=decision.purpose.legal_ground
    )
    try:
        async with database.transaction(**decision.scope.settings()) as tx:
            work = OpenWork(tx, decision, entry)
            yield work
            if not work.logged:
                raise Unlogged("personal data were about to leave without a row in the log")
    except Forbidden as refused:
        await record_apart(database, entry.refused(type(refused).__name__))
        raise
