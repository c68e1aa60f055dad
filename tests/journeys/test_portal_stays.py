"""Notices of stay: taken down by the police of the commune, listed by night, loaded from the file of a lodging."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.town import Town, hidden
from tests.journeys.village import HONG_HA, Village, settle
from typer.testing import CliRunner

from dancu.app import create_app
from dancu.cli.main import app
from dancu.cli.stay_text import stays_of
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.kernel.errors import Invalid, Malformed
from dancu.kernel.time import today

pytestmark = pytest.mark.anyio

STAY = {
    "guest_name": "Trần Văn Xa",
    "number": "079090123456",
    "nationality": "VNM",
    "lodging": "Khách sạn Sông Hồng, 5 Phúc Xá",
    "lodging_kind": "2",
    "unit": "Hồng Hà",
    "unit_ref": HONG_HA,
    "arrived_day": "24",
    "arrived_month": "11",
    "arrived_year": "2026",
    "hour": "08:30",
    "until_day": "26",
    "until_month": "11",
    "until_year": "2026",
}


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    town = Town(create_app(Settings(home=tmp_path), database), village)
    town.app.state.clock = lambda: town.now[0]
    return town


async def test_the_registrar_has_no_business_with_stays(town: Town) -> None:
    client = await town.signed_in("hanh")
    assert 'href="/stays"' not in (await client.get("/")).text
    for answer in (await client.get("/stays"), await client.get("/stays/new"), await client.post("/stays/new", STAY)):
        assert answer.status == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"guest_name": ""}, "Họ và tên khách"),
        ({"hour": "25:00"}, "Viết giờ theo dạng 14:30"),
        ({"until_day": "24"}, "Ngày đi"),
        ({"arrived_day": "26", "until_day": "27"}, "Ngày đến"),
        ({"until_month": "12", "until_day": "30"}, "Ngày đi"),
        ({"lodging_kind": "9"}, "Loại cơ sở lưu trú"),
        ({"unit": "Sài Gòn xưa", "unit_ref": ""}, "Xã, phường"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    town: Town, connection: psycopg.Connection, wrong: dict[str, str], said: str
) -> None:
    client = await town.signed_in("huy")
    answer = await client.post("/stays/new", STAY | wrong)
    assert answer.status == 422
    assert said in answer.text.partition('role="alert"')[2].partition("</ul>")[0]
    assert connection.execute("SELECT count(*) FROM register.stay_notice").fetchone() == (0,)


async def test_another_territory_is_refused(town: Town) -> None:
    client = await town.signed_in("huy")
    answer = await client.post("/stays/new", STAY | {"unit": "Bến Nghé", "unit_ref": "26740", "unit_choice": ""})
    assert answer.status == 422
    assert "địa bàn" in answer.text


async def test_a_notice_is_taken_down_and_listed_in_its_nights(town: Town, connection: psycopg.Connection) -> None:
    client = await town.signed_in("huy")
    page = await client.get("/stays/new")
    kept = hidden(page, "/stays/new")
    number = town.village.numbers["Trần Văn Xa"]
    sent = {**kept, **STAY, "number": number}
    assert (await client.post("/stays/new", sent)).status == 303
    assert (await client.post("/stays/new", sent)).status == 303
    listed = await client.get("/stays")
    assert listed.text.count("Khách sạn Sông Hồng") == 1
    night = {"unit": "Hồng Hà", "unit_ref": HONG_HA, "on_month": "11", "on_year": "2026"}
    for day, guest, seen in (("25", "xa", True), ("25", "dung", False), ("26", "", False), ("25", number, True)):
        found = await client.post("/stays", {**night, "on_day": day, "guest": guest})
        assert ("Khách sạn Sông Hồng" in found.text) is seen, (day, guest)
    row = connection.execute(
        "SELECT operation, purpose, persons, result_count FROM audit.access_log WHERE operation = 15 ORDER BY log_id"
    ).fetchone()
    assert row == (15, "residence", [], 1)
    looks = connection.execute("SELECT persons FROM audit.access_log WHERE operation = 3 ORDER BY log_id").fetchall()
    assert looks[0] == ([town.village.people["Trần Văn Xa"]],)


async def test_the_next_guest_of_the_lodging_finds_it_filled_in(town: Town) -> None:
    client = await town.signed_in("huy")
    page = await client.post("/stays/new", {**STAY, "next": "yes"})
    assert page.status == 200
    assert 'value="Khách sạn Sông Hồng, 5 Phúc Xá"' in page.text
    assert 'value="079090123456"' not in page.text


async def test_a_day_that_is_none_is_said(town: Town) -> None:
    client = await town.signed_in("huy")
    answer = await client.post("/stays", {"unit": "Hồng Hà", "unit_ref": HONG_HA, "on_day": "x", "on_year": "2026"})
    assert answer.status == 422


def test_a_file_without_a_column_that_is_needed_is_refused() -> None:
    with pytest.raises(Malformed, match="number, until"):
        stays_of("họ tên;đến lúc\nLê An;2026-11-24 08:00\n", {})
    with pytest.raises(Malformed, match="no rows"):
        stays_of("họ tên;số giấy tờ;đến lúc;ngày đi\n;;\n", {})


def test_every_part_that_can_not_be_read_is_named() -> None:
    rows = "họ tên,số giấy tờ,đến lúc,ngày đi,ngày sinh,loại\nLê An,1,yesterday,2026-11-25,5/1980,castle\n"
    with pytest.raises(Invalid) as refused:
        stays_of(rows, {"lodging": "Nhà nghỉ", "unit": HONG_HA})
    faults = [fault.pointer for fault in refused.value.faults]
    assert faults == ["/stays/0/arrived_at", "/stays/0/lodging_kind", "/stays/0/born"]


def test_a_file_is_read_with_what_holds_for_all_of_its_rows() -> None:
    names = "\ufeffHọ và tên\tSố định danh\tNgày đến\tNgày đi\tQuốc tịch"
    rows = f"{names}\nJohn Smith\tX 1\t24/11/2026 23:30\t25/11/2026\tUSA\n"
    (stay,) = stays_of(rows, {"lodging": "Nhà nghỉ", "unit": HONG_HA})
    assert (stay.number, stay.nationality, stay.lodging, stay.unit) == ("X1", "USA", "Nhà nghỉ", HONG_HA)
    assert stay.arrived_at == datetime(2026, 11, 24, 16, 30, tzinfo=UTC)


@pytest.fixture
def village(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            return await settle(database, tmp_path)

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    monkeypatch.setenv("DANCU_HOME", str(tmp_path))
    monkeypatch.setenv("DANCU_DATABASE_URL", database_dsn)
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, found()).result()


Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(village: Village) -> Run:
    """Run `dancu stay ...` as the police officer; return exit code and JSON."""

    def run(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, ["stay", *words, "--officer", "huy", "--json"])
        return done.exit_code, json.loads(done.stdout) if done.stdout.startswith("{") else None

    return run


def test_the_night_of_a_hotel_is_loaded_once(run: Run, village: Village, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    arrived, until = f"{today(now)} 00:30", f"{today(now) + timedelta(days=3)}"
    file = tmp_path / "night.csv"
    rows = [f"Khách {i},K{i},{arrived},{until}" for i in range(5_002)]
    file.write_text("\n".join(["guest_name,number,arrived_at,until", *rows, f",K1,{arrived},{until}"]), "utf-8")
    load = ("load", str(file), "--lodging", "Khách sạn Sông Hồng")
    code, told = run(*load)
    assert (code, told["faults"]) == (3, [{"row": 5_003, "field": "guest_name", "message": "A name is needed"}])
    assert run("list")[1]["stays"] == []
    file.write_text("\n".join(["guest_name,number,arrived_at,until", *rows]), "utf-8")
    assert run(*load) == (0, {"state": "taken", "new": 5_002})
    assert run(*load) == (0, {"state": "taken", "new": 0})
    code, told = run("list", "--guest", "K77")
    assert [one["guest"] for one in told["stays"]] == ["Khách 77"]
    assert run("list")[1]["more"] is True


def test_one_guest_is_notified_in_words(run: Run) -> None:
    now = datetime.now(UTC)
    words = ("notify", "--guest", "Lê An", "--number", "X1", "--lodging", "Nhà nghỉ", "--kind")
    times = ("--arrived", f"{today(now)} 00:30", "--until", f"{today(now) + timedelta(days=2)}")
    assert run(*words, "castle", *times)[0] == 3
    assert run(*words, "household", *times) == (0, {"state": "taken", "new": 1})
    (listed,) = run("list")[1]["stays"]
    assert (listed["kind"], listed["lodging"]) == ("Household", "Nhà nghỉ")


def test_the_months_of_retention_are_a_year_at_least() -> None:
    assert Settings.read({}).stays_kept_months == 24
    assert Settings.read({"DANCU_STAYS_KEPT_MONTHS": "12"}).stays_kept_months == 12
    for wrong in ("11", "-1", "year"):
        with pytest.raises(Malformed, match="DANCU_STAYS_KEPT_MONTHS"):
            Settings.read({"DANCU_STAYS_KEPT_MONTHS": wrong})
