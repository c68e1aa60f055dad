"""Single years of age out of printed groups: the smoothest course that keeps every group."""

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.schedules.smoothest import differences, smoothest
from dancu.forecast.statistical.read import AgeTable

_ROUNDS = 60


def single_ages(table: AgeTable) -> Floats:
    """Return persons by single ages, the last one open as in the table `(sex, age)`; groups keep their sums."""
    is_open = table.last is None
    sizes = np.diff([*table.ages, table.ages[-1] + 1 if table.last is None else table.last + 1])
    points = int(sizes.sum())
    member = np.zeros((len(table.ages), points))
    member[np.repeat(np.arange(len(sizes)), sizes), np.arange(points)] = 1
    closed = slice(None, -1) if is_open else slice(None)
    inner = points - 1 if is_open else points
    rough = differences(inner, 2)
    curve = smoothest(rough.T @ rough, member[closed, :inner], table.persons[:, closed])
    single = _without_negatives(curve, member[closed, :inner], table.persons[:, closed])
    return np.concatenate((single, table.persons[:, -1:]), axis=-1) if is_open else single


def _without_negatives(curve: Floats, member: Floats, sums: Floats) -> Floats:
    """Cut what is negative, and bring the groups back to their sums."""
    curve = np.maximum(curve, 0)
    for _ in range(_ROUNDS):
        held = curve @ member.T
        if np.allclose(held, sums, rtol=1e-12):
            break
        curve = curve * (np.divide(sums, held, out=np.zeros_like(sums), where=held > 0) @ member)
    empty = (curve @ member.T <= 0) & (sums > 0)
    return np.asarray(curve + (empty * sums / member.sum(axis=1)) @ member)
