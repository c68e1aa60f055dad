"""Counts by single ages in which people rounded their ages: groups that smooth, and single ages out of groups.

Sources: Carrier, Farrag (1959), *Population Studies* 12(3); Arriaga (1994), *Population Analysis with Microcomputers*,
vol. I, ch. II; King's, Karup's and Newton's osculatory formulas are the family of the redistribution here, which takes
the smoothest curve that has the sums of the groups instead of piecewise polynomials.
"""

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.schedules.smoothest import differences, smoothest


def smoothed_groups(groups: Floats) -> Floats:
    """Return groups of five ages, smoothed within ten ages as Arriaga does: the sums of ten ages stay.

    The first two groups and the last, open one stay as they are.

    Args:
        groups: `(..., group)` of five ages, the last one open.
    """
    result = groups.copy()
    closed = groups.shape[-1] - 1
    begins = 2 if closed % 2 == 0 else 3
    tens = groups[..., begins:closed].reshape(*groups.shape[:-1], -1, 2).sum(axis=-1)
    if tens.shape[-1] < 3:
        return result
    before, here, after = tens[..., :-2], tens[..., 1:-1], tens[..., 2:]
    second = (-before + 11 * here + 2 * after) / 24
    second = np.clip(second, 0, here)
    result[..., begins + 2 : closed - 2] = _woven(here - second, second)
    return result


def _woven(first: Floats, second: Floats) -> Floats:
    return np.stack((first, second), axis=-1).reshape(*first.shape[:-1], -1)


def redistributed(counts: Floats, *, oldest: int = 80) -> Floats:
    """Return counts by single ages without preference of digits; the sums of groups of five around each stay.

    People round to digits 0 and 5, so the groups are taken around those: 3-7, 8-12, ... Ages below 3 stay as they are,
    and those from the last group on that ends before `oldest`.

    Args:
        counts: persons `(..., age)`.
        oldest: no age from this one on is changed.
    """
    first = 3
    groups = (oldest - first) // 5
    last = first + 5 * groups
    inner = counts[..., first:last]
    sums = inner.reshape(*inner.shape[:-1], groups, 5).sum(axis=-1)
    curve = _curve(sums, counts[..., first - 2 : first], counts[..., last : last + 2])
    return np.concatenate((counts[..., :first], curve, counts[..., last:]), axis=-1)


def _curve(sums: Floats, before: Floats, after: Floats) -> Floats:
    """The smoothest ages with the sums; those next to them on either side are known."""
    groups = sums.shape[-1]
    size = groups * 5 + 4
    constraints = np.zeros((groups + 4, size))
    constraints[:groups, 2:-2] = np.kron(np.eye(groups), np.ones(5))
    constraints[groups + np.arange(4), [0, 1, size - 2, size - 1]] = 1
    bend = differences(size, 3)
    curve = smoothest(bend.T @ bend, constraints, np.concatenate((sums, before, after), axis=-1))[..., 2:-2]
    return _without_negatives(curve, sums)


def _without_negatives(curve: Floats, sums: Floats) -> Floats:
    positive = np.maximum(curve, 0)
    there = positive.reshape(*sums.shape, 5).sum(axis=-1)
    factor = np.divide(sums, there, out=np.zeros_like(there), where=there > 0)
    return np.asarray(positive * np.repeat(factor, 5, axis=-1))
