"""A superuser changes what was sealed, in every way that we could think of, and it is found and named."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from msgspec.structs import replace
from tests.store.audit_log import LOG, LOOK, NOW, Beside, MemoryKey, faults, findings, seal, witnessed, write

from dancu.audit.entry import sealed
from dancu.audit.log import SQL, make_partitions
from dancu.audit.notes import Checkpoint, Note, signed
from dancu.audit.retention import NoSuchMonth, TooYoung, retire
from dancu.audit.tiles import NotSealedYet
from dancu.audit.tree import root_of
from dancu.audit.verify import Trust, What, verify_log
from dancu.audit.witness import Memory
from dancu.audit.witnesses import Witnesses
from dancu.infra.db import Database
from dancu.kernel.errors import Unavailable

pytestmark = pytest.mark.anyio

COUNT = 600


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Memory, Witnesses]]:
    with witnessed(tmp_path / "witness") as house:
        yield house


@pytest.fixture
def witnesses(house: tuple[Memory, Witnesses]) -> Witnesses:
    return house[1]


@pytest.fixture
async def whole(database: Database, database_dsn: str, witnesses: Witnesses) -> None:
    """Six hundred rows, sealed at three sizes, witnessed."""
    await write(database, COUNT)
    assert await seal(database_dsn, witnesses, most=250) == COUNT


async def test_an_untouched_log_stands(whole: None, connection: psycopg.Connection, witnesses: Witnesses) -> None:
    assert findings(connection, witnesses) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("UPDATE audit.access_log SET officer_id = 8 WHERE log_id = 300", {(What.ALTERED, 300)}, id="edit"),
        pytest.param(
            "UPDATE audit.access_log a SET officer_id = b.officer_id, salt = b.salt, commitment = b.commitment,"
            " person_id = b.person_id FROM audit.access_log b WHERE a.log_id = 300 AND b.log_id = 301",
            {(What.CHANGED, 300)},
            id="another row's copy",
        ),
        pytest.param("DELETE FROM audit.access_log WHERE log_id = 300", {(What.MISSING, 300)}, id="delete"),
        pytest.param(
            "DELETE FROM audit.access_log WHERE log_id > 598", {(What.MISSING, 599), (What.MISSING, 600)}, id="the last"
        ),
        pytest.param(
            "ALTER TABLE audit.access_log ALTER log_id DROP IDENTITY;"
            "UPDATE audit.access_log SET log_id = CASE log_id WHEN 300 THEN -301 ELSE -300 END"
            " WHERE log_id IN (300, 301);"
            "UPDATE audit.access_log SET log_id = -log_id WHERE log_id < 0",
            {(What.MOVED, 300), (What.MOVED, 301)},
            id="reorder",
        ),
        pytest.param(
            "ALTER TABLE audit.access_log ALTER log_id DROP IDENTITY;"
            "CREATE TEMP TABLE more AS SELECT * FROM audit.access_log WHERE log_id = 300;"
            "UPDATE more SET log_id = -5;"
            "INSERT INTO audit.access_log SELECT * FROM more",
            {(What.INSERTED, -5)},
            id="insert",
        ),
        pytest.param(
            "UPDATE audit.bundle SET entries = overlay(entries PLACING '\\x00' FROM 20 FOR 1) WHERE bundle_no = 1",
            None,
            id="a leaf",
        ),
        pytest.param("DELETE FROM audit.bundle WHERE bundle_no = 1", None, id="a bundle"),
        pytest.param(
            "UPDATE audit.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 1 FOR 1)",
            {(What.TILES, None)},
            id="tile",
        ),
        pytest.param("DELETE FROM audit.tile", {(What.TILES, None)}, id="no tile"),
        pytest.param(
            "UPDATE audit.tree SET peaks = overlay(peaks PLACING '\\x0000' FROM 1 FOR 2)",
            {(What.PEAKS, None)},
            id="peaks",
        ),
        pytest.param("DELETE FROM audit.tree", None, id="no tree"),
        pytest.param("UPDATE audit.tree SET log_key = 'x'", {(What.OTHER_KEY, None)}, id="another key"),
        pytest.param(
            "UPDATE audit.checkpoint SET note = 'x'", {(What.UNREADABLE, None), (What.NO_HEAD, None)}, id="head"
        ),
        pytest.param(
            "UPDATE audit.checkpoint SET note = replace(note, E'\\n600\\n', E'\\n599\\n') WHERE size = 600",
            {(What.COSIGNATURE, None), (What.UNSIGNED, None), (What.NO_HEAD, None)},
            id="size of a head",
        ),
        pytest.param("DELETE FROM audit.checkpoint WHERE size = 600", {(What.NO_HEAD, None)}, id="no last head"),
        pytest.param(
            "UPDATE audit.cosignature SET line = (SELECT c.line FROM audit.cosignature c WHERE c.size = 250)"
            " WHERE size = 600",
            {(What.COSIGNATURE, None)},
            id="cosignature",
        ),
    ],
)
async def test_every_change_is_found_and_named(
    whole: None,
    connection: psycopg.Connection,
    witnesses: Witnesses,
    change: str,
    expected: set[tuple[What, int | None]] | None,
) -> None:
    for statement in change.split(";"):
        connection.execute(statement.encode())
    found = {(one.what, one.log_id) for one in faults(connection, witnesses)}
    assert found == expected if expected is not None else found


async def test_a_row_rewritten_with_its_commitment_is_found(
    whole: None, connection: psycopg.Connection, witnesses: Witnesses
) -> None:
    forge(connection, 300)
    assert [(one.what, one.log_id) for one in faults(connection, witnesses)] == [(What.CHANGED, 300)]


def forge(connection: psycopg.Connection, log_id: int) -> None:
    """Make a row another one that fits its own commitment."""
    row = sealed(replace(LOOK, officer_id=8))
    connection.execute(
        "UPDATE audit.access_log SET officer_id = 8, salt = %s, commitment = %s WHERE log_id = %s",
        (row["salt"], row["commitment"], log_id),
    )


async def rewrite(dsn: str, connection: psycopg.Connection, *, log: MemoryKey = LOG) -> None:
    """Rewrite all of history: forge a row, throw the tree away, and seal again, with the log's own key."""
    forge(connection, 300)
    for table in ("tree", "bundle", "tile", "checkpoint", "cosignature"):
        connection.execute(f"DELETE FROM audit.{table}".encode())
    await seal(dsn, log=log)


