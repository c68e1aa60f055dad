"""Sealing takes every row once, in one order, whoever writes, fails or is killed meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from tests.store.audit_log import LOG, LOOK, NOW, MemoryKey, write

from dancu.audit.entry import sealed
from dancu.audit.keys import log_key
from dancu.audit.log import SQL
from dancu.audit.notes import Checkpoint, Note
from dancu.audit.sealing import ROLE, Sealer
from dancu.audit.tiles import leaf_of, leaves_in, proven
from dancu.audit.tree import consistency, inclusion, leaf_hash, proves_consistency, proves_inclusion, root_of
from dancu.audit.witnesses import Witnesses
from dancu.infra.db import Database
from dancu.infra.keys import KeyMissing

pytestmark = pytest.mark.anyio

OTHER = MemoryKey(b"o" * 32)


@pytest.fixture
async def sealers(database_dsn: str) -> AsyncIterator[Database]:
    async with Database(database_dsn, role=ROLE, size=2) as database:
        yield database


def stored(connection: psycopg.Connection) -> list[tuple[int, bytes]]:
    rows = connection.execute("SELECT entries FROM audit.bundle ORDER BY bundle_no").fetchall()
    return [leaf for (entries,) in rows for leaf in leaves_in(entries)]


def rows_of_log(connection: psycopg.Connection) -> list[tuple[int, bytes]]:
    return connection.execute("SELECT log_id, commitment FROM audit.access_log ORDER BY log_id").fetchall()


def heads(connection: psycopg.Connection) -> list[Checkpoint]:
    rows = connection.execute("SELECT note FROM audit.checkpoint ORDER BY size").fetchall()
    return [Checkpoint.read(Note.read(note).text) for (note,) in rows]


def check_all(connection: psycopg.Connection) -> None:
    """The tree holds exactly the rows, in their order, and every head is that of its first leaves."""
    assert stored(connection) == rows_of_log(connection)
    hashes = [leaf_hash(leaf_of(*leaf)) for leaf in stored(connection)]
    for head in heads(connection):
        assert head.root == root_of(hashes[: head.size])


async def test_rows_become_leaves_in_the_order_of_their_numbers(
    database: Database, sealers: Database, connection: psycopg.Connection
) -> None:
    sealer = Sealer(sealers, LOG, Witnesses())
    assert await sealer.seal(NOW) == 0
    for count in (1, 2, 253, 300, 1):
        await write(database, count)
        assert await sealer.seal(NOW) == count
        assert await sealer.seal(NOW) == 0
    check_all(connection)
    assert [head.size for head in heads(connection)] == [1, 3, 256, 556, 557]
    key = log_key(LOG)
    for (note,) in connection.execute("SELECT note FROM audit.checkpoint").fetchall():
        assert key.signed(Note.read(note))


async def test_many_rows_are_sealed_in_several_turns(
    database: Database, sealers: Database, connection: psycopg.Connection
) -> None:
    await write(database, 1000)
    sealer = Sealer(sealers, LOG, Witnesses())
    assert [await sealer.seal(NOW, most=400) for _ in range(4)] == [400, 400, 200, 0]
    check_all(connection)


async def test_proofs_come_from_what_is_stored(
    database: Database, sealers: Database, connection: psycopg.Connection
) -> None:
    sealer = Sealer(sealers, LOG, Witnesses())
    for count in (300, 300, 100):
        await write(database, count)
        await sealer.seal(NOW)
    leaves, (first, _, last) = stored(connection), heads(connection)
    async with database.transaction() as tx:
        for index in (0, 255, 256, 511, 512, 699):
            proof = await proven(tx, lambda node, index=index: inclusion(index, 700, node))  # type: ignore[misc]
            assert proves_inclusion(leaf_hash(leaf_of(*leaves[index])), index, 700, proof, last.root)
        growth = await proven(tx, lambda node: consistency(300, 700, node))
    assert proves_consistency(300, first.root, 700, last.root, growth)


async def test_a_row_with_a_low_number_that_commits_late_is_not_left_behind(
    database: Database, sealers: Database, connection: psycopg.Connection, database_dsn: str
) -> None:
    sealer = Sealer(sealers, LOG, Witnesses())
    with psycopg.connect(database_dsn) as slow:
        slow.execute(SQL.record.encode(), sealed(LOOK))
        await write(database, 3)
        assert await sealer.seal(NOW) == 0
        await write(database, 1)
        slow.commit()
    assert await sealer.seal(NOW) in {4, 5}
    await sealer.seal(NOW)
    check_all(connection)
    assert len(stored(connection)) == 5


async def test_a_row_that_was_rolled_back_holds_nobody_back(
    database: Database, sealers: Database, connection: psycopg.Connection, database_dsn: str
) -> None:
    sealer = Sealer(sealers, LOG, Witnesses())
    with psycopg.connect(database_dsn) as failing:
        failing.execute(SQL.record.encode(), sealed(LOOK))
        await write(database, 2)
        failing.rollback()
    assert await sealer.seal(NOW) == 2
    check_all(connection)


async def test_a_long_transaction_that_does_not_touch_the_log_holds_nobody_back(
    database: Database, sealers: Database, database_dsn: str
) -> None:
    with psycopg.connect(database_dsn) as long:
        long.execute("SELECT pg_current_xact_id()")
        await write(database, 2)
        assert await Sealer(sealers, LOG, Witnesses()).seal(NOW) == 2
        long.rollback()


async def test_two_sealers_at_once_seal_each_row_once(
    database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    stop = asyncio.Event()

    async def seal() -> None:
        async with Database(database_dsn, role=ROLE, size=1) as own:
            sealer = Sealer(own, LOG, Witnesses())
            while not stop.is_set():
                await sealer.seal(NOW)

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(seal())
        for _ in range(30):
            await write(database, 20)
        async with asyncio.timeout(20):
            while len(stored(connection)) < 600:  # noqa: ASYNC110 -- it waits for the database
                await asyncio.sleep(0.01)
        stop.set()
    check_all(connection)


async def test_the_sealer_reads_no_row_and_changes_none(sealers: Database) -> None:
    for statement in (
        "SELECT person_id FROM audit.access_log",
        "SELECT salt FROM audit.access_log",
        "UPDATE audit.access_log SET fields = 0",
        "DELETE FROM audit.access_log",
        "DELETE FROM audit.bundle",
        "UPDATE audit.checkpoint SET note = ''",
        "DELETE FROM audit.cosignature",
        "SELECT person_id FROM register.person",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with sealers.transaction() as tx:
                await tx.execute(statement)


async def test_the_application_reads_the_tree_and_changes_nothing_of_it(database: Database) -> None:
    for table in ("tree", "bundle", "tile", "checkpoint", "cosignature"):
        async with database.transaction() as tx:
            await tx.rows(f"SELECT 1 FROM audit.{table}")
        for statement in (f"DELETE FROM audit.{table}", f"INSERT INTO audit.{table} DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with database.transaction() as tx:
                    await tx.execute(statement)


async def test_a_log_that_another_key_began_is_not_gone_on_with(
    database: Database, sealers: Database, connection: psycopg.Connection
) -> None:
    await write(database, 1)
    await Sealer(sealers, LOG, Witnesses()).seal(NOW)
    await write(database, 1)
    with pytest.raises(KeyMissing):
        await Sealer(sealers, OTHER, Witnesses()).seal(NOW)
    assert len(stored(connection)) == 1


async def test_numbers_are_handed_out_one_by_one(connection: psycopg.Connection) -> None:
    """Sessions that keep numbers in store would write rows below those that are sealed."""
    row = connection.execute(
        "SELECT seqcache, seqcycle FROM pg_sequence WHERE seqrelid = 'audit.access_log_log_id_seq'::regclass"
    ).fetchone()
    assert row == (1, False)
