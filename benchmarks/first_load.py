"""The first national load against its yardstick: `python -m benchmarks.first_load --people N [--home FOLDER]`.

Makes a synthetic nation as Parquet, loads it through intake into an empty register on a server of its own
(standard settings), then lets PostgreSQL copy the same rows and make the same indexes; see yardstick/README.md.
Prints Markdown: rates, where our time went, bytes per person of every table and index, and what 104 million would take.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer
from dancu.infra.sql import parse
from dancu.intake.first import load_first
from dancu.synth.files import write

YARDSTICK = parse((Path(__file__).parent / "yardstick" / "first_load.sql").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NATION = 104_000_000
BAR = 0.25

SIZES = """
SELECT n.nspname || '.' || c.relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname IN ('register', 'intake') AND pg_relation_size(c.oid) > 0
 ORDER BY pg_total_relation_size(c.oid) DESC
"""
INDEX_SIZES = """
SELECT i.relname, pg_relation_size(i.oid)
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
 WHERE n.nspname IN ('register', 'intake') ORDER BY pg_relation_size(i.oid) DESC LIMIT 20
"""


@contextmanager
def server(home: Path) -> Iterator[str]:
    with EmbeddedServer(home=home, profile="standard") as running:
        with psycopg.connect(running.dsn, autocommit=True) as connection:
            migrate(connection)
        yield running.dsn


class Stages:
    """Clock of the stages that the load reports."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._last = time.perf_counter()

    def __call__(self, name: str, _done: int) -> None:
        now = time.perf_counter()
        self.seconds[name] += now - self._last
        self._last = now


def ours(dsn: str, files: list[Path], home: Path) -> tuple[float, dict[str, float]]:
    stages = Stages()
    started = time.perf_counter()
    asyncio.run(load_first(dsn, files, source="benchmark", now=NOW, home=home, synthetic=True, stage=stages))
    seconds = time.perf_counter() - started
    stages("indexes and the rest", 0)
    return seconds, stages.seconds


def filled(statement: str, **values: str) -> bytes:
    return statement.format_map(values).encode()


def yardstick(dsn: str, folder: Path) -> dict[str, float]:
    """Copy the loaded rows as PostgreSQL can at best, and return seconds by step."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tables = connection.execute(YARDSTICK["tables"].encode()).fetchall()
        connection.execute(YARDSTICK["make_schema"].encode())
        files = {}
        for loaded, copied in tables:
            row = connection.execute(YARDSTICK["fillfactor"].encode(), {"loaded": loaded}).fetchone()
            assert row
            connection.execute(filled(YARDSTICK["make_table"], copied=copied, loaded=loaded, fillfactor=row[0]))
            files[copied] = sql.Literal(str(folder / f"{copied}.bin")).as_string(connection)
            connection.execute(filled(YARDSTICK["dump"], loaded=loaded, file=files[copied]))
        definitions = [
            row[0].format(copied=copied)
            for loaded, copied in tables
            for row in connection.execute(YARDSTICK["indexes"].encode(), {"loaded": loaded}).fetchall()
        ]
        connection.execute("CHECKPOINT")
    copies = [filled(YARDSTICK["copy"], copied=copied, file=file) for copied, file in files.items()]
    analyses = [filled(YARDSTICK["analyze"], copied=copied) for copied in files]
    seconds = {
        "copy": shared(dsn, copies),
        "indexes": shared(dsn, [*(d.encode() for d in definitions)]),
        "analyze": shared(dsn, analyses),
    }
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(YARDSTICK["clear"].encode())
    return seconds


def shared(dsn: str, statements: list[bytes]) -> float:
    """Run statements on two connections and return the seconds that it took."""
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda statement: alone(dsn, statement), statements))
    return time.perf_counter() - started


def alone(dsn: str, statement: bytes) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(statement)


def sizes(dsn: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
        return connection.execute(SIZES.encode()).fetchall(), connection.execute(INDEX_SIZES.encode()).fetchall()


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def report_rates(people: int, seconds: float, stages: dict[str, float], yard: dict[str, float]) -> None:
    best = sum(yard.values())
    print(row("what", "seconds", "persons/s"))
    print(row("---", "---:", "---:"))
    print(row("ours, file to last index", f"{seconds:.1f}", f"{people / seconds:,.0f}"))
    for name, spent in stages.items():
        print(row(f"- {name}", f"{spent:.1f}", f"{people / spent:,.0f}" if spent > 0.05 else ""))
    print(row("yardstick (a)", f"{best:.1f}", f"{people / best:,.0f}"))
    for name, spent in yard.items():
        print(row(f"- {name}", f"{spent:.1f}", ""))
    verdict = "reached" if best / seconds >= BAR else "**missed**"
    print(row(f"**ours / yardstick** (bar {BAR}: {verdict})", f"**{best / seconds:.2f}**", ""))


def report_sizes(people: int, tables: list[tuple[Any, ...]], indexes: list[tuple[Any, ...]]) -> None:
    print()
    print(row("table", "rows a person", "bytes a person: rows", "indexes", "both", "GB at 104 M"))
    print(row("---", "---:", "---:", "---:", "---:", "---:"))
    for name, rows, heap, index in [*tables, ("**in all**", 0, sum(t[2] for t in tables), sum(t[3] for t in tables))]:
        both = (heap + index) / people
        cells = (f"{rows / people:.2f}", f"{heap / people:.0f}", f"{index / people:.0f}", f"{both:.0f}")
        print(row(name, *cells, f"{both * NATION / 1e9:.1f}"))
    print("\nIndexes, bytes a person: " + ", ".join(f"{name} {size / people:.1f}" for name, size in indexes) + ".")


@contextmanager
def folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    made = Path(tempfile.mkdtemp(prefix="dancu-first-load-", dir="/var/tmp"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="keep the register here, for other benchmarks")
    parser.add_argument("--nation", type=Path, help="files of an earlier `dancu synth` or run, instead of new ones")
    asked = parser.parse_args()
    with folder(asked.home) as home, server(home) as dsn:
        files = sorted(asked.nation.glob("synthetic-*.parquet")) if asked.nation else []
        files = files or write(asked.nation or home / "nation", people=asked.people, seed=7)
        seconds, stages = ours(dsn, files, home)
        print(f"First load of {asked.people:,} persons, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n", flush=True)
        tables, indexes = sizes(dsn)
        with psycopg.connect(dsn) as connection:
            found = connection.execute("SELECT count(*) FROM register.person").fetchone()
        dumps = Path(tempfile.mkdtemp(prefix="dancu-yardstick-", dir="/var/tmp"))
        dumps.chmod(0o777)
        try:
            yard = yardstick(dsn, dumps)
        finally:
            shutil.rmtree(dumps)
        report_rates(asked.people, seconds, stages, yard)
        report_sizes(asked.people, tables, indexes)
        print(f"\nPersons in the register: {found[0] if found else 0:,}.")


if __name__ == "__main__":
    main()
