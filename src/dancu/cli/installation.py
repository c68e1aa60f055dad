"""The installation that a command works on: its settings, its database, its processes."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dancu.access.former_key import adopt
from dancu.access.secrets import SecondFactors
from dancu.infra.keys import KeyExposed, KeyMissing, Ring, ring_of
from dancu.infra.migrations import Migration, migrate
from dancu.infra.postgres import EmbeddedServer, external
from dancu.infra.postgres import binaries as programs
from dancu.infra.settings import Settings
from dancu.intake.former_queue import seal_former
from dancu.kernel.errors import Unavailable
from dancu.reference.load import load_reference
from dancu.register.bulk import indexes_missing, restore_indexes

DATABASE = "dancu"
_READY_LIMIT_S = 60.0

Report = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """One `DANCU_HOME` with its database."""

    settings: Settings

    @classmethod
    def here(cls) -> "Installation":
        """Return the installation that the environment names.

        Raises:
            Malformed: a variable holds what it can't mean.
        """
        return cls(Settings.read(os.environ))

    @property
    def home(self) -> Path:
        """Folder of everything that is kept."""
        return self.settings.home

    @property
    def binaries(self) -> programs.Binaries:
        """The PostgreSQL programs in use.

        Raises:
            NoBinaries: none were found.
        """
        return programs.find(self.settings.postgres_source, self.settings.postgres_bin)

    def server(self, report: Report = lambda _: None) -> EmbeddedServer:
        """Return the embedded server, running or not."""
        return EmbeddedServer(
            self.home,
            source=self.settings.postgres_source,
            folder=self.settings.postgres_bin,
            account=self.settings.account,
            progress=report,
        )

    def keys(self, dsn: str) -> Ring:
        """Return the key ring: data keys from the database, what unwraps them from `DANCU_HOME/keys`."""
        return ring_of(dsn, self.home / "keys")

    def signed_in(self, dsn: str, login: str) -> str:
        """Return the address under which a process signs in, so that it can't become the owner of the tables.

        On a server of one's own, the address that was given says who signs in.

        Args:
            login: `dancu_web` or `dancu_worker`.
        """
        return dsn if self.settings.database_url else make_conninfo(dsn, user=login)

    @contextmanager
    def database(self, report: Report = lambda _: None, *, sets_up: bool = True) -> Iterator[str]:
        """Give the address of the database; a server that doesn't run yet runs for as long as the block.

        Args:
            sets_up: whether the block must be able to set Dancu up on a server of one's own.

        Raises:
            UnusableServer: the server of DANCU_DATABASE_URL can't hold the register.
            StartFailed: the embedded server did not start.
        """
        with self.kept_database(report, sets_up=sets_up) as (dsn, _):
            yield dsn

    @contextmanager
    def kept_database(
        self, report: Report = lambda _: None, *, sets_up: bool = True
    ) -> Iterator[tuple[str, Callable[[], None]]]:
        """Give the address of the database, and what to call now and then: it starts a server again that ended.

        Args:
            sets_up: see `database`.

        Raises:
            UnusableServer: the server of DANCU_DATABASE_URL can't hold the register.
            StartFailed: the embedded server did not start.
        """
        if self.settings.database_url:
            external.check_server(self.settings.database_url, sets_up=sets_up)
            yield self.settings.database_url, _nothing
            return
        server = self.server(report)
        if server.holder not in {None, os.getpid()}:
            _wait_until_ready(server, report)
            yield server.dsn_of(DATABASE), _nothing
            return
        report("Starting the database")
        with server:
            _ensure_database(server)
            yield server.dsn_of(DATABASE), lambda: _start_again(server, report)


def _nothing() -> None:
    """Leave a server alone that others look after."""


def _wait_until_ready(server: EmbeddedServer, report: Report) -> None:
    """Wait while whoever looks after the server starts it, or it recovers from a crash."""
    deadline = time.monotonic() + _READY_LIMIT_S
    told = False
    while not server.is_ready:
        if time.monotonic() > deadline:
            raise Unavailable("The database is being started by another process and isn't ready; try again later")
        if not told:
            report("Waiting for the database")
            told = True
        time.sleep(0.1)


def _start_again(server: EmbeddedServer, report: Report) -> None:
    if not server.is_running:
        report("The database ended by itself; starting it again")
        server.start()


def bring_up_to_date(dsn: str, report: Report, here: Installation | None = None) -> int:
    """Migrate, load reference tables, make missing keys and indexes that an interrupted load left out.

    Args:
        here: whose keys these are; None: they are made when they are first needed.

    Returns: how many migrations were applied.
    """

    def tell(migration: Migration) -> None:
        report(f"Applying migration {migration.number:04} {migration.name}")

    with psycopg.connect(dsn, autocommit=True) as connection:
        applied = migrate(connection, tell)
        if load_reference(connection):
            report("Loaded the reference tables")
        if here:
            _bring_keys(here, dsn, connection, report)
        missing = indexes_missing(connection)
    if missing:
        restore_indexes(dsn, report)
    return applied


def _bring_keys(here: Installation, dsn: str, connection: psycopg.Connection, report: Report) -> None:
    """Make what is missing; where keys were lost, say so and go on: what needs them fails, and officers have codes."""
    ring = here.keys(dsn)
    try:
        ring.make_missing()
        adopted = adopt(connection, here.home / "keys", SecondFactors(ring))
        queued = seal_former(connection, ring)
    except (KeyMissing, KeyExposed) as error:
        report(f"KEYS: {error}")
        return
    if adopted:
        report(f"Sealed the second factors of {adopted} officers anew")
    if queued:
        report(f"Sealed {queued} records that wait for a clerk")


def _ensure_database(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def as_role(dsn: str, role: str) -> str:
    """Return an address whose sessions act as a role from the start."""
    return make_conninfo(dsn, options=f"-c role={role}")
