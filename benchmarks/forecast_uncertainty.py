"""How wide bands of countries are, and what communes and scenarios cost: `python -m benchmarks.forecast_uncertainty`.

Bands: for every country whose files of World Population Prospects are at hand, fertility, life expectancy and migration
are drawn from models fitted to its own estimates to 2023, with one setting for all. The 80 % band of the total is
compared with the one that the United Nations publish, which no part of the engine reads. Beside it: whether bands made
as of earlier years held what came.

Communes: 3,321 of them, 100 trajectories, 15 years, held to their provinces. Scenarios: a change of 34 provinces to its
new result on one course. Prints Markdown; ends with 1 where a bar was missed.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.forecast_fidelity import codes, folder
from benchmarks.forecast_speed import FIRST, UNITS, YEARS, course, made

from dancu.forecast import Keep, Projection, project
from dancu.forecast.axes import Floats
from dancu.forecast.communes import Communes, forecast_communes
from dancu.forecast.communes.groups import COUNT, by_province
from dancu.forecast.scenarios import Change, Kind, Scenario, apply, compare
from dancu.forecast.schedules.decline import PatternOfDecline
from dancu.forecast.schedules.model_tables import log_quadratic
from dancu.forecast.tables import Table
from dancu.forecast.trajectories import Past, draw_futures, probability_of_peak_before, quantiles, read_past
from dancu.forecast.trajectories.rates import drawn_rates
from dancu.forecast.wpp import read_country, world_prospects

LAST, ASKED = 2100, (2030, 2050, 2099)
TRAJECTORIES, SEED = 2000, 1
RATIO = (0.7, 1.4)
COMMUNES, PROVINCES = 3321, 34
COMMUNE_SECONDS, COMMUNE_GB, SCENARIO_SECONDS = 20.0, 3.0, 0.5
ORIGINS, AHEAD = range(1980, 2019, 3), (5, 10, 20)


@dataclass(frozen=True)
class Bands:
    code: str
    ratio: dict[int, float]
    median: dict[int, float]
    peak: float
    components: dict[str, float]


def projected(where: Path, code: str) -> tuple[Projection, Past]:
    past = read_past(where / f"{code}_annual.csv")
    country = read_country(where, code, until=LAST)
    projection, rates = world_prospects(country)
    futures = draw_futures(past, years=len(rates.years), trajectories=TRAJECTORIES, seed=SEED)
    keep = Keep(ages=(0,), components=False)
    return project(projection.at(country.first_year), drawn_rates(futures, rates), until=LAST + 1, keep=keep), past


def bands(where: Path, code: str) -> Bands:
    drawn, past = projected(where, code)
    total = drawn.total[..., 0]
    low, middle, high = quantiles(total, (0.1, 0.5, 0.9))
    ratio, median = {}, {}
    for row in Table.read(where / f"{code}_annual.csv").rows:
        year = row["year"].whole
        if year in ASKED:  # published at 31 December, in thousands
            at = year + 1 - drawn.first_year
            width = (row["pop_80u"].number - row["pop_80l"].number) * 1000
            ratio[year] = float(high[at] - low[at]) / width
            median[year] = float(middle[at]) / (row["popM"].number + row["popF"].number) / 10 - 100
    peak = float(probability_of_peak_before(total, np.arange(drawn.years.start, drawn.years.stop), 2045))
    return Bands(code, ratio, median, peak, held(past))


def held(past: Past) -> dict[str, float]:
    """The share of 80 % bands that held what came, of forecasts made as of earlier years."""
    hits: dict[str, list[bool]] = {"TFR": [], "e0 of women": [], "e0 of men": [], "migration": []}
    first = past.last_year + 1 - len(past.tfr)
    for origin in ORIGINS:
        known = origin + 1 - first
        then = Past(origin, past.tfr[:known], past.life_expectancy[:known], past.migration[:known])
        futures = draw_futures(then, years=past.last_year - origin, trajectories=500, seed=SEED)
        pairs = {
            "TFR": (futures.tfr, past.tfr),
            "e0 of women": (futures.life_expectancy[..., 1], past.life_expectancy[..., 1]),
            "e0 of men": (futures.life_expectancy[..., 0], past.life_expectancy[..., 0]),
            "migration": (futures.migration, past.migration),
        }
        for name, (drawn, truth) in pairs.items():
            for ahead in AHEAD:
                if origin + ahead <= past.last_year:
                    low, high = np.quantile(drawn[ahead - 1, :, 0], (0.1, 0.9))
                    hits[name].append(bool(low <= truth[known + ahead - 1, 0] <= high))
    return {name: float(np.mean(hit)) for name, hit in hits.items()}


def countries() -> Iterator[Bands]:
    where = folder()
    if where is None:
        print("The files of World Population Prospects are not at hand: name their folder in DANCU_WPP.\n")
        return
    for code in codes(where):
        yield bands(where, code)


def communes() -> tuple[float, float]:
    """Seconds, and gigabytes that the process grew by."""
    rng = np.random.default_rng(1)
    province = np.sort(np.arange(COMMUNES) % PROVINCES)
    mean = rng.lognormal(10, 0.7, (COMMUNES, 1, 1)) * np.exp(-0.05 * np.arange(COUNT)) / 15 * np.ones((1, 2, 1))
    before, now = (rng.poisson(mean * growth).astype(np.float64) for growth in (1.0, 1.02))
    control = np.tile(by_province(now, province, PROVINCES), (15, 100, 1, 1, 1))
    names = tuple(f"{at:05}" for at in range(COMMUNES))
    known = Communes(names, tuple(f"{at:02}" for at in range(PROVINCES)), province, 2025, now, before)
    begun = time.perf_counter()
    forecast_communes(known, control=control, trajectories=100)
    return time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def scenarios() -> tuple[float, float]:
    """Seconds from a change to the new result, and to the difference divided among kinds of change."""
    one = made(np.random.default_rng(34))
    years = np.arange(YEARS)[:, None]
    e0: Floats = one.e0 + 0.15 * years[..., None]
    rates = course(one, PatternOfDecline.after(log_quadratic().at(one.e0)), e0, np.tile(one.tfr, (YEARS, 1)))
    unit = one.base.units[7]
    changes = (
        Change(Kind.FERTILITY, FIRST, by=2035, to=2.1),
        Change(Kind.MORTALITY, FIRST, by=2050, add=2.0, units=(unit,)),
        Change(Kind.TRANSFER, 2028, last_year=2032, add=40_000, units=(unit,), ages=(20, 34)),
    )
    scenario = Scenario("zone", changes)
    project(one.base, rates, until=FIRST + YEARS)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        project(one.base, apply(scenario, rates), until=FIRST + YEARS)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    compare(one.base, rates, scenario, until=FIRST + YEARS)
    return min(times), time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", help="taken and not needed: so that all benchmarks can be run alike")
    parser.parse_args()
    seconds, memory = communes()
    change, divided = scenarios()
    found = list(countries())
    if found:
        print(
            f"Width of the 80 % band of the total over the published one, {TRAJECTORIES:,} trajectories; bar for 2050: "
        )
        print(
            f"{RATIO[0]:.1f} to {RATIO[1]:.1f}. In brackets how far our median is from the published one, per cent.\n"
        )
        print(f"| country | {' | '.join(map(str, ASKED))} | peak before 2045 |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for one in found:
            cells = " | ".join(f"{one.ratio[year]:.2f} ({one.median[year]:+.1f})" for year in ASKED)
            print(f"| {one.code} | {cells} | {one.peak:.0%} |")
        print(f"\n80 % bands that held, made as of {ORIGINS[0]} to {ORIGINS[-1]}, 5, 10 and 20 years ahead:\n")
        print(f"| country | {' | '.join(found[0].components)} |\n| --- | ---: | ---: | ---: | ---: |")
        for one in found:
            print(f"| {one.code} | {' | '.join(f'{share:.0%}' for share in one.components.values())} |")
    print("\n| what | measured | bar |\n| --- | ---: | ---: |")
    print(f"| {COMMUNES:,} communes, 100 trajectories, 15 years: seconds | {seconds:.1f} | {COMMUNE_SECONDS:g} |")
    print(f"| - most memory of the process, GB | {memory:.2f} | {COMMUNE_GB:g} |")
    print(f"| a scenario of {UNITS} provinces, {YEARS} years, changed: seconds | {change:.2f} | {SCENARIO_SECONDS} |")
    print(f"| - to the difference divided among its three kinds of change: seconds | {divided:.2f} | |")
    widths = all(RATIO[0] <= one.ratio[2050] <= RATIO[1] for one in found)
    fast = seconds < COMMUNE_SECONDS and memory < COMMUNE_GB and change < SCENARIO_SECONDS
    sys.exit(0 if widths and fast else 1)


if __name__ == "__main__":
    main()
