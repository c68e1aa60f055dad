"""A household has one head and a clock where it has none, whoever acts on whichever of its members at once."""

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Invalid
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import DeathDeclared, MoveDeclared, Recorded
from dancu.register.payloads import MembershipGiven, Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
ROUNDS = 6
_HOUSES = itertools.count(1)


def header() -> ActHeader:
    return ActHeader(Authority.COMMUNE_POLICE, "06325", uuid4(), "Luật Cư trú 68/2020/QH14")


async def established(database: Database, household: int | None = None) -> int:
    told = Payload(
        name=("Lê", "", "An"),
        born=19800101,
        sex=Sex.MALE,
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
        membership=MembershipGiven(household, Relation.HEAD, date(2010, 1, 1)) if household else None,
        unit_day=date(2026, 11, 1),
    )
    async with database.transaction(scope="nation") as tx:
        done = await commands.establish_person(
            tx, header=header(), told=told, now=NOW - timedelta(days=9), locate=locate
        )
    return done.person_id


async def move(
    database: Database, *movers: tuple[int, Relation], household: int | None = None, on: date = date(2026, 11, 10)
) -> Recorded:
    declared = MoveDeclared(movers, "26740", f"{next(_HOUSES)} Lê Lợi", on, household)
    async with database.transaction(scope="nation") as tx:
        return await commands.record_move(tx, header=header(), move=declared, now=NOW, locate=locate)


async def bury(database: Database, person_id: int) -> Recorded:
    death = DeathDeclared(person_id, PartialDate(20261120))
    async with database.transaction(scope="nation") as tx:
        return await commands.record_death(tx, header=header(), death=death, now=NOW, locate=locate)


async def annul(database: Database, person_id: int, seq: int) -> Recorded:
    async with database.transaction(scope="nation") as tx:
        return await commands.annul_event(
            tx, header=header(), person_id=person_id, seq=seq, reason="ghi nhầm", now=NOW, locate=locate
        )


async def household_of(database: Database, person_id: int) -> int:
    async with database.transaction(scope="nation") as tx:
        life = (await store.history(tx, person_id)).life
    assert life is not None
    return life.memberships[-1].household_id


async def a_household(database: Database, *relations: Relation) -> tuple[int, list[int]]:
    """A household with a member of each relation."""
    members = [await established(database) for _ in relations]
    await move(database, *zip(members, relations, strict=True))
    return await household_of(database, members[0]), members


async def heads_and_clocks(database: Database, household: int) -> tuple[int, int]:
    """How many heads a household has, and how many clocks run for it."""
    async with database.transaction(scope="nation") as tx:
        ((heads,),) = await tx.rows(
            "SELECT count(*) FROM register.person WHERE household_id = %s AND relation = 1 AND status = 1", [household]
        )
        ((clocks,),) = await tx.rows(
            "SELECT count(*) FROM register.clock WHERE household_id = %s AND ended_by IS NULL", [household]
        )
    return heads, clocks


async def at_once(*acts: Coroutine[Any, Any, Recorded]) -> list[Recorded | BaseException]:
    """Outcomes of acts at once; an error that nobody foresaw fails the test."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, DancuError):
            raise outcome
    return outcomes


def refusals(outcomes: list[Recorded | BaseException]) -> list[str]:
    return [one.faults[0].message for one in outcomes if isinstance(one, Invalid)]


async def test_of_two_who_become_head_at_once_one_is_refused(database: Database, database_dsn: str) -> None:
    for _ in range(ROUNDS):
        household, (head, _) = await a_household(database, Relation.HEAD, Relation.CHILD)
        await bury(database, head)
        assert await heads_and_clocks(database, household) == (0, 1)
        one, other = await established(database), await established(database)
        done = await at_once(*(move(database, (person, Relation.HEAD), household=household) for person in (one, other)))
        assert refusals(done) == ["A household has one head"]
        assert await heads_and_clocks(database, household) == (1, 0)
    assert list(verify(database_dsn, workers=1)) == []


async def test_two_sources_that_tell_two_heads_at_once_are_not_both_believed(
    database: Database, database_dsn: str
) -> None:
    for _ in range(ROUNDS):
        household, (head,) = await a_household(database, Relation.HEAD)
        await bury(database, head)
        done = await asyncio.gather(*(established(database, household) for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in done if not isinstance(one, int)] == [Invalid]
        assert await heads_and_clocks(database, household) == (1, 0)
    assert list(verify(database_dsn, workers=1)) == []


async def test_one_act_does_not_make_two_heads(database: Database) -> None:
    one, other = await established(database), await established(database)
    with pytest.raises(Invalid):
        await move(database, (one, Relation.HEAD), (other, Relation.HEAD))


async def test_a_head_who_was_not_dead_does_not_come_back_beside_the_next_one(
    database: Database, database_dsn: str
) -> None:
    household, (head, _) = await a_household(database, Relation.HEAD, Relation.CHILD)
    await bury(database, head)
    heir = await established(database)
    await move(database, (heir, Relation.HEAD), household=household)
    with pytest.raises(Invalid) as refusal:
        await annul(database, head, 3)
    assert refusal.value.faults[0].message == "A household has one head"
    await annul(database, heir, 2)
    await annul(database, head, 3)
    assert await heads_and_clocks(database, household) == (1, 0)
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_head_comes_back_while_the_next_one_moves_in_and_one_of_them_is_refused(
    database: Database, database_dsn: str
) -> None:
    for _ in range(ROUNDS):
        household, (head, _) = await a_household(database, Relation.HEAD, Relation.CHILD)
        await bury(database, head)
        heir = await established(database)
        done = await at_once(annul(database, head, 3), move(database, (heir, Relation.HEAD), household=household))
        assert refusals(done) == ["A household has one head"]
        assert await heads_and_clocks(database, household) == (1, 0)
    assert list(verify(database_dsn, workers=1)) == []


async def test_head_and_last_member_die_at_once_and_no_clock_runs_for_nobody(
    database: Database, database_dsn: str
) -> None:
    for _ in range(ROUNDS):
        household, members = await a_household(database, Relation.HEAD, Relation.CHILD)
        done = await at_once(*(bury(database, member) for member in members))
        assert all(isinstance(one, Recorded) for one in done)
        assert await heads_and_clocks(database, household) == (0, 0)
    assert list(verify(database_dsn, workers=1)) == []


async def test_head_leaves_while_another_member_comes_and_the_clock_runs_once(
    database: Database, database_dsn: str
) -> None:
    for _ in range(ROUNDS):
        household, (head,) = await a_household(database, Relation.HEAD)
        guest = await established(database)
        await at_once(
            move(database, (head, Relation.HEAD), on=date(2026, 11, 12)),
            move(database, (guest, Relation.NOT_RELATED), household=household),
        )
        assert await heads_and_clocks(database, household) == (0, 1)
    assert list(verify(database_dsn, workers=1)) == []


async def test_two_households_that_exchange_members_do_not_wait_for_each_other(
    database: Database, database_dsn: str
) -> None:
    for _ in range(ROUNDS):
        one, (_, left) = await a_household(database, Relation.HEAD, Relation.CHILD)
        other, (_, right) = await a_household(database, Relation.HEAD, Relation.CHILD)
        day = date(2026, 11, 12)
        done = await at_once(
            move(database, (left, Relation.CHILD), household=other, on=day),
            move(database, (right, Relation.CHILD), household=one, on=day),
        )
        assert all(isinstance(act, Recorded) for act in done)
    assert list(verify(database_dsn, workers=1)) == []
