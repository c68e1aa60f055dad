"""Records that wait for a clerk are kept sealed."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.rings import memory_ring

from dancu.infra.db import Database
from dancu.infra.keys import KeyMissing, SealBroken, key_id_of, ring_of
from dancu.intake import store
from dancu.intake.decisions import Decision, Reason
from dancu.intake.former_queue import seal_former
from dancu.intake.plan import Planned

pytestmark = pytest.mark.anyio

ROW = {"full_name": "Nguyễn Văn An", "personal_number": "001085123456", "since": date(2020, 5, 1), "email": None}
TOLD = {"full_name": "Nguyễn Văn An", "personal_number": "001085123456", "since": "2020-05-01"}


def _queued(record: int) -> Planned:
    return Planned(record, record, Decision.QUEUED, Reason.SEVERAL_CANDIDATES, candidates=(7, 8), row=ROW)


def _stored(connection: psycopg.Connection) -> list[bytes]:
    rows = connection.execute("SELECT told FROM intake.queued ORDER BY record").fetchall()
    return [bytes(told) for (told,) in rows]


async def test_without_a_key_nothing_is_queued(
    database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    ring_of(database_dsn, tmp_path / "keys").make_missing()
    (tmp_path / "keys" / "kek-1.key").unlink()
    ring = ring_of(database_dsn, tmp_path / "keys")
    async with Database(database_dsn, role="dancu_loader", size=1, keys=ring) as database:
        with pytest.raises(KeyMissing):
            async with database.transaction(scope="nation") as tx:
                await store.save_queue(tx, 1, [_queued(1)])
    assert _stored(connection) == []


async def test_a_queued_record_opens_where_it_stands_only(database_dsn: str, connection: psycopg.Connection) -> None:
    async with Database(database_dsn, role="dancu_loader", size=1, keys=memory_ring()) as database:
        async with database.transaction(scope="nation") as tx:
            await store.save_queue(tx, 1, [_queued(1), _queued(2)])
            assert await store.told(tx, 1, 1) == TOLD
            with pytest.raises(store.RecordUnknown):
                await store.told(tx, 1, 3)
        assert not any(b"An" in told for told in _stored(connection))
        connection.execute(
            "UPDATE intake.queued SET told = (SELECT q.told FROM intake.queued q WHERE q.record = 2) WHERE record = 1"
        )
        async with database.transaction(scope="nation") as tx:
            with pytest.raises(SealBroken):
                await store.told(tx, 1, 1)


async def test_what_was_queued_in_the_clear_is_sealed(database_dsn: str, connection: psycopg.Connection) -> None:
    for record in (1, 2):
        connection.execute(
            "INSERT INTO intake.queued (batch_id, record, reason, candidates, told)"
            " VALUES (1, %s, 1, '{}', convert_to((%s::jsonb)::text, 'UTF8'))",
            (record, Jsonb(TOLD)),
        )
    ring = memory_ring()
    assert seal_former(connection, ring) == 2
    assert seal_former(connection, ring) == 0
    assert {key_id_of(told) for told in _stored(connection)} == {1}
    loader = Database(database_dsn, role="dancu_loader", size=1, keys=ring)
    async with loader, loader.transaction(scope="nation") as tx:
        assert await store.told(tx, 1, 2) == TOLD
