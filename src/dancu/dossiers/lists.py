"""Lists of dossiers: that one was looked at is written down; and the numbers of dossiers that others did work on."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.dossiers.commands import SQL, Opener
from dancu.dossiers.model import Dossier
from dancu.infra.db import Transaction


class ListKind(StrEnum):
    """Which dossiers a list shows."""

    OFFICE = "office"
    OVERDUE = "overdue"


def reason_of(kind: ListKind) -> str:
    """Return what stands as the reason of a look at a list."""
    return f"list:{kind}"


async def note_list(
    tx: Transaction,
    listed: Collection[Dossier],
    *,
    kind: ListKind,
    by: Opener,
    now: datetime,
    request_id: UUID,
    channel: Channel,
) -> None:
    """Write down that a list of dossiers is shown: to whom, which one, and how many persons they name."""
    row = await tx.row(SQL.count_named, {"dossier_ids": [one.dossier_id for one in listed]})
    entry = Entry(
        logged_at=now,
        operation=Operation.READ,
        outcome=Outcome.GRANTED,
        channel=channel,
        request_id=request_id,
        officer_id=by.officer_id,
        office=by.office_unit,
        role=by.role,
        purpose="dossier",
        result_count=row[0] if row else 0,
        reason=reason_of(kind),
    )
    await record(tx, entry)


async def numbers_of(tx: Transaction, dossier_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of dossiers by id.

    That is: of all under the scope of the nation; else of those on which was opened what the offices of the
    transaction protect.
    """
    if not dossier_ids:
        return {}
    return dict[int, str](await tx.rows(SQL.numbers_of, {"dossier_ids": sorted(dossier_ids)}))
