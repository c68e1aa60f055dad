"""Who signs in to the database: a process that was broken into can't become the owner of the tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from dancu.cli.installation import Installation
from dancu.infra.db import Database
from dancu.infra.postgres import cluster
from dancu.infra.postgres.errors import UnusableServer
from dancu.infra.postgres.external import check_server
from dancu.infra.settings import Settings

LOGINS = {
    "dancu_web": {"dancu_app"},
    "dancu_worker": {"dancu_app", "dancu_loader", "dancu_sequencer", "dancu_counter", "dancu_sealer", "dancu_quality"},
}
ROLES = {
    "dancu_app",
    "dancu_loader",
    "dancu_verifier",
    "dancu_sequencer",
    "dancu_counter",
    "dancu_sealer",
    "dancu_quality",
}


@pytest.fixture(params=LOGINS)
def login(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def broken_into(database_dsn: str, login: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of a process as the pool makes it, in the hands of somebody with statements of his own."""
    dsn = make_conninfo(database_dsn, user=login, options="-c role=dancu_app")
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        f"SET ROLE {cluster.SUPERUSER}",
        f"SET SESSION AUTHORIZATION {cluster.SUPERUSER}",
        f"SET ROLE NONE; SET ROLE {cluster.SUPERUSER}",
        "SET ROLE NONE; TRUNCATE register.person",
        "SET ROLE NONE; SET ROLE dancu_verifier",
        "RESET SESSION AUTHORIZATION; ALTER ROLE dancu_web SUPERUSER",
        "SET ROLE NONE; GRANT dancu_loader TO dancu_web",
        "SET ROLE NONE; ALTER TABLE register.event DISABLE ROW LEVEL SECURITY",
        "SET ROLE NONE; SELECT person_id FROM register.person",
        "SET ROLE NONE; DELETE FROM audit.access_log",
        "SET ROLE NONE; CREATE TABLE public.mine (one integer)",
        "SET ROLE NONE; CREATE EXTENSION dblink",
    ],
)
def test_nobody_who_broke_in_becomes_more(broken_into: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        broken_into.execute(statement.encode())


def test_a_login_becomes_what_its_work_needs_and_nothing_else(broken_into: psycopg.Connection[Any], login: str) -> None:
    for role in ROLES:
        if role in LOGINS[login]:
            broken_into.execute(f"SET ROLE {role}".encode())
        else:
            with pytest.raises(InsufficientPrivilege):
                broken_into.execute(f"SET ROLE {role}".encode())


def test_a_login_owns_nothing_and_passes_no_row_level_security(connection: psycopg.Connection[Any], login: str) -> None:
    asked = {"login": login}
    (may,) = connection.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit"
        " FROM pg_roles WHERE rolname = %(login)s",
        asked,
    ).fetchone() or (None,)
    assert may is False
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = %(login)s"
    assert connection.execute(owned, asked).fetchone() == (0,)
    members = "SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE pg_get_userbyid(member) = %(login)s"
    assert {role for (role,) in connection.execute(members, asked)} == LOGINS[login]


def test_on_a_server_of_ones_own_the_web_need_not_be_able_to_set_up(database_dsn: str) -> None:
    web = make_conninfo(database_dsn, user="dancu_web")
    with pytest.raises(UnusableServer, match="may not set Dancu up"):
        check_server(web)
    assert not check_server(web, sets_up=False).may_migrate
    installation = Installation(Settings(Path("/nowhere"), database_url=web))
    assert installation.signed_in(web, "dancu_worker") == web


@pytest.mark.anyio
async def test_the_web_works_as_its_login(database_dsn: str) -> None:
    web = Database(make_conninfo(database_dsn, user="dancu_web"), size=1)
    async with web, web.transaction(scope="none") as tx:
        assert await tx.row("SELECT session_user, current_user") == ("dancu_web", "dancu_app")
