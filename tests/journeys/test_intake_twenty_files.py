"""A folder of ugly files goes through: every line is accounted for, and every record meets the fate that is true."""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from tests.journeys.twenty_files import Sent, write_all
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.cli.output import REFUSED
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.intake.loading import Loaded, go_on, release

TEXTS = (".csv", ".txt", ".tsv")
Done = TypeVar("Done")
Row = dict[str, str]


class Center:
    """An installation of one's own, worked from the command line."""

    def __init__(self, dsn: str, home: Path) -> None:
        self.dsn = dsn
        self.home = home

    def run(self, *words: str, exits: int = 0) -> Any:
        """Run a command and return its answer."""
        environ = {"DANCU_DATABASE_URL": self.dsn, "DANCU_HOME": str(self.home)}
        done = CliRunner().invoke(app, [*words, "--json"], env=environ)
        assert done.exit_code == exits, (words, done.output, done.exception)
        return json.loads(done.stdout)

    def result(self, batch: int) -> list[Row]:
        out = self.home / f"{batch}.csv"
        self.run("intake", "result", str(batch), "--out", str(out))
        with out.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def answered(self, one: dict[str, Any]) -> int:
        """Answer for a file if it is held, and return its batch."""

        async def applied(database: Database) -> Loaded:
            await release(database, one["batch"], by="Trần Thị B", why="đã hỏi nơi gửi", now=datetime.now(UTC))
            return await go_on(database, one["batch"], now=datetime.now(UTC), folder=self.home / "spool")

        if one["held"]:
            assert one["rejected"] + one["waiting"] == one["records"]
            assert self._as_loader(applied).waiting == 0
        return int(one["batch"])

    def _as_loader(self, run: Callable[[Database], Awaitable[Done]]) -> Done:
        async def done() -> Done:
            keys = ring_of(self.dsn, self.home / "keys")
            async with Database(self.dsn, role="dancu_loader", size=8, keys=keys) as database:
                return await run(database)

        return asyncio.run(done())


@pytest.fixture
def center(database_dsn: str, tmp_path: Path) -> Center:
    return Center(database_dsn, tmp_path / "home")


def told_of(told: Sequence[dict[str, Any]], sent: Sent) -> list[dict[str, Any]]:
    """Return what was told of a file, or of each file within it, in order."""
    name = f"{sent.path.parent.name}/{sent.path.name}"
    return [one for one in told if one["file"] == name or one["file"].startswith(f"{name}/")]


def every_line_is_a_record(path: Path, rows: Sequence[Row]) -> None:
    """Hold the lines of a text against its records: below the header, each belongs to one."""
    spans = [number for row in rows for number in range(int(row["line"]), int(row["last_line"]) + 1)]
    assert spans == list(range(2, len(rows) + 2)), path.name


def test_a_folder_of_ugly_files_goes_through(center: Center, tmp_path: Path) -> None:
    folder = tmp_path / "xa"
    sent = write_all(folder)
    told = center.run("intake", "load", "--source", "cong-an", str(folder), exits=REFUSED)
    batches = dict[str, list[int]]()
    for one in sent:
        found = told_of(told, one)
        if one.refused:
            assert [bool(member["refused"]) for member in found] == [True], one.path.name
            continue
        assert [member["held"] for member in found] == [one.held] * len(found), one.path.name
        batches[one.path.name] = [center.answered(member) for member in found]
        rows = [row for batch in batches[one.path.name] for row in center.result(batch)]
        assert [row["decision"] for row in rows] == one.fates, one.path.name
        if one.path.suffix in TEXTS:
            every_line_is_a_record(one.path, rows)
    everywhere = [batch for of_file in batches.values() for batch in of_file]
    for batch in everywhere:
        assert center.run("intake", "verify", str(batch))["wrong"] == []
    again = center.run("intake", "load", "--source", "cong-an", str(folder), exits=REFUSED)
    assert {one["batch"] for one in again if "batch" in one} == set(everywhere)
    assert all(one["repeated"] for one in again if "batch" in one)
    _people_are_who_they_are(center, sent)
    for one in sent:
        if one.meant:
            (batch,) = batches[one.path.name]
            _corrected(center, one, batch)
    _doubts(center, len([fate for one in sent for fate in one.fates if fate == "queued"]))
    (births,) = batches["21-khai-sinh.csv"]
    assert center.run("intake", "revert", str(births))["annulled"] == 2
    assert center.run("verify")["differences"] == []


def _people_are_who_they_are(center: Center, sent: Sequence[Sent]) -> None:
    """Nobody is there twice, and nobody is missing."""
    created = sum(one.fates.count("created") for one in sent)
    with psycopg.connect(center.dsn) as connection:
        query = "SELECT count(*), count(DISTINCT (name_key, born)) FROM register.person"
        assert connection.execute(query).fetchone() == (created, created)


def _corrected(center: Center, sent: Sent, batch: int) -> None:
    """Fix what came back, and send it again: it is taken, and known as the correction of its batch."""
    back = center.home / f"back-{sent.path.name}"
    center.run("intake", "rejects", str(batch), "--out", str(back))
    delimiter = ";" if sent.path.name.startswith("18") else ","
    with back.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=delimiter)
    marks = [name for name in header if name.startswith("dancu_")]
    assert {int(row[0].partition("-")[2]) for row in rows} == set(sent.meant)
    for row in rows:
        meant = sent.meant[int(row[0].partition("-")[2])]
        row[len(marks) : len(marks) + len(meant)] = meant
    with back.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    done = center.run("intake", "load", "--source", "cong-an", str(back))
    assert (done["created"], done["records"]) == (len(sent.meant), len(sent.meant))
    assert done["new_columns"] == []
    with psycopg.connect(center.dsn) as connection:
        found = connection.execute("SELECT corrects FROM intake.batch WHERE batch_id = %s", (done["batch"],)).fetchone()
    assert found == (batch,)


def _doubts(center: Center, count: int) -> None:
    """What is doubtful waits for a clerk, each once."""
    assert len(center.run("intake", "queue")["cases"]) == count
