"""Futures of total fertility: an AR(1) of its logarithm around a long-run level, with recovery from below replacement.

Only the past since fertility first fell under `Setting.low_fertility` is read, or the last decades where it has not:
what a transition was like says little of what comes after. On the logarithm the pull to the level is a decline of
some per cent a year where fertility is high, which is how transitions went.
"""

import numpy as np

from dancu.forecast.trajectories.autoregression import Array, Fitted, Size, draw, fit
from dancu.forecast.trajectories.beliefs import Setting

_LEAST_YEARS = 15
_TRANSITION_YEARS = 30
LOWEST, HIGHEST = 0.3, 9.0
"""TFR that no population has crossed; draws are held within."""


def after_transition(tfr: Array, *, low: float) -> Array:
    """Blank out what came before fertility was low.

    Args:
        tfr: (year, unit).
        low: TFR under which the transition is over.
    """
    out = tfr.copy()
    for unit in range(tfr.shape[1]):
        below = np.flatnonzero(tfr[:, unit] < low)
        first = below[0] if len(below) >= _LEAST_YEARS else len(tfr) - _TRANSITION_YEARS
        out[: max(min(first, len(tfr) - _LEAST_YEARS), 0), unit] = np.nan
    return out


def fit_fertility(tfr: Array, setting: Setting) -> Fitted:
    """Fit to past TFR, (year, unit); nan where it was not observed."""
    return fit(np.log(after_transition(tfr, low=setting.low_fertility)), setting.fertility)


def draw_fertility(fitted: Fitted, rng: np.random.Generator, size: Size, revised: float = 0.0) -> Array:
    """Draw TFR, (year, trajectory, unit)."""
    logarithm = draw(fitted, rng, size, revised)
    return np.clip(np.exp(logarithm), LOWEST, HIGHEST)
