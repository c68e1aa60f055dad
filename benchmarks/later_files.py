"""A later file into a filled register against set-based SQL: `python -m benchmarks.later_files --people N --records M`.

A file of M records about people of the register (half of them with news, a quarter as they are) and about newcomers
(a quarter) is loaded by intake, from the file to the last proof. Then PostgreSQL writes the same rows of all tables
into a copy of the register as it was: COPY into unlogged tables, ANALYZE, one INSERT and one UPDATE a table, in one
transaction. Prints Markdown.
"""

import argparse
import asyncio
import cProfile
import pstats
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.nation_at_hand import home_of, nation
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer
from dancu.intake.loading import Loaded, load
from dancu.synth.files import write

BAR = 0.4
NOW = datetime.now(UTC)
NEWCOMERS_SEED = 99

KNOWN = """
SELECT p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.nationality, p.birth_registration_unit,
       p.commune_code
  FROM register.person p
 WHERE p.status = 1 AND p.personal_number IS NOT NULL AND p.born %% 100 > 0 AND p.person_id > %(after)s
 ORDER BY p.person_id
 LIMIT %(most)s
"""
COLUMNS = ("personal_number", "surname", "middle", "given", "born", "sex", "nationality", "birth_registration_unit",
           "temporary_unit", "temporary_address", "temporary_since", "phone", "email")  # fmt: skip

PERSONS = "(SELECT unnest(a.persons) FROM register.act a WHERE a.batch_id = %(batch)s)"
ACTS = "(SELECT a.act_id FROM register.act a WHERE a.batch_id = %(batch)s)"
WRITTEN = {
    "register.act": "t.batch_id = %(batch)s",
    "register.request": f"t.act_id IN {ACTS}",
    "register.outbox": f"t.act_id IN {ACTS}",
    "register.person": f"t.person_id IN {PERSONS}",
    "register.event": f"t.person_id IN {PERSONS} AND t.act_id IN {ACTS}",
    "register.identifier": f"t.person_id IN {PERSONS}",
    "register.residence": f"t.person_id IN {PERSONS}",
    "register.former_name": f"t.person_id IN {PERSONS}",
    "register.number_block": "true",
    "intake.batch": "t.batch_id = %(batch)s",
    "intake.stage": "t.batch_id = %(batch)s",
    "intake.chunk": "t.batch_id = %(batch)s",
    "intake.finding": "t.batch_id = %(batch)s",
    "intake.queued": "t.batch_id = %(batch)s",
    "intake.claim": "t.batches[1] = %(batch)s",
}
"""Tables that a load writes, and which of their rows."""


def day(number: int) -> str:
    return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"


def known_rows(dsn: str, most: int) -> list[dict[str, str | None]]:
    """People of the register as a source tells them: two of three with news."""
    rows = []
    with psycopg.connect(dsn, options="-c role=dancu_loader") as connection:
        found = connection.execute(KNOWN.encode(), {"after": 0, "most": most}).fetchall()
    for n, (number, surname, middle, given, born, sex, nationality, registered, commune) in enumerate(found):
        row: dict[str, str | None] = {
            "personal_number": number, "surname": surname, "middle": middle, "given": given, "born": day(born),
            "sex": str(sex), "nationality": nationality, "birth_registration_unit": registered,
        }  # fmt: skip
        if n % 3 == 0:
            row |= {"phone": f"09{n % 10**8:08}", "email": f"nguoi{n}@example.vn"}
        elif n % 3 == 1:
            row |= {"temporary_unit": commune, "temporary_address": f"Số {n % 300}, ngõ {n % 40}",
                    "temporary_since": "2026-11-02"}  # fmt: skip
        rows.append(row)
    return rows


def new_rows(dsn: str, most: int, folder: Path) -> list[dict[str, str | None]]:
    """People of another made-up nation, without those who share a number with somebody of the register."""
    rows: list[dict[str, str | None]] = []
    for file in write(folder, people=2 * most + 10_000, seed=NEWCOMERS_SEED):
        rows += pq.read_table(file).to_pylist()
    rows = [row for row in rows if row.get("personal_number")]
    with psycopg.connect(dsn, options="-c role=dancu_loader") as connection:
        taken = {
            row[0]
            for row in connection.execute(
                "SELECT i.value FROM register.identifier i WHERE i.value = ANY (%s)",
                ([row["personal_number"] for row in rows],),
            )
        }
    return [{name: row.get(name) for name in COLUMNS} for row in rows if row["personal_number"] not in taken][:most]


