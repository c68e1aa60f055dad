"""Two records of one person: merged, told as one, and taken apart again."""

import asyncio
import random
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.store.register_office import TODAY, RegisterOffice, content, proved

from dancu.access import model as access
from dancu.access.model import Assignment, Officer
from dancu.access.roles import ROLES, AccountClass
from dancu.infra.db import Database
from dancu.kernel.codes import Authority, PersonStatus, Relation, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Invalid, Refused, Unavailable
from dancu.register import commands, store, surroundings
from dancu.register.act import ActHeader
from dancu.register.commands import AbodeDeclared, DeathDeclared, MoveDeclared, Recorded, TemporaryDeclared
from dancu.register.commands.annulments import UndoneOtherwise
from dancu.register.decisions.records import NotMerged
from dancu.register.kinds import EventKind
from dancu.register.look_up import look_up
from dancu.register.payloads import Kin, Payload
from dancu.register.questions import (
    AlreadySettled,
    Answer,
    EventStands,
    QuestionUnknown,
    open_question,
    open_questions,
    settle,
)
from dancu.register.search.find import search
from dancu.register.search.question import parse
from dancu.register.store import PersonUnknown, RecordMerged
from dancu.register.territory import locate
from dancu.register.times import changes_between, person_as_of

PURPOSE = "population_database"


def officer(role: str, unit: str, authority: Authority) -> Officer:
    assignment = Assignment(access.Office(7, authority, unit, "Office"), ROLES[role])
    return Officer(77, "an", "Officer", AccountClass.OPERATOR, (assignment,))


CENTER = officer("center_officer", "", Authority.POPULATION_DATABASE)
COMMUNE = officer("commune_police", "06325", Authority.COMMUNE_POLICE)
ELSEWHERE = officer("commune_police", "26740", Authority.COMMUNE_POLICE)

pytestmark = pytest.mark.anyio


class Office(RegisterOffice):
    """An office that merges records."""

    async def merge(self, survivor: int, merged: int) -> Recorded:
        return await self.do(commands.merge_records, survivor_id=survivor, merged_id=merged, reason="trùng")

    async def unmerge(self, merged: int) -> Recorded:
        return await self.do(commands.unmerge_records, merged_id=merged, reason="nhầm")

    async def origin(self, person_id: int, place: str) -> Recorded:
        told, on = Payload(origin=("", place)), PartialDate(20260101)
        return await self.do(commands.update_from_source, person_id=person_id, told=told, valid_on=on)


@pytest.fixture
async def office(database: Database) -> Office:
    return Office(database)


async def test_the_survivor_must_be_the_one_with_a_number(office: Office) -> None:
    one, other = await office.record(), await office.record(number="001080000001")
    with pytest.raises(Refused, match="survivor_has_the_number"):
        await office.merge(one, other)


async def test_a_man_and_a_woman_are_not_one_person(office: Office) -> None:
    one, other = await office.record(), await office.record(sex=Sex.FEMALE)
    with pytest.raises(Refused, match="one_sex"):
        await office.merge(one, other)


async def test_spouses_are_not_one_person(office: Office) -> None:
    one, other = await office.record(), await office.record(sex=Sex.FEMALE)
    await office.do(commands.record_marriage, one_id=one, other_id=other, on=PartialDate(20100101))
    with pytest.raises(Refused, match="one_sex"):
        await office.merge(one, other)


async def test_a_record_is_merged_once(office: Office) -> None:
    one, other, third = [await office.record() for _ in range(3)]
    await office.merge(one, other)
    with pytest.raises(Refused, match="both_stand"):
        await office.merge(third, other)
    with pytest.raises(Refused, match="both_stand"):
        await office.merge(other, third)
    with pytest.raises(Refused, match="two_records"):
        await office.merge(one, one)


async def test_what_is_not_merged_can_not_be_taken_apart(office: Office) -> None:
    with pytest.raises(NotMerged):
        await office.unmerge(await office.record())


