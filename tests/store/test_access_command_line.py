"""`dancu officer`: run as programs run it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyotp
import pytest
from typer.testing import CliRunner, Result

from dancu.access import secrets
from dancu.access.accounts import AdministratorNeeded, OneselfForbidden, mark_as_demo
from dancu.access.second_factors import NotADemo
from dancu.access.sessions import WrongSignIn
from dancu.cli.acting import FirstPassword
from dancu.cli.installation import Installation
from dancu.cli.officer import NobodyActs, officer
from dancu.infra.settings import Settings
from dancu.kernel.errors import Forbidden, Malformed

PASSWORD = "a long second password"
Run = Callable[..., dict[str, object]]


@pytest.fixture
def run(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    from argon2 import PasswordHasher

    @contextmanager
    def database(_: Installation, __: object = None) -> Iterator[str]:
        yield database_dsn

    monkeypatch.setattr(secrets, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(Installation, "database", database)
    monkeypatch.setattr(Installation, "here", lambda: Installation(Settings(home=tmp_path)))
    for name in ("DANCU_PASSWORD", "DANCU_CODE", "DANCU_NEW_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, **environment: str) -> dict[str, object]:
        result: Result = CliRunner().invoke(officer, [*arguments, "--json"], env=environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    return run


def code_of(opened: dict[str, object], steps: int = 0) -> str:
    totp = pyotp.TOTP(pyotp.parse_uri(str(opened["totp_uri"])).secret)
    return totp.generate_otp(int(datetime.now(UTC).timestamp()) // 30 + steps)


def test_the_first_administrator_is_opened_once(run: Run) -> None:
    opened = run("bootstrap", "admin", "--full-name", "Vũ Quản Trị")
    assert opened["name"] == "admin"
    with pytest.raises(Forbidden):
        run("bootstrap", "second", "--full-name", "Vũ Thứ Hai")


def test_an_administrator_must_be_named_and_proven_and_past_the_first_password(run: Run) -> None:
    opened = run("bootstrap", "admin", "--full-name", "Vũ Quản Trị")
    add = ("add", "lan", "--full-name", "Nguyễn Thị Lan", "--role", "civil_registrar", "--unit", "10273")
    with pytest.raises(NobodyActs):
        run(*add)
    with pytest.raises(WrongSignIn):
        run(*add, "--as", "admin", DANCU_PASSWORD="guess", DANCU_CODE="000000")
    first = str(opened["password"])
    with pytest.raises(FirstPassword):
        run(*add, "--as", "admin", DANCU_PASSWORD=first, DANCU_CODE=code_of(opened, -1))
    run("change-password", "admin", DANCU_PASSWORD=first, DANCU_NEW_PASSWORD=PASSWORD, DANCU_CODE=code_of(opened))
    run(*add, "--as", "admin", DANCU_PASSWORD=PASSWORD, DANCU_CODE=code_of(opened, 1))
    shown = run("show", "lan")
    assert shown["assignments"] == [
        {"role": "civil_registrar", "office": "Ủy ban nhân dân 10273", "unit": "10273", "deputy": False}
    ]
    with pytest.raises(NotADemo):
        run("code", "lan")


def test_the_glass_can_be_broken_when_no_administrator_can_sign_in(run: Run, connection: psycopg.Connection) -> None:
    run("bootstrap", "admin", "--full-name", "Vũ Quản Trị")
    run("unlock", "admin", "--break-glass")
    assert run("reset-password", "admin", "--break-glass")["password"]
    assert run("reset-totp", "admin", "--break-glass")["done"] is True
    noted = connection.execute("SELECT reason FROM audit.access_log WHERE actor = 4 ORDER BY log_id").fetchall()
    assert [str(row[0]).split(":")[0] for row in noted] == ["open_account", "unlock", "reset_password", "reset_totp"]


@pytest.fixture
def demo(run: Run, connection: psycopg.Connection) -> Run:
    mark_as_demo(connection)
    run("bootstrap", "admin", "--full-name", "Vũ Quản Trị")
    for name in ("lan", "minh"):
        run("add", name, "--full-name", name.title(), "--role", "civil_registrar", "--unit", "10273")
    return run


def test_a_demo_takes_the_administrator_at_the_word_and_shows_codes(demo: Run) -> None:
    assert len(str(demo("code", "lan")["code"])) == 6
    assert [one["name"] for one in demo("list")["officers"]] == ["admin", "lan", "minh"]  # type: ignore[attr-defined]


def test_even_in_a_demo_an_administrator_is_needed(demo: Run) -> None:
    with pytest.raises(AdministratorNeeded):
        demo("disable", "minh", "--as", "lan")
    with pytest.raises(OneselfForbidden):
        demo("disable", "admin")


def test_officers_are_moved_disabled_and_unlocked(demo: Run) -> None:
    demo("assign", "lan", "civil_registrar", "10279")
    assert demo("show", "lan")["assignments"][0]["unit"] == "10279"  # type: ignore[index]
    demo("deputise", "minh", "--for", "lan", "--until", "2999-01-01")
    assert [one["deputy"] for one in demo("show", "minh")["assignments"]] == [False, True]  # type: ignore[attr-defined]
    demo("disable", "lan")
    states = {one["name"]: one["state"] for one in demo("list")["officers"]}  # type: ignore[attr-defined]
    assert states == {"admin": "active", "lan": "disabled", "minh": "active"}
    demo("unlock", "lan")
    assert demo("reset-totp", "lan")["done"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ("assign", "lan", "civil_registrar", "10279", "--since", "tomorrow"),
        ("add", "hoa", "--full-name", "Hoa", "--class", "emperor"),
    ],
)
def test_what_cannot_be_read_is_said(demo: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        demo(*arguments)
