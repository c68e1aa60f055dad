"""One year of a population, in the order of the United Nations: deaths, births, and then moves.

Source: World Population Prospects 2024, methodology, "Cohort-component method for projecting population": survival
ratios of the period life table, births by the mean of women at the start and at the end before migration, migration
at the end of the year by age at the end.
"""

from dataclasses import dataclass, replace

import numpy as np

from dancu.forecast.axes import FEMALE, FERTILE, Floats, totals
from dancu.forecast.model import Timing, YearRates


@dataclass
class Year:
    """What a year does to a stock; all arrays `(trajectory, unit, sex, age)`, by age at the end.

    Args:
        start: who was there, a year older; at age 0 those who were born.
        alive: who of them did not die.
        end: who is there at the end of the year.
        births: `(trajectory, unit, sex)`.
        moved_in: from other units; None where nobody moves.
        moved_out: to other units.
        crossed: whether anybody came from abroad or went there.
    """

    start: Floats
    alive: Floats
    end: Floats
    births: Floats
    moved_in: Floats | None = None
    moved_out: Floats | None = None
    crossed: bool = False

    @property
    def deaths(self) -> Floats:
        """Deaths by age that the cohort reaches at the end."""
        return np.asarray(self.start - self.alive)

    @property
    def net(self) -> Floats:
        """Who came from abroad, less those who went there: what else the stock does not tell."""
        net = self.end - self.alive
        if self.moved_in is not None and self.moved_out is not None:
            net -= self.moved_in
            net += self.moved_out
        return np.asarray(net)


def step(stock: Floats, rates: YearRates, timing: Timing = Timing.END) -> Year:
    """Return what a year does to a stock.

    Args:
        stock: persons at the start `(trajectory, unit, sex, age)`.
        rates: of the year.
        timing: when in the year people cross the border; moves between units always come at the end.
    """
    if timing is Timing.EVEN and _crosses(rates):
        return _evenly(stock, rates)
    year = _survive(stock, rates)
    _bear(year, stock[..., FEMALE, FERTILE] + year.alive[..., FEMALE, FERTILE], rates)
    year.end = _move(year, year.alive, rates)
    if _crosses(rates):
        year.crossed = True
        year.end = _across(year.end, rates)
    return year


def with_quarters(year: Year, housed: Floats, follow: Floats) -> Year:
    """Return a year of those who live by themselves, together with those in group quarters.

    Args:
        housed: who was in quarters at the start `(..., unit, sex, age)`.
        follow: who is in quarters at the end; some of them are the same, and count as gone and come where they are of
            another cohort.
    """
    older = _year_older(housed)
    return replace(year, start=year.start + older, alive=year.alive + older, end=year.end + follow, crossed=True)


def _survive(stock: Floats, rates: YearRates) -> Year:
    """Everybody a year older; age 0 is still empty, and nobody moved."""
    start = _year_older(stock)
    alive = start * rates.survival
    return Year(start, alive, alive, np.empty(0))


def _year_older(cells: Floats) -> Floats:
    older = np.empty_like(cells)
    older[..., 0] = 0
    older[..., 1:] = cells[..., :-1]
    older[..., -1] += cells[..., -1]
    return older


def _bear(year: Year, women: Floats, rates: YearRates) -> None:
    """Births, and what becomes of the children until the end.

    Args:
        women: of fertile ages, at the start and at the end together `(trajectory, unit, 45)`.
    """
    births = np.einsum("...a,...a->...", women, np.broadcast_to(rates.asfr, women.shape)) / 2
    males = births * (rates.srb / (1 + rates.srb))
    year.births = np.stack((males, births - males), axis=-1)
    year.start[..., 0] = year.births
    year.alive[..., 0] = year.births * rates.survival[..., 0]


def _move(year: Year, there: Floats, rates: YearRates) -> Floats:
    """Let people move between units, and return who is where then."""
    if rates.moves is None:
        return there
    year.moved_in, year.moved_out = rates.moves.moved(there)
    end = there + year.moved_in
    end -= year.moved_out
    return end


def _crosses(rates: YearRates) -> bool:
    return any(net is not None for net in (rates.net, rates.net_rate, rates.net_per_head))


def _across(there: Floats, rates: YearRates, share: float = 1) -> Floats:
    """Return who is there after some came over the border and some went; no more can go than are there."""
    end = there.copy() if rates.net is None else there + (rates.net if share == 1 else share * rates.net)
    if rates.net_rate is not None:
        end += there * (share * rates.net_rate)
    if rates.net_per_head is not None:
        end += totals(there).sum(axis=-1)[..., None, None] * (share * rates.net_per_head)
    if end.min() < 0:
        np.maximum(end, 0, out=end)
    return end


def _evenly(stock: Floats, rates: YearRates) -> Year:
    """Half cross at the start by age at the start, half at the end by age at the end but before births are counted.

    Those who came at the start and died in the year are arrivals and deaths, so `alive`, which is without arrivals,
    may be below nothing in a cell where nobody was at the start.
    """
    joined = _across(stock, rates, 0.5)
    year = _survive(joined, rates)
    there = _across(year.alive, rates, 0.5)
    _bear(year, joined[..., FEMALE, FERTILE] + there[..., FEMALE, FERTILE], rates)
    there[..., 0] = _across(year.alive, rates, 0.5)[..., 0]
    arrived = _year_older(joined - stock)
    year.start -= arrived
    year.alive -= arrived
    year.crossed = True
    year.end = _move(year, there, rates)
    return year
