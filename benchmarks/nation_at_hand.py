"""A loaded nation to measure on, kept between benchmarks: `python -m benchmarks.nation_at_hand --people N`."""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from dancu.infra.migrations import migrate
from dancu.infra.postgres import EmbeddedServer
from dancu.intake.first import load_first
from dancu.synth.files import write

SEED = 1


def home_of(people: int) -> Path:
    """Return the folder of such a nation, with its keys."""
    return Path(tempfile.gettempdir()) / f"dancu-bench-{people}"


@contextmanager
def nation(people: int) -> Iterator[str]:
    """Give the address of a server with a nation of this size; one that was made before is used again."""
    home = home_of(people)
    home.mkdir(exist_ok=True)
    with EmbeddedServer(home=home, profile="standard") as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            migrate(connection)
            found = connection.execute("SELECT EXISTS (SELECT FROM register.person)").fetchone()
        if not found or not found[0]:
            made = sorted((home / "files").glob("synthetic-*.parquet"))
            files = made or write(home / "files", people=people, seed=SEED)
            now = datetime.now(UTC)
            asyncio.run(load_first(server.dsn, files, source="synthetic", now=now, home=home, synthetic=True))
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute("VACUUM (ANALYZE)")
        yield server.dsn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    with nation(parser.parse_args().people) as dsn, psycopg.connect(dsn) as connection:
        print(connection.execute("SELECT count(*) FROM register.person").fetchone())


if __name__ == "__main__":
    main()
