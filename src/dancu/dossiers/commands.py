"""Opening, reading and closing dossiers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record, record_apart, refusals
from dancu.dossiers.matters import MATTERS, Matter
from dancu.infra.db import Database, Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid, Limited, NotFound
from dancu.kernel.ids import new_id
from dancu.kernel.text import fold
from dancu.kernel.time import today
from dancu.reference.calendar import add_working_days

SQL = Queries("dancu.dossiers")
OPEN = "open"
SUBJECT, ESTABLISHED = "subject", "established"
GUESSES_A_DAY = 20
_LETTERS = {
    Authority.CIVIL_REGISTRAR: "HT",
    Authority.COMMUNE_POLICE: "CA",
    Authority.POPULATION_DATABASE: "DC",
    Authority.COURT: "TA",
}


class DossierUnknown(NotFound):
    """There is no such dossier."""


class DossierClosed(Conflict):
    """The dossier is closed by now, and nothing is done on it any more."""


class TooManyGuesses(Limited):
    """The officer named persons wrongly too often today."""


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
    """Who works on a dossier, at which office, as what."""

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
        TooManyGuesses: twenty tries were wrong within a day.

    Law: Nghị định 70/2024/NĐ-CP, Điều 10.
    """
    known = MATTERS.get(matter)
    if known is None:
        raise Invalid((FieldFault("/matter", "There is no such matter"),))
    if not requester.strip():
        raise Invalid((FieldFault("/requester", "Say who asks"),))
    entry = replace(_entry(opener, now, request_id, channel), legal_ground=known.legal_ground)

    async def open_it(tx: Transaction, person_id: int) -> Dossier:
        dossier = await _insert(tx, opener, known, requester, now)
        await name_person(tx, dossier_id=dossier.dossier_id, person_id=person_id, now=now, part=SUBJECT)
        return dossier

    return await _for_named(
        database, entry, number=number, name=name, born=born, office_id=opener.office_id, do=open_it
    )


async def name_by_number(
    database: Database,
    *,
    opener: Opener,
    dossier_id: int,
    number: str,
    name: str,
    born: PartialDate,
    now: datetime,
    request_id: UUID,
    channel: Channel = Channel.PORTAL,
) -> int:
    """Name one more person in an open dossier of the own office, and return the person's id.

    Raises:
        DossierUnknown: the office has no such open dossier.
        NobodyNamed: nobody has all three; the try is logged.
        TooManyGuesses: twenty tries were wrong within a day.
    """
    entry = replace(_entry(opener, now, request_id, channel), dossier_id=dossier_id)

    async def name_it(tx: Transaction, person_id: int) -> Dossier:
        dossier = await dossier_of(tx, dossier_id)
        if dossier.state != OPEN:
            raise DossierUnknown("There is no such open dossier")
        await name_person(tx, dossier_id=dossier_id, person_id=person_id, now=now, part=SUBJECT)
        named.append(person_id)
        return dossier

    named: list[int] = []
    await _for_named(database, entry, number=number, name=name, born=born, office_id=opener.office_id, do=name_it)
    return named[0]


def _entry(opener: Opener, now: datetime, request_id: UUID, channel: Channel) -> Entry:
    return Entry(
        logged_at=now,
        operation=Operation.OPEN_DOSSIER,
        outcome=Outcome.GRANTED,
        channel=channel,
        request_id=request_id,
        officer_id=opener.officer_id,
        office=opener.office_unit,
        role=opener.role,
        purpose="dossier",
        result_count=1,
    )


async def _for_named(
    database: Database,
    entry: Entry,
    *,
    number: str,
    name: str,
    born: PartialDate,
    office_id: int,
    do: Callable[[Transaction, int], Awaitable[Dossier]],
) -> Dossier:
    """Do something for the person whom number, name and birth date name together, and log it either way."""
    wanted = {"number": number.strip(), "name_key": fold(name), "born": born.number}
    try:
        async with database.transaction(scope="none", offices=str(office_id)) as tx:
            await _check_guesses(tx, entry)
            person_id = await _named(tx, wanted)
            dossier = await do(tx, person_id)
            await record(tx, entry.about(person_id=person_id, dossier_id=dossier.dossier_id))
            return dossier
    except (NobodyNamed, DossierUnknown, TooManyGuesses) as refused:
        await record_apart(database, entry.refused(type(refused).__name__))
        raise


