"""Who an officer is in the register, so that looks at the own people can be told to auditors."""

from collections.abc import Collection
from datetime import datetime

from dancu.access.accounts import another, check_administrator, note
from dancu.access.credentials import SQL
from dancu.infra.db import Transaction


async def tell_own_record(tx: Transaction, *, name: str, person_id: int, by: int | None, now: datetime) -> None:
    """Write down which record of the register is an officer's own.

    Raises:
        AdministratorNeeded: who tells is no administrator.
        OfficerUnknown: there is no officer of this name.
        OneselfForbidden: another administrator must tell it of an administrator.
    """
    await check_administrator(tx, by)
    holder = await another(tx, name, by)
    await tx.execute(SQL.set_own_record, {"officer_id": holder.officer_id, "person_id": person_id})
    await note(tx, by, now, f"own_record:{holder.officer_id}")


async def own_records(tx: Transaction, officer_ids: Collection[int]) -> dict[int, int]:
    """Return the own records of officers, as far as they were told: officer id to person id."""
    return dict[int, int](await tx.rows(SQL.own_records, {"officer_ids": sorted(officer_ids)}))
