"""Communes for fifteen years, by the method of Hamilton and Perry: how cohorts changed is how they will.

A commune has no life tables and no fertility of its own that could be measured. What it has is counts by age at two
dates. `ratios` makes changes of cohorts of them and draws these to the province, `forecast` carries them on in steps
of five years, holds communes to their province, and tells bands.
"""

from dancu.forecast.communes.forecast import CommuneForecast, Communes, forecast_communes
from dancu.forecast.communes.groups import GROUPS, control_of, in_groups
from dancu.forecast.communes.ratios import Ratios, fit_ratios

__all__ = [
    "GROUPS",
    "CommuneForecast",
    "Communes",
    "Ratios",
    "control_of",
    "fit_ratios",
    "forecast_communes",
    "in_groups",
]
