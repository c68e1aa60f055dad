"""Estimates of quality: by hand, at the edges, and whether intervals hold what they claim, by simulation."""

import math
from datetime import date
from math import inf, isclose

import numpy as np

from dancu.intake.adjudication.agreement import wilson
from dancu.quality.estimates import (
    Lists,
    Stratum,
    agreed,
    coverage,
    link_quality,
    population_of,
    share_right,
)
from dancu.quality.intervals import poisson, quantile, quantile_interval, sum_of_chances
from dancu.quality.model import Bar, Figure
from dancu.quality.samples import allocated

RUNS = 400


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(date(2026, 11, 24), "any", "", -2, "*", 0, 0, value, low, high)


def spans(found: tuple[float, float] | None, low: float, high: float, within: float = 1e-3) -> bool:
    return found is not None and near(low, found[0], within) and near(high, found[1], within)


def near(expected: float, found: float, within: float = 1e-3) -> bool:
    return isclose(expected, found, abs_tol=within)


def test_nothing_gives_no_interval_and_no_estimate() -> None:
    assert wilson(0, 0) is None
    assert quantile({}, 0.95) is None
    assert quantile_interval({}, 0.95) is None
    assert share_right([]) is None
    assert share_right([Stratum(100, 0, 0)]) is None
    assert population_of(Lists(100, 100, 0)) is None
    assert coverage([]) is None
    assert agreed([]) is None
    assert link_quality([], []).precision is None
    assert link_quality([Stratum(10, 5, 5)], []).recall is None


def test_wilson_is_the_textbooks() -> None:
    # Newcombe 1998, table I: 81 of 263 and 0 of 20.
    low, high = wilson(81, 263) or (0, 0)
    assert near(0.2553, low)
    assert near(0.3662, high)
    low, high = wilson(0, 20) or (0, 0)
    assert low == 0
    assert near(0.1611, high)
    assert spans(wilson(20, 20), 0.8389, 1)


def test_poisson_is_exact_for_few_and_close_for_many() -> None:
    # Garwood's table.
    assert spans(poisson(0), 0, 3.689)
    assert spans(poisson(5), 1.623, 11.668)
    assert spans(poisson(100), 81.36, 121.63, 0.03)


def test_a_sum_of_chances_is_never_below_nothing() -> None:
    assert spans(sum_of_chances(0.3, 0.21), 0, 0.3 + 1.96 * 0.4583)
    assert sum_of_chances(7, 0) == (7, 7)


def test_quantiles_of_a_histogram_by_hand() -> None:
    days = {0: 50, 1: 30, 7: 15, 90: 5}
    assert quantile(days, 0.5) == 0
    assert quantile(days, 0.95) == 7
    assert quantile(days, 0.951) == 90
    low, high = quantile_interval(days, 0.95) or (0, 0)
    assert low == 7
    assert high == 90
    assert quantile_interval({3: 4}, 0.95) == (3.0, inf), "of four nobody knows how far the tail goes"


def test_strata_weigh_as_many_as_there_are() -> None:
    # 9,000 of which 90 % are right, and 1,000 of which half are: .9 * .9 + .1 * .5.
    found = share_right([Stratum(9_000, 100, 90), Stratum(1_000, 50, 25)])
    assert found is not None
    assert near(0.86, found.value, 1e-12)
    assert near(8_600, found.numerator, 1e-6)
    assert found.low < 0.86 < found.high
    assert found.low > 0.79
    assert found.high < 0.92


def test_who_checked_everybody_is_sure() -> None:
    found = share_right([Stratum(40, 40, 30)])
    assert found is not None
    assert (found.value, found.low, found.high) == (0.75, 0.75, 0.75)


def test_precision_and_recall_by_hand() -> None:
    # 1,000 links of which 2 % are wrong; 500 new persons of which 4 % were known: 980 found, 20 missed.
    found = link_quality([Stratum(1_000, 100, 98)], [Stratum(500, 50, 48)])
    assert found.precision is not None
    assert found.recall is not None
    assert near(0.98, found.precision.value, 1e-12)
    assert near(0.98, found.recall.value, 1e-12)
    assert found.recall.low < 0.98 < found.recall.high
    again = link_quality([Stratum(1_000, 100, 98)], [Stratum(500, 50, 48)])
    assert found == again, "seeded"


