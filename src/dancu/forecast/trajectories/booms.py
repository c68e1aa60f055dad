"""Futures of how units lose and draw people: in booms, as units went through before.

    d[u, t] = y[u, t] - m[u],   d[u, t] = p d[u, t-1] + s[u, t],   s[u, t] = q s[u, t-1] + e[t] + e[u, t]

Moves don't change by many small shocks that cancel. A province is quiet for decades, then an industrial zone draws
people for ten years, then no more: what grows goes on growing for some years (`q`), and few shocks are large. So the
shocks `e` are not drawn from a normal law but taken from the past of all units, some years in a row: what happened to
one of them may happen to any. Those that all units had in common in a year stay common. Levels `m` and persistence
`p` are those of the hierarchical AR(1), fitted to `y[t] - q y[t-1]`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dancu.forecast.trajectories.autoregression import Array, Fitted, Size, draw_parameters, fit
from dancu.forecast.trajectories.beliefs import Beliefs

Integers = npt.NDArray[np.int64]

_RUN = 5
"""Years that are taken in a row."""
_MOMENTUM_WEIGHT = 30.0
"""Steps of units that the belief in no momentum is worth."""
_MOST_MOMENTUM = 0.8
_LEAST_CELLS = 60


@dataclass(frozen=True)
class FittedBooms:
    """A posterior.

    Args:
        series: the past, (year, unit).
        momentum: `q`.
        steady: the model of what is left when the momentum is taken out.
    """

    series: Array
    momentum: float
    steady: Fitted


def fit_booms(series: Array, beliefs: Beliefs) -> FittedBooms:
    """Fit to the past, (year, unit), which must be complete."""
    momentum = _momentum(series, beliefs)
    left = 1 - momentum
    scaled = replace(
        beliefs,
        level=beliefs.level * left,
        level_sd=beliefs.level_sd * left,
        between_sd=beliefs.between_sd * left,
        shock_sd=beliefs.shock_sd * left,
    )
    return FittedBooms(series, momentum, fit(series[1:] - momentum * series[:-1], scaled))


def draw_booms(fits: Sequence[FittedBooms], rng: np.random.Generator, size: Size) -> list[Array]:
    """Draw futures of several series of the same units and years, each (year, trajectory, unit).

    Shocks are taken from the same units and years for all of them: a province that begins to draw people also begins
    to lose fewer.
    """
    taken = _taken(fits[0], rng, size)
    return [_course(one, rng, size, taken) for one in fits]


def _course(fitted: FittedBooms, rng: np.random.Generator, size: Size, taken: "_Taken | None") -> Array:
    series, momentum = fitted.series, fitted.momentum
    persistence, level, shock = draw_parameters(fitted.steady, rng, size.trajectories)
    level = level / (1 - momentum)
    if taken is None:
        fresh = _normal(fitted, rng, size) * shock
    else:
        common, own = _past_shocks(fitted, np.median(level, axis=0))
        fresh = common[taken.common][..., None] + own[taken.year, taken.unit]
    out = np.empty(fresh.shape)
    departure = series[-1] - level
    growing = departure - persistence * (series[-2] - level)
    for year in range(size.years):
        growing = momentum * growing + fresh[year]
        departure = persistence * departure + growing
        out[year] = level + departure
    return out


def _momentum(series: Array, beliefs: Beliefs) -> float:
    """Return how much of a unit's own change of a year is there again in the next one."""
    own = series - series.mean(axis=1, keepdims=True)
    own = own - own.mean(axis=0)
    change = own[1:] - beliefs.persistence * own[:-1]
    if len(change) < 3:
        return 0.0
    again = float((change[1:] * change[:-1]).sum())
    squares = float((change[:-1] ** 2).sum())
    worth = _MOMENTUM_WEIGHT * squares / max(change[:-1].size, 1)
    return float(np.clip(again / max(squares + worth, 1e-12), 0.0, _MOST_MOMENTUM))


@dataclass(frozen=True)
class _Taken:
    """Which shocks of the past are taken.

    Args:
        common: years of those that all units had in common (year, trajectory).
        year: years of the others (year, trajectory, unit).
        unit: whose they are (year, trajectory, unit).
    """

    common: Integers
    year: Integers
    unit: Integers


def _taken(fitted: FittedBooms, rng: np.random.Generator, size: Size) -> _Taken | None:
    """Return what is taken from the past; None where it is too short."""
    past, units = len(fitted.series) - 2, fitted.series.shape[1]
    if past <= _RUN or past * units < _LEAST_CELLS:
        return None
    cells = (size.trajectories, units)
    runs = -(-size.years // _RUN)
    whose = rng.integers(0, units, (runs, *cells))
    return _Taken(
        common=_runs(rng, past, size.years, (size.trajectories,)),
        year=_runs(rng, past, size.years, cells),
        unit=np.repeat(whose, _RUN, axis=0)[: size.years],
    )


def _normal(fitted: FittedBooms, rng: np.random.Generator, size: Size) -> Array:
    shape = (size.years, size.trajectories, fitted.series.shape[1])
    shared = fitted.steady.shared
    together = rng.standard_normal((*shape[:2], 1)) * np.sqrt(shared)
    return np.asarray(together + rng.standard_normal(shape) * np.sqrt(1 - shared))


def _past_shocks(fitted: FittedBooms, level: Array) -> tuple[Array, Array]:
    """Return the shocks of the past: those of all units (year,) and those of each (year, unit)."""
    departure = fitted.series - level
    growing = departure[1:] - fitted.steady.persistence_mean * departure[:-1]
    shocks = growing[1:] - fitted.momentum * growing[:-1]
    shocks = shocks - shocks.mean()
    common = shocks.mean(axis=1)
    return common, shocks - common[:, None]


def _runs(rng: np.random.Generator, past: int, years: int, shape: tuple[int, ...]) -> Integers:
    """Return years of the past, (year, *shape), some in a row."""
    runs = -(-years // _RUN)
    begins = rng.integers(0, past, (runs, *shape))
    steps = np.arange(_RUN).reshape(1, _RUN, *(1 for _ in shape))
    at = (begins[:, None] + steps) % past
    return at.reshape(runs * _RUN, *shape)[:years]
