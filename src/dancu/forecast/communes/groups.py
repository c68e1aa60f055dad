"""Five-year groups of ages, in which communes are carried on."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import Floats, folded
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid

GROUPS = tuple(range(0, 90, 5))
"""First ages 0, 5, ... 85; the last one is open."""
Cells = TypeVar("Cells", npt.NDArray[np.float32], npt.NDArray[np.float64])
COUNT = len(GROUPS)
STEP, STEPS = 5, 3
YEARS = STEP * STEPS
"""How far communes are carried on, in steps of five years."""
MOTHERS = slice(3, 10)
"""The groups 15-19 to 45-49."""


def in_groups(cells: Floats) -> Floats:
    """Sum single ages 0..130 into the groups (..., sex, group)."""
    return folded(cells, GROUPS)


def control_of(projection: Projection) -> Floats:
    """Return the people of provinces to which communes are held (year, trajectory, province, sex, group).

    Args:
        projection: of the provinces, over fifteen years or more; its ages must begin groups at each of `GROUPS`.

    Raises:
        Invalid: it is shorter, or kept ages that cannot be summed into the groups.
    """
    if len(projection.stock) <= YEARS:
        told = f"{len(projection.stock) - 1} years are too few; communes need {YEARS}"
        raise Invalid((FieldFault("/projection/years", told),))
    if not set(GROUPS) <= set(projection.ages):
        raise Invalid((FieldFault("/projection/ages", "cannot be summed into groups of five years to 85 and over"),))
    firsts = [projection.ages.index(age) for age in GROUPS]
    summed = np.add.reduceat(projection.stock[1 : YEARS + 1], firsts, axis=-1)
    return np.asarray(summed if projection.trajectories is not None else summed[:, None])


def older(cells: Cells) -> Cells:
    """Return everybody one group older (..., group): nobody is in the first one, and the last one keeps its own."""
    out = np.zeros_like(cells)
    out[..., 1:] = cells[..., :-1]
    out[..., -1] += cells[..., -1]
    return out


def by_province(cells: Cells, province: npt.NDArray[np.int64], provinces: int) -> Cells:
    """Sum communes into provinces.

    Args:
        cells: (..., commune, sex, group).
        province: index of the province of each commune, rising (commune,).
        provinces: how many there are; each has a commune.
    """
    starts = np.searchsorted(province, np.arange(provinces))
    summed: Cells = np.add.reduceat(cells, starts, axis=-3)
    return summed