def test_chapman_by_hand() -> None:
    # (101 * 81) / 41 - 1 = 198.5
    found = population_of(Lists(100, 80, 40))
    assert found is not None
    assert near(198.537, found.denominator)
    assert near(100 / 198.537, found.value, 1e-5)
    assert found.low < found.value < found.high


def test_link_errors_are_put_right_before_the_formula() -> None:
    # Half of the true matches were missed: with m * P / R = 40 / .5 = 80 both lists are one.
    found = population_of(Lists(100, 80, 40), precision=1.0, recall=0.5)
    assert found is not None
    assert near(100, found.denominator, 1e-9)
    assert found.value == 1
    wrong = population_of(Lists(100, 80, 40), precision=0.5)
    assert wrong is not None
    assert near(101 * 81 / 21 - 1, wrong.denominator, 1e-9)


def test_a_bar_is_met_by_the_value_or_surely() -> None:
    assert Bar(0.99).met(figure(0.99)) is True
    assert Bar(0.99).met(figure(0.989)) is False
    assert Bar(0.99).met(figure(None)) is None
    assert Bar(5, at_least=False).met(figure(6)) is False
    assert Bar(0.995, surely=True).met(figure(0.999, low=0.990)) is False
    assert Bar(0.995, surely=True).met(figure(0.999, low=0.996)) is True


def test_each_stratum_gets_some_and_none_more_than_it_has() -> None:
    assert allocated({}, 100) == {}
    assert allocated({"a": 900, "b": 99, "c": 1}, 100) == {"a": 90, "b": 10, "c": 1}


def covered(hits: int, runs: int = RUNS) -> bool:
    """Whether intervals at 95 % held the truth about as often as that; a third of a percent of seeds would fail."""
    return hits / runs >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)


def test_stratified_intervals_hold_the_truth() -> None:
    draws, hits = np.random.default_rng(4), 0
    truth = [(9_000, 0.985), (3_000, 0.95), (500, 0.8)]
    right = {population: round(population * share) for population, share in truth}
    value = sum(right.values()) / sum(population for population, _ in truth)
    for _ in range(RUNS):
        strata = []
        for population, _share in truth:
            checked = max(round(300 * population / 12_500), 20)
            good = int(draws.hypergeometric(right[population], population - right[population], checked))
            strata.append(Stratum(population, checked, good))
        found = share_right(strata)
        hits += found is not None and found.low <= value <= found.high
    assert covered(hits), hits / RUNS


def test_intervals_of_recall_hold_the_truth() -> None:
    draws, hits = np.random.default_rng(5), 0
    linked, apart = (8_000, 7_920), (2_000, 1_900)
    truth = 7_920 / (7_920 + 100)
    for _ in range(RUNS):
        good = int(draws.hypergeometric(linked[1], linked[0] - linked[1], 200))
        alone = int(draws.hypergeometric(apart[1], apart[0] - apart[1], 200))
        found = link_quality([Stratum(linked[0], 200, good)], [Stratum(apart[0], 200, alone)]).recall
        hits += found is not None and found.low <= truth <= found.high
    assert covered(hits), hits / RUNS


def test_intervals_of_coverage_hold_the_truth() -> None:
    draws, hits, people = np.random.default_rng(6), 0, 5_000
    for _ in range(RUNS):
        first, second = draws.random(people) < 0.93, draws.random(people) < 0.6
        found = population_of(Lists(int(first.sum()), int(second.sum()), int((first & second).sum())))
        truth = first.sum() / people
        hits += found is not None and found.low <= truth <= found.high
    assert covered(hits), hits / RUNS


def test_intervals_of_quantiles_hold_the_truth() -> None:
    draws, hits = np.random.default_rng(7), 0
    truth = 59  # of a geometric law of 5 % a day: the first day that 95 % do not exceed
    for _ in range(RUNS):
        days, counts = np.unique(draws.geometric(0.05, 300), return_counts=True)
        low, high = quantile_interval(dict(zip(days.tolist(), counts.tolist(), strict=True)), 0.95) or (0, 0)
        hits += low <= truth <= high
    assert covered(hits), hits / RUNS
