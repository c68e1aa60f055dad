"""Stays of less than 30 nights: notices of whoever lodges a guest, beside the lives and not part of them.

Law: Luật Cư trú 68/2020/QH14, Điều 30; Nghị định 154/2024/NĐ-CP.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

import psycopg

from dancu.audit.entry import Channel
from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.text import fold
from dancu.kernel.time import STATE_TIME, today
from dancu.register.projection import Locate

SQL = Queries("dancu.register", "notices.sql")

LAW = "Luật Cư trú 68/2020/QH14, Điều 30"
MOST_NIGHTS = 30
MOST_OF_A_LIST = 5_000
LEAST_KEPT_MONTHS, KEPT_MONTHS = 12, 24


class LodgingKind(IntEnum):
    """Who lodges the guest."""

    HOUSEHOLD = 1
    HOTEL = 2
    HOSPITAL = 3
    INDUSTRIAL_ZONE = 4
    OTHER = 5


@dataclass(frozen=True)
class Stay:
    """A stay as it is notified.

    Args:
        until: the day on which the guest leaves.
        unit: code of the commune of the lodging, of the units of the day of arrival.
        lodging: its name and address.
        number: personal number, or passport of a foreigner.
    """

    guest_name: str
    number: str
    arrived_at: datetime
    until: date
    unit: str
    lodging: str
    lodging_kind: LodgingKind = LodgingKind.HOTEL
    born: PartialDate | None = None
    nationality: str = "VNM"
    reason: str = ""

    @property
    def night(self) -> date:
        """The first night; of who arrives before 6 in the morning, the one that ends then."""
        local = self.arrived_at.astimezone(STATE_TIME)
        return local.date() - timedelta(days=1) if local.hour < 6 else local.date()


@dataclass(frozen=True)
class NotedStay:
    """A stay as it was notified; `late` tells that the notice came after its time, `person_id` whose number it is."""

    night: date
    until: date
    unit: str
    lodging: str
    lodging_kind: LodgingKind
    guest_name: str
    number: str
    late: bool
    reason: str
    person_id: int | None = None


def due_at(arrived_at: datetime) -> datetime:
    """Return by when a stay is to be notified: 23:00 of the first day, or 08:00 of the next for a later arrival.

    Law: Luật Cư trú 68/2020/QH14, Điều 30 khoản 3.
    """
    local = arrived_at.astimezone(STATE_TIME)
    if local.time() < time(23):
        return datetime.combine(local.date(), time(23), STATE_TIME)
    return datetime.combine(local.date() + timedelta(days=1), time(8), STATE_TIME)


def check(stays: Sequence[Stay], now: datetime) -> None:
    """Hold a list of stays against the law and the form.

    Raises:
        Invalid: the list is empty or too long; or a stay has no guest or place, lies in the future, ends before it
            begins, or is long enough to be a temporary residence.

    Law: Luật Cư trú 68/2020/QH14, Điều 2 khoản 6 (a stay is of less than 30 days).
    """
    if not 0 < len(stays) <= MOST_OF_A_LIST:
        raise Invalid((FieldFault("/stays", "Name between 1 and 5,000 stays"),))
    faults = [
        FieldFault(f"/stays/{i}{pointer}", message)
        for i, stay in enumerate(stays)
        for pointer, message in _faults(stay, now)
    ]
    if faults:
        raise Invalid(tuple(faults))


def _faults(stay: Stay, now: datetime) -> list[tuple[str, str]]:
    found = []
    if not stay.guest_name.strip():
        found.append(("/guest_name", "A name is needed"))
    if not stay.lodging.strip() or not stay.unit:
        found.append(("/lodging", "The place of the stay is needed"))
    if stay.arrived_at > now + timedelta(hours=1):
        found.append(("/arrived_at", "The arrival lies in the future"))
    if stay.until <= stay.night:
        found.append(("/until", "It must end after it begins"))
    elif (stay.until - stay.night).days >= MOST_NIGHTS:
        found.append(("/until", "A stay of 30 days and more is registered as temporary residence"))
    return found


async def notify(
    tx: Transaction,
    *,
    request_id: UUID,
    stays: Sequence[Stay],
    now: datetime,
    locate: Locate,
    channel: Channel = Channel.PORTAL,
) -> int:
    """Take down a list of stays, and return how many were new; the same request again adds none.

    Raises:
        Invalid: see `check`.
        BeyondScope: one of them is in another territory.
    """
    check(stays, now)
    columns = zip(*(_row(request_id, i, stay, now, locate) for i, stay in enumerate(stays)), strict=True)
    parameters: dict[str, object] = dict(zip(_COLUMNS, map(list, columns), strict=True))
    parameters |= {"request_id": request_id, "notified_at": now, "channel": int(channel)}
    ((taken, _),) = await tx.together((SQL.insert_notices, parameters))
    return taken


_COLUMNS = (
    *("notice_id", "arrived_at", "night", "until", "born", "lodging_kind", "late", "unit_code", "province_code"),
    *("commune_code", "number", "nationality", "guest_name", "name_key", "lodging", "reason"),
)


def _row(request_id: UUID, place: int, stay: Stay, now: datetime, locate: Locate) -> tuple[object, ...]:
    """A notice by `_COLUMNS`."""
    province, commune = locate(stay.unit, today(stay.arrived_at), stay.lodging)
    return (
        notice_id_of(request_id, place),
        stay.arrived_at,
        stay.night,
        stay.until,
        stay.born.number if stay.born else None,
        int(stay.lodging_kind),
        now > due_at(stay.arrived_at),
        stay.unit,
        province,
        commune,
        stay.number,
        stay.nationality,
        stay.guest_name.strip(),
        fold(stay.guest_name),
        stay.lodging.strip(),
        stay.reason,
    )


def notice_id_of(request_id: UUID, place: int) -> int:
    """Return the id of a notice, 63 bits of a hash: of one request and place always the same."""
    digest = hashlib.sha256(request_id.bytes + place.to_bytes(4, "big")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def load(
    connection: psycopg.Connection[Any],
    *,
    request_id: UUID,
    stays: Sequence[Stay],
    now: datetime,
    locate: Locate,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Load a night of a large system by COPY, and return how many notices that were; a repeated request adds none.

    Args:
        connection: of a user who may act as dancu_loader; the caller commits.

    Raises:
        Invalid: see `check`.
    """
    for start in range(0, len(stays), MOST_OF_A_LIST):
        check(stays[start : start + MOST_OF_A_LIST], now)
    if not stays or _is_there(connection, request_id, stays[0]):
        return 0
    holders = dict(connection.execute(SQL.holders_of.encode(), {"numbers": [stay.number for stay in stays]}).fetchall())
    with connection.cursor().copy(SQL.copy_notices.encode()) as copy:
        for i, stay in enumerate(stays):
            notice_id, arrived_at, night, until, born, kind, late, *rest = _row(request_id, i, stay, now, locate)
            person = holders.get(stay.number)
            head = (notice_id, person, request_id, arrived_at, now, night, until, born, kind, int(Channel.API), late)
            copy.write_row((*head, *rest))
            if i % MOST_OF_A_LIST == 0:
                progress(i)
    return len(stays)


