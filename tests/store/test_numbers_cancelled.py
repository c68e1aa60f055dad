"""A personal number that is cancelled: kept, never given again, and a clock until there is another."""

import psycopg
import pytest
from tests.store.register_office import RegisterOffice, proved

from dancu.infra.db import Database
from dancu.kernel.errors import Refused
from dancu.register import commands
from dancu.register.store import number_is_taken

pytestmark = pytest.mark.anyio

NUMBER = "001080000001"


@pytest.fixture
async def office(database: Database) -> RegisterOffice:
    return RegisterOffice(database)


def clocks(connection: psycopg.Connection) -> list[tuple[str, bool]]:
    rows = connection.execute("SELECT kind, ended_by IS NOT NULL FROM register.clock").fetchall()
    return [(kind, ended) for kind, ended in rows]


async def test_who_has_no_number_can_not_lose_it(office: RegisterOffice) -> None:
    person = await office.record()
    with pytest.raises(Refused, match=r"number\.in_force"):
        await office.do(commands.cancel_number, person_id=person, reason="x")


async def test_a_cancelled_number_is_kept_and_another_ends_the_clock(
    office: RegisterOffice, database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    person = await office.record(number=NUMBER)
    await office.do(commands.cancel_number, person_id=person, reason="sai giới tính")
    life = await office.life(person)
    assert life.personal_number is None
    assert [(one.value, one.cancelled) for one in life.identifiers] == [(NUMBER, True)]
    assert clocks(connection) == [("without_number", False)]
    async with database.transaction(scope="nation") as tx:
        assert await number_is_taken(tx, NUMBER)
    done = await office.do(commands.establish_number, person_id=person, place=1)
    assert (await office.life(person)).personal_number == done.personal_number != NUMBER
    assert clocks(connection) == [("without_number", True)]
    assert proved(database_dsn) == []


async def test_a_cancellation_that_is_annulled_gives_the_number_back(
    office: RegisterOffice, database_dsn: str, connection: psycopg.Connection
) -> None:
    person = await office.record(number=NUMBER)
    await office.do(commands.cancel_number, person_id=person, reason="nhầm")
    await office.annul_last(person)
    assert (await office.life(person)).personal_number == NUMBER
    assert clocks(connection) == [("without_number", True)]
    assert proved(database_dsn) == []
