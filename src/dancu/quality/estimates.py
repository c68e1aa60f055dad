"""Estimates from stratified samples and from two lists: pure, seeded, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from dancu.intake.adjudication.agreement import wilson
from dancu.quality.intervals import Interval, Z

_DRAWS = 4_000
_SEED = 20_261_124


@dataclass(frozen=True)
class Stratum:
    """One stratum of a sample.

    Args:
        population: how many there are.
        checked: how many were drawn and could be checked.
        right: how many of those were right.
    """

    population: int
    checked: int
    right: int

    @property
    def share(self) -> float:
        """Share of right ones among the checked."""
        return self.right / self.checked


@dataclass(frozen=True)
class Estimate:
    """A value with its interval at 95 %, and from how many it was estimated.

    Args:
        numerator, denominator: what the value is the quotient of, weighted up to the population.
    """

    value: float
    low: float
    high: float
    numerator: float
    denominator: float
    checked: int


def share_right(strata: Sequence[Stratum]) -> Estimate | None:
    """Estimate the share of right ones in the whole population from strata; None where nothing was checked.

    Each stratum weighs as many as there are. The interval is Wilson's at the effective size: the size of a simple
    sample with the same variance, where what was drawn of a small population makes it surer.
    Strata of which nothing could be checked are left out, and with them their part of the population.

    Standard: W. G. Cochran, Sampling techniques, 5.10; E. L. Korn, B. I. Graubard, Confidence intervals for
    proportions with small expected number of positive counts, 1998.
    """
    seen = [one for one in strata if one.checked and one.population]
    if not seen:
        return None
    population, checked = sum(one.population for one in seen), sum(one.checked for one in seen)
    right = sum(one.population * one.share for one in seen)
    share = right / population
    size = _effective(seen, share)
    interval = _certain(seen, share) or wilson(share * size, size) or (share, share)
    return Estimate(share, *interval, right, population, checked)


def _certain(seen: Sequence[Stratum], share: float) -> Interval | None:
    """The share itself where everybody was checked."""
    return (share, share) if all(one.checked >= one.population for one in seen) else None


def _effective(seen: Sequence[Stratum], share: float) -> float:
    """Size of the simple sample of the same variance."""
    population, variance = sum(one.population for one in seen), 0.0
    weights = 0.0
    for one in seen:
        weight = one.population / population
        left = 1 - one.checked / one.population
        variance += weight * weight * one.share * (1 - one.share) / max(one.checked - 1, 1) * left
        weights += weight * weight / one.checked * left
    by_weights = 1 / weights if weights else float(sum(one.checked for one in seen))
    if variance == 0 or share in {0.0, 1.0}:
        return by_weights
    # An accident of few may make the variance too small: the size is never more than that of equal shares, doubled.
    return min(share * (1 - share) / variance, 2 * by_weights)


@dataclass(frozen=True)
class LinkQuality:
    """How good automatic links are; None where nothing could be checked."""

    precision: Estimate | None
    recall: Estimate | None


def link_quality(linked: Sequence[Stratum], apart: Sequence[Stratum]) -> LinkQuality:
    """Estimate precision and recall of links from clerical samples by band of the score.

    Args:
        linked: records that were linked to somebody known; right where it is that person.
        apart: records of which a new person was made; right where that person was not known before.

    The interval of recall is that of a quotient: drawn from the posterior of every stratum (Jeffreys), seeded.
    """
    precision = share_right(linked)
    seen, kept = [s for s in linked if s.checked], [s for s in apart if s.checked]
    if precision is None or not kept or precision.numerator == 0:
        return LinkQuality(precision, None)
    found, missed = precision.numerator, sum(one.population * (1 - one.share) for one in kept)
    draws = np.random.default_rng(_SEED)
    drawn_found = _drawn(draws, seen)
    drawn_missed = sum(one.population for one in kept) - _drawn(draws, kept)
    low, high = np.quantile(drawn_found / np.maximum(drawn_found + drawn_missed, 1e-9), (0.025, 0.975))
    recall = found / (found + missed)
    checked = sum(one.checked for one in (*seen, *kept))
    return LinkQuality(
        precision, Estimate(recall, min(float(low), recall), max(float(high), recall), found, found + missed, checked)
    )


def _drawn(draws: np.random.Generator, strata: Sequence[Stratum]) -> np.ndarray:
    """Draw how many of all strata are right."""
    total = np.zeros(_DRAWS)
    for one in strata:
        unseen = max(one.population - one.checked, 0)
        share = draws.beta(one.right + 0.5, one.checked - one.right + 0.5, _DRAWS)
        total += one.right + draws.binomial(unseen, share)
    return total


@dataclass(frozen=True)
class Lists:
    """Two lists of one population.

    Args:
        first: how many the register has.
        second: how many an independent list has.
        both: how many of these were found to be the same.
    """

    first: float
    second: float
    both: float


def population_of(lists: Lists, *, precision: float = 1.0, recall: float = 1.0) -> Estimate | None:
    """Estimate how many there are by the dual system, and the share that the register covers; None of no match.

    Links that are wrong or missing are put right on average: both * precision / recall.
    `numerator` is what the register has, `denominator` the estimated population, `value` their quotient.

    Args:
        precision, recall: of the links between the lists; above 0.

    Standard: D. G. Chapman, 1951; the interval of those outside by A. Chao, 1987; UN, Post Enumeration Surveys, 2010.
    """
    both = min(lists.both * precision / recall, lists.first, lists.second)
    if both <= 0:
        return None
    people = max((lists.first + 1) * (lists.second + 1) / (both + 1) - 1, lists.first)
    variance = (
        (lists.first + 1) * (lists.second + 1) * (lists.first - both) * (lists.second - both)
        / ((both + 1) ** 2 * (both + 2))
    )  # fmt: skip
    union = min(lists.first + lists.second - both, people)
    outside = people - union
    if outside <= 0 or variance <= 0:
        low, high = people, people
    else:
        factor = exp(Z * sqrt(log(1 + variance / outside**2)))
        low, high = max(union + outside / factor, lists.first), union + outside * factor
    return Estimate(lists.first / people, lists.first / high, lists.first / low, lists.first, people, int(lists.both))


def coverage(strata: Sequence[Lists], *, precision: float = 1.0, recall: float = 1.0) -> Estimate | None:
    """Estimate the coverage of several strata together: their populations add up, and so do their variances."""
    found = [one for one in (population_of(s, precision=precision, recall=recall) for s in strata) if one]
    if not found:
        return None
    first, people = sum(one.numerator for one in found), sum(one.denominator for one in found)
    below = sum((one.denominator - one.numerator / one.high) ** 2 for one in found) if first else 0.0
    above = sum((one.numerator / one.low - one.denominator) ** 2 for one in found)
    low, high = max(people - sqrt(below), first), people + sqrt(above)
    return Estimate(first / people, first / high, first / low, first, people, sum(one.checked for one in found))


def agreed(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Return how often two clerks agreed on what both checked, as a share; None of nothing."""
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else None
