"""`dancu keys`: run as programs run it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from dancu.cli.installation import Installation
from dancu.cli.keys import keys
from dancu.cli.output import DIFFERENCES
from dancu.infra.keys import KeyMissing, Place, Purpose, ring_of
from dancu.infra.settings import Settings
from dancu.kernel.errors import Malformed

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    @contextmanager
    def database(_: Installation, __: object = None) -> Iterator[str]:
        yield database_dsn

    monkeypatch.setattr(Installation, "database", database)
    monkeypatch.setattr(Installation, "here", lambda: Installation(Settings(home=tmp_path)))
    ring_of(database_dsn, tmp_path / "keys").make_missing()

    def run(*arguments: str, ends_with: int = 0) -> dict[str, Any]:
        result: Result = CliRunner().invoke(keys, [*arguments, "--json"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == ends_with, result.output
        return dict(json.loads(result.stdout))

    return run


def _seal(database_dsn: str, folder: Path, connection: psycopg.Connection, officer_id: int) -> None:
    place = Place("access.credential", "totp_secret", officer_id)
    sealed = ring_of(database_dsn, folder).encrypt(Purpose.SECOND_FACTOR, b"secret", place)
    connection.execute(
        "INSERT INTO access.credential (officer_id, password_hash, totp_secret) VALUES (%s, '', %s)",
        (officer_id, sealed),
    )


def _states(listed: dict[str, Any]) -> dict[int, str]:
    return {key["key_id"]: key["state"].partition(":")[0] for key in listed["data_keys"]}


def test_nothing_is_rotated_that_is_not_there(run: Run) -> None:
    with pytest.raises(Malformed):
        run("rotate", "passwords")
    with pytest.raises(Malformed):
        run("destroy", "99", "--yes")


def test_keys_are_replaced_under_what_they_sealed(
    run: Run, database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    _seal(database_dsn, tmp_path / "keys", connection, 7)
    assert run("rotate", "kek") == {"what": "kek", "key": 2}
    assert run("rotate", "second-factor")["key"] == len(Purpose) + 1
    assert _states(run("list"))[1] == "opens only"
    assert run("rewrap") == {"wrapped": len(Purpose), "sealed": 1, "faults": []}
    (tmp_path / "keys" / "kek-1.key").unlink()
    assert run("check") == {"values": 1, "unusable_keys": [], "faults": []}


def test_a_loss_is_named_and_ended_by_destroying(
    run: Run, database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    _seal(database_dsn, tmp_path / "keys", connection, 7)
    (tmp_path / "keys" / "kek-1.key").unlink()
    found = run("check", ends_with=DIFFERENCES)
    assert len(found["unusable_keys"]) == len(Purpose)
    assert "kek-1.key" in found["unusable_keys"][0]["why"]
    assert [(one["column"], one["row"]) for one in found["faults"]] == [("totp_secret", "7")]
    assert set(_states(run("list")).values()) == {"UNUSABLE"}
    for command in (("rotate", "document"), ("rewrap",)):
        with pytest.raises(KeyMissing):
            run(*command)
    for key_id in range(1, len(Purpose) + 1):
        run("destroy", str(key_id), "--yes")
    run("rotate", "second-factor")
    assert _states(run("list"))[len(Purpose) + 1] == "seals"
    assert len(run("check", ends_with=DIFFERENCES)["faults"]) == 1
