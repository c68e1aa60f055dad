"""PostgreSQL 17 of another wheel runs the same schema, the same load and the same proof."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer
from dancu.intake.first import load_first
from dancu.reference.load import load_reference
from dancu.register.verify import verify
from dancu.synth.files import write

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


async def test_postgresql_17_holds_the_register(tmp_path: Path) -> None:
    files = write(tmp_path / "nation", people=1_000, seed=5)
    with EmbeddedServer(home=tmp_path / "home", profile="test", source="celerp") as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            version = connection.execute("SHOW server_version_num").fetchone()
            assert version is not None
            assert version[0].startswith("17")
            migrate(connection)
            assert load_reference(connection) > 0
        (done,) = await load_first(server.dsn, files, source="synthetic", now=NOW, home=tmp_path, synthetic=True)
        assert done.records == 1_000
        assert list(verify(server.dsn, workers=1)) == []