async def test_a_merge_is_not_annulled(office: Office) -> None:
    one, other = await office.record(), await office.record()
    await office.merge(one, other)
    with pytest.raises(UndoneOtherwise):
        await office.do(commands.annul_event, person_id=one, seq=2, reason="x")


async def test_the_survivor_carries_on_with_both_ledgers(office: Office, database_dsn: str) -> None:
    survivor = await office.record(number="001080000001", since=2015)
    merged = await office.record(number="001080000002", name=("Lê", "Văn", "Anh"), since=2005)
    await office.merge(survivor, merged)
    life, shell = await office.life(survivor), await office.life(merged)
    assert (shell.status, shell.merged_into, shell.residences) == (PersonStatus.MERGED, survivor, ())
    assert life.name is not None
    assert (life.name.full, [name.full for name in life.former_names]) == ("Lê Văn An", ["Lê Văn Anh"])
    assert [stay.detail for stay in life.residences] == ["Thôn 2005", "Thôn 2015"]
    assert life.personal_number == "001080000001"
    assert [(i.value, i.cancelled, i.of) for i in life.identifiers] == [
        ("001080000001", False, None),
        ("001080000002", True, merged),
    ]
    assert proved(database_dsn) == []


async def test_unmerging_leaves_what_would_have_been(office: Office, database_dsn: str) -> None:
    survivor = await office.record(number="001080000001", since=2015)
    merged = await office.record(number="001080000002", since=2005)
    before = [await office.life(one) for one in (survivor, merged)]
    await office.merge(survivor, merged)
    await office.unmerge(merged)
    after = [await office.life(one) for one in (survivor, merged)]
    assert [content(life) for life in after] == [content(life) for life in before]
    assert proved(database_dsn) == []


async def test_what_is_filed_under_either_goes_back_to_it(office: Office, database_dsn: str) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.merge(survivor, merged)
    await office.origin(merged, "Huế")
    assert (await office.life(survivor)).origin[1] == "Huế"
    await office.origin(survivor, "Vinh")
    assert (await office.life(survivor)).origin[1] == "Vinh"
    assert proved(database_dsn) == []
    await office.unmerge(merged)
    assert [(await office.life(one)).origin[1] for one in (survivor, merged)] == ["Vinh", "Huế"]
    assert proved(database_dsn) == []


async def test_a_chain_of_merges_is_told_at_its_end(office: Office, database_dsn: str) -> None:
    first, second, third = await office.record(since=2000), await office.record(since=2005), await office.record()
    await office.merge(second, first)
    await office.merge(third, second)
    await office.origin(first, "Hội An")
    life = await office.life(third)
    assert life.origin[1] == "Hội An"
    assert [stay.detail for stay in life.residences] == ["Thôn 2000", "Thôn 2005", "Thôn 2010"]
    assert proved(database_dsn) == []
    await office.unmerge(first)
    assert (await office.life(first)).origin[1] == "Hội An"
    assert [stay.detail for stay in (await office.life(third)).residences] == ["Thôn 2005", "Thôn 2010"]
    assert proved(database_dsn) == []


async def test_the_death_of_a_spouse_reaches_the_survivor(office: Office, database_dsn: str) -> None:
    wife = await office.record(sex=Sex.FEMALE)
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.do(commands.record_marriage, one_id=merged, other_id=wife, on=PartialDate(20100101))
    await office.merge(survivor, merged)
    assert (await office.life(survivor)).spouse is not None
    assert proved(database_dsn) == []
    await office.do(commands.record_death, death=DeathDeclared(wife, PartialDate(20261101)))
    assert (await office.life(survivor)).spouse is None
    assert proved(database_dsn) == []
    await office.unmerge(merged)
    assert (await office.life(merged)).spouse is None
    assert (await office.life(survivor)).marriages == ()
    assert proved(database_dsn) == []


