"""Scenarios: changes of fertility, mortality and migration as data, named, stored, composed and compared."""

from dancu.forecast.scenarios.apply import ScenarioRates, applied, apply
from dancu.forecast.scenarios.compare import Comparison, compare, total_people
from dancu.forecast.scenarios.compose import check, check_units, compose
from dancu.forecast.scenarios.files import data_of, read_scenario, scenario_of, store, stored
from dancu.forecast.scenarios.model import SCHEMA, Change, Kind, Scenario

__all__ = [
    "SCHEMA",
    "Change",
    "Comparison",
    "Kind",
    "Scenario",
    "ScenarioRates",
    "applied",
    "apply",
    "check",
    "check_units",
    "compare",
    "compose",
    "data_of",
    "read_scenario",
    "scenario_of",
    "store",
    "stored",
    "total_people",
]
