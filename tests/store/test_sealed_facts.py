"""Religion, blood, telephone and e-mail leave the ledger sealed, and nothing else needs their keys."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from msgspec.structs import replace
from tests.rings import memory_ring

from dancu.infra.db import Database
from dancu.infra.keys import KeyMissing, NoRing, SealBroken, ring_of
from dancu.kernel.codes import Authority, Sex
from dancu.kernel.dates import PartialDate
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.life import SealedFacts
from dancu.register.payloads import Payload
from dancu.register.sensitive import opened, seal
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
GENESIS = Payload(
    name=("Nguyễn", "Văn", "An"), born=19850312, sex=Sex.MALE, religion=3, phone="0912345678", email="an@example.vn"
)


def _header() -> ActHeader:
    return ActHeader(Authority.POPULATION_DATABASE, "", uuid4(), "Luật Căn cước 26/2023/QH15")


async def _established(database: Database, told: Payload = GENESIS) -> int:
    async with database.transaction(scope="nation") as tx:
        done = await commands.establish_person(tx, header=_header(), told=told, now=NOW, locate=locate)
    return done.person_id


async def _changed(database: Database, person_id: int, told: Payload) -> None:
    async with database.transaction(scope="nation") as tx:
        await commands.update_from_source(
            tx,
            header=_header(),
            person_id=person_id,
            told=told,
            valid_on=PartialDate.on(date(2026, 11, 24)),
            now=NOW,
            locate=locate,
        )


async def _history(database: Database, person_id: int) -> store.History:
    async with database.transaction(scope="nation") as tx:
        return await store.history(tx, person_id)


def _count(connection: psycopg.Connection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM register.{table}").fetchone() or (0,)
    return int(count)


@pytest.mark.parametrize("lost", ["no ring", "no key"])
async def test_without_a_key_nothing_is_recorded(
    database_dsn: str, connection: psycopg.Connection, tmp_path: Path, lost: str
) -> None:
    ring = ring_of(database_dsn, tmp_path / "keys")
    ring.make_missing()
    (tmp_path / "keys" / "kek-1.key").unlink()
    keys = NoRing() if lost == "no ring" else ring_of(database_dsn, tmp_path / "keys")
    async with Database(database_dsn, size=1, keys=keys) as database:
        with pytest.raises(KeyMissing):
            await _established(database)
        assert [_count(connection, table) for table in ("event", "person", "act", "outbox")] == [0, 0, 0, 0]
        await _established(database, Payload(name=("Nguyễn", "Văn", "An"), born=19850312))


async def test_what_is_stored_tells_nothing_of_them(database: Database, connection: psycopg.Connection) -> None:
    person_id = await _established(database)
    await _changed(database, person_id, Payload(phone="0987654321"))
    rows = connection.execute(
        "SELECT e.payload::text FROM register.event e UNION ALL SELECT to_jsonb(p)::text FROM register.person p"
    ).fetchall()
    stored = "\n".join(text for (text,) in rows)
    assert "Nguyễn" in stored
    for told in ("0912345678", "0987654321", "an@example.vn", '"r":3', "religion"):
        assert told not in stored


async def test_of_each_fact_the_last_that_was_told_counts(database: Database) -> None:
    person_id = await _established(database)
    await _changed(database, person_id, Payload(phone="0987654321", blood=2))
    life = (await _history(database, person_id)).life
    assert life is not None
    assert (life.phone, life.email, life.religion, life.blood) == ("", "", None, 0)
    told = opened(life, database.keys)
    assert (told.phone, told.email, told.religion, told.blood) == ("0987654321", "an@example.vn", 3, 2)
    assert opened(told, NoRing()) == told


async def test_a_day_before_shows_what_was_told_then(database: Database) -> None:
    person_id = await _established(database)
    await _changed(database, person_id, Payload(phone="0987654321"))
    before = (await _history(database, person_id)).as_of(on=date(2020, 1, 1))
    assert before is not None
    assert opened(before, database.keys).phone == "0912345678"


async def test_the_register_is_proved_without_keys(
    database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    person_id = await _established(database)
    await _changed(database, person_id, Payload(phone="0987654321"))
    assert list(verify(database_dsn, workers=1)) == []
    connection.execute(
        'UPDATE register.event SET payload = replace(payload::text, \'"x":"A\', \'"x":"B\')::json WHERE seq = 2'
    )
    assert [found.what for found in verify(database_dsn, workers=1)] != []


async def test_facts_moved_from_another_person_do_not_open(database: Database, connection: psycopg.Connection) -> None:
    victim, other = await _established(database), await _established(database)
    connection.execute(
        "UPDATE register.event SET payload = (SELECT o.payload FROM register.event o WHERE o.person_id = %s)"
        " WHERE person_id = %s",
        (other, victim),
    )
    life = (await _history(database, victim)).life
    assert life is not None
    with pytest.raises(SealBroken):
        opened(life, database.keys)
    with pytest.raises(KeyMissing):
        opened(life, NoRing())


async def test_facts_of_another_installation_do_not_open(database: Database) -> None:
    life = (await _history(database, await _established(database))).life
    assert life is not None
    with pytest.raises(KeyMissing):
        opened(life, memory_ring(b"x"))


async def test_facts_that_earlier_versions_wrote_in_the_clear_are_told_until_newer_ones_are(database: Database) -> None:
    person_id = await _established(database, Payload(name=("Nguyễn", "Văn", "An"), born=19850312))
    life = (await _history(database, person_id)).life
    assert life is not None
    formerly = replace(life, phone="0912345678", email="an@example.vn")
    text = seal(database.keys, None, None, "0987654321", None, person_id=person_id, seq=2)
    told = opened(replace(formerly, sealed=(SealedFacts(person_id, 2, text or ""),)), database.keys)
    assert (told.phone, told.email) == ("0987654321", "an@example.vn")
