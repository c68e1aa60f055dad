"""Starting, stopping, crashing and taking over the embedded server."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dancu.infra.postgres import EmbeddedServer, log, processes, supervisor
from dancu.infra.postgres.errors import AlreadyRunning, ForeignData, NoPlace, NotStarted, StartFailed

MEMORY = Path("/dev/shm")  # noqa: S108 - a random folder is made in it
ROOM = str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30 else None
"""In memory when there is room: these tests make many clusters."""

SOURCES = Path(__file__).parents[2] / "src"
OUTLIVED = """
import sys, time
from pathlib import Path
from dancu.infra.postgres import EmbeddedServer
EmbeddedServer(Path(sys.argv[1]), "test").start()
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dancu-home-", dir=ROOM))
    folder.chmod(0o755)
    yield folder / "installation"
    if (folder / "installation").is_dir():
        EmbeddedServer(folder / "installation").remove()
    shutil.rmtree(folder)


def rows(server: EmbeddedServer) -> int:
    with psycopg.connect(server.dsn) as connection:
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    return int(found[0]) if found else -1


def keep_a_row(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def pid_of(server: EmbeddedServer) -> int:
    pid = processes.postmaster(server.place.data)
    assert pid is not None
    return pid


def kill_the_keeper_of(home: Path) -> None:
    """Start a server from another process and kill that process; the server lives on."""
    environment = os.environ | {"PYTHONPATH": str(SOURCES)}
    words = [sys.executable, "-c", OUTLIVED, str(home)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout
        assert keeper.stdout.readline() == b"ready\n"
        keeper.kill()


def test_a_home_that_was_never_started_says_so(home: Path) -> None:
    with pytest.raises(NotStarted, match="dancu up"):
        _ = EmbeddedServer(home).dsn
    assert not EmbeddedServer(home).is_running


def test_second_instance_is_refused_and_told_who_has_the_server(home: Path) -> None:
    with EmbeddedServer(home, "test") as server:
        with pytest.raises(AlreadyRunning, match=f"Process {os.getpid()} "):
            EmbeddedServer(home, "test").start()
        assert server.holder == os.getpid()
        assert server.is_running
        assert server.is_ready


def test_bad_setting_of_the_operator_is_named_and_can_be_mended(home: Path) -> None:
    server = EmbeddedServer(home, "test")
    server.start()
    server.stop()
    local = server.place.base / "local.conf"
    local.write_text("no_such_setting = 1\n")
    with pytest.raises(StartFailed, match="no_such_setting"):
        server.start()
    local.write_text("work_mem = '9MB'\n")
    with server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("9MB",)


def test_data_of_another_version_are_refused_and_the_right_programs_preferred(home: Path) -> None:
    with EmbeddedServer(home, "test", source="celerp") as server:
        keep_a_row(server)
    with pytest.raises(ForeignData, match="PostgreSQL 17"):
        EmbeddedServer(home, "test", source="embedded").start()
    with EmbeddedServer(home, "test") as server:
        assert rows(server) == 1


def test_home_that_is_a_file_is_refused(home: Path) -> None:
    home.write_text("")
    with pytest.raises(NoPlace, match="DANCU_HOME"):
        EmbeddedServer(home, "test").start()


def test_lost_folder_of_the_data_is_not_taken_for_an_empty_database(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "place.json").write_text('{"base": "/nowhere/dancu"}')
    with pytest.raises(NoPlace, match="/nowhere/dancu"):
        EmbeddedServer(home, "test").start()
    shutil.rmtree(home)


@pytest.mark.parametrize(("source", "major"), [("embedded", 18), ("celerp", 17)])
def test_server_is_utf8_with_checksums_and_listens_on_its_socket_only(home: Path, source: str, major: int) -> None:
    wanted = {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "listen_addresses": "",
        "jit": "off",
        "timezone": "Asia/Ho_Chi_Minh",
        "log_parameter_max_length": "0",
    }
    with EmbeddedServer(home, source=source) as server, psycopg.connect(server.dsn) as connection:
        got = {name: connection.info.parameter_status(name) or show(connection, name) for name in wanted}
        assert connection.execute("SELECT lower('ĐẶNG'), current_user").fetchone() == ("đặng", "dancu")
        assert connection.info.server_version // 10000 == major
        assert show(connection, "fsync") == "on"
    assert got == wanted
    assert not server.is_running


def show(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute(f"SHOW {name}".encode()).fetchone()
    return str(row[0]) if row else ""


def test_killed_server_recovers_with_everything_committed(home: Path) -> None:
    server = EmbeddedServer(home, "test")
    server.start()
    keep_a_row(server)
    killed = pid_of(server)
    os.kill(killed, signal.SIGKILL)
    assert processes.wait_for_end(killed, 5)
    server.stop()
    with server:
        assert rows(server) == 1


def test_server_that_outlives_its_keeper_is_taken_over(home: Path) -> None:
    kill_the_keeper_of(home)
    server = EmbeddedServer(home, "test")
    assert server.is_running
    assert server.holder is None
    outlived = pid_of(server)
    keep_a_row(server)
    with server:
        assert pid_of(server) == outlived
        assert rows(server) == 1
    assert not processes.is_alive(outlived)


def test_server_that_outlives_its_keeper_is_restarted_when_other_settings_are_wanted(home: Path) -> None:
    kill_the_keeper_of(home)
    outlived = pid_of(EmbeddedServer(home))
    with EmbeddedServer(home, "standard") as server, psycopg.connect(server.dsn) as connection:
        assert pid_of(server) != outlived
        assert show(connection, "fsync") == "on"


@pytest.mark.parametrize(
    "content",
    [f"{os.getpid()}\n/elsewhere\n", f"{2**22 - 1}\n", "", "rubbish\n"],
    ids=["of somebody else", "of nobody", "empty", "rubbish"],
)
def test_stale_number_of_a_process_does_not_stop_the_start(home: Path, content: str) -> None:
    server = EmbeddedServer(home, "test")
    server.start()
    keep_a_row(server)
    server.stop()
    (server.place.data / "postmaster.pid").write_text(content)
    with server:
        assert rows(server) == 1


def test_server_that_ended_by_itself_is_started_again(home: Path) -> None:
    with EmbeddedServer(home, "test") as server:
        keep_a_row(server)
        killed = pid_of(server)
        os.kill(killed, signal.SIGKILL)
        assert processes.wait_for_end(killed, 5)
        server.start()
        assert pid_of(server) != killed
        assert rows(server) == 1


def busy_orphan(server: EmbeddedServer) -> int:
    """Leave a server process that is too busy to see that its main process was killed."""
    with closing(psycopg.connect(server.dsn, autocommit=True)) as connection:
        pid = connection.info.backend_pid
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000) WHERE random() < 0")
        time.sleep(0.2)
        killed = pid_of(server)
        os.kill(killed, signal.SIGKILL)
        assert processes.wait_for_end(killed, 5)
    server.stop()
    assert processes.is_alive(pid)
    return pid


def test_busy_orphan_of_a_killed_server_is_ended_before_the_next_start(home: Path) -> None:
    server = EmbeddedServer(home, "test")
    server.start()
    orphan = busy_orphan(server)
    with server:
        assert not processes.is_alive(orphan)


def test_orphan_that_cannot_be_seen_is_waited_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    server = EmbeddedServer(home, "test", progress=told.append)
    server.start()
    orphan = busy_orphan(server)
    monkeypatch.setattr(processes, "orphans", lambda _: [])
    threading.Timer(2.0, os.kill, (orphan, signal.SIGKILL)).start()
    with server:
        assert any("left of the server" in text for text in told)


def test_outlived_server_can_be_stopped_without_starting_it(home: Path) -> None:
    server = EmbeddedServer(home, "test")
    assert not server.stop_outlived()
    kill_the_keeper_of(home)
    assert server.stop_outlived()
    assert not server.is_running
    with server, pytest.raises(AlreadyRunning):
        EmbeddedServer(home).stop_outlived()


def test_load_profile_is_durable_and_leaves_the_log_out(home: Path) -> None:
    with EmbeddedServer(home, "load") as server, psycopg.connect(server.dsn) as connection:
        assert show(connection, "wal_level") == "minimal"
        assert show(connection, "fsync") == "on"


def test_half_made_data_are_made_anew(home: Path) -> None:
    (home / "postgres" / ".data-0000").mkdir(parents=True)
    (home / "postgres" / ".data-0000" / "PG_VERSION").write_text("18\n")
    home.chmod(0o755)
    (home / "postgres").chmod(0o755)
    with EmbeddedServer(home, "test") as server:
        assert not (home / "postgres" / ".data-0000").exists()
        assert server.is_running


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(home: Path) -> None:
    with EmbeddedServer(home, "test") as server:
        assert os.getsid(pid_of(server)) == pid_of(server)


def test_open_transactions_do_not_hold_up_the_stop(home: Path) -> None:
    server = EmbeddedServer(home, "test")
    server.start()
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE lost (id int)")
        server.stop()
        assert not server.is_running
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_waiting_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    answers = iter([False] * 3)
    monkeypatch.setattr(supervisor, "_TELL_S", 0.0)
    monkeypatch.setattr(supervisor, "_answers", lambda _: next(answers, True))
    with EmbeddedServer(home, "test", progress=told.append):
        pass
    assert told[0] == "Making the database"
    assert any("recovers" in text for text in told)


def test_removed_server_leaves_no_data(home: Path) -> None:
    server = EmbeddedServer(home, "test")
    server.start()
    base, sockets = server.place.base, server.place.sockets
    server.remove()
    assert not base.exists()
    assert not sockets.exists()


def test_values_of_persons_do_not_get_into_the_log(home: Path) -> None:
    with EmbeddedServer(home, "test") as server, psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (number text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('001190000001')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('001190000001')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ["001190000001"])
        said = server.place.log.read_text()
    assert "person_pkey" in said
    assert "001190000001" not in said


def test_log_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "postgres.log"
    handle = log.open_log(path)
    for text in (b"first\n", b"second\n", b"third\n"):
        os.write(handle, text)
        assert log.rotate(path, largest_bytes=3)
    os.write(handle, b"x\n")
    os.close(handle)
    assert not log.rotate(path, largest_bytes=3)
    assert [item.read_text() for item in sorted(tmp_path.iterdir())] == [
        "x\n",
        "third\n",
        "second\n",
        "first\n",
    ]
    assert path.stat().st_mode & 0o777 == 0o600
