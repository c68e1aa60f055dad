"""Moves between units as a matrix of origins and destinations: whoever leaves one unit arrives in another."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect
from dancu.kernel.errors import FieldFault, Invalid

_CLOSE = 1e-9


@dataclass(frozen=True)
class OriginDestination:
    """Who leaves which unit in a year, and where they go.

    Args:
        leaving: the share of those who are there at the end of the year that leaves, 0..1 `(unit, sex, age)`, or
            `(trajectory, unit, sex, age)`.
        to: where the leavers of an origin go `(group of ages, origin, destination)`, each row sums to 1.
        ages: first ages of the groups of `to`.
        push: multiplies `leaving`, which stays within 1 `(trajectory, origin)`.
        pull: multiplies the shares of destinations, which are made to sum to 1 again `(trajectory, destination)`.
    """

    leaving: Floats
    to: Floats
    ages: tuple[int, ...] = (0,)
    push: Floats | None = None
    pull: Floats | None = None

    def __post_init__(self) -> None:
        units = self.leaving.shape[-3]
        expect(self.leaving, (units, 2, AGES), "leaving", leading=1)
        expect(self.to, (len(self.ages), units, units), "to")
        if not bool(np.all((self.leaving >= 0) & (self.leaving <= 1))):
            raise Invalid((FieldFault("/leaving", "is not within 0 and 1"),))
        if not bool(np.all(self.to >= 0)) or float(np.abs(self.to.sum(axis=-1) - 1).max()) > _CLOSE:
            raise Invalid((FieldFault("/to", "has negative shares, or shares of an origin that do not sum to 1"),))

    @classmethod
    def from_rates(cls, rates: Floats) -> Self:
        """Return the moves of rates for each origin and destination.

        Args:
            rates: movers a year per person of the origin `(origin, destination, sex, age)`; who stays within a unit
                is not counted.
        """
        units = rates.shape[0]
        between = rates * (1 - np.eye(units))[:, :, None, None]
        leaving = between.sum(axis=1)
        over = between.sum(axis=2)
        total = over.sum(axis=1, keepdims=True)
        nowhere = np.broadcast_to((1 - np.eye(units))[:, :, None] / max(units - 1, 1), over.shape)
        to = np.divide(over, total, out=nowhere.copy(), where=total > 0)
        if units == 1:
            to = np.ones_like(to)
        return cls(np.minimum(leaving, 1), np.moveaxis(to, -1, 0).copy(), tuple(range(AGES)))

    def moved(self, stock: Floats) -> tuple[Floats, Floats]:
        """Return arrivals and departures `(trajectory, unit, sex, age)`; both sum to the same over the units."""
        leaving = self.leaving
        if self.push is not None:
            leaving = np.minimum(leaving * self.push[..., :, None, None], 1)
        departures = stock * leaving
        arrivals = np.empty_like(departures)
        for group, ages in enumerate(self._slices()):
            matrix = np.swapaxes(self._pulled(self.to[group]), -1, -2)
            for sex in range(2):
                np.matmul(matrix, departures[..., sex, ages], out=arrivals[..., sex, ages])
        return arrivals, departures

    def _slices(self) -> list[slice]:
        return [slice(first, then) for first, then in zip(self.ages, (*self.ages[1:], AGES), strict=True)]

    def _pulled(self, to: Floats) -> Floats:
        if self.pull is None:
            return to
        pulled = to * self.pull[..., None, :]
        total = pulled.sum(axis=-1, keepdims=True)
        return np.asarray(np.divide(pulled, total, out=np.broadcast_to(to, pulled.shape).copy(), where=total > 0))
