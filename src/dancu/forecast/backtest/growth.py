"""Forecasts where only totals are known: growth of each unit, drawn to that of the nation, with its own persistence.

Growth of the logarithm is a hierarchical AR(1) (`dancu.forecast.trajectories.autoregression`): a boom goes on for some
years and then returns to the unit's own long-run growth, which is drawn to that of all units.
"""

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.backtest.history import Totals
from dancu.forecast.trajectories.autoregression import Size, draw, fit
from dancu.forecast.trajectories.beliefs import Beliefs

GROWTH = Beliefs(
    level=0.008,
    level_sd=0.01,
    between_sd=0.008,
    persistence=0.85,
    persistence_sd=0.08,
    shock_sd=0.005,
    shared=0.2,
)
"""Growth a year: nations of 0 to 2 per cent, provinces a per cent apart, waves that halve in four years."""


def grown(totals: Totals, *, until: int, trajectories: int, seed: int) -> Floats:
    """Draw totals of the years after the last known one (year, trajectory, unit)."""
    years = until - totals.years.stop + 1
    growth = np.diff(np.log(totals.persons), axis=0)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    drawn = draw(fit(growth, GROWTH), rng, Size(trajectories, years))
    return np.asarray(totals.persons[-1] * np.exp(np.cumsum(drawn, axis=0)))
