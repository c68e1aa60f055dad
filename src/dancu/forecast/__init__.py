"""Cohort-component forecasts: a numerical library that needs a table of counts, and nothing of the register."""

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
from dancu.forecast.project import project

__all__ = [
    "Keep",
    "Moves",
    "Population",
    "Projection",
    "Quarters",
    "RateSource",
    "Rates",
    "Timing",
    "YearRates",
    "project",
]
