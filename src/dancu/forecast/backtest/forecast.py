"""A forecast from counts alone: what a history says, futures of it, and people carried along them."""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.backtest.estimate import Estimates, estimate
from dancu.forecast.backtest.history import History
from dancu.forecast.backtest.spread import factor_of, widened
from dancu.forecast.drawn import DrawnRates
from dancu.forecast.model import Keep, Moves, Progress, Projection, Rates
from dancu.forecast.project import project
from dancu.forecast.trajectories import SETTING, Futures, Setting, draw_futures
from dancu.forecast.trajectories.rates import drawn_rates, mortality_around

_TRIED_YEARS = (3, 5, 8)
_TRIED_TRAJECTORIES = 100
_LEAST_PAST = 7
_BIRTHS_WORTH = 2000.0
"""Births of girls that the nation's sex ratio is worth for a unit, and the usual one for a nation."""
_USUAL_SRB = 1.06


@dataclass(frozen=True)
class Forecast:
    """A forecast, with what it was made of.

    Args:
        estimates: what the history says.
        futures: what was drawn.
        rates: the futures as rates.
        projection: the people.
        spread: how much farther moves depart from their median than the model says, to hold the past.
    """

    estimates: Estimates
    futures: Futures
    rates: DrawnRates
    projection: Projection
    spread: float


def forecast_from(
    history: History,
    *,
    until: int,
    trajectories: int,
    seed: int,
    setting: Setting = SETTING,
    keep: Keep | None = None,
    spread: float | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast from what was counted.

    Args:
        history: the past, to the 1 January from which the forecast goes.
        until: year of the last stock, 1 January.
        trajectories: how many courses.
        seed: the same seed gives the same bits.
        setting: what is believed of any population before its past is read.
        keep: what to remember; single ages and all components by default.
        spread: factor of how far moves depart from their median; by default that which would have held the past.
        progress: told of parts done.
    """
    if spread is None:
        spread = _spread(history, seed, setting)
    estimates = estimate(history)
    years = until - history.years.stop
    drawn = draw_futures(estimates.past, years=years, trajectories=trajectories, seed=seed, setting=setting)
    futures = widened(drawn, spread)
    rates = drawn_rates(
        futures,
        central_course(estimates, years),
        migrants=estimates.migrants,
        moves=None if estimates.flows is None else estimates.flows.moves_of(futures),
    )
    projection = project(history.last, rates, until=until, keep=keep, progress=progress)
    return Forecast(estimates, futures, rates, projection, spread)


def _spread(history: History, seed: int, setting: Setting) -> float:
    """Return the factor by which moves must depart from their median for the bands to have held in the past."""
    totals = history.stock.sum(axis=(-2, -1))
    actual, told = [], []
    for back in _TRIED_YEARS:
        origin = history.years.stop - back
        if origin - history.first_year < _LEAST_PAST:
            continue
        made = forecast_from(
            history.until(origin),
            until=history.years.stop,
            trajectories=_TRIED_TRAJECTORIES,
            seed=seed,
            setting=setting,
            keep=Keep(ages=(0,), components=False),
            spread=1.0,
        )
        for ahead in {max(back // 2, 1), back}:
            actual.append(np.log(np.maximum(totals[origin - history.first_year + ahead], 1)))
            told.append(np.log(np.maximum(made.projection.total[ahead], 1)))
    return factor_of(np.concatenate(actual), np.concatenate(told, axis=-1)) if actual else 1.0


def central_course(estimates: Estimates, years: int) -> Rates:
    """Return the schedules of the last years, held as they are."""
    history = estimates.history
    units = len(history.units)
    recent = estimates.ratio[-5:].mean(axis=0)
    mx: Floats = estimates.mx * recent[..., None]
    born = history.births[-5:].sum(axis=0)
    boys, girls = born.sum(axis=0)
    nation = (boys + _BIRTHS_WORTH * _USUAL_SRB) / (girls + _BIRTHS_WORTH)
    srb = (born[:, 0] + _BIRTHS_WORTH * nation) / (born[:, 1] + _BIRTHS_WORTH)
    asfr = estimates.tfr[-1][:, None] * estimates.mothers
    return Rates(
        history.years.stop,
        history.units,
        np.broadcast_to(mx, (years, *mx.shape)).copy(),
        np.broadcast_to(asfr, (years, units, len(estimates.mothers))).copy(),
        np.broadcast_to(srb, (years, units)).copy(),
    )


def median_course(forecast: Forecast) -> Rates:
    """Return the middle of a forecast as one course of rates: what scenarios change.

    Net migrants from outside are those of the median rate and of the people at the start.
    """
    estimates, futures = forecast.estimates, forecast.futures
    history = estimates.history
    years = len(futures.years)
    still = central_course(estimates, years)
    e0 = np.median(futures.life_expectancy, axis=1)
    tfr = np.median(futures.tfr, axis=1)
    people = history.last.counts.sum(axis=(-2, -1))
    net = (np.median(futures.migration, axis=1) * people)[..., None, None] * estimates.migrants
    moves: list[Moves] = []
    if estimates.flows is not None and futures.push is not None and futures.pull is not None:
        push, pull = np.median(futures.push, axis=1), np.median(futures.pull, axis=1)
        moves = [estimates.flows.moves(push[t : t + 1], pull[t : t + 1]) for t in range(years)]
    return Rates(
        history.years.stop,
        history.units,
        mortality_around(still.mx[0])(e0),
        still.asfr * (tfr / still.tfr)[..., None],
        still.srb,
        net=net,
        moves=tuple(moves),
    )
