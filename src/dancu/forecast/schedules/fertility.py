"""Fertility by single ages of mothers: out of groups, and out of the total and the mean age."""

import numpy as np

from dancu.forecast.axes import FERTILE, FERTILE_AGES, Floats, expect
from dancu.forecast.schedules.smoothest import differences, smoothest
from dancu.kernel.errors import FieldFault, Invalid

FIVE_YEAR_MOTHERS = tuple(range(FERTILE.start, FERTILE.stop, 5))
"""First ages of the nine groups 10-14 to 50-54."""

_EDGE = 3  # how many ages of no births are known on either side


def split(groups: Floats, women: Floats | None = None) -> Floats:
    """Return a smooth pattern by single ages whose groups have the given proportions.

    Args:
        groups: births by a woman of the groups 10-14 to 50-54, in any measure `(..., 9)`, not negative.
        women: those among whom the births of a group are counted `(..., 45)`, for groups that are births of a group
            divided by its women; without them the ages of a group weigh the same.

    Returns:
        Shares of the ages in the total fertility, which sum to 1 `(..., 45)`.

    Raises:
        Invalid: a group is negative, or all of them are nothing.
    """
    expect(groups, (len(FIVE_YEAR_MOTHERS),), "fertility", leading=3)
    if not bool(np.all(groups >= 0)) or not bool(np.all(groups.sum(axis=-1) > 0)):
        raise Invalid((FieldFault("/fertility", "has a negative group, or no births at all"),))
    weights = _weights(women)
    goal = groups / groups.sum(axis=-1, keepdims=True)
    size = FERTILE_AGES + 2 * _EDGE
    constraints = np.zeros((*weights.shape[:-2], len(FIVE_YEAR_MOTHERS) + 2 * _EDGE, size))
    constraints[..., : len(FIVE_YEAR_MOTHERS), _EDGE:-_EDGE] = weights
    outside = [*range(_EDGE), *range(size - _EDGE, size)]
    constraints[..., np.arange(len(outside)) + len(FIVE_YEAR_MOTHERS), outside] = 1
    bend = differences(size, 3)
    values = np.concatenate((goal, np.zeros((*goal.shape[:-1], len(outside)))), axis=-1)
    shape = np.broadcast_shapes(constraints.shape[:-2], values.shape[:-1])
    curve = smoothest(
        bend.T @ bend,
        np.broadcast_to(constraints, (*shape, *constraints.shape[-2:])),
        np.broadcast_to(values, (*shape, values.shape[-1])),
    )[..., _EDGE:-_EDGE]
    curve = _without_negatives(curve, goal, weights)
    return np.asarray(curve / curve.sum(axis=-1, keepdims=True))


def _weights(women: Floats | None) -> Floats:
    """What each age counts in its group `(..., 9, 45)`."""
    member = np.kron(np.eye(len(FIVE_YEAR_MOTHERS)), np.ones(5))
    weights = member if women is None else member * np.maximum(women, 1e-9)[..., None, :]
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _without_negatives(curve: Floats, goal: Floats, weights: Floats) -> Floats:
    """Cut what is below nothing, and scale the other ages of the group."""
    positive = np.maximum(curve, 0)
    there = np.einsum("...gx,...x->...g", weights, positive)
    even = np.broadcast_to(goal, there.shape)
    factor = np.divide(goal, there, out=np.zeros_like(there), where=there > 0)
    missing = np.where((there <= 0) & (goal > 0), even, 0)
    return np.asarray(positive * np.repeat(factor, 5, axis=-1) + np.repeat(missing, 5, axis=-1))
