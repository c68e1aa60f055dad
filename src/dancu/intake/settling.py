"""What a clerk decides on a queued record: it becomes acts of the register, and the batch tells so."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from dancu.infra.db import Transaction
from dancu.intake import store
from dancu.intake.applying import Applier, header_of, request_id
from dancu.intake.decisions import Decision, Reason
from dancu.intake.normal import BY_NAME
from dancu.intake.plan import Planner, Row
from dancu.intake.store import SQL
from dancu.kernel.errors import Conflict
from dancu.kernel.ids import new_id
from dancu.kernel.time import today


class SettledBefore(Conflict):
    """Another decision on the record stands."""


@dataclass(frozen=True)
class Clerk:
    """Who decides, with whom, in which case.

    Args:
        approver_id: the second officer, where one is needed: what touches number, sex or birth.
    """

    officer_id: int
    dossier_id: int | None = None
    approver_id: int | None = None


@dataclass(frozen=True)
class Settled:
    """What came of it.

    Args:
        person_id: whom the record is about; None: it was rejected.
    """

    decision: Decision
    person_id: int | None


async def decided(
    tx: Transaction,
    *,
    batch_id: int,
    record: int,
    clerk: Clerk,
    now: datetime,
    person_id: int | None = None,
    wife_id: int | None = None,
    rejected: bool = False,
) -> Settled:
    """Apply a decision on a queued record; the same decision again changes nothing.

    Args:
        tx: as the role that loads, with the scope of the nation and the keys of the installation.
        person_id: whom it is about, of a marriage record the husband; None: somebody new.
        wife_id: of a marriage record; None: somebody new.
        rejected: it is about nobody; the source must correct it.

    Raises:
        BatchUnknown: there is no such batch.
        RecordUnknown: it is not in the queue.
        SettledBefore: it was decided otherwise, or its batch was taken back.
        SecondOfficerNeeded: it touches sex or birth, and no second officer approved.
        Refused: the law says no.
        ChangedMeanwhile: the person was changed at this moment; decide again.
    """
    batch = await store.batch(tx, batch_id)
    row = await tx.row(SQL.queued_for_update, {"batch_id": batch_id, "record": record})
    if row is None:
        raise store.RecordUnknown(f"Record {record} of batch {batch_id} is not in the queue")
    if row[0] is not None:
        return _as_before(Decision(row[1]), row[2], person_id, rejected=rejected)
    settled = Settled(Decision.REJECTED, None)
    if not rejected:
        told = typed(await store.told(tx, batch_id, record))
        planner = Planner(await store.acquaintances(tx, [told], today=today(now)), new_id=new_id, today=today(now))
        planned = planner.settled(told, person_id, wife_id)
        header = header_of(batch.source, batch_id=batch_id, request=request_id(batch_id, record, "decided"))
        header = replace(
            header, officer_id=clerk.officer_id, dossier_id=clerk.dossier_id, approver_id=clerk.approver_id
        )
        await Applier(header, now).record(tx, planned)
        settled = Settled(planned.decision, planned.person_id)
    known: dict[str, object] = {
        "batch_id": batch_id,
        "record": record,
        "decision": int(settled.decision),
        "person_id": settled.person_id,
    }
    by: dict[str, object] = {"by": clerk.officer_id, "dossier_id": clerk.dossier_id, "now": now}
    await tx.execute(SQL.settle_queued, known | by)
    await tx.execute(SQL.settle_record, known | {"reason": int(Reason.TOLD_BY_A_CLERK)})
    return settled


def _as_before(outcome: Decision, told: int | None, person_id: int | None, *, rejected: bool) -> Settled:
    same = rejected == (outcome is Decision.REJECTED) and person_id in {None, told}
    if not same:
        raise SettledBefore("This record was decided before")
    return Settled(outcome, told)


def typed(told: Row) -> dict[str, Any]:
    """Return a record of the queue with its dates as dates, as a file gives it."""
    return {
        name: date.fromisoformat(value)
        if isinstance(value, str) and name in BY_NAME and pa.types.is_date(BY_NAME[name].type)
        else value
        for name, value in ({"first_line": 0, "last_line": 0, "kind": "persons", "name_key": None} | dict(told)).items()
    }
