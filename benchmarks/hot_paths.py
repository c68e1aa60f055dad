"""A look-up and an event from Python against pgbench: `python -m benchmarks.hot_paths --people N [--worker]`.

With --worker, what `dancu work` does runs beside both: feed, counts, sealing of the log.
Ours and the yardstick take turns on one server; medians of the turns are compared. Prints Markdown.
"""

import argparse
import asyncio
import multiprocessing
import os
import platform
import random
import re
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import uvloop
from benchmarks.nation_at_hand import home_of, nation

from dancu.access.model import Assignment, Office, Officer
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import opened
from dancu.audit.entry import Channel, Operation
from dancu.cli import worker
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.postgres import binaries
from dancu.infra.settings import Settings
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.feed.sequencer import Sequencer, sequencer_dsn
from dancu.register.look_up import look_up
from dancu.register.payloads import Payload
from dancu.register.territory import locate
from dancu.stats import count_all

YARDSTICKS = Path(__file__).parent / "yardstick"
IN_FLIGHT = 8
TURNS = 3
OFFICER = Officer(
    77,
    "trungtam",
    "Phạm Văn Trung Tâm",
    AccountClass.OPERATOR,
    (Assignment(Office(7, Authority.POPULATION_DATABASE, "", "Center"), ROLES["center_officer"]),),
)
DOSSIER = OpenDossier(1, 7, frozenset(), open=True, matter="population.verify")


def pgbench(dsn: str, script: str, people: int, seconds: int) -> float:
    """Transactions a second of a yardstick."""
    done = subprocess.run(
        [
            str(binaries.find().tool("pgbench")),
            *("-n", "-M", "prepared", "-c", str(IN_FLIGHT), "-j", "2", "-T", str(seconds)),
            *("-D", f"people={people}", "-f", str(YARDSTICKS / script), dsn),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


async def ours(act: Callable[[], Awaitable[object]], seconds: int) -> tuple[float, float]:
    """Calls a second with 8 in flight, and CPU seconds of this process a call."""
    end = time.perf_counter() + seconds
    done = 0

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await act()
            done += 1

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return done / (time.perf_counter() - begun), (time.process_time() - cpu) / max(done, 1)


def prepare(dsn: str, people: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for schema, script in (("yard_b", "look_up_tables.sql"), ("yard_c", "event_tables.sql")):
            if connection.execute("SELECT to_regnamespace(%s)", (schema,)).fetchone() == (None,):
                text = (YARDSTICKS / script).read_text(encoding="utf-8").replace(":people", str(people))
                for statement in text.split(";\n"):
                    if statement.strip():
                        connection.execute(statement.encode())


async def measure(dsn: str, people: int, seconds: int) -> None:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT p.personal_number, p.person_id FROM register.person p TABLESAMPLE SYSTEM (20)"
            " WHERE p.personal_number IS NOT NULL AND p.status = 1 LIMIT 200000"
        ).fetchall()
    rng = random.Random(1)
    now = datetime.now(UTC)

    ring = ring_of(dsn, home_of(people) / "keys")
    async with Database(dsn, size=IN_FLIGHT, keys=ring) as database:

        async def one_look_up() -> None:
            number = rng.choice(rows)[0]
            await look_up(database, OFFICER, number, purpose="population_database", now=now, request_id=uuid4())

        async def one_event() -> None:
            person_id = rng.choice(rows)[1]
            header = ActHeader(
                Authority.POPULATION_DATABASE,
                "",
                uuid4(),
                "Luật Căn cước 26/2023/QH15, Điều 10",
                77,
                DOSSIER.dossier_id,
            )
            async with opened(
                database,
                OFFICER,
                operation=Operation.WRITE,
                purpose="dossier",
                now=now,
                request_id=header.request_id,
                channel=Channel.API,
                dossier=DOSSIER,
                act="particulars_updated",
            ) as work:
                await commands.update_from_source(
                    work.tx,
                    header=header,
                    person_id=person_id,
                    told=Payload(phone=f"09{rng.randrange(10**8):08}"),
                    valid_on=PartialDate.on(date(2026, 11, 24)),
                    now=now,
                    locate=locate,
                )
                await work.log(person_id=person_id, with_commit=True)

        print("| what | ours/s | pgbench/s | ratio | bar | CPU of Python, µs |")
        print("|---|---|---|---|---|---|")
        await compare("look-up by number, policy and audit", one_look_up, dsn, "look_up.sql", 0.35, people, seconds)
        await compare("one event, everything written", one_event, dsn, "event.sql", 0.25, people, seconds)
        lsn = wal(dsn)
        calls = 500
        for _ in range(calls):
            await one_event()
        print(f"\nWAL of one event: {(wal(dsn) - lsn) // calls} bytes (one in flight).")


async def compare(
    what: str, act: Callable[[], Awaitable[object]], dsn: str, script: str, bar: float, people: int, seconds: int
) -> None:
    await ours(act, 2)
    turns = []
    for _ in range(TURNS):
        yard = await asyncio.to_thread(pgbench, dsn, script, people, seconds)
        rate, cpu = await ours(act, seconds)
        turns.append((rate, yard, rate / yard, cpu))
    rate, yard, ratio, cpu = (statistics.median(column) for column in zip(*turns, strict=True))
    print(f"| {what} | {rate:,.0f} | {yard:,.0f} | {ratio:.2f} | {bar} | {cpu * 1e6:.0f} |", flush=True)


def wal(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    assert row
    return int(row[0])


def work(dsn: str, home: Path) -> None:
    asyncio.run(worker.run(dsn, Settings(home=home)))


@contextmanager
def beside(dsn: str, home: Path) -> Iterator[None]:
    """Do what `dancu work` does in a process of its own, once everybody is counted."""
    with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as connection:
        Sequencer(connection).run()
    count_all(dsn, now=datetime.now(UTC))
    process = multiprocessing.get_context("spawn").Process(target=work, args=(dsn, home), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--worker", action="store_true", help="with the worker beside")
    given = parser.parse_args()
    with nation(given.people) as dsn:
        prepare(dsn, given.people)
        print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, {given.people:,} people\n")
        with beside(dsn, home_of(given.people)) if given.worker else nullcontext():
            uvloop.run(measure(dsn, given.people, given.seconds))  # as the web server does


if __name__ == "__main__":
    main()
