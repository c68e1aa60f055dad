"""Backups: one consistent moment of a database in a folder, with proof that it is whole."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from dancu.infra.postgres import roles
from dancu.infra.postgres.binaries import Binaries
from dancu.infra.postgres.errors import BackupFailed, DamagedBackup, NotEmpty
from dancu.infra.postgres.roles import Surroundings

Progress = Callable[[str], None]

MANIFEST = "manifest.json"
DUMP = "database.dump"
_FORMAT = 1

_TABLES = """
SELECT n.nspname, c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY 1, 2
"""


class FileProof(msgspec.Struct, frozen=True):
    """Size in bytes and SHA-256 in hex."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds.

    Args:
        made_at: the moment that it shows.
        rows: by table, `schema.name`.
    """

    format: int
    made_at: datetime
    dancu: str
    server: str
    database: str
    files: dict[str, FileProof]
    rows: dict[str, int]
    surroundings: Surroundings


def backup(dsn: str, to: Path, *, binaries: Binaries, now: datetime, progress: Progress = lambda _: None) -> Manifest:
    """Write a database to a folder that appears only when it is complete.

    Changes made meanwhile are not in it, and it holds nobody up.
    The folder holds everything that the register holds, for its owner's eyes only.

    Raises:
        NotEmpty: something is there already.
        BackupFailed: it could not be read or written; nothing is left behind.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise NotEmpty(f"{to} is not empty: name a folder that doesn't exist yet")
    try:
        with _partial(to) as partial:
            manifest = _write(dsn, partial, binaries, now, progress)
            _sync(partial)
            partial.replace(to)
    except (OSError, psycopg.Error) as error:
        raise BackupFailed(f"The backup could not be made: {reason(error)}") from error
    return manifest


def verify(folder: Path, progress: Progress = lambda _: None) -> Manifest:
    """Return the manifest of a backup all of whose files are as they were written.

    Raises:
        DamagedBackup: they are not, or it isn't a backup.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except OSError as error:
        raise DamagedBackup(f"{folder} is not a backup: {MANIFEST} can't be read ({error.strerror})") from error
    except msgspec.MsgspecError as error:
        raise DamagedBackup(f"{folder / MANIFEST} can't be understood: {error}") from error
    if manifest.format != _FORMAT:
        raise DamagedBackup(f"{folder} was made by another version of Dancu (format {manifest.format})")
    if DUMP not in manifest.files:
        raise DamagedBackup(f"{folder / MANIFEST} names no {DUMP}")
    for name, proof in manifest.files.items():
        progress(f"Checking {name}")
        if Path(name).name != name or not (folder / name).is_file() or _prove(folder / name) != proof:
            raise DamagedBackup(f"{folder / name} is missing or not as it was written")
    return manifest


def count_rows(connection: psycopg.Connection[Any], progress: Progress = lambda _: None) -> dict[str, int]:
    """Count the rows of every table of a database."""
    counts = {}
    for schema, name in connection.execute(_TABLES).fetchall():
        progress(f"Counting {schema}.{name}")
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        row = connection.execute(query).fetchone()
        counts[f"{schema}.{name}"] = int(row[0]) if row else 0
    return counts


def reason(error: Exception) -> str:
    """Put an error of the system or the server in one line."""
    if isinstance(error, OSError):
        return f"{error.filename or ''} {error.strerror or error}".strip()
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextmanager
def _partial(to: Path) -> Iterator[Path]:
    """Make an empty folder beside the goal, clearing what a killed backup left there."""
    folder = to.parent / f".{to.name}.partial"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BackupFailed(f"Another backup is being written to {to}") from None
    try:
        for left in folder.iterdir():
            left.unlink()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _write(dsn: str, folder: Path, binaries: Binaries, now: datetime, progress: Progress) -> Manifest:
    with psycopg.connect(dsn, options="-c statement_timeout=0") as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        _dump(dsn, folder / DUMP, str(row[0]) if row else "", binaries, progress)
        rows = count_rows(connection, progress)
        surroundings = roles.read(connection)
        server = connection.info.parameter_status("server_version") or ""
        database = connection.info.dbname
    manifest = Manifest(
        format=_FORMAT,
        made_at=now,
        dancu=_own_version(),
        server=server,
        database=database,
        files={DUMP: _prove(folder / DUMP)},
        rows=rows,
        surroundings=surroundings,
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _dump(dsn: str, file: Path, snapshot: str, binaries: Binaries, progress: Progress) -> None:
    words: list[str | Path] = [
        binaries.tool("pg_dump"),
        "--format=custom",
        "--compress=gzip:1",
        f"--snapshot={snapshot}",
    ]
    code, said = watch(
        [*words, "--no-password", f"--file={file}", f"--dbname={dsn}"],
        lambda: progress(f"Wrote {file.stat().st_size >> 20 if file.exists() else 0} MB"),
    )
    if code:
        raise BackupFailed(f"The backup could not be made: {said}")


def watch(words: list[str | Path], tick: Callable[[], None]) -> tuple[int, str]:
    """Run a program to its end, with a tick each second, and return its exit code and last words."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        try:
            said = _wait(process, tick)
        except BaseException:
            process.kill()
            raise
    return process.returncode, " ".join(said.strip().splitlines()[-2:])


def _wait(process: subprocess.Popen[bytes], tick: Callable[[], None]) -> str:
    last = time.monotonic()
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=1)[1].decode(errors="replace")
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            tick()


def _own_version() -> str:
    try:
        return version("dancu")
    except PackageNotFoundError:  # run from its sources
        return "unreleased"


def _prove(file: Path) -> FileProof:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileProof(file.stat().st_size, digest)


def _sync(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        path.chmod(0o700 if path.is_dir() else 0o600)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
