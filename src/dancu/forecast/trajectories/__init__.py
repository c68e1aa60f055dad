"""Possible futures of fertility, mortality and migration, drawn from models fitted to the past of the units themselves.

`beliefs` is the one setting for all countries; `autoregression` is the hierarchical model; `fertility`, `mortality`
and `migration` say what is modelled of each; `draw` draws all of them together; `statistics` reads what came out.
"""

from dancu.forecast.trajectories.beliefs import SETTING, Beliefs, Gains, Setting
from dancu.forecast.trajectories.draw import Futures, Past, draw_futures
from dancu.forecast.trajectories.estimates import read_past
from dancu.forecast.trajectories.statistics import (
    Band,
    band,
    exceedance,
    peak_years,
    probability_of_peak_before,
    quantiles,
)

__all__ = [
    "SETTING",
    "Band",
    "Beliefs",
    "Futures",
    "Gains",
    "Past",
    "Setting",
    "band",
    "draw_futures",
    "exceedance",
    "peak_years",
    "probability_of_peak_before",
    "quantiles",
    "read_past",
]
