"""How near a forecast comes to the United Nations' own, made of their rates: `python -m benchmarks.forecast_fidelity`.

For every country whose files are at hand: the base stock of 1 January 2024 and rates alone are carried forward, and
compared with the published people of each 1 July, by single ages. The files are those of World Population Prospects
2024; they are looked for in the folder that DANCU_WPP names, else in `data/wpp` of this checkout or of a folder beside
it. Nothing in the code knows a country. Prints Markdown; ends with 1 where a bar was missed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancu.forecast.axes import PUBLISHED, SEXES, Floats, folded
from dancu.forecast.tables import Table
from dancu.forecast.wpp import read_country, world_prospects

ROOT = Path(__file__).parents[1]
LAST = 2100
TOTAL = {2050: 0.02, 2100: 0.05}
"""Per cent by which the total of any year to that one may differ."""
YOUNG, OLD = 0.3, 1.5
"""Per cent by which a group of five ages and a sex may differ, below age 90 and above."""
GROUP_SHARE = 0.001
GROUPS = tuple(range(0, 101, 5))
NINETY = 90 // 5


@dataclass(frozen=True)
class Fidelity:
    code: str
    totals: dict[int, float]
    young: float
    old: float
    worst: str
    seconds: float

    @property
    def reached(self) -> bool:
        totals = all(self.totals[year] <= bar for year, bar in TOTAL.items())
        return totals and self.young <= YOUNG and self.old <= OLD


def folder() -> Path | None:
    named = os.environ.get("DANCU_WPP")
    places = [Path(named)] if named else [ROOT / "data" / "wpp", *sorted(ROOT.parent.glob("*/data/wpp"))]
    return next((place for place in places if place.is_dir()), None)


def codes(where: Path) -> Iterator[str]:
    ending = "_pop_july1_1x1.csv"
    for path in sorted(where.iterdir()):
        if path.name.lower().endswith(ending):
            yield path.name[: -len(ending)]


def published(where: Path, code: str, years: range) -> Floats:
    """The people of 1 July `(year, sex, age)`."""
    people = np.full((len(years), 2, len(PUBLISHED)), np.nan)
    for row in Table.read(where / f"{code}_pop_july1_1x1.csv", ("year", "age", *SEXES)).rows:
        year = row["year"].whole
        if year in years:
            people[year - years.start, :, row["age"].whole] = [row[sex].count for sex in SEXES]
    return people


def compare(where: Path, code: str) -> Fidelity:
    begun = time.perf_counter()
    projection, _ = world_prospects(read_country(where, code, until=LAST))
    seconds = time.perf_counter() - begun
    years = range(projection.first_year, LAST + 1)
    ours, theirs = folded(projection.mid_year[:, 0], PUBLISHED), published(where, code, years)
    totals = np.abs(ours.sum(axis=(1, 2)) / theirs.sum(axis=(1, 2)) - 1) * 100
    groups = np.add.reduceat(ours, GROUPS, axis=-1), np.add.reduceat(theirs, GROUPS, axis=-1)
    counts = groups[1] / groups[1].sum(axis=(1, 2), keepdims=True) > GROUP_SHARE
    off = np.where(counts, np.abs(groups[0] / groups[1] - 1) * 100, 0)
    year, sex, group = np.unravel_index(int(off[..., :NINETY].argmax()), off[..., :NINETY].shape)
    return Fidelity(
        code,
        {last: float(totals[: last - years.start + 1].max()) for last in TOTAL},
        float(off[..., :NINETY].max()),
        float(off[..., NINETY:].max()),
        f"{SEXES[sex]}s of {GROUPS[group]} in {years[year]}",
        seconds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", help="taken and not needed: so that all benchmarks can be run alike")
    parser.parse_args()
    where = folder()
    if where is None:
        print("The files of World Population Prospects are not at hand: name their folder in DANCU_WPP.")
        return
    print("Largest differences from the published people of 1 July, per cent; bars in the last line.\n")
    print("| country | total to 2050 | total to 2100 | ages to 89 | ages 90+ | worst below 90 | seconds | |")
    print("| --- | ---: | ---: | ---: | ---: | --- | ---: | --- |")
    found = [compare(where, code) for code in codes(where)]
    for one in found:
        cells = (*(f"{one.totals[year]:.4f}" for year in TOTAL), f"{one.young:.3f}", f"{one.old:.3f}", one.worst)
        print(f"| {one.code} | {' | '.join(cells)} | {one.seconds:.1f} | {'reached' if one.reached else 'missed'} |")
    print(f"| bar | {' | '.join(f'{bar:.2f}' for bar in TOTAL.values())} | {YOUNG:.1f} | {OLD:.1f} | | | |")
    sys.exit(0 if all(one.reached for one in found) else 1)


if __name__ == "__main__":
    main()
