"""A projection in whole persons, whose accounts close to the person and whose moves between units cancel out.

Each component is rounded so that what is lost in one year is made up in the next ones of the same cohort, and moves
between units so that arrivals and departures of an age sum to the same. The stock follows from the components.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from dancu.forecast.axes import AGES, Floats
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid


def whole(projection: Projection) -> Projection:
    """Return a projection in whole persons.

    No cell is further from the projection than a handful of persons, however long it is.

    Args:
        projection: with single ages, and its components by them.

    Raises:
        Invalid: ages or components were kept in groups.
    """
    if len(projection.ages) != AGES or projection.deaths.shape[-1] != AGES:
        raise Invalid((FieldFault("/projection/ages", "must be single ages, of the components too"),))
    stock = np.empty_like(projection.stock)
    stock[0] = np.rint(projection.stock[0])
    parts = {name: np.empty_like(getattr(projection, name)) for name in _COMPONENTS}
    lost = _Lost.nothing(projection)
    for t in range(len(projection.births)):
        stock[t + 1] = _year(projection, t, stock[t], parts, lost)
        lost.grow_older()
    return replace(projection, stock=stock, **parts)


_OF_COHORTS = ("deaths", "immigrants", "emigrants", "moved_in", "moved_out")
_COMPONENTS = ("births", *_OF_COHORTS)


@dataclass
class _Lost:
    """What rounding took from each component so far, less what it gave."""

    births: Floats
    cohorts: dict[str, Floats]

    @classmethod
    def nothing(cls, projection: Projection) -> Self:
        cells = np.zeros(projection.stock.shape[1:])
        return cls(np.zeros(projection.births.shape[1:]), {name: cells.copy() for name in _OF_COHORTS})

    def grow_older(self) -> None:
        """What a cohort lost goes along with it."""
        for name, cells in self.cohorts.items():
            older = np.zeros_like(cells)
            older[..., 1:] = cells[..., :-1]
            older[..., -1] += cells[..., -1]
            self.cohorts[name] = older


def _year(projection: Projection, t: int, stock: Floats, parts: dict[str, Floats], lost: _Lost) -> Floats:
    due = {name: getattr(projection, name)[t] + lost.cohorts[name] for name in _OF_COHORTS}
    rounded = {name: np.maximum(np.rint(due[name]), 0) for name in ("immigrants", "emigrants")}
    movers = np.maximum(np.rint(due["moved_out"].sum(axis=-3, keepdims=True)), 0)
    rounded |= {name: shared(due[name], movers) for name in ("moved_in", "moved_out")}
    births = np.rint(projection.births[t] + lost.births)
    lost.births = projection.births[t] + lost.births - births
    start = np.empty_like(stock)
    start[..., 0] = births
    start[..., 1:] = stock[..., :-1]
    start[..., -1] += stock[..., -1]
    there = start + rounded["moved_in"] - rounded["moved_out"] + rounded["immigrants"] - rounded["emigrants"]
    missing = np.maximum(-there, 0)
    stays = np.minimum(missing, rounded["emigrants"])
    rounded["emigrants"] -= stays
    rounded["immigrants"] += missing - stays
    there += missing
    rounded["deaths"] = np.clip(np.rint(due["deaths"]), 0, there)
    parts["births"][t] = births
    for name in _OF_COHORTS:
        lost.cohorts[name] = due[name] - rounded[name]
        parts[name][t] = rounded[name]
    return np.asarray(there - rounded["deaths"])


def shared(cells: Floats, total: Floats) -> Floats:
    """Return whole numbers near the cells, none negative, which sum to the total over the units (largest remainders).

    Args:
        cells: `(..., unit, sex, age)`.
        total: whole numbers `(..., 1, sex, age)`, about the sum of the cells.
    """
    low = np.maximum(np.floor(cells), 0)
    for _ in range(cells.shape[-3] + 2):
        missing = total - low.sum(axis=-3, keepdims=True)
        if not missing.any():
            break
        rest = cells - low
        wanting = np.argsort(np.argsort(-rest, axis=-3, kind="stable"), axis=-3, kind="stable")
        giving = np.argsort(np.argsort(np.where(low > 0, rest, np.inf), axis=-3, kind="stable"), axis=-3, kind="stable")
        low += (wanting < missing).astype(np.float64)
        low -= ((giving < -missing) & (low > 0)).astype(np.float64)
    return low
