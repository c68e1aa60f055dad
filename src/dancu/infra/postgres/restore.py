"""Restoring: a backup becomes a database, wholly or not at all."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dancu.infra.postgres import roles
from dancu.infra.postgres.backup import DUMP, Manifest, count_rows, reason, verify, watch
from dancu.infra.postgres.binaries import Binaries
from dancu.infra.postgres.errors import NotEmpty, RestoreFailed

Progress = Callable[[str], None]

_PREFIX = "dancu_restoring_"
_OWN_THINGS = """
SELECT count(*)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""


def restore(from_: Path, dsn: str, *, binaries: Binaries, progress: Progress = lambda _: None) -> Manifest:
    """Restore a backup into the database that an address names, which must be empty or missing.

    It is restored aside, compared with the manifest, and only then takes its name.

    Raises:
        DamagedBackup: the backup is not whole; nothing was touched.
        NotEmpty: there is something in the database; nothing was touched.
        RestoreFailed: it did not work; the database is as it was before.
    """
    manifest = verify(from_, progress)
    target = str(conninfo_to_dict(dsn).get("dbname") or "postgres")
    try:
        with psycopg.connect(_of(dsn, _other_than(target)), autocommit=True) as upkeep:
            _check_empty(upkeep, dsn, target)
            with _aside(upkeep, target) as aside:
                owned = roles.knows_owner(upkeep, manifest.surroundings)
                roles.restore_roles(upkeep, manifest.surroundings)
                _fill(from_, _of(dsn, aside), binaries, owned=owned, progress=progress)
                _compare(_of(dsn, aside), manifest, progress)
                roles.restore_rights(upkeep, aside, manifest.surroundings)
    except (psycopg.Error, OSError, ValueError) as error:
        raise RestoreFailed(f"The backup could not be restored: {reason(error)}") from error
    return manifest


@contextmanager
def _aside(upkeep: psycopg.Connection[Any], target: str) -> Iterator[str]:
    """Make a database to fill; it takes the target's name at the end of the block, or vanishes."""
    _drop_leftovers(upkeep)
    name = _PREFIX + secrets.token_hex(4)
    aside, wanted = sql.Identifier(name), sql.Identifier(target)
    upkeep.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(aside))
    try:
        yield name
        upkeep.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(wanted))
        upkeep.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(aside, wanted))
    except BaseException:
        upkeep.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(aside))
        raise


def _fill(from_: Path, dsn: str, binaries: Binaries, *, owned: bool, progress: Progress) -> None:
    jobs = min(os.cpu_count() or 1, 8)
    progress("Restoring")
    code, said = watch(
        [
            binaries.tool("pg_restore"),
            f"--jobs={jobs}",
            "--exit-on-error",
            "--no-password",
            "--no-tablespaces",
            *([] if owned else ["--no-owner"]),
            f"--dbname={dsn}",
            from_ / DUMP,
        ],
        lambda: progress("Restoring"),
    )
    if code:
        raise RestoreFailed(f"The backup could not be restored: {said}")


def _compare(dsn: str, manifest: Manifest, progress: Progress) -> None:
    with psycopg.connect(dsn, autocommit=True, options="-c statement_timeout=0") as connection:
        counts = count_rows(connection, progress)
        differing = sorted(name for name in counts | manifest.rows if counts.get(name) != manifest.rows.get(name))
        if differing:
            raise RestoreFailed(f"The restored tables have other numbers of rows: {', '.join(differing)}")
        progress("Taking statistics")
        connection.execute("ANALYZE")


def _check_empty(upkeep: psycopg.Connection[Any], dsn: str, target: str) -> None:
    exists = upkeep.execute("SELECT 1 FROM pg_database WHERE datname = %s", (target,)).fetchone()
    if not exists:
        return
    with closing(psycopg.connect(_of(dsn, target))) as connection:
        row = connection.execute(_OWN_THINGS).fetchone()
    if row and row[0]:
        raise NotEmpty(f"Database {target} is not empty: restore into another DANCU_HOME or an empty database")
    # It would be noticed at the end of the work, when the name is to be taken.
    if _is_used(upkeep, target):
        raise RestoreFailed(f"Database {target} is in use: stop Dancu first")


def _is_used(upkeep: psycopg.Connection[Any], database: str) -> bool:
    """Tell whether others are connected; who has just left may be listed for a moment."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
    for _ in range(10):
        row = upkeep.execute(query, (database,)).fetchone()
        if row is None or row[0] == 0:
            return False
        time.sleep(0.1)
    return True


def _drop_leftovers(upkeep: psycopg.Connection[Any]) -> None:
    """Drop what a killed restore left; one that still goes on is in use and stays."""
    left = upkeep.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (_PREFIX,)).fetchall()
    for (name,) in left:
        with suppress(psycopg.errors.ObjectInUse):
            upkeep.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _of(dsn: str, database: str) -> str:
    return make_conninfo(dsn, dbname=database)


def _other_than(target: str) -> str:
    return "template1" if target == "postgres" else "postgres"
