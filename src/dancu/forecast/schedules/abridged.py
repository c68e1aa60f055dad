"""Death rates by single years of age out of an abridged life table.

The logits of the rates are the smoothest curve whose life table has the very rates of the groups, the open group
included: third differences count below age 85, second differences above, where a straight line is Kannisto's law
m(x) = a exp(bx) / (1 + a exp(bx)).

Source: Thatcher, Kannisto, Vaupel (1998), *The Force of Mortality at Ages 80 to 120*; the idea of the smoothest curve
under constraints is that of Whittaker and Henderson.
"""

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.smoothest import differences, smoothest
from dancu.kernel.errors import FieldFault, Invalid

ABRIDGED = (0, 1, *range(5, 101, 5))
"""First ages of an abridged life table; the last one is open."""

_OLD = 100
_STRAIGHT = 3.0  # how much more a bend counts among the old
_ROUNDS = 60
_CLOSE = 1e-9
_LEAST = 1e-9


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


def single_ages(rates: Floats) -> Floats:
    """Return death rates by single ages that reproduce those of an abridged table.

    Args:
        rates: `(..., sex, group)` for the groups of `ABRIDGED`, above 0 and below 1.

    Returns:
        `(..., sex, age)`.

    Raises:
        Invalid: a rate is not above 0 and below 1.
    """
    expect(rates, (2, len(ABRIDGED)), "mx", leading=3)
    if not bool(np.all((rates > 0) & (rates < 1))):
        raise Invalid((FieldFault("/mx", "has a death rate that is not above 0 and below 1"),))
    goal = np.log(np.maximum(rates, _LEAST))
    first = np.interp(np.arange(AGES), [0.0, 3, *range(7, 98, 5), 103, 130], np.arange(len(ABRIDGED) + 1))
    guess = np.concatenate((goal, np.minimum(goal[..., -1:] + 0.4, -0.2)), axis=-1)
    low = np.minimum(first.astype(np.intp), guess.shape[-1] - 2)
    y = guess[..., low] + (guess[..., low + 1] - guess[..., low]) * (first - low)
    y[..., 0] = goal[..., 0]
    roughness = _roughness()
    for _ in range(_ROUNDS):
        mx = np.exp(y)
        gap = goal - np.log(groups_of(mx))
        if float(np.abs(gap[..., 1:]).max()) < _CLOSE:
            break
        y[..., 1:] = _closer(y[..., 1:], mx, gap[..., 1:], roughness)
    return np.asarray(np.exp(y))


def _closer(y: Floats, mx: Floats, gap: Floats, roughness: Floats) -> Floats:
    """One step of Newton's method on the logits of ages 1 and over; in and out as logarithms."""
    rates = mx[..., 1:]
    logits = y - np.log1p(-rates)
    died = life_table(mx).Lx[..., 1:] * rates
    starts = np.asarray(ABRIDGED[1:]) - 1
    member = np.zeros((len(starts), AGES - 1))
    member[np.searchsorted(starts, np.arange(AGES - 1), side="right") - 1, np.arange(AGES - 1)] = 1
    share = member * died[..., None, :]
    weights = share / share.sum(axis=-1, keepdims=True) * (1 - rates)[..., None, :]
    values = np.einsum("...gx,...x->...g", weights, logits) + gap
    logits = smoothest(roughness, weights, values)
    return np.asarray(-np.logaddexp(0, -logits))


def _roughness() -> Floats:
    size = AGES - 1
    third, second = differences(size, 3), differences(size, 2)
    young, old = third[: _OLD - 3], second[_OLD - 2 :] * _STRAIGHT
    return np.asarray(young.T @ young + old.T @ old)
