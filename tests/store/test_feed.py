"""The feed has every event once, without gaps, each person's in order: whoever commits late, aborts or is killed."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.feed import Happened, Place, Sequencer, events_after, head, keep_sequencing, page, standing
from dancu.register.feed.sequencer import sequencer_dsn
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify.feed import feed_differences

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
BEGINNING = Place()


def header() -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, "06325", uuid4(), "Luật Hộ tịch 60/2014/QH13")


async def establish(tx: Transaction, sex: Sex = Sex.MALE) -> int:
    told = Payload(
        name=("Lê", "Văn", "An"),
        born=19800101,
        sex=sex,
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 11, 1),
    )
    return (await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate)).person_id


async def update(tx: Transaction, person_id: int) -> None:
    await commands.update_from_source(
        tx,
        header=header(),
        person_id=person_id,
        told=Payload(phone=f"09{uuid4().int % 10**8:08}"),
        valid_on=PartialDate.on(date(2026, 11, 24)),
        now=NOW,
        locate=locate,
    )


async def people(database: Database, count: int) -> list[int]:
    async with database.transaction(scope="nation") as tx:
        return [await establish(tx, Sex(1 + i % 2)) for i in range(count)]


def sequence(dsn: str) -> int:
    with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as connection:
        return Sequencer(connection).run()


def wrong(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [one.what for one in feed_differences(connection)]


def everything(connection: psycopg.Connection[Any], at: Place = BEGINNING, most: int = 7) -> list[Happened]:
    found: list[Happened] = []
    while True:
        events, to = events_after(connection, at, most=most)
        if to == at:
            return found
        found += events
        at = to


async def test_who_commits_late_is_not_missed(database_dsn: str, connection: psycopg.Connection[Any]) -> None:
    async with Database(database_dsn, size=2) as database:
        async with database.transaction(scope="nation") as early:
            first = await establish(early)
            await early.rows("SELECT 1")
            async with database.transaction(scope="nation") as late:
                second = await establish(late)
            assert sequence(database_dsn) == 1
            seen = page(connection, after=0)
            assert [one.person_id for one in seen] == [second]
        assert sequence(database_dsn) == 1
    rest = page(connection, after=seen[-1].sequence)
    assert [(one.sequence, one.person_id) for one in rest] == [(2, first)]
    assert wrong(database_dsn) == []


async def test_of_one_person_the_later_act_comes_later_though_its_transaction_began_earlier(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    async with Database(database_dsn, size=2) as database:
        one, other = await people(database, 2)
        sequence(database_dsn)
        async with database.transaction(scope="nation") as early:
            await update(early, other)
            await early.rows("SELECT pg_current_xact_id()")
            async with database.transaction(scope="nation") as between:
                await update(between, one)
            await update(early, one)
    with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as own:
        sequencer = Sequencer(own, most=1)  # also where the batch ends between the two
        while sequencer.step():
            continue
    assert [(e.person_id, e.seq) for e in page(connection, after=2)] == [(other, 2), (one, 2), (one, 3)]
    assert wrong(database_dsn) == []


async def test_an_act_of_two_persons_is_one_event_for_each(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    async with Database(database_dsn, size=1) as database:
        man, woman = await people(database, 2)
        async with database.transaction(scope="nation") as tx:
            await commands.record_marriage(
                tx,
                header=header(),
                one_id=man,
                other_id=woman,
                on=PartialDate(20101019),
                now=NOW,
                locate=locate,
            )
    assert standing(connection).waiting == 3
    assert sequence(database_dsn) == 3
    told = [(e.kind, e.person_id, e.seq) for e in page(connection, after=2)]
    assert told == [(EventKind.MARRIAGE_REGISTERED, man, 2), (EventKind.MARRIAGE_REGISTERED, woman, 2)]
    assert (standing(connection).sequence, standing(connection).waiting) == (4, 0)


async def test_an_aborted_transaction_takes_no_number(database_dsn: str) -> None:
    async with Database(database_dsn, size=1) as database:
        for aborted in (False, True, False):
            with suppress(ZeroDivisionError):
                async with database.transaction(scope="nation") as tx:
                    await establish(tx)
                    await tx.rows("SELECT 1")
                    if aborted:
                        raise ZeroDivisionError
    assert sequence(database_dsn) == 2
    assert wrong(database_dsn) == []


class Busy:
    """Several writers on few persons, some of whose transactions abort, until they are told to stop."""

    def __init__(self, dsn: str, persons: list[int]) -> None:
        self._dsn = dsn
        self._persons = persons
        self.written = 0

    async def write(self, seconds: float, writers: int = 4) -> None:
        end = time.monotonic() + seconds
        async with Database(self._dsn, size=writers) as database:
            await asyncio.gather(*(self._writer(database, random.Random(i), end) for i in range(writers)))  # noqa: S311

    async def _writer(self, database: Database, rng: random.Random, end: float) -> None:
        while time.monotonic() < end:
            with suppress(DancuError, ZeroDivisionError):
                async with database.transaction(scope="nation") as tx:
                    await establish(tx)
                    for person_id in sorted(rng.sample(self._persons, 2)):
                        await update(tx, person_id)
                    await tx.rows("SELECT 1")
                    if rng.random() < 0.2:
                        raise ZeroDivisionError
                self.written += 3


async def test_writers_aborts_and_two_sequencers_at_once_leave_no_gap(database_dsn: str) -> None:
    async with Database(database_dsn, size=1) as database:
        persons = await people(database, 4)
    stop = threading.Event()

    def move() -> None:
        with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as own:
            while not stop.is_set():
                Sequencer(own, most=3).step()

    movers = [threading.Thread(target=move) for _ in range(2)]
    for mover in movers:
        mover.start()
    busy = Busy(database_dsn, persons)
    await busy.write(1.5)
    stop.set()
    for mover in movers:
        mover.join()
    sequence(database_dsn)
    assert wrong(database_dsn) == []
    with psycopg.connect(database_dsn) as connection:
        assert head(connection) == busy.written + len(persons)


async def test_a_reader_that_looks_all_the_time_misses_nothing(database_dsn: str) -> None:
    async with Database(database_dsn, size=1) as database:
        persons = await people(database, 4)
    stop = threading.Event()
    keeper = threading.Thread(target=keep_sequencing, args=(database_dsn, stop))
    keeper.start()
    seen: list[Happened] = []

    async def read() -> None:
        at = Place()
        with psycopg.connect(database_dsn, autocommit=True) as connection:
            while not (stop.is_set() and standing(connection).waiting == 0 and at.sequence == head(connection)):
                events, at = events_after(connection, at)
                seen.extend(events)
                await asyncio.sleep(0.01)

    async def write() -> None:
        await Busy(database_dsn, persons).write(1.0)
        await asyncio.sleep(0.5)
        stop.set()

    await asyncio.gather(read(), write())
    keeper.join()
    with psycopg.connect(database_dsn) as connection:
        assert seen == everything(connection)
    assert wrong(database_dsn) == []


class Breaking:
    """A connection whose server process ends before the n-th statement."""

    def __init__(self, connection: psycopg.Connection[Any], before: int, upkeep: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._left = before
        self._upkeep = upkeep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, *asked: Any) -> Any:
        if self._left == 0:
            self._upkeep.execute("SELECT pg_terminate_backend(%s, 5000)", (self._connection.info.backend_pid,))
        self._left -= 1
        return self._connection.execute(*asked)


@pytest.mark.parametrize("before", range(6))
async def test_a_sequencer_that_ends_between_two_steps_loses_and_repeats_nothing(
    database_dsn: str, connection: psycopg.Connection[Any], before: int
) -> None:
    async with Database(database_dsn, size=1) as database:
        await people(database, 3)
    with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as own:
        breaking: Any = Breaking(own, before, connection)
        with pytest.raises(psycopg.OperationalError):
            Sequencer(breaking, most=2).run()
    assert wrong(database_dsn) == []
    sequence(database_dsn)
    assert wrong(database_dsn) == []
    assert [e.sequence for e in page(connection, after=0)] == [1, 2, 3]


async def test_a_killed_sequencer_is_followed_by_another(database_dsn: str) -> None:
    async with Database(database_dsn, size=1) as database:
        persons = await people(database, 4)
    writing = asyncio.create_task(Busy(database_dsn, persons).write(3.0, writers=2))
    for kill in range(4):
        child = subprocess.Popen([sys.executable, __file__, database_dsn], stdout=subprocess.PIPE)  # noqa: ASYNC220
        assert child.stdout is not None
        await asyncio.to_thread(child.stdout.readline)
        await asyncio.sleep(0.07 * kill)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    await writing
    sequence(database_dsn)
    assert wrong(database_dsn) == []


async def test_a_sequencer_that_stands_by_takes_over(database_dsn: str) -> None:
    stop = threading.Event()
    with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as leader:
        assert leader.execute("SELECT pg_try_advisory_lock(1684108131)").fetchone() == (True,)
        keeper = threading.Thread(target=keep_sequencing, args=(database_dsn, stop))
        keeper.start()
        async with Database(database_dsn, size=1) as database:
            await people(database, 1)
        await asyncio.sleep(0.5)
        with psycopg.connect(database_dsn) as connection:
            assert head(connection) == 0
    await _until(lambda: _head(database_dsn) == 1)
    stop.set()
    keeper.join()


async def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def _head(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        return head(connection)


async def test_an_act_of_many_is_one_entry_that_unfolds_in_pages(
    database_dsn: str, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dancu.register.feed.sequencer.WHOLE", 1)
    async with Database(database_dsn, size=1) as database:
        man, woman = await people(database, 2)
        async with database.transaction(scope="nation") as tx:
            await commands.record_marriage(
                tx, header=header(), one_id=man, other_id=woman, on=PartialDate(20101019), now=NOW, locate=locate
            )
        async with database.transaction(scope="nation") as tx:
            await update(tx, man)
    assert sequence(database_dsn) == 4
    entry = page(connection, after=2, most=1)[0]
    assert (entry.person_id, entry.seq, entry.persons) == (None, None, 2)
    told = [(man, 1), (woman, 1), (man, 2), (woman, 2), (man, 3)]
    for most in (1, 2, 1000):
        assert [(e.person_id, e.seq) for e in everything(connection, most=most)] == told
    within, to = events_after(connection, Place(2, 1), most=1)
    assert ([(e.person_id, e.seq) for e in within], to) == ([(woman, 2)], Place(3))
    assert wrong(database_dsn) == []


async def test_replay_from_any_place_is_the_rest_of_the_whole(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    async with Database(database_dsn, size=1) as database:
        persons = await people(database, 3)
    await Busy(database_dsn, persons).write(0.3)
    sequence(database_dsn)
    whole = everything(connection)
    for place in range(0, len(whole), 5):
        assert everything(connection, Place(place)) == whole[place:]


async def test_the_next_partition_is_there_before_it_is_needed(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    connection.execute("UPDATE register.feed_head SET sequence = 9999998")
    async with Database(database_dsn, size=1) as database:
        await people(database, 3)
    sequence(database_dsn)
    assert [e.sequence for e in page(connection, after=0)] == [9_999_999, 10_000_000, 10_000_001]


async def test_a_place_in_the_outbox_that_was_made_up_is_kept_and_named(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    connection.execute("INSERT INTO register.outbox (act_id, known_at) VALUES (4711, now())")
    assert "not so: waiting act is there" in wrong(database_dsn)
    assert sequence(database_dsn) == 1
    assert page(connection, after=0)[0].kind is None
    assert everything(connection) == []
    assert wrong(database_dsn) == ["not so: whole act is there (1)"]


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ("DELETE FROM register.feed WHERE sequence = 2", "numbers follow one another"),
        ("DELETE FROM register.feed WHERE sequence = 4", "head is the last number"),
        ("DELETE FROM register.feed WHERE sequence = 2", "event is told once"),
        ("UPDATE register.feed SET kind = 5 WHERE sequence = 2", "entry has its event"),
        ("UPDATE register.feed SET sequence = 9 - sequence WHERE sequence > 2", "person is told in order"),
        ("INSERT INTO register.outbox (act_id, known_at) SELECT act_id, known_at FROM register.act", "told once"),
        ("UPDATE register.feed_head SET sequence = 3", "head is the last number"),
    ],
)
async def test_tampering_with_the_feed_is_found(
    database_dsn: str, connection: psycopg.Connection[Any], tampering: str, expected: str
) -> None:
    async with Database(database_dsn, size=1) as database:
        (one,) = await people(database, 1)
        for _ in range(3):
            async with database.transaction(scope="nation") as tx:
                await update(tx, one)
    sequence(database_dsn)
    assert wrong(database_dsn) == []
    connection.execute(tampering.encode())
    found = wrong(database_dsn)
    assert any(expected in what for what in found), found


def refused_to(connection: psycopg.Connection[Any], role: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SET ROLE {role}; {statement}".encode())
    connection.execute("RESET ROLE")


def test_nobody_but_the_sequencer_writes_the_feed(database_dsn: str, connection: psycopg.Connection[Any]) -> None:
    for role in ("dancu_app", "dancu_loader", "dancu_verifier"):
        for statement in (
            "INSERT INTO register.feed (sequence, act_id, known_at, persons, kind) VALUES (1, 1, now(), 1, 1)",
            "UPDATE register.feed_head SET sequence = 5",
            "DELETE FROM register.outbox",
        ):
            refused_to(connection, role, statement)
    for statement in ("DELETE FROM register.feed", "UPDATE register.feed SET kind = 1"):
        refused_to(connection, "dancu_sequencer", statement)


if __name__ == "__main__":
    with psycopg.connect(sequencer_dsn(sys.argv[1]), autocommit=True) as own_connection:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        while True:
            Sequencer(own_connection, most=3).step()
