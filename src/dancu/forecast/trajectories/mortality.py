"""Futures of life expectancy: women gain by a double-logistic curve of the level, men follow at a modelled distance.

    e0F[u, t] = e0F[u, t-1] + a[u] g(e0F[u, t-1]) + s[u] (sqrt(c) z[t] + sqrt(1 - c) z[u, t])
    e0M = e0F - gap,  gap: hierarchical AR(1)

`g` is the curve of the UN's model of 2013 with its prior means, `a` how much faster a unit gains than the curve:
fitted to the unit's own gains, drawn to the nation's, and that to 1. The shocks are those that last: their variance is
taken from changes over five years, in which a bad winter or an epidemic has passed again.
"""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.trajectories.autoregression import Array, Fitted, Size, draw, fit
from dancu.forecast.trajectories.beliefs import Gains, Setting

_READ_YEARS = 40
_SPAN = 5
_STEEP, _HALF = 4.4, 0.5  # Gaps of the logistic: a stretch is run through between 10 % and 90 % of its rise.
_LEAST_PACE = 0.1
_UNIT_WEIGHT = 25.0
HIGHEST = 110.0
"""Life expectancy that draws do not cross."""


def curve(level: Array, gains: Gains) -> Array:
    """Return the gain of a year in years of life at a life expectancy of women.

    Standard: Raftery, Chunn, Gerland and Ševčíková 2013, Demography 50:777-801, equation 2.
    """
    first, second, third, fourth = gains.spans
    up = 1 + np.exp(-_STEEP / second * (level - first - _HALF * second))
    down = 1 + np.exp(-_STEEP / fourth * (level - first - second - third - _HALF * fourth))
    return np.asarray((gains.fastest / up + (gains.lasting - gains.fastest) / down) / 5)


@dataclass(frozen=True)
class FittedGains:
    """A posterior of the gains.

    Args:
        last: last observed life expectancy of women, (unit,).
        pace: gain relative to the curve, (unit,).
        pace_sd: how sure that is of a unit, given the nation's, (unit,).
        shared_pace_sd: how sure the nation's is.
        squares: squared yearly shocks plus those of the belief, (unit,).
        freedom: degrees of freedom of `squares`, (unit,).
        shared: correlation of the shocks of two units.
        gap: the model of women's less men's life expectancy.
        gains: what the fit started from.
    """

    last: Array
    pace: Array
    pace_sd: Array
    shared_pace_sd: float
    squares: Array
    freedom: Array
    shared: float
    gap: Fitted
    gains: Gains


def fit_mortality(female: Array, male: Array, setting: Setting) -> FittedGains:
    """Fit to past life expectancies, each (year, unit); the last year must be known of all units."""
    gains = setting.survival
    recent = female[-_READ_YEARS:]
    expected = curve(recent[:-1], gains)
    shock = _shock_variance(recent, gains)
    pace, pace_sd, nation_sd = _pace(np.diff(recent, axis=0), expected, shock, gains)
    freedom = np.full(female.shape[1], _UNIT_WEIGHT + max(len(recent) / _SPAN - 1, 0))
    return FittedGains(
        last=female[-1],
        pace=pace,
        pace_sd=pace_sd,
        shared_pace_sd=nation_sd,
        squares=shock * freedom,
        freedom=freedom,
        shared=gains.shared,
        gap=fit((female - male)[-_READ_YEARS:], setting.sex_gap),
        gains=gains,
    )


def _shock_variance(recent: Array, gains: Gains) -> Array:
    """Return the yearly variance of shocks that last, of each unit."""
    if len(recent) <= _SPAN:
        return np.full(recent.shape[1], gains.shock_sd**2)
    expected = curve(recent[:-1], gains)
    departure = np.diff(recent, axis=0) - expected
    departure = departure - np.nanmedian(departure, axis=0)
    sums = np.add.accumulate(np.vstack([np.zeros(departure.shape[1]), departure]), axis=0)
    over = sums[_SPAN:] - sums[:-_SPAN]
    spread = 1.4826 * np.nanmedian(np.abs(over), axis=0)
    over = np.clip(over, -3 * spread - 1e-9, 3 * spread + 1e-9)
    each = np.nanmean(over**2, axis=0) / _SPAN
    years = len(departure) / _SPAN
    pooled = np.nanmean(each)
    units = recent.shape[1]
    pooled = (years * units * pooled + gains.shock_weight * gains.shock_sd**2) / (years * units + gains.shock_weight)
    return np.asarray((years * each + _UNIT_WEIGHT * pooled) / (years + _UNIT_WEIGHT))


def _pace(gained: Array, expected: Array, shock: Array, gains: Gains) -> tuple[Array, Array, float]:
    """Return the pace of each unit, its error given the nation's, and the error of the nation's."""
    if not len(gained):
        one = np.ones(gained.shape[1])
        return one, one * gains.pace_between_sd, gains.pace_sd
    seen = np.isfinite(gained)
    information = np.where(seen, expected, 0.0) ** 2
    strength = information.sum(axis=0) / shock
    estimate = np.where(seen, expected * gained, 0.0).sum(axis=0) / np.maximum(information.sum(axis=0), 1e-12)
    spread = gains.pace_between_sd**2
    each = 1 / (1 / np.maximum(strength, 1e-9) + spread)
    each = each / (1 + (len(shock) - 1) * gains.shared)
    precision = each.sum() + 1 / gains.pace_sd**2
    nation = ((each * estimate).sum() + 1 / gains.pace_sd**2) / precision
    own = 1 / (strength + 1 / spread)
    pace = own * (strength * estimate + nation / spread)
    return np.maximum(pace, _LEAST_PACE), np.sqrt(own), float(1 / np.sqrt(precision))


def draw_mortality(fitted: FittedGains, rng: np.random.Generator, size: Size, revised: float = 0.0) -> Array:
    """Draw life expectancies, (year, trajectory, unit, sex) with males first."""
    trajectories, years, units = size.trajectories, size.years, len(fitted.last)
    pace = fitted.pace + fitted.pace_sd * rng.standard_normal((trajectories, units))
    nation_sd = np.hypot(fitted.shared_pace_sd, fitted.gains.pace_change_sd)
    pace = np.maximum(pace + nation_sd * rng.standard_normal((trajectories, 1)), _LEAST_PACE)
    shock = np.sqrt(fitted.squares / rng.chisquare(fitted.freedom, (trajectories, units)))
    female = np.empty((years, trajectories, units))
    common = np.sqrt(fitted.shared) * rng.standard_normal((years + 1, trajectories, 1))
    own = np.sqrt(1 - fitted.shared) * rng.standard_normal((years + 1, trajectories, units))
    shocks = common + own
    level = fitted.last + revised * shocks[-1]
    for year in range(years):
        level = np.minimum(level + pace * curve(level, fitted.gains) + shock * shocks[year], HIGHEST)
        female[year] = level
    gap = np.clip(draw(fitted.gap, rng, size), -2.0, 18.0)
    return np.stack([female - gap, female], axis=-1)
