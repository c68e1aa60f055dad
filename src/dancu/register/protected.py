"""Masked records: opened on a dossier, with a reason, and with a notice to the office that protects."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dancu.access import openings
from dancu.access.model import Officer
from dancu.access.openings import OPEN_FOR, Opening, check_reason
from dancu.access.policy import OpenDossier
from dancu.access.work import opened
from dancu.audit.entry import ALL_FIELDS, Channel, Operation
from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import ProtectionGround, Sex
from dancu.kernel.errors import Conflict
from dancu.kernel.ids import new_id
from dancu.register import store
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.model import annulled, in_order_of_truth
from dancu.register.store import SQL, History


class NotMasked(Conflict):
    """The record is not masked; no reason is needed to open it."""


async def open_masked(
    database: Database,
    officer: Officer,
    *,
    person_id: int,
    dossier: OpenDossier,
    purpose: str,
    reason: str,
    now: datetime,
    request_id: UUID,
    office_id: int | None = None,
    channel: Channel = Channel.PORTAL,
) -> Opening:
    """Open a masked record to an officer for two hours, on a dossier that names the person.

    The opening is logged, and stands as a notice for the head of the office whose act protects the record.

    Args:
        reason: in a sentence, at least ten characters.

    Raises:
        Invalid: there is no reason to speak of.
        NotAllowed: the policy refuses; that is logged.
        PersonUnknown: the dossier does not name the person; that is logged.
        NotMasked: the record is not masked.
    """
    told = check_reason(reason)
    named = dossier.persons & {person_id}
    async with opened(
        database,
        officer,
        operation=Operation.UNMASK,
        purpose=purpose,
        now=now,
        request_id=request_id,
        fields=ALL_FIELDS,
        dossier=replace(dossier, unmasked=named),
        office_id=office_id,
        person_id=person_id,
        channel=channel,
    ) as work:
        ledger = await store.history(work.tx, person_id) if named else store.EMPTY
        if not ledger.events:
            raise store.PersonUnknown("No such person is open to you")
        ground, act_id = _protecting(ledger)
        opening = Opening(
            opening_id=new_id(),
            person_id=person_id,
            officer_id=officer.officer_id,
            office_id=work.grant.office_id or work.grant.assignment.office.office_id,
            dossier_id=dossier.dossier_id,
            notified_office_id=await _office_of_act(work.tx, act_id),
            opened_at=now,
            closes_at=now + OPEN_FOR,
            ground=ground,
            reason=told,
        )
        await openings.write(work.tx, opening)
        await work.log()
    return opening


async def is_masked(tx: Transaction, person_id: int) -> bool:
    """Tell whether a person whom the transaction's dossier names is masked; of anybody else the answer is no."""
    row = await tx.row(SQL.is_masked, {"person_id": person_id})
    return bool(row and row[0])


def _protecting(history: History) -> tuple[ProtectionGround, int]:
    """Find the ground and the act by which a record is masked: the last of several, in whichever ledger of the person.

    Raises:
        NotMasked: it is not.
    """
    life = history.record
    if life is None or not life.protected:
        raise NotMasked("This record is not masked")
    ledgers = (history.events, *history.ledgers.values())
    standing = (event for events in ledgers for event in events if event.seq not in annulled(events))
    found = [
        (ground, event.act_id)
        for event in in_order_of_truth(standing)
        if (ground := _ground(event)) in life.protections
    ]
    ground, act_id = found[-1]
    return ProtectionGround(ground), act_id


def _ground(event: Event) -> ProtectionGround | None:
    told = event.payload
    match event.kind:
        case EventKind.PROTECTED:
            return ProtectionGround(told.protection) if told.protection else None
        case EventKind.ADOPTED if told.adoption and told.adoption.secret:
            return ProtectionGround.ADOPTION
        case EventKind.PARTICULARS_CHANGED | EventKind.PARTICULARS_CORRECTED if told.sex not in {None, Sex.UNKNOWN}:
            return ProtectionGround.SEX_CHANGED
        case _:
            return None


async def _office_of_act(tx: Transaction, act_id: int) -> int | None:
    row = await tx.row(SQL.office_of_act, {"act_id": act_id})
    return await openings.office_at(tx, unit_code=row[0], authority=row[1]) if row else None
