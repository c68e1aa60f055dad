"""A hierarchical AR(1): the long-run level of each unit scatters around the nation's, each year around its level.

    y[u, t] - m[u] = p (y[u, t-1] - m[u]) + s[u] (sqrt(c) z[t] + sqrt(1 - c) z[u, t])
    m[u] ~ N(M, b^2),  M ~ N(level, level_sd^2),  s[u]^2 ~ scaled inverse chi-square

`z[t]` is shared by the units, `z[u, t]` is a unit's own. Persistence `p` is common to all units; its posterior is taken
on a grid, the rest is conjugate given `p`, so a fit takes milliseconds and needs no chain. Between-unit spread, pooled
shock and correlation are empirical-Bayes estimates. Shocks beyond three robust standard deviations count as three: one
year of the fire horse (Japan 1966) must not widen fifty years.

The shocks that matter are those that last. Published series are often smoothed, so that their yearly changes are small
and alike; counts of a small province are noisy, so that their changes are large and cancel. Both are put right by the
variance of sums over five years, as a multiple of that of single years (`lasting`): above 1 the likelihood counts that
many times fewer years; below 1 the rest is noise, and a forecast starts from the smoothed last value.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dancu.forecast.trajectories.beliefs import Beliefs

Array = npt.NDArray[np.float64]

_GRID = np.linspace(0.3, 0.995, 140)
_LEVEL_YEARS = 15
_SPAN = 5
_SPAN_WEIGHT = 10.0
"""Years of data that the belief in `lasting = 1` is worth."""
_UNIT_WEIGHT = 25.0
"""Years of data that the pooled shock of the units is worth for the shock of one unit."""
_SPREAD_WEIGHT = 4.0
"""Units that the belief on the spread between units is worth."""


@dataclass(frozen=True)
class Size:
    """How many courses are drawn, and of how many years."""

    trajectories: int
    years: int


@dataclass(frozen=True)
class Fitted:
    """A posterior, ready to be drawn from.

    Args:
        last: last value of each unit, (unit,), smoothed where the past is noisy.
        persistence: grid of values of p, (grid,).
        weight: posterior probability of each, (grid,).
        mean: mean of `y[t] - p y[t-1]` of each unit, (grid, unit).
        squares: squared lasting shocks of each unit plus those of the belief, (grid, unit).
        freedom: degrees of freedom of `squares`, (unit,).
        years: number of observed steps of each unit, (unit,), whose shocks are single.
        between_sd: spread of the long-run levels of units.
        shared: correlation of the shocks of two units.
        lasting: variance of shocks over some years as a multiple of that of single years.
        beliefs: what the fit started from.
    """

    last: Array
    persistence: Array
    weight: Array
    mean: Array
    squares: Array
    freedom: Array
    years: Array
    between_sd: float
    shared: float
    lasting: float
    beliefs: Beliefs

    @property
    def persistence_mean(self) -> float:
        """Return the posterior mean of the persistence."""
        return float(self.weight @ self.persistence)


def fit(series: Array, beliefs: Beliefs) -> Fitted:
    """Fit the model to the past.

    Args:
        series: (year, unit), on the scale of the model; nan where nothing was observed. A unit without any step is
            taken to be like the others; its last value, or the level of the belief, is where it starts.
    """
    residual, years = _steps(series)
    mean, shocks = _centred(residual, beliefs.most_sds)
    at = int(np.argmin(np.abs(_GRID - beliefs.persistence)))
    shared = _shared(shocks[at], beliefs)
    lasting = _lasting(shocks[at])
    pooled = _pooled(shocks[at], lasting, beliefs)
    worth = np.maximum(years - 1, 0) / max(lasting, 1.0)
    share = np.divide(worth, years - 1, out=np.zeros_like(years), where=years > 1)
    squares = lasting * share * np.nansum(shocks**2, axis=1) + _UNIT_WEIGHT * pooled
    freedom = _UNIT_WEIGHT + worth
    between = _between(series, beliefs)
    return Fitted(
        last=_last(series, lasting, beliefs),
        persistence=_GRID,
        weight=_weights(mean, squares, freedom, years / max(lasting, 1.0), between, shared, beliefs),
        mean=mean,
        squares=squares,
        freedom=freedom,
        years=years,
        between_sd=between,
        shared=shared,
        lasting=lasting,
        beliefs=beliefs,
    )


def draw(fitted: Fitted, rng: np.random.Generator, size: Size, revised: float = 0.0) -> Array:
    """Draw futures of all units.

    Args:
        revised: standard deviation of what a later edition may find of the last year.

    Returns:
        (year, trajectory, unit); the first year is the one after the last observed one.
    """
    trajectories, years = size.trajectories, size.years
    persistence, level, shock = draw_parameters(fitted, rng, trajectories)
    units = len(fitted.last)
    common = rng.standard_normal((years + 1, trajectories, 1)) * np.sqrt(fitted.shared)
    own = rng.standard_normal((years + 1, trajectories, units)) * np.sqrt(1 - fitted.shared)
    shocks = common + own
    out = np.empty((years, trajectories, units))
    departure = fitted.last + revised * shocks[-1] - level
    for year in range(years):
        departure = persistence * departure + shock * shocks[year]
        out[year] = level + departure
    return out


def draw_parameters(fitted: Fitted, rng: np.random.Generator, trajectories: int) -> tuple[Array, Array, Array]:
    """Draw persistence (trajectory, 1), long-run levels (trajectory, unit) and shocks (trajectory, unit)."""
    at = rng.choice(len(fitted.persistence), size=trajectories, p=fitted.weight)
    persistence = fitted.persistence[at][:, None]
    variance = fitted.squares[at] / rng.chisquare(fitted.freedom, (trajectories, len(fitted.last)))
    pull = 1 - persistence
    known = fitted.years > 0
    error = np.where(known, variance / np.maximum(fitted.years, 1) / pull**2, np.inf)
    estimate = np.where(known, fitted.mean[at] / pull, 0.0)
    nation = _draw_nation(fitted, rng, estimate, error)
    precision = 1 / error + 1 / fitted.between_sd**2
    level = (estimate / error + nation / fitted.between_sd**2) / precision
    level = level + rng.standard_normal(level.shape) / np.sqrt(precision)
    level = level + fitted.beliefs.level_change_sd * rng.standard_normal((trajectories, 1))
    return persistence, level, np.sqrt(variance)


def _draw_nation(fitted: Fitted, rng: np.random.Generator, estimate: Array, error: Array) -> Array:
    beliefs = fitted.beliefs
    each = 1 / (error + fitted.between_sd**2)
    # Units that share their shocks are fewer than they look.
    each = each / (1 + (len(fitted.last) - 1) * fitted.shared)
    precision = each.sum(axis=1) + 1 / beliefs.level_sd**2
    mean = ((each * estimate).sum(axis=1) + beliefs.level / beliefs.level_sd**2) / precision
    drawn: Array = mean + rng.standard_normal(len(mean)) / np.sqrt(precision)
    return drawn[:, None]


def _steps(series: Array) -> tuple[Array, Array]:
    before, after = series[:-1], series[1:]
    residual = after[None] - _GRID[:, None, None] * before[None]
    years = np.isfinite(before + after).sum(axis=0).astype(np.float64)
    return residual, years


def _centred(residual: Array, most: float) -> tuple[Array, Array]:
    """Return the mean of each unit, (grid, unit), and departures from it with outliers drawn in, (grid, year, unit)."""
    seen = np.isfinite(residual)
    if not seen.any():
        return np.zeros((len(residual), residual.shape[2])), np.zeros_like(residual)
    filled = np.where(seen, residual, 0.0)
    count = np.maximum(seen.sum(axis=1), 1)
    middle = _nanmedian(residual)[:, None]
    robust = 1.4826 * _nanmedian(np.abs(residual - middle))[:, None]
    plain = np.sqrt(np.where(seen, (residual - middle) ** 2, 0.0).sum(axis=1) / count)[:, None]
    spread = np.maximum(robust, plain / 2)  # where most years are the same, those that are not are no outliers
    drawn_in = np.clip(filled, middle - most * spread - 1e-12, middle + most * spread + 1e-12)
    mean = np.where(seen, drawn_in, 0.0).sum(axis=1) / count
    return mean, np.where(seen, drawn_in - mean[:, None], np.nan)


def _nanmedian(values: Array) -> Array:
    empty = ~np.isfinite(values).any(axis=1, keepdims=True)
    found: Array = np.nanmedian(np.where(empty, 0.0, values), axis=1)
    return found


def _lasting(shocks: Array) -> float:
    """Return the variance of sums of some years over that of as many single years, of all units together."""
    if len(shocks) <= _SPAN:
        return 1.0
    over = np.lib.stride_tricks.sliding_window_view(shocks, _SPAN, axis=0).sum(axis=-1)
    single = shocks[np.isfinite(shocks)]
    several = over[np.isfinite(over)]
    if not len(several) or not single.any():
        return 1.0
    found = np.mean(several**2) / (_SPAN * np.mean(single**2))
    years = float(np.isfinite(shocks).sum(axis=0).max())
    return float(np.clip(np.exp(np.log(max(found, 0.05)) * years / (years + _SPAN_WEIGHT)), 0.1, _SPAN))


def _pooled(shocks: Array, lasting: float, beliefs: Beliefs) -> float:
    seen = np.isfinite(shocks).sum(axis=0)
    steps = float(np.maximum(seen - 1, 0).sum()) / max(lasting, 1.0)
    squares = min(lasting, 1.0) * float(np.nansum(shocks**2))
    return (squares + beliefs.shock_weight * beliefs.shock_sd**2) / (steps + beliefs.shock_weight)


def _shared(shocks: Array, beliefs: Beliefs) -> float:
    units = shocks.shape[1]
    complete = shocks[np.isfinite(shocks).all(axis=1)]
    if units < 2 or len(complete) < 3:
        return beliefs.shared
    spread = complete.std(axis=0)
    moving = spread > 0
    if moving.sum() < 2:
        return beliefs.shared
    scaled = (complete - complete.mean(axis=0))[:, moving] / spread[moving]
    number = int(moving.sum())
    found = (np.mean(scaled.sum(axis=1) ** 2) - number) / (number * (number - 1))
    weight = len(complete)
    mixed = (weight * found + beliefs.shared_weight * beliefs.shared) / (weight + beliefs.shared_weight)
    return float(np.clip(mixed, 0.0, 0.98))


def _between(series: Array, beliefs: Beliefs) -> float:
    recent = series[-_LEVEL_YEARS:]
    seen = np.isfinite(recent)
    known = seen.any(axis=0)
    means = np.where(seen, recent, 0.0).sum(axis=0)[known] / seen.sum(axis=0)[known]
    if len(means) < 2:
        return beliefs.between_sd
    found = float(np.var(means, ddof=1))
    units = len(means) - 1
    mixed = (units * found + _SPREAD_WEIGHT * beliefs.between_sd**2) / (units + _SPREAD_WEIGHT)
    return float(np.sqrt(mixed))


def _last(series: Array, lasting: float, beliefs: Beliefs) -> Array:
    """Return where forecasts start: the filtered level of a random walk that was seen with noise."""
    noise = max(1 / lasting - 1, 0.0) / 2
    ahead = (1 + np.sqrt(1 + 4 * noise)) / 2
    gain = ahead / (ahead + noise)
    out = np.full(series.shape[1], np.nan)
    for row in series:
        moved = np.where(np.isfinite(out), out + gain * (row - out), row)
        out = np.where(np.isfinite(row), moved, out)
    if np.isfinite(out).any():
        return np.where(np.isfinite(out), out, np.nanmean(out))
    return np.full(series.shape[1], beliefs.level)


def _weights(
    mean: Array, squares: Array, freedom: Array, years: Array, between: float, shared: float, beliefs: Beliefs
) -> Array:
    pull = 1 - _GRID[:, None]
    variance = squares / freedom
    spread = variance / np.maximum(years, 1) + pull**2 * (between**2 + beliefs.level_sd**2)
    fit_of_mean = -0.5 * np.log(spread) - 0.5 * (mean - pull * beliefs.level) ** 2 / spread
    each = np.where(years > 0, fit_of_mean - 0.5 * freedom * np.log(squares), 0.0)
    alone = 1 + (len(years) - 1) * shared
    prior = -0.5 * ((_GRID - beliefs.persistence) / beliefs.persistence_sd) ** 2
    logarithm = each.sum(axis=1) / alone + prior
    weight = np.exp(logarithm - logarithm.max())
    total: Array = weight / weight.sum()
    return total
