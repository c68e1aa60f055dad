"""Forward-only migrations: numbered SQL files, each applied once, in order, in a transaction of its own."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import psycopg

from dancu.kernel.errors import Conflict

_LOCK = 0x64616E63  # one runner at a time


class HistoryChanged(Conflict):
    """A migration that was applied reads differently now."""


@dataclass(frozen=True)
class Migration:
    """One numbered file of `dancu/migrations`."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def available() -> list[Migration]:
    """List all migrations that this version knows, in order."""
    found = []
    for entry in files("dancu.migrations").iterdir():
        if entry.name.endswith(".sql"):
            number, _, name = entry.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, entry.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: migration.number)


def pending(connection: psycopg.Connection) -> list[Migration]:
    """List the migrations that this database still lacks.

    Raises:
        HistoryChanged: an applied migration was edited afterwards.
    """
    applied = _applied(connection)
    for migration in available():
        if applied.get(migration.number, migration.digest) != migration.digest:
            raise HistoryChanged(
                f"Migration {migration.number:04}_{migration.name} was changed after it had been applied"
            )
    return [migration for migration in available() if migration.number not in applied]


def migrate(connection: psycopg.Connection, report: Callable[[Migration], None] = lambda _: None) -> int:
    """Apply what is pending and return how many that were.

    Args:
        connection: in autocommit mode, of a role that may create roles and schemas.
        report: called before each migration.

    Raises:
        HistoryChanged: an applied migration was edited afterwards.
    """
    connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS public.dancu_migration ("
            " number integer PRIMARY KEY, name text NOT NULL, digest text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        todo = pending(connection)
        for migration in todo:
            report(migration)
            with connection.transaction():
                connection.execute(migration.text.encode())
                connection.execute(
                    "INSERT INTO public.dancu_migration (number, name, digest) VALUES (%s, %s, %s)",
                    (migration.number, migration.name, migration.digest),
                )
        return len(todo)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _applied(connection: psycopg.Connection) -> dict[int, str]:
    exists = connection.execute("SELECT to_regclass('public.dancu_migration')").fetchone()
    if not exists or exists[0] is None:
        return {}
    rows = connection.execute("SELECT number, digest FROM public.dancu_migration").fetchall()
    return {int(number): str(digest) for number, digest in rows}
