"""Households that are joined, split, merged, or get another head: one head, everybody told, and a clock between."""

import asyncio
from datetime import date

import psycopg
import pytest
from tests.store.register_office import TODAY, RegisterOffice, content, proved

from dancu.infra.db import Database
from dancu.kernel.codes import Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Invalid, NotFound, Refused
from dancu.register import commands
from dancu.register.commands import (
    DeathDeclared,
    HeadDeclared,
    HouseholdsMergedDeclared,
    JoinDeclared,
    Recorded,
    SplitDeclared,
)

pytestmark = pytest.mark.anyio

HEAD, SPOUSE, CHILD, PARENT = Relation.HEAD, Relation.SPOUSE, Relation.CHILD, Relation.PARENT
SIBLING, RELATIVE = Relation.SIBLING, Relation.OTHER_RELATIVE


@pytest.fixture
async def office(database: Database) -> RegisterOffice:
    return RegisterOffice(database)


async def places(office: RegisterOffice, *persons: int) -> list[tuple[int, Relation] | None]:
    found = [(await office.life(person)).membership(TODAY) for person in persons]
    return [(m.household_id, m.relation) if m else None for m in found]


def clocks(connection: psycopg.Connection, household: int) -> int:
    row = connection.execute(
        "SELECT count(*) FROM register.clock WHERE household_id = %s AND ended_by IS NULL", (household,)
    ).fetchone()
    assert row
    return int(row[0])


async def test_joining_a_household_that_is_not_there_is_told(office: RegisterOffice) -> None:
    person = await office.record()
    with pytest.raises(NotFound):
        await office.do(commands.join_household, declared=JoinDeclared(((person, CHILD),), 12345, TODAY))


async def test_a_household_is_joined_by_several_and_keeps_its_head(office: RegisterOffice, database_dsn: str) -> None:
    household, (head, _) = await office.household(HEAD, CHILD)
    one, other = await office.record(), await office.record()
    with pytest.raises(Invalid, match="one head"):
        await office.do(commands.join_household, declared=JoinDeclared(((one, HEAD),), household, TODAY))
    joined = JoinDeclared(((one, SIBLING), (other, PARENT)), household, TODAY)
    await office.do(commands.join_household, declared=joined)
    assert await places(office, head, one, other) == [(household, HEAD), (household, SIBLING), (household, PARENT)]
    assert proved(database_dsn) == []


async def test_who_splits_off_needs_a_head_consent_and_full_capacity(office: RegisterOffice) -> None:
    _, (head, one, other) = await office.household(HEAD, CHILD, CHILD)
    stranger = await office.record()
    with pytest.raises(Invalid, match="one head"):
        await office.do(commands.split_household, declared=SplitDeclared(((one, CHILD),), TODAY, head_consents=True))
    with pytest.raises(Refused, match="head_consents"):
        await office.do(commands.split_household, declared=SplitDeclared(((one, HEAD),), TODAY, head_consents=False))
    both = SplitDeclared(((one, HEAD), (stranger, SPOUSE)), TODAY, head_consents=True)
    with pytest.raises(Refused, match="of_one_household"):
        await office.do(commands.split_household, declared=both)
    minor = await office.record(born=20150101, since=2016)
    home = (await office.life(head)).memberships[-1].household_id
    await office.do(commands.join_household, declared=JoinDeclared(((minor, Relation.GRANDCHILD),), home, TODAY))
    with pytest.raises(Refused, match="full_capacity"):
        await office.do(commands.split_household, declared=SplitDeclared(((minor, HEAD),), TODAY, head_consents=True))
    assert await places(office, one, other) == [(home, CHILD), (home, CHILD)]


async def test_a_split_forms_a_household_in_the_same_dwelling(
    office: RegisterOffice, database_dsn: str, connection: psycopg.Connection
) -> None:
    household, (head, one, wife) = await office.household(HEAD, CHILD, Relation.CHILD_IN_LAW)
    await office.do(
        commands.split_household, declared=SplitDeclared(((one, HEAD), (wife, SPOUSE)), TODAY, head_consents=True)
    )
    new = (await office.life(one)).memberships[-1].household_id
    assert await places(office, head, one, wife) == [(household, HEAD), (new, HEAD), (new, SPOUSE)]
    rows = connection.execute(
        "SELECT DISTINCT unit_code, detail FROM register.household WHERE household_id = ANY (%s)", ([household, new],)
    ).fetchall()
    assert rows == [("26740", "5 Lê Lợi")]
    assert proved(database_dsn) == []


async def test_a_split_to_another_address_moves_those_who_leave(office: RegisterOffice, database_dsn: str) -> None:
    _, (_, one) = await office.household(HEAD, CHILD)
    split = SplitDeclared(((one, HEAD),), TODAY, head_consents=True, unit="00097", detail="9 Hàng Bông")
    await office.do(commands.split_household, declared=split)
    home = (await office.life(one)).residence(ResidenceKind.PERMANENT, TODAY)
    assert home is not None
    assert (home.unit, home.detail) == ("00097", "9 Hàng Bông")
    assert proved(database_dsn) == []


