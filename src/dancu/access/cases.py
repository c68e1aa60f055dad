"""Opening dossiers by policy: the door to persons beyond one's own territory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from dancu.access.model import Assignment, Officer
from dancu.access.policy import OpenDossier, Refusal, decide
from dancu.access.work import NotAllowed, OpenWork, opened
from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record_apart
from dancu.dossiers.commands import (
    Opener,
    check_visible,
    matter_asked,
    name_by_number,
    name_person,
    open_dossier,
    receive,
    received_for,
)
from dancu.dossiers.matters import MATTERS, Matter, matters_for
from dancu.dossiers.model import Dossier, Move
from dancu.dossiers.moves import take
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Forbidden, Invalid
from dancu.kernel.ids import new_id
from dancu.kernel.time import today


class NoMatterOfYours(Forbidden):
    """No matter of the officer's authority leads to such an act."""


_PURPOSE_OF = {
    Authority.CIVIL_REGISTRAR: "civil_status",
    Authority.COMMUNE_POLICE: "residence",
    Authority.POPULATION_DATABASE: "population_database",
}


async def open_case(
    database: Database,
    officer: Officer,
    *,
    matter: str,
    requester: str,
    number: str,
    name: str,
    born: PartialDate,
    now: datetime,
    request_id: UUID,
    office_id: int | None = None,
    channel: Channel = Channel.PORTAL,
) -> Dossier:
    """Open a dossier in a matter of the officer's authority, naming a person by number, name and birth date.

    Args:
        office_id: at which office an officer of several offices acts.

    Raises:
        NotAllowed: the matter belongs to another authority; the try is logged.
        Invalid: there is no such matter, or a part is missing.
        NobodyNamed: nobody has all three; the try is logged.
        TooManyGuesses: twenty tries were wrong within a day.

    Law: Nghị định 70/2024/NĐ-CP, Điều 10.
    """
    known = MATTERS.get(matter)
    if known is None:
        raise Invalid((FieldFault("/matter", "There is no such matter"),))
    assignment = await _allowed(database, officer, _PURPOSE_OF[known.authority], office_id, now, request_id, channel)
    return await open_dossier(
        database,
        opener=opener_of(officer, assignment),
        matter=matter,
        requester=requester,
        number=number,
        name=name,
        born=born,
        now=now,
        request_id=request_id,
        channel=channel,
    )


async def name_in_case(
    database: Database,
    officer: Officer,
    *,
    dossier: Dossier,
    number: str,
    name: str,
    born: PartialDate,
    now: datetime,
    request_id: UUID,
    channel: Channel = Channel.PORTAL,
) -> int:
    """Name one more person in an open dossier of the officer's office, and return the person's id.

    Raises:
        NotAllowed: the officer has no such role at that office; the try is logged.
        DossierUnknown: it is closed.
        NobodyNamed: nobody has all three; the try is logged.
        TooManyGuesses: twenty tries were wrong within a day.
    """
    purpose = _PURPOSE_OF[MATTERS[dossier.matter].authority]
    assignment = await _allowed(database, officer, purpose, dossier.office_id, now, request_id, channel)
    return await name_by_number(
        database,
        opener=opener_of(officer, assignment),
        dossier_id=dossier.dossier_id,
        number=number,
        name=name,
        born=born,
        now=now,
        request_id=request_id,
        channel=channel,
    )


async def open_case_here(
    database: Database,
    officer: Officer,
    *,
    matter: str,
    requester: str,
    person_id: int | None,
    now: datetime,
    request_id: UUID,
    office_id: int | None = None,
    channel: Channel = Channel.PORTAL,
    sent_as: UUID | None = None,
) -> Dossier:
    """Open a dossier about a person of the officer's own territory, or about nobody who is registered yet.

    Args:
        sent_as: idempotency key of what the dossier is for; the same one again finds the dossier.

    Raises:
        NotAllowed: the matter belongs to another authority; the try is logged.
        Invalid: there is no such matter, or nobody asks.
        NobodyNamed: the person is not in the officer's territory; the try is logged.
    """
    known = matter_asked(matter, requester)
    async with opened(
        database,
        officer,
        operation=Operation.OPEN_DOSSIER,
        purpose=_PURPOSE_OF[known.authority],
        now=now,
        request_id=request_id,
        office_id=office_id,
        person_id=person_id,
        channel=channel,
    ) as work:
        persons = () if person_id is None else (person_id,)
        for one in persons:
            await check_visible(work.tx, one)
        dossier_id = new_id()
        before = await received_for(work.tx, sent_as, dossier_id) if sent_as else None
        dossier = before or await receive(
            work.tx,
            opener=opener_of(officer, work.grant.assignment),
            matter=known,
            requester=requester,
            now=now,
            persons=persons,
            dossier_id=dossier_id,
        )
        work.entry = replace(work.entry, dossier_id=dossier.dossier_id, legal_ground=known.legal_ground)
        await work.log(result_count=len(persons))
    return dossier


