"""Doubtful cases at the command line: opened from files and from the whole register, looked at, decided."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.journeys.bureau import apart, employ
from tests.journeys.village import HONG_HA, Village, settle
from tests.store.adjudication_office import Bureau
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.cli.output import exit_code
from dancu.infra.db import Database
from dancu.intake.live import candidates
from dancu.kernel.errors import DancuError
from dancu.linkage.model import Model
from dancu.linkage.record import Record, normalised

Run = Callable[..., Any]
AN = "surname,middle,given,born,sex\nNguyễn,Văn,An,1985-03-12,1\n"


@pytest.fixture
def village(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            return await employ(database, tmp_path, await settle(database, tmp_path))

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    monkeypatch.setenv("DANCU_HOME", str(tmp_path))
    monkeypatch.setenv("DANCU_DATABASE_URL", database_dsn)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, found()).result()


@pytest.fixture
def run(village: Village) -> Run:
    """Run `dancu ...` and return what it answers as JSON."""

    def run(*words: str, exits: int = 0) -> Any:
        done = CliRunner().invoke(app, [*words, "--json"])
        foreseen = isinstance(done.exception, DancuError)
        code = exit_code(done.exception) if isinstance(done.exception, DancuError) else done.exit_code
        assert code == exits, (words, done.output, done.exception)
        return json.loads(done.stdout) if done.stdout and not foreseen else str(done.exception)

    return run


def test_a_record_is_looked_at_and_decided(run: Run, tmp_path: Path) -> None:
    assert run("intake", "queue")["cases"] == []
    file = tmp_path / "bao-hiem.csv"
    file.write_text(AN, encoding="utf-8")
    assert run("intake", "load", str(file), "--source", "bảo hiểm")["queued"] == 1
    (case,) = run("intake", "queue")["cases"]
    assert (case["province"], case["state"], case["candidates"]) == ("01", "waiting", 1)
    assert 0.05 <= case["score"] < 0.999
    run("intake", "queue", case["case"], exits=3)
    run("intake", "queue", "1", "--officer", "thao", exits=4)
    run("intake", "queue", case["case"], "--officer", "huy", exits=4)
    shown = run("intake", "queue", case["case"], "--officer", "thao")
    record, person = shown["sides"]
    assert record["fields"]["Full name"] == "Nguyễn Văn An"
    assert person["fields"]["Personal number"]
    run("intake", "decide", case["case"], "perhaps", "--officer", "thao", exits=3)
    run("intake", "decide", case["case"], "same", "--officer", "thao", "--person", "2", exits=3)
    assert run("intake", "decide", case["case"], "same", "--officer", "thao") == {
        "case": case["case"],
        "became": "decided",
        "carried_out": 1,
    }
    run("intake", "decide", case["case"], "different", "--officer", "tam", exits=5)
    assert run("intake", "queue")["cases"] == []
    assert [one["case"] for one in run("intake", "queue", "--state", "settled")["cases"]] == [case["case"]]


def test_what_dedupe_finds_in_the_register_comes_before_clerks_with_the_score_of_live_matching(
    run: Run, village: Village, database_dsn: str, tmp_path: Path
) -> None:
    async def twice(bureau: Bureau) -> int:
        return await bureau.person("Nguyễn Văn An", 19850312, unit=HONG_HA)

    other = apart(database_dsn, tmp_path, twice)
    pairs = tmp_path / "pairs.parquet"
    run("linkage", "dedupe", "--register", "--out", str(pairs))
    (pair,) = pq.read_table(pairs, columns=["a", "b", "posterior"]).to_pylist()
    an = village.people["Nguyễn Văn An"]
    assert {int(pair["a"]), int(pair["b"])} == {an, other}
    run("intake", "queue", "--from", str(tmp_path / "none.parquet"), exits=3)
    assert run("intake", "queue", "--from", str(pairs)) == {"opened": 1}
    assert run("intake", "queue", "--from", str(pairs)) == {"opened": 0}
    (case,) = run("intake", "queue")["cases"]

    async def live(bureau: Bureau) -> float:
        async with bureau.loader() as database, database.transaction(scope="nation") as tx:
            found = await candidates(tx, told(), nation=True)
        return next(one.posterior for one in found if one.person.person_id == an)

    assert pair["posterior"] == pytest.approx(apart(database_dsn, tmp_path, live), abs=1e-9)
    assert case["score"] == pytest.approx(pair["posterior"], abs=1e-4)
    became = run("intake", "decide", case["case"], "same", "--officer", "binh")
    assert became["became"] == "proposed"


def test_a_model_that_is_put_in_force_weighs_live_and_in_bulk_and_in_the_queue(
    run: Run, village: Village, database_dsn: str, tmp_path: Path
) -> None:
    async def twice(bureau: Bureau) -> int:
        return await bureau.person("Nguyễn Văn An", 19850312, unit=HONG_HA)

    apart(database_dsn, tmp_path, twice)
    strict = tmp_path / "strict.json"
    replace(Model.default(), version="strict", prior=1e-11).save(strict)
    run("linkage", "use", str(tmp_path / "bao-hiem.csv"), exits=3)
    assert run("linkage", "use", str(strict)) == {"model": "strict"}
    pairs = tmp_path / "pairs.parquet"
    run("linkage", "dedupe", "--register", "--out", str(pairs))
    (pair,) = pq.read_table(pairs, columns=["posterior"]).to_pylist()

    async def live(bureau: Bureau) -> float:
        async with bureau.loader() as database, database.transaction(scope="nation") as tx:
            return (await candidates(tx, told(), nation=True))[0].posterior

    assert apart(database_dsn, tmp_path, live) == pytest.approx(pair["posterior"], abs=1e-9)
    assert pair["posterior"] < 0.999
    # Sure by the model of the program, for a clerk by this one.
    file = tmp_path / "bao-hiem.csv"
    file.write_text(AN.replace("sex\n", "sex,permanent_unit\n").replace(",1\n", f",1,{HONG_HA}\n"), encoding="utf-8")
    assert run("intake", "load", str(file), "--source", "bảo hiểm")["queued"] == 1


def told() -> Record:
    """The second record of An, as the register has it."""
    return normalised("", name="Nguyễn Văn An", born=19850312, sex=1, residence=(HONG_HA,))
