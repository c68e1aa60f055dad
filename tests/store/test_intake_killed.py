"""A load is killed amid any statement that it sends, and goes on: nothing is lost, nothing is told twice.

The child counts its calls of the database, and kills itself with SIGKILL at a chosen one.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.store.test_intake_load import FILES, loaded

from dancu.intake.loading import Loaded
from dancu.register.verify import verify
from dancu.synth.files import write

pytestmark = pytest.mark.anyio

LOADER = """
import asyncio, itertools, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import psycopg
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.named import PinnedConnection
from dancu.intake.loading import load

counted, last = itertools.count(1), int(sys.argv[5])

def counting(call):
    def counted_call(*arguments, **named):
        if next(counted) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)
    return counted_call

for owner, name in ((PinnedConnection, "send"), (PinnedConnection, "execute"), (psycopg.Connection, "execute"),
                    (psycopg.Cursor, "copy")):
    setattr(owner, name, counting(getattr(owner, name)))

async def main():
    ring = ring_of(sys.argv[1], Path(sys.argv[3]))
    async with Database(sys.argv[1], role="dancu_loader", size=7, patient=True, keys=ring) as database:
        now = datetime(2026, 11, 24, 2, tzinfo=UTC)
        await load(database, Path(sys.argv[2]), source="cong-an", now=now, folder=Path(sys.argv[4]))

asyncio.run(main())
print(next(counted))
"""

SEEDS = range(40) if os.environ.get("DANCU_SOAK") else range(3)
KILLS = 5


def run(dsn: str, path: Path, home: Path, last: int) -> int | None:
    """Load in a process that kills itself at a call of the database; return how many calls a whole load takes."""
    words = [sys.executable, "-c", LOADER, dsn, str(path), str(home / "keys"), str(home / "spool"), str(last)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return int(done.stdout) if done.returncode == 0 else None


def told(dsn: str) -> list[tuple[Any, ...]]:
    """What the register tells of everybody, whatever the ids and moments are."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT p.personal_number, p.name_key, p.born, p.status, p.commune_code, p.father_id IS NULL, p.version,"
            "       (SELECT count(*) FROM register.event e WHERE e.person_id = p.person_id),"
            "       (SELECT array_agg(i.value ORDER BY i.value) FROM register.identifier i"
            "         WHERE i.person_id = p.person_id),"
            "       (SELECT count(*) FROM register.residence r WHERE r.person_id = p.person_id)"
            "  FROM register.person p ORDER BY p.personal_number, p.name_key, p.born, p.commune_code, p.version"
        ).fetchall()


def decisions(dsn: str, batch: int) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT first_record, decisions, reasons FROM intake.chunk WHERE batch_id = %s ORDER BY 1", (batch,)
        ).fetchall()


def stage_rows(dsn: str, batch: int) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT stage, records, accepted, rejected FROM intake.stage WHERE batch_id = %s ORDER BY 1", (batch,)
        ).fetchall()


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_load_that_is_killed_anywhere_ends_as_one_that_was_not(
    database_dsn: str, tmp_path: Path, seed: int
) -> None:
    """The second file meets people of the first: creations, updates and doubts all happen."""
    undisturbed, disturbed = await _both(database_dsn, tmp_path, seed)
    whole, interrupted = undisturbed[1], disturbed[1]
    assert vars(whole) | {"batch": 0} == vars(interrupted) | {"batch": 0}
    assert undisturbed[0] == disturbed[0]
    assert undisturbed[2:] == disturbed[2:]


async def _both(dsn: str, tmp_path: Path, seed: int) -> tuple[Any, Any]:
    path = FILES / "cong-an.xlsx"
    answers = []
    calls = 0
    for name in ("whole", "killed"):
        own = f"{psycopg.conninfo.conninfo_to_dict(dsn)['dbname']}_{name}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {own} TEMPLATE migrated STRATEGY file_copy")
        try:
            other = psycopg.conninfo.make_conninfo(dsn, dbname=own)
            await loaded(other, FILES / "bhxh.txt")
            home = tmp_path / name
            if name == "whole":
                calls = run(other, path, home, 0) or 0
                assert calls > 20
            else:
                chosen = random.Random(seed)  # noqa: S311 -- not for secrets
                for _ in range(KILLS):
                    run(other, path, home, chosen.randint(1, calls))
            done = await loaded(other, path, source="cong-an")
            done = _as_repeated(done)
            assert list(verify(other, workers=1)) == []
            answers.append(
                (told(other), done, [one[1:] for one in decisions(other, done.batch)], stage_rows(other, done.batch))
            )
        finally:
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {own} WITH (FORCE)")
    return answers[0], answers[1]


def _as_repeated(done: Loaded) -> Loaded:
    """Counts as an answer gives them for a file that was loaded before."""
    if done.repeated:
        return done
    taken = done.created + done.updated + done.unchanged
    return Loaded(done.batch, done.records, 0, 0, taken, done.queued, done.rejected, repeated=True)


async def test_a_load_that_is_killed_links_children_to_the_parents_that_it_had_planned(
    database_dsn: str, tmp_path: Path
) -> None:
    (path, *_) = write(tmp_path / "nation", people=1_500, seed=7)
    chosen = random.Random(1)  # noqa: S311 -- not for secrets
    for _ in range(3):
        run(database_dsn, path, tmp_path, chosen.randint(5, 60))
    done = await loaded(database_dsn, path, source="cong-an")
    assert done.records == 1_500
    with psycopg.connect(database_dsn) as connection:
        (linked,) = connection.execute("SELECT count(father_id) FROM register.person").fetchone() or (0,)
    assert linked > 200
    assert list(verify(database_dsn, workers=1)) == []
