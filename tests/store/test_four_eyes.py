"""Four eyes: who proposes never decides, and what is approved is what was proposed."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.journeys.village import HONG_HA, NOW, Village, settle
from tests.rings import memory_ring

from dancu.access.cases import open_case, opener_of
from dancu.access.model import Assignment, Office, Officer
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import opened
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.dossiers.commands import DossierUnknown, dossier_of, persons_of
from dancu.dossiers.model import Dossier
from dancu.dossiers.proposals import (
    STANDS_FOR,
    Proposal,
    ProposalExpired,
    ProposalSettled,
    ProposalUnknown,
    SameOfficer,
    command_of,
    let_expire,
    proposals_of,
    waiting,
)
from dancu.infra.db import Database
from dancu.infra.keys import SealBroken
from dancu.kernel.codes import Authority, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid, Refused
from dancu.register import commands, proposed
from dancu.register.act import ActHeader
from dancu.register.commands.acting import Recorded
from dancu.register.four_eyes import FOUR_EYES, SecondOfficerNeeded, takes_four_eyes
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload
from dancu.register.proposed import PROPOSABLE, Second, approve, decode, encode, propose, refuse, withdraw
from dancu.register.store import AlreadyRecorded, ChangedMeanwhile
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

RING = memory_ring()
POLICE, CENTER, CIVIL = Authority.COMMUNE_POLICE, Authority.POPULATION_DATABASE, Authority.CIVIL_REGISTRAR
HONG_HA_POLICE = Office(11, POLICE, HONG_HA, "Công an phường Hồng Hà")
OTHER_POLICE = Office(12, POLICE, "10273", "Công an xã Phú Xuyên")
HA_NOI_POLICE = Office(13, POLICE, "01", "Công an Hà Nội")
HUE_POLICE = Office(14, POLICE, "46", "Công an Huế")
THE_CENTER = Office(15, CENTER, "", "")
HONG_HA_CIVIL = Office(16, CIVIL, HONG_HA, "UBND phường Hồng Hà")


def officer(number: int, office: Office, role: str) -> Officer:
    return Officer(number, f"o{number}", f"Cán bộ {number}", AccountClass.OPERATOR, (Assignment(office, ROLES[role]),))


FIRST = officer(101, HONG_HA_POLICE, "commune_police")
COLLEAGUE = officer(102, HONG_HA_POLICE, "commune_police")
ELSEWHERE = officer(103, OTHER_POLICE, "commune_police")
PROVINCE = officer(104, HA_NOI_POLICE, "province_officer")
OTHER_PROVINCE = officer(105, HUE_POLICE, "province_officer")
AT_THE_CENTER = officer(106, THE_CENTER, "center_officer")
REGISTRAR = officer(107, HONG_HA_CIVIL, "civil_registrar")


@pytest.fixture
async def village(database: Database, tmp_path: Path, connection: psycopg.Connection[Any]) -> Village:
    village = await settle(database, tmp_path)
    for office in (HONG_HA_POLICE, OTHER_POLICE, HA_NOI_POLICE, HUE_POLICE, THE_CENTER, HONG_HA_CIVIL):
        connection.execute(
            "INSERT INTO access.office (office_id, authority, unit_code, name, valid_from)"
            " VALUES (%s, %s, %s, %s, '2020-01-01')",
            (office.office_id, office.authority, office.unit_code, office.name),
        )
    return village


async def case(
    database: Database, village: Village, who: Officer = FIRST, matter: str = "population.number"
) -> Dossier:
    return await open_case(
        database,
        who,
        matter=matter,
        requester="Nguyễn Văn An",
        number=village.numbers["Nguyễn Văn An"],
        name="Nguyễn Văn An",
        born=PartialDate.of(1985, 3, 12),
        now=NOW,
        request_id=uuid4(),
    )


def header_of(who: Officer, dossier: Dossier, request: UUID | None = None) -> ActHeader:
    held = who.assignments[0].office
    return ActHeader(
        Authority(held.authority), held.unit_code, request or uuid4(), "Thông tư 17/2024/TT-BCA", who.officer_id,
        dossier.dossier_id,
    )  # fmt: skip


async def file(
    database: Database,
    dossier: Dossier,
    *,
    who: Officer = FIRST,
    command: str = "establish_number",
    reason: str = "Số cũ sai năm sinh",
    now: datetime = NOW,
    request: UUID | None = None,
    **arguments: object,
) -> Proposal:
    async with database.transaction(offices=str(dossier.office_id)) as tx:
        found, persons = await dossier_of(tx, dossier.dossier_id), await persons_of(tx, dossier.dossier_id)
    async with opened(
        database,
        who,
        operation=Operation.PROPOSE,
        purpose="dossier",
        now=now,
        request_id=uuid4(),
        fields=ALL_FIELDS,
        dossier=OpenDossier(found.dossier_id, found.office_id, persons, open=True, matter=found.matter),
        act=PROPOSABLE[command][1].name.lower(),
    ) as work:
        return await propose(
            work,
            command=command,
            header=header_of(who, dossier, request),
            arguments=arguments,
            reason=reason,
            officer=who,
            ring=RING,
            now=now,
            locate=locate,
        )


async def new_number(database: Database, village: Village, dossier: Dossier, **changes: Any) -> Proposal:
    return await file(database, dossier, person_id=village.people["Nguyễn Văn An"], place=1, **changes)


async def decide(database: Database, who: Officer, proposal: Proposal, *, now: datetime = NOW) -> Recorded:
    return await approve(
        database,
        Second(who, now, uuid4()),
        dossier_id=proposal.dossier_id,
        proposal_id=proposal.proposal_id,
        ring=RING,
        locate=locate,
    )


async def stored(database: Database, proposal: Proposal) -> tuple[Dossier, Proposal]:
    async with database.transaction(offices=str(proposal.office_id)) as tx:
        return await dossier_of(tx, proposal.dossier_id), (await proposals_of(tx, proposal.dossier_id))[-1]


def counted(connection: psycopg.Connection[Any], kind: EventKind) -> int:
    row = connection.execute("SELECT count(*) FROM register.act WHERE kind = %s", (int(kind),)).fetchone()
    assert row
    return int(row[0])


async def test_no_officer_records_such_an_act_alone(database: Database, village: Village) -> None:
    dossier = await case(database, village)
    for approver in (None, FIRST.officer_id):
        with pytest.raises(SecondOfficerNeeded):
            async with database.transaction(scope="nation") as tx:
                await commands.establish_number(
                    tx,
                    header=replace(header_of(FIRST, dossier), approver_id=approver),
                    person_id=village.people["Nguyễn Văn An"],
                    place=1,
                    now=NOW,
                    locate=locate,
                )


async def test_a_proposal_records_nothing_and_its_dossier_waits(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    assert counted(connection, EventKind.PERSONAL_NUMBER_ESTABLISHED) == 0
    dossier, found = await stored(database, proposal)
    assert (dossier.state, found.state) == ("waiting_approval", "waiting")
    assert b"Nguy" not in found.sealed
    assert village.numbers["Nguyễn Văn An"].encode() not in found.sealed
    log = connection.execute("SELECT operation, officer_id, persons FROM audit.access_log WHERE operation = 12")
    assert log.fetchall() == [(12, 101, [village.people["Nguyễn Văn An"]])]


@pytest.mark.parametrize("second", [COLLEAGUE, PROVINCE, AT_THE_CENTER], ids=lambda one: one.name)
async def test_a_second_officer_of_the_office_or_above_has_it_carried_out(
    database: Database, village: Village, connection: psycopg.Connection[Any], second: Officer
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    done = await decide(database, second, proposal)
    assert done.personal_number
    assert done.personal_number != village.numbers["Nguyễn Văn An"]
    act = connection.execute(
        "SELECT officer_id, approver_id, dossier_id FROM register.act WHERE act_id = %s", (done.act_id,)
    ).fetchone()
    assert act == (FIRST.officer_id, second.officer_id, proposal.dossier_id)
    dossier, found = await stored(database, proposal)
    assert (dossier.state, found.state, found.act_id, found.decided_by) == (
        "in_work",
        "approved",
        done.act_id,
        second.officer_id,
    )
    log = connection.execute("SELECT officer_id, persons FROM audit.access_log WHERE operation = 13 AND outcome = 1")
    assert log.fetchall() == [(second.officer_id, [village.people["Nguyễn Văn An"]])]


async def test_who_proposes_does_not_decide(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    with pytest.raises(SameOfficer):
        await decide(database, FIRST, proposal)
    with pytest.raises(SameOfficer):
        await refuse(
            database,
            Second(FIRST, NOW, uuid4()),
            dossier_id=proposal.dossier_id,
            proposal_id=proposal.proposal_id,
            answer="Không",
            ring=RING,
        )
    assert counted(connection, EventKind.PERSONAL_NUMBER_ESTABLISHED) == 0
    refused = connection.execute("SELECT reason FROM audit.access_log WHERE operation = 13 AND outcome = 2").fetchall()
    assert refused == [("SameOfficer",), ("SameOfficer",)]


async def test_the_tables_themselves_take_no_decision_of_the_same_officer(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "UPDATE dossiers.proposal SET state = 'approved', decided_by = officer_id, decided_at = now(), act_id = 1"
            " WHERE proposal_id = %s",
            (proposal.proposal_id,),
        )
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE register.act SET officer_id = 5, approver_id = 5")


async def test_the_table_takes_no_act_of_an_officer_without_a_dossier(database: Database, village: Village) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        async with database.transaction(scope="nation") as tx:
            await commands.update_from_source(
                tx,
                header=ActHeader(POLICE, HONG_HA, uuid4(), "Luật Cư trú 68/2020/QH14", officer_id=101),
                person_id=village.people["Nguyễn Văn An"],
                told=Payload(phone="0912345678"),
                valid_on=PartialDate.on(date(2026, 11, 1)),
                now=NOW,
                locate=locate,
            )


@pytest.mark.parametrize("stranger", [ELSEWHERE, OTHER_PROVINCE, REGISTRAR], ids=lambda one: one.name)
async def test_an_officer_of_another_line_or_place_decides_nothing(
    database: Database, village: Village, stranger: Officer
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    with pytest.raises(DossierUnknown):
        await decide(database, stranger, proposal)


async def test_of_two_who_decide_at_once_one_does(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    done = await asyncio.gather(
        decide(database, COLLEAGUE, proposal), decide(database, PROVINCE, proposal), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["ProposalSettled", "Recorded"]
    assert counted(connection, EventKind.PERSONAL_NUMBER_ESTABLISHED) == 1


async def test_what_was_refused_or_withdrawn_is_not_carried_out(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    dossier = await case(database, village)
    one, other = [await new_number(database, village, dossier) for _ in range(2)]
    second = Second(COLLEAGUE, NOW, uuid4())
    with pytest.raises(Invalid, match="Say why"):
        await refuse(database, second, dossier_id=one.dossier_id, proposal_id=one.proposal_id, answer=" ", ring=RING)
    await refuse(
        database, second, dossier_id=one.dossier_id, proposal_id=one.proposal_id, answer="Thiếu giấy tờ", ring=RING
    )
    assert (await stored(database, one))[0].state == "waiting_approval"
    with pytest.raises(ProposalUnknown):
        await withdraw(
            database, COLLEAGUE, dossier_id=other.dossier_id, proposal_id=other.proposal_id, now=NOW, office_id=11
        )
    await withdraw(database, FIRST, dossier_id=other.dossier_id, proposal_id=other.proposal_id, now=NOW, office_id=11)
    assert (await stored(database, one))[0].state == "in_work"
    for proposal in (one, other):
        with pytest.raises(ProposalSettled):
            await decide(database, PROVINCE, proposal)
    assert counted(connection, EventKind.PERSONAL_NUMBER_ESTABLISHED) == 0


async def test_a_proposal_that_waited_too_long_is_not_decided_and_holds_up_nothing(
    database: Database, village: Village
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    later = NOW + STANDS_FOR
    with pytest.raises(ProposalExpired):
        await decide(database, COLLEAGUE, proposal, now=later)
    async with database.transaction(offices="11") as tx:
        assert [one.proposal_id for one in await waiting(tx, [11], now=NOW)] == [proposal.proposal_id]
        assert await waiting(tx, [11], now=later) == []
        by = opener_of(FIRST, FIRST.assignments[0])
        assert not await let_expire(tx, proposal.dossier_id, state="waiting_approval", by=by, now=NOW)
        assert await let_expire(tx, proposal.dossier_id, state="waiting_approval", by=by, now=later)
        assert (await dossier_of(tx, proposal.dossier_id)).state == "in_work"


async def test_what_stands_on_a_ledger_that_has_grown_is_proposed_anew(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    async with database.transaction(scope="nation") as tx:
        await commands.update_from_source(
            tx,
            header=ActHeader(CENTER, "", uuid4(), "Luật Căn cước 26/2023/QH15", source="hospital"),
            person_id=village.people["Nguyễn Văn An"],
            told=Payload(phone="0912345678"),
            valid_on=PartialDate.on(date(2026, 11, 1)),
            now=NOW,
            locate=locate,
        )
    with pytest.raises(ChangedMeanwhile):
        await decide(database, COLLEAGUE, proposal)
    assert counted(connection, EventKind.PERSONAL_NUMBER_ESTABLISHED) == 0
    assert (await stored(database, proposal))[1].state == "waiting"


async def test_what_the_law_refuses_is_never_proposed(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    dossier = await case(database, village, REGISTRAR, "civil.decision")
    with pytest.raises(Refused):
        await file(
            database,
            dossier,
            who=REGISTRAR,
            command="reverse_declared_death",
            person_id=village.people["Nguyễn Văn An"],
            on=date(2026, 11, 1),
        )
    assert connection.execute("SELECT count(*) FROM dossiers.proposal").fetchone() == (0,)


@pytest.mark.parametrize("wrong", [{"place": "one"}, {"place": 1, "person_id": 1, "more": 1}, {}])
async def test_a_command_that_cannot_be_understood_is_not_filed(
    database: Database, village: Village, wrong: dict[str, object]
) -> None:
    dossier = await case(database, village)
    with pytest.raises(Invalid, match="can't be understood"):
        await file(database, dossier, **wrong)  # type: ignore[arg-type]


async def test_a_corrected_sex_takes_two_and_a_corrected_phone_one(database: Database, village: Village) -> None:
    dossier = await case(database, village, REGISTRAR, "1.004859")
    person_id = village.people["Nguyễn Văn An"]
    proposal = await file(
        database,
        dossier,
        who=REGISTRAR,
        command="correct_particulars",
        person_id=person_id,
        told=Payload(sex=Sex.FEMALE),
    )
    colleague = replace(REGISTRAR, officer_id=108)
    assert (await decide(database, colleague, proposal)).person_id == person_id
    # The corrected sex masks the first record; the rest is tried on another.
    person_id = village.people["Lê Thị Dung"]
    async with database.transaction(scope="nation") as tx:
        await commands.correct_particulars(
            tx,
            header=header_of(REGISTRAR, dossier),
            person_id=person_id,
            told=Payload(phone="0912345678"),
            now=NOW + timedelta(hours=1),
            locate=locate,
        )
        with pytest.raises(SecondOfficerNeeded):
            await commands.correct_particulars(
                tx,
                header=header_of(REGISTRAR, dossier),
                person_id=person_id,
                told=Payload(born=19850313),
                now=NOW + timedelta(hours=2),
                locate=locate,
            )


async def test_a_proposal_that_is_sent_twice_is_filed_once(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    dossier, request = await case(database, village), uuid4()
    at_once = await asyncio.gather(*(new_number(database, village, dossier, request=request) for _ in range(2)))
    again = await new_number(database, village, dossier, request=request, reason="Gửi lại")
    assert {one.proposal_id for one in (*at_once, again)} == {again.proposal_id}
    assert again.reason == "Số cũ sai năm sinh"
    steps = connection.execute("SELECT move FROM dossiers.step WHERE move = 'propose'").fetchall()
    assert len(steps) == 1
    log = connection.execute("SELECT count(*) FROM audit.access_log WHERE operation = 12 AND outcome = 1").fetchone()
    assert log == (3,)


async def test_a_proposal_that_was_decided_answers_its_request_still(database: Database, village: Village) -> None:
    dossier, request = await case(database, village), uuid4()
    proposal = await new_number(database, village, dossier, request=request)
    done = await decide(database, COLLEAGUE, proposal)
    again = await new_number(database, village, dossier, request=request)
    assert (again.proposal_id, again.state, again.act_id) == (proposal.proposal_id, "approved", done.act_id)
    other = await new_number(database, village, dossier)
    assert other.proposal_id != proposal.proposal_id


async def test_a_request_that_recorded_another_act_decides_nothing(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village), request=(request := uuid4()))
    async with database.transaction(scope="nation") as tx:
        await commands.update_from_source(
            tx,
            header=ActHeader(CENTER, "", request, "Luật Căn cước 26/2023/QH15", source="hospital"),
            person_id=village.people["Lê Thị Dung"],
            told=Payload(phone="0912345678"),
            valid_on=PartialDate.on(date(2026, 11, 1)),
            now=NOW,
            locate=locate,
        )
    with pytest.raises(AlreadyRecorded):
        await decide(database, COLLEAGUE, proposal)
    assert (await stored(database, proposal))[1].state == "waiting"


async def test_a_command_exchanged_in_the_table_opens_no_more(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    dossier = await case(database, village)
    one, other = [await new_number(database, village, dossier) for _ in range(2)]
    connection.execute(
        "UPDATE dossiers.proposal SET command = %s WHERE proposal_id = %s", (other.sealed, one.proposal_id)
    )
    with pytest.raises(SealBroken):
        await decide(database, COLLEAGUE, one)


@pytest.mark.parametrize(
    "change", ["officer_id = 102", "act = 'record_merged'", "digest = sha256('x')"], ids=["who", "what", "digest"]
)
async def test_a_proposal_that_was_changed_in_the_table_is_not_carried_out(
    database: Database, village: Village, connection: psycopg.Connection[Any], change: str
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    connection.execute(f"UPDATE dossiers.proposal SET {change}".encode())
    with pytest.raises(SealBroken):
        await decide(database, PROVINCE, proposal)


async def test_two_accounts_of_one_person_are_one_pair_of_eyes(
    database: Database, village: Village, connection: psycopg.Connection[Any]
) -> None:
    proposal = await new_number(database, village, await case(database, village))
    for one in (FIRST, COLLEAGUE):
        connection.execute(
            "INSERT INTO access.officer (officer_id, created_at, password_changed_at, class, name, full_name,"
            " person_id)"
            " VALUES (%s, now(), now(), 2, %s, 'Cán bộ', %s)",
            (one.officer_id, one.name, village.people["Nguyễn Văn An"]),
        )
    with pytest.raises(SameOfficer):
        await decide(database, COLLEAGUE, proposal)
    assert (await decide(database, PROVINCE, proposal)).act_id


async def test_a_command_is_read_as_it_was_written(database: Database, village: Village) -> None:
    dossier = await case(database, village)
    proposal = await new_number(database, village, dossier)
    filed = decode(command_of(proposal, RING))
    assert encode(filed) == command_of(proposal, RING)
    assert filed.arguments == {"person_id": village.people["Nguyễn Văn An"], "place": 1}
    assert (filed.kind, filed.persons) == (
        EventKind.PERSONAL_NUMBER_ESTABLISHED,
        (village.people["Nguyễn Văn An"],),
    )


def test_every_kind_that_takes_four_eyes_can_be_proposed_and_no_other() -> None:
    assert {kind for _, kind in PROPOSABLE.values()} == set(FOUR_EYES)


@pytest.mark.parametrize("command", PROPOSABLE)
def test_every_command_that_can_be_proposed_has_a_form_to_be_stored_in(command: str) -> None:
    proposed._shape(command)


def test_only_facts_of_identity_need_the_second_officer_of_a_correction() -> None:
    kind = EventKind.PARTICULARS_CORRECTED
    assert takes_four_eyes(kind, [Payload(sex=1)])
    assert takes_four_eyes(kind, [Payload(phone="1"), Payload(born=19850000)])
    assert not takes_four_eyes(kind, [Payload(phone="1"), Payload(name=("A", "", "B"))])
    assert not takes_four_eyes(EventKind.BIRTH_REGISTERED, [Payload(sex=1)])