async def _named(tx: Transaction, wanted: Mapping[str, object]) -> int:
    row = await tx.row(SQL.find_person, wanted)
    if row is None or row[0] is None:
        raise NobodyNamed("No person has this number, name and birth date together. Check all three on the paper")
    return int(row[0])


async def _check_guesses(tx: Transaction, entry: Entry) -> None:
    if entry.officer_id is None:
        return
    since = entry.logged_at - timedelta(days=1)
    if await refusals(tx, entry.officer_id, Operation.OPEN_DOSSIER, since=since) >= GUESSES_A_DAY:
        raise TooManyGuesses("Too many persons were named wrongly today; go on tomorrow")


async def _insert(tx: Transaction, opener: Opener, matter: Matter, requester: str, now: datetime) -> Dossier:
    dossier_id, day = new_id(), today(now)
    counted = await tx.row(SQL.next_serial, {"office_id": opener.office_id, "year": day.year})
    serial = int(counted[0]) if counted else 1
    row = {
        "dossier_id": dossier_id,
        "office_id": opener.office_id,
        "officer_id": opener.officer_id,
        "opened_at": now,
        "deadline_on": add_working_days(day, matter.working_days),
        "matter": matter.code,
        "number": f"{opener.office_unit or '00'}-{_LETTERS[matter.authority]}-{day.year}-{serial:05}",
        "requester": requester.strip(),
        "legal_ground": matter.legal_ground,
    }
    await tx.execute(SQL.insert_dossier, row)
    return await dossier_of(tx, dossier_id)


async def name_person(
    tx: Transaction, *, dossier_id: int, person_id: int, now: datetime, part: str = ESTABLISHED
) -> None:
    """Name one more person whom the case turned out to be about, such as the child of a birth registration."""
    row = {"dossier_id": dossier_id, "person_id": person_id, "named_at": now, "part": part}
    await tx.execute(SQL.name_person, row)


async def dossier_of(tx: Transaction, dossier_id: int) -> Dossier:
    """Read a dossier.

    Raises:
        DossierUnknown: there is none, or the transaction's `offices` don't work on it.
    """
    found = await tx.first(Dossier, SQL.dossier, {"dossier_id": dossier_id})
    if found is None:
        raise DossierUnknown("There is no such dossier")
    return found


async def hold_open(tx: Transaction, dossier_id: int) -> None:
    """Keep a dossier open until the transaction ends: who closes it meanwhile waits.

    Raises:
        DossierClosed: it is closed already, or the transaction's `offices` don't work on it.
    """
    if not await tx.rows(SQL.hold_open, {"dossier_id": dossier_id}):
        raise DossierClosed("The dossier was closed in the meantime")


async def persons_of(tx: Transaction, dossier_id: int) -> frozenset[int]:
    """List the ids of those whom a dossier names."""
    return frozenset(row[0] for row in await tx.rows(SQL.persons_of, {"dossier_id": dossier_id}))


async def dossiers_of(tx: Transaction, office_ids: Sequence[int], *, most: int = 100) -> list[Dossier]:
    """List the dossiers of offices, open and urgent ones first."""
    return await tx.all(Dossier, SQL.dossiers_of_office, {"office_ids": list(office_ids), "most": most})


async def close_dossier(tx: Transaction, *, dossier_id: int, now: datetime, refused: bool = False) -> None:
    """Close a dossier, done or refused: from now on it opens nobody.

    Raises:
        DossierUnknown: there is none, or it is closed.
    """
    row = {"dossier_id": dossier_id, "now": now, "state": "refused" if refused else "closed"}
    if not await tx.execute(SQL.close_dossier, row):
        raise DossierUnknown("There is no such open dossier")
