"""Rates of trajectories from few numbers each: made a year and a part at a time, never all at once.

Trajectories differ in the total fertility, the life expectancy and the net migration of their units and years. The
pattern by age comes from schedules that are worked out beforehand, so a year of a thousand trajectories is a look-up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from dancu.forecast.axes import AGES, FERTILE_AGES, Floats, expect
from dancu.forecast.life_table import survival_of
from dancu.forecast.model import Moves, YearRates
from dancu.kernel.errors import FieldFault, Invalid

Mortality = Callable[[Floats], Floats]
"""Gives death rates `(..., unit, sex, age)` for life expectancies `(..., unit, sex)`."""


@dataclass(frozen=True)
class SurvivalSurface:
    """Survival ratios over a fine grid of life expectancies, so that those of any value between are a straight line.

    Args:
        lowest: life expectancy of the first point, years.
        step: years between points.
        ratio: `(point, unit, sex, age)`; one unit where all have the same pattern.
    """

    lowest: float
    step: float
    ratio: Floats

    @classmethod
    def of(cls, mortality: Mortality, *, units: int, lowest: float, highest: float, step: float = 0.1) -> Self:
        """Work a surface out.

        Args:
            mortality: the schedule.
            units: how many patterns it has.
            lowest: no life expectancy that is asked for may be below.
            highest: or above.
            step: 0.1 years leave an error of less than 1e-6 in a ratio.
        """
        points = int(np.ceil((highest - lowest) / step)) + 2
        e0 = np.broadcast_to((lowest + step * np.arange(points))[:, None, None], (points, units, 2))
        return cls(lowest, step, survival_of(mortality(e0)).ratio)

    def __post_init__(self) -> None:
        expect(self.ratio, (self.ratio.shape[1], 2, AGES), "ratio", leading=1)

    def at(self, e0: Floats) -> Floats:
        """Return survival ratios `(trajectory, unit, sex, age)`.

        Args:
            e0: life expectancies `(trajectory, unit, sex)`.

        Raises:
            Invalid: a life expectancy is outside of the surface.
        """
        place = (e0 - self.lowest) / self.step
        point = np.floor(place).astype(np.intp)
        last = len(self.ratio) - 2
        if point.size and not (point.min() >= 0 and point.max() <= last):
            highest = self.lowest + self.step * (last + 1)
            told = f"{e0.min():.2f} to {e0.max():.2f} years are outside of {self.lowest:.2f} to {highest:.2f}"
            raise Invalid((FieldFault("/e0", told),))
        units = self.ratio.shape[1]
        rows = np.arange(units * 2).reshape(units, 2) + point * (units * 2)
        ratio = np.take(self.ratio.reshape(-1, AGES), rows, axis=0)
        further = np.take(self._rise.reshape(-1, AGES), rows, axis=0)
        further *= (place - point)[..., None]
        ratio += further
        return np.asarray(ratio)

    @cached_property
    def _rise(self) -> Floats:
        """How much the ratios change from a point to the next."""
        return np.diff(self.ratio, axis=0)


@dataclass(frozen=True)
class DrawnRates:
    """Rates of many trajectories.

    Args:
        first_year: the calendar year of index 0.
        tfr: children by a woman `(year, trajectory, unit)`.
        e0: years at birth `(year, trajectory, unit, sex)`.
        survival: the schedule of mortality.
        fertility: the share of each age in the total fertility `(year, unit, 45)`, sums to 1.
        srb: males born per female `(year, unit)`.
        net: persons from abroad less those who went there `(year, trajectory, unit)`.
        net_per_head: the same per person of the unit at the end of the year.
        net_ages: the share of each sex and age in `net` and `net_per_head` `(unit, sex, age)`, sums to 1 in a unit.
        moves: gives the moves between units in a calendar year, of a part of the trajectories.
    """

    first_year: int
    units: tuple[str, ...]
    tfr: Floats
    e0: Floats
    survival: SurvivalSurface
    fertility: Floats
    srb: Floats
    net: Floats | None = None
    net_per_head: Floats | None = None
    net_ages: Floats | None = None
    moves: Callable[[int, slice], Moves] | None = None

    def __post_init__(self) -> None:
        years, trajectories, units = self.tfr.shape[0], self.tfr.shape[1], len(self.units)
        expect(self.tfr, (years, trajectories, units), "tfr")
        expect(self.e0, (years, trajectories, units, 2), "e0")
        expect(self.fertility, (years, units, FERTILE_AGES), "fertility")
        expect(self.srb, (years, units), "srb")
        for name, array in (("net", self.net), ("net_per_head", self.net_per_head)):
            if array is not None:
                expect(array, (years, trajectories, units), name)
                if self.net_ages is None:
                    raise Invalid((FieldFault("/net_ages", f"is needed where there is {name}"),))
        if self.net_ages is not None:
            expect(self.net_ages, (units, 2, AGES), "net_ages")

    @property
    def years(self) -> range:
        """The calendar years that are known."""
        return range(self.first_year, self.first_year + len(self.tfr))

    @property
    def trajectories(self) -> int:
        """How many trajectories there are."""
        return int(self.tfr.shape[1])

    def in_year(self, year: int, part: slice) -> YearRates:
        """Return the rates of a calendar year for a part of the trajectories."""
        t = year - self.first_year
        return YearRates(
            survival=self.survival.at(self.e0[t, part]),
            asfr=self.tfr[t, part, :, None] * self.fertility[t],
            srb=self.srb[t],
            net=self._by_age(self.net, t, part),
            net_per_head=self._by_age(self.net_per_head, t, part),
            moves=self.moves(year, part) if self.moves else None,
        )

    def _by_age(self, total: Floats | None, t: int, part: slice) -> Floats | None:
        if total is None or self.net_ages is None:
            return None
        return np.asarray(total[t, part, :, None, None] * self.net_ages)
