"""Five agencies' files become one register: everybody accounted for, nobody twice, nothing lost at kill -9."""

import csv
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from dancu.audit.entry import Actor, Operation
from dancu.infra.db import Database
from dancu.intake.first import RegisterNotEmpty, load_first
from dancu.intake.loading import Loaded, load
from dancu.intake.logged import batches_gone
from dancu.intake.result import write_result
from dancu.intake.revert import AlreadyReverted, revert
from dancu.intake.store import SQL
from dancu.register.verify import verify
from dancu.register.verify.access_log import unmatched
from dancu.synth.files import write

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
FILES = Path(__file__).parents[1] / "data" / "intake"
ORDERS = {
    "police first": ["cong-an.xlsx", "congdan.xml", "bhxh.txt", "tu-phap.csv", "benh-vien.csv"],
    "insurance first": ["bhxh.txt", "tu-phap.csv", "congdan.xml", "benh-vien.csv", "cong-an.xlsx"],
}


async def loaded(dsn: str, path: Path, source: str = "") -> Loaded:
    async with Database(dsn, role="dancu_loader", size=7, patient=True) as database:
        return await load(database, path, source=source or path.stem, now=NOW)


def answers() -> dict[str, dict[int, dict[str, str]]]:
    found: dict[str, dict[int, dict[str, str]]] = defaultdict(dict)
    with (FILES / "answers.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["file"]][int(row["record"])] = row
    return found


def result(dsn: str, batch: int, out: Path) -> list[dict[str, str]]:
    with psycopg.connect(dsn, options="-c role=dancu_loader") as connection:
        write_result(connection, batch, out, synthetic=False, now=NOW)
    with out.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def persons_of(dsn: str) -> dict[str, dict[int, int]]:
    """File and record to person id, for records that were taken."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    with psycopg.connect(dsn, options="-c role=dancu_loader") as connection:
        for name, batch in connection.execute("SELECT file_name, batch_id FROM intake.batch").fetchall():
            for record, _, _, _, person_id, *_ in connection.execute(SQL.results.encode(), {"batch_id": batch}):
                if person_id:
                    found[name][record] = person_id
    return found


async def test_what_is_done_with_a_file_stands_in_the_access_log(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    done = await loaded(database_dsn, FILES / "benh-vien.csv")
    await loaded(database_dsn, FILES / "benh-vien.csv")  # changes nothing
    result(database_dsn, done.batch, tmp_path / "result.csv")
    async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
        await revert(database, done.batch, now=NOW)
    rows = connection.execute(
        "SELECT operation, reason, result_count, actor, purpose FROM audit.access_log ORDER BY log_id"
    ).fetchall()
    write, export, program = Operation.BULK_WRITE, Operation.EXPORT, Actor.PROGRAM
    batch = done.batch
    assert [row for row in rows if row[1] != f"revert:{batch}"] == [
        (write, f"load_begun:{batch}", 0, program, "intake"),
        (write, f"load:{batch}", done.records, program, "intake"),
        (export, f"result:{batch}", done.records, program, "intake"),
    ]
    assert rows[-1][1] == f"revert:{batch}"


async def test_a_load_and_its_rows_in_the_access_log_are_matched_both_ways(
    database_dsn: str, connection: psycopg.Connection
) -> None:
    done = await loaded(database_dsn, FILES / "benh-vien.csv")
    connection.execute("UPDATE audit.acts_named SET since = %s", (NOW,))
    assert [*unmatched(connection), *batches_gone(connection)] == []
    connection.execute("UPDATE intake.batch SET batch_id = batch_id + 1")
    assert len(batches_gone(connection)) == 2
    connection.execute("DELETE FROM audit.access_log")
    assert [one.what for one in unmatched(connection)] == [f"not so: load is in the log ({done.batch})"]


async def test_a_file_that_cannot_be_read_leaves_nothing(database_dsn: str, tmp_path: Path) -> None:
    junk = tmp_path / "junk.csv"
    junk.write_bytes(os.urandom(2_000))
    with pytest.raises(Exception, match=r"."):
        await loaded(database_dsn, junk)
    with psycopg.connect(database_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM intake.batch").fetchone() == (0,)


@pytest.mark.parametrize("order", ORDERS)
async def test_every_record_is_accounted_for_and_nobody_is_two_people_or_half_of_one(
    database_dsn: str, tmp_path: Path, order: str
) -> None:
    known = answers()
    for name in ORDERS[order]:
        done = await loaded(database_dsn, FILES / name)
        assert done.records == len(known[name])
        assert done.created + done.updated + done.unchanged + done.queued + done.rejected == done.records
        rows = result(database_dsn, done.batch, tmp_path / f"{name}.csv")
        assert [int(row["record"]) for row in rows] == sorted(known[name])
        assert all(row["reason"] for row in rows)
    split: dict[str, set[int]] = defaultdict(set)
    merged: dict[int, set[str]] = defaultdict(set)
    for name, records in persons_of(database_dsn).items():
        for record, person_id in records.items():
            split[known[name][record]["person"]].add(person_id)
            merged[person_id].add(known[name][record]["person"])
    assert [who for who, ids in split.items() if len(ids) > 1] == []
    assert [ids for ids in merged.values() if len(ids) > 1] == []
    assert list(verify(database_dsn, workers=1)) == []


async def test_planted_errors_are_stopped_with_a_message_that_says_what_to_fix(
    database_dsn: str, tmp_path: Path
) -> None:
    known = answers()
    done = await loaded(database_dsn, FILES / "tu-phap.csv")
    rows = result(database_dsn, done.batch, tmp_path / "result.csv")
    for row in rows:
        planted = known["tu-phap.csv"][int(row["record"])]["planted"]
        assert (row["decision"] == "rejected") == bool(planted), row
        if planted:
            assert "future" in row["what_to_do"]
            assert row["what_to_do_vi"]


async def test_a_wrong_digit_waits_for_a_clerk_once_another_source_knows_the_right_number(
    database_dsn: str, tmp_path: Path
) -> None:
    known = answers()
    await loaded(database_dsn, FILES / "congdan.xml")
    await loaded(database_dsn, FILES / "bhxh.txt")
    elsewhere = {a["personal_number"] for name in ("congdan.xml", "bhxh.txt") for a in known[name].values()}
    done = await loaded(database_dsn, FILES / "cong-an.xlsx")
    rows = result(database_dsn, done.batch, tmp_path / "result.csv")
    planted = [r for r in rows if known["cong-an.xlsx"][int(r["record"])]["planted"]]
    told = [r for r in planted if known["cong-an.xlsx"][int(r["record"])]["personal_number"] in elsewhere]
    assert told
    assert {row["decision"] for row in told} <= {"queued", "created"}
    assert "queued" in {row["decision"] for row in told}


async def test_names_are_kept_letter_for_letter(database_dsn: str) -> None:
    known = answers()["cong-an.xlsx"]
    await loaded(database_dsn, FILES / "cong-an.xlsx")
    with psycopg.connect(database_dsn) as connection:
        stored = {
            row[0]: " ".join(part for part in row[1:] if part)
            for row in connection.execute("SELECT person_id, surname, middle, given FROM register.person").fetchall()
        }
    for record, person_id in persons_of(database_dsn)["cong-an.xlsx"].items():
        assert stored[person_id] == known[record]["name"]


async def test_a_name_without_diacritics_gets_them_from_a_better_source(database_dsn: str) -> None:
    known = answers()
    await loaded(database_dsn, FILES / "bhxh.txt")
    await loaded(database_dsn, FILES / "cong-an.xlsx")
    of_insurance, of_police = (persons_of(database_dsn)[name] for name in ("bhxh.txt", "cong-an.xlsx"))
    both = {p: r for r, p in of_police.items() if p in set(of_insurance.values())}
    assert len(both) > 50
    with psycopg.connect(database_dsn) as connection:
        rows = connection.execute(
            "SELECT person_id, concat_ws(' ', nullif(surname, ''), nullif(middle, ''), given) FROM register.person"
            " WHERE person_id = ANY (%s)",
            (list(both),),
        ).fetchall()
    assert [known["cong-an.xlsx"][both[person]]["name"] for person, _ in rows] == [name for _, name in rows]


async def test_the_same_file_again_changes_nothing(database_dsn: str) -> None:
    first = await loaded(database_dsn, FILES / "congdan.xml")
    with psycopg.connect(database_dsn) as connection:
        before = connection.execute("SELECT count(*), max(known_at) FROM register.event").fetchone()
    again = await loaded(database_dsn, FILES / "congdan.xml")
    assert (again.batch, again.created, again.updated, again.unchanged) == (first.batch, 0, 0, first.created)
    assert again.repeated
    with psycopg.connect(database_dsn) as connection:
        assert connection.execute("SELECT count(*), max(known_at) FROM register.event").fetchone() == before


async def test_a_batch_that_is_taken_back_counts_no_more_and_can_come_again(database_dsn: str) -> None:
    await loaded(database_dsn, FILES / "congdan.xml")
    with psycopg.connect(database_dsn) as connection:
        before = connection.execute(
            "SELECT person_id, name_key, household_id, commune_code FROM register.person ORDER BY 1"
        ).fetchall()
    done = await loaded(database_dsn, FILES / "cong-an.xlsx")
    async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
        taken_back = await revert(database, done.batch, now=NOW)
        with pytest.raises(AlreadyReverted):
            await revert(database, done.batch, now=NOW)
    assert taken_back.kept == ()
    with psycopg.connect(database_dsn) as connection:
        standing = connection.execute(
            "SELECT person_id, name_key, household_id, commune_code FROM register.person WHERE status = 1 ORDER BY 1"
        ).fetchall()
        assert standing == before
    assert list(verify(database_dsn, workers=1)) == []
    again = await loaded(database_dsn, FILES / "cong-an.xlsx")
    assert (again.created, again.rejected, again.records) == (done.created, done.rejected, done.records)
    with psycopg.connect(database_dsn) as connection:
        counted = connection.execute("SELECT count(*) FROM register.person WHERE status = 6").fetchone()
    assert counted == (0,)
    assert list(verify(database_dsn, workers=1)) == []


def killed(program: str, *arguments: str, when: Callable[[int, str], bool]) -> None:
    """Run a program and kill it as soon as a line of its output says so."""
    words = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for count, line in enumerate(child.stdout, start=1):
            if when(count, line.strip()):
                child.send_signal(signal.SIGKILL)
                break


async def test_a_first_load_makes_the_persons_that_the_files_tell(database_dsn: str, tmp_path: Path) -> None:
    files = write(tmp_path / "nation", people=3_000, seed=7)
    (done,) = await load_first(database_dsn, files, source="synthetic", now=NOW, home=tmp_path, synthetic=True)
    assert done.records == 3_000
    assert done.created + done.queued == 3_000
    assert list(verify(database_dsn, workers=1)) == []
    rows = result(database_dsn, done.batch, tmp_path / "result.csv")
    assert Counter(row["decision"] for row in rows)["created"] == done.created
    assert sum(bool(row["personal_number"]) for row in rows) > 2_900
    with pytest.raises(RegisterNotEmpty):
        await load_first(database_dsn, files, source="other", now=NOW, home=tmp_path)


FIRST_LOADER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from dancu.intake.first import load_first

def told(name: str, count: int) -> None:
    print(name, flush=True)

now = datetime(2026, 11, 24, 2, tzinfo=UTC)
files = sorted(Path(sys.argv[2]).glob("*.parquet"))
asyncio.run(load_first(sys.argv[1], files, source="synthetic", now=now, home=Path(sys.argv[3]), stage=told))
"""


@pytest.mark.parametrize("stage", ["read", "understood", "written", "indexes"])
async def test_a_first_load_that_is_killed_goes_on(database_dsn: str, tmp_path: Path, stage: str) -> None:
    files = write(tmp_path / "nation", people=2_000, seed=3)
    folder = str(tmp_path / "nation")
    killed(FIRST_LOADER, database_dsn, folder, str(tmp_path), when=lambda _, line: line == stage)
    (done,) = await load_first(database_dsn, files, source="synthetic", now=NOW, home=tmp_path)
    assert done.records == 2_000
    with psycopg.connect(database_dsn) as connection:
        counted = connection.execute("SELECT count(*) FROM register.person").fetchone()
        left = connection.execute("SELECT count(*) FROM register.deferred_index").fetchone()
    assert counted == (done.created,)
    assert left == (0,)
    assert list(verify(database_dsn, workers=1)) == []
