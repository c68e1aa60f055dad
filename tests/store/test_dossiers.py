"""A dossier opens persons to its own office, while it is open, and to nobody who guesses."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from dancu.access.cases import name_in_case, open_case
from dancu.access.model import Assignment, Office, Officer
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import NotAllowed, opened
from dancu.audit.entry import Operation
from dancu.dossiers.commands import (
    GUESSES_A_DAY,
    Dossier,
    DossierUnknown,
    NobodyNamed,
    TooManyGuesses,
    close_dossier,
    dossier_of,
    dossiers_of,
    name_person,
    persons_of,
)
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
REQUEST = UUID(int=9)
NUMBER, NAME, BORN = "001185012345", "Lê Thị Dung", PartialDate.of(1985, 3, 12)
REGISTRAR = Officer(
    7,
    "lan",
    "Nguyễn Thị Lan",
    AccountClass.OPERATOR,
    (Assignment(Office(1, Authority.CIVIL_REGISTRAR, "10273", "UBND xã Phú Xuyên"), ROLES["civil_registrar"]),),
)
POLICE = Officer(
    8,
    "huy",
    "Phạm Quang Huy",
    AccountClass.OPERATOR,
    (Assignment(Office(2, Authority.COMMUNE_POLICE, "10273", "Công an xã Phú Xuyên"), ROLES["commune_police"]),),
)


@pytest.fixture(autouse=True)
def _dung_lives_elsewhere(connection: psycopg.Connection) -> None:
    """Put two persons of another commune straight into the tables: the register's own tests tell how they get there."""
    establish(connection, 41, NUMBER, "le thi dung", BORN)
    establish(connection, 42, "001085054321", "tran van xa", PartialDate.of(1985))


def establish(connection: psycopg.Connection, person_id: int, number: str, name_key: str, born: PartialDate) -> None:
    for table, known in (
        (
            "person",
            {
                "person_id": person_id,
                "name_key": name_key,
                "born": born.number,
                "province_code": "79",
                "commune_code": "26740",
                "status": 1,
            },
        ),
        ("identifier", {"value": number, "scheme": 1, "person_id": person_id}),
    ):
        required = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'register'"
            " AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL",
            (table,),
        ).fetchall()
        values: dict[str, object] = {}
        for column, kind in required:
            values[column] = b"" if kind == "bytea" else NOW if "timestamp" in kind else "" if kind == "text" else 1
        values |= known
        connection.execute(
            f"INSERT INTO register.{table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})".encode(),
            list(values.values()),
        )


async def open_for(
    database: Database,
    officer: Officer = REGISTRAR,
    *,
    matter: str = "1.000894",
    requester: str = "Lê Thị Dung",
    number: str = NUMBER,
    name: str = NAME,
    born: PartialDate = BORN,
    now: datetime = NOW,
) -> Dossier:
    return await open_case(
        database,
        officer,
        matter=matter,
        requester=requester,
        number=number,
        name=name,
        born=born,
        now=now,
        request_id=REQUEST,
    )


async def seen(database: Database, officer: Officer, dossier: Dossier) -> list[int]:
    """List whom an officer sees with a dossier."""
    async with database.transaction(offices="1") as tx:
        found = await dossier_of(tx, dossier.dossier_id)
        persons = await persons_of(tx, dossier.dossier_id)
    as_policy_sees = OpenDossier(found.dossier_id, found.office_id, persons, found.state == "open")
    async with opened(
        database,
        officer,
        operation=Operation.READ,
        purpose="dossier",
        now=NOW,
        request_id=REQUEST,
        dossier=as_policy_sees,
    ) as work:
        rows = await work.tx.rows("SELECT person_id FROM register.person ORDER BY person_id")
        await work.log(persons=tuple(row[0] for row in rows))
    return [row[0] for row in rows]


def logged(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT officer_id, operation, outcome, reason, person_id, dossier_id IS NOT NULL, legal_ground"
        " FROM audit.access_log ORDER BY log_id"
    ).fetchall()


@pytest.mark.parametrize(
    "change",
    [
        {"number": "001185012346"},
        {"number": ""},
        {"name": "Lê Thị Dũng Anh"},
        {"born": PartialDate.of(1985, 3, 13)},
        {"born": PartialDate.of(1985)},
    ],
)
async def test_whichever_of_the_three_is_wrong_the_answer_is_one(
    database: Database, connection: psycopg.Connection, change: dict[str, object]
) -> None:
    with pytest.raises(NobodyNamed, match="Check all three"):
        await open_for(database, **change)  # type: ignore[arg-type]
    assert logged(connection) == [(7, 9, 2, "NobodyNamed", None, False, "Luật Hộ tịch 60/2014/QH13, Điều 18")]
    assert connection.execute("SELECT count(*) FROM dossiers.dossier").fetchone() == (0,)


async def test_all_three_open_the_person_to_the_office_and_are_logged(
    database: Database, connection: psycopg.Connection
) -> None:
    dossier = await open_for(database)
    assert logged(connection) == [(7, 9, 1, None, 41, True, "Luật Hộ tịch 60/2014/QH13, Điều 18")]
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_name_is_matched_without_diacritics_and_a_number_without_spaces_around(database: Database) -> None:
    dossier = await open_for(database, name="le thi  DUNG", number=f" {NUMBER} ")
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_dossier_opens_nobody_to_another_office(database: Database) -> None:
    dossier = await open_for(database)
    with pytest.raises(NotAllowed, match="Another office"):
        await seen(database, POLICE, dossier)


