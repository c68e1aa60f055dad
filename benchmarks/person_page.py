"""The page of a person, from request to answer: `python -m benchmarks.person_page --people N [--pages N]`.

An officer of the Center is signed in; people are drawn at random. Each page is asked for through the whole
application (session, policy, scope, fold, relatives, household, who looked, log, template, compression) in one
process, one in flight: what is measured is the time of the server. Prints Markdown.
"""

import argparse
import asyncio
import json
import logging
import os
import platform
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyotp
import structlog
from benchmarks.nation_at_hand import nation
from tests.journeys.client import Client

from dancu.access import accounts
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.settings import Settings
from dancu.portals.officer.house import warm_up
from dancu.portals.shared.refs import References, references_key

BAR_MS = 60
NAME = "bench-center"
PASSWORD = "a long word for a bench"  # noqa: S105


async def appoint(database: Database, home: Path) -> str:
    """Return the secret of the officer's second factor; the officer is made once."""
    kept = home / "bench-officer.json"
    if kept.exists():
        return str(json.loads(kept.read_text(encoding="utf-8")))
    now, factors = datetime.now(UTC), SecondFactors(ring_of(database.dsn, home / "keys"))
    async with database.transaction(scope="none") as tx:
        first = await accounts.open_account(
            tx,
            name="bench-admin",
            full_name="Quản Trị",
            account_class=AccountClass.ADMINISTRATOR,
            factors=factors,
            by=None,
            now=now,
            password=PASSWORD,
        )
        opened = await accounts.open_account(
            tx,
            name=NAME,
            full_name="Trung Tâm",
            account_class=AccountClass.OPERATOR,
            factors=factors,
            by=first.officer_id,
            now=now,
            password=PASSWORD,
        )
        await accounts.assign(tx, name=NAME, role="center_officer", unit_code="", by=first.officer_id, now=now)
    secret = str(pyotp.parse_uri(opened.totp_uri).secret)
    kept.write_text(json.dumps(secret), encoding="utf-8")
    return secret


def draw(dsn: str, count: int) -> list[int]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT p.person_id FROM register.person p TABLESAMPLE SYSTEM (2)").fetchall()
    return [row[0] for row in random.Random(3).sample(rows, min(count, len(rows)))]


async def measure(dsn: str, home: Path, count: int) -> None:
    refs = References(references_key(home / "keys"))
    async with Database(dsn, size=2) as database:
        secret = await appoint(database, home)
        app = create_app(Settings(home=home), database)
        warm_up()
        client = Client(app)
        await client.get("/sign-in")
        form = {"name": NAME, "password": PASSWORD, "code": pyotp.TOTP(secret).now()}
        answer = await client.post("/sign-in", form)
        assert answer.status == 303, answer.text
        times, sizes = [], []
        for turn, person_id in enumerate(draw(dsn, count + 50)):
            begun = time.perf_counter()
            page = await client.get(f"/people/{refs.ref(person_id)}")
            spent = time.perf_counter() - begun
            assert page.status == 200, page.text
            if turn >= 50:
                times.append(1000 * spent)
                sizes.append(len(page.text))
    cuts = statistics.quantiles(times, n=100)
    print("| pages | bytes of HTML | p50 ms | p95 ms | p99 ms | bar, p95 |")
    print("|---|---|---|---|---|---|")
    figures = f"{cuts[49]:.1f} | {cuts[94]:.1f} | {cuts[98]:.1f} | {BAR_MS} |"
    print(f"| {len(times)} | {statistics.median(sizes):,.0f} | {figures}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--pages", type=int, default=1000)
    given = parser.parse_args()
    home = Path(tempfile.gettempdir()) / f"dancu-bench-{given.people}"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with nation(given.people) as dsn:
        print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, {given.people:,} people;")
        print(f"`python -m benchmarks.person_page --people {given.people} --pages {given.pages}`\n")
        asyncio.run(measure(dsn, home, given.pages))


if __name__ == "__main__":
    main()
