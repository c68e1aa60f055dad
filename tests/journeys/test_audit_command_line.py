"""The log as an operator and a stranger see it: sealed, witnessed, proven far away, and caught when changed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.test_command_line import Dancu, _pid_of, _processes, _wait_until, free_port

from dancu.infra.postgres import EmbeddedServer


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dancu]:
    dancu = Dancu(tmp_path_factory.mktemp("audited") / "home")
    dancu.run("demo", "--people", "1000", "--prepare")
    yield dancu
    dancu.run("demo", "--reset")


def look(country: Dancu) -> None:
    country.run("person", "Nguyễn Văn An 1990", "--officer", "trungtam", exits=4)


def heads(country: Dancu) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = country.json("audit", "checkpoints")["checkpoints"]
    return found


def published(country: Dancu) -> int:
    return max((head["size"] for head in heads(country) if head["published"]), default=0)


def rows(country: Dancu) -> int:
    return int(country.json("audit", "check")["rows"])


def until_published(country: Dancu) -> None:
    written = rows(country)
    _wait_until(lambda: published(country) >= written)


def proven(file: Path, verifier: Path, *more: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(verifier), str(file), *more], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_before_anything_is_sealed_that_is_said(country: Dancu) -> None:
    found = country.json("verify")
    assert found["differences"] == []
    assert any("not sealed yet" in one for one in found["remarks"])
    assert heads(country) == []
    country.run("audit", "proof", "1", "--out", str(country.home / "x"), "--officer", "thanhtra", exits=5)


def test_what_was_written_is_sealed_and_witnessed_within_seconds(country: Dancu) -> None:
    with country.started("up"):
        look(country)
        until_published(country)
        assert country.json("audit", "check")["findings"] == []
    status = country.json("witness", "status")
    assert (status["logs"][0]["size"], status["evidence"]) == (published(country), [])


def test_a_row_is_proven_with_one_file_and_a_changed_proof_is_not(country: Dancu, tmp_path: Path) -> None:
    proof, verifier, keys = tmp_path / "row.tlog-proof", tmp_path / "verify.py", tmp_path / "keys"
    before = rows(country)
    country.run("audit", "proof", "2", "--out", str(proof), "--officer", "tinh", exits=3)
    country.run("audit", "proof", "2", "--out", str(proof), "--officer", "thanhtra")
    assert rows(country) == before + 2, "reading the log is logged, and being refused it"
    country.run("audit", "proof", "4711", "--out", str(proof), "--officer", "thanhtra", exits=4)
    verifier.write_text(country.run("audit", "verifier"), encoding="utf-8")
    code, said = proven(proof, verifier)
    assert (code, said.splitlines()[0]) == (
        0,
        f"PROVEN: row 2 of the log {_origin(country)}, leaf 1 of {published(country)}",
    )
    assert "seen by the witness dancu-witness/" in said
    text = proof.read_text(encoding="utf-8")
    for changed in (
        text.replace("index 1\n", "index 2\n"),
        re.sub("extra .", "extra f", text),
        text.replace(text.splitlines()[3], text.splitlines()[4]),
        text.replace(f"\n{published(country)}\n", f"\n{published(country) + 1}\n"),
        text[: text.rindex("\u2014 dancu-witness")],
        "",
    ):
        assert changed != text
        proof.write_text(changed, encoding="utf-8")
        code, said = proven(proof, verifier)
        assert (code, said.startswith("NOT PROVEN")) == (1, True), said
    proof.write_text(text, encoding="utf-8")
    keys.write_text("\n".join(country.run("witness", "key").splitlines()), encoding="utf-8")
    assert proven(proof, verifier, str(keys))[0] == 1, "the log is not trusted"
    keys.write_text(country.run("audit", "key") + country.run("witness", "key") + "need 2\n", encoding="utf-8")
    assert proven(proof, verifier, str(keys))[0] == 1, "one witness is too few"
    keys.write_text(country.run("audit", "key") + "need 0\n", encoding="utf-8")
    assert "NO WITNESS" in proven(proof, verifier, str(keys))[1]


def _origin(country: Dancu) -> str:
    return country.run("audit", "key").partition("+")[0]


def test_unusual_use_is_listed_with_reasons_and_the_auditor_is_logged(country: Dancu) -> None:
    with country.started("up"):
        number = _somebody(country)
        country.run("officer", "own-record", "trungtam", number)
        country.run("officer", "own-record", "trungtam", "000000000000", exits=4)
        country.run("person", number, "--officer", "trungtam")
        country.run("audit", "unusual", "--officer", "tinh", exits=3)
        before = rows(country)
        found = country.json("audit", "unusual", "--officer", "thanhtra")["unusual"]
        assert "self" in {one["why"] for one in found}
        assert rows(country) == before + 1
        assert "Oneself: 2" in country.run("audit", "unusual", "--officer", "thanhtra")


def _somebody(country: Dancu) -> str:
    server = EmbeddedServer(home=country.home)
    with psycopg.connect(server.dsn_of("dancu")) as connection:
        row = connection.execute(
            "SELECT personal_number FROM register.person WHERE personal_number IS NOT NULL ORDER BY 1 LIMIT 1"
        ).fetchone()
    assert row
    return str(row[0])


def test_a_killed_witness_comes_back_and_the_log_was_sealed_meanwhile(country: Dancu) -> None:
    with country.started("up"):
        os.kill(_pid_of(country, "witness"), signal.SIGKILL)
        look(country)
        until_published(country)
        assert len(_processes(country, "witness")) == 1


def test_a_witness_elsewhere_is_named_in_a_file(country: Dancu, tmp_path: Path) -> None:
    away, port = tmp_path / "away", free_port()
    country.run("witness", "trust", country.run("audit", "key").strip(), "--home", str(away))
    entry = f'[[witness]]\nkey = "{country.run("witness", "key", "--home", str(away)).strip()}"\n'
    file = country.home / "witnesses.toml"
    file.write_text(f'{entry}address = "http://127.0.0.1:{port}"\n', encoding="utf-8")
    serve = [sys.executable, "-m", "dancu", "witness", "serve", "--home", str(away), "--listen", f"127.0.0.1:{port}"]
    try:
        with country.started("up"):
            look(country)
            written = rows(country)
            _wait_until(lambda: heads(country)[0]["size"] >= written)
            assert published(country) == 0
            assert _processes(country, "witness") == []
            with subprocess.Popen(serve) as witness:
                until_published(country)
                witness.terminate()
        found = country.json("audit", "check")["findings"]
        assert [one["what"] for one in found if one["fault"]] == []
        assert any("does not answer" in one["what"] for one in found)
    finally:
        file.unlink()


def test_a_log_whose_key_was_lost_is_not_gone_on_with(country: Dancu) -> None:
    key = country.home / "keys" / "sign-log-1.key"
    kept = key.read_bytes()
    key.unlink()
    before = heads(country)[0]["size"]
    with country.started("up"):
        look(country)
        log = country.home / "log" / "work.log"
        _wait_until(lambda: "begun with a key that is not in" in log.read_text(encoding="utf-8"))
    assert heads(country)[0]["size"] == before
    assert not key.exists()
    key.write_bytes(kept)
    key.chmod(0o600)


def test_a_row_that_is_gone_makes_verify_end_with_1_and_is_named(country: Dancu) -> None:
    server = EmbeddedServer(home=country.home)
    with server, psycopg.connect(server.dsn_of("dancu")) as connection:
        connection.execute("DELETE FROM audit.access_log WHERE log_id = 2")
    (one,) = country.json("verify", exits=1)["differences"]
    assert (one["log_id"], "is gone" in one["what"]) == (2, True)
    assert "row=2" in country.run("audit", "check", exits=1)
