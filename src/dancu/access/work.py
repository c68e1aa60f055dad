"""Opened access: a transaction that sees as far as was granted, and can't end unlogged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from dancu.access.model import Assignment, Officer
from dancu.access.policy import ACTS, Grant, OpenDossier, Refusal, decide
from dancu.audit.entry import Channel, Entry, Operation, Outcome, of_act
from dancu.audit.log import record, record_apart
from dancu.infra.db import Asked, Database, Transaction
from dancu.kernel.errors import Forbidden, Gone, NotFound, Refused
from dancu.kernel.time import today


class NotAllowed(Forbidden):
    """The policy refuses; `reason` is its code."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.reason = refusal.reason
        self.law = refusal.law


class BeyondGrant(RuntimeError):
    """Work was about to be logged that the policy had not granted: a mistake in the program."""


class Unlogged(RuntimeError):
    """Work with personal data came to its end without a row in the log: a mistake in the program."""


_SAYING_NO = (Forbidden, NotFound, Gone, Refused)


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
        persons_digest: bytes | None = None,
        act_id: int | None = None,
        with_commit: bool = False,
    ) -> None:
        """Write down what was read or written, in this transaction.

        Args:
            persons: whom a list shows, in place of `person_id`.
            fields: bits of the groups of Article 9, where they differ from what access was opened with.
            operation: where one piece of work does several things that its purpose covers.
            persons_digest: of a bulk act, in place of its persons: see `audit.entry.digest_of`.
            act_id: the act that was recorded; `dancu verify` matches acts and log by it.
            with_commit: see `audit.log.record`: only where nothing leaves before the block has ended.

        Raises:
            BeyondGrant: the purpose does not cover these fields or this operation.
        """
        self._check_granted(operation, fields)
        entry = replace(
            self.entry,
            operation=operation or self.entry.operation,
            person_id=self.entry.person_id if person_id is None and persons is None else person_id,
            persons=persons,
            fields=self.entry.fields if fields is None else fields,
            result_count=result_count,
            persons_digest=persons_digest,
            reason=None if act_id is None else of_act(act_id),
        )
        await record(self.tx, entry, with_commit=with_commit)
        self.logged += 1

    def _check_granted(self, operation: Operation | None, fields: int | None) -> None:
        purpose = self.grant.purpose
        acts = operation in ACTS and operation is not self.entry.operation
        if acts or (operation and operation not in purpose.operations) or (fields and fields & ~purpose.fields):
            raise BeyondGrant("this was not granted")


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
    office_id: int | None = None,
    person_id: int | None = None,
    channel: Channel = Channel.PORTAL,
    asked: Asked | None = None,
    act: str | None = None,
) -> AsyncIterator[OpenWork]:
    """Open a transaction that sees what the policy grants, and commit it only if it was logged.

    What the block raises because the law, the scope or the register says no is logged as refused, apart,
    since the transaction rolls back.

    Args:
        fields: bits of the groups of Article 9 that will be read or written.
        dossier: the case that the work belongs to.
        office_id: as what an officer of several offices acts.
        person_id: whom it is about, where that is known beforehand: a refusal is then logged with it.
        asked: a query that travels with the beginning of the transaction; its rows stand in `tx.answer`.
        act: kind of the act that will be recorded, by its name in lower case: the dossier must lead to it.

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
        person_id=person_id,
        fields=fields,
    )
    decision = decide(
        officer,
        operation=operation,
        purpose=purpose,
        day=today(now),
        fields=fields,
        dossier=dossier,
        office_id=office_id,
        act=act,
    )
    if isinstance(decision, Refusal):
        await record_apart(database, _as(officer.at(office_id), entry).refused(decision.reason))
        raise NotAllowed(decision)
    entry = _as(decision.assignment, entry)
    try:
        async with database.transaction(asked, **decision.settings()) as tx:
            work = OpenWork(tx, decision, entry)
            yield work
            if not work.logged:
                raise Unlogged("personal data were about to leave without a row in the log")
    except _SAYING_NO as refused:
        await record_apart(database, entry.refused(_reason(refused)))
        raise


def _as(assignment: Assignment | None, entry: Entry) -> Entry:
    if assignment is None:
        return entry
    return replace(entry, office=assignment.office.unit_code, role=assignment.role.code)


def _reason(error: Exception) -> str:
    return error.rule if isinstance(error, Refused) else type(error).__name__
