"""A real PostgreSQL for every test: one embedded server a run, one migrated template, a copy for each test."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.rings import memory_ring

from dancu.infra import db
from dancu.infra.db import Database
from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer

_COUNT = itertools.count(1)

# Tests that are not about keys need not name any.
db.NO_KEYS = memory_ring()

# The same examples every time, so that a change fails by its own fault; the long runs look for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("searching", derandomize=False)
settings.load_profile("searching" if os.environ.get("DANCU_SOAK") else "steady")


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(home=tmp_path_factory.mktemp("server"), profile="test")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    with psycopg.connect(make_conninfo(server.dsn, dbname="migrated"), autocommit=True) as connection:
        migrate(connection)
        # Most tests record by commands alone, which log nothing: whoever records, logs. Those of the log set a day.
        connection.execute("UPDATE audit.acts_named SET since = '9999-01-01'")
    return "migrated"


@pytest.fixture
def database_dsn(server: EmbeddedServer, template: str) -> Iterator[str]:
    name = f"test_{next(_COUNT)}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield make_conninfo(server.dsn, dbname=name)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def connection(database_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    async with Database(database_dsn, size=2) as database:
        yield database
