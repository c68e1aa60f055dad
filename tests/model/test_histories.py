"""Random lives of a village over a century, in both times: whatever happens, the register can be proved."""

import asyncio
import os
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.model.village import BEGIN, KINDS, Village, prove

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Unavailable
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.commands import DeathDeclared
from dancu.register.payloads import Payload
from dancu.register.territory import locate
from dancu.register.verify.lives import differences
from dancu.register.verify.run import stored_lives

LONG = bool(os.environ.get("DANCU_SOAK"))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 30),
        st.integers(0, 30),
        st.dates(date(1960, 1, 1), date(2025, 12, 31)),
        st.integers(0, 2),
    ),
    # Without a least size a list has five acts on average, most of which the law refuses.
    min_size=25 if LONG else 6,
    max_size=50 if LONG else 16,
)


async def history_of(dsn: str, acts: list[Any]) -> tuple[int, int]:
    """Play a history; acts that the law or the register refuses leave nothing."""
    done = refused = 0
    async with Database(dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            village = Village(tx)
            await village.settle()
        for act in acts:
            try:
                async with database.transaction(scope="nation") as tx:
                    village.tx = tx
                    await village.act(*act)
                done += 1
            except DancuError:
                refused += 1
    return done, refused


def emptied(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT string_agg(format('register.%I', relname), ', ') FROM pg_class"
            " WHERE relnamespace = 'register'::regnamespace AND relkind = 'r'"
        ).fetchone()
        assert tables
        connection.execute(f"TRUNCATE {tables[0]}".encode())


@given(acts=ACTS)
@settings(
    max_examples=300 if LONG else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_history_can_be_proved(database_dsn: str, acts: list[Any]) -> None:
    emptied(database_dsn)
    asyncio.run(history_of(database_dsn, acts))
    prove(database_dsn)


async def racing(dsn: str, *acts: Any) -> list[Any]:
    """Do acts at once, each on a connection of its own; return what each answered or raised."""

    async def one(act: Any) -> Any:
        async with Database(dsn, size=1) as database:
            try:
                async with database.transaction(scope="nation") as tx:
                    return await act(tx)
            except DancuError as error:
                return error

    return list(await asyncio.gather(*(one(act) for act in acts)))


def test_two_officers_on_one_person_lose_nothing(database_dsn: str) -> None:
    emptied(database_dsn)
    asyncio.run(history_of(database_dsn, []))
    with psycopg.connect(database_dsn) as connection:
        rows = connection.execute("SELECT person_id FROM register.person ORDER BY born").fetchall()
    one, other = rows[2][0], rows[3][0]

    def header(n: int) -> ActHeader:
        return ActHeader(Authority.CIVIL_REGISTRAR, "06325", UUID(int=n), "Luật")

    def phone(n: int) -> Any:
        return lambda tx: commands.update_from_source(
            tx,
            header=header(10_000 + n),
            person_id=one,
            told=Payload(phone=f"090000000{n}"),
            valid_on=PartialDate.of(2025, 1, 1 + n),
            now=BEGIN + timedelta(days=3),
            locate=locate,
        )

    async def wedding(tx: Transaction) -> Any:
        return await commands.record_marriage(
            tx,
            header=header(77_777),
            one_id=one,
            other_id=other,
            on=PartialDate.of(2025, 6, 1),
            now=BEGIN + timedelta(days=3),
            locate=locate,
        )

    async def funeral(tx: Transaction) -> Any:
        death = DeathDeclared(other, PartialDate.of(2025, 5, 1))
        return await commands.record_death(
            tx, header=header(88_888), death=death, now=BEGIN + timedelta(days=3), locate=locate
        )

    answers = asyncio.run(racing(database_dsn, *(phone(n) for n in range(6)), wedding, funeral, wedding))
    with psycopg.connect(database_dsn) as connection:
        for stored in stored_lives(connection, 0, 2**63 - 1):
            assert differences(stored, locate) == []
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE kind = 3), count(*) FILTER (WHERE kind = 6) FROM register.event"
            " WHERE person_id = %s",
            (one,),
        ).fetchone()
    assert row is not None
    assert row[0] == sum(not isinstance(a, Exception) for a in answers[:6])
    assert row[1] <= 1
    assert not any(isinstance(a, Unavailable) for a in answers)  # nobody waits for a lock in a circle


async def officers(dsn: str, seed: int, acts: int) -> list[DancuError]:
    """Let four officers act at once, at random, on one village; return what they were refused."""
    refused: list[DancuError] = []
    async with Database(dsn, size=4) as database:
        async with database.transaction(scope="nation") as tx:
            village = Village(tx)
            await village.settle()

        async def officer(number: int) -> None:
            chance = random.Random(100 * seed + number)  # noqa: S311 -- a history, no secret
            for _ in range(acts):
                day = date(1960, 1, 1) + timedelta(days=chance.randrange(24_000))
                act = (chance.choice(KINDS), chance.randrange(30), chance.randrange(30), day, chance.randrange(3))
                try:
                    async with database.transaction(scope="nation") as tx:
                        await village.beside(tx).act(*act)
                except DancuError as error:
                    refused.append(error)

        await asyncio.gather(*(officer(number) for number in range(4)))
    return refused


def test_many_officers_at_once_leave_a_register_that_can_be_proved(database_dsn: str) -> None:
    for seed in range(60 if LONG else 2):
        emptied(database_dsn)
        refused = asyncio.run(officers(database_dsn, seed, 25))
        prove(database_dsn)
        # Nobody waits for a lock in a circle.
        assert [error for error in refused if isinstance(error, Unavailable)] == []
