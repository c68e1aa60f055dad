"""Futures as rates that a projection can run on: schedules of one course, bent to each drawn number.

- Fertility: the share of each age in the TFR is that of the central course in the year.
- Mortality: the death rates of a unit are moved by `exp(-k b(x))`, `b` being how readily an age improves, with `k` such
  that the life table has the drawn life expectancy.
- Migration: the drawn total, spread over ages like migrants of a standard schedule.
"""

from collections.abc import Callable

import numpy as np

from dancu.forecast.axes import AGES, Floats
from dancu.forecast.drawn import DrawnRates, Mortality, SurvivalSurface
from dancu.forecast.life_table import life_table
from dancu.forecast.model import Moves, Rates
from dancu.forecast.trajectories.draw import Futures
from dancu.kernel.errors import FieldFault, Invalid

_LEVELS = np.linspace(-5.0, 9.0, 225)
MovesOfYear = Callable[[int, slice], Moves]
"""Given a calendar year and a part of the trajectories, returns who moves between units."""


def readiness() -> Floats:
    """Return by how much each age improves when mortality does: all alike to 70, and ever less to 110."""
    return np.interp(np.arange(AGES), [0, 70, 90, 110], [1.0, 1.0, 0.6, 0.3])


def standard_migrants() -> Floats:
    """Return shares of international migrants by sex and age, both sexes alike, summing to 1.

    Source: Rogers and Castro 1981, Model Migration Schedules (RR-81-030), the simplified basic standard.
    """
    age = np.arange(AGES)
    children = 0.02 * np.exp(-0.1 * age)
    workers = 0.06 * np.exp(-0.1 * (age - 20) - np.exp(-0.4 * (age - 20)))
    shape = children + workers + 0.003
    shape[80:] = 0
    return np.asarray(np.tile(shape / shape.sum() / 2, (2, 1)))


def mortality_around(mx: Floats) -> Mortality:
    """Return a schedule that bends death rates to any life expectancy.

    Args:
        mx: (unit, sex, age).
    """
    bent = life_table(mx * np.exp(-_LEVELS[:, None, None, None] * readiness())).e0

    def at(life_expectancy: Floats) -> Floats:
        units, sexes = mx.shape[:2]
        level = np.empty(life_expectancy.shape)
        for unit in range(units):
            for sex in range(sexes):
                level[..., unit, sex] = np.interp(life_expectancy[..., unit, sex], bent[:, unit, sex], _LEVELS)
        return np.asarray(mx * np.exp(-level[..., None] * readiness()))

    return at


def drawn_rates(
    futures: Futures,
    central: Rates,
    *,
    migrants: Floats | None = None,
    moves: MovesOfYear | None = None,
) -> DrawnRates:
    """Return rates of all trajectories, for the years of which both the futures and the central course are known.

    Args:
        futures: what was drawn, of the same units.
        central: the course whose schedules are bent, with its sex ratios at birth and, where `moves` is not given,
            its moves between units.
        migrants: shares of international migrants by unit, sex and age, summing to 1 in a unit; a standard by default.
        moves: between units.

    Raises:
        Invalid: the units differ, or no year is known of both.
    """
    units = len(central.units)
    years = range(max(central.years.start, futures.years.start), min(central.years.stop, futures.years.stop))
    if futures.tfr.shape[-1] != units:
        raise Invalid((FieldFault("/futures/units", f"are {futures.tfr.shape[-1]}, not {units} as of the rates"),))
    if not years:
        raise Invalid((FieldFault("/futures/years", "none of them is one of the central course"),))
    drawn = slice(years.start - futures.first_year, years.stop - futures.first_year)
    course = slice(years.start - central.first_year, years.stop - central.first_year)
    e0 = futures.life_expectancy[drawn]
    schedule = mortality_around(central.mx[course][len(years) // 2])
    surface = SurvivalSurface.of(
        schedule, units=units, lowest=float(e0.min()), highest=float(e0.max()), step=0.25 if units > 1 else 0.1
    )
    return DrawnRates(
        first_year=years.start,
        units=central.units,
        tfr=futures.tfr[drawn],
        e0=e0,
        survival=surface,
        fertility=central.asfr[course] / np.maximum(central.tfr[course][..., None], 1e-12),
        srb=central.srb[course],
        net_per_head=futures.migration[drawn],
        net_ages=np.tile(standard_migrants(), (units, 1, 1)) if migrants is None else migrants,
        moves=moves or _moves_of(central),
    )


def _moves_of(central: Rates) -> MovesOfYear | None:
    if not central.moves:
        return None
    return lambda year, part: central.moves[year - central.first_year]  # noqa: ARG005 -- one course has no parts
