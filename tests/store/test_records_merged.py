"""Two records of one person: merged, told as one, and taken apart again."""

import asyncio
from datetime import date

import psycopg
import pytest
from tests.store.register_office import RegisterOffice, content, proved

from dancu.infra.db import Database
from dancu.kernel.codes import PersonStatus, Relation, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Refused
from dancu.register import commands
from dancu.register.annulments import UndoneOtherwise
from dancu.register.commands import DeathDeclared, MoveDeclared, Recorded
from dancu.register.payloads import Payload
from dancu.register.record_acts import NotMerged

pytestmark = pytest.mark.anyio


class Office(RegisterOffice):
    """An office that merges records."""

    async def merge(self, survivor: int, merged: int) -> Recorded:
        return await self.do(commands.merge_records, survivor_id=survivor, merged_id=merged, reason="trùng")

    async def unmerge(self, merged: int) -> Recorded:
        return await self.do(commands.unmerge_records, merged_id=merged, reason="nhầm")

    async def phone(self, person_id: int, phone: str) -> Recorded:
        on = PartialDate(20260101)
        return await self.do(commands.update_from_source, person_id=person_id, told=Payload(phone=phone), valid_on=on)


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
    await office.phone(merged, "0901111111")
    assert (await office.life(survivor)).phone == "0901111111"
    await office.phone(survivor, "0902222222")
    assert (await office.life(survivor)).phone == "0902222222"
    assert proved(database_dsn) == []
    await office.unmerge(merged)
    assert [(await office.life(one)).phone for one in (survivor, merged)] == ["0902222222", "0901111111"]
    assert proved(database_dsn) == []


async def test_a_chain_of_merges_is_told_at_its_end(office: Office, database_dsn: str) -> None:
    first, second, third = await office.record(since=2000), await office.record(since=2005), await office.record()
    await office.merge(second, first)
    await office.merge(third, second)
    await office.phone(first, "0903333333")
    life = await office.life(third)
    assert life.phone == "0903333333"
    assert [stay.detail for stay in life.residences] == ["Thôn 2000", "Thôn 2005", "Thôn 2010"]
    assert proved(database_dsn) == []
    await office.unmerge(first)
    assert (await office.life(first)).phone == "0903333333"
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
    office: Office, database_dsn: str, connection: psycopg.Connection
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
