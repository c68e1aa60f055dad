"""How wide bands must be to have held what they promise in the past of the units themselves.

Before a forecast is made, the same model is tried at earlier years, from what was known then. If fewer of the totals
that followed lie in its 80 % bands than should, departures of moves from their median are widened by the factor that
would have held them; if more, they are narrowed a little. It is one factor for all units, and where the past is short
it stays near 1.
"""

from dataclasses import replace

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.trajectories import Futures

_WORTH = 8.0
"""Totals that the belief in a factor of 1 is worth."""
_LEAST, _MOST = 0.9, 2.5


def factor_of(actual: Floats, drawn: Floats) -> float:
    """Return the factor by which departures from the median must be multiplied to hold 80 %.

    Args:
        actual: what followed (case,).
        drawn: what was forecast of it (trajectory, case).
    """
    low, middle, high = np.quantile(drawn, (0.1, 0.5, 0.9), axis=0)
    side = np.where(actual > middle, high - middle, middle - low)
    score = np.abs(actual - middle) / np.maximum(side, 1e-12)
    wanted = float(np.quantile(score, 0.8))
    weight = len(actual) / (len(actual) + _WORTH)
    return float(np.clip(np.exp(weight * np.log(max(wanted, 1e-3))), _LEAST, _MOST))


def widened(futures: Futures, factor: float) -> Futures:
    """Return futures whose moves depart `factor` times as far from their medians.

    Where moves were not counted, they are part of migration, and that is widened.
    """
    if futures.push is None or futures.pull is None:
        return replace(futures, migration=_scaled(futures.migration, factor))
    return replace(futures, push=_scaled(futures.push, factor), pull=_scaled(futures.pull, factor))


def _scaled(drawn: Floats, factor: float) -> Floats:
    middle = np.median(drawn, axis=1, keepdims=True)
    return np.asarray(middle + factor * (drawn - middle))
