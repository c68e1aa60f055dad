"""How far forecasts of provinces are off, and whether bands hold: `python -m benchmarks.forecast_backtest`.

Nations of 34 provinces are simulated for 35 years (`benchmarks.simulated_provinces`; the engine sees counts only, and
nothing of how they were made). At several years everything is forecast from what was known then, and compared with what
came. Seeds 1 to 6 were looked at while the engine was made; these here were not. Prints Markdown; ends with 1 where a
bar was missed.
"""

import argparse
import sys
import time
from dataclasses import dataclass

import numpy as np
from benchmarks.simulated_provinces import simulated

from dancu.forecast.backtest import Report, backtest, lines_of, totals_of

SEEDS = tuple(range(101, 109))
ORIGINS = (2005, 2008, 2011, 2015)
HORIZON = 10
SIZE = 0.2
GROWTH, HELD = 0.8, (0.72, 0.88)


@dataclass(frozen=True)
class Result:
    seed: int
    cohorts: Report
    totals: Report
    seconds: float


def tried(seed: int) -> Result:
    history = simulated(seed, size=SIZE)
    begun = time.perf_counter()
    cohorts = backtest(history, horizon=HORIZON, origins=ORIGINS)
    seconds = time.perf_counter() - begun
    return Result(seed, cohorts, backtest(totals_of(history), horizon=HORIZON, origins=ORIGINS), seconds)


def row(one: Result) -> str:
    report, bar = one.cohorts, one.cohorts.peers["five-year geometric growth"]
    cells = [
        f"{one.seed}",
        *(f"{report.ours[ahead].mape:.2f} / {bar[ahead].mape:.2f}" for ahead in report.horizons),
        f"{report.against_growth:.0%}",
        f"{report.held80:.0%}",
        f"{np.mean([report.ours[ahead].held95 for ahead in report.horizons]):.0%}",
        f"{one.totals.against_growth:.0%}",
        f"{one.totals.held80:.0%}",
        f"{one.seconds:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def summary(found: list[Result]) -> tuple[float, float]:
    """Our error as a share of that of geometric growth, and the share that 80 % bands held, of all nations."""
    ours = sum(one.cohorts.ours[ahead].mape for one in found for ahead in one.cohorts.horizons)
    theirs = sum(
        one.cohorts.peers["five-year geometric growth"][ahead].mape for one in found for ahead in one.cohorts.horizons
    )
    return ours / theirs, float(np.mean([one.cohorts.held80 for one in found]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", help="taken and not needed: so that all benchmarks can be run alike")
    parser.add_argument("--nations", type=int, default=len(SEEDS))
    found = [tried(seed) for seed in SEEDS[: parser.parse_args().nations]]
    print(
        "Mean absolute error of totals of 34 provinces in per cent, ours / five-year geometric growth; "
        f"made as of {', '.join(map(str, ORIGINS))}.\n"
    )
    near, far = found[0].cohorts.horizons
    print(
        f"| nation | {near} years | {far} years | of geometric | 80 % held | 95 % held "
        "| totals only: of geometric | 80 % held | seconds |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for one in found:
        print(row(one))
    share, held = summary(found)
    print(f"\nAll: {share:.0%} of geometric growth (bar {GROWTH:.0%}); 80 % bands held {held:.0%} (bar 72-88 %).\n")
    print(f"## Nation {found[0].seed} in full\n")
    print("\n".join(lines_of(found[0].cohorts)))
    sys.exit(0 if share <= GROWTH and HELD[0] <= held <= HELD[1] else 1)


if __name__ == "__main__":
    main()
