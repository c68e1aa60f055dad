"""The search box over a nation: `python -m benchmarks.search --people N [--questions N]`.

People are drawn at random from the register and asked for with what an officer may remember; slips come from
`benchmarks/typos.py`. Reports how often the right person is among the candidates, first, and on the first page,
and how long one question took in all: understanding it, the statements of its transaction, and ranking.
Prints Markdown.
"""

import argparse
import asyncio
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime

import psycopg
from benchmarks.nation_at_hand import nation
from benchmarks.typos import with_slip

from dancu.infra.db import Database
from dancu.kernel.text import fold
from dancu.reference.units import unit_index
from dancu.register.search import parse, search
from dancu.register.search.find import TOO_MANY

TODAY = date(2026, 11, 24)
PAGE = 20
Person = tuple[int, str, int, str]


def draw(dsn: str, count: int, rng: random.Random) -> list[Person]:
    """People with a whole birth date and a commune: (id, name, born, commune's code)."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT p.person_id, concat_ws(' ', nullif(p.surname, ''), nullif(p.middle, ''), p.given), p.born,"
            " p.commune_code FROM register.person p TABLESAMPLE SYSTEM (2)"
            " WHERE p.born % 100 > 0 AND p.commune_code IS NOT NULL AND p.status = 1"
        ).fetchall()
    return rng.sample(rows, min(count, len(rows)))


def _slip(person: Person, rng: random.Random) -> str:
    return with_slip(person[1], rng)


def _day(born: int) -> str:
    return f"{born % 100}/{born // 100 % 100}/{born // 10000}"


def _year_and_commune(person: Person) -> str:
    unit = unit_index().unit_on(person[3], TODAY)
    assert unit
    return f"{person[2] // 10000}, {unit_index().full_title(unit, TODAY)}"


def questions() -> list[tuple[str, Callable[[Person, random.Random], str], Callable[[Person], str]]]:
    """(what, the text that is typed, the scope of who types it)."""

    def nationwide(_: Person) -> str:
        return "nation"

    def own_commune(person: Person) -> str:
        return f"commune:{person[3]}"

    return [
        ("name with one slip + full date", lambda p, r: f"{_slip(p, r)} {_day(p[2])}", nationwide),
        ("name without marks + year + commune", lambda p, _: f"{fold(p[1])} {_year_and_commune(p)}", nationwide),
        ("name with one slip + year + commune", lambda p, r: f"{_slip(p, r)} {_year_and_commune(p)}", nationwide),
        ("name with one slip + year, own commune", lambda p, r: f"{_slip(p, r)} {p[2] // 10000}", own_commune),
        ("name with one slip, own commune", _slip, own_commune),
        ("whole name with marks + year", lambda p, _: f"{p[1]} {p[2] // 10000}", nationwide),
        ("name without marks + year", lambda p, _: f"{fold(p[1])} {p[2] // 10000}", nationwide),
        ("name with one slip + year", lambda p, r: f"{_slip(p, r)} {p[2] // 10000}", nationwide),
    ]  # fmt: skip


async def measure(dsn: str, count: int) -> None:
    rng = random.Random(7)
    drawn = draw(dsn, count, rng)
    print("| asked | candidate | first | first page | refused | p50 ms | p95 ms |")
    print("|---|---|---|---|---|---|---|")
    async with Database(dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            await search(tx, parse("nguyễn văn an 1/1/1980", TODAY))  # reads the vocabulary
        for what, typed, scope in questions():
            candidate = first = page = refused = 0
            times = []
            for person in drawn:
                text = typed(person, rng)
                begun = time.perf_counter()
                async with database.transaction(scope=scope(person)) as tx:
                    found = await search(tx, parse(text, TODAY), limit=TOO_MANY)
                times.append(time.perf_counter() - begun)
                ids = [hit.person_id for hit in found.hits]
                candidate += person[0] in ids
                page += person[0] in ids[:PAGE]
                first += ids[:1] == [person[0]]
                refused += bool(found.add)
            n = len(drawn)
            p95 = statistics.quantiles(times, n=20)[18]
            print(
                f"| {what} | {candidate / n:.3f} | {first / n:.3f} | {page / n:.3f} | {refused / n:.3f}"
                f" | {1000 * statistics.median(times):.1f} | {1000 * p95:.1f} |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--dsn", help="of a server that runs already")
    given = parser.parse_args()
    with nullcontext(given.dsn) if given.dsn else nation(given.people) as dsn:
        print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, {given.people:,} people;")
        print(f"`python -m benchmarks.search --people {given.people} --questions {given.questions}`\n")
        asyncio.run(measure(dsn, given.questions))


if __name__ == "__main__":
    main()
