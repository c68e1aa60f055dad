"""Forecasts from counts alone, made as of past years, and what became of them.

`history` is what was counted, `estimate` what it says, `forecast` carries it on; `harness` does so as of past years and
`report` tells how that went, beside what a pocket calculator would have said.
"""

from dancu.forecast.backtest.estimate import Estimates, estimate
from dancu.forecast.backtest.files import read_history
from dancu.forecast.backtest.forecast import Forecast, forecast_from, median_course
from dancu.forecast.backtest.growth import grown
from dancu.forecast.backtest.harness import backtest, usual_origins
from dancu.forecast.backtest.history import History, Totals, totals_of
from dancu.forecast.backtest.report import Report, lines_of
from dancu.forecast.backtest.score import Score

__all__ = [
    "Estimates",
    "Forecast",
    "History",
    "Report",
    "Score",
    "Totals",
    "backtest",
    "estimate",
    "forecast_from",
    "grown",
    "lines_of",
    "median_course",
    "read_history",
    "totals_of",
    "usual_origins",
]
