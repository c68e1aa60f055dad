"""A first load that is interrupted: what is there is whole, what is missing comes, no index is lost."""

import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pytest

from dancu.cli.installation import bring_up_to_date
from dancu.infra import db
from dancu.intake.normal import NORMAL
from dancu.kernel.codes import Authority
from dancu.register.act import ActHeader
from dancu.register.bulk import BulkLoad, Prepared, defer_indexes, indexes_missing, restore_indexes
from dancu.register.territory import locate

NOW = datetime(2026, 11, 24, 2, 3, 4, tzinfo=UTC)
HEADER = ActHeader(Authority.POPULATION_DATABASE, "", UUID(int=1), "Luật Căn cước 26/2023/QH15, Điều 10", source="s")
LINKS = ("person_id", "father_id", "mother_id", "spouse_id", "household_id")
TOLD = pa.schema(
    [
        *NORMAL,
        *(pa.field(name, pa.int64()) for name in LINKS),
        pa.field("cmnd9_ordinal", pa.int32()),
        pa.field("passport_ordinal", pa.int32()),
        pa.field("forms_household", pa.bool_()),
    ]
)
SIZE = 50
CHUNKS = 6

pytestmark = pytest.mark.filterwarnings("error")


def person(ordinal: int, **different: Any) -> dict[str, Any]:
    return (
        dict.fromkeys(TOLD.names)
        | {
            "record": ordinal,
            "kind": "persons",
            "person_id": ordinal,
            "personal_number": f"0010800{ordinal:05}",
            "given": "An",
            "name_key": "an",
            "born": 19800203,
            "household_id": 1 + ordinal // 4,
            "household_no": f"HK{ordinal // 4}",
            "forms_household": True,
            "permanent_unit": "00004",
            "permanent_address": "Số 1",
            "permanent_since": date(2010, 1, 1),
            "unit_day": date(2026, 11, 1),
        }
        | different
    )


def prepared(chunk: int) -> Prepared:
    rows = [person(chunk * SIZE + i) for i in range(1, SIZE + 1)]
    return Prepared(pa.Table.from_pylist(rows, schema=TOLD), 1000 + chunk, UUID(int=chunk + 1))


