"""Opening dossiers by policy: the door to persons beyond one's own territory."""

from datetime import datetime
from uuid import UUID

from dancu.access.model import Assignment, Officer
from dancu.access.policy import Refusal, decide
from dancu.access.work import NotAllowed
from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record_apart
from dancu.dossiers.commands import Dossier, Opener, name_by_number, open_dossier
from dancu.dossiers.matters import MATTERS
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.time import today

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
        opener=_opener(officer, assignment),
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
        opener=_opener(officer, assignment),
        dossier_id=dossier.dossier_id,
        number=number,
        name=name,
        born=born,
        now=now,
        request_id=request_id,
        channel=channel,
    )


def _opener(officer: Officer, assignment: Assignment) -> Opener:
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
    entry = Entry(
        logged_at=now,
        operation=Operation.OPEN_DOSSIER,
        outcome=Outcome.REFUSED,
        channel=channel,
        request_id=request_id,
        officer_id=officer.officer_id,
        purpose=purpose,
        reason=decision.reason,
    )
    await record_apart(database, entry)
    raise NotAllowed(decision)
