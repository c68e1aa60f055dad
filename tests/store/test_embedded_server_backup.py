"""Backups: what is written, what is refused, and what comes back."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from dancu.infra.postgres import EmbeddedServer, binaries, restore
from dancu.infra.postgres.backup import DUMP, MANIFEST, backup, verify
from dancu.infra.postgres.errors import BackupFailed, DamagedBackup, NotEmpty, RestoreFailed

MEMORY = Path("/dev/shm")  # noqa: S108 - a random folder is made in it
ROOM = str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30 else None
"""In memory when there is room: these tests make many clusters."""

NOW = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
FILLED = """
CREATE ROLE keeper NOLOGIN;
CREATE ROLE clerk LOGIN PASSWORD 'secret' IN ROLE keeper;
CREATE SCHEMA register AUTHORIZATION keeper;
CREATE TABLE register.person (id bigint PRIMARY KEY, name text NOT NULL, office int);
CREATE TABLE register.empty (id int);
INSERT INTO register.person SELECT i, 'Đặng Thị ' || i, i % 3 FROM generate_series(1, 500) i;
ALTER TABLE register.person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_office ON register.person TO keeper
    USING (office = NULLIF(current_setting('dancu.office', true), '')::int);
GRANT USAGE ON SCHEMA register TO keeper;
GRANT SELECT ON register.person TO keeper;
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    folder = Path(tempfile.mkdtemp(prefix="dancu-backup-", dir=ROOM))
    folder.chmod(0o755)
    with EmbeddedServer(folder / "from", "test") as source, EmbeddedServer(folder / "to", "test") as target:
        with psycopg.connect(source.dsn, autocommit=True) as connection:
            connection.execute("CREATE DATABASE dancu")
        with psycopg.connect(source.dsn_of("dancu"), autocommit=True) as connection:
            connection.execute(FILLED)
            connection.execute("ALTER DATABASE dancu SET dancu.place = 'Hà Nội, \"1\"'")
            connection.execute("REVOKE CONNECT ON DATABASE dancu FROM PUBLIC")
            connection.execute("GRANT CONNECT ON DATABASE dancu TO keeper")
        yield source, target
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def programs() -> binaries.Binaries:
    return binaries.find("embedded")


