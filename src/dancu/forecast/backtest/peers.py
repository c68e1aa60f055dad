"""What anybody would forecast with a pocket calculator: the bar that a forecast must clear."""

from collections.abc import Callable

import numpy as np

from dancu.forecast.axes import Floats

_BASE = 5
"""Years of growth that are carried on."""


def geometric(known: Floats, ahead: int) -> Floats:
    """Return totals that grow by the same factor a year as in the last five years.

    Args:
        known: totals of past years (year, unit), above 0.
        ahead: years from the last one.
    """
    return np.asarray(known[-1] * (known[-1] / known[-1 - _BASE]) ** (ahead / _BASE))


def linear(known: Floats, ahead: int) -> Floats:
    """Return totals that grow by as many persons a year as in the last five years; nobody is the least."""
    return np.asarray(np.maximum(known[-1] + (known[-1] - known[-1 - _BASE]) * (ahead / _BASE), 0))


def unchanged(known: Floats, ahead: int) -> Floats:  # noqa: ARG001 -- all peers are called alike
    """Return the last totals."""
    return np.asarray(known[-1])


PEERS: dict[str, Callable[[Floats, int], Floats]] = {
    "five-year geometric growth": geometric,
    "five-year linear growth": linear,
    "no change": unchanged,
}
"""Peers by the names of reports; the first one is the bar."""
