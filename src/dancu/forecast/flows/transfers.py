"""People who move because of something that no past tells of: an industrial zone, a dam, an evacuation.

A transfer takes given numbers of persons from units and brings them to others, in the proportions of who is there, so
nobody is made or lost: what leaves arrives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import AGES, FEMALE, MALE, Floats
from dancu.forecast.model import Moves
from dancu.kernel.errors import FieldFault, Invalid

_MOST_SHARE = 0.9
"""Of the people of a cell, at most this share can be taken in a year."""


@dataclass(frozen=True)
class Transfer:
    """Persons who move from some units to others, in each of some years.

    Args:
        persons: a year; the same in each.
        first_year: calendar year in which the first ones move.
        last_year: calendar year in which the last ones move.
        origins: units they leave; empty for all that are no destination.
        destinations: units they come to and the share of each, summing to 1; empty for all that are no origin, in
            proportion to their people.
        ages: first and last age at the end of the year, both included.
        sexes: 0 for males and 1 for females.
    """

    persons: float
    first_year: int
    last_year: int
    origins: tuple[str, ...] = ()
    destinations: Mapping[str, float] = field(default_factory=dict)
    ages: tuple[int, int] = (0, AGES - 1)
    sexes: tuple[int, ...] = (MALE, FEMALE)

    def __post_init__(self) -> None:
        faults = []
        if not 0 <= self.persons < float("inf"):
            faults.append(FieldFault("/persons", "is not a number of persons"))
        if self.last_year < self.first_year:
            faults.append(FieldFault("/last_year", f"comes before {self.first_year}"))
        if not 0 <= self.ages[0] <= self.ages[1] < AGES:
            faults.append(FieldFault("/ages", f"are not two ages of 0 to {AGES - 1}, the lower one first"))
        if not self.sexes or not set(self.sexes) <= {MALE, FEMALE}:
            faults.append(FieldFault("/sexes", "are none of the two"))
        if not self.origins and not self.destinations:
            faults.append(FieldFault("/origins", "neither units to leave nor units to come to are named"))
        if both := sorted(set(self.origins) & set(self.destinations)):
            faults.append(FieldFault("/destinations", f"{both[0]} is an origin, too"))
        shares = self.destinations.values()
        if self.destinations and (min(shares) < 0 or abs(sum(shares) - 1) > 1e-9):
            faults.append(FieldFault("/destinations", "their shares do not sum to 1"))
        if faults:
            raise Invalid(tuple(faults))

    def known_in(self, units: Sequence[str]) -> "Transfer":
        """Return the transfer itself, if all its units are known.

        Raises:
            Invalid: names the unit that is not.
        """
        for name in ("origins", "destinations"):
            for unit in getattr(self, name):
                if unit not in units:
                    raise Invalid((FieldFault(f"/{name}", f"there is no unit {unit!r}"),))
        if not self.destinations and set(units) <= set(self.origins):
            raise Invalid((FieldFault("/origins", "are all units; nowhere is left to go"),))
        if not self.origins and set(units) <= set(self.destinations):
            raise Invalid((FieldFault("/destinations", "are all units; nowhere is left to come from"),))
        return self

    def moved(self, stock: Floats, units: Sequence[str]) -> tuple[Floats, Floats]:
        """Return arrivals and departures of a year (trajectory, unit, sex, age).

        Args:
            stock: who could move (trajectory, unit, sex, age).
            units: names of the axis.
        """
        leaving = np.array([unit in self.origins or not (self.origins or unit in self.destinations) for unit in units])
        cells = np.zeros((2, AGES))
        cells[np.ix_(self.sexes, range(self.ages[0], self.ages[1] + 1))] = 1
        there = stock * (leaving[:, None, None] * cells)
        total = there.sum(axis=(-3, -2, -1), keepdims=True)
        share = np.divide(self.persons, total, out=np.zeros_like(total), where=total > 0)
        departures = there * np.minimum(share, _MOST_SHARE)
        arriving = self._shares(stock, leaving, units)
        arrivals = departures.sum(axis=-3, keepdims=True) * arriving[..., None, None]
        return arrivals, departures

    def _shares(self, stock: Floats, leaving: npt.NDArray[np.bool_], units: Sequence[str]) -> Floats:
        """Return the share of each unit in arrivals ([trajectory,] unit)."""
        if self.destinations:
            return np.array([self.destinations.get(unit, 0.0) for unit in units])
        people = stock.sum(axis=(-2, -1)) * ~leaving
        total = people.sum(axis=-1, keepdims=True)
        even = ~leaving / max(int((~leaving).sum()), 1)
        return np.asarray(np.divide(people, total, out=np.broadcast_to(even, people.shape).copy(), where=total > 0))


@dataclass(frozen=True)
class WithTransfers:
    """Moves of a year, and transfers on top: those who are moved are taken from those who stayed.

    Args:
        moves: without the transfers; None where nobody moves.
        transfers: those of the year, in the order in which they take people.
        units: names of the axis.
    """

    moves: Moves | None
    transfers: tuple[Transfer, ...]
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        for transfer in self.transfers:
            transfer.known_in(self.units)

    def moved(self, stock: Floats) -> tuple[Floats, Floats]:
        """Return arrivals and departures (trajectory, unit, sex, age); both sum to the same over the units."""
        if self.moves is None:
            arrivals, departures = np.zeros_like(stock), np.zeros_like(stock)
        else:
            arrivals, departures = self.moves.moved(stock)
        for transfer in self.transfers:
            came, went = transfer.moved(stock - departures, self.units)
            arrivals = arrivals + came
            departures = departures + went
        return arrivals, departures
