"""Who an officer is in the register, so that looks at the own people can be told to auditors."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from dancu.access.accounts import another, check_administrator, note
from dancu.access.credentials import SQL
from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.infra.db import Transaction


async def tell_own_record(tx: Transaction, *, name: str, person_id: int | None, by: int | None, now: datetime) -> bool:
    """Write down which record of the register is an officer's own; the look-up by number leaves its own row.

    Args:
        person_id: who has the number that was told; None: nobody has, and only the look-up is written down.

    Returns:
        Whether it is known now.

    Raises:
        AdministratorNeeded: who tells is no administrator.
        OfficerUnknown: there is no officer of this name.
        OneselfForbidden: another administrator must tell it of an administrator.
    """
    await check_administrator(tx, by)
    holder = await another(tx, name, by)
    look = Entry(
        logged_at=now,
        operation=Operation.LOOK_UP,
        outcome=Outcome.GRANTED,
        channel=Channel.COMMAND_LINE,
        request_id=uuid4(),
        officer_id=by,
        purpose="accounts",
        person_id=person_id,
        result_count=int(person_id is not None),
        actor=Actor.PROGRAM if by is None else Actor.OFFICER,
    )
    await record(tx, look)
    if person_id is None:
        return False
    await tx.execute(SQL.set_own_record, {"officer_id": holder.officer_id, "person_id": person_id})
    await note(tx, by, now, f"own_record:{holder.officer_id}", look.request_id)
    return True


async def own_records(tx: Transaction, officer_ids: Collection[int]) -> dict[int, int]:
    """Return the own records of officers, as far as they were told: officer id to person id."""
    return dict[int, int](await tx.rows(SQL.own_records, {"officer_ids": sorted(officer_ids)}))
