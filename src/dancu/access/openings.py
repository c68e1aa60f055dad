"""Openings of masked records: the reason of each, and the notice of it for the office that protects."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import ProtectionGround
from dancu.kernel.errors import FieldFault, Invalid, NotFound

SQL = Queries("dancu.access")
LEAST_REASON = 10
OPEN_FOR = timedelta(hours=2)


class NoticeUnknown(NotFound):
    """There is no such notice for the office, or it was seen before."""


@dataclass(frozen=True)
class Opening:
    """A masked record that an officer opened on a dossier.

    Args:
        office_id: the office that works on the dossier.
        notified_office_id: the office whose act protects the record; None: that office is gone.
        dossier_id: the case on which it was opened; None: an inspection of the log.
        closes_at: until when the officer sees the record on this dossier; not included.
    """

    opening_id: int
    person_id: int
    officer_id: int
    office_id: int
    dossier_id: int | None
    notified_office_id: int | None
    opened_at: datetime
    closes_at: datetime
    ground: int
    reason: str
    seen_at: datetime | None = None
    seen_by: int | None = None

    @property
    def protects_from(self) -> ProtectionGround:
        """The ground on which the record is masked."""
        return ProtectionGround(self.ground)


def check_reason(reason: str) -> str:
    """Return a reason without spaces around it.

    Raises:
        Invalid: it is shorter than ten characters.
    """
    told = reason.strip()
    if len(told) < LEAST_REASON:
        raise Invalid((FieldFault("/reason", "Say in a sentence why the record must be opened"),))
    return told


async def write(tx: Transaction, opening: Opening) -> None:
    """Write an opening, which is the notice, too."""
    fields = {name: value for name, value in vars(opening).items() if name not in {"seen_at", "seen_by"}}
    await tx.execute(SQL.insert_opening, fields)


async def unmasked(tx: Transaction, *, officer_id: int, dossier_id: int | None, now: datetime) -> frozenset[int]:
    """Return whose masked records an officer has open on a dossier now; on none: for an inspection."""
    parameters = {"officer_id": officer_id, "dossier_id": dossier_id, "now": now}
    return frozenset(row[0] for row in await tx.rows(SQL.unmasked, parameters))


async def office_at(tx: Transaction, *, unit_code: str, authority: int) -> int | None:
    """Return the office of an authority in a unit, if there is one today."""
    row = await tx.row(SQL.office_of, {"unit_code": unit_code, "authority": authority})
    return int(row[0]) if row else None


async def notices(
    tx: Transaction, *, office_ids: Collection[int], center: bool = False, unseen: bool = False, most: int = 100
) -> list[Opening]:
    """List the openings of records that offices protect, the latest first.

    Args:
        center: also those of offices that are gone.
        unseen: only those that nobody has seen yet.
    """
    parameters = {"office_ids": list(office_ids), "center": center, "unseen": unseen, "most": most}
    return await tx.all(Opening, SQL.notices, parameters)


async def mark_seen(tx: Transaction, opening_id: int, *, officer_id: int, now: datetime) -> None:
    """Note that the head of the protecting office has seen a notice.

    Raises:
        NoticeUnknown: there is no such notice for the office, it is of what the officer opened, or it was seen before.
    """
    parameters = {"opening_id": opening_id, "officer_id": officer_id, "now": now}
    if not await tx.execute(SQL.see_notice, parameters):
        raise NoticeUnknown("There is no such notice, or it was seen before")
