"""The doctor finds each fault that was put there, and finds nothing in a sound installation."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from dancu.infra import doctor
from dancu.infra.doctor import Finding, examine
from dancu.infra.postgres import EmbeddedServer, account, external, place
from dancu.infra.postgres.binaries import Binaries, Unfit
from dancu.infra.postgres.errors import UnusableServer
from dancu.infra.settings import Settings

MEMORY = Path("/dev/shm")  # noqa: S108 - a random folder is made in it
ROOM = str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30 else None
"""In memory when there is room: these tests make many clusters."""


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="dancu-doctor-", dir=ROOM))
    folder.chmod(0o755)
    with EmbeddedServer(folder / "home", "test") as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("CREATE DATABASE dancu")
        yield server
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def faults(findings: list[Finding]) -> set[tuple[str, str]]:
    assert all(finding.what_to_do for finding in findings if finding.state != "ok")
    return {(finding.check, finding.state) for finding in findings if finding.state != "ok"}


def address_of(server: EmbeddedServer, creation: str) -> str:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(b"DROP DATABASE IF EXISTS odd")
        connection.execute(f"CREATE DATABASE odd TEMPLATE template0 {creation}".encode())
    return make_conninfo(server.dsn, dbname="odd")


def test_sound_installation_has_no_fault(running: EmbeddedServer) -> None:
    findings = examine(Settings(running.place.home, port=free_port()), now=datetime.now(UTC), pending=lambda _: [])
    assert faults(findings) - {("abandoned", "warning"), ("disk", "warning")} == set()
    wanted = {"python", "clock", "home", "disk", "memory", "binaries", "data", "server", "socket", "database", "port"}
    assert wanted <= {finding.check for finding in findings}


def test_installation_that_was_never_started_has_no_fault(tmp_path: Path) -> None:
    findings = examine(Settings(tmp_path / "new", port=free_port()), now=datetime.now(UTC))
    assert faults(findings) - {("abandoned", "warning"), ("disk", "warning")} == set()
    assert not (tmp_path / "new").exists()


def test_database_that_was_not_made_yet_is_found(running: EmbeddedServer) -> None:
    settings = Settings(running.place.home, port=free_port())
    findings = examine(settings, now=datetime.now(UTC), database="absent", pending=lambda _: ["0001"])
    assert ("database", "warning") in faults(findings)
    assert ("migrations", "warning") not in faults(findings)


def test_pending_migrations_and_a_clock_that_differs_are_found(running: EmbeddedServer) -> None:
    late = datetime.now(UTC) + timedelta(minutes=10)
    findings = doctor.check_server(running.dsn, now=late, pending=lambda _: ["0042"])
    assert faults(findings) == {("migrations", "warning"), ("database-clock", "warning")}


@pytest.mark.parametrize(
    ("creation", "said"),
    [
        ("ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'", "encoding is LATIN1"),
        ("ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'", "encoding is SQL_ASCII"),
        ("ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'", "Vietnamese letters"),
    ],
)
def test_database_that_cannot_hold_vietnamese_is_named(running: EmbeddedServer, creation: str, said: str) -> None:
    address = address_of(running, creation)
    with pytest.raises(UnusableServer, match=said):
        external.check_server(address)
    findings = examine(Settings(running.place.home, port=free_port(), database_url=address), now=datetime.now(UTC))
    assert ("database", "problem") in faults(findings)


def test_user_without_rights_is_named(running: EmbeddedServer) -> None:
    with psycopg.connect(running.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
    with pytest.raises(UnusableServer, match="CREATEROLE"):
        external.check_server(make_conninfo(running.dsn, user="plain"))


def test_old_server_and_replica_are_named() -> None:
    found = external.ServerFacts(16, "16.4", "UTF8", folds_vietnamese=True, is_replica=True, may_migrate=True)
    assert [what for what, _ in external.faults(found)] == [
        "it is PostgreSQL 16.4",
        "it is a replica that takes no changes",
    ]


def test_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    findings = doctor.check_server(f"host={tmp_path} user=dancu", now=datetime.now(UTC))
    assert faults(findings) == {("database", "problem")}


def test_python_that_is_too_old_is_found() -> None:
    assert faults([doctor.check_python((3, 10, 9))]) == {("python", "problem")}


def test_clock_that_went_back_is_found(running: EmbeddedServer) -> None:
    assert faults([doctor.check_clock(datetime(2020, 1, 1, tzinfo=UTC), running.place.home)]) == {("clock", "problem")}


@pytest.mark.parametrize(("free_mb", "state"), [(100, "problem"), (1000, "warning"), (5000, "ok")])
def test_full_disk_is_found(tmp_path: Path, free_mb: int, state: str) -> None:
    assert doctor.check_disk(tmp_path, free_mb).state == state


@pytest.mark.parametrize(("memory_mb", "state"), [(512, "problem"), (1500, "warning"), (8000, "ok")])
def test_little_memory_is_found(memory_mb: int, state: str) -> None:
    assert doctor.check_memory(memory_mb).state == state


def test_home_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert faults([doctor.check_home(tmp_path / "file" / "home")]) == {("home", "problem")}


def test_keys_that_others_can_read_are_found(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    assert doctor.check_keys(keys) == []
    keys.mkdir(mode=0o700)
    (keys / "signing.pem").write_text("")
    (keys / "signing.pem").chmod(0o600)
    assert faults(doctor.check_keys(keys)) == set()
    (keys / "signing.pem").chmod(0o640)
    assert faults(doctor.check_keys(keys)) == {("keys", "problem")}


def test_port_of_another_program_is_found() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = int(listener.getsockname()[1])
        assert faults([doctor.check_port("127.0.0.1", port, served=False)]) == {("port", "problem")}
        assert faults([doctor.check_port("127.0.0.1", port, served=True)]) == set()


def test_programs_that_do_not_run_are_found() -> None:
    absent = Unfit("celerp", "not installed")
    broken = Unfit("embedded", "libz.so.1: cannot open shared object file", is_broken=True)
    sound = Binaries("system", Path("/usr/bin"), "17.5")
    assert faults(doctor.check_binaries([absent, broken])) == {("binaries", "problem")}
    assert faults(doctor.check_binaries([absent, broken, sound])) == {("binaries", "warning")}
    assert faults(doctor.check_binaries([absent, sound])) == set()


def test_data_of_another_account_or_open_to_all_are_found(tmp_path: Path) -> None:
    found = place.Place(tmp_path, tmp_path / "postgres")
    found.data.mkdir(parents=True)
    found.data.chmod(0o755)
    stranger = account.Account("stranger", os.geteuid() + 1, 0)
    findings = doctor.check_data(found, stranger)
    assert faults(findings) == {("data", "problem")}
    assert len(findings) == 2
    found.data.chmod(0o700)
    assert faults(doctor.check_data(found, account.own())) == set()


def test_server_that_ended_without_stopping_is_found(tmp_path: Path) -> None:
    found = place.Place(tmp_path, tmp_path / "postgres")
    found.data.mkdir(parents=True)
    assert faults([doctor.check_keeper(found)]) == set()
    (found.data / "postmaster.pid").write_text("4194303\n")
    assert faults([doctor.check_keeper(found)]) == {("server", "warning")}


def test_running_server_is_known_with_its_keeper(running: EmbeddedServer) -> None:
    assert f"Process {os.getpid()} looks after" in doctor.check_keeper(running.place).what


def test_damaged_note_of_the_place_is_found(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "place.json").write_text("{")
    findings = examine(Settings(tmp_path, port=free_port()), now=datetime.now(UTC))
    assert ("data", "problem") in faults(findings)


def test_abandoned_data_are_found() -> None:
    assert faults(doctor.check_abandoned([Path("/var/lib/dancu-0")])) == {("abandoned", "warning")}
