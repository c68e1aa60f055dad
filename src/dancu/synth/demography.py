"""How many people there are of each age, how long they live, and when they marry.

Ages: shares of five-year groups of Vietnam in 2024, rounded, as in UN World Population Prospects 2024.
Life expectancy about 74.7 years (72 for men, 77 for women), 111 boys to 100 girls at birth since about 2012: GSO.
"""

from functools import cache

import numpy as np

from dancu.synth.draw import Array, table_of

DAYS_OF_YEAR = 365.25
SPAN = 15
"""Years of a generation step: nobody younger has a child."""
STEPS = 7
OLDEST = SPAN * STEPS

_SHARES = (6.9, 7.8, 7.9, 7.2, 6.7, 7.0, 8.1, 8.3, 7.5, 6.8, 6.1, 5.5, 4.8, 3.8, 2.4, 1.3, 0.8, 0.55, 0.25, 0.09, 0.01)
_MIDDLES = np.arange(len(_SHARES)) * 5 + 2.5


@cache
def living() -> Array:
    """Return the share of each completed age 0..104 among the living, summing to 1."""
    ages = np.arange(OLDEST) + 0.5
    shares = np.interp(ages, _MIDDLES, np.array(_SHARES))
    total: Array = shares / shares.sum()
    return total


def _survival(level: float) -> Array:
    """Share that lives to ages 0, 0.1, ... 115, after Gompertz with a first year of its own."""
    ages = np.arange(0, 1151) / 10
    accidents, slope = 0.0009, 0.1
    hazard: Array = accidents * ages + level / slope * np.expm1(slope * ages)
    alive: Array = np.exp(-hazard) * np.where(ages < 1, 1 - 0.012 * ages, 0.988)
    alive[-1] = 0.0
    return alive


_LEVELS = {1: 0.000031, 2: 0.000018}


@cache
def days_lived(sex: int) -> Array:
    """Return 65,536 equally likely lengths of life in days, shortest first."""
    alive = _survival(_LEVELS[sex])
    quantiles = 1 - (np.arange(65536) + 0.5) / 65536
    years = np.interp(-quantiles, -alive, np.arange(0, 1151) / 10)
    return np.rint(years * DAYS_OF_YEAR).astype(np.int32)


@cache
def born_for_each_living() -> Array:
    """Return how many were born for each one who lives, by completed age."""
    ages = np.arange(OLDEST) * 10 + 5
    mixed = (_survival(_LEVELS[1]) * 1.06 + _survival(_LEVELS[2])) / 2.06
    return 1 / np.maximum(mixed[ages], 0.025)


def boys_of_thousand(birth_year: Array) -> Array:
    """Return how many of 1,000 births are boys."""
    return np.interp(birth_year, [2000, 2012], [512, 526])


@cache
def age_gaps() -> Array:
    """Return equally likely differences in days by which a husband is older."""
    years = np.arange(-6, 16)
    weights = np.array([1, 2, 4, 8, 16, 32, 60, 80, 95, 100, 90, 72, 54, 38, 26, 17, 11, 8, 5, 3, 2, 1])
    return (years[table_of(weights)] * DAYS_OF_YEAR).astype(np.int32)


@cache
def wedding_ages() -> Array:
    """Return equally likely ages of brides in years, 18..37."""
    weights = np.array([6, 8, 10, 11, 12, 12, 11, 9, 7, 5.5, 4, 3, 2.2, 1.7, 1.3, 1, 0.8, 0.6, 0.5, 0.4])
    return np.arange(18, 38)[table_of(weights)].astype(np.int32)
