"""The projection: all units and trajectories year by year, in parts that fit the processor's cache."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import AGES, Floats, folded, totals
from dancu.forecast.model import (
    Keep,
    Population,
    Progress,
    Projection,
    Quarters,
    RateSource,
    Timing,
)
from dancu.forecast.raking import rake_year, raked
from dancu.forecast.step import Year, step, with_quarters
from dancu.kernel.errors import FieldFault, Invalid

_CELLS_AT_ONCE = 80_000
"""How many cells of a stock are carried along together: two thirds of a megabyte, so that a step stays in cache."""


def project(
    base: Population,
    rates: RateSource,
    *,
    until: int,
    timing: Timing = Timing.END,
    quarters: Quarters | None = None,
    nation: Projection | None = None,
    keep: Keep | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> Projection:
    """Carry a population forward to 1 January of a year.

    The result does not depend on `threads` in a single bit.

    Args:
        base: people at 1 January of its year.
        rates: of every calendar year from the base's to the one before `until`, of the same units.
        until: year of the last stock.
        timing: when people cross the border.
        quarters: people who stay of one age as a group; they are part of the base.
        nation: what the units must sum to by sex and age, made of one unit with single ages; with as many trajectories
            or one course.
        keep: what to remember; single ages and all components by default.
        threads: how many parts are worked on at once.
        progress: told of parts done.

    Raises:
        Invalid: units differ, years are missing, or the trajectories of the inputs do not agree.
    """
    keep = keep or Keep()
    _check(base, rates, until, nation)
    count = _trajectories(base, rates, nation)
    kept = _Kept.of((until - base.year, count or 1, len(base.units)), keep)
    run = _Run(base, rates, until, timing, quarters, nation, kept)
    parts = _parts(count or 1, len(base.units))
    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(run.carry, parts), start=1):
            if progress:
                progress(done, len(parts))
    return kept.projection(base.year, base.units, single=count is None)


def _check(base: Population, rates: RateSource, until: int, nation: Projection | None) -> None:
    faults = []
    if base.units != rates.units:
        faults.append(FieldFault("/rates/units", f"are {_few(rates.units)}, not {_few(base.units)} of the base"))
    known = rates.years
    if until <= base.year:
        faults.append(FieldFault("/until", f"must come after the base, {base.year}"))
    elif base.year < known.start or until > known.stop:
        needed = f"{base.year} to {until - 1}"
        faults.append(FieldFault("/rates/years", f"are {known.start} to {known.stop - 1}, but {needed} are needed"))
    if nation is not None:
        if len(nation.units) != 1 or len(nation.ages) != AGES or nation.deaths.shape[-1] != AGES:
            faults.append(FieldFault("/nation", "must be one unit, with all components by single ages"))
        if base.year < nation.first_year or until not in nation.years:
            faults.append(FieldFault("/nation/years", f"must reach from {base.year} to {until}"))
    if faults:
        raise Invalid(tuple(faults))


def _few(units: tuple[str, ...]) -> str:
    return ", ".join(units[:3]) + (f" and {len(units) - 3} more" if len(units) > 3 else "")


def _trajectories(base: Population, rates: RateSource, nation: Projection | None) -> int | None:
    counts = {
        "base": len(base.counts) if base.counts.ndim == 4 else None,
        "rates": rates.trajectories,
        "nation": nation.trajectories if nation else None,
    }
    told = {count for count in counts.values() if count is not None}
    if len(told) > 1:
        raise Invalid((FieldFault("/trajectories", f"do not agree: {counts}"),))
    return told.pop() if told else None


def _parts(trajectories: int, units: int) -> list[slice]:
    size = max(1, _CELLS_AT_ONCE // (units * 2 * AGES))
    return [slice(first, min(first + size, trajectories)) for first in range(0, trajectories, size)]


@dataclass(frozen=True)
class _Kept:
    """The arrays that are filled; first axes `(year, trajectory, unit, sex)`."""

    keep: Keep
    stock: Floats
    births: Floats
    deaths: Floats
    immigrants: Floats
    emigrants: Floats
    moved_in: Floats
    moved_out: Floats

    @classmethod
    def of(cls, shape: tuple[int, int, int], keep: Keep) -> "_Kept":
        years, trajectories, units = shape
        cells = (trajectories, units, 2)
        group = (len(keep.ages) if keep.components else 1,)
        components = [np.zeros((years, *cells, *group)) for _ in range(5)]
        stock = np.empty((years + 1, *cells, len(keep.ages)))
        return cls(keep, stock, np.empty((years, *cells)), *components)

    def put_stock(self, at: int, part: slice, stock: Floats) -> None:
        self.stock[at, part] = folded(stock, self.keep.ages)

    def put(self, at: int, part: slice, year: Year) -> None:
        self.births[at, part] = year.births
        if self.keep.components:
            self._put_cells(at, part, year)
        else:
            self._put_totals(at, part, year)

    def _put_cells(self, at: int, part: slice, year: Year) -> None:
        ages = self.keep.ages
        self.deaths[at, part] = folded(year.deaths, ages)
        if year.moved_in is not None and year.moved_out is not None:
            self.moved_in[at, part] = folded(year.moved_in, ages)
            self.moved_out[at, part] = folded(year.moved_out, ages)
        if year.crossed:
            net = year.net
            self.immigrants[at, part] = folded(np.maximum(net, 0), ages)
            self.emigrants[at, part] = folded(np.maximum(-net, 0), ages)

    def _put_totals(self, at: int, part: slice, year: Year) -> None:
        """Sums over ages, which come out of the stocks; who crossed the border is the net of all ages."""
        alive = totals(year.alive)
        self.deaths[at, part, ..., 0] = totals(year.start) - alive
        gained = totals(year.end) - alive
        if year.moved_in is not None and year.moved_out is not None:
            moved_in, moved_out = totals(year.moved_in), totals(year.moved_out)
            self.moved_in[at, part, ..., 0], self.moved_out[at, part, ..., 0] = moved_in, moved_out
            gained -= moved_in - moved_out
        if year.crossed:
            self.immigrants[at, part, ..., 0] = np.maximum(gained, 0)
            self.emigrants[at, part, ..., 0] = np.maximum(-gained, 0)

    def projection(self, first_year: int, units: tuple[str, ...], *, single: bool) -> Projection:
        def course(array: Floats) -> Floats:
            return array[:, 0] if single else array

        return Projection(
            first_year,
            units,
            self.keep.ages,
            course(self.stock),
            course(self.births),
            course(self.deaths),
            course(self.immigrants),
            course(self.emigrants),
            course(self.moved_in),
            course(self.moved_out),
        )


@dataclass(frozen=True)
class _Run:
    base: Population
    rates: RateSource
    until: int
    timing: Timing
    quarters: Quarters | None
    nation: Projection | None
    kept: _Kept

    def carry(self, part: slice) -> None:
        """Carry a part of the trajectories through all years."""
        stock = self._base(part)
        self.kept.put_stock(0, part, stock)
        for at, year in enumerate(range(self.base.year, self.until)):
            stock = self._year(at, year, part, stock)
            self.kept.put_stock(at + 1, part, stock)

    def _base(self, part: slice) -> Floats:
        counts = self.base.counts
        size = part.stop - part.start
        stock = counts[part] if counts.ndim == 4 else np.repeat(counts[None], size, axis=0)
        if self.nation is not None:
            stock = raked(stock, _in_year(self.nation, self.nation.stock, self.base.year, part))
        return stock

    def _year(self, at: int, year: int, part: slice, stock: Floats) -> Floats:
        rates = self.rates.in_year(year, part)
        if self.quarters is None:
            happened = step(stock, rates, self.timing)
        else:
            moving = np.maximum(stock - self.quarters.of(year), 0)
            happened = with_quarters(step(moving, rates, self.timing), stock - moving, self.quarters.of(year + 1))
        if self.nation is not None:
            nation = self.nation
            happened = rake_year(
                happened,
                _in_year(nation, nation.births, year, part),
                _in_year(nation, nation.deaths, year, part),
                _in_year(nation, nation.stock, year + 1, part),
            )
        self.kept.put(at, part, happened)
        return happened.end


def _in_year(nation: Projection, array: Floats, year: int, part: slice) -> Floats:
    of_year = array[year - nation.first_year]
    return np.asarray(of_year[None] if nation.trajectories is None else of_year[part])
