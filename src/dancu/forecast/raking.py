"""Bringing units into line with the nation they make up, cell by cell, and the other way round."""

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.model import Population
from dancu.forecast.step import Year


def raked(cells: Floats, total: Floats) -> Floats:
    """Return cells of units in their own proportions, which sum to the total.

    Where no unit has anybody in a cell, the total is shared out like the unit's people of all cells.

    Args:
        cells: `(..., unit, sex, age)`, not negative.
        total: `(..., sex, age)` or `(..., 1, sex, age)` of all units.
    """
    goal = total if total.ndim == cells.ndim else np.expand_dims(total, -3)
    there = cells.sum(axis=-3, keepdims=True)
    empty = (there <= 0) & (goal > 0)
    if empty.any():
        people = cells.sum(axis=(-2, -1), keepdims=True)
        everybody = people.sum(axis=-3, keepdims=True)
        even = np.full_like(people, 1 / people.shape[-3])
        share = np.divide(people, everybody, out=even, where=everybody > 0)
        return np.where(empty, share * goal, cells * _factor(goal, there))
    return np.asarray(cells * _factor(goal, there))


def rake_population(units: Population, nation: Population) -> Population:
    """Return the units with the nation's people by sex and age."""
    return Population(units.year, units.units, raked(units.counts, nation.counts))


def rake_year(year: Year, births: Floats, deaths: Floats, end: Floats) -> Year:
    """Return a year of units whose births, deaths and people at the end sum to the nation's.

    Births and deaths of each unit are scaled to the nation's. What still differs in the stock is migration that the
    units' own rates did not know of, and is booked as such in proportion to who is there: so the accounts close.

    Args:
        births: of the nation `(..., 1, sex)`.
        deaths: of the nation `(..., 1, sex, age)`, by age at the end.
        end: people of the nation at the end of the year `(..., 1, sex, age)`.
    """
    born = year.births * _factor(births, year.births.sum(axis=-2, keepdims=True))
    start = year.start.copy()
    start[..., 0] = born
    died = year.deaths
    died[..., 0] *= np.divide(born, year.births, out=np.ones_like(born), where=year.births > 0)
    died *= _factor(deaths, died.sum(axis=-3, keepdims=True))
    np.minimum(died, start, out=died)
    one = Year(start, start - died, born, year.net, year.moved_in, year.moved_out)
    before = one.end
    change = raked(before, end) - before
    one.net = change if one.net is None else one.end - _without_net(one) + change
    return one


def _without_net(year: Year) -> Floats:
    return Year(year.start, year.alive, year.births, None, year.moved_in, year.moved_out).end


def _factor(goal: Floats, there: Floats) -> Floats:
    return np.divide(goal, there, out=np.ones(np.broadcast_shapes(goal.shape, there.shape)), where=there > 0)
