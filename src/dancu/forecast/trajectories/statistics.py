"""What trajectories say: quantiles, bands, and how probable an event is.

Values have the axes of a projection: (year, trajectory, ...).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dancu.kernel.errors import Malformed

Array = npt.NDArray[np.float64]

PUBLISHED = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Probabilities of the quantiles that are published: the 80 % and 95 % bands around the median."""


@dataclass(frozen=True)
class Band:
    """The middle and the two bands of a quantity; every field has its axes but that of trajectories.

    Args:
        low95: 2.5 % of trajectories lie below.
        low80: 10 % lie below.
        median: half of them lie below.
        high80: 10 % lie above.
        high95: 2.5 % lie above.
    """

    low95: Array
    low80: Array
    median: Array
    high80: Array
    high95: Array


def quantiles(values: Array, probabilities: tuple[float, ...] = PUBLISHED) -> Array:
    """Return quantiles over trajectories.

    Args:
        values: (year, trajectory, ...).
        probabilities: each within 0..1.

    Returns:
        (probability, year, ...), linear between the two nearest trajectories.
    """
    if values.shape[1] == 0 or not all(0 <= one <= 1 for one in probabilities):
        raise Malformed("Quantiles need at least one trajectory and probabilities within 0 and 1")
    found: Array = np.quantile(values, probabilities, axis=1)
    return found


def band(values: Array) -> Band:
    """Return the median and the 80 % and 95 % bands over trajectories."""
    return Band(*quantiles(values))


def peak_years(values: Array, years: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the first year of the highest value of each trajectory.

    Args:
        values: (year, trajectory, ...).
        years: calendar years of the first axis.
    """
    at: npt.NDArray[np.int64] = years[np.argmax(values, axis=0)]
    return at


def probability_of_peak_before(values: Array, years: npt.NDArray[np.int64], year: int) -> Array:
    """Return the share of trajectories whose highest value comes before a year.

    A trajectory that still grows in the last year counts as not having peaked.
    """
    return np.asarray((peak_years(values, years) < min(year, int(years[-1]))).mean(axis=0))


def exceedance(values: Array, threshold: Array | float, *, above: bool = True) -> Array:
    """Return the share of trajectories that lie above (or below) a threshold.

    Args:
        values: (year, trajectory, ...).
        threshold: one number, or an array that broadcasts to `values`.
        above: whether to count those above; else those below.
    """
    passed = values > threshold if above else values < threshold
    return np.asarray(passed.mean(axis=1))
