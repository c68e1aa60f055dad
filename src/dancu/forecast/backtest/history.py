"""What was counted of units, year by year: the past that a forecast learns from, and the truth that it is tried on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dancu.forecast.axes import AGES, FERTILE_AGES, Floats, expect
from dancu.forecast.flows.counts import MoveCounts
from dancu.forecast.model import Population
from dancu.kernel.errors import FieldFault, Invalid

_LEAST_YEARS = 5


@dataclass(frozen=True)
class History:
    """Counts of units; all ages are those reached in the calendar year of the event (its year less that of birth).

    Args:
        units: names, in the order of the axis.
        first_year: calendar year of index 0.
        stock: persons at 1 January, one year more than the rest (year, unit, sex, age).
        births: by sex (year, unit, sex).
        deaths: (year, unit, sex, age).
        mothers: births by age of the mother (year, unit, 45); None where only their number is known.
        moves: between the units, of the same years; None where they were not counted.
        distance: between the units (origin, destination); None where it is not known.
    """

    units: tuple[str, ...]
    first_year: int
    stock: Floats
    births: Floats
    deaths: Floats
    mothers: Floats | None = None
    moves: MoveCounts | None = None
    distance: Floats | None = None

    def __post_init__(self) -> None:
        years, units = len(self.births), len(self.units)
        expect(self.stock, (years + 1, units, 2, AGES), "stock")
        expect(self.births, (years, units, 2), "births")
        expect(self.deaths, (years, units, 2, AGES), "deaths")
        if self.mothers is not None:
            expect(self.mothers, (years, units, FERTILE_AGES), "mothers")
        for name in ("stock", "births", "deaths", "mothers"):
            array = getattr(self, name)
            if array is not None and not bool(np.all(array >= 0)):
                place = "/".join(str(at) for at in np.argwhere(~(array >= 0))[0])
                raise Invalid((FieldFault(f"/{name}/{place}", "negative or not a number"),))
        if self.moves is not None and (self.moves.units != self.units or self.moves.first_year != self.first_year):
            raise Invalid((FieldFault("/moves", "are not of the units and the first year of the stock"),))

    @property
    def years(self) -> range:
        """The calendar years of which events were counted."""
        return range(self.first_year, self.first_year + len(self.births))

    @property
    def last(self) -> Population:
        """The people at the end of what was counted."""
        return Population(self.years.stop, self.units, self.stock[-1])

    def until(self, year: int) -> "History":
        """Return what was known on 1 January of a year.

        Raises:
            Invalid: fewer than five years were.
        """
        known = year - self.first_year
        if not _LEAST_YEARS <= known <= len(self.births):
            there = f"{self.first_year + _LEAST_YEARS} to {self.years.stop}"
            raise Invalid((FieldFault("/origin", f"{year} is not one of {there}"),))
        return replace(
            self,
            stock=self.stock[: known + 1],
            births=self.births[:known],
            deaths=self.deaths[:known],
            mothers=None if self.mothers is None else self.mothers[:known],
            moves=None if self.moves is None else self.moves.until(year),
        )

    @cached_property
    def internal(self) -> Floats:
        """Arrivals from other units less departures, of each year (year, unit, sex, age)."""
        shape = self.deaths.shape
        if self.moves is None:
            return np.zeros(shape)
        padded = np.zeros((2, *shape))
        for at, end in enumerate(("destination", "origin")):
            summed = self.moves.summed("year", end, "sex", "age")
            padded[at, : len(summed)] = summed
        return np.asarray(padded[0] - padded[1])

    def unexplained(self) -> Floats:
        """Return what births, deaths and counted moves leave unexplained of the stocks (year, unit, sex, age)."""
        start = np.zeros_like(self.deaths)
        start[..., 0] = self.births
        start[..., 1:] = self.stock[:-1, ..., :-1]
        start[..., -1] += self.stock[:-1, ..., -1]
        return np.asarray(self.stock[1:] - start + self.deaths - self.internal)


@dataclass(frozen=True)
class Totals:
    """Persons of units at one day of each year, and nothing else.

    Args:
        units: names, in the order of the axis.
        first_year: year of index 0.
        persons: (year, unit), above 0.
    """

    units: tuple[str, ...]
    first_year: int
    persons: Floats

    def __post_init__(self) -> None:
        expect(self.persons, (len(self.persons), len(self.units)), "persons")
        if not bool(np.all(self.persons > 0)):
            year, unit = np.argwhere(~(self.persons > 0))[0]
            told = f"{self.units[unit]} has no people in {self.first_year + year}"
            raise Invalid((FieldFault(f"/persons/{year}/{unit}", told),))

    @property
    def years(self) -> range:
        """The years."""
        return range(self.first_year, self.first_year + len(self.persons))

    def until(self, year: int) -> "Totals":
        """Return what was known in a year, with it.

        Raises:
            Invalid: fewer than six years were.
        """
        known = year - self.first_year + 1
        if not _LEAST_YEARS < known <= len(self.persons):
            there = f"{self.first_year + _LEAST_YEARS} to {self.years.stop - 1}"
            raise Invalid((FieldFault("/origin", f"{year} is not one of {there}"),))
        return replace(self, persons=self.persons[:known])


def totals_of(history: History) -> Totals:
    """Return the totals of a history at each 1 January."""
    return Totals(history.units, history.first_year, history.stock.sum(axis=(-2, -1)))


def grouped(cells: Floats, ages: Sequence[int]) -> Floats:
    """Sum both sexes and groups of ages, the last one open (..., unit, group).

    Args:
        cells: (..., unit, sex, age).
        ages: first ages.
    """
    return np.asarray(np.add.reduceat(cells.sum(axis=-2), list(ages), axis=-1))
