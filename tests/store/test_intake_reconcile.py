"""A source's full list against the register: who is only here, only there, or told otherwise."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from tests.store.test_intake_stages import loading, person, write_csv

from dancu.intake.reconciling import REPORTS, reconcile
from dancu.kernel.errors import Malformed

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def test_both_sides_are_told_apart_and_nothing_is_changed(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    people = [person(n) for n in range(30)]
    await loading(database_dsn, write_csv(tmp_path / "first.csv", people))
    before = connection.execute("SELECT count(*), max(known_at) FROM register.event").fetchone()
    gone, changed = people.pop(3), people[5]
    changed["Dân tộc"] = "Tày"
    people[6]["Họ và tên"] = "=Trần Văn Bình"
    people[7]["Số định danh cá nhân"] = ""
    people.append(person(40))
    (tmp_path / "empty.csv").write_bytes(b"")
    path, out = write_csv(tmp_path / "list.csv", people), tmp_path / "report"
    with psycopg.connect(database_dsn, options="-c role=dancu_loader") as loader:
        done = reconcile(loader, "phường", path, out, now=NOW)
        (nothing,) = [reconcile(loader, "another", path, tmp_path / "other", now=NOW)]
        with pytest.raises(Malformed):
            reconcile(loader, "phường", tmp_path / "empty.csv", tmp_path / "none", now=NOW)
    assert (done.there, done.here, done.only_here, done.only_there) == (30, 30, 1, 1)
    assert done.same + done.different == 29
    assert (nothing.here, nothing.only_there) == (0, 30)
    assert json.loads((out / "summary.json").read_text("utf-8"))["different"] == done.different
    (only_here,) = rows(out / "only_here.csv")
    assert only_here["personal_number"] == gone["Số định danh cá nhân"]
    (only_there,) = rows(out / "only_there.csv")
    assert only_there["personal_number"] == person(40)["Số định danh cá nhân"]
    different = {(row["field"], row["personal_number"]): row for row in rows(out / "different.csv")}
    assert ("ethnicity", changed["Số định danh cá nhân"]) in different
    assert {row["found_by"] for row in different.values()} <= {"personal_number", "name and birth date"}
    assert connection.execute("SELECT count(*), max(known_at) FROM register.event").fetchone() == before
    assert {path.stem for path in out.glob("*.csv")} == set(REPORTS)
    logged = connection.execute("SELECT count(*) FROM audit.access_log WHERE reason = 'reconcile:0'").fetchone()
    assert logged == (2,)
