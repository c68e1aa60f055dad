"""The nouns of a projection; their axes are those of `dancu.forecast.axes`.

Stocks are persons at 1 January. Rates are per person and year. Components (births, deaths, moves) are persons during
the calendar year, by the age that their cohort has reached at the end of it: so the accounts close cell by cell,
`stock[x + 1] at the end = stock[x] at the start - deaths[x + 1] + arrivals[x + 1] - departures[x + 1]`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dancu.forecast.axes import AGES, FERTILE, FERTILE_AGES, SEXES, SINGLE, Floats, expect
from dancu.forecast.life_table import Survival, survival_of
from dancu.kernel.errors import FieldFault, Invalid

Progress = Callable[[int, int], None]
"""Told how much of how much is done."""


class Timing(StrEnum):
    """When in the year people move.

    Standard: World Population Prospects 2024 uses `END`.
    """

    END = "end"
    """At the end: moves touch neither births nor deaths of their year."""
    EVEN = "even"
    """Half at the start, half at the end but before births are counted."""


@dataclass(frozen=True)
class Population:
    """The people of units on 1 January of a year.

    Args:
        counts: persons `([trajectory,] unit, sex, age)`.
    """

    year: int
    units: tuple[str, ...]
    counts: Floats

    def __post_init__(self) -> None:
        expect(self.counts, (len(self.units), 2, AGES), "counts", leading=1)
        if not bool(np.all(self.counts >= 0)):
            raise Invalid((FieldFault("/counts", "negative or not a number"),))

    @property
    def nation(self) -> "Population":
        """The same people as one unit."""
        return Population(self.year, ("",), self.counts.sum(axis=-3, keepdims=True))


class Moves(Protocol):
    """Who moves from unit to unit."""

    def moved(self, stock: Floats) -> tuple[Floats, Floats]:
        """Return arrivals and departures of a year `(trajectory, unit, sex, age)`; over all units both sum to the same.

        Args:
            stock: those who are there at the end of the year before anybody moves, by age at the end.
        """
        ...


@dataclass(frozen=True)
class YearRates:
    """What applies in one calendar year; all arrays broadcast to `(trajectory, unit, sex, age)`.

    Args:
        survival: ratios by age at the end; see `Survival`.
        asfr: births by a woman of ages 10..54 `(..., unit, 45)`.
        srb: males born per female `(..., unit)`.
        net: persons that come from abroad (or go there, negative), by age at the end.
        net_rate: the same per person of the cell before anybody moves.
        net_per_head: the same per person of the unit, of whatever sex and age.
        moves: between units.
    """

    survival: Floats
    asfr: Floats
    srb: Floats
    net: Floats | None = None
    net_rate: Floats | None = None
    net_per_head: Floats | None = None
    moves: Moves | None = None


class RateSource(Protocol):
    """Anything that knows the rates of years, such as `Rates` and what was drawn as trajectories."""

    @property
    def units(self) -> tuple[str, ...]:
        """The units, in the order of the axis."""
        ...

    @property
    def years(self) -> range:
        """The calendar years that are known, without a hole."""
        ...

    @property
    def trajectories(self) -> int | None:
        """How many trajectories there are; None where there is one course only."""
        ...

    def in_year(self, year: int, part: slice) -> YearRates:
        """Return the rates of a calendar year for a part of the trajectories."""
        ...


@dataclass(frozen=True)
class Rates:
    """One course of rates for all units and years: what a scenario changes and a back-test replaces.

    Args:
        first_year: the calendar year of index 0.
        mx: death rates `(year, unit, sex, age)`.
        asfr: births by a woman of ages 10..54 `(year, unit, 45)`.
        srb: males born per female `(year, unit)`.
        net: persons from abroad less those who went there, by age at the end of the year `(year, unit, sex, age)`.
        net_rate: the same per person of the cell; adds to `net`.
        moves: between units, one a year; empty where nobody moves.

    Raises:
        Invalid: an array has another shape, or a cell is wrong; names it.
    """

    first_year: int
    units: tuple[str, ...]
    mx: Floats
    asfr: Floats
    srb: Floats
    net: Floats | None = None
    net_rate: Floats | None = None
    moves: Sequence[Moves] = field(default=())

    def __post_init__(self) -> None:
        years, units = len(self.mx), len(self.units)
        cells = (years, units, 2, AGES)
        expect(self.mx, cells, "mx")
        expect(self.asfr, (years, units, FERTILE_AGES), "asfr")
        expect(self.srb, (years, units), "srb")
        for name, array in (("net", self.net), ("net_rate", self.net_rate)):
            if array is not None:
                expect(array, cells, name)
        if self.moves and len(self.moves) != years:
            raise Invalid((FieldFault("/moves", f"{len(self.moves)} years, not {years}"),))
        self._check("mx", self.mx, self.mx > 0, "is not above 0")
        self._check("asfr", self.asfr, self.asfr >= 0, "is negative")
        self._check("srb", self.srb, self.srb > 0, "is not above 0")

    def _check(self, name: str, array: Floats, holds: NDArray[np.bool_], what: str) -> None:
        """Raise where a number is wrong or none, and name the first such cell."""
        right = holds & np.isfinite(array)
        if right.all():
            return
        year, unit, *cell = np.unravel_index(int(right.argmin()), array.shape)
        ages = FERTILE.start if name == "asfr" else 0
        parts = [SEXES[int(index)] for index in cell[:-1]] + [str(int(index) + ages) for index in cell[-1:]]
        place = "/".join(("", name, str(self.first_year + int(year)), self.units[int(unit)], *parts))
        raise Invalid((FieldFault(place, f"{what}: {array[year, unit, *cell]:g}"),))

    @property
    def years(self) -> range:
        """The calendar years that are known."""
        return range(self.first_year, self.first_year + len(self.mx))

    @property
    def trajectories(self) -> None:
        """None: there is one course."""
        return

    @cached_property
    def survival(self) -> Survival:
        """Survival ratios and separation factors of all years."""
        return survival_of(self.mx)

    @property
    def tfr(self) -> Floats:
        """Children by a woman who lives through the rates of a year `(year, unit)`."""
        return np.asarray(self.asfr.sum(axis=-1))

    def in_year(self, year: int, part: slice) -> YearRates:  # noqa: ARG002 -- one course has no parts
        """Return the rates of a calendar year."""
        t = year - self.first_year
        return YearRates(
            survival=self.survival.ratio[t],
            asfr=self.asfr[t],
            srb=self.srb[t],
            net=None if self.net is None else self.net[t],
            net_rate=None if self.net_rate is None else self.net_rate[t],
            moves=self.moves[t] if self.moves else None,
        )


@dataclass(frozen=True)
class Quarters:
    """People who stay of one age as a group, such as students, soldiers, or workers in dormitories.

    They are taken out before a year and put back after it: who ages out is replaced by a newcomer, which is counted as
    a departure and an arrival. They bear no children here, die nowhere and don't move.

    Args:
        counts: persons `(unit, sex, age)`, or `(year, unit, sex, age)` where the group grows or shrinks; the last year
            holds on.
    """

    first_year: int
    counts: Floats

    def of(self, year: int) -> Floats:
        """Return who is there at 1 January of a year `(unit, sex, age)`."""
        if self.counts.ndim == 3:
            return self.counts
        return np.asarray(self.counts[min(max(year - self.first_year, 0), len(self.counts) - 1)])


@dataclass(frozen=True)
class Keep:
    """What a projection remembers.

    Args:
        ages: the first ages of groups; the last one is open.
        components: by these ages, or of all ages together: one group, in which who crossed the border is the net of
            all ages.
    """

    ages: tuple[int, ...] = SINGLE
    components: bool = True


@dataclass(frozen=True)
class Projection:
    """What becomes of a population.

    The accounts close for every unit, sex and trajectory:
    `stock[t + 1] = stock[t] + births[t] - deaths[t] + immigrants[t] - emigrants[t] + moved_in[t] - moved_out[t]`.

    Args:
        first_year: stocks are of 1 January of this year and those after, components of the calendar years.
        ages: first ages of the groups of `stock`.
        stock: persons `(year, [trajectory,] unit, sex, age)`, one year more than the components.
        births: persons `(year, [trajectory,] unit, sex)`.
        deaths: persons `(year, [trajectory,] unit, sex, age)`; age at the end of the year, one group of all ages where
            components were not kept by age. So with the others.
        immigrants: net gains from outside all units, by cell of single ages.
        emigrants: net losses to the outside, by cell.
        moved_in: from other units.
        moved_out: to other units.
    """

    first_year: int
    units: tuple[str, ...]
    ages: tuple[int, ...]
    stock: Floats
    births: Floats
    deaths: Floats
    immigrants: Floats
    emigrants: Floats
    moved_in: Floats
    moved_out: Floats

    @property
    def years(self) -> range:
        """The years of `stock`, each 1 January."""
        return range(self.first_year, self.first_year + len(self.stock))

    @property
    def trajectories(self) -> int | None:
        """How many trajectories there are; None where there is one course only."""
        return self.stock.shape[1] if self.stock.ndim == 5 else None

    @property
    def mid_year(self) -> Floats:
        """Persons at 1 July, the mean of two 1 Januaries `(year, [trajectory,] unit, sex, age)`."""
        return np.asarray((self.stock[:-1] + self.stock[1:]) / 2)

    @property
    def total(self) -> Floats:
        """Persons at 1 January of both sexes and all ages `(year, [trajectory,] unit)`."""
        return np.asarray(self.stock.sum(axis=(-2, -1)))

    def at(self, year: int) -> Population:
        """Return the stock of 1 January of a year; single ages must have been kept."""
        return Population(year, self.units, self.stock[year - self.first_year])