@dataclass(frozen=True)
class CaseOfAct:
    """A dossier that begins with the very act that it is about: who asked came, was heard and had it decided.

    Args:
        dossier_id: stands in the act; the dossier itself is written by `receive`, in the same transaction.
    """

    work: OpenWork
    opener: Opener
    matter: Matter
    dossier_id: int
    now: datetime

    async def receive(self, *, requester: str, subjects: Sequence[int], established: Sequence[int] = ()) -> Dossier:
        """Write the dossier, received and granted, once the act is done.

        Args:
            requester: who asked; '' for what the office does by itself.
            subjects: whom the case is about.
            established: whom the act brought into the register.
        """
        tx, office = self.work.tx, self.work.grant.assignment.office
        await receive(
            tx,
            opener=self.opener,
            matter=self.matter,
            requester=requester.strip() or office.name or office.unit_code or "-",
            now=self.now,
            persons=sorted(set(subjects)),
            dossier_id=self.dossier_id,
        )
        for person_id in established:
            await name_person(tx, dossier_id=self.dossier_id, person_id=person_id, now=self.now)
        return await take(tx, dossier_id=self.dossier_id, move=Move.GRANT, by=self.opener, now=self.now)


@asynccontextmanager
async def opened_with_case(
    database: Database,
    officer: Officer,
    *,
    act: str,
    now: datetime,
    request_id: UUID,
    fields: int,
    matter: str | None = None,
    office_id: int | None = None,
    channel: Channel = Channel.PORTAL,
) -> AsyncIterator[CaseOfAct]:
    """Open access for an act in the officer's own territory on a dossier that begins with it, all in one transaction.

    Args:
        act: kind of the act, by its name in lower case.
        matter: None: the usual one of the officer's authority that leads to such an act.

    Raises:
        NoMatterOfYours: no matter of the authority leads to it; that is logged.
        NotAllowed: the policy refuses; that is logged.
    """
    held = officer.at(office_id)
    fitting = matters_for(act, held.authority if held else None)
    chosen = MATTERS.get(matter) if matter else next(iter(fitting), None)
    if held is None or chosen is None:
        await _log_refused(database, officer, "act_of_no_matter", "dossier", now, request_id, channel)
        raise NoMatterOfYours("This act belongs to another authority")
    dossier = OpenDossier(new_id(), held.office.office_id, frozenset(), open=True, matter=chosen.code)
    async with opened(
        database,
        officer,
        operation=Operation.WRITE,
        purpose="dossier",
        now=now,
        request_id=request_id,
        fields=fields,
        dossier=dossier,
        office_id=office_id,
        channel=channel,
        act=act,
    ) as work:
        work.entry = replace(work.entry, legal_ground=chosen.legal_ground)
        yield CaseOfAct(work, opener_of(officer, work.grant.assignment), chosen, dossier.dossier_id, now)


def opener_of(officer: Officer, assignment: Assignment) -> Opener:
    """Return an officer as dossiers know him or her."""
    office = assignment.office
    return Opener(officer.officer_id, office.office_id, office.unit_code, assignment.role.code)


async def _allowed(
    database: Database,
    officer: Officer,
    purpose: str,
    office_id: int | None,
    now: datetime,
    request_id: UUID,
    channel: Channel,
) -> Assignment:
    decision = decide(officer, operation=Operation.OPEN_DOSSIER, purpose=purpose, day=today(now), office_id=office_id)
    if not isinstance(decision, Refusal):
        return decision.assignment
    await _log_refused(database, officer, decision.reason, purpose, now, request_id, channel)
    raise NotAllowed(decision)


async def _log_refused(
    database: Database,
    officer: Officer,
    reason: str,
    purpose: str,
    now: datetime,
    request_id: UUID,
    channel: Channel,
) -> None:
    entry = Entry(
        logged_at=now,
        operation=Operation.OPEN_DOSSIER,
        outcome=Outcome.REFUSED,
        channel=channel,
        request_id=request_id,
        officer_id=officer.officer_id,
        purpose=purpose,
        reason=reason,
    )
    await record_apart(database, entry)
