"""Opening dossiers, naming persons in them, and reading them; `dancu.dossiers.moves` takes them further."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record, record_apart, refusals
from dancu.dossiers.matters import MATTERS, Matter
from dancu.dossiers.model import ACCESS_AFTER_DEADLINE, Dossier, Move, State, Step
from dancu.dossiers.terms import deadline, term_of
from dancu.infra.db import Database, Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid, Limited, NotFound
from dancu.kernel.ids import new_id
from dancu.kernel.text import fold
from dancu.kernel.time import today

SQL = Queries("dancu.dossiers")
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


class ApplicantAsked(Conflict):
    """The applicant was asked for something, and the term stands still until the answer is there."""


class TooManyGuesses(Limited):
    """The officer named persons wrongly too often today."""


class NobodyNamed(Forbidden):
    """No person has this number, name and birth date together; which of the three is wrong is not told."""


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
    known = matter_asked(matter, requester)
    entry = replace(_entry(opener, now, request_id, channel), legal_ground=known.legal_ground)

    async def open_it(tx: Transaction, person_id: int) -> Dossier:
        return await receive(tx, opener=opener, matter=known, requester=requester, now=now, persons=(person_id,))

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
        if not dossier.opens(today(now)):
            raise DossierUnknown("There is no such open dossier")
        await name_person(tx, dossier_id=dossier_id, person_id=person_id, now=now, part=SUBJECT)
        named.append(person_id)
        return dossier

    named: list[int] = []
    await _for_named(database, entry, number=number, name=name, born=born, office_id=opener.office_id, do=name_it)
    return named[0]


def matter_asked(matter: str, requester: str) -> Matter:
    """Return the matter of a dossier that is to be opened.

    Raises:
        Invalid: there is no such matter, or nobody asks.
    """
    known = MATTERS.get(matter)
    if known is None:
        raise Invalid((FieldFault("/matter", "There is no such matter"),))
    if not requester.strip():
        raise Invalid((FieldFault("/requester", "Say who asks"),))
    return known


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
            if person_id is not None:
                dossier = await do(tx, person_id)
                await record(tx, entry.about(person_id=person_id, dossier_id=dossier.dossier_id))
                return dossier
            # Under the lock of the guesses, so that of many at once none goes uncounted.
            await record(tx, entry.refused(NobodyNamed.__name__))
    except (DossierUnknown, TooManyGuesses) as refused:
        await record_apart(database, entry.refused(type(refused).__name__))
        raise
    raise NobodyNamed("No person has this number, name and birth date together. Check all three on the paper")


async def _named(tx: Transaction, wanted: Mapping[str, object]) -> int | None:
    row = await tx.row(SQL.find_person, wanted)
    return int(row[0]) if row and row[0] is not None else None


async def check_visible(tx: Transaction, person_id: int) -> None:
    """Check that the transaction's scope reaches a person.

    Raises:
        NobodyNamed: it does not.
    """
    if not await tx.rows(SQL.visible_person, {"person_id": person_id}):
        raise NobodyNamed("No person has this number, name and birth date together. Check all three on the paper")


async def _check_guesses(tx: Transaction, entry: Entry) -> None:
    if entry.officer_id is None:
        return
    await tx.execute(SQL.one_guess_at_a_time, {"officer_id": entry.officer_id})
    since = entry.logged_at - timedelta(days=1)
    wrong = await refusals(tx, entry.officer_id, Operation.OPEN_DOSSIER, reason=NobodyNamed.__name__, since=since)
    if wrong >= GUESSES_A_DAY:
        raise TooManyGuesses("Too many persons were named wrongly today; go on tomorrow")


async def received_for(tx: Transaction, request_id: UUID, dossier_id: int) -> Dossier | None:
    """Claim a request for a dossier that is about to be received; return the one that it had received before, if any.

    Of two at once, the second waits for the first.

    Raises:
        DossierUnknown: it received one for another office.
    """
    claimed = {"request_id": request_id, "dossier_id": dossier_id}
    if await tx.execute(SQL.claim_request, claimed):
        return None
    found = await tx.first(Dossier, SQL.dossier_of_request, claimed)
    if found is None:
        raise DossierUnknown("There is no such dossier")
    return found


async def receive(
    tx: Transaction,
    *,
    opener: Opener,
    matter: Matter,
    requester: str,
    now: datetime,
    persons: Sequence[int] = (),
    dossier_id: int | None = None,
) -> Dossier:
    """Receive a dossier that names persons whom the caller may open; the caller logs it.

    Args:
        dossier_id: chosen before, where an act hangs on a dossier that begins with it.
    """
    dossier_id, day = dossier_id or new_id(), today(now)
    counted = await tx.row(SQL.next_serial, {"office_id": opener.office_id, "year": day.year})
    serial = int(counted[0]) if counted else 1
    due_on = deadline(term_of(matter.code, day), now)
    row = {
        "dossier_id": dossier_id,
        "office_id": opener.office_id,
        "officer_id": opener.officer_id,
        "opened_at": now,
        "deadline_on": due_on,
        "opens_until": due_on + ACCESS_AFTER_DEADLINE,
        "matter": matter.code,
        "number": f"{opener.office_unit or '00'}-{_LETTERS[matter.authority]}-{day.year}-{serial:05}",
        "requester": requester.strip(),
        "legal_ground": matter.legal_ground,
    }
    await tx.execute(SQL.insert_dossier, row)
    found = await dossier_of(tx, dossier_id)
    await note_step(tx, found, Move.RECEIVE, by=opener, now=now)
    for person_id in persons:
        await name_person(tx, dossier_id=dossier_id, person_id=person_id, now=now, part=SUBJECT)
    return found


async def note_step(
    tx: Transaction,
    after: Dossier,
    move: Move,
    *,
    by: Opener,
    now: datetime,
    reason: str = "",
    legal_ground: str = "",
) -> None:
    """Write down a move that was made."""
    row = {
        "dossier_id": after.dossier_id,
        "step_no": after.version,
        "taken_at": now,
        "officer_id": by.officer_id,
        "office_id": by.office_id,
        "move": move,
        "state": after.state,
        "deadline_on": after.deadline_on,
        "reason": reason.strip(),
        "legal_ground": legal_ground.strip(),
    }
    await tx.execute(SQL.insert_step, row)


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


async def dossier_numbered(tx: Transaction, number: str) -> Dossier:
    """Read the dossier whose number stands on a receipt.

    Raises:
        DossierUnknown: there is none, or the transaction's `offices` don't work on it.
    """
    found = await tx.first(Dossier, SQL.dossier_numbered, {"number": number.strip()})
    if found is None:
        raise DossierUnknown("There is no such dossier")
    return found


async def steps_of(tx: Transaction, dossier_id: int) -> list[Step]:
    """List what was done with a dossier, in order."""
    return await tx.all(Step, SQL.steps_of, {"dossier_id": dossier_id})


async def hold_open(tx: Transaction, dossier_id: int, *, moving: bool = False) -> None:
    """Keep a dossier open until the transaction ends: who closes it meanwhile waits.

    Args:
        moving: the transaction will take it further itself.

    Raises:
        DossierClosed: it is decided or closed already, or the transaction's `offices` don't work on it.
        ApplicantAsked: the applicant is waited for, and nothing is decided before.
    """
    row = await tx.row(SQL.hold_to_move if moving else SQL.hold_open, {"dossier_id": dossier_id})
    if row is None or row[0] in {State.DECIDED, State.CLOSED}:
        raise DossierClosed("The dossier was closed in the meantime")
    if row[0] == State.WAITING_APPLICANT:
        raise ApplicantAsked("The applicant was asked for something; go on with the dossier first")


async def persons_of(tx: Transaction, dossier_id: int) -> frozenset[int]:
    """List the ids of those whom a dossier names."""
    return frozenset(row[0] for row in await tx.rows(SQL.persons_of, {"dossier_id": dossier_id}))


async def open_dossiers_of(tx: Transaction, office_ids: Sequence[int], *, most: int = 100) -> list[Dossier]:
    """List the dossiers of offices that are neither decided nor closed, the urgent ones first."""
    return await tx.all(Dossier, SQL.open_of_office, {"office_ids": list(office_ids), "most": most})


async def dossiers_of(tx: Transaction, office_ids: Sequence[int], *, most: int = 100) -> list[Dossier]:
    """List the dossiers of offices: the open ones, urgent ones first, and then the latest that are settled."""
    still_open = await open_dossiers_of(tx, office_ids, most=most)
    asked = {"office_ids": list(office_ids), "most": most}
    return still_open + await tx.all(Dossier, SQL.settled_of_office, asked)


async def overdue(tx: Transaction, office_ids: Sequence[int], *, now: datetime, most: int = 1000) -> list[Dossier]:
    """List the dossiers of offices whose term has passed without a decision, the longest overdue first."""
    row = {"office_ids": list(office_ids), "day": today(now), "most": most}
    return await tx.all(Dossier, SQL.overdue, row)
