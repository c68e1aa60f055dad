"""After an undone merge a clerk tells apart what no rule can: at the desk, and at the command line."""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.journeys.town import Town
from tests.journeys.village import ELSEWHERE, HONG_HA, LOADED, _person, further_registrar, settle
from typer.testing import CliRunner

from dancu.app import create_app
from dancu.cli.main import app
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.kernel.codes import Authority, Sex
from dancu.kernel.dates import PartialDate
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.decisions.civil import DeathDeclared
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio


async def mistaken_merge(database: Database, survivor: int, unit: str = HONG_HA) -> int:
    """Merge somebody else's record into one, register a death meanwhile, and undo the merge."""
    moment = LOADED + timedelta(days=1)

    async def do(command: Callable[..., Any], **arguments: Any) -> None:
        header = ActHeader(Authority.POPULATION_DATABASE, "", uuid4(), "Luật Căn cước 26/2023/QH15")
        async with database.transaction(scope="nation") as tx:
            await command(tx, header=header, now=moment, locate=locate, **arguments)

    async with database.transaction(scope="nation") as tx:
        twin = await _person(tx, "Nguyễn Văn Anh", 19850312, Sex.MALE, unit, "")
    await do(commands.merge_records, survivor_id=survivor, merged_id=twin, reason="trùng")
    await do(commands.record_death, death=DeathDeclared(survivor, PartialDate(20261020)))
    await do(commands.unmerge_records, merged_id=twin, reason="nhầm")
    return twin


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    village.secrets["lan"] = await further_registrar(database, tmp_path, "lan", "Lê Thị Lan")
    village.secrets["xa"] = await further_registrar(database, tmp_path, "xa", "Trần Thị Xa", ELSEWHERE)
    town = Town(create_app(Settings(home=tmp_path), database), village)
    town.app.state.clock = lambda: town.now[0]
    return town


async def asked(town: Town, database: Database, unit: str = HONG_HA) -> str:
    await mistaken_merge(database, town.village.people["Nguyễn Văn An"], unit)
    client = await town.signed_in("hanh")
    page = await client.get("/questions")
    assert page.status == 200
    town.now[0] += timedelta(minutes=1)
    (address,) = re.findall(r'href="(/questions/[\w/-]+)"', page.text)
    return str(address)


async def test_without_questions_the_list_says_so(town: Town) -> None:
    client = await town.signed_in("hanh")
    assert "Không còn sự kiện nào chờ phân định" in (await client.get("/questions")).text
    assert 'href="/questions"' in (await client.get("/acts")).text


async def test_another_territory_is_not_asked(town: Town, database: Database) -> None:
    address = await asked(town, database)
    client = await town.signed_in("xa")
    assert "/questions/" not in (await client.get("/questions")).text
    assert (await client.get(address)).status == 404
    answer = await client.post(address, {"answer": "this_record", "because": "giấy báo tử"})
    assert answer.status == 404


async def test_what_is_missing_is_said_and_nothing_settled(town: Town, database: Database) -> None:
    address = await asked(town, database)
    client = await town.signed_in("hanh")
    answer = await client.post(address, {"because": " "})
    assert (answer.status, answer.text.count('class="fault"')) == (422, 2)
    assert (await client.get(address.rpartition("/")[0] + "/1")).status == 404
    assert (await client.get(address + "x")).status == 404


async def test_the_two_records_stand_beside_each_other_and_the_look_is_written_down(
    town: Town, database: Database, connection: psycopg.Connection
) -> None:
    address = await asked(town, database)
    page = await (await town.signed_in("hanh")).get(address)
    assert page.status == 200
    assert page.text.index("Nguyễn Văn An<") < page.text.index("Nguyễn Văn Anh<")
    assert "Đăng ký khai tử" in page.text
    row = connection.execute(
        "SELECT cardinality(persons) FROM audit.access_log ORDER BY log_id DESC LIMIT 1"
    ).fetchone()
    assert row == (2,)


async def test_the_other_record_may_lie_elsewhere(town: Town, database: Database) -> None:
    address = await asked(town, database, ELSEWHERE)
    page = await (await town.signed_in("hanh")).get(address)
    assert page.status == 200
    assert "Nguyễn Văn Anh" not in page.text
    assert "không mở cho bạn" in page.text


async def test_an_event_that_means_its_own_record_is_settled_on_a_dossier(
    town: Town, database: Database, connection: psycopg.Connection
) -> None:
    address = await asked(town, database)
    client = await town.signed_in("hanh")
    told = {"answer": "this_record", "because": "giấy báo tử ghi đúng số"}
    assert (await client.post(address, told)).status == 303
    assert (await client.post(address, told)).status == 404
    row = connection.execute(
        "SELECT q.answer, q.because, d.matter, d.state FROM register.question q"
        "  JOIN dossiers.dossier d USING (dossier_id)"
    ).fetchone()
    assert row == ("this_record", "giấy báo tử ghi đúng số", "civil.annulment", "decided")


async def test_an_event_that_means_the_other_record_is_annulled_by_two_and_then_settled(
    town: Town, database: Database, connection: psycopg.Connection
) -> None:
    address = await asked(town, database)
    first, second = await town.signed_in("hanh"), await town.signed_in("lan")
    told = {"answer": "other_record", "because": "giấy báo tử của người kia"}
    proposed = await first.post(address, told)
    assert (proposed.status, "Cán bộ thứ hai" in proposed.text) == (200, True)
    (proposal,) = re.findall(r'href="(/proposals/\d+/\d+)"', (await second.get("/proposals")).text)
    assert (await second.post(f"{proposal}/approve", {})).status == 200
    page = await first.get(address)
    assert 'value="this_record"' not in page.text
    assert "Sự kiện đã bị hủy" in page.text
    assert (await first.post(address, told)).status == 303
    assert "/questions/" not in (await first.get("/questions")).text
    rows = connection.execute("SELECT answer, dossier_id IS NOT NULL FROM register.question").fetchall()
    assert rows == [("other_record", True)]


def test_the_command_line_lists_shows_and_decides(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found() -> None:
        async with Database(database_dsn, size=1) as database:
            village = await settle(database, tmp_path)
            await mistaken_merge(database, village.people["Nguyễn Văn An"])

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    monkeypatch.setenv("DANCU_HOME", str(tmp_path))
    monkeypatch.setenv("DANCU_DATABASE_URL", database_dsn)
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, found()).result()

    def run(*words: str) -> Any:
        done = CliRunner().invoke(app, ["question", *words, "--officer", "hanh", "--json"])
        return json.loads(done.stdout) if done.exit_code == 0 else done.exit_code

    (waiting,) = run("list")["questions"]
    assert (waiting["record"], waiting["other"]) == ("Nguyễn Văn An", "Nguyễn Văn Anh")
    shown = run("show", waiting["question"])
    assert [one["name"] for one in shown["records"]] == ["Nguyễn Văn An", "Nguyễn Văn Anh"]
    assert shown["annulled"] is False
    decide = ("decide", waiting["question"], "--means")
    assert run(*decide, "nobody", "--why", "giấy báo tử") == 2
    assert run(*decide, "other_record", "--why", "của người kia")["state"] == "proposed"
    assert run(*decide, "this_record", "--why", "giấy báo tử")["state"] == "settled"
    assert run("list")["questions"] == []
