"""How long after its commit an event is in the feed, and counted: `python benchmarks/feed_lag.py --people N`.

Writers record events at a steady rate while the sequencer and the counter work as `dancu work` runs them.
The lag of the feed is from the end of the commit to the first page of a reader that has the event; the lag of the
counts until the counter's place has passed it. Prints Markdown.
"""

import argparse
import asyncio
import multiprocessing
import os
import platform
import random
import resource
import statistics
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import uvloop
from benchmarks.nation_at_hand import nation

from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.feed import Reader, Sequencer, head, keep_sequencing, page, sequencer_dsn
from dancu.register.feed.extract import extract
from dancu.register.payloads import Payload
from dancu.register.territory import locate
from dancu.stats import count_all, keep_counting, recount

WRITERS = 8


async def write(dsn: str, keys: Path, people: list[int], rate: float, seconds: float) -> tuple[dict[int, float], float]:
    """Record events at a rate; return when each act was certain, and the rate that was reached."""
    done: dict[int, float] = {}
    begun = time.perf_counter()
    due = iter(range(int(rate * seconds)))
    rng = random.Random(1)

    async with Database(dsn, size=WRITERS, keys=ring_of(dsn, keys)) as database:

        async def writer() -> None:
            for i in due:
                await asyncio.sleep(begun + i / rate - time.perf_counter())
                header = ActHeader(Authority.POPULATION_DATABASE, "", uuid4(), "Luật Căn cước 26/2023/QH15, Điều 10")
                async with database.transaction(scope="nation") as tx:
                    told = await commands.update_from_source(
                        tx,
                        header=header,
                        person_id=rng.choice(people),
                        told=Payload(phone=f"09{i:08}"),
                        valid_on=PartialDate.on(date(2026, 11, 24)),
                        now=datetime.now(UTC),
                        locate=locate,
                    )
                done[told.act_id] = time.time()

        await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return done, len(done) / (time.perf_counter() - begun)


def writing(dsn: str, keys: Path, people: list[int], rate: float, seconds: float, answer: Any) -> None:
    answer.send(uvloop.run(write(dsn, keys, people, rate, seconds)))


def work(dsn: str, stop: Any) -> None:
    """Do what `dancu work` does."""
    loops = [threading.Thread(target=loop, args=(dsn, stop)) for loop in (keep_sequencing, keep_counting)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()


class Readers:
    """Watches the feed and the counter's place."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._stop = threading.Event()
        self.seen: dict[int, tuple[int, float]] = {}
        self.places: list[tuple[int, float]] = []
        self.dead = list[int]()
        with psycopg.connect(dsn) as connection:
            self._after = head(connection)
        self._threads = [threading.Thread(target=one) for one in (self._feed, self._counts)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        time.sleep(2.5)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _feed(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            while not self._stop.wait(0.005):
                entries = page(connection, after=self._after, reader=Reader.DERIVED)
                now = time.time()
                for one in entries:
                    if one.act_id is not None:
                        self.seen[one.act_id] = (one.sequence, now)
                    self._after = one.sequence

    def _counts(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            while not self._stop.wait(0.02):
                row = connection.execute("SELECT sequence FROM stats.place").fetchone()
                size = connection.execute("SELECT pg_relation_size('register.outbox')").fetchone()
                assert row
                assert size
                self.places.append((row[0], time.time()))
                self.dead.append(size[0])


def measure(dsn: str, keys: Path, rate: float, seconds: float) -> str:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT p.person_id FROM register.person p TABLESAMPLE SYSTEM (20) WHERE p.status = 1 LIMIT 100000"
        ).fetchall()
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    worker = spawn.Process(target=work, args=(dsn, stop), daemon=True)
    worker.start()
    time.sleep(2)
    readers = Readers(dsn)
    mine, theirs = spawn.Pipe()
    process = spawn.Process(
        target=writing, args=(dsn, keys, [row[0] for row in rows], rate, seconds, theirs), daemon=True
    )
    process.start()
    theirs.close()  # or the end of the writer would not be noticed
    done, reached = mine.recv()
    process.join()
    readers.stop()
    stop.set()
    worker.join()
    feed = [readers.seen[act][1] - at for act, at in done.items()]
    counts = [next(t for s, t in readers.places if s >= readers.seen[act][0]) - at for act, at in done.items()]
    cells = [f"{value * 1000:,.0f}" for lags in (feed, counts) for value in quantiles(lags)]
    return f"| {rate:,.0f} | {reached:,.0f} | {len(done):,} | {' | '.join(cells)} | {max(readers.dead) // 1024:,} |"


def quantiles(lags: list[float]) -> tuple[float, float, float]:
    hundredths = statistics.quantiles(lags, n=100)
    return hundredths[49], hundredths[94], max(lags)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rates", type=float, nargs="*", default=[100, 500, 1_000])
    given = parser.parse_args()
    keys = Path(tempfile.gettempdir()) / f"dancu-bench-{given.people}" / "keys"
    with nation(given.people) as dsn:
        begun = time.perf_counter()
        with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as connection:
            acts = Sequencer(connection).run()
        numbered = time.perf_counter()
        count_all(dsn, now=datetime.now(UTC))
        counted = time.perf_counter()
        print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, {given.people:,} people\n")
        if acts:
            print(f"After the load: {acts:,} acts numbered in {numbered - begun:.1f} s,")
            print(f"everybody counted in {counted - numbered:.1f} s ({given.people / (counted - numbered):,.0f}/s).\n")
        print("| asked/s | reached/s | events | feed p50, ms | p95 | max | counts p50, ms | p95 | max | outbox, KiB |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for rate in given.rates:
            print(measure(dsn, keys, rate, given.seconds), flush=True)
        begun = time.perf_counter()
        wrong = list(recount(dsn, now=datetime.now(UTC)))
        print(f"\nCounted again in {time.perf_counter() - begun:.1f} s: {len(wrong)} differences.\n")
        print("| extract | persons/s | bytes a person | peak memory, MiB |")
        print("|---|---|---|---|")
        for name in ("parquet", "ndjson"):
            print(extracted(dsn, keys.with_name(f"extract.{name}")), flush=True)


def extracted(dsn: str, to: Path) -> str:
    begun = time.perf_counter()
    done = extract(dsn, to)
    rate = done.persons / (time.perf_counter() - begun)
    size = to.stat().st_size / max(done.persons, 1)
    to.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {to.suffix} | {rate:,.0f} | {size:,.0f} | {peak:,} |"


if __name__ == "__main__":
    main()
