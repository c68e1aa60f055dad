"""The axes that every array of a forecast ends in, always in this order: `(trajectory, unit, sex, age)`.

- *trajectory* is left out where a forecast has one course only;
- *unit* in the order of the `units` beside it;
- *sex* is 0 for males and 1 for females (`MALE`, `FEMALE`);
- *age* in completed years 0..130, the last one open (`AGES` of them).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dancu.kernel.errors import FieldFault, Invalid

Floats = NDArray[np.float64]

MALE, FEMALE = 0, 1
SEXES = ("male", "female")
OLDEST = 130
AGES = OLDEST + 1
FERTILE = slice(10, 55)
"""The ages of mothers; `asfr` has these 45 only."""
FERTILE_AGES = 45

SINGLE = tuple(range(AGES))
PUBLISHED = tuple(range(101))
"""Single ages with 100 and over as one."""
FIVE_YEAR = tuple(range(0, 101, 5))

_BLOCK = 64


def expect(array: Floats, shape: tuple[int, ...], name: str, *, leading: int = 0) -> None:
    """Raise unless an array has a shape, after at most some leading axes.

    Raises:
        Invalid: names the array, and both shapes.
    """
    extra = array.ndim - len(shape)
    if not 0 <= extra <= leading or array.shape[extra:] != shape:
        raise Invalid((FieldFault(f"/{name}", f"has the shape {array.shape}, not {shape}"),))


def folded(cells: Floats, ages: tuple[int, ...]) -> Floats:
    """Sum single ages into groups.

    Args:
        cells: `(..., age)`, ages 0..130.
        ages: the first ages of the groups, rising from 0; the last group is open.

    Returns:
        `(..., group)`.
    """
    if len(ages) == cells.shape[-1]:
        return cells
    return _rows(cells, _member(ages, cells.shape[-1]))


def totals(cells: Floats) -> Floats:
    """Sum all ages `(...)`."""
    return _rows(cells, _ones(cells.shape[-1]))


def _rows(cells: Floats, matrix: Floats) -> Floats:
    """The product of the last axis, in blocks of rows.

    One row for each of the other axes takes twice as long. All rows at once are so large a product that the library of
    linear algebra starts threads of its own, which wait in circles while ours work: five times as long in all.
    """
    ages = cells.shape[-1]
    rows = cells.reshape(-1, ages)
    even = len(rows) // _BLOCK * _BLOCK
    result = np.empty((len(rows), *matrix.shape[1:]))
    result[:even] = (rows[:even].reshape(-1, _BLOCK, ages) @ matrix).reshape(even, *matrix.shape[1:])
    result[even:] = rows[even:] @ matrix
    return result.reshape(*cells.shape[:-1], *matrix.shape[1:])


@cache
def _ones(size: int) -> Floats:
    return np.ones(size)


@cache
def _member(ages: tuple[int, ...], size: int) -> Floats:
    """Which age belongs to which group `(age, group)`; the product is three times as fast as sums of slices."""
    member = np.zeros((size, len(ages)))
    member[np.arange(size), np.searchsorted(ages, np.arange(size), side="right") - 1] = 1
    return member
