"""Opened access: as far as granted, never unlogged, and refusals outlive the transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest

from dancu.access import work as work_module
from dancu.access.model import Assignment, Office, Officer
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import BeyondGrant, NotAllowed, OpenWork, Unlogged, opened
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Entry, Operation
from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Gone, NotFound, Refused

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
PEOPLE = {41: ("01", "10273"), 42: ("01", "10279"), 43: ("79", "26740"), 44: (None, None)}


def officer_of(role: str, unit: str) -> Officer:
    known = ROLES[role]
    office = Office(1, known.authority or Authority.POPULATION_DATABASE, unit, "")
    return Officer(7, "lan", "Nguyễn Thị Lan", AccountClass.OPERATOR, (Assignment(office, known),))


REGISTRAR = officer_of("civil_registrar", "10273")


@pytest.fixture(autouse=True)
def _people(connection: psycopg.Connection) -> None:
    required = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'register'"
        " AND table_name = 'person' AND is_nullable = 'NO' AND column_default IS NULL"
    ).fetchall()
    values: dict[str, object] = {}
    for column, kind in required:
        values[column] = b"" if kind == "bytea" else NOW if "timestamp" in kind else "" if kind == "text" else 1
    for person_id, (province, commune) in PEOPLE.items():
        values |= {"person_id": person_id, "province_code": province, "commune_code": commune}
        connection.execute(
            f"INSERT INTO register.person ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})".encode(),
            list(values.values()),
        )


async def do(
    database: Database,
    officer: Officer = REGISTRAR,
    *,
    purpose: str = "civil_status",
    operation: Operation = Operation.READ,
    dossier: OpenDossier | None = None,
    fields: int = ALL_FIELDS,
    raises: Exception | None = None,
    log: Callable[[OpenWork, list[int]], object] | None = None,
) -> list[int]:
    async with opened(
        database,
        officer,
        operation=operation,
        purpose=purpose,
        now=NOW,
        request_id=UUID(int=5),
        fields=fields,
        dossier=dossier,
    ) as work:
        rows = await work.tx.rows("SELECT person_id FROM register.person ORDER BY person_id")
        persons = [row[0] for row in rows]
        if raises:
            raise raises
        await (log(work, persons) if log else work.log(persons=tuple(persons), result_count=len(persons)))  # type: ignore[misc]
    return persons


def logged(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT operation, outcome, reason, office, role, persons, result_count FROM audit.access_log ORDER BY log_id"
    ).fetchall()


def dossier(*persons: int, is_open: bool = True) -> OpenDossier:
    return OpenDossier(5, 1, frozenset(persons), is_open)


@pytest.mark.parametrize(
    ("role", "unit", "purpose", "expected"),
    [
        ("civil_registrar", "10273", "civil_status", [41]),
        ("commune_police", "10279", "residence", [42]),
        ("commune_police", "00000", "residence", []),
        ("province_officer", "01", "residence", [41, 42]),
        ("province_justice", "79", "civil_status", [43]),
        ("center_officer", "", "population_database", [41, 42, 43, 44]),
        ("center_officer", "10273", "population_database", []),
    ],
)
async def test_a_role_sees_its_territory_and_nothing_else(
    database: Database, role: str, unit: str, purpose: str, expected: list[int]
) -> None:
    assert await do(database, officer_of(role, unit), purpose=purpose) == expected


async def test_a_dossier_adds_its_persons(database: Database) -> None:
    assert await do(database, purpose="dossier", dossier=dossier(43, 44)) == [41, 43, 44]


@pytest.mark.parametrize("local", [{}, {"scope": ""}, {"scope": "none"}, {"scope": "none", "opened": ""}])
async def test_without_a_scope_nobody_is_seen(database: Database, local: dict[str, str]) -> None:
    async with database.transaction(**local) as tx:
        assert await tx.rows("SELECT person_id FROM register.person") == []


async def test_a_scope_ends_with_its_transaction(database: Database) -> None:
    for _ in range(2):
        await do(database, officer_of("center_officer", ""), purpose="population_database")
    async with database.transaction() as one, database.transaction() as two:
        assert await one.rows("SELECT person_id FROM register.person") == []
        assert await two.rows("SELECT person_id FROM register.person") == []


async def test_what_was_read_is_logged_with_who_and_why(database: Database, connection: psycopg.Connection) -> None:
    await do(database)
    assert logged(connection) == [(5, 1, None, "10273", "civil_registrar", [41], 1)]


async def test_work_that_was_not_logged_fails_and_leaves_nothing(
    database: Database, connection: psycopg.Connection
) -> None:
    async def write(work: OpenWork, _: list[int]) -> None:
        await work.tx.execute("UPDATE register.person SET born = 19000000 WHERE person_id = 41")

    with pytest.raises(Unlogged):
        await do(database, log=write)
    assert connection.execute("SELECT count(*) FROM register.person WHERE born = 19000000").fetchone() == (0,)
    assert logged(connection) == []


async def test_if_the_log_cannot_be_written_the_data_do_not_leave(
    database: Database, connection: psycopg.Connection
) -> None:
    connection.execute("REVOKE INSERT ON audit.access_log FROM dancu_app")
    left: list[int] = []

    async def write(work: OpenWork, persons: list[int]) -> None:
        await work.tx.execute("UPDATE register.person SET born = 19000000 WHERE person_id = 41")
        await work.log(persons=tuple(persons))
        left.extend(persons)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await do(database, log=write)
    assert left == []
    assert connection.execute("SELECT count(*) FROM register.person WHERE born = 19000000").fetchone() == (0,)


async def test_a_log_that_dies_with_its_connection_keeps_the_data(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(tx: Transaction, entry: Entry) -> None:
        connection.execute("SELECT pg_terminate_backend(%s)", (tx.connection.info.backend_pid,))
        await tx.execute("SELECT 1")

    monkeypatch.setattr(work_module, "record", die)
    with pytest.raises((psycopg.OperationalError, Exception)):
        await do(database)
    monkeypatch.undo()
    assert await do(database) == [41]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purpose": "residence"}, "purpose_not_of_role"),
        ({"operation": Operation.EXPORT}, "operation_not_of_purpose"),
        ({"purpose": "dossier"}, "dossier_needed"),
        ({"purpose": "dossier", "dossier": dossier(43, is_open=False)}, "dossier_closed"),
    ],
)
async def test_what_the_policy_refuses_is_logged(
    database: Database, connection: psycopg.Connection, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotAllowed):
        await do(database, **changes)  # type: ignore[arg-type]
    ((_, outcome, why, office, role, persons, count),) = logged(connection)
    assert (outcome, why, office, role, persons, count) == (2, reason, "10273", "civil_registrar", None, 0)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotFound("nothing"), "NotFound"),
        (Gone("merged"), "Gone"),
        (Refused("marriage.age", "Điều 8", date(2015, 1, 1), "không", "no"), "marriage.age"),
    ],
)
async def test_what_the_register_refuses_is_logged_though_everything_rolls_back(
    database: Database, connection: psycopg.Connection, error: Exception, reason: str
) -> None:
    with pytest.raises(type(error)):
        await do(database, raises=error)
    assert [row[:3] for row in logged(connection)] == [(5, 2, reason)]


async def test_a_mistake_of_the_program_is_not_logged_as_a_refusal(
    database: Database, connection: psycopg.Connection
) -> None:
    with pytest.raises(ZeroDivisionError):
        await do(database, raises=ZeroDivisionError())
    assert logged(connection) == []


@pytest.mark.parametrize(
    "beyond",
    [{"operation": Operation.EXPORT}, {"operation": Operation.BULK_WRITE}, {"fields": ALL_FIELDS + 1}],
)
async def test_no_more_is_logged_than_was_granted(
    database: Database, connection: psycopg.Connection, beyond: dict[str, object]
) -> None:
    with pytest.raises(BeyondGrant):
        await do(database, log=lambda work, _: work.log(**beyond))  # type: ignore[arg-type]
    assert logged(connection) == []


async def test_who_only_reads_cannot_log_an_act(database: Database) -> None:
    justice = officer_of("province_justice", "01")
    with pytest.raises(BeyondGrant):
        await do(database, justice, log=lambda work, _: work.log(operation=Operation.WRITE))


async def test_one_piece_of_work_may_log_a_list_and_then_a_life(
    database: Database, connection: psycopg.Connection
) -> None:
    async def both(work: OpenWork, persons: list[int]) -> None:
        await work.log(persons=tuple(persons), operation=Operation.SEARCH, fields=SUMMARY_FIELDS)
        await work.log(person_id=persons[0])

    await do(database, log=both)
    assert [row[0] for row in logged(connection)] == [3, 5]


async def test_whom_it_is_about_is_logged_when_it_is_refused(
    database: Database, connection: psycopg.Connection
) -> None:
    with pytest.raises(NotFound):
        async with opened(
            database,
            replace(REGISTRAR, officer_id=9),
            operation=Operation.READ,
            purpose="civil_status",
            now=NOW,
            request_id=UUID(int=5),
            person_id=43,
        ):
            raise NotFound
    assert connection.execute("SELECT officer_id, person_id, outcome FROM audit.access_log").fetchall() == [(9, 43, 2)]
