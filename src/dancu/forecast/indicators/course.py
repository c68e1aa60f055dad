"""The people that indicators count: those of each calendar year, by single ages."""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import AGES, Floats
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid


@dataclass(frozen=True)
class Course:
    """A projection as indicators read it.

    Args:
        years: calendar years; the first axis of every array.
        start: persons at 1 January `(year, [trajectory,] unit, sex, age)`.
        end: persons at 31 December, so by the age that they reached during the year.
        births: of the year `(year, [trajectory,] unit)`.
    """

    years: range
    units: tuple[str, ...]
    start: Floats
    end: Floats
    births: Floats

    @property
    def mid(self) -> Floats:
        """Persons at 1 July."""
        return np.asarray((self.start + self.end) / 2)

    def spread(self, grid: Floats) -> Floats:
        """Return a grid `(year, unit, ...)` with an axis for trajectories where the course has one."""
        return np.expand_dims(grid, 1) if self.start.ndim == 5 else grid


def course_of(projection: Projection) -> Course:
    """Return the people of a projection.

    Raises:
        Invalid: it did not keep single ages.
    """
    if len(projection.ages) != AGES:
        raise Invalid((FieldFault("/ages", "single ages must have been kept"),))
    years = range(projection.first_year, projection.first_year + len(projection.births))
    births = projection.births.sum(axis=-1)
    return Course(years, projection.units, projection.stock[:-1], projection.stock[1:], np.asarray(births))


def of_ages(people: Floats, first: float, last: float = float("inf")) -> Floats:
    """Count both sexes from an exact age to before another: a part of a cell as if its birthdays were spread evenly.

    Args:
        people: `(..., sex, age)`.
        first, last: ages in years, such as 61.5.
    """
    return np.asarray((people * share_of_ages(first, last)).sum(axis=(-2, -1)))


def share_of_ages(first: float, last: float = float("inf")) -> Floats:
    """Return which share of each single age lies from one exact age to before another `(age,)`."""
    ages = np.arange(AGES, dtype=float)
    return np.asarray(np.clip(np.minimum(ages + 1, last) - np.maximum(ages, first), 0, 1))
