"""A look-up by number: what it answers, to whom, and what the log keeps of it."""

from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg
import pytest

from dancu.access.model import Assignment, Office, Officer
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import NotAllowed
from dancu.infra.db import Database
from dancu.kernel.codes import Authority, IdentifierScheme, Sex
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.look_up import Summary, look_up
from dancu.register.payloads import IdentifierGiven, Payload
from dancu.register.store import PersonUnknown

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
NUMBER = "001058012345"


def officer(role: str, unit: str, authority: Authority) -> Officer:
    assignment = Assignment(Office(7, authority, unit, "Office"), ROLES[role])
    return Officer(77, "bench", "Officer", AccountClass.OPERATOR, (assignment,))


CENTER = officer("center_officer", "", Authority.POPULATION_DATABASE)


@pytest.fixture
async def person(database: Database) -> int:
    told = Payload(
        name=("O'Nguyễn", "Văn", "An"),
        born=19580930,
        sex=Sex.MALE,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, NUMBER),),
        unit_day=date(2026, 11, 1),
    )
    header = ActHeader(Authority.POPULATION_DATABASE, "", uuid4(), "Luật Căn cước 26/2023/QH15")
    async with database.transaction(scope="nation") as tx:
        done = await commands.establish_person(
            tx, header=header, told=told, now=NOW, locate=lambda _u, _d, _t: (None, None)
        )
    return done.person_id


async def asked(database: Database, who: Officer, number: str, purpose: str = "population_database") -> Summary:
    return await look_up(database, who, number, purpose=purpose, now=NOW, request_id=uuid4())


def logged(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT person_id, result_count, outcome FROM audit.access_log ORDER BY log_id"
    ).fetchall()


async def test_if_the_log_cannot_be_written_nothing_is_answered(
    database: Database, connection: psycopg.Connection, person: int
) -> None:
    connection.execute("REVOKE INSERT ON audit.access_log FROM dancu_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await asked(database, CENTER, NUMBER)
    connection.execute("GRANT INSERT ON audit.access_log TO dancu_app")
    assert (await asked(database, CENTER, NUMBER)).person_id == person


async def test_a_purpose_that_the_role_lacks_is_refused_and_logged(
    database: Database, connection: psycopg.Connection, person: int
) -> None:
    with pytest.raises(NotAllowed):
        await asked(database, CENTER, NUMBER, purpose="no_such_purpose")
    assert logged(connection) == [(None, 0, 2)]


@pytest.mark.parametrize("number", ["001058099999", "x'; DROP TABLE register.person; --", "%(value)s", "\\"])
async def test_who_is_not_there_is_unknown_and_the_try_is_logged(
    database: Database, connection: psycopg.Connection, person: int, number: str
) -> None:
    with pytest.raises(PersonUnknown):
        await asked(database, CENTER, number)
    assert logged(connection) == [(None, 0, 1)]


async def test_an_officer_of_a_commune_does_not_see_beyond_it(
    database: Database, connection: psycopg.Connection, person: int
) -> None:
    police = officer("commune_police", "26740", Authority.COMMUNE_POLICE)
    with pytest.raises((PersonUnknown, NotAllowed)):
        await asked(database, police, NUMBER, purpose="residence")
    assert len(logged(connection)) == 1


async def test_a_look_up_answers_in_short_and_is_logged_each_time(
    database: Database, connection: psycopg.Connection, person: int
) -> None:
    for _ in range(3):
        found = await asked(database, CENTER, NUMBER)
        assert (found.person_id, found.name.full, found.personal_number) == (person, "O'Nguyễn Văn An", NUMBER)
    assert logged(connection) == [(person, 1, 1)] * 3


async def test_a_statement_with_the_commit_takes_all_or_nothing(
    database: Database, connection: psycopg.Connection
) -> None:
    statement = "INSERT INTO register.number_block (block, used) VALUES (%(block)s, %(used)s)"
    with pytest.raises(psycopg.errors.UniqueViolation):  # noqa: PT012
        async with database.transaction(scope="none") as tx:
            tx.with_commit(statement, {"block": "001058", "used": 1})
            tx.with_commit(statement, {"block": "001058", "used": 2})
    assert connection.execute("SELECT count(*) FROM register.number_block").fetchone() == (0,)
    async with database.transaction(("SELECT %(one)s::int, '100%%'", {"one": 1}), scope="none") as tx:
        assert tx.answer == [(1, "100%")]
        tx.with_commit(statement, {"block": "it's", "used": 3})
    assert connection.execute("SELECT block, used FROM register.number_block").fetchall() == [("it's", 3)]


async def test_names_of_statements_are_prepared_again_after_the_driver_forgot_them(database_dsn: str) -> None:
    number = ("SELECT %(one)s::int", {"one": 1})
    async with Database(database_dsn, size=1) as database:
        for _ in range(3):
            async with database.transaction(number, scope="none") as tx:
                assert await tx.together(number, number) == [(1, [(1,)])] * 2
                await tx.rows("SELECT 1")
            with pytest.raises(ZeroDivisionError):  # noqa: PT012
                async with database.transaction(number, scope="none") as tx:
                    await tx.rows("SELECT 1")
                    raise ZeroDivisionError
