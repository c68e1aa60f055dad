"""The command line as an operator types it: a country is made, proved, copied, broken and found out."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dancu.cli.installation import DATABASE
from dancu.infra.postgres import EmbeddedServer

FILES = Path(__file__).parents[1] / "data" / "intake"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Dancu:
    """One installation and its commands."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DANCU_")},
            "DANCU_HOME": str(home),
            "DANCU_PORT": str(self.port),
        }

    def run(self, *words: str, exits: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dancu", *words], env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == exits, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout if exits == 0 or done.stdout else done.stderr

    def json(self, *words: str, exits: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", exits=exits))

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command that stays, until the block ends."""
        child = subprocess.Popen(
            [sys.executable, "-m", "dancu", *words], env=self.environ, stderr=subprocess.PIPE, text=True
        )
        assert child.stderr is not None
        try:
            assert any("Ctrl-C" in line for line in child.stderr), f"dancu {words} ended with {child.wait()}"
            yield child
        finally:
            child.terminate()
            child.wait(60)
            child.stderr.close()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dancu]:
    dancu = Dancu(tmp_path_factory.mktemp("country") / "home")
    dancu.run("demo", "--people", "1500", "--prepare")
    yield dancu
    dancu.run("demo", "--reset")
    assert not dancu.home.exists()


def test_help_names_every_command_and_the_exit_codes(country: Dancu) -> None:
    text = country.run("--help")
    for command in (
        *("up", "down", "serve", "work", "migrate", "intake", "person", "officer", "feed", "stats", "verify"),
        *("synth", "bench", "backup", "restore", "doctor", "act", "dossier", "audit"),
    ):
        assert f" {command} " in text
    assert "Exit codes" in text


def test_wrong_usage_and_unknown_things_have_exit_codes_of_their_own(country: Dancu) -> None:
    country.run("intake", "result", exits=2)
    country.run("intake", "load", "/nowhere.csv", "--source", "x", exits=3)
    country.run("intake", "result", "4711", "--out", str(country.home / "x.csv"), exits=4)
    country.run("down", exits=4)


def test_a_country_is_proved(country: Dancu) -> None:
    found = country.json("verify")
    assert found["differences"] == []
    assert found["persons"] == 1500


def test_a_person_is_found_and_the_look_is_logged(country: Dancu) -> None:
    (one,) = country.json("intake", "list")["batches"]
    out = country.home / "result.csv"
    country.run("intake", "result", str(one["batch_id"]), "--out", str(out))
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",stamp")
    assert lines[1].endswith(",SYNTHETIC")
    number = lines[1].split(",")[3]
    before = country.json("verify")["log"]
    found = country.json("person", number, "--officer", "trungtam")
    assert found["people"][0]["personal_number"] == number
    assert found["life"]["personal_number"] == number
    assert country.json("verify")["log"] > before


def test_a_file_is_loaded_listed_and_taken_back(country: Dancu) -> None:
    done = country.json("intake", "load", str(FILES / "congdan.xml"), "--source", "congdan")
    counted = sum(done[name] for name in ("created", "updated", "unchanged", "queued", "rejected"))
    assert (counted, done["records"]) == (150, 150)
    again = country.json("intake", "load", str(FILES / "congdan.xml"), "--source", "congdan")
    assert (again["batch"], again["created"]) == (done["batch"], 0)
    assert country.json("intake", "revert", str(done["batch"]))["annulled"] == done["created"]
    assert country.json("verify")["differences"] == []


def test_the_feed_tells_who_and_the_log_who_read_it(country: Dancu) -> None:
    with country.started("up"):
        _wait_until(lambda: country.json("feed", "status")["waiting"] == 0)
    before = country.json("verify")["log"]
    country.run("feed", "tail", "--officer", "trungtam", exits=3)
    entries = country.json("feed", "tail", "--officer", "kythuat", "--most", "5")["entries"]
    assert [one["sequence"] for one in entries] == list(range(1, len(entries) + 1))
    names = {"sequence", "act_id", "kind", "known_at", "person_id", "seq", "survivor_id", "persons"}
    assert set(entries[0]) == names
    events = country.run("feed", "replay", "--officer", "kythuat", "--json").splitlines()
    assert len(events) >= 1500
    assert country.json("verify")["log"] >= before + 4


def test_everybody_is_extracted_as_of_a_number_and_the_log_says_so(country: Dancu) -> None:
    to = country.home / "everybody.parquet"
    country.run("feed", "extract", str(to), "--officer", "trungtam", exits=3)
    assert not to.exists()
    before = country.json("verify")
    done = country.json("feed", "extract", str(to), "--officer", "kythuat")
    assert (done["sequence"], done["persons"]) == (country.json("feed", "status")["sequence"], before["persons"])
    assert country.json("verify")["log"] > before["log"]
    country.run("feed", "extract", str(to), "--officer", "kythuat", exits=5)


def test_the_population_is_counted_and_proved(country: Dancu) -> None:
    with country.started("up"):
        _wait_until(lambda: country.json("stats", "population")["persons"] > 0)
    found = country.json("stats", "recount")
    assert (found["differences"], found["persons"] >= 1500) == ([], True)
    living = country.json("stats", "population", "--base", "permanent")["persons"]
    assert 0 < living <= found["persons"]
    country.run("stats", "population", "--base", "moon", exits=3)


def test_small_counts_are_told_to_an_officer_only_and_the_log_says_so(country: Dancu) -> None:
    nation = country.json("stats", "population")
    assert all(one["persons"] is None or one["persons"] >= 10 for one in nation["by"])
    country.run("stats", "population", "--exact", exits=3)
    country.run("stats", "population", "--exact", "--officer", "trungtam", exits=3)
    before = country.json("verify")["log"]
    exact = country.json("stats", "population", "--exact", "--officer", "kythuat")
    assert sum(one["persons"] for one in exact["by"]) == exact["persons"] == nation["persons"]
    assert country.json("verify")["log"] > before
    assert {"unit", "persons", "by"} == set(country.json("stats", "population", "00097", "26740")["units"][0])


def test_the_web_and_the_worker_sign_in_as_themselves(country: Dancu) -> None:
    with country.started("up"):
        _wait_until(lambda: country.json("feed", "status")["waiting"] == 0)
        dsn = EmbeddedServer(country.home).dsn_of(DATABASE)
        asked = "SELECT DISTINCT a.usename, a.application_name FROM pg_stat_activity a WHERE a.datname = %s"
        with psycopg.connect(dsn, application_name="this test") as connection:
            there = {(str(who), str(what)) for who, what in connection.execute(asked, (DATABASE,)).fetchall()}
    by = {"dancu": "dancu_web", "dancu work": "dancu_worker", "dancu sequencer": "dancu_worker"}
    by |= {"dancu counter": "dancu_worker", "dancu sealer": "dancu_worker"}
    assert {(who, what) for what, who in by.items()} <= there
    assert "dancu" not in {who for who, what in there if what != "this test"}
    log = (country.home / "log" / "work.log").read_text(encoding="utf-8")
    assert "a loop broke" not in log
    assert "permission denied" not in log


def test_the_doctor_finds_a_sound_installation(country: Dancu) -> None:
    assert all(one["state"] != "problem" for one in country.json("doctor")["findings"])


def test_a_code_is_shown_in_a_demo(country: Dancu) -> None:
    assert len(country.json("officer", "code", "hotich")["code"]) == 6


def test_a_backup_becomes_another_installation(country: Dancu, tmp_path: Path) -> None:
    country.run("backup", str(tmp_path / "copy"))
    other = Dancu(tmp_path / "other")
    try:
        other.run("restore", str(tmp_path / "copy"))
        found = other.json("verify")
        assert found["differences"] == []
        assert found["persons"] >= 1500
        other.run("restore", str(tmp_path / "copy"), exits=5)
    finally:
        EmbeddedServer(home=other.home).remove()


def test_up_serves_until_down_and_two_installations_run_side_by_side(country: Dancu, tmp_path: Path) -> None:
    other = Dancu(tmp_path / "other")
    try:
        with country.started("up") as one, other.started("up") as two:
            assert country.status("/healthz") == other.status("/readyz") == 200
            country.run("up", exits=5)
            assert country.json("verify")["differences"] == []
            country.run("down")
            other.run("down")
            assert (one.wait(60), two.wait(60)) == (0, 0)
    finally:
        EmbeddedServer(home=other.home).remove()


def test_a_killed_database_is_started_again_under_those_who_use_it(country: Dancu) -> None:
    with country.started("up"):
        os.kill(_pid_of(country, "postgres"), signal.SIGKILL)
        _wait_until(lambda: country.status("/readyz") == 200)
        assert country.json("verify")["differences"] == []


@pytest.mark.parametrize("victim", ["up", "serve"])
def test_a_killed_process_leaves_an_installation_that_starts_again(country: Dancu, victim: str) -> None:
    with country.started("up") as child:
        os.kill(child.pid if victim == "up" else _pid_of(country, victim), signal.SIGKILL)
        assert child.wait(90) != 0
    for word in ("serve", "work"):
        _wait_until(lambda word=word: not _processes(country, word))  # type: ignore[misc]
    with country.started("up") as again:
        assert country.status("/readyz") == 200
        again.send_signal(signal.SIGINT)
        assert again.wait(60) == 0
    assert country.json("verify")["differences"] == []


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _processes(country: Dancu, word: str) -> list[int]:
    """Processes of this installation whose command line has a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            environ = (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if (
            word in command
            and ("witness" in command) == (word == "witness")
            and f"DANCU_HOME={country.home}\0" in environ
        ):
            found.append(int(folder.name))
    return found


def _pid_of(country: Dancu, victim: str) -> int:
    if victim == "postgres":
        server = EmbeddedServer(home=country.home)
        return int((server.place.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    (pid,) = _processes(country, victim)
    return pid


def test_tampering_makes_verify_end_with_1(country: Dancu) -> None:
    server = EmbeddedServer(home=country.home)
    with server, psycopg.connect(server.dsn_of("dancu")) as connection:
        connection.execute(
            "UPDATE register.person SET given = 'X' WHERE person_id = (SELECT min(person_id) FROM register.person)"
        )
    found = country.json("verify", exits=1)
    assert [one["what"] for one in found["differences"]] == ["given is not what the events tell"]
    with server, psycopg.connect(server.dsn_of("dancu")) as connection:
        connection.execute("DELETE FROM register.person WHERE given = 'X'")
    assert "the person is missing" in {one["what"] for one in country.json("verify", exits=1)["differences"]}