def _is_there(connection: psycopg.Connection[Any], request_id: UUID, first: Stay) -> bool:
    asked = {"notice_id": notice_id_of(request_id, 0), "night": first.night}
    row = connection.execute(SQL.is_there.encode(), asked).fetchone()
    return bool(row and row[0])


async def stays_of(tx: Transaction, person_id: int, *, since: date, until: date, most: int = 200) -> list[NotedStay]:
    """List the stays of a person between two days, the last first, as far as they are in scope."""
    asked = {"person_id": person_id, "since": since, "until": until, "most": most}
    return [_noted(row) for row in await tx.rows(SQL.stays_of, asked)]


async def stays_in_commune(
    tx: Transaction, commune: str, *, on: date, guest: str = "", most: int = 1_000
) -> list[NotedStay]:
    """List who stays in a commune in the night that begins on a day.

    Args:
        guest: the number of whom to list, or a part of the name; '' for everybody.
    """
    asked = {"commune": commune, "on": on, "number": guest.strip(), "key": fold(guest), "most": most}
    return [_noted(row) for row in await tx.rows(SQL.stays_in_commune, asked)]


def _noted(row: Sequence[Any]) -> NotedStay:
    night, until, unit, lodging, kind, *rest = row
    return NotedStay(night, until, unit, lodging, LodgingKind(kind), *rest)


async def make_months(tx: Transaction, day: date, *, months: int = 3) -> int:
    """Make the partitions of the month of a day and those that follow, and return how many were new."""
    made = 0
    month = day.replace(day=1)
    for _ in range(months):
        row = await tx.row(SQL.make_month, {"month": month})
        made += bool(row and row[0])
        month = (month + timedelta(days=32)).replace(day=1)
    return made


async def drop_months(tx: Transaction, today: date, *, kept_months: int) -> int:
    """Drop the months at the end of retention, and return how many.

    Args:
        kept_months: how long a month is kept after its end, 12 at least.

    Law: Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 (what its purpose needs no longer is deleted). No law tells the time;
        `KEPT_MONTHS` is a policy of the house, and the database refuses less than a year.
    """
    # The database counts a year by its own day, which may be the one before.
    yesterday = today - timedelta(days=1)
    months = yesterday.year * 12 + yesterday.month - 1 - max(kept_months, LEAST_KEPT_MONTHS)
    before = date(months // 12, months % 12 + 1, 1)
    row = await tx.row(SQL.drop_months, {"before": before})
    return int(row[0]) if row else 0
