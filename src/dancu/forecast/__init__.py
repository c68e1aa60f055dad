"""Cohort-component forecasts: a numerical library that needs a table of counts, and nothing of the register."""

from dancu.forecast.aggregate import aggregated, nation_of
from dancu.forecast.drawn import DrawnRates, SurvivalSurface
from dancu.forecast.model import (
    Keep,
    Moves,
    Population,
    Projection,
    Quarters,
    Rates,
    RateSource,
    Timing,
    YearRates,
)
from dancu.forecast.moves import OriginDestination
from dancu.forecast.project import project
from dancu.forecast.whole import whole

__all__ = [
    "DrawnRates",
    "Keep",
    "Moves",
    "OriginDestination",
    "Population",
    "Projection",
    "Quarters",
    "RateSource",
    "Rates",
    "SurvivalSurface",
    "Timing",
    "YearRates",
    "aggregated",
    "nation_of",
    "project",
    "whole",
]
