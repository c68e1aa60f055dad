"""Forecasts made as of past years from what was known then, and what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.backtest.forecast import forecast_from
from dancu.forecast.backtest.growth import grown
from dancu.forecast.backtest.history import History, Totals, grouped, totals_of
from dancu.forecast.backtest.peers import PEERS
from dancu.forecast.backtest.report import Report
from dancu.forecast.backtest.score import Score, score, score_drawn
from dancu.forecast.model import Keep, Progress
from dancu.forecast.trajectories import quantiles
from dancu.kernel.errors import FieldFault, Invalid

AGES = (0, 15, 25, 45, 65)
"""First ages of the groups that are scored."""
_PAST = 10
_MOST_ORIGINS = 4


@dataclass(frozen=True)
class _Case:
    """One origin and one horizon.

    Args:
        actual: what was (unit, group).
        drawn: quantiles of what was forecast, all trajectories (quantile, unit, group).
        actual_total: of all ages (unit,).
        drawn_total: (quantile, unit).
        peers: totals by name, each (unit,).
    """

    origin: int
    ahead: int
    actual: Floats
    drawn: Floats
    actual_total: Floats
    drawn_total: Floats
    peers: dict[str, Floats]


def usual_origins(known: range, horizon: int) -> tuple[int, ...]:
    """Return at most four years as of which a back-test can be made, the last one `horizon` years before the end.

    Args:
        known: years of which there are stocks.
        horizon: years ahead.

    Raises:
        Invalid: there are not enough years for one.
    """
    last, first = known.stop - 1 - horizon, known.start + _PAST
    if last < first:
        told = f"{len(known)} years are too few for a back-test of {horizon} years; {_PAST + horizon + 1} are the least"
        raise Invalid((FieldFault("/horizon", told),))
    number = min(_MOST_ORIGINS, 1 + (last - first) // 3)
    return tuple(sorted({round(float(one)) for one in np.linspace(last, first, number)}))


def backtest(
    series: History | Totals,
    *,
    horizon: int,
    origins: Sequence[int] = (),
    trajectories: int = 300,
    seed: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Try forecasts on the past of a series.

    Args:
        series: with ages, births and deaths for the engine of cohorts; totals alone for that of growth.
        horizon: how many of the last years are held out of each forecast; they are compared at half of it, too.
        origins: years, each 1 January, as of which forecasts are made; some usual ones by default.
        trajectories: how many courses each forecast has.
        seed: the same seed gives the same bits.
        progress: told of origins done.

    Raises:
        Invalid: an origin has too little past, or less than `horizon` years after it.
    """
    totals = totals_of(series) if isinstance(series, History) else series
    origins = tuple(origins) or usual_origins(totals.years, horizon)
    horizons = tuple(sorted({max(horizon // 2, 1), horizon}))
    for origin in origins:
        if origin + horizon not in totals.years:
            told = f"{origin} is less than {horizon} years before {totals.years.stop - 1}"
            raise Invalid((FieldFault("/origins", told),))
    cases: list[_Case] = []
    for done, origin in enumerate(origins, start=1):
        cases += _cases(series, totals, origin, horizons, trajectories, seed)
        if progress:
            progress(done, len(origins))
    engine = "cohorts and components" if isinstance(series, History) else "growth of totals"
    ages = AGES if isinstance(series, History) else ()
    return _report(cases, engine, origins, horizons, series.units, ages)


def _cases(
    series: History | Totals, totals: Totals, origin: int, horizons: Sequence[int], trajectories: int, seed: int
) -> list[_Case]:
    until = origin + max(horizons)
    known = totals.until(origin).persons
    if isinstance(series, History):
        keep = Keep(ages=AGES, components=False)
        made = forecast_from(series.until(origin), until=until, trajectories=trajectories, seed=seed, keep=keep)
        drawn = made.projection.stock.sum(axis=-2)
        actual = grouped(series.stock, AGES)
    else:
        future = grown(series.until(origin), until=until, trajectories=trajectories, seed=seed)
        drawn = np.concatenate((np.broadcast_to(known[-1], (1, *future.shape[1:])), future))[..., None]
        actual = series.persons[..., None]
    start = origin - totals.first_year
    found = quantiles(drawn)
    found_total = quantiles(drawn.sum(axis=-1))
    return [
        _Case(
            origin=origin,
            ahead=ahead,
            actual=actual[start + ahead],
            drawn=found[:, ahead],
            actual_total=totals.persons[start + ahead],
            drawn_total=found_total[:, ahead],
            peers={name: peer(known, ahead) for name, peer in PEERS.items()},
        )
        for ahead in horizons
    ]


def _report(
    cases: Sequence[_Case],
    engine: str,
    origins: tuple[int, ...],
    horizons: tuple[int, ...],
    units: tuple[str, ...],
    ages: tuple[int, ...],
) -> Report:
    def total(kept: Callable[[_Case], bool]) -> Score:
        some = [one for one in cases if kept(one)]
        return score_drawn(
            np.stack([one.actual_total for one in some]), np.stack([one.drawn_total for one in some], axis=1)
        )

    return Report(
        engine=engine,
        origins=origins,
        horizons=horizons,
        units=len(units),
        ours={ahead: total(lambda one, ahead=ahead: one.ahead == ahead) for ahead in horizons},  # type: ignore[misc]
        peers={name: {ahead: _peer(cases, name, ahead) for ahead in horizons} for name in PEERS},
        by_origin={
            origin: total(lambda one, origin=origin: one.origin == origin and one.ahead == horizons[-1])  # type: ignore[misc]
            for origin in origins
        },
        by_unit={name: _of_unit(cases, at) for at, name in enumerate(units)},
        by_age={_name(ages, group): _of_age(cases, group) for group in range(len(ages))},
    )


def _peer(cases: Sequence[_Case], name: str, ahead: int) -> Score:
    some = [one for one in cases if one.ahead == ahead]
    return score(np.stack([one.actual_total for one in some]), np.stack([one.peers[name] for one in some]))


def _of_unit(cases: Sequence[_Case], unit: int) -> Score:
    actual = np.array([one.actual_total[unit] for one in cases])
    return score_drawn(actual, np.stack([one.drawn_total[:, unit] for one in cases], axis=1))


def _of_age(cases: Sequence[_Case], group: int) -> Score:
    actual = np.stack([one.actual[:, group] for one in cases])
    return score_drawn(actual, np.stack([one.drawn[..., group] for one in cases], axis=1))


def _name(ages: tuple[int, ...], group: int) -> str:
    return f"{ages[group]}-{ages[group + 1] - 1}" if group + 1 < len(ages) else f"{ages[group]}+"
