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
        total: of all units `(..., 1, sex, age)`.
    """
    return _rake(cells.copy(), total)


def _rake(cells: Floats, total: Floats) -> Floats:
    """As `raked`, in the very array."""
    there = _over_units(cells)
    empty = (there <= 0) & (total > 0)
    if empty.any():
        people = cells.sum(axis=(-2, -1), keepdims=True)
        everybody = people.sum(axis=-3, keepdims=True)
        even = np.full_like(people, 1 / people.shape[-3])
        share = np.divide(people, everybody, out=even, where=everybody > 0)
        cells += np.where(empty, share * total, 0)
    cells *= _factor(total, there)
    return cells


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
    start, alive = year.start, year.alive
    died = start - alive
    children = died[..., 0] * np.divide(born, year.births, out=np.ones_like(born), where=year.births > 0)
    here = year.end.copy() if year.end is alive else year.end
    here[..., 0] += born - children - alive[..., 0]
    start[..., 0] = born
    alive[..., 0] = born - children
    died[..., 0] = children
    died *= _factor(deaths, _over_units(died)) - 1  # how many more die
    alive -= died
    here -= died
    if alive.min() < 0:  # more than are there
        here -= np.minimum(alive, 0)
        np.maximum(alive, 0, out=alive)
    if here.min() < 0:
        np.maximum(here, 0, out=here)
    return Year(start, alive, _rake(here, end), born, year.moved_in, year.moved_out, crossed=True)


def _over_units(cells: Floats) -> Floats:
    """The sum over units, which stays as an axis of one."""
    return np.asarray(np.einsum("...usa->...sa", cells)[..., None, :, :])


def _factor(goal: Floats, there: Floats) -> Floats:
    return np.divide(goal, there, out=np.ones(np.broadcast_shapes(goal.shape, there.shape)), where=there > 0)