def loader(dsn: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader")


def load(dsn: str, chunks: list[Prepared]) -> list[int]:
    with loader(dsn) as connection:
        return list(BulkLoad(connection, header=HEADER, now=NOW, locate=locate, ring=db.NO_KEYS).establish(chunks))


def rows(dsn: str, statement: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(statement.encode()).fetchall()


def indexes(dsn: str) -> list[Any]:
    return rows(dsn, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'register' ORDER BY indexdef")


def keys(dsn: str) -> list[Any]:
    return rows(
        dsn,
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'p' "
        "AND connamespace = 'register'::regnamespace ORDER BY 1, 2",
    )


def counts(dsn: str) -> dict[str, int]:
    tables = ("person", "event", "identifier", "residence", "membership")
    found = {table: rows(dsn, f"SELECT count(*) FROM register.{table}")[0][0] for table in tables}
    return found | {"persons of acts": rows(dsn, "SELECT sum(cardinality(persons)) FROM register.act")[0][0] or 0}


def everything(dsn: str) -> list[Any]:
    tables = ("event", "person", "identifier", "residence", "membership", "household", "act", "request", "number_block")
    return [
        rows(dsn, f"SELECT to_jsonb(t) - 'persons' FROM register.{table} t ORDER BY to_jsonb(t)::text")
        for table in tables
    ]


INTERRUPTED = """
import os, signal, sys
sys.path[:0] = sys.argv[2].split(":")
from dataclasses import replace
from test_bulk_load import CHUNKS, load, prepared
from dancu.register.bulk import defer_indexes
import psycopg

def die(connection):
    # In the middle of a transaction: the rows of this chunk are in the tables, and nobody may ever see them.
    os.kill(os.getpid(), signal.SIGKILL)

with psycopg.connect(sys.argv[1], autocommit=True) as owner:
    defer_indexes(owner)
chunks = [prepared(i) for i in range(CHUNKS)]
chunks[3] = replace(chunks[3], beside=die)
load(sys.argv[1], chunks)
"""


@pytest.fixture
def interrupted(database_dsn: str) -> str:
    here = str(Path(__file__).parent)
    source = str(Path(__file__).parents[2] / "src")
    command = [sys.executable, "-c", INTERRUPTED, database_dsn, f"{here}:{source}"]
    assert subprocess.run(command, check=False, timeout=120).returncode == -signal.SIGKILL
    return database_dsn


def test_a_killed_load_leaves_whole_chunks_only(interrupted: str) -> None:
    assert counts(interrupted) == {
        "person": 3 * SIZE,
        "event": 3 * SIZE,
        "identifier": 3 * SIZE,
        "residence": 3 * SIZE,
        "membership": 3 * SIZE,
        "persons of acts": 3 * SIZE,
    }


def test_a_killed_load_remembers_the_indexes_that_it_dropped(interrupted: str, template: str, server: Any) -> None:
    whole = server.dsn_of(template)
    assert len(indexes(interrupted)) < len(indexes(whole))
    assert restore_indexes(interrupted) > 0
    assert indexes(interrupted) == indexes(whole)
    assert keys(interrupted) == keys(whole)
    assert restore_indexes(interrupted) == 0


def test_going_on_leaves_what_an_undisturbed_load_leaves(
    interrupted: str, connection: "psycopg.Connection[Any]"
) -> None:
    done = {row[0] for row in rows(interrupted, "SELECT request_id FROM register.request")}
    with psycopg.connect(interrupted, autocommit=True) as owner:
        assert defer_indexes(owner) == 0
    chunks = [prepared(i) for i in range(CHUNKS)]
    assert load(interrupted, [chunk for chunk in chunks if chunk.request_id not in done]) == [SIZE] * (CHUNKS - 3)
    restore_indexes(interrupted)
    with_interruption = everything(interrupted)
    connection.execute("TRUNCATE register.event, register.person, register.identifier, register.residence")
    connection.execute("TRUNCATE register.membership, register.household, register.act, register.request")
    connection.execute("TRUNCATE register.number_block, register.outbox")
    load(interrupted, chunks)
    assert everything(interrupted) == with_interruption


def test_a_chunk_that_was_written_is_refused_whole(database_dsn: str) -> None:
    load(database_dsn, [prepared(0)])
    with pytest.raises(psycopg.errors.UniqueViolation):
        load(database_dsn, [prepared(0)])
    assert counts(database_dsn)["person"] == SIZE


def test_a_number_that_is_there_undoes_its_chunk_and_no_other(database_dsn: str) -> None:
    twice = prepared(1).told.to_pylist()
    twice[7]["personal_number"] = person(1)["personal_number"]
    broken = Prepared(pa.Table.from_pylist(twice, schema=TOLD), 7, UUID(int=7))
    with pytest.raises(psycopg.errors.UniqueViolation):
        load(database_dsn, [prepared(0), broken])
    assert counts(database_dsn)["person"] == SIZE
    assert counts(database_dsn)["event"] == SIZE


def test_indexes_that_cannot_be_made_stay_remembered(database_dsn: str) -> None:
    with psycopg.connect(database_dsn, autocommit=True) as owner:
        dropped = defer_indexes(owner)
        load(database_dsn, [prepared(0)])
        owner.execute("UPDATE register.identifier SET value = '001080000001' WHERE person_id = 2")
        with pytest.raises(psycopg.errors.UniqueViolation):
            restore_indexes(database_dsn)
        owner.execute("UPDATE register.identifier SET value = '001080000002' WHERE person_id = 2")
    assert 0 < restore_indexes(database_dsn) <= dropped


def test_a_chunk_of_nobody_writes_only_what_is_beside_it(database_dsn: str) -> None:
    written: list[str] = []
    nobody = Prepared(TOLD.empty_table(), 1, UUID(int=1), lambda _: written.append("decisions"))
    assert load(database_dsn, [nobody]) == [0]
    assert written == ["decisions"]
    assert rows(database_dsn, "SELECT act_id FROM register.act") == []


def test_a_household_of_two_chunks_is_formed_once(database_dsn: str) -> None:
    first, second = (
        Prepared(pa.Table.from_pylist([person(i, household_id=9, household_no="HK9")], schema=TOLD), i, UUID(int=i))
        for i in (1, 2)
    )
    load(database_dsn, [first, second])
    assert rows(database_dsn, "SELECT household_id, file_no FROM register.household") == [(9, "HK9")]
    assert rows(database_dsn, "SELECT count(*) FROM register.membership WHERE household_id = 9") == [(2,)]


def test_blocks_of_numbers_count_what_was_given_out(database_dsn: str) -> None:
    load(database_dsn, [prepared(0), prepared(1)])
    assert rows(database_dsn, "SELECT block, used FROM register.number_block") == [("001080", 2 * SIZE)]


def test_whoever_starts_next_makes_the_indexes_that_an_interrupted_load_left_out(database_dsn: str) -> None:
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        before = connection.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = 'register'").fetchone()
        assert defer_indexes(connection) > 0
        assert indexes_missing(connection)
        bring_up_to_date(database_dsn, lambda _: None)
        assert not indexes_missing(connection)
        after = connection.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = 'register'").fetchone()
    assert after == before
