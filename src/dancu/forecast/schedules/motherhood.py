"""Fertility by age out of the mean age of mothers, and patterns that turn into others over the years.

The pattern is Hadwiger's curve f(x) = (c / x)^(3/2) exp(-b^2 (c / x + x / c - 2)) over ages 10 to 54: the density of
the inverse Gaussian, whose mean is c and whose variance is c^2 / (2 b^2).

Sources: Hadwiger (1940), "Eine analytische Reproduktionsfunktion für biologische Gesamtheiten"; Chandola, Coleman,
Hiorns (1999), *Population Studies* 53(3). Convergence: World Population Prospects 2024, methodology, where per cent
ASFR of a country turn into a global pattern.
"""

import numpy as np

from dancu.forecast.axes import FERTILE, Floats
from dancu.kernel.errors import FieldFault, Invalid

USUAL_SPREAD = 5.6
"""Standard deviation of the ages of mothers where nothing is known of it, years."""

_AGES = np.arange(FERTILE.start, FERTILE.stop) + 0.5
_YOUNGEST, _OLDEST = 18.0, 40.0
_ROUNDS = 25


def mean_age(pattern: Floats) -> Floats:
    """Return the mean age of mothers of births by age `(..., 45)`, years."""
    return np.asarray((pattern * _AGES).sum(axis=-1) / pattern.sum(axis=-1))


def spread(pattern: Floats) -> Floats:
    """Return the standard deviation of the ages of mothers `(...)`, years."""
    away = (_AGES - mean_age(pattern)[..., None]) ** 2
    return np.asarray(np.sqrt((pattern * away).sum(axis=-1) / pattern.sum(axis=-1)))


def hadwiger(mean: Floats, sd: Floats | float = USUAL_SPREAD) -> Floats:
    """Return shares of ages in the total fertility, which sum to 1 and have a mean age.

    Args:
        mean: of mothers, 18 to 40 years `(...)`.
        sd: standard deviation of their ages before the curve is cut at 10 and 55, about 4 to 8 years.

    Returns:
        `(..., 45)`.

    Raises:
        Invalid: a mean is outside of that range.
    """
    mean = np.asarray(mean, dtype=np.float64)
    if not bool(np.all((mean >= _YOUNGEST) & (mean <= _OLDEST))):
        raise Invalid((FieldFault("/mean_age", f"is not within {_YOUNGEST:g} and {_OLDEST:g} years"),))
    centre = mean.copy()
    pattern = _curve(centre, sd)
    for _ in range(_ROUNDS):
        centre = centre + mean - mean_age(pattern)  # the cut at either end moves the mean a little
        pattern = _curve(centre, sd)
    return pattern


def _curve(centre: Floats, sd: Floats | float) -> Floats:
    c = centre[..., None]
    squared = c**2 / (2 * np.asarray(sd)[..., None] ** 2)
    logs = 1.5 * np.log(c / _AGES) - squared * (c / _AGES + _AGES / c - 2)
    curve = np.exp(logs)
    return np.asarray(curve / curve.sum(axis=-1, keepdims=True))


def converging(first: Floats, last: Floats, *, years: int, over: int) -> Floats:
    """Return patterns that turn from one into another in equal steps, and stay there.

    Args:
        first: shares in the year before the first of the result `(..., 45)`.
        last: what they turn into.
        years: how many are wanted.
        over: how many it takes.

    Returns:
        `(year, ..., 45)`, each sums to 1.
    """
    if over < 1:
        raise Invalid((FieldFault("/over", "takes one year at least"),))
    start, goal = (one / one.sum(axis=-1, keepdims=True) for one in (first, last))
    share = np.minimum(np.arange(1, years + 1) / over, 1).reshape(-1, *(1,) * np.broadcast(start, goal).ndim)
    return np.asarray(start + share * (goal - start))
