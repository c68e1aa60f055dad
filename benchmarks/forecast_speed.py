"""How fast forecasts are made: `python -m benchmarks.forecast_speed`.

34 made-up provinces and their nation, 1,000 trajectories, 50 years, on two threads. Timed are the life tables (from
model tables to a surface of survival), the nation, and the provinces with their own life expectancy, fertility and
migration in every trajectory and year, moves between all of them by four groups of ages, and births, deaths and people
brought into line with the nation's cell by cell. Beside it runs a bare multiply-add of numpy over an array as large as
the stock, as often as there are years. Then a scenario: one province's fertility and life expectancy change, and
everything is worked out again on one course. Prints Markdown; ends with 1 where a bar was missed.
"""

import argparse
import sys
import time
from dataclasses import dataclass, replace

import numpy as np

from dancu.forecast import DrawnRates, Keep, OriginDestination, Population, Projection, Rates, SurvivalSurface, project
from dancu.forecast.axes import AGES, FIVE_YEAR, Floats
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.decline import PatternOfDecline
from dancu.forecast.schedules.model_tables import log_quadratic
from dancu.forecast.schedules.motherhood import hadwiger

UNITS, YEARS = 34, 50
FIRST = 2025
SECONDS, RATIO, SCENARIO_SECONDS = 12.0, 8.0, 0.5
NAMES = tuple(f"{index:02d}" for index in range(1, UNITS + 1))


@dataclass(frozen=True)
class Made:
    base: Population
    e0: Floats
    tfr: Floats
    pattern: Floats
    moves: OriginDestination


def made(rng: np.random.Generator) -> Made:
    e0 = np.stack((rng.normal(71, 1.5, UNITS), rng.normal(77, 1.5, UNITS)), axis=-1)
    lived = life_table(log_quadratic().at(e0)).Lx
    counts = lived * rng.uniform(5_000, 90_000, (UNITS, 1, 1)) * np.exp(-0.008 * np.arange(AGES))
    leaving = np.zeros((UNITS, 2, AGES))
    leaving[..., 15:40] = rng.uniform(0.005, 0.04, (UNITS, 2, 1))
    leaving[..., :15] = leaving[..., 40:80] = 0.005
    to = rng.dirichlet(np.ones(UNITS), (4, UNITS))
    pattern = hadwiger(rng.normal(27, 1, UNITS))
    return Made(
        Population(FIRST, NAMES, counts),
        e0,
        rng.normal(2, 0.3, UNITS),
        pattern,
        OriginDestination(leaving, to, (0, 15, 40, 65)),
    )


def walks(rng: np.random.Generator, trajectories: int, units: int, yearly: float) -> Floats:
    """Correlated random walks `(year, trajectory, unit)`."""
    shared = rng.normal(0, yearly, (YEARS, trajectories, 1))
    own = rng.normal(0, yearly / 2, (YEARS, trajectories, units))
    return np.cumsum(shared + own, axis=0)


def drawn(one: Made, rng: np.random.Generator, trajectories: int, *, nation: bool) -> DrawnRates:
    units = 1 if nation else UNITS
    e0, tfr, pattern = (x.mean(axis=0, keepdims=True) if nation else x for x in (one.e0, one.tfr, one.pattern))
    years = np.arange(YEARS)[:, None, None]
    longer = 0.15 * years + walks(rng, trajectories, units, 0.15)
    lives = np.clip(e0 + longer[..., None], 60, 99)
    net = walks(rng, trajectories, units, 0.0003)
    shares = np.zeros((units, 2, AGES))
    shares[..., 18:45] = 1 / (2 * 27)
    return DrawnRates(
        FIRST,
        ("",) if nation else NAMES,
        np.maximum(tfr + walks(rng, trajectories, units, 0.05), 0.5),
        lives,
        surface(e0),
        np.broadcast_to(pattern, (YEARS, units, pattern.shape[-1])),
        np.full((YEARS, units), 1.08),
        net_per_head=net,
        net_ages=shares,
        moves=None if nation else lambda _year, _part: one.moves,
    )


