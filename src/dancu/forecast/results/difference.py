"""How two courses differ: by year, unit and age."""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import FIVE_YEAR, Floats, folded
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid


@dataclass(frozen=True)
class Difference:
    """Persons of two courses at 1 January, of the years and units that both have.

    Args:
        ages: first ages of the groups.
        one: persons `(year, unit, group)`, both sexes.
        other: the same of the other course.
    """

    years: range
    units: tuple[str, ...]
    ages: tuple[int, ...]
    one: Floats
    other: Floats

    @property
    def change(self) -> Floats:
        """Persons that the other course has more `(year, unit, group)`."""
        return np.asarray(self.other - self.one)


def difference(one: Projection, other: Projection, ages: tuple[int, ...] = FIVE_YEAR) -> Difference:
    """Compare two courses.

    Raises:
        Invalid: they have no year or no unit in common, or one has trajectories.
    """
    years = range(max(one.years.start, other.years.start), min(one.years.stop, other.years.stop))
    units = tuple(unit for unit in one.units if unit in other.units)
    faults = [
        FieldFault(f"/{name}", "the two have none in common")
        for name, common in (("years", years), ("units", units))
        if not common
    ]
    if one.trajectories or other.trajectories:
        faults.append(FieldFault("/trajectories", "compare one course with another"))
    if faults:
        raise Invalid(tuple(faults))
    return Difference(years, units, ages, _people(one, years, units, ages), _people(other, years, units, ages))


def _people(of: Projection, years: range, units: tuple[str, ...], ages: tuple[int, ...]) -> Floats:
    at = slice(years.start - of.first_year, years.stop - of.first_year)
    rows = [of.units.index(unit) for unit in units]
    return folded(of.stock[at][:, rows].sum(axis=-2), ages)
