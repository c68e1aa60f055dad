"""How fast the log is sealed, behind a backlog and beside its writers: `python -m benchmarks.sealing`. Prints Markdown.

Writers are pgbench sessions that insert rows as the application does, one a transaction.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from dancu.audit.keys import log_key
from dancu.audit.sealing import ROLE, Sealer, begin_log, keep_sealed
from dancu.audit.verify import Trust, verify_log
from dancu.audit.witness import Memory, Witness
from dancu.audit.witness.serve import at_socket, run
from dancu.audit.witnesses import Witnesses, read_witnesses
from dancu.infra.db import Database
from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer, binaries

ROW = """
INSERT INTO audit.access_log (logged_at, operation, outcome, channel, request_id, officer_id, office, role, purpose,
                              legal_ground, person_id, fields, result_count, actor, salt, commitment)
SELECT now(), 4, 1, 1, gen_random_uuid(), 7, '10273', 'civil_registrar', 'civil_status', '', 1 + n % 1000000, 3, 1, 1,
       decode(md5(random()::text), 'hex'), sha256(random()::text::bytea)
  FROM generate_series(1, {count}) n
"""
BAR = 5_000
TURNS = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--people", type=int, default=0, help="for `dancu bench`; the log needs nobody")
    told = parser.parse_args()
    where = os.environ.get("TMPDIR", "/var/tmp")  # noqa: S108 -- on a disk, where /tmp may be memory
    with tempfile.TemporaryDirectory(dir=where) as folder, EmbeddedServer(home=Path(folder)) as server:
        dsn, home = server.dsn, Path(folder)
        with psycopg.connect(dsn, autocommit=True) as connection:
            migrate(connection)
        witnessed(home, dsn)
        print(f"Load average at the start: {os.getloadavg()[0]:.1f}.\n")
        print("| what | figure |\n| --- | ---: |")
        backlog(dsn, home, told.rows)
        beside(dsn, home, told.seconds)
        proving(dsn, home)


def witnessed(home: Path, dsn: str) -> None:
    """Let a witness answer at a socket of this process."""
    memory = Memory(home / "witness")
    memory.trust(log_key(begin_log(dsn, home)).text)
    memory.publish_key()
    ready = threading.Event()

    def serve() -> None:
        with Witness(memory, lambda: datetime.now(UTC)) as witness:
            run(witness, at_socket(memory.home / "witness.sock"), ready.set)

    threading.Thread(target=serve, daemon=True).start()
    ready.wait(10)


def backlog(dsn: str, home: Path, rows: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(ROW.format(count=rows).encode())
        connection.execute("VACUUM ANALYZE audit.access_log")

    async def go() -> float:
        async with Database(dsn, role=ROLE, size=1) as database:
            sealer = Sealer(database, begin_log(dsn, home), read_witnesses(home))
            begun = time.monotonic()
            while await sealer.seal(datetime.now(UTC)):
                await sealer.publish()
            return time.monotonic() - begun

    taken = asyncio.run(go())
    print(f"| rows of a backlog sealed and witnessed, 20,000 a turn, rows/s (bar {BAR:,}) | {rows / taken:,.0f} |")


def beside(dsn: str, home: Path, seconds: int) -> None:
    """Writers as fast as they can, without a sealer and with one, in turns."""
    alone, both, waiting, left = [], [], list[int](), list[int]()
    for _ in range(TURNS):
        alone.append(written(dsn, seconds))
        settle(dsn, home)
        with sealing(dsn, home) as seen:
            both.append(written(dsn, seconds))
            time.sleep(2.5)
        left.append(seen.pop())
        waiting += seen
    waiting.sort()
    print(f"| rows written without a sealer, 8 sessions, rows/s | {statistics.median(alone):,.0f} |")
    print(f"| rows written with a sealer and a witness beside, rows/s | {statistics.median(both):,.0f} |")
    print(f"| rows that wait meanwhile: median | {statistics.median(waiting):,.0f} |")
    print(f"| - 95 of 100 | {waiting[int(len(waiting) * 0.95)]:,} |")
    print(f"| - 2.5 s after the last was written, the worst of {TURNS} turns | {max(left):,} |")


@contextmanager
def sealing(dsn: str, home: Path) -> Iterator[list[int]]:
    """Seal in a thread, and note four times a second how many rows wait."""
    stop, seen = threading.Event(), list[int]()

    def watch() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.wait(0.25):
                row = connection.execute(
                    "SELECT (SELECT last_value FROM audit.access_log_log_id_seq) - (SELECT sealed_to FROM audit.tree)"
                ).fetchone()
                seen.append(int(row[0]) if row else 0)

    threads = [
        threading.Thread(target=keep_sealed, args=(dsn, stop), kwargs={"home": home}),
        threading.Thread(target=watch),
    ]
    for thread in threads:
        thread.start()
    yield seen
    stop.set()
    for thread in threads:
        thread.join()


def settle(dsn: str, home: Path) -> None:
    async def go() -> None:
        async with Database(dsn, role=ROLE, size=1) as database:
            sealer = Sealer(database, begin_log(dsn, home), Witnesses())
            while await sealer.seal(datetime.now(UTC)):
                pass

    asyncio.run(go())


def written(dsn: str, seconds: int) -> float:
    """Rows that pgbench writes in a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(ROW.format(count=1))
        script.flush()
        done = subprocess.run(
            [
                str(binaries.find().tool("pgbench")),
                *("-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", str(seconds), "-f", script.name, dsn),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
    return float(line.split()[2])


def proving(dsn: str, home: Path) -> None:
    verifying = make_conninfo(dsn, options="-c role=dancu_verifier")
    with psycopg.connect(verifying, autocommit=True) as connection:
        counted = 0

        def count(rows: int) -> None:
            nonlocal counted
            counted += rows

        begun = time.monotonic()
        trust = Trust(log_key(begin_log(dsn, home)), read_witnesses(home))
        found = sum(1 for one in verify_log(connection, trust, count) if str(one.what).startswith("a head"))
        taken = time.monotonic() - begun
        assert found == 0
        row = connection.execute(
            "SELECT (pg_total_relation_size('audit.bundle') + pg_total_relation_size('audit.tile'))::float / size"
            "  FROM audit.tree"
        ).fetchone()
        heads = connection.execute("SELECT count(*) FROM audit.checkpoint").fetchone()
    print(f"| rows proved against the tree by `dancu audit check`, rows/s | {counted / taken:,.0f} |")
    print(f"| bytes a row in the tree | {row[0] if row else 0:,.0f} |")
    print(f"| heads signed | {heads[0] if heads else 0:,} |")


if __name__ == "__main__":
    main()