def surface(e0: Floats) -> SurvivalSurface:
    """Each province's own death rates, falling in the pattern of model tables."""
    decline = PatternOfDecline.after(log_quadratic().at(e0))
    return SurvivalSurface.of(decline.at, units=len(e0), lowest=60, highest=99.5, step=0.5)


def trajectories(one: Made, count: int, seed: int) -> tuple[float, float, float, Projection]:
    """Seconds for the nation, seconds for all, and of processors, and the provinces."""
    rng = np.random.default_rng(seed)
    of_nation, of_units = (drawn(one, rng, count, nation=nation) for nation in (True, False))
    begun, spent = time.perf_counter(), time.process_time()
    tables = replace(of_nation, survival=surface(one.e0.mean(axis=0, keepdims=True)))
    nation = project(one.base.nation, tables, until=FIRST + YEARS)
    alone = time.perf_counter() - begun
    tables = replace(of_units, survival=surface(one.e0))
    units = project(one.base, tables, until=FIRST + YEARS, nation=nation, keep=Keep(FIVE_YEAR, components=False))
    return alone, time.perf_counter() - begun, time.process_time() - spent, units


def bare(count: int) -> tuple[float, float]:
    """Seconds of a multiply-add over the stock of each year, and of processors."""
    stock = np.random.default_rng(1).uniform(size=(count, UNITS, 2, AGES))
    factor, plus = np.full_like(stock, 0.99), np.ones_like(stock)
    begun, spent = time.perf_counter(), time.process_time()
    for _ in range(YEARS):
        stock = stock * factor + plus
    return time.perf_counter() - begun, time.process_time() - spent


def scenario(one: Made) -> float:
    """Seconds from a change of one province's numbers to the new result of all."""
    years = np.arange(YEARS)[:, None]
    decline = PatternOfDecline.after(log_quadratic().at(one.e0))
    as_before = course(one, decline, one.e0 + 0.15 * years[..., None], np.tile(one.tfr, (YEARS, 1)))
    project(one.base, as_before, until=FIRST + YEARS)
    begun = time.perf_counter()
    e0 = one.e0 + 0.15 * years[..., None]
    e0[10:, 7] += 1
    tfr = np.tile(one.tfr, (YEARS, 1))
    tfr[5:, 7] = 2.1
    project(one.base, course(one, decline, e0, tfr), until=FIRST + YEARS)
    return time.perf_counter() - begun


def course(one: Made, decline: PatternOfDecline, e0: Floats, tfr: Floats) -> Rates:
    return Rates(
        FIRST,
        NAMES,
        decline.at(e0),
        tfr[..., None] * one.pattern,
        np.full((YEARS, UNITS), 1.08),
        moves=[one.moves] * YEARS,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", help="taken and not needed: so that all benchmarks can be run alike")
    parser.add_argument("--trajectories", type=int, default=1000)
    count = parser.parse_args().trajectories
    one = made(np.random.default_rng(34))
    yardstick, spent_bare = min(bare(count) for _ in range(3))
    alone, seconds, spent, first = trajectories(one, count, seed=5)
    same = trajectories(one, count, seed=5)[3].stock.tobytes() == first.stock.tobytes()
    change = min(scenario(one) for _ in range(3))
    rows = (
        (f"{UNITS} provinces, {count:,} trajectories, {YEARS} years: seconds", seconds, SECONDS),
        ("- of these the nation", alone, None),
        ("- seconds of processors, of which there may be fewer than two at hand", spent, None),
        ("a bare multiply-add over the stock of each year: seconds", yardstick, None),
        ("- seconds of processors, of one thread", spent_bare, None),
        ("ours / bare", seconds / yardstick, RATIO),
        ("a scenario changed, to the new result: seconds", change, SCENARIO_SECONDS),
    )
    print("| what | measured | bar |\n| --- | ---: | ---: |")
    for what, measured, bar in rows:
        print(f"| {what} | {measured:.2f} | {'' if bar is None else f'{bar:g}'} |")
    print(f"| the same seed gives the same bits | {'yes' if same else 'no'} | yes |")
    sys.exit(0 if same and all(bar is None or measured < bar for _, measured, bar in rows) else 1)


if __name__ == "__main__":
    main()
