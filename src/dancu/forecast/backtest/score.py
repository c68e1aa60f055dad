"""How far forecasts were off, and whether their bands held what they promised."""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import Floats


@dataclass(frozen=True)
class Score:
    """Errors of some forecasts, in per cent of what was.

    Args:
        cases: how many forecasts.
        mape: mean absolute error.
        median: median absolute error.
        bias: mean error; positive where too many were forecast.
        held80: share of cases within the 80 % band; nan where there was no band.
        held95: the same of the 95 % band.
    """

    cases: int
    mape: float
    median: float
    bias: float
    held80: float = float("nan")
    held95: float = float("nan")


def score(actual: Floats, told: Floats) -> Score:
    """Return the score of forecasts without bands.

    Args:
        actual: what was, above 0.
        told: what was forecast, of the same shape.
    """
    error = (told - actual) / np.maximum(actual, 1.0) * 100
    return Score(int(actual.size), float(np.abs(error).mean()), float(np.median(np.abs(error))), float(error.mean()))


def score_drawn(actual: Floats, drawn: Floats) -> Score:
    """Return the score of trajectories: of their medians and of their bands.

    Args:
        actual: what was (...).
        drawn: what was forecast (quantile, ...), as `quantiles_of`.
    """
    low95, low80, middle, high80, high95 = drawn
    plain = score(actual, middle)
    held80 = float(np.mean((low80 <= actual) & (actual <= high80)))
    held95 = float(np.mean((low95 <= actual) & (actual <= high95)))
    return Score(plain.cases, plain.mape, plain.median, plain.bias, held80, held95)