@pytest.fixture(scope="module")
def saved(
    servers: tuple[EmbeddedServer, EmbeddedServer],
    programs: binaries.Binaries,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("backup") / "made"
    backup(servers[0].dsn_of("dancu"), folder, binaries=programs, now=NOW)
    return folder


@pytest.fixture
def target(servers: tuple[EmbeddedServer, EmbeddedServer]) -> Iterator[str]:
    """An address of a database that doesn't exist yet, on a server that knows nothing of the first one."""
    yield servers[1].dsn_of("restored")
    with psycopg.connect(servers[1].dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS clerk")
        connection.execute("DROP ROLE IF EXISTS keeper")


def databases(address: str) -> set[str]:
    with psycopg.connect(make_conninfo(address, dbname="postgres")) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")}


def test_folder_with_something_in_it_is_not_overwritten(
    servers: tuple[EmbeddedServer, EmbeddedServer], programs: binaries.Binaries, tmp_path: Path
) -> None:
    (tmp_path / "letter").write_text("keep me")
    with pytest.raises(NotEmpty, match="is not empty"):
        backup(servers[0].dsn, tmp_path, binaries=programs, now=NOW)
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter"]


def test_backup_that_fails_leaves_nothing(programs: binaries.Binaries, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed):
        backup(f"host={tmp_path} user=dancu", tmp_path / "made", binaries=programs, now=NOW)
    assert not list(tmp_path.iterdir())


def test_leftover_of_a_killed_backup_is_cleared_and_a_living_one_is_not(
    servers: tuple[EmbeddedServer, EmbeddedServer], programs: binaries.Binaries, tmp_path: Path
) -> None:
    partial = tmp_path / ".made.partial"
    partial.mkdir()
    (partial / DUMP).write_text("half")
    handle = os.open(partial, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(BackupFailed, match="Another backup"):
        backup(servers[0].dsn, tmp_path / "made", binaries=programs, now=NOW)
    assert (partial / DUMP).exists()
    os.close(handle)
    backup(servers[0].dsn, tmp_path / "made", binaries=programs, now=NOW)
    assert [entry.name for entry in tmp_path.iterdir()] == ["made"]


def test_programs_older_than_the_server_are_named_as_the_reason(
    servers: tuple[EmbeddedServer, EmbeddedServer], tmp_path: Path
) -> None:
    with pytest.raises(BackupFailed, match="server version mismatch"):
        backup(servers[0].dsn, tmp_path / "made", binaries=binaries.find("celerp"), now=NOW)
    assert not list(tmp_path.iterdir())


def test_backup_says_what_it_holds_to_its_owner_only(saved: Path) -> None:
    manifest = verify(saved)
    assert manifest.made_at == NOW
    assert manifest.database == "dancu"
    assert manifest.rows == {"register.empty": 0, "register.person": 500}
    assert {entry.name: entry.stat().st_mode & 0o777 for entry in saved.iterdir()} == {DUMP: 0o600, MANIFEST: 0o600}
    assert saved.stat().st_mode & 0o777 == 0o700


def test_everything_comes_back(saved: Path, target: str, programs: binaries.Binaries) -> None:
    told: list[str] = []
    assert restore.restore(saved, target, binaries=programs, progress=told.append) == verify(saved)
    assert "Restoring" in told
    with psycopg.connect(target, autocommit=True) as connection:
        assert connection.execute("SELECT count(*), max(name) FROM register.person").fetchone() == (500, "Đặng Thị 99")
        assert connection.execute("SELECT current_setting('dancu.place')").fetchone() == ('Hà Nội, "1"',)
        rights = connection.execute(
            "SELECT has_database_privilege('keeper', 'restored', 'CONNECT'), pg_has_role('clerk', 'keeper', 'USAGE'),"
            " (SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'clerk'),"
            " NOT EXISTS (SELECT 1 FROM pg_database, aclexplode(datacl) a"
            "             WHERE datname = 'restored' AND grantee = 0 AND a.privilege_type = 'CONNECT')"
        ).fetchone()
        assert rights == (True, True, True, True)
        connection.execute("SET ROLE keeper")
        connection.execute("SET dancu.office = '1'")
        assert connection.execute("SELECT count(*) FROM register.person").fetchone() == (167,)
    assert databases(target) == {"postgres", "restored"}


def test_database_with_something_in_it_is_not_overwritten(
    saved: Path, target: str, programs: binaries.Binaries
) -> None:
    restore.restore(saved, target, binaries=programs)
    with psycopg.connect(target) as connection:
        connection.execute("DELETE FROM register.person")
    with pytest.raises(NotEmpty, match="restored is not empty"):
        restore.restore(saved, target, binaries=programs)
    with psycopg.connect(target) as connection:
        assert connection.execute("SELECT count(*) FROM register.person").fetchone() == (0,)


def test_empty_database_takes_a_backup_but_not_while_it_is_used(
    saved: Path, target: str, programs: binaries.Binaries
) -> None:
    with psycopg.connect(make_conninfo(target, dbname="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    with psycopg.connect(target), pytest.raises(RestoreFailed, match="stop Dancu first"):
        restore.restore(saved, target, binaries=programs)
    assert databases(target) == {"postgres", "restored"}
    restore.restore(saved, target, binaries=programs)


def test_leftover_of_a_killed_restore_is_cleared(saved: Path, target: str, programs: binaries.Binaries) -> None:
    with psycopg.connect(make_conninfo(target, dbname="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE dancu_restoring_0")
    restore.restore(saved, target, binaries=programs)
    assert databases(target) == {"postgres", "restored"}


def changed(saved: Path, to: Path, **fields: object) -> Path:
    shutil.copytree(saved, to)
    manifest = json.loads((to / MANIFEST).read_bytes()) | fields
    (to / MANIFEST).write_text(json.dumps(manifest))
    return to


def test_changed_byte_is_noticed_before_anything_is_touched(
    saved: Path, target: str, programs: binaries.Binaries, tmp_path: Path
) -> None:
    copy = changed(saved, tmp_path / "copy")
    content = bytearray((copy / DUMP).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / DUMP).write_bytes(content)
    with pytest.raises(DamagedBackup, match="not as it was written"):
        restore.restore(copy, target, binaries=programs)
    assert databases(target) == {"postgres"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": 99}, "another version of Dancu"),
        ({"files": {}}, f"names no {DUMP}"),
        ({"files": {DUMP: {"size": 1, "sha256": ""}}}, "not as it was written"),
        ({"rows": "many"}, "can't be understood"),
    ],
)
def test_manifest_that_does_not_fit_is_refused(
    saved: Path, tmp_path: Path, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(DamagedBackup, match=said):
        verify(changed(saved, tmp_path / "copy", **fields))


def test_manifest_that_reaches_out_of_its_folder_is_refused(saved: Path, tmp_path: Path) -> None:
    files = json.loads((saved / MANIFEST).read_bytes())["files"]
    with pytest.raises(DamagedBackup):
        verify(changed(saved, tmp_path / "copy", files=files | {"../secret": files[DUMP]}))


def test_folder_without_manifest_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(DamagedBackup, match="is not a backup"):
        verify(tmp_path)


@pytest.mark.parametrize("fields", [{"rows": {"register.person": 501, "register.empty": 0}}])
def test_other_number_of_rows_undoes_the_restore(
    saved: Path, target: str, programs: binaries.Binaries, tmp_path: Path, fields: dict[str, object]
) -> None:
    copy = changed(saved, tmp_path / "copy", **fields)
    with pytest.raises(RestoreFailed, match=r"register\.person"):
        restore.restore(copy, target, binaries=programs)
    assert databases(target) == {"postgres"}


def test_keyword_that_is_more_than_a_word_is_refused(
    saved: Path, target: str, programs: binaries.Binaries, tmp_path: Path
) -> None:
    surroundings = json.loads((saved / MANIFEST).read_bytes())["surroundings"]
    surroundings["rights"].append([None, "ALL ON DATABASE postgres TO PUBLIC; --"])
    copy = changed(saved, tmp_path / "copy", surroundings=surroundings)
    with pytest.raises(RestoreFailed, match="keyword"):
        restore.restore(copy, target, binaries=programs)
    assert databases(target) == {"postgres"}


def test_server_without_the_owner_gives_everything_to_who_restores(
    saved: Path, target: str, programs: binaries.Binaries, tmp_path: Path
) -> None:
    surroundings = json.loads((saved / MANIFEST).read_bytes())["surroundings"]
    rights = [[who.replace("dancu", "absent") if who else None, what] for who, what in surroundings["rights"]]
    copy = changed(saved, tmp_path / "copy", surroundings=surroundings | {"owner": "absent", "rights": rights})
    restore.restore(copy, target, binaries=programs)
    with psycopg.connect(target) as connection:
        owner = connection.execute("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'register'")
        assert owner.fetchone() == ("dancu",)
