"""Intervals at 95 %, by the method that fits what was counted: pure."""

from collections.abc import Callable, Mapping
from math import exp, inf, lgamma, log, sqrt

Interval = tuple[float, float]
Z = 1.959964
_HALVES = 80
_SMALL = 60


def poisson(count: float) -> Interval:
    """Return the exact interval of a count of rare events.

    Standard: F. Garwood, Fiducial limits for the Poisson distribution, 1936.
    """
    if count >= _SMALL:
        return _byar(count)
    high = _solved(lambda mean: _at_most(count, mean), 0.025, count, count + 8 * sqrt(count + 1) + 8)
    if count < 1:
        return 0.0, high
    return _solved(lambda mean: _at_most(count - 1, mean), 0.975, 0.0, count), high


def _byar(count: float) -> Interval:
    """Byar's approximation: within a thousandth of the exact one from some tens on."""
    low = count * (1 - 1 / (9 * count) - Z / (3 * sqrt(count))) ** 3
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + Z / (3 * sqrt(more))) ** 3


def _at_most(count: float, mean: float) -> float:
    """The chance that a Poisson variable is at most a count."""
    if mean <= 0:
        return 1.0
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(int(count) + 1))


def _solved(falling: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    for _ in range(_HALVES):
        middle = (low + high) / 2
        if falling(middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def sum_of_chances(total: float, variance: float) -> Interval:
    """Return the interval of how many of many doubtful things are so, given the chance of each.

    Args:
        total: sum of the chances.
        variance: sum of chance times its complement.
    """
    spread = Z * sqrt(max(variance, 0.0))
    return max(total - spread, 0.0), total + spread


def quantile(histogram: Mapping[int, int], share: float) -> int | None:
    """Return the smallest day that at least such a share does not exceed; None of nothing.

    Args:
        histogram: how many by days.
        share: above 0, up to 1.
    """
    of = sum(histogram.values())
    return _ranked(histogram, share * of) if of else None


def quantile_interval(histogram: Mapping[int, int], share: float) -> Interval | None:
    """Return the interval of a quantile, free of any distribution: by the ranks between which it lies.

    Where the ranks go beyond what was seen, the end of what was seen, or infinity, stands.

    Standard: W. J. Conover, Practical nonparametric statistics, 3.2.
    """
    of = sum(histogram.values())
    if not of:
        return None
    spread = Z * sqrt(of * share * (1 - share))
    low, high = _ranked(histogram, max(of * share - spread, 1)), of * share + spread
    return float(low), inf if high > of else float(_ranked(histogram, high))


def _ranked(histogram: Mapping[int, int], rank: float) -> int:
    seen, day = 0, 0
    for day in sorted(histogram):
        seen += histogram[day]
        if seen >= rank - 1e-9:
            break
    return day