async def test_a_head_who_splits_off_leaves_another_or_a_clock(
    office: RegisterOffice, database_dsn: str, connection: psycopg.Connection
) -> None:
    household, (head, wife, child) = await office.household(HEAD, SPOUSE, CHILD)
    told = SplitDeclared(((head, HEAD),), TODAY, head_consents=True, remaining=((wife, HEAD), (child, CHILD)))
    await office.do(commands.split_household, declared=told)
    assert await places(office, wife, child) == [(household, HEAD), (household, CHILD)]
    assert clocks(connection, household) == 0
    other, (first, _) = await office.household(HEAD, SPOUSE)
    await office.do(commands.split_household, declared=SplitDeclared(((first, HEAD),), TODAY, head_consents=True))
    assert clocks(connection, other) == 1
    assert proved(database_dsn) == []


async def test_another_head_is_told_for_every_member_and_ends_the_clock(
    office: RegisterOffice, database_dsn: str, connection: psycopg.Connection
) -> None:
    household, (head, wife, child) = await office.household(HEAD, SPOUSE, CHILD)
    await office.do(commands.record_death, death=DeathDeclared(head, PartialDate(20261120)))
    assert clocks(connection, household) == 1
    with pytest.raises(Invalid, match="every member"):
        await office.do(commands.change_head, declared=HeadDeclared(household, ((wife, HEAD),), TODAY))
    stranger = await office.record()
    told = HeadDeclared(household, ((wife, HEAD), (child, CHILD), (stranger, CHILD)), TODAY)
    with pytest.raises(Invalid, match="each member"):
        await office.do(commands.change_head, declared=told)
    with pytest.raises(Invalid, match="one head"):
        await office.do(commands.change_head, declared=HeadDeclared(household, ((wife, HEAD), (child, HEAD)), TODAY))
    changed = HeadDeclared(household, ((wife, HEAD), (child, CHILD)), TODAY)
    await office.do(commands.change_head, declared=changed)
    assert await places(office, wife, child) == [(household, HEAD), (household, CHILD)]
    assert clocks(connection, household) == 0
    assert proved(database_dsn) == []


async def test_a_merged_household_ends_with_all_its_members(office: RegisterOffice, database_dsn: str) -> None:
    one, (head, wife) = await office.household(HEAD, SPOUSE)
    two, (other, child) = await office.household(HEAD, CHILD)
    with pytest.raises(Invalid, match="every member"):
        await office.do(
            commands.merge_households, declared=HouseholdsMergedDeclared(two, one, ((other, SIBLING),), TODAY)
        )
    both = HouseholdsMergedDeclared(two, one, ((other, HEAD), (child, RELATIVE)), TODAY)
    with pytest.raises(Invalid, match="one head"):
        await office.do(commands.merge_households, declared=both)
    same = HouseholdsMergedDeclared(one, one, ((head, HEAD), (wife, SPOUSE)), TODAY)
    with pytest.raises(Invalid, match="different households"):
        await office.do(commands.merge_households, declared=same)
    merged = HouseholdsMergedDeclared(two, one, ((other, SIBLING), (child, RELATIVE)), TODAY)
    await office.do(commands.merge_households, declared=merged)
    assert await places(office, head, other, child) == [(one, HEAD), (one, SIBLING), (one, RELATIVE)]
    assert proved(database_dsn) == []


@pytest.mark.parametrize("kind", ["join", "split", "merge", "head"])
async def test_an_act_of_a_household_falls_for_all_whom_it_placed(
    office: RegisterOffice, database_dsn: str, kind: str
) -> None:
    household, (head, wife, child) = await office.household(HEAD, SPOUSE, CHILD)
    other, (single,) = await office.household(HEAD)
    everybody = (head, wife, child, single)
    before = [content(await office.life(one)) for one in everybody]
    match kind:
        case "join":
            moved = JoinDeclared(((child, Relation.NOT_RELATED),), other, TODAY)
            await office.do(commands.join_household, declared=moved)
        case "split":
            split = SplitDeclared(((head, HEAD), (child, CHILD)), TODAY, head_consents=True, remaining=((wife, HEAD),))
            await office.do(commands.split_household, declared=split)
        case "merge":
            merged = HouseholdsMergedDeclared(
                household, other, ((head, PARENT), (wife, PARENT), (child, SIBLING)), TODAY
            )
            await office.do(commands.merge_households, declared=merged)
        case _:
            changed = HeadDeclared(household, ((head, SPOUSE), (wife, HEAD), (child, CHILD)), TODAY)
            await office.do(commands.change_head, declared=changed)
    assert [content(await office.life(one)) for one in everybody] != before
    await office.annul_last(child)
    assert [content(await office.life(one)) for one in everybody] == before
    assert proved(database_dsn) == []
    await office.annul_last(child)
    assert [content(await office.life(one)) for one in everybody] != before
    assert proved(database_dsn) == []


async def test_a_member_who_joins_meanwhile_is_not_forgotten(office: RegisterOffice, database_dsn: str) -> None:
    async with Database(database_dsn, size=2) as database:
        for _ in range(4):
            household, (head, wife) = await office.household(HEAD, SPOUSE)
            joiner = await office.record(sex=Sex.FEMALE)
            one, other = RegisterOffice(database, office.now), RegisterOffice(database, office.now)
            changed = HeadDeclared(household, ((head, SPOUSE), (wife, HEAD)), TODAY)
            joined = JoinDeclared(((joiner, CHILD),), household, date(2026, 11, 1))
            outcomes = await asyncio.gather(
                one.do(commands.change_head, declared=changed),
                other.do(commands.join_household, declared=joined),
                return_exceptions=True,
            )
            assert isinstance(outcomes[1], Recorded)
            assert isinstance(outcomes[0], Recorded | DancuError)
    assert proved(database_dsn) == []
