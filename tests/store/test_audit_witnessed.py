"""Sealer and witness together: silent, killed at any step, killed under load, and never with two histories."""

import asyncio
import itertools
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.store.audit_log import LOG, NOW, Beside, faults, findings, seal, witnessed, write

from dancu.audit.keys import log_key
from dancu.audit.notes import Checkpoint
from dancu.audit.sealing import ROLE, Sealer, begin_log, keep_sealed
from dancu.audit.verify import Trust, What, verify_log
from dancu.audit.witness import Memory, Witness
from dancu.audit.witnesses import Witnesses, WitnessSilent, read_witnesses
from dancu.infra.db import Database, Transaction

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Memory, Witnesses]]:
    with witnessed(tmp_path / "witness") as house:
        yield house


@pytest.fixture
async def sealers(database_dsn: str) -> AsyncIterator[Database]:
    async with Database(database_dsn, role=ROLE, size=2) as database:
        yield database


def beside(witnesses: Witnesses) -> Beside:
    (one,) = witnesses.all
    assert isinstance(one, Beside)
    return one


def signed_sizes(connection: psycopg.Connection) -> list[int]:
    return [size for (size,) in connection.execute("SELECT size FROM audit.cosignature ORDER BY size").fetchall()]


async def test_every_head_is_witnessed_once(
    database: Database, sealers: Database, connection: psycopg.Connection, house: tuple[Memory, Witnesses]
) -> None:
    memory, witnesses = house
    sealer = Sealer(sealers, LOG, witnesses)
    assert await sealer.publish() == 0
    for count in (1, 300, 5):
        await write(database, count)
        await sealer.seal(NOW)
        assert [await sealer.publish(), await sealer.publish()] == [1, 0]
    assert signed_sizes(connection) == [1, 301, 306]
    last = memory.last(log_key(LOG).name)
    assert last
    assert Checkpoint.read(last.text).size == 306
    assert findings(connection, witnesses) == []


async def test_a_silent_witness_holds_up_nothing_and_catches_up(
    database: Database, sealers: Database, connection: psycopg.Connection, house: tuple[Memory, Witnesses]
) -> None:
    _, witnesses = house
    sealer = Sealer(sealers, LOG, witnesses)
    for count in (10, 20, 30):
        await write(database, count)
        assert await sealer.seal(NOW) == count
        beside(witnesses).faults.append(WitnessSilent("asleep"))
        assert await sealer.publish() == 0
    found = findings(connection, witnesses)
    assert [(one.what, one.size) for one in found] == [(What.UNWITNESSED, 60)]
    assert await sealer.publish() == 1
    assert signed_sizes(connection) == [60]
    assert findings(connection, witnesses) == []


async def test_a_signature_that_was_not_kept_is_asked_for_again(
    database: Database, sealers: Database, connection: psycopg.Connection, house: tuple[Memory, Witnesses]
) -> None:
    """The sealer died between the witness's answer and its own note of it; the witness is ahead of what we know."""
    _, witnesses = house
    sealer = Sealer(sealers, LOG, witnesses)
    for count in (10, 20):
        await write(database, count)
        await sealer.seal(NOW)
        await sealer.publish()
        connection.execute("DELETE FROM audit.cosignature")
    assert await sealer.publish() == 1
    connection.execute("DELETE FROM audit.cosignature")
    await write(database, 5)
    await sealer.seal(NOW)
    assert await sealer.publish() == 1
    assert findings(connection, witnesses) == []


