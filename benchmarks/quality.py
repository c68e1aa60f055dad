"""Measuring the quality of a nation: `python -m benchmarks.quality --people N`.

Reports how long each measure takes, and what it found. Prints Markdown. The bar: a minute for any measure at 5 million.
"""

import argparse
import os
import platform
import time
from contextlib import nullcontext
from datetime import UTC, datetime

import psycopg
from benchmarks.nation_at_hand import nation

from dancu.quality.run import run
from dancu.reference.load import load_reference

BAR_S = 60.0


def measure(dsn: str) -> None:
    """Measure all, and say how long each took."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        load_reference(connection)
    begun = time.monotonic()
    done = run(dsn, now=datetime.now(UTC), again=True)
    whole = time.monotonic() - begun
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT v.measure, v.value, v.denominator FROM quality.value v"
            " WHERE v.day = %s AND v.province = '' AND v.age_group = -2 AND v.source = '*'",
            (done.day,),
        ).fetchall()
    values = {code: (value, of) for code, value, of in rows}
    print("| measure | seconds | value | of |")
    print("|---|---:|---:|---:|")
    for code, seconds in done.measured.items():
        value, of = values.get(code, (None, 0))
        print(f"| {code} | {seconds:.1f} | {'' if value is None else f'{value:.6g}'} | {of:,.0f} |")
    print(f"| persons by unit, age and source, and the rest | {whole - sum(done.measured.values()):.1f} | | |")
    print(f"| **all** | **{whole:.1f}** | | |")
    slowest = max(done.measured.values())
    print(f"\nThe bar of {BAR_S:.0f} s for a measure is {'met' if slowest <= BAR_S else 'missed'}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--dsn", help="of a server that runs already")
    given = parser.parse_args()
    with nullcontext(given.dsn) if given.dsn else nation(given.people) as dsn:
        load = os.getloadavg()[0]
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, load {load:.1f},")
        print(f"{given.people:,} people; `python -m benchmarks.quality --people {given.people}`\n")
        measure(dsn)


if __name__ == "__main__":
    main()
