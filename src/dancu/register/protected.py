"""Masked records: opened on a dossier, with a reason, and with a notice to the office that protects."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dancu.access import openings
from dancu.access.model import Officer
from dancu.access.openings import OPEN_FOR, Opening, check_reason
from dancu.access.policy import OpenDossier
from dancu.access.work import OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Channel, Operation
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
        opening = await _noticed(work, ledger, dossier_id=dossier.dossier_id, reason=told, now=now)
        await work.log()
    return opening


async def open_for_inspection(
    database: Database,
    officer: Officer,
    *,
    number: str,
    purpose: str,
    reason: str,
    now: datetime,
    request_id: UUID,
    office_id: int | None = None,
    channel: Channel = Channel.PORTAL,
) -> tuple[int, str]:
    """Open a masked record by its number to who inspects how it was used, and return its person id and name.

    The opening is logged, and noticed like one on a dossier; within two hours the same officer causes no second notice.

    Args:
        reason: in a sentence, at least ten characters.

    Raises:
        Invalid: there is no reason to speak of.
        NotAllowed: the policy refuses; that is logged.
        PersonUnknown: no masked record has or had the number; that is logged.
    """
    told = check_reason(reason)
    async with opened(
        database,
        officer,
        operation=Operation.UNMASK,
        purpose=purpose,
        now=now,
        request_id=request_id,
        fields=SUMMARY_FIELDS,
        office_id=office_id,
        channel=channel,
    ) as work:
        row = await work.tx.row(SQL.masked_holder, {"number": number})
        if row is None or row[0] is None:
            raise store.PersonUnknown("No such person is open to you")
        person_id = int(row[0])
        work.tx.set_local(unmasked=str(person_id))
        ledger = await store.history(work.tx, person_id)
        still_open = await openings.unmasked(work.tx, officer_id=officer.officer_id, dossier_id=None, now=now)
        if person_id not in still_open:
            await _noticed(work, ledger, dossier_id=None, reason=told, now=now)
        await work.log(person_id=person_id)
    name = ledger.record.name if ledger.record else None
    return person_id, name.full if name else ""


async def _noticed(work: OpenWork, ledger: History, *, dossier_id: int | None, reason: str, now: datetime) -> Opening:
    """Write the opening of a record, which is the notice to the office that protects it.

    Raises:
        PersonUnknown: there is no such record.
        NotMasked: it is not masked.
    """
    if not ledger.events:
        raise store.PersonUnknown("No such person is open to you")
    ground, act_id = _protecting(ledger)
    opening = Opening(
        opening_id=new_id(),
        person_id=ledger.events[0].person_id,
        officer_id=work.entry.officer_id or 0,
        office_id=work.grant.office_id or work.grant.assignment.office.office_id,
        dossier_id=dossier_id,
        notified_office_id=await _office_of_act(work.tx, act_id),
        opened_at=now,
        closes_at=now + OPEN_FOR,
        ground=ground,
        reason=reason,
    )
    await openings.write(work.tx, opening)
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
