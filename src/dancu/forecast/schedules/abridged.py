"""Death rates by single years of age out of an abridged life table.

The logits of the rates are the smoothest curve whose life table has the very rates of the groups, the open group
included: third differences count below age 85, second differences above, where a straight line is Kannisto's law
m(x) = a exp(bx) / (1 + a exp(bx)).

Source: Thatcher, Kannisto, Vaupel (1998), *The Force of Mortality at Ages 80 to 120*; the idea of the smoothest curve
under constraints is that of Whittaker and Henderson.
"""

from itertools import pairwise

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.smoothest import differences, smoothest
from dancu.kernel.errors import FieldFault, Invalid

ABRIDGED = (0, 1, *range(5, 101, 5))
"""First ages of an abridged life table; the last one is open."""

_OLD = 100
_STRAIGHT = 3.0  # how much more a bend counts among the old
_ROUNDS = 100
_CLOSE = 1e-8


def groups_of(mx: Floats, ages: tuple[int, ...] = ABRIDGED) -> Floats:
    """Return the death rates of groups of ages in the life table of single ages.

    Args:
        mx: `(..., sex, age)`.
        ages: first ages of the groups.

    Returns:
        `(..., sex, group)`, deaths by years lived.
    """
    lived = life_table(mx).Lx
    return np.asarray(np.add.reduceat(lived * mx, ages, axis=-1) / np.add.reduceat(lived, ages, axis=-1))


def single_ages(rates: Floats, ages: tuple[int, ...] = ABRIDGED) -> Floats:
    """Return death rates by single ages that reproduce those of an abridged table.

    Args:
        rates: `(..., sex, group)`, above 0 and below 1; an open group of a lower rate than the one before it may not
            be met, since the oldest follow a law that rises.
        ages: first ages of the groups, of which the first is age 0 alone; the last one is open.

    Returns:
        `(..., sex, age)`.

    Raises:
        Invalid: a rate is not above 0 and below 1.
    """
    expect(rates, (2, len(ages)), "mx", leading=3)
    if not bool(np.all((rates > 0) & (rates < 1))):
        raise Invalid((FieldFault("/mx", "has a death rate that is not above 0 and below 1"),))
    goal = np.log(rates)
    logs = _between(goal, ages)
    roughness = _roughness()
    for _ in range(_ROUNDS):
        mx = np.exp(logs)
        gap = goal - np.log(groups_of(mx, ages))
        if float(np.abs(gap[..., 1:]).max()) < _CLOSE:
            break
        logs[..., 1:] = _closer(logs[..., 1:], mx, gap[..., 1:], roughness, ages)
    return np.asarray(np.exp(logs))


def _between(goal: Floats, ages: tuple[int, ...]) -> Floats:
    """Straight lines between the middles of the groups, as a start."""
    middles = [0.0, *((a + b - 1) / 2 for a, b in pairwise(ages[1:])), ages[-1] + 3.0, AGES - 1.0]
    values = np.concatenate((goal, np.minimum(goal[..., -1:] + 0.4, -0.2)), axis=-1)
    place = np.interp(np.arange(AGES), middles, np.arange(len(middles)))
    low = np.minimum(place.astype(np.intp), len(middles) - 2)
    return np.asarray(values[..., low] + (values[..., low + 1] - values[..., low]) * (place - low))


_HIGHEST = 1 - 1e-9
_STRIDE = 2.0
"""A step of more would overshoot where rough groups meet the open one."""


def _closer(logs: Floats, mx: Floats, gap: Floats, roughness: Floats, ages: tuple[int, ...]) -> Floats:
    """One step of Newton's method on the logits of ages 1 and over; in and out as logarithms."""
    rates = np.minimum(mx[..., 1:], _HIGHEST)
    logits = np.minimum(logs, np.log(_HIGHEST)) - np.log1p(-rates)
    died = life_table(mx).Lx[..., 1:] * rates
    starts = np.asarray(ages[1:])
    member = (np.searchsorted(starts, np.arange(1, AGES), side="right") - 1) == np.arange(len(starts))[:, None]
    share = member * died[..., None, :]
    weights = share / share.sum(axis=-1, keepdims=True) * (1 - rates)[..., None, :]
    values = np.einsum("...gx,...x->...g", weights, logits) + gap
    step = smoothest(roughness, weights, values) - logits
    logits = logits + np.clip(step, -_STRIDE, _STRIDE)
    return np.asarray(-np.logaddexp(0, -logits))


def _roughness() -> Floats:
    size = AGES - 1
    third, second = differences(size, 3), differences(size, 2)
    young, old = third[: _OLD - 3], second[_OLD - 2 :] * _STRAIGHT
    return np.asarray(young.T @ young + old.T @ old)