async def test_the_death_of_the_survivor_widows_who_married_the_merged_record(
    office: Office, database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    wife = await office.record(sex=Sex.FEMALE)
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.do(commands.record_marriage, one_id=merged, other_id=wife, on=PartialDate(20100101))
    await office.merge(survivor, merged)
    await office.do(commands.record_death, death=DeathDeclared(survivor, PartialDate(20261101)))
    assert (await office.life(wife)).spouse is None
    assert proved(database_dsn) == []
    await office.unmerge(merged)
    asked = connection.execute("SELECT person_id, other_id, reason FROM register.question").fetchall()
    assert asked == [(survivor, merged, "who_is_meant")]
    assert (await office.life(merged)).status is PersonStatus.ALIVE
    assert proved(database_dsn) == []
    async with database.transaction(scope="commune:06325") as tx:
        (question,) = await open_questions(tx, of_person=merged)
        assert (question.person_id, question.kind) == (survivor, EventKind.DEATH_REGISTERED)
        told: dict[str, Any] = {"officer_id": 7, "dossier_id": 70, "now": office.now}
        with pytest.raises(Invalid):
            await settle(tx, question, answer=Answer.THIS_RECORD, because=" ", **told)
        await settle(tx, question, answer=Answer.THIS_RECORD, because="giấy báo tử", **told)
        assert await open_questions(tx) == []
        with pytest.raises(AlreadySettled):
            await settle(tx, question, answer=Answer.OTHER_RECORD, because="nhầm", **told)
    # The widow was told so of the other record: the clerk registers the death anew, of the one who died.
    assert [one.what for one in proved(database_dsn)] == ["not so: spouse is mutual"]
    await office.do(commands.annul_event, person_id=survivor, seq=question.seq, reason="nhầm người")
    await office.do(commands.record_death, death=DeathDeclared(survivor, PartialDate(20261101)))
    assert (await office.life(wife)).spouse is not None
    assert proved(database_dsn) == []


async def test_what_means_the_other_record_is_annulled_before_the_question_is_settled(
    office: Office, database: Database
) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.merge(survivor, merged)
    await office.do(commands.record_death, death=DeathDeclared(survivor, PartialDate(20261101)))
    await office.unmerge(merged)
    told: dict[str, Any] = {"answer": Answer.OTHER_RECORD, "because": "nhầm người", "officer_id": 7, "dossier_id": 70}
    async with database.transaction(scope="commune:06325") as tx:
        (question,) = await open_questions(tx)
        with pytest.raises(QuestionUnknown):
            await open_question(tx, person_id=survivor, seq=question.seq + 1, act_id=question.act_id)
    with pytest.raises(EventStands):
        async with database.transaction(scope="commune:06325") as tx:
            await settle(tx, question, **told, now=office.now)
    await office.do(commands.annul_event, person_id=survivor, seq=question.seq, reason="nhầm người")
    async with database.transaction(scope="commune:06325") as tx:
        found = await open_question(tx, person_id=survivor, seq=question.seq, act_id=question.act_id)
        assert found == question
        await settle(tx, found, **told, now=office.now)
        assert await open_questions(tx) == []
    async with database.transaction(scope="commune:26740") as tx:
        with pytest.raises(AlreadySettled):
            await settle(tx, question, **told, now=office.now)


async def test_what_rests_on_the_other_record_is_asked(office: Office, connection: psycopg.Connection) -> None:
    wife = await office.record(sex=Sex.FEMALE)
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.do(commands.record_marriage, one_id=merged, other_id=wife, on=PartialDate(20100101))
    await office.merge(survivor, merged)
    await office.do(commands.record_death, death=DeathDeclared(wife, PartialDate(20261101)))
    await office.unmerge(merged)
    assert connection.execute("SELECT count(*) FROM register.question").fetchone() == (0,)


async def test_a_household_of_both_keeps_one_place(office: Office, database_dsn: str) -> None:
    survivor, merged, child = [await office.record(since=year) for year in (2015, 2005, 2012)]
    move = MoveDeclared(((merged, Relation.HEAD), (child, Relation.CHILD)), "26740", "5 Lê Lợi", date(2020, 1, 1))
    await office.do(commands.record_move, move=move)
    household = (await office.life(merged)).memberships[-1].household_id
    await office.merge(survivor, merged)
    life = await office.life(survivor)
    assert [(m.household_id, m.relation) for m in life.memberships] == [(household, Relation.HEAD)]
    assert proved(database_dsn) == []
    await office.unmerge(merged)
    assert (await office.life(survivor)).memberships == ()
    assert proved(database_dsn) == []


async def test_of_two_who_merge_at_once_one_is_refused(office: Office, database_dsn: str) -> None:
    async with Database(database_dsn, size=2) as database:
        for _ in range(4):
            one, other, third = [await office.record() for _ in range(3)]
            both = Office(database)
            outcomes = await asyncio.gather(both.merge(one, other), both.merge(third, other), return_exceptions=True)
            assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 1
            assert all(isinstance(o, DancuError) for o in outcomes if isinstance(o, BaseException))
    assert proved(database_dsn) == []


async def test_the_old_number_leads_to_the_survivor(office: Office, database: Database) -> None:
    survivor = await office.record(number="001080000001", since=2015)
    merged = await office.record(number="001080000002", since=2005)
    await office.merge(survivor, merged)
    for center in (CENTER, COMMUNE):
        found = await look_up(database, center, "001080000002", purpose=PURPOSE, now=office.now, request_id=uuid4())
        assert (found.person_id, found.by_merged_record) == (survivor, True)
        found = await look_up(database, center, "001080000001", purpose=PURPOSE, now=office.now, request_id=uuid4())
        assert (found.person_id, found.by_merged_record) == (survivor, False)
    with pytest.raises(PersonUnknown):
        await look_up(database, ELSEWHERE, "001080000002", purpose=PURPOSE, now=office.now, request_id=uuid4())


async def test_search_by_an_old_number_finds_the_survivor(office: Office, database: Database) -> None:
    survivor = await office.record(number="001080000001", since=2015)
    merged = await office.record(number="001080000002", since=2005)
    await office.merge(survivor, merged)
    for scope in ("nation", "commune:06325"):
        async with database.transaction(scope=scope) as tx:
            found = await search(tx, parse("001080000002", TODAY))
        assert [hit.person_id for hit in found.hits] == [survivor]


async def test_who_asks_for_the_merged_record_is_told_which_one_carries_on(office: Office, database: Database) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.merge(survivor, merged)
    for scope in ("nation", "commune:06325"):
        with pytest.raises(RecordMerged) as gone:
            async with database.transaction(scope=scope) as tx:
                await surroundings.life_of(tx, merged)
        assert gone.value.survivor_id == survivor
    with pytest.raises(PersonUnknown):
        async with database.transaction(scope="commune:26740") as tx:
            await surroundings.life_of(tx, merged)


async def test_relatives_lead_to_the_survivor(office: Office, database: Database) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    child = await office.record(father=Kin(merged, "Lê Văn An"), born=20050101, since=2006)
    await office.merge(survivor, merged)
    async with database.transaction(scope="commune:06325") as tx:
        assert [one.person_id for one in await surroundings.children(tx, survivor)] == [child]
        father = (await surroundings.life_of(tx, child)).father
        assert father is not None
        assert father.person_id == merged
        found = await surroundings.people(tx, [merged])
    assert {one: neighbour.person_id for one, neighbour in found.items()} == {merged: survivor}


async def test_an_officer_of_the_commune_files_under_the_survivor(
    office: Office, database: Database, database_dsn: str
) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.merge(survivor, merged)
    header = ActHeader(Authority.COMMUNE_POLICE, "06325", uuid4(), "Luật Cư trú 68/2020/QH14")
    abode = AbodeDeclared((survivor,), "06325", "Bến", TODAY)
    async with database.transaction(scope="commune:06325") as tx:
        await commands.declare_abode(tx, header=header, declared=abode, now=office.now, locate=locate)
    assert (await office.life(survivor)).abode(TODAY) is not None
    assert proved(database_dsn) == []


async def test_what_was_known_before_a_merge_stays_known(office: Office, database: Database) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    moment = office.now
    await office.merge(survivor, merged)
    async with database.transaction(scope="nation") as tx:
        for one, detail in ((survivor, "Thôn 2015"), (merged, "Thôn 2005")):
            life = await person_as_of(tx, one, on=TODAY, as_known_at=moment)
            assert life is not None
            assert [stay.detail for stay in life.residences] == [detail]
        fields = [one.field for one in await changes_between(tx, survivor, since=moment, until=office.now)]
    assert set(fields) == {"residences", "absorbed"}


async def test_a_merge_and_its_undoing_survive_being_cut_off(office: Office, database_dsn: str) -> None:
    chance = random.Random(5)  # noqa: S311 -- moments to cut, no secret
    for round_ in range(6):
        survivor, merged = await office.record(since=2015), await office.record(since=2005)
        both = {"survivor_id": survivor, "merged_id": merged, "reason": "trùng"}
        await _acknowledged(database_dsn, commands.merge_records, 2 * round_ + 1, chance, **both)
        assert (await office.life(merged)).status is PersonStatus.MERGED
        await _acknowledged(
            database_dsn, commands.unmerge_records, 2 * round_ + 2, chance, merged_id=merged, reason="x"
        )
        assert (await office.life(merged)).status is PersonStatus.ALIVE
        assert [len((await _ledger(database_dsn, one)).events) for one in (survivor, merged)] == [3, 3]
    assert proved(database_dsn) == []


async def _ledger(dsn: str, person_id: int) -> store.History:
    async with Database(dsn, size=1) as database, database.transaction(scope="nation") as tx:
        return await store.history(tx, person_id)


async def _acknowledged(dsn: str, command: Any, request: int, chance: random.Random, **arguments: Any) -> None:
    """Ask under one request id until it is acknowledged, while the backend is ended now and then."""
    header = ActHeader(Authority.POPULATION_DATABASE, "", UUID(int=request), "Luật Căn cước 26/2023/QH15")
    for _ in range(200):
        killer = asyncio.create_task(_cut(dsn, chance.uniform(0, 0.03)))
        try:
            async with Database(dsn, size=1, application_name="cut off") as database:
                for _ in range(3):  # the second and third find the first
                    async with database.transaction(scope="nation") as tx:
                        await command(tx, header=header, now=datetime.now(UTC), locate=locate, **arguments)
        except Unavailable:
            continue
        else:
            return
        finally:
            await killer
    pytest.fail("never acknowledged")


async def _cut(dsn: str, after: float) -> None:
    await asyncio.sleep(after)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut off'"
        )


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("merged_into = person_id", "merged record leads to another"),
        ("merged_into = NULL", "merged record leads to another"),
        ("merged_into = 123", "merged record leads to one that stands"),
        ("status = 1", "status is not what the events tell"),
    ],
)
async def test_a_chain_of_merges_that_was_tampered_with_is_found(
    office: Office, database_dsn: str, connection: psycopg.Connection, tampering: str, found: str
) -> None:
    survivor, merged = await office.record(since=2015), await office.record(since=2005)
    await office.merge(survivor, merged)
    connection.execute(f"UPDATE register.person SET {tampering} WHERE person_id = %s".encode(), (merged,))
    assert found in {one.what.removeprefix("not so: ") for one in proved(database_dsn)}


async def test_a_term_of_temporary_residence_that_was_stretched_is_found(
    office: Office, database_dsn: str, connection: psycopg.Connection
) -> None:
    person = await office.record()
    declared = TemporaryDeclared((person,), "26740", "5 Lê Lợi", TODAY, date(2027, 11, 24))
    await office.do(commands.register_temporary_residence, declared=declared)
    connection.execute("UPDATE register.residence SET valid_to = '2030-01-01' WHERE kind = 2")
    assert "temporary residence lasts two years at most" in {
        one.what.removeprefix("not so: ") for one in proved(database_dsn)
    }
