"""The access log takes rows, and only takes them; every change to a row is found."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from msgspec.structs import replace

from dancu.audit.entry import Channel, Entry, Operation, Outcome, canonical, digest_of
from dancu.audit.log import by_officer, make_partitions, record, record_apart, refusals, who_looked
from dancu.audit.verify import Finding, Trust, What, verify_log
from dancu.infra.db import Database, Transaction

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
LOOK = Entry(
    logged_at=NOW,
    operation=Operation.LOOK_UP,
    outcome=Outcome.GRANTED,
    channel=Channel.PORTAL,
    request_id=UUID(int=5),
    officer_id=7,
    office="10273",
    role="civil_registrar",
    purpose="civil_status",
    person_id=41,
    fields=3,
    result_count=1,
)
SEARCH = replace(LOOK, operation=Operation.SEARCH, person_id=None, persons=(41, 42), result_count=2)


def check(connection: psycopg.Connection, progress: Callable[[int], None] = lambda _: None) -> list[Finding]:
    return [one for one in verify_log(connection, Trust(), progress) if one.is_fault]


def establish(connection: psycopg.Connection, person_id: int, commune: str = "10273") -> None:
    required = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'register'"
        " AND table_name = 'person' AND is_nullable = 'NO' AND column_default IS NULL"
    ).fetchall()
    values: dict[str, object] = {}
    for column, kind in required:
        values[column] = b"" if kind == "bytea" else NOW if "timestamp" in kind else "" if kind == "text" else 1
    values |= {"person_id": person_id, "commune_code": commune, "province_code": "01"}
    columns = ", ".join(values)
    connection.execute(
        f"INSERT INTO register.person ({columns}) VALUES ({', '.join(['%s'] * len(values))})".encode(),
        list(values.values()),
    )


async def write(database: Database, *entries: Entry) -> None:
    async with database.transaction(scope="none") as tx:
        for entry in entries:
            await record(tx, entry)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.access_log SET officer_id = 8",
        "DELETE FROM audit.access_log",
        "TRUNCATE audit.access_log",
        "SELECT officer_id FROM audit.access_log",
        "UPDATE audit.access_log_rest SET officer_id = 8",
        "DROP TABLE audit.access_log",
    ],
)
async def test_the_application_adds_rows_and_can_do_nothing_else(database: Database, statement: str) -> None:
    await write(database, LOOK)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(scope="nation") as tx:
            await tx.execute(statement)


async def test_untouched_rows_stand(database: Database, connection: psycopg.Connection) -> None:
    bulk = replace(LOOK, operation=Operation.BULK_WRITE, persons_digest=digest_of([3, 1, 2]), purpose="nạp 'dữ liệu'\n")
    await write(database, LOOK, SEARCH, bulk, LOOK.refused("dossier_closed"))
    seen: list[int] = []
    assert check(connection, seen.append) == []
    assert sum(seen) == 4


@pytest.mark.parametrize(
    "change",
    [
        "officer_id = 8",
        "officer_id = NULL",
        "logged_at = logged_at + interval '1 microsecond'",
        "person_id = 43",
        "operation = 5",
        "operation = 77",
        "outcome = 2",
        "actor = 4",
        "persons = ARRAY[1, 2]",
        "fields = 1",
        "purpose = 'residence'",
        "reason = ''",
        "request_id = gen_random_uuid()",
        "salt = decode(repeat('00', 16), 'hex')",
        "commitment = decode(repeat('00', 32), 'hex')",
    ],
)
async def test_every_altered_row_is_found(database: Database, connection: psycopg.Connection, change: str) -> None:
    await write(database, LOOK, LOOK)
    connection.execute(
        f"UPDATE audit.access_log SET {change} WHERE log_id = (SELECT max(log_id) FROM audit.access_log)".encode()
    )
    (altered,) = [one.log_id for one in check(connection)]
    newest = connection.execute("SELECT max(log_id) FROM audit.access_log").fetchone()
    assert newest == (altered,)


async def test_a_row_put_in_past_the_program_is_found(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO audit.access_log (logged_at, operation, outcome, channel, actor, request_id, fields,"
        " result_count, office, role, purpose, legal_ground, salt, commitment)"
        " VALUES (now(), 5, 1, 1, 1, gen_random_uuid(), 0, 0, '', '', '', '', decode(repeat('00', 16), 'hex'),"
        " decode(repeat('00', 32), 'hex'))"
    )
    assert [one.what for one in check(connection)] == [What.ALTERED]


async def test_a_commitment_can_be_checked_with_nothing_but_its_description(
    database: Database, connection: psycopg.Connection
) -> None:
    await write(database, SEARCH)
    row = connection.execute("SELECT salt, commitment FROM audit.access_log").fetchone()
    assert row is not None
    described = [1795512600123456, 3, 1, 1, "0" * 31 + "5", 7, "10273", "civil_registrar", "civil_status"]
    described += ["", None, None, [41, 42], None, 3, 2, None, 1]
    written = json.dumps(described, separators=(",", ":"), ensure_ascii=False).encode()
    assert written == canonical(SEARCH)
    assert hashlib.sha256(row[0] + written).digest() == row[1]


async def test_a_refusal_outlives_the_transaction_that_made_it(
    database: Database, connection: psycopg.Connection
) -> None:
    async def fail(tx: Transaction) -> None:
        await record(tx, LOOK)
        await record_apart(database, LOOK.refused("dossier_closed"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with database.transaction(scope="none") as tx:
            await fail(tx)
    assert connection.execute("SELECT outcome, reason, result_count FROM audit.access_log").fetchall() == [
        (2, "dossier_closed", 0)
    ]


async def test_who_looked_tells_looks_and_lists_latest_first(
    database: Database, connection: psycopg.Connection
) -> None:
    establish(connection, 41)
    other = replace(LOOK, person_id=42)
    later = replace(SEARCH, logged_at=NOW.replace(hour=10))
    refused = replace(LOOK, logged_at=NOW.replace(hour=8)).refused("dossier_closed")
    await write(database, LOOK, later, other, refused)
    async with database.transaction(scope="commune:10273") as tx:
        looks = await who_looked(tx, 41)
    assert [(look.operation, look.outcome) for look in looks] == [(3, 1), (4, 1), (4, 2)]


@pytest.mark.parametrize(
    "local", [{}, {"scope": "none"}, {"scope": "commune:10279"}, {"scope": "none", "opened": "42"}]
)
async def test_who_looked_is_told_to_nobody_who_may_not_see_the_person(
    database: Database, connection: psycopg.Connection, local: dict[str, str]
) -> None:
    establish(connection, 41)
    await write(database, LOOK)
    async with database.transaction(**local) as tx:
        assert await who_looked(tx, 41) == []


@pytest.mark.parametrize(("scope", "expected"), [("nation", 2), ("province:01", 0), ("none", 0)])
async def test_what_an_officer_did_is_told_to_the_nation_only(database: Database, scope: str, expected: int) -> None:
    await write(database, LOOK, SEARCH, replace(LOOK, officer_id=8))
    async with database.transaction(scope=scope) as tx:
        assert len(await by_officer(tx, 7, since=NOW)) == expected


async def test_refusals_are_counted(database: Database) -> None:
    await write(database, LOOK, LOOK.refused("NobodyNamed"), SEARCH.refused("x"))
    async with database.transaction() as tx:
        assert await refusals(tx, 7, Operation.LOOK_UP, reason="NobodyNamed", since=NOW) == 1


async def test_a_partition_takes_over_the_rows_that_came_before_it(
    database: Database, connection: psycopg.Connection
) -> None:
    await write(database, replace(LOOK, logged_at=datetime(2021, 5, 31, 23, 59, tzinfo=UTC)))
    await write(database, replace(LOOK, logged_at=datetime(2021, 6, 1, 0, 0, tzinfo=UTC)))
    async with database.transaction() as tx:
        assert await make_partitions(tx, date(2021, 5, 15), months=1) == 1
        assert await make_partitions(tx, date(2021, 5, 31), months=1) == 0
    homes = connection.execute("SELECT tableoid::regclass::text FROM audit.access_log ORDER BY logged_at").fetchall()
    assert homes == [("audit.access_log_2021_05",), ("audit.access_log_rest",)]
    assert check(connection) == []


async def test_the_application_still_cannot_read_a_new_partition(database: Database) -> None:
    async with database.transaction() as tx:
        await make_partitions(tx, date(2021, 5, 15), months=1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction() as tx:
            await tx.rows("SELECT log_id FROM audit.access_log_2021_05")


async def test_partitions_far_away_are_not_made(database: Database) -> None:
    with pytest.raises(psycopg.errors.DatetimeFieldOverflow):
        async with database.transaction() as tx:
            await make_partitions(tx, date(2099, 1, 1))


async def test_the_index_serves_both_kinds_of_looks(database: Database, connection: psycopg.Connection) -> None:
    connection.execute("SET enable_seqscan = off")
    for condition in ("person_id = 41", "persons @> ARRAY[41]::bigint[]"):
        plan = connection.execute(f"EXPLAIN SELECT log_id FROM audit.access_log WHERE {condition}".encode()).fetchall()
        assert "Index" in str(plan)
        assert "Seq Scan" not in str(plan)


def test_a_digest_commits_to_the_set_of_persons() -> None:
    assert digest_of([3, 1, 2]) == digest_of((2, 3, 1))
    assert digest_of([1, 2]) != digest_of([1, 2, 3])
    assert digest_of([258]) == hashlib.sha256(bytes([0, 0, 0, 0, 0, 0, 1, 2])).digest()
