"""An office with cases, for tests of dossiers: who works there, whom they name, and what they do."""

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from dancu.access.cases import open_case
from dancu.access.model import Assignment, Office, Officer
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import opened
from dancu.audit.entry import Operation
from dancu.dossiers.commands import (
    Opener,
    dossier_of,
    persons_of,
)
from dancu.dossiers.model import Dossier, Move
from dancu.dossiers.moves import close, take
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today

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


@pytest.fixture
def dung_lives_elsewhere(connection: psycopg.Connection) -> None:
    """Put two persons of another commune straight into the tables: the register's own tests tell how they get there."""
    establish(connection, 41, NUMBER, "le thi dung", BORN)
    establish(connection, 42, "001085054321", "tran van xa", PartialDate.of(1985))


def establish(connection: psycopg.Connection, person_id: int, number: str, name_key: str, born: PartialDate) -> None:
    """Put a person of another commune straight into the tables."""
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
    """Open a dossier that names Dung."""
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


HAND = Opener(7, 1, "10273", "civil_registrar")


async def move(
    database: Database, dossier: Dossier, move: Move, *, now: datetime = NOW, reason: str = "why", law: str = "Điều 1"
) -> Dossier:
    """Take a dossier further by hand of the registrar."""
    async with database.transaction(offices="1") as tx:
        return await take(
            tx, dossier_id=dossier.dossier_id, move=move, by=HAND, now=now, reason=reason, legal_ground=law
        )


async def close_it(database: Database, dossier: Dossier) -> None:
    """Close a dossier."""
    async with database.transaction(offices="1") as tx:
        await close(tx, dossier_id=dossier.dossier_id, by=HAND, now=NOW)


async def seen(
    database: Database, officer: Officer, dossier: Dossier, *, now: datetime = NOW, office: str = "1"
) -> list[int]:
    """List whom an officer sees with a dossier."""
    async with database.transaction(offices=office) as tx:
        found = await dossier_of(tx, dossier.dossier_id)
        persons = await persons_of(tx, dossier.dossier_id)
    as_policy_sees = OpenDossier(found.dossier_id, found.office_id, persons, found.opens(today(now)), found.matter)
    async with opened(
        database,
        officer,
        operation=Operation.READ,
        purpose="dossier",
        now=now,
        request_id=REQUEST,
        dossier=as_policy_sees,
    ) as work:
        rows = await work.tx.rows("SELECT person_id FROM register.person ORDER BY person_id")
        await work.log(persons=tuple(row[0] for row in rows))
    return [row[0] for row in rows]


def logged(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    """List the rows of the log."""
    return connection.execute(
        "SELECT officer_id, operation, outcome, reason, person_id, dossier_id IS NOT NULL, legal_ground"
        " FROM audit.access_log ORDER BY log_id"
    ).fetchall()