def write_file(dsn: str, records: int, folder: Path) -> Path:
    """Write the later file: known people and newcomers in turns, as every source mixes them."""
    known = known_rows(dsn, records * 3 // 4)
    fresh = new_rows(dsn, records - len(known), folder / "newcomers")
    rows = []
    for n, row in enumerate(known):
        rows.append(row)
        if n % 3 == 2 and fresh:
            rows.append(fresh.pop())
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS})
    path = folder / "later.parquet"
    pq.write_table(table, path)
    return path


async def ours(dsn: str, path: Path, home: Path) -> tuple[float, Loaded]:
    """Load the file and return the seconds that it took."""
    ring = ring_of(dsn, home / "keys")
    async with Database(dsn, role="dancu_loader", size=7, patient=True, keys=ring) as database:
        started = time.perf_counter()
        done = await load(database, path, source="later", now=NOW, folder=home / "spool")
        return time.perf_counter() - started, done


class Yardstick:
    """Writes the rows of a load by SQL alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.rows: dict[str, tuple[int, int]] = {}
        self.seconds: dict[str, float] = {}

    def dump(self, loaded: str, batch: int) -> None:
        """Keep the rows of what the load wrote. Before the clock starts."""
        with psycopg.connect(loaded, autocommit=True) as connection:
            for table, which in WRITTEN.items():
                filled = which.replace("%(batch)s", str(batch))
                file = self._file(table, "all")
                self._run(connection, f"COPY (SELECT t.* FROM {table} t WHERE {filled}) TO {file} BINARY")

    def split(self, bare: str) -> None:
        """Tell the rows to insert from the rows to change. Before the clock starts."""
        with psycopg.connect(bare, autocommit=True) as connection:
            self._run(connection, "CREATE SCHEMA delta")
            for table in WRITTEN:
                self._split(connection, table)

    def _split(self, connection: psycopg.Connection[Any], table: str) -> None:
        staged = staged_of(table)
        same_key = " AND ".join(f"t.{column} = d.{column}" for column in key_of(connection, table))
        self._run(connection, f"CREATE UNLOGGED TABLE {staged} (LIKE {table})")
        self._run(connection, f"COPY {staged} FROM {self._file(table, 'all')} BINARY")
        self._run(connection, f"ANALYZE {staged}")
        there = f"EXISTS (SELECT FROM {table} t WHERE {same_key})" if same_key else "false"
        if same_key:
            self._run(connection, f"DELETE FROM {staged} d USING {table} t WHERE {same_key} AND d::text = t::text")
        counts = []
        for kind, which in (("new", f"NOT {there}"), ("changed", there)):
            file = self._file(table, kind)
            self._run(connection, f"COPY (SELECT d.* FROM {staged} d WHERE {which}) TO {file} BINARY")
            row = connection.execute(f"SELECT count(*) FROM {staged} d WHERE {which}".encode()).fetchone()
            counts.append(row[0] if row else 0)
        self.rows[table] = counts[0], counts[1]
        self._run(connection, f"DROP TABLE {staged}")

    def run(self, bare: str) -> float:
        """Write the rows and return the seconds that it took."""
        with psycopg.connect(bare, autocommit=True) as connection:
            self._run(connection, "CHECKPOINT")
            started = time.perf_counter()
            with connection.transaction():
                for table, (new, changed) in self.rows.items():
                    began = time.perf_counter()
                    self._write(connection, table, new, changed)
                    self.seconds[table] = time.perf_counter() - began
            return time.perf_counter() - started

    def _write(self, connection: psycopg.Connection[Any], table: str, new: int, changed: int) -> None:
        for kind, count in (("new", new), ("changed", changed)):
            if not count:
                continue
            staged = f"{staged_of(table)}_{kind}"
            self._run(connection, f"CREATE UNLOGGED TABLE {staged} (LIKE {table})")
            self._run(connection, f"COPY {staged} FROM {self._file(table, kind)} BINARY")
            self._run(connection, f"ANALYZE {staged}")
            if kind == "new":
                self._run(connection, f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {staged}")
                continue
            key = key_of(connection, table)
            values = ", ".join(f"{name} = d.{name}" for name in columns_of(connection, table) if name not in key)
            same_key = " AND ".join(f"t.{name} = d.{name}" for name in key)
            self._run(connection, f"UPDATE {table} t SET {values} FROM {staged} d WHERE {same_key}")

    def _file(self, table: str, kind: str) -> str:
        return sql.Literal(str(self._folder / f"{table}.{kind}.bin")).as_string()

    @staticmethod
    def _run(connection: psycopg.Connection[Any], statement: str) -> None:
        connection.execute(statement.encode())


def staged_of(table: str) -> str:
    return f"delta.{table.replace('.', '_')}"


def key_of(connection: psycopg.Connection[Any], table: str) -> list[str]:
    return [
        row[0]
        for row in connection.execute(
            "SELECT a.attname FROM pg_index x"
            "  JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)"
            " WHERE x.indrelid = %s::regclass AND x.indisprimary",
            (table,),
        )
    ]


def columns_of(connection: psycopg.Connection[Any], table: str) -> list[str]:
    return [
        row[0]
        for row in connection.execute(
            "SELECT a.attname FROM pg_attribute a"
            " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
            (table,),
        )
    ]


@contextmanager
def copy(dsn: str, name: str) -> Iterator[str]:
    """Give a copy of a database, with everything written back."""
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    with psycopg.connect(make_conninfo(dsn, dbname="template1"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{given["dbname"]}" STRATEGY file_copy'.encode())
        connection.execute("CHECKPOINT")
        try:
            yield make_conninfo(dsn, dbname=name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def server_with(people: int, home: Path | None) -> Iterator[tuple[str, Path]]:
    if home is None:
        with nation(people) as dsn:
            yield dsn, home_of(people)
        return
    with EmbeddedServer(home=home, profile="standard") as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            migrate(connection)
        yield server.dsn, home


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def report(people: int, seconds: float, done: Loaded, yard: Yardstick, best: float) -> None:
    print(f"{done.records:,} records into a register of {people:,}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: "
          f"{done.created:,} created, {done.updated:,} updated, {done.unchanged:,} unchanged, {done.queued:,} queued, "
          f"{done.rejected:,} rejected.\n")  # fmt: skip
    print(row("what", "seconds", "records/s"))
    print(row("---", "---:", "---:"))
    print(row("ours, file to last proof", f"{seconds:.1f}", f"{done.records / seconds:,.0f}"))
    print(row("set-based SQL, the same rows", f"{best:.1f}", f"{done.records / best:,.0f}"))
    verdict = "reached" if best / seconds >= BAR else "**missed**"
    print(row(f"**ours / SQL** (bar {BAR}: {verdict})", f"**{best / seconds:.2f}**", ""))
    print()
    print(row("table", "rows inserted", "rows updated", "seconds of SQL"))
    print(row("---", "---:", "---:", "---:"))
    for table, (new, changed) in yard.rows.items():
        if new or changed:
            print(row(table, f"{new:,}", f"{changed:,}", f"{yard.seconds[table]:.2f}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument(
        "--home", type=Path, help="of a nation that is at hand; it is migrated, and its database copied"
    )
    parser.add_argument("--profile", action="store_true", help="print where our time goes")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dancu-later-", dir="/var/tmp"))
    folder.chmod(0o777)
    try:
        yard = Yardstick(folder)
        with server_with(asked.people, asked.home) as (dsn, home):
            with copy(dsn, "later_ours") as own:
                path = write_file(own, asked.records, folder)
                profile = cProfile.Profile()
                if asked.profile:
                    threading.setprofile(lambda *_: profile.enable())
                    profile.enable()
                seconds, done = asyncio.run(ours(own, path, home))
                if asked.profile:
                    profile.disable()
                    pstats.Stats(profile).sort_stats("cumulative").print_stats(70)
                yard.dump(own, done.batch)
            with copy(dsn, "later_sql") as bare:
                yard.split(bare)
                report(asked.people, seconds, done, yard, yard.run(bare))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
