"""Doubtful records are decided by clerks: side by side, within their territory, twice where a number is touched."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.store.adjudication_office import (
    AT_THE_CENTER,
    CLERK,
    COLLEAGUE,
    HA_NOI,
    HO_CHI_MINH,
    IN_SAI_GON,
    SECOND_AT_THE_CENTER,
    Bureau,
    offices,
)

from dancu.dossiers.proposals import SameOfficer
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.intake.adjudication import seconding
from dancu.intake.adjudication.carrying import keep_carrying_out
from dancu.intake.adjudication.commands import leave_for_later, make_known
from dancu.intake.adjudication.differences import Agreement
from dancu.intake.adjudication.looking import as_part
from dancu.intake.adjudication.model import Answer, DoubtHeld, DoubtSettled, DoubtUnknown, Part, State
from dancu.intake.adjudication.proposing import NothingToUndo, undo
from dancu.intake.adjudication.queue import OnDesk
from dancu.intake.adjudication.statistics import figures
from dancu.intake.adjudication.verdicts import AskTheOffice, Became
from dancu.intake.decisions import Reason
from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.errors import Invalid
from dancu.register import proposed
from dancu.register.sensitive import opened
from dancu.register.store import history
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

AN = {"surname": "Nguyễn", "middle": "Văn", "given": "An", "born": "1985-03-12", "sex": "1"}
OF_HA_NOI = {"current_unit": HA_NOI}
NUMBER = "001085123456"


@pytest.fixture
def bureau(database: Database, database_dsn: str, tmp_path: Path, connection: psycopg.Connection[Any]) -> Bureau:
    offices(connection)
    return Bureau(database, database_dsn, tmp_path)


async def fates(bureau: Bureau) -> list[tuple[int, int]]:
    async with bureau.database.transaction(scope="nation") as tx:
        rows = await tx.rows("SELECT p.status, p.version FROM register.person p ORDER BY p.known_at, p.person_id")
    return [(status, version) for status, version in rows]


async def in_doubt(bureau: Bureau) -> tuple[int, int]:
    """A person, and a doubt about a record that may be of that person."""
    person = await bureau.person()
    assert (await bureau.load(AN | {"phone": "0912345678"})).queued == 1
    assert (await bureau.carry_out()).opened == 1
    return person, (await bureau.only_doubt()).doubt_id


async def test_what_is_not_certain_waits_for_a_clerk_of_the_province(bureau: Bureau) -> None:
    person, doubt_id = await in_doubt(bureau)
    doubt = await bureau.only_doubt()
    assert (doubt.persons, doubt.state, doubt.province_code) == ([person], State.WAITING, "01")
    assert 0.05 <= doubt.score < 0.999
    assert doubt.reason == Reason.NOT_ENOUGH_TO_BE_SURE
    assert (await bureau.carry_out()).opened == 0, "a doubt is opened once"
    with pytest.raises(DoubtUnknown):
        await bureau.look(IN_SAI_GON, doubt_id)
    assert await bureau.next(IN_SAI_GON) is None
    assert await bureau.next(CLERK) == doubt_id


async def test_what_is_queued_is_read_where_its_doubt_is_in_scope(bureau: Bureau) -> None:
    await in_doubt(bureau)
    for scope, expected in (("province:01", 1), ("province:79", 0), ("commune:00097", 0), ("none", 0), ("nation", 1)):
        async with bureau.database.transaction(scope=scope) as tx:
            assert len(await tx.rows("SELECT q.record FROM intake.queued q")) == expected, scope


async def test_a_clerk_sees_both_side_by_side_and_the_look_is_logged(
    bureau: Bureau, connection: psycopg.Connection[Any]
) -> None:
    person, doubt_id = await in_doubt(bureau)
    record, known = (await bureau.look(CLERK, doubt_id)).sides
    assert record.texts == {"name": "Nguyễn Văn An", "born": "12/03/1985", "sex": "Male"}
    assert known.texts["name"] == "Nguyễn Văn An"
    assert "Phường Hồng Hà" in known.texts["permanent"]
    row = connection.execute(
        "SELECT l.persons, l.officer_id FROM audit.access_log l WHERE l.operation = 5 ORDER BY l.log_id DESC LIMIT 1"
    ).fetchone()
    assert row == ([person], CLERK.officer_id)


async def test_a_case_lies_before_one_clerk_at_a_time(bureau: Bureau) -> None:
    _, doubt_id = await in_doubt(bureau)
    await bureau.look(CLERK, doubt_id)
    with pytest.raises(DoubtHeld):
        await bureau.look(COLLEAGUE, doubt_id)
    assert await bureau.next(COLLEAGUE) is None
    await leave_for_later(bureau.database, bureau.clerk(CLERK), doubt_id)
    assert await bureau.next(COLLEAGUE) == doubt_id


async def test_the_same_person_takes_over_what_the_record_tells(bureau: Bureau) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.look(CLERK, doubt_id)
    with pytest.raises(Invalid):
        await bureau.judge(CLERK, doubt_id, Answer.SAME)
    assert await bureau.judge(CLERK, doubt_id, Answer.SAME, person) is Became.DECIDED
    with pytest.raises(DoubtSettled):
        await bureau.judge(COLLEAGUE, doubt_id, Answer.DIFFERENT)
    assert (await bureau.carry_out()).carried_out == 1
    doubt = await bureau.only_doubt()
    assert (doubt.state, doubt.answer, doubt.chosen) == (State.SETTLED, Answer.SAME, person)
    async with bureau.database.transaction(scope="nation") as tx:
        life = (await history(tx, person)).life
        assert life is not None
        assert opened(life, tx.keys).phone == "0912345678"
    assert len(await fates(bureau)) == 1


async def test_what_was_taken_over_wrongly_is_undone_by_two_officers_of_the_center(bureau: Bureau) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.SAME, person)
    await bureau.carry_out()
    with pytest.raises(AskTheOffice):
        await undo(bureau.database, bureau.clerk(COLLEAGUE), doubt_id, reason="nhầm người")
    with pytest.raises(Invalid):
        await undo(bureau.database, bureau.clerk(AT_THE_CENTER), doubt_id, reason=" ")
    filed = await undo(bureau.database, bureau.clerk(AT_THE_CENTER), doubt_id, reason="nhầm người")
    await proposed.approve(
        bureau.database,
        bureau.second(SECOND_AT_THE_CENTER),
        dossier_id=filed.dossier_id,
        proposal_id=filed.proposal_id,
        ring=bureau.database.keys,
        locate=locate,
    )
    async with bureau.database.transaction(scope="nation") as tx:
        life = (await history(tx, person)).life
        assert life is not None
        assert opened(life, tx.keys).phone == ""
    with pytest.raises(NothingToUndo):
        await undo(bureau.database, bureau.clerk(AT_THE_CENTER), doubt_id, reason="nhầm người")


async def test_different_persons_become_two(bureau: Bureau, connection: psycopg.Connection[Any]) -> None:
    _, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.DIFFERENT)
    await bureau.carry_out()
    assert len(await fates(bureau)) == 2
    act = connection.execute(
        "SELECT a.officer_id, a.dossier_id IS NOT NULL FROM register.act a ORDER BY a.known_at DESC LIMIT 1"
    ).fetchone()
    assert act == (CLERK.officer_id, True), "the act names the clerk and hangs on a dossier"


async def test_two_persons_in_one_record_send_it_back(bureau: Bureau, connection: psycopg.Connection[Any]) -> None:
    _, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.TWO_PERSONS)
    await bureau.carry_out()
    assert len(await fates(bureau)) == 1
    assert connection.execute("SELECT outcome FROM intake.queued").fetchone() == (5,)


async def test_what_a_province_cannot_say_goes_to_the_center_and_there_aside(bureau: Bureau) -> None:
    _, doubt_id = await in_doubt(bureau)
    assert await bureau.judge(CLERK, doubt_id, Answer.UNSURE) is Became.RAISED
    assert await bureau.next(COLLEAGUE) is None
    assert await bureau.next(AT_THE_CENTER) == doubt_id
    assert await bureau.judge(AT_THE_CENTER, doubt_id, Answer.UNSURE) is Became.PARKED
    assert (await bureau.only_doubt()).state == State.PARKED
    assert await bureau.next(AT_THE_CENTER) is None


async def test_a_number_takes_a_second_officer(bureau: Bureau, connection: psycopg.Connection[Any]) -> None:
    person = await bureau.person(unit=HA_NOI)
    await bureau.load(AN | {"personal_number": NUMBER})
    await bureau.carry_out()
    doubt_id = (await bureau.only_doubt()).doubt_id
    assert await bureau.judge(CLERK, doubt_id, Answer.SAME, person) is Became.PROPOSED
    await bureau.carry_out()
    assert (await bureau.only_doubt()).state == State.PROPOSED
    doubt = await bureau.only_doubt()
    which = {"dossier_id": doubt.dossier_id or 0, "proposal_id": doubt.proposal_id or 0}
    with pytest.raises(SameOfficer):
        await seconding.approve(bureau.database, bureau.second(CLERK), **which)
    seen = await seconding.looked_at(bureau.database, bureau.second(COLLEAGUE), **which)
    assert seen.comparison.sides[0].texts["number"] == NUMBER
    await seconding.approve(bureau.database, bureau.second(COLLEAGUE), **which)
    assert (await bureau.carry_out()).carried_out == 1
    assert (await bureau.only_doubt()).state == State.SETTLED
    number = connection.execute(
        "SELECT p.personal_number FROM register.person p WHERE p.person_id = %s", (person,)
    ).fetchone()
    assert number == (NUMBER,)


async def test_a_refused_decision_waits_for_a_clerk_again(bureau: Bureau) -> None:
    person = await bureau.person()
    await bureau.load(AN | {"personal_number": NUMBER})
    await bureau.carry_out()
    doubt = await bureau.only_doubt()
    await bureau.judge(CLERK, doubt.doubt_id, Answer.SAME, person)
    doubt = await bureau.only_doubt()
    await seconding.refuse(
        bureau.database,
        bureau.second(COLLEAGUE),
        dossier_id=doubt.dossier_id or 0,
        proposal_id=doubt.proposal_id or 0,
        answer="khác cha mẹ",
    )
    await bureau.carry_out()
    doubt = await bureau.only_doubt()
    assert (doubt.state, doubt.answer, doubt.chosen) == (State.WAITING, None, None)


async def test_whom_the_clerk_may_not_see_is_masked_with_the_office_to_ask(bureau: Bureau) -> None:
    there = await bureau.person(unit=HO_CHI_MINH)
    await bureau.load(AN | {"permanent_unit": HA_NOI})
    await bureau.carry_out()
    doubt = await bureau.only_doubt()
    assert (doubt.province_code, doubt.persons) == ("01", [there])
    hidden = (await bureau.look(CLERK, doubt.doubt_id)).sides[1]
    assert (hidden.masked, hidden.texts, hidden.office) == (True, {}, HO_CHI_MINH)
    assert hidden.agreements["name"] is Agreement.SAME
    with pytest.raises(AskTheOffice):
        await bureau.judge(CLERK, doubt.doubt_id, Answer.SAME, there)
    await bureau.judge(CLERK, doubt.doubt_id, Answer.UNSURE)
    assert not (await bureau.look(AT_THE_CENTER, doubt.doubt_id)).sides[1].masked
    assert await bureau.judge(AT_THE_CENTER, doubt.doubt_id, Answer.SAME, there) is Became.DECIDED


async def test_two_records_of_one_person_are_merged_by_two_officers_of_the_center_and_unmerged(
    bureau: Bureau,
) -> None:
    numbered = await bureau.person(number=NUMBER)
    other = await bureau.person(name="Nguyễn Van An")
    assert await bureau.pairs((other, numbered, 0.97)) == 1
    assert await bureau.pairs((numbered, other, 0.97)) == 0, "what was asked once is not asked again"
    doubt = await bureau.only_doubt()
    assert doubt.persons == [numbered, other], "who has a number carries on"
    assert await bureau.judge(CLERK, doubt.doubt_id, Answer.SAME, other) is Became.RAISED
    assert await bureau.judge(AT_THE_CENTER, doubt.doubt_id, Answer.SAME, other) is Became.PROPOSED
    doubt = await bureau.only_doubt()
    await proposed.approve(
        bureau.database,
        bureau.second(SECOND_AT_THE_CENTER),
        dossier_id=doubt.dossier_id or 0,
        proposal_id=doubt.proposal_id or 0,
        ring=bureau.database.keys,
        locate=locate,
    )
    await bureau.carry_out()
    assert (await bureau.only_doubt()).state == State.SETTLED
    assert sorted(status for status, _ in await fates(bureau)) == [PersonStatus.ALIVE, PersonStatus.MERGED]


async def test_what_an_answer_on_a_group_leaves_open_is_asked_next(bureau: Bureau) -> None:
    numbered = await bureau.person(number=NUMBER)
    second, third = await bureau.person(), await bureau.person(name="Nguyễn Van An")
    assert await bureau.pairs((second, third, 0.8), (third, numbered, 0.9)) == 1
    doubt = await bureau.only_doubt()
    assert doubt.persons[0] == numbered
    assert dict(zip(doubt.persons, doubt.scores, strict=True)) == pytest.approx(
        {numbered: 0.9, second: 0.8, third: 0.9}
    )
    await bureau.judge(CLERK, doubt.doubt_id, Answer.DIFFERENT)
    assert (await bureau.carry_out()).opened == 1
    assert (await bureau.carry_out()).opened == 0
    (left,) = await bureau.doubts(State.WAITING)
    assert left.persons == doubt.persons[1:]


async def test_of_masked_people_a_province_is_told_nothing_and_the_center_not_where(
    bureau: Bureau, connection: psycopg.Connection[Any]
) -> None:
    person = await bureau.person()
    connection.execute("UPDATE register.person SET protected = true WHERE person_id = %s", (person,))
    await bureau.load(AN | OF_HA_NOI | {"given": "Ân"})
    await bureau.carry_out()
    doubt = await bureau.only_doubt()
    assert (doubt.persons, doubt.raised, doubt.province_code) == ([person], True, None)
    with pytest.raises(DoubtUnknown):
        await bureau.look(CLERK, doubt.doubt_id)
    hidden = (await bureau.look(AT_THE_CENTER, doubt.doubt_id)).sides[1]
    assert (hidden.masked, hidden.texts, hidden.office) == (True, {}, "")
    with pytest.raises(AskTheOffice):
        await bureau.judge(AT_THE_CENTER, doubt.doubt_id, Answer.SAME, person)


async def test_different_records_of_the_register_stay_two(bureau: Bureau) -> None:
    persons = [await bureau.person(), await bureau.person(sex=Sex.MALE)]
    await bureau.pairs((persons[0], persons[1], 0.6))
    doubt = await bureau.only_doubt()
    assert await bureau.judge(CLERK, doubt.doubt_id, Answer.DIFFERENT) is Became.DECIDED
    assert (await bureau.only_doubt()).state == State.SETTLED
    assert await bureau.pairs((persons[0], persons[1], 0.6)) == 0


async def test_one_in_twenty_is_judged_again_blindly_and_what_two_agree_on_measures_others(bureau: Bureau) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.SAME, person, drawn=0.01)
    await bureau.carry_out()
    assert await bureau.next(CLERK, drawn=0.01) is None, "nobody checks oneself"
    assert await bureau.next(COLLEAGUE, drawn=0.01) == doubt_id
    seen = await bureau.look(COLLEAGUE, doubt_id)
    assert seen.desk is not None
    assert seen.desk.role is Part.CHECKS_BLINDLY
    assert "phone" not in seen.sides[1].texts
    await bureau.judge(COLLEAGUE, doubt_id, Answer.SAME, person)
    doubt = await bureau.only_doubt()
    assert (doubt.checked, doubt.known_answer) == ("agreed", True)
    assert await bureau.next(AT_THE_CENTER, drawn=0.12) == doubt_id
    await bureau.judge(AT_THE_CENTER, doubt_id, Answer.DIFFERENT)
    async with bureau.database.transaction(scope="nation") as tx:
        found = await figures(tx, now=bureau.now)
    by_officer = {one.officer_id: one for one in found.clerks}
    assert (found.checked.right, found.checked.of) == (1, 1)
    assert (by_officer[AT_THE_CENTER.officer_id].known.right, by_officer[AT_THE_CENTER.officer_id].known.of) == (0, 1)
    assert by_officer[CLERK.officer_id].seconds_median == pytest.approx(60, abs=61)


async def test_the_center_measures_clerks_by_a_settled_answer(bureau: Bureau) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.SAME, person)
    with pytest.raises(DoubtSettled):
        await make_known(bureau.database, bureau.clerk(AT_THE_CENTER), doubt_id)
    await bureau.carry_out()
    with pytest.raises(AskTheOffice):
        await make_known(bureau.database, bureau.clerk(COLLEAGUE), doubt_id)
    await make_known(bureau.database, bureau.clerk(AT_THE_CENTER), doubt_id)
    assert await bureau.next(COLLEAGUE, drawn=0.12) == doubt_id
    seen = as_part(await bureau.look(COLLEAGUE, doubt_id), OnDesk(doubt_id, bureau.now, Part.IS_MEASURED))
    assert (seen.doubt.state, seen.doubt.answer, seen.doubt.chosen) == (State.WAITING, None, None)
    await bureau.judge(COLLEAGUE, doubt_id, Answer.SAME, person)
    async with bureau.database.transaction(scope="nation") as tx:
        (known,) = [one.known for one in (await figures(tx, now=bureau.now)).clerks if one.known.of]
    assert (known.right, known.of) == (1, 1)


async def test_a_check_that_finds_otherwise_is_listed(bureau: Bureau) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.SAME, person, drawn=0.01)
    await bureau.next(COLLEAGUE, drawn=0.01)
    await bureau.judge(COLLEAGUE, doubt_id, Answer.DIFFERENT)
    doubt = await bureau.only_doubt()
    assert (doubt.checked, doubt.known_answer, doubt.answer) == ("differs", False, Answer.SAME)


async def test_a_batch_that_is_taken_back_leaves_no_doubt(bureau: Bureau, connection: psycopg.Connection[Any]) -> None:
    await in_doubt(bureau)
    connection.execute("UPDATE intake.queued SET settled_at = now(), outcome = 5")
    await bureau.carry_out()
    assert (await bureau.only_doubt()).state == State.DROPPED


async def test_the_worker_carries_out_what_was_decided(
    bureau: Bureau, database_dsn: str, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    keys = ring_of(database_dsn, tmp_path / "keys")
    keys.make_missing()
    bureau.keys = bureau.database.keys = keys
    person, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.SAME, person)
    told = threading.Event()
    working = threading.Thread(target=keep_carrying_out, args=(database_dsn, told), kwargs={"home": tmp_path})
    working.start()
    try:
        for _ in range(400):
            if (await bureau.only_doubt()).state == State.SETTLED:
                break
            await asyncio.sleep(0.05)
    finally:
        told.set()
        working.join()
    assert (await bureau.only_doubt()).state == State.SETTLED
    may = connection.execute(
        "SELECT pg_has_role('dancu_worker', 'dancu_loader', 'SET'), pg_has_role('dancu_web', 'dancu_loader', 'SET')"
    ).fetchone()
    assert may == (True, False)


async def test_what_the_register_refuses_goes_back_to_the_center_with_the_reason(
    bureau: Bureau, connection: psycopg.Connection[Any]
) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.judge(CLERK, doubt_id, Answer.SAME, person)
    connection.execute("UPDATE intake.queued SET settled_at = now(), outcome = 1")
    assert (await bureau.carry_out()).failed == 1
    doubt = await bureau.only_doubt()
    assert (doubt.state, doubt.raised, doubt.answer) == (State.PARKED, True, None)
    assert doubt.trouble == "This record was decided before"


async def test_two_records_of_one_newcomer_do_not_become_two_persons(bureau: Bureau) -> None:
    await bureau.person(unit=HO_CHI_MINH)
    told = AN | {"cmnd9": "012345678", "permanent_unit": HA_NOI}
    await bureau.load(told, told | {"phone": "0912345678"})
    await bureau.carry_out()
    first, second = await bureau.doubts(State.WAITING)
    for one in (first, second):
        await bureau.judge(CLERK, one.doubt_id, Answer.DIFFERENT)
    await bureau.carry_out()
    (again,) = await bureau.doubts(State.WAITING)
    assert len(again.persons) == 2
    assert again.trouble
    assert len(await fates(bureau)) == 2
    newcomer = again.persons[0]
    assert newcomer not in first.persons
    await bureau.judge(CLERK, again.doubt_id, Answer.SAME, newcomer)
    await bureau.carry_out()
    assert len(await fates(bureau)) == 2
    assert {one.state for one in await bureau.doubts()} == {State.SETTLED}


async def test_two_clerks_who_begin_at_once_get_two_cases(bureau: Bureau) -> None:
    await bureau.person()
    await bureau.load(AN, AN | {"phone": "0912345678"})
    await bureau.carry_out()
    taken = await asyncio.gather(bureau.next(CLERK), bureau.next(COLLEAGUE))
    assert None not in taken
    assert len(set(taken)) == 2


async def test_an_answer_that_is_sent_twice_at_once_is_taken_once(
    bureau: Bureau, connection: psycopg.Connection[Any]
) -> None:
    person, doubt_id = await in_doubt(bureau)
    await bureau.next(CLERK)
    answers = await asyncio.gather(
        bureau.judge(CLERK, doubt_id, Answer.SAME, person),
        bureau.judge(CLERK, doubt_id, Answer.SAME, person),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in answers) == ["Became", "DoubtSettled"]
    assert connection.execute("SELECT count(*) FROM intake.verdict").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM dossiers.dossier").fetchone() == (1,)
