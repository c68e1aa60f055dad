"""Acts on several persons, and a kill amid them: of the program, of its backend, of the whole server.

Each act is asked for again under the same request id until it is acknowledged, as a program does that was cut off.
Then it was done once, for everybody whom it touches.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from dancu.infra.db import Database, Transaction
from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer, processes
from dancu.kernel.codes import Authority, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Unavailable
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, MoveDeclared, ParentDeclared, Recorded
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
ACTS = ("husband", "wife", "marriage", "birth", "move")
PERSONS_TOUCHED = 1 + 1 + 2 + 1 + 3
EVENTS = {
    (EventKind.PERSON_ESTABLISHED, 2),
    (EventKind.MARRIAGE_REGISTERED, 2),
    (EventKind.BIRTH_REGISTERED, 1),
    (EventKind.PERMANENT_RESIDENCE_REGISTERED, 3),
}
"""Of one family."""


class Family:
    """What happens to one family, act by act; the ids of acts and spouses follow from its number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.husband, self.wife, self.child = 10 * number + 1, 10 * number + 2, 0

    async def act(self, tx: Transaction, what: str) -> Recorded:
        request = UUID(int=10 * self.number + ACTS.index(what))
        header = ActHeader(Authority.CIVIL_REGISTRAR, "06325", request, "Luật Hộ tịch 60/2014/QH13")
        common: dict[str, Any] = {"header": header, "now": NOW, "locate": locate}
        match what:
            case "husband" | "wife":
                sex, person_id = (Sex.MALE, self.husband) if what == "husband" else (Sex.FEMALE, self.wife)
                told = Payload(
                    name=("Lê", "", "An"),
                    born=19900101,
                    sex=sex,
                    residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
                    unit_day=date(2026, 11, 1),
                )
                return await commands.establish_person(tx, told=told, person_id=person_id, **common)
            case "marriage":
                on = PartialDate(20260601)
                return await commands.record_marriage(tx, one_id=self.husband, other_id=self.wife, on=on, **common)
            case "birth":
                done = await commands.record_birth(tx, birth=self._birth(), **common)
                self.child = done.person_id
                return done
            case _:
                movers = (
                    (self.husband, Relation.HEAD),
                    (self.wife, Relation.SPOUSE),
                    (self.child, Relation.CHILD),
                )
                move = MoveDeclared(movers, "26740", f"{self.number} Lê Lợi", date(2026, 11, 20))
                return await commands.record_move(tx, move=move, **common)

    def _birth(self) -> BirthDeclared:
        return BirthDeclared(
            name=PersonName("Lê", "", "Bình"),
            born=PartialDate(20261101),
            sex=Sex.FEMALE,
            birth_place=("06325", ""),
            registered_in="06325",
            number_place=20,
            unit_day=date(2026, 11, 1),
            mother=ParentDeclared("Lê An", self.wife),
            father=ParentDeclared("Lê An", self.husband),
            lives_with=self.wife,
        )


async def record(database: Database, number: int, tell: Callable[[], None] = lambda: None) -> None:
    """Record a family, whatever is killed meanwhile."""
    family = Family(number)
    for what in ACTS:
        await until_acknowledged(database, partial(family.act, what=what))
        tell()


async def until_acknowledged(database: Database, act: Callable[[Transaction], Awaitable[Recorded]]) -> None:
    while True:
        try:
            async with database.transaction(scope="nation") as tx:
                await act(tx)
        except Unavailable:
            await asyncio.sleep(0.02)
        else:
            return


def check_families(dsn: str, count: int) -> None:
    """Everything happened once to each of some families, and the register can be proved."""
    with psycopg.connect(dsn) as connection:
        kinds = connection.execute("SELECT kind, count(*) FROM register.event GROUP BY kind").fetchall()
        (acts,) = connection.execute("SELECT count(*), sum(cardinality(persons)) FROM register.act").fetchall()
        (children,) = connection.execute(
            "SELECT count(DISTINCT mother_id), count(DISTINCT household_id), count(DISTINCT personal_number)"
            " FROM register.person WHERE mother_id = father_id + 1"
        ).fetchall()
    assert {(EventKind(kind), number) for kind, number in kinds} == {(kind, count * n) for kind, n in EVENTS}
    assert acts == (count * len(ACTS), count * PERSONS_TOUCHED)
    assert children == (count, count, count)
    assert list(verify(dsn, workers=1)) == []


def write_until_killed(dsn: str, first: int, last: int, seconds: float) -> None:
    """Let a process record families from the first on, and kill it some time after its first act."""
    child = subprocess.Popen([sys.executable, __file__, dsn, str(first), str(last)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    child.communicate()


async def test_a_killed_program_that_asks_again_does_each_act_once(database: Database, database_dsn: str) -> None:
    chance, families = random.Random(11), 40  # noqa: S311 -- moments to kill, no secret
    for first in (1, 1, 11):
        write_until_killed(database_dsn, first, families, chance.uniform(0.02, 0.25))
    for number in range(1, families + 1):
        await record(database, number)
    check_families(database_dsn, families)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A server that may be killed: durable, as one at work, and nobody else's."""
    with EmbeddedServer(tmp_path, "standard") as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            migrate(connection)
        yield server


class Acknowledged:
    """How many acts were acknowledged."""

    def __init__(self) -> None:
        self.count = 0
        self._news = asyncio.Event()

    def one_more(self) -> None:
        self.count += 1
        self._news.set()

    async def next(self) -> None:
        """Wait for the next one."""
        self._news.clear()
        await self._news.wait()


@asynccontextmanager
async def writing(dsn: str, families: int) -> AsyncIterator[Acknowledged]:
    """Record families while the block runs, and afterwards to the end."""
    done = Acknowledged()

    async def work() -> None:
        async with Database(dsn, size=1) as database:
            for number in range(1, families + 1):
                await record(database, number, done.one_more)

    task = asyncio.create_task(work())
    yield done
    await asyncio.wait_for(task, 120)


def backends(server: EmbeddedServer, name: str | None = None) -> list[int]:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = coalesce(%s,"
            " application_name)",
            [name],
        ).fetchall()
    return [row[0] for row in rows]


async def test_a_killed_backend_loses_no_act_and_does_none_twice(own_server: EmbeddedServer) -> None:
    chance, families = random.Random(12), 60  # noqa: S311 -- moments to kill, no secret
    async with writing(own_server.dsn, families) as done:
        for _ in range(4):
            await done.next()
            (pid,) = await asyncio.to_thread(backends, own_server, "dancu")
            await asyncio.sleep(chance.uniform(0, 0.03))
            assert done.count < families * len(ACTS)
            os.kill(pid, signal.SIGKILL)
    check_families(own_server.dsn, families)


async def test_a_killed_server_loses_no_act_and_does_none_twice(own_server: EmbeddedServer) -> None:
    chance, families = random.Random(13), 60  # noqa: S311 -- moments to kill, no secret
    async with writing(own_server.dsn, families) as done:
        for _ in range(2):
            await done.next()
            keeper = processes.postmaster(own_server.place.data)
            assert keeper is not None
            pids = [keeper, *await asyncio.to_thread(backends, own_server)]
            await asyncio.sleep(chance.uniform(0, 0.03))
            assert done.count < families * len(ACTS)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(processes.wait_for_end, keeper, 5)
            await asyncio.to_thread(own_server.start)
    check_families(own_server.dsn, families)


async def _write(dsn: str, first: int, last: int) -> None:
    def tell() -> None:
        sys.stdout.write("done\n")
        sys.stdout.flush()

    async with Database(dsn, size=1) as database:
        for number in range(first, last + 1):
            await record(database, number, tell)


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