async def test_a_closed_dossier_opens_nobody(database: Database) -> None:
    dossier = await open_for(database)
    async with database.transaction(offices="1") as tx:
        await close_dossier(tx, dossier_id=dossier.dossier_id, now=NOW)
    with pytest.raises(NotAllowed, match="closed"):
        await seen(database, REGISTRAR, dossier)
    async with database.transaction(offices="1") as tx:
        with pytest.raises(DossierUnknown):
            await close_dossier(tx, dossier_id=dossier.dossier_id, now=NOW, refused=True)


async def test_a_matter_of_another_authority_is_refused_and_logged(
    database: Database, connection: psycopg.Connection
) -> None:
    with pytest.raises(NotAllowed):
        await open_for(database, POLICE)
    assert [row[:4] for row in logged(connection)] == [(8, 9, 2, "purpose_not_of_role")]


@pytest.mark.parametrize("change", [{"matter": "9.999999"}, {"requester": " "}])
async def test_a_matter_and_a_requester_are_needed(database: Database, change: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await open_for(database, **change)  # type: ignore[arg-type]


async def test_guessing_ends_after_twenty_tries_a_day(database: Database) -> None:
    for _ in range(GUESSES_A_DAY):
        with pytest.raises(NobodyNamed):
            await open_for(database, number="001185000000")
    with pytest.raises(TooManyGuesses):
        await open_for(database)
    await open_for(database, replace(REGISTRAR, officer_id=70))
    await open_for(database, now=NOW + timedelta(days=1, seconds=1))


async def test_a_further_person_is_named_by_all_three(database: Database, connection: psycopg.Connection) -> None:
    dossier = await open_for(database)

    async def name(officer: Officer, name: str) -> int:
        return await name_in_case(
            database,
            officer,
            dossier=dossier,
            number="001085054321",
            name=name,
            born=PartialDate.of(1985),
            now=NOW,
            request_id=REQUEST,
        )

    with pytest.raises(NobodyNamed):
        await name(REGISTRAR, "Trần Văn Gần")
    with pytest.raises(NotAllowed):
        await name(POLICE, "Trần Văn Xa")
    assert await name(REGISTRAR, "Trần Văn Xa") == 42
    assert await seen(database, REGISTRAR, dossier) == [41, 42]
    async with database.transaction(offices="1") as tx:
        await close_dossier(tx, dossier_id=dossier.dossier_id, now=NOW)
    with pytest.raises(DossierUnknown):
        await name(REGISTRAR, "Trần Văn Xa")


async def test_numbers_run_by_office_and_year_without_gaps_or_twins(database: Database) -> None:
    numbers = [one.number for one in await asyncio.gather(*(open_for(database) for _ in range(4)))]
    assert sorted(numbers) == [f"10273-HT-2026-0000{n}" for n in (1, 2, 3, 4)]
    police = await open_for(database, POLICE, matter="1.004222")
    new_year = await open_for(database, now=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
    assert (police.number, new_year.number) == ("10273-CA-2026-00001", "10273-HT-2027-00001")


@pytest.mark.parametrize(("matter", "expected"), [("1.001193", date(2026, 11, 23)), ("1.000894", date(2026, 11, 30))])
async def test_a_deadline_counts_working_days(database: Database, matter: str, expected: date) -> None:
    assert (await open_for(database, matter=matter)).deadline_on in {expected, expected + timedelta(days=1)}


async def test_open_and_urgent_dossiers_come_first(database: Database) -> None:
    later = await open_for(database, matter="1.000894")
    urgent = await open_for(database, matter="1.001193")
    done = await open_for(database, matter="1.001193")
    async with database.transaction(offices="1") as tx:
        await close_dossier(tx, dossier_id=done.dossier_id, now=NOW)
        found = await dossiers_of(tx, [1])
        assert [one.dossier_id for one in found] == [urgent.dossier_id, later.dossier_id, done.dossier_id]
        assert await dossiers_of(tx, [2]) == []


@pytest.mark.parametrize("local", [{}, {"offices": ""}, {"offices": "2"}, {"scope": "nation"}])
async def test_another_office_sees_no_dossier_and_nobody_in_it(database: Database, local: dict[str, str]) -> None:
    dossier = await open_for(database)
    async with database.transaction(**local) as tx:
        assert await dossiers_of(tx, [1]) == []
        assert await persons_of(tx, dossier.dossier_id) == frozenset()
        with pytest.raises(DossierUnknown):
            await dossier_of(tx, dossier.dossier_id)
        with pytest.raises(DossierUnknown):
            await close_dossier(tx, dossier_id=dossier.dossier_id, now=NOW)


async def test_nobody_is_named_in_a_dossier_of_another_office(database: Database) -> None:
    dossier = await open_for(database)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(offices="2") as tx:
            await name_person(tx, dossier_id=dossier.dossier_id, person_id=42, now=NOW)


async def test_the_application_deletes_no_dossier(database: Database) -> None:
    for table in ("dossier", "named_person", "series"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.transaction() as tx:
                await tx.execute(f"DELETE FROM dossiers.{table}")
