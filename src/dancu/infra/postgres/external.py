"""A PostgreSQL server of one's own, given by its address, and whether it can hold the register."""

from dataclasses import dataclass

import psycopg

from dancu.infra.postgres.binaries import FLOOR
from dancu.infra.postgres.errors import UnusableServer

_FACTS = """
SELECT current_setting('server_version_num')::int / 10000 AS major,
       current_setting('server_version') AS version,
       pg_encoding_to_char(d.encoding) AS encoding,
       pg_is_in_recovery() AS is_replica,
       r.rolsuper OR (r.rolcreaterole AND r.rolbypassrls
                      AND has_database_privilege(current_database(), 'CREATE')) AS may_migrate
FROM pg_database d, pg_roles r
WHERE d.datname = current_database() AND r.rolname = current_user
"""

_FOLDED = "SELECT lower('ĐẶNG')"
"""Asked apart: on a server of another encoding these letters can't even be sent."""


@dataclass(frozen=True)
class ServerFacts:
    """What a server says about itself and the user that asked."""

    major: int
    version: str
    encoding: str
    is_replica: bool
    may_migrate: bool
    folds_vietnamese: bool


def facts(dsn: str) -> ServerFacts:
    """Ask a server.

    Raises:
        UnusableServer: it does not answer, or does not let us in.
    """
    try:
        with psycopg.connect(dsn, connect_timeout=10, client_encoding="utf8") as connection:
            row = connection.execute(_FACTS).fetchone()
            folded = connection.execute(_FOLDED).fetchone() if row and row[2] == "UTF8" else None
    except psycopg.Error as error:
        raise UnusableServer(f"The server of DANCU_DATABASE_URL can't be used: {_reason(error)}") from error
    if row is None:
        raise UnusableServer("The server of DANCU_DATABASE_URL does not say who we are")
    major, version, encoding, is_replica, may_migrate = row
    folds = folded == ("đặng",)
    return ServerFacts(major, version, encoding, is_replica, may_migrate, folds)


def faults(found: ServerFacts, *, sets_up: bool = True) -> list[tuple[str, str]]:
    """List what makes a server unusable, each with what to do about it; empty: it can be used.

    Args:
        sets_up: whether who signs in must be able to set Dancu up; the web and the worker must not.
    """
    complaints = []
    if found.major < FLOOR:
        complaints.append((f"it is PostgreSQL {found.version}", f"give a server of version {FLOOR} or later"))
    if found.encoding != "UTF8":
        complaints.append((f"its encoding is {found.encoding}", "create the database with ENCODING 'UTF8'"))
    elif not found.folds_vietnamese:
        advice = "create the database with LOCALE 'C.UTF-8'"
        complaints.append(("its locale does not know Vietnamese letters", advice))
    if found.is_replica:
        complaints.append(("it is a replica that takes no changes", "give the address of the primary"))
    if sets_up and not found.may_migrate:
        advice = "give it SUPERUSER, or CREATEROLE, BYPASSRLS and CREATE on the database"
        complaints.append(("its user may not set Dancu up", advice))
    return complaints


def check_server(dsn: str, *, sets_up: bool = True) -> ServerFacts:
    """Return what a server says about itself when it can hold the register.

    Args:
        sets_up: see `faults`.

    Raises:
        UnusableServer: it can't; the message lists every reason.
    """
    found = facts(dsn)
    if complaints := faults(found, sets_up=sets_up):
        listed = "; ".join(f"{what}: {what_to_do}" for what, what_to_do in complaints)
        raise UnusableServer(f"The server of DANCU_DATABASE_URL can't be used: {listed}")
    return found


def _reason(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