async def test_a_history_rewritten_whole_with_the_key_of_the_log_is_found_by_the_witness(
    whole: None, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await rewrite(database_dsn, connection)
    assert [(one.what, one.size) for one in faults(connection, witnesses)] == [(What.WITNESS_ROOT, COUNT)]


async def test_the_witness_signs_no_rewritten_history_and_keeps_the_evidence(
    whole: None, connection: psycopg.Connection, database_dsn: str, house: tuple[Memory, Witnesses], database: Database
) -> None:
    memory, witnesses = house
    await rewrite(database_dsn, connection)
    await write(database, 5)
    await seal(database_dsn, witnesses)
    assert connection.execute("SELECT count(*) FROM audit.cosignature").fetchone() == (0,)
    assert memory.evidence() != []
    assert {one.what for one in faults(connection, witnesses)} == {What.WITNESS_ROOT}


async def test_a_log_cut_short_and_sealed_again_is_found_by_the_witness(
    whole: None, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    connection.execute("DELETE FROM audit.access_log WHERE log_id > 590")
    await rewrite(database_dsn, connection)
    assert [(one.what, one.size) for one in faults(connection, witnesses)] == [(What.WITNESS_AHEAD, COUNT)]


async def test_a_log_emptied_of_everything_is_found_by_the_witness(
    whole: None, connection: psycopg.Connection, witnesses: Witnesses
) -> None:
    for table in ("access_log", "tree", "bundle", "tile", "checkpoint", "cosignature"):
        connection.execute(f"DELETE FROM audit.{table}".encode())
    assert [one.what for one in faults(connection, witnesses)] == [What.WITNESS_AHEAD]


async def test_a_history_begun_again_with_another_key_is_found(
    whole: None, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await rewrite(database_dsn, connection, log=MemoryKey(b"f" * 32))
    assert What.UNSIGNED in {one.what for one in faults(connection, witnesses)}


async def test_without_its_witness_a_rewritten_history_is_not_told_from_a_true_one_and_that_is_said(
    whole: None, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    """The limit of the claim: it rests on somebody else who saw the log."""
    await rewrite(database_dsn, connection)
    silent = Witnesses(1, (Beside(witnesses.all[0].key, "gone"),))
    assert {one.what for one in findings(connection, silent)} == {What.SILENT, What.UNWITNESSED}
    assert {one.what for one in findings(connection, Witnesses())} == {What.NO_WITNESS}


async def test_rows_that_wait_to_be_sealed_or_witnessed_are_told_and_are_no_fault(
    whole: None, connection: psycopg.Connection, database: Database, database_dsn: str, witnesses: Witnesses
) -> None:
    await write(database, 3)
    await seal(database_dsn, Witnesses())
    await write(database, 2)
    found = findings(connection, witnesses)
    assert [(one.what, one.size, one.is_fault) for one in found] == [
        (What.UNWITNESSED, 3, False),
        (What.UNSEALED, 2, False),
    ]
    assert found[1].log_id == COUNT + 4


async def test_a_row_put_at_the_end_that_tells_of_a_time_long_ago_is_told(
    whole: None, connection: psycopg.Connection, database: Database, database_dsn: str, witnesses: Witnesses
) -> None:
    """The witness has signed when it saw the rows before; a row of an earlier time came later."""
    await write(database, 1, logged_at=NOW - timedelta(hours=23))
    await write(database, 1, logged_at=NOW - timedelta(hours=25))
    await seal(database_dsn, witnesses)
    assert [(one.what, one.log_id) for one in findings(connection, witnesses)] == [(What.BACKDATED, COUNT + 2)]


async def test_a_head_that_the_log_signed_twice_is_found(
    whole: None, connection: psycopg.Connection, witnesses: Witnesses
) -> None:
    """A split view: another root of the same size, well signed."""
    other = signed(Checkpoint(Checkpoint.read(_note(connection).text).origin, COUNT, root_of([b"x" * 32])), LOG)
    connection.execute("DELETE FROM audit.cosignature WHERE size = %s", (COUNT,))
    connection.execute("UPDATE audit.checkpoint SET note = %s WHERE size = %s", (other.whole, COUNT))
    assert {(one.what, one.size) for one in faults(connection, witnesses)} == {(What.ROOT, COUNT)}


def _note(connection: psycopg.Connection) -> Note:
    row = connection.execute("SELECT note FROM audit.checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    assert row
    return Note.read(row[0])


async def test_without_any_trust_the_rows_are_still_compared_with_their_leaves(
    whole: None, connection: psycopg.Connection
) -> None:
    connection.execute("DELETE FROM audit.access_log WHERE log_id = 300")
    found = list(verify_log(connection, Trust()))
    assert [one.what for one in found if one.is_fault] == [What.MISSING]
    assert What.NO_KEY in {one.what for one in found}


LATER = datetime(2027, 12, 10, tzinfo=NOW.tzinfo)
MONTH = date(2026, 11, 1)


async def partitioned(database: Database, dsn: str, witnesses: Witnesses) -> None:
    async with database.transaction() as tx:
        await make_partitions(tx, MONTH, months=2)
    for _ in range(3):
        await write(database, 100)
        await write(database, 10, logged_at=NOW + timedelta(days=20))
    await seal(dsn, witnesses)


async def test_a_month_is_dropped_at_the_end_of_its_time_and_the_tree_stands(
    database: Database, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await partitioned(database, database_dsn, witnesses)
    assert retire(connection, MONTH, now=LATER, request_id=UUID(int=9)) == 300
    assert connection.execute("SELECT count(*) FROM audit.access_log").fetchone() == (31,)
    assert faults(connection, witnesses) == []
    await seal(database_dsn, witnesses)
    assert findings(connection, witnesses) == []
    connection.execute("DELETE FROM audit.access_log WHERE log_id = 105")
    assert [(one.what, one.log_id) for one in faults(connection, witnesses)] == [(What.MISSING, 105)]


async def test_a_month_that_must_be_kept_is_kept(
    database: Database, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await partitioned(database, database_dsn, witnesses)
    with pytest.raises(TooYoung):
        retire(connection, MONTH, now=datetime(2027, 11, 30, tzinfo=NOW.tzinfo), request_id=UUID(int=9))
    with pytest.raises(NoSuchMonth):
        retire(connection, date(2020, 1, 1), now=LATER, request_id=UUID(int=9))
    await write(database)
    with pytest.raises(NotSealedYet):
        retire(connection, MONTH, now=LATER, request_id=UUID(int=9))
    assert connection.execute("SELECT count(*) FROM audit.access_log").fetchone() == (331,)


async def test_a_month_is_not_dropped_under_a_transaction_that_writes(
    database: Database, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await partitioned(database, database_dsn, witnesses)
    with psycopg.connect(database_dsn) as writing:
        writing.execute(SQL.record.encode(), sealed(LOOK))
        with pytest.raises(Unavailable):
            retire(connection, MONTH, now=LATER, request_id=UUID(int=9))
        writing.rollback()
    assert retire(connection, MONTH, now=LATER, request_id=UUID(int=9)) == 300
    assert faults(connection, witnesses) == []


async def test_a_month_dropped_past_the_program_is_found(
    database: Database, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await partitioned(database, database_dsn, witnesses)
    connection.execute("INSERT INTO audit.retired VALUES ('2026-11-01', 999, '{[1,101)}')")
    connection.execute("DELETE FROM audit.access_log WHERE log_id <= 100")
    assert [(one.what, one.log_id) for one in faults(connection, witnesses)] == [(What.UNTOLD, 999)]


async def test_rows_added_to_a_dropped_month_are_found(
    database: Database, connection: psycopg.Connection, database_dsn: str, witnesses: Witnesses
) -> None:
    await partitioned(database, database_dsn, witnesses)
    retire(connection, MONTH, now=LATER, request_id=UUID(int=9))
    connection.execute("UPDATE audit.retired SET log_ids = log_ids + '{[101,111)}'")
    connection.execute("DELETE FROM audit.access_log WHERE log_id BETWEEN 101 AND 110")
    assert [one.what for one in faults(connection, witnesses)] == [What.UNTOLD]