async def test_two_of_three_witnesses_publish(
    database: Database, database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    with witnessed(tmp_path / "a") as (_, a), witnessed(tmp_path / "b") as (_, b), witnessed(tmp_path / "c") as (_, c):
        all_three = Witnesses(2, (*a.all, *b.all, *c.all))
        await write(database, 3)
        beside(a).faults.extend([WitnessSilent("asleep")] * 2)
        await seal(database_dsn, all_three)
        assert len(signed_sizes(connection)) == 2
        assert findings(connection, all_three) == []
        await write(database, 1)
        for sleeping in (a, b):
            beside(sleeping).faults.extend([WitnessSilent("asleep")] * 2)
        await seal(database_dsn, all_three)
        assert What.UNWITNESSED in {one.what for one in findings(connection, all_three)}
        assert faults(connection, all_three) == []


async def test_two_witnesses_shown_different_logs_give_the_split_away(
    database: Database, database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    """A split view: the forger has the log's key and shows each witness another history."""
    with witnessed(tmp_path / "a") as (_, a), witnessed(tmp_path / "b") as (_, b):
        await write(database, 20)
        await seal(database_dsn, a)
        for table in ("tree", "bundle", "tile", "checkpoint", "cosignature"):
            connection.execute(f"DELETE FROM audit.{table}".encode())
        connection.execute("DELETE FROM audit.access_log WHERE log_id = 7")
        await write(database, 1)
        await seal(database_dsn, b)
        assert {one.what for one in faults(connection, Witnesses(2, (*a.all, *b.all)))} == {What.WITNESS_ROOT}


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", range(16))
async def test_a_sealer_killed_at_any_step_goes_on(
    database: Database,
    database_dsn: str,
    connection: psycopg.Connection,
    house: tuple[Memory, Witnesses],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    """Every message to the database and every word with the witness is a moment to die at, before it and after it."""
    _, witnesses = house
    await write(database, 300)
    await seal(database_dsn, witnesses)
    await write(database, 300)
    calls = itertools.count()

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        async def either(*arguments: Any, **named: Any) -> Any:
            if next(calls) == step:
                raise Killed
            done = await call(*arguments, **named)
            if next(calls) == step:
                raise Killed
            return done

        return either

    with monkeypatch.context() as patch:
        for name in ("execute", "rows", "commit"):
            patch.setattr(Transaction, name, dying(getattr(Transaction, name)))
        patch.setattr(asyncio, "to_thread", dying(asyncio.to_thread))
        try:
            async with Database(database_dsn, role=ROLE, size=2) as own:
                sealer = Sealer(own, LOG, witnesses)
                await sealer.seal(NOW)
                await sealer.publish()
        except (Killed, BaseExceptionGroup):
            pass
    assert faults(connection, witnesses) == []
    await write(database, 10)
    await seal(database_dsn, witnesses)
    assert findings(connection, witnesses) == []
    assert connection.execute("SELECT size FROM audit.tree").fetchone() == (610,)


def test_a_sealer_and_a_witness_killed_under_load_leave_one_history(
    database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    chance = random.Random(11)  # noqa: S311 -- moments to kill, no secret
    stop = threading.Event()

    def work() -> None:
        async def go() -> None:
            async with Database(database_dsn, size=2) as database:
                while not stop.is_set():
                    await asyncio.gather(write(database, 7), write(database, 40))

        asyncio.run(go())

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for _ in range(4):
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.store.test_audit_witnessed", database_dsn, str(tmp_path)],
                stdout=subprocess.PIPE,
            )
            assert child.stdout
            assert child.stdout.readline() == b"sealing\n"
            time.sleep(chance.uniform(0.1, 0.7))
            child.send_signal(signal.SIGKILL)
            child.communicate()
    finally:
        stop.set()
        writer.join()
    with serving(tmp_path) as witnesses:
        signer = begin_log(database_dsn, tmp_path)
        trust = Trust(log_key(signer), witnesses)
        assert [one for one in verify_log(connection, trust) if one.is_fault] == []
        asyncio.run(seal(database_dsn, witnesses, log=signer))
        assert list(verify_log(connection, trust)) == []
    assert Memory(tmp_path / "witness").evidence() == []
    sizes = signed_sizes(connection)
    assert len(sizes) > 4


@contextmanager
def serving(home: Path) -> Iterator[Witnesses]:
    """Give the witness of a home, in this process."""
    memory = Memory(home / "witness")
    with Witness(memory, lambda: datetime.now(UTC)) as witness:
        yield Witnesses(1, (Beside(memory.key, "beside", witness),))


def test_the_loop_seals_and_publishes_with_what_the_home_folder_names(
    database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    stop = threading.Event()
    running = threading.Thread(
        target=keep_sealed, args=(database_dsn, stop), kwargs={"home": tmp_path, "every_s": 0.02}
    )
    running.start()
    asyncio.run(_write(database_dsn, 50))
    deadline = time.monotonic() + 20
    while connection.execute("SELECT max(size) FROM audit.tree").fetchone() != (50,):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stop.set()
    running.join(10)
    assert not running.is_alive()
    assert read_witnesses(tmp_path) == Witnesses()
    found = list(verify_log(connection, Trust(log_key(begin_log(database_dsn, tmp_path)))))
    assert [one.what for one in found] == [What.NO_WITNESS]


async def _write(dsn: str, count: int) -> None:
    async with Database(dsn, size=1) as database:
        await write(database, count)


async def _seal_for_ever(dsn: str, home: Path) -> None:
    signer = begin_log(dsn, home)
    memory = Memory(home / "witness")
    memory.trust(log_key(signer).text)
    with serving(home) as witnesses:
        async with Database(dsn, role=ROLE, size=2) as own:
            sealer = Sealer(own, signer, witnesses)
            sys.stdout.write("sealing\n")
            sys.stdout.flush()
            while True:
                await sealer.seal(datetime.now(UTC), most=100)
                await sealer.publish()


if __name__ == "__main__":
    asyncio.run(_seal_for_ever(sys.argv[1], Path(sys.argv[2])))
