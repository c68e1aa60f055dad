"""A process that records acts is killed at any moment: what it acknowledged stands, and half an act never does."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, ResidenceKind, Sex
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify.lives import differences
from dancu.register.verify.run import broken_links, stored_lives

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
KILLS = 3


async def record(dsn: str, first: int, last: int) -> list[bool]:
    """Establish a person with each request id, tell so on stdout, and return which had been there before."""
    told = Payload(
        name=("Lê", "Văn", "An"),
        born=19800101,
        sex=Sex.MALE,
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 11, 1),
    )
    repeated = []
    async with Database(dsn, size=1) as database:
        for request in range(first, last):
            header = ActHeader(Authority.COMMUNE_POLICE, "06325", UUID(int=request), "Luật Căn cước 26/2023/QH15")
            async with database.transaction(scope="nation") as tx:
                done = await commands.establish_person(tx, header=header, told=told, now=NOW, locate=locate)
            repeated.append(done.repeated)
            sys.stdout.write(f"{request}\n")
            sys.stdout.flush()
    return repeated


def killed_after(dsn: str, first: int, seconds: float) -> list[int]:
    """Let a process record until it is killed, and return what it acknowledged."""
    child = subprocess.Popen([sys.executable, __file__, dsn, str(first)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline())]
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    return acknowledged + [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]


def test_a_killed_writer_leaves_whole_acts_only(database_dsn: str) -> None:
    chance = random.Random(7)  # noqa: S311 -- moments to kill, no secret
    acknowledged: list[int] = []
    for kill in range(KILLS):
        acknowledged += killed_after(database_dsn, 1 + kill * 100_000, chance.uniform(0.01, 0.4))
    with psycopg.connect(database_dsn) as connection:
        recorded = {row[0].int for row in connection.execute("SELECT request_id FROM register.request")}
        persons = connection.execute("SELECT count(*) FROM register.person").fetchone()
        found = [d for stored in stored_lives(connection, 0, 2**63 - 1) for d in differences(stored, locate)]
        assert found + list(broken_links(connection)) == []
    assert set(acknowledged) <= recorded
    assert len(recorded) <= len(acknowledged) + KILLS
    assert persons == (len(recorded),)
    again = asyncio.run(record(database_dsn, acknowledged[0], acknowledged[0] + 1))
    assert again == [True]


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1], int(sys.argv[2]), int(sys.argv[2]) + 100_000))
