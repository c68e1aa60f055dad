"""Acts by the command line: listed, shown, tried, recorded, proposed and decided."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.journeys.village import HONG_HA, Village, further_registrar, settle
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.cli.output import exit_code
from dancu.infra.db import Database
from dancu.kernel.errors import DancuError
from dancu.kernel.time import today
from dancu.register.catalogue import CATALOGUE

Run = Callable[..., Any]
YESTERDAY = (today(datetime.now(UTC)) - timedelta(days=1)).isoformat()


@pytest.fixture
def village(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            village = await settle(database, tmp_path)
            await further_registrar(database, tmp_path, "lan", "Lê Thị Lan", HONG_HA)
            return village

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    monkeypatch.setenv("DANCU_HOME", str(tmp_path))
    monkeypatch.setenv("DANCU_DATABASE_URL", database_dsn)
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, found()).result()


@pytest.fixture
def run(village: Village) -> Run:
    """Run `dancu act ...` and return what it answers as JSON."""

    def run(*words: str, exits: int = 0, typed: str | None = None) -> Any:
        done = CliRunner().invoke(app, ["act", *words, "--json"], input=typed)
        foreseen = isinstance(done.exception, DancuError)
        code = exit_code(done.exception) if isinstance(done.exception, DancuError) else done.exit_code
        assert code == exits, (words, done.output, done.exception)
        return json.loads(done.stdout) if done.stdout and not foreseen else str(done.exception)

    return run


def test_every_act_is_listed_with_whose_it_is(run: Run) -> None:
    listed = run("list")["acts"]
    assert [one["act"] for one in listed] == list(CATALOGUE)
    theirs = run("list", "--authority", "commune_police")["acts"]
    assert 0 < len(theirs) < len(listed)
    run("list", "--authority", "the_moon", exits=3)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_act_shows_how_to_write_its_fields(kind: str) -> None:
    done = CliRunner().invoke(app, ["act", "show", kind])
    assert done.exit_code == 0
    for one in CATALOGUE[kind].fields:
        assert f"  {one.name} " in done.stdout


def test_what_is_wrong_is_told_field_by_field(run: Run, village: Village) -> None:
    told = run("record", "death_registered", "person=", "died=yesterday", "--officer", "hanh", exits=3)
    assert told["state"] == "invalid"
    assert {one["field"] for one in told["faults"]} == {"person", "died"}
    told = run("record", "death_registered", "unheard=1", "--officer", "hanh", exits=3)
    assert told["faults"] == [{"field": "unheard", "message": "There is no such field"}]
    assert "FIELD=VALUE" in run("record", "death_registered", "person", "--officer", "hanh", exits=3)


def test_what_is_not_there_is_not_found(run: Run, village: Village) -> None:
    an = village.numbers["Nguyễn Văn An"]
    run("show", "flown", exits=4)
    run("record", "death_registered", "person=001085999999", f"died={YESTERDAY}", "--officer", "hanh", exits=4)
    run("record", "death_registered", f"person={an}", f"died={YESTERDAY}", "--officer", "nobody", exits=3)
    run(
        "record", "death_registered", f"person={an}", f"died={YESTERDAY}", "--officer", "hanh", "--dossier", "1",
        exits=4,
    )  # fmt: skip


def test_the_law_refuses_by_name(run: Run, village: Village) -> None:
    an = village.numbers["Nguyễn Văn An"]
    told = run("record", "divorced", f"person={an}", f"on={YESTERDAY}", "--officer", "hanh", exits=3)
    assert told["state"] == "refused"
    assert told["rule"].startswith("divorce.")


def test_an_act_of_another_authority_is_refused(run: Run, village: Village) -> None:
    an = village.numbers["Nguyễn Văn An"]
    assert "authority" in run("record", "divorced", f"person={an}", f"on={YESTERDAY}", "--officer", "huy", exits=3)


def test_a_checked_act_leaves_nothing_behind(run: Run, village: Village, connection: psycopg.Connection[Any]) -> None:
    before = connection.execute("SELECT count(*) FROM register.act").fetchone()
    words = ("record", "death_registered", f"person={village.numbers['Lê Thị Dung']}", f"died={YESTERDAY}")
    assert run(*words, "--officer", "hanh", "--check")["state"] == "checked"
    assert connection.execute("SELECT count(*) FROM register.act").fetchone() == before


def test_an_act_is_recorded_once_with_its_papers(
    run: Run, village: Village, connection: psycopg.Connection[Any]
) -> None:
    one, other = village.numbers["Nguyễn Văn An"], village.numbers["Lê Thị Dung"]
    words = (
        *("record", "marriage_registered", f"person={one}", f"other={other}", f"on={YESTERDAY}"),
        *("--officer", "hanh", "--book", "KH", "--number", "45", "--evidence", "tờ khai=ab12"),
        *("--request-id", str(uuid4())),
    )
    done, again = run(*words), run(*words)
    assert (done["state"], done["repeated"], again["repeated"]) == ("recorded", False, True)
    assert again["act_id"] == done["act_id"]
    row = connection.execute(
        "SELECT a.registration ->> 'number', a.evidence, a.dossier_id IS NOT NULL FROM register.act a"
        " WHERE a.act_id = %s",
        (done["act_id"],),
    ).fetchone()
    assert row == ("45", {"tờ khai": "ab12"}, True)
    channels = connection.execute("SELECT DISTINCT l.channel FROM audit.access_log l WHERE l.operation = 6").fetchall()
    assert channels == [(2,)]


def test_fields_come_from_a_file_or_from_stdin(run: Run, village: Village, tmp_path: Path) -> None:
    told = {"values": {"person": village.numbers["Lê Thị Dung"], "died": YESTERDAY}, "registration": {"number": "7"}}
    file = tmp_path / "act.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    words = ("record", "death_registered", "--officer", "hanh", "--check")
    assert run(*words, "--file", str(file))["state"] == "checked"
    assert run(*words, "--file", "-", typed=json.dumps(told["values"]))["state"] == "checked"
    run(*words, "--file", "-", typed="not json", exits=3)
    run(*words, "--file", str(tmp_path / "nowhere.json"), exits=3)
    run(*words, "died=2026", "--file", str(file), exits=3)


def test_a_household_is_told_anew_in_one_line(run: Run, village: Village) -> None:
    an, dung = village.numbers["Nguyễn Văn An"], village.numbers["Lê Thị Dung"]
    words = ("record", "household_split", f"leavers={dung}:head", f"on={YESTERDAY}", "head_consents=yes")
    done = run(*words, "place=00097, 7 Hàng Than", "--officer", "huy")
    assert done["state"] == "recorded"
    ended = ("record", "absence_declared", f"persons={an},{done['reference']}", "case=long_absence", f"on={YESTERDAY}")
    assert set(run(*ended, "--officer", "huy")["references"]) == {an, done["reference"]}


def test_a_birth_that_fits_one_registered_is_recorded_only_on_purpose(run: Run, village: Village) -> None:
    words = (
        *("record", "birth_registered", "name=Nguyễn Lê Khuê", f"born={YESTERDAY}", "sex=female"),
        *("birth_place=00097, Bệnh viện", f"mother={village.numbers['Lê Thị Dung']}", "lives_with=mother"),
        *("--officer", "hanh"),
    )
    assert len(run(*words)["personal_number"]) == 12
    run(*words, exits=5)
    assert run(*words, "--another-child")["state"] == "recorded"


def test_what_takes_two_officers_is_proposed_and_decided(run: Run, village: Village) -> None:
    an = village.numbers["Nguyễn Văn An"]
    words = ("record", "particulars_corrected", f"person={an}", "born=1985-03-13", "reason=giấy khai sinh gốc")
    done = run(*words, "--officer", "hanh")
    assert (done["state"], done["act_id"]) == ("proposed", None)
    (waiting,) = run("proposals", "--officer", "lan")["proposals"]
    assert waiting["proposal"] == done["proposal"]
    run("approve", done["proposal"], "--officer", "hanh", exits=3)
    run("refuse", done["proposal"], "--officer", "lan", "--why", "", exits=3)
    assert run("approve", done["proposal"], "--officer", "lan")["state"] == "recorded"
    run("approve", done["proposal"], "--officer", "lan", exits=5)
    assert run("proposals", "--officer", "lan")["proposals"] == []


def test_a_proposal_is_refused_or_withdrawn(run: Run, village: Village) -> None:
    an = village.numbers["Nguyễn Văn An"]
    words = ("record", "particulars_corrected", f"person={an}", "sex=female", "reason=sai", "--officer", "hanh")
    assert run("refuse", run(*words)["proposal"], "--officer", "lan", "--why", "chưa đủ")["state"] == "refused"
    assert run("withdraw", run(*words)["proposal"], "--officer", "hanh")["state"] == "withdrawn"
    run("withdraw", "1/2", "--officer", "hanh", exits=4)
