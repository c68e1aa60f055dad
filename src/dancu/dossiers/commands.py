"""Opening, reading and closing dossiers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record, record_apart
from dancu.dossiers.matters import MATTERS
from dancu.infra.db import Database, Transaction
from dancu.infra.sql import Queries
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Forbidden, Invalid, NotFound
from dancu.kernel.ids import new_id
from dancu.kernel.text import fold
from dancu.kernel.time import STATE_TIME, today
from dancu.reference.calendar import add_working_days

SQL = Queries("dancu.dossiers")


class DossierUnknown(NotFound):
    """There is no such dossier."""


class NobodyNamed(Forbidden):
    """No person has this number, name and birth date together; which of the three is wrong is not told."""


@dataclass(frozen=True)
class Dossier:
    """A case as it is stored."""

    dossier_id: int
    office_id: int
    officer_id: int
    opened_at: datetime
    closed_at: datetime | None
    deadline_on: date | None
    state: str
    matter: str
    number: str
    requester: str
    legal_ground: str


@dataclass(frozen=True)
class Opener:
    """Who opens a dossier, at which office, as what."""

    officer_id: int
    office_id: int
    office_unit: str
    role: str


async def open_dossier(
    database: Database,
    *,
    opener: Opener,
    matter: str,
    requester: str,
    number: str,
    name: str,
    born: PartialDate,
    now: datetime,
    request_id: UUID,
    channel: Channel = Channel.PORTAL,
) -> Dossier:
    """Open a dossier that names a person by personal number, name and birth date, wherever the person lives.

    Raises:
        Invalid: there is no such matter, or a part is missing.
        NobodyNamed: nobody has all three; the try is logged.

    Law: Nghị định 70/2024/NĐ-CP, Điều 10.
    """
    known = MATTERS.get(matter)
    if known is None:
        raise Invalid((FieldFault("/matter", "There is no such matter"),))
    if not requester.strip():
        raise Invalid((FieldFault("/requester", "Say who asks"),))
    entry = Entry(
        logged_at=now,
        operation=Operation.OPEN_DOSSIER,
        outcome=Outcome.GRANTED,
        channel=channel,
        request_id=request_id,
        officer_id=opener.officer_id,
        office=opener.office_unit,
        role=opener.role,
        purpose="dossier",
        legal_ground=known.legal_ground,
        result_count=1,
    )
    async with database.transaction(scope="none") as tx:
        wanted = {"number": number, "name_key": fold(name), "born": born.number}
        row = await tx.row(SQL.find_person, wanted)
        if row and row[0] is not None:
            dossier = await _insert(tx, opener, matter, requester, now)
            await _name(tx, dossier.dossier_id, row[0], now)
            await record(tx, entry.about(person_id=row[0], dossier_id=dossier.dossier_id))
            return dossier
    await record_apart(database, entry.refused("NobodyNamed"))
    raise NobodyNamed("No person has this number, name and birth date together. Check all three on the paper")


async def _insert(tx: Transaction, opener: Opener, matter: str, requester: str, now: datetime) -> Dossier:
    known = MATTERS[matter]
    dossier_id = new_id()
    since = datetime(today(now).year, 1, 1, tzinfo=STATE_TIME)
    counted = await tx.row(SQL.count_of_year, {"office_id": opener.office_id, "since": since})
    serial = int(counted[0]) + 1 if counted else 1
    row = {
        "dossier_id": dossier_id,
        "office_id": opener.office_id,
        "officer_id": opener.officer_id,
        "opened_at": now,
        "deadline_on": add_working_days(today(now), known.working_days),
        "matter": matter,
        "number": f"{opener.office_unit or '00'}-{today(now).year}-{serial:05}",
        "requester": requester.strip(),
        "legal_ground": known.legal_ground,
    }
    await tx.execute(SQL.insert_dossier, row)
    return await dossier_of(tx, dossier_id)


async def _name(tx: Transaction, dossier_id: int, person_id: int, now: datetime) -> None:
    await tx.execute(SQL.name_person, {"dossier_id": dossier_id, "person_id": person_id, "named_at": now})


async def name_person(tx: Transaction, *, dossier_id: int, person_id: int, now: datetime) -> None:
    """Name one more person whom the case turned out to be about, such as the child of a birth registration."""
    await _name(tx, dossier_id, person_id, now)


async def dossier_of(tx: Transaction, dossier_id: int) -> Dossier:
    """Read a dossier.

    Raises:
        DossierUnknown: there is none.
    """
    found = await tx.first(Dossier, SQL.dossier, {"dossier_id": dossier_id})
    if found is None:
        raise DossierUnknown("There is no such dossier")
    return found


async def persons_of(tx: Transaction, dossier_id: int) -> frozenset[int]:
    """List the ids of those whom a dossier names."""
    return frozenset(row[0] for row in await tx.rows(SQL.persons_of, {"dossier_id": dossier_id}))


async def dossiers_of(tx: Transaction, office_ids: Sequence[int], *, most: int = 100) -> list[Dossier]:
    """List the dossiers of offices, open and urgent ones first."""
    return await tx.all(Dossier, SQL.dossiers_of_office, {"office_ids": list(office_ids), "most": most})


async def close_dossier(tx: Transaction, *, dossier_id: int, now: datetime) -> None:
    """Close a dossier: from now on it opens nobody.

    Raises:
        DossierUnknown: there is none, or it is closed.
    """
    if not await tx.execute(SQL.close_dossier, {"dossier_id": dossier_id, "now": now}):
        raise DossierUnknown("There is no such open dossier")
