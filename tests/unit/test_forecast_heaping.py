"""Indices of digits that people prefer, on ages that are true and on ages that are not."""

import numpy as np
import pytest

from dancu.forecast.axes import AGES, Floats
from dancu.forecast.heaping import age_sex_accuracy, heaping, modified_whipple, myers_digits, whipple
from dancu.forecast.smoothing import redistributed, smoothed_groups

TRUE = np.stack((1e5 * np.exp(-np.arange(AGES) / 45.0), 0.98e5 * np.exp(-np.arange(AGES) / 47.0)))


def rounded(counts: Floats, share: float) -> Floats:
    """Ages of which a share is told as the nearest one that ends in 0 or 5."""
    told = counts.copy()
    for age in range(8, 88):
        near = round(age / 5) * 5
        told[:, age] -= counts[:, age] * share
        told[:, near] += counts[:, age] * share
    return told


def test_even_ages_show_no_preference() -> None:
    even = np.ones((2, AGES))
    found = heaping(even)
    assert found.whipple == pytest.approx((100, 100))
    assert found.myers == pytest.approx((0, 0))
    assert found.total_modified_whipple == pytest.approx((0, 0))
    assert found.age_sex_accuracy == pytest.approx(0)


def test_ages_that_all_end_in_0_or_5_reach_the_ends_of_the_scales() -> None:
    fives = np.zeros((2, AGES))
    fives[:, ::5] = 1
    found = heaping(fives)
    assert found.whipple == pytest.approx((500, 500))
    assert found.myers == pytest.approx((80, 80))
    assert found.total_modified_whipple == pytest.approx((16, 16))
    tens = np.zeros(AGES)
    tens[::10] = 1
    assert np.abs(myers_digits(tens)).sum() / 2 == pytest.approx(90)


def test_true_ages_of_a_growing_population_are_hardly_blamed() -> None:
    found = heaping(TRUE)
    assert found.whipple == pytest.approx((100, 100), abs=0.5)
    assert max(found.myers) < 1
    assert max(found.total_modified_whipple) < 0.05
    assert found.age_sex_accuracy < 20


def test_more_rounding_is_worse_by_every_index() -> None:
    found = [heaping(rounded(TRUE, share)) for share in (0, 0.1, 0.3, 0.6)]
    for measures in (
        [one.whipple[0] for one in found],
        [one.myers[1] for one in found],
        [one.total_modified_whipple[0] for one in found],
    ):
        assert measures == sorted(measures)
    told = rounded(TRUE, 0.3)[0]
    assert modified_whipple(told, 5) > 1.5
    assert modified_whipple(told, 3) < 1


def test_the_accuracy_index_is_worked_out_like_the_manual_does() -> None:
    # Three groups would do; fifteen are needed. One of the males' groups is a fifth too large.
    groups = np.full((2, 15), 1000.0)
    groups[0, 7] = 1200
    sexes, males, females = age_sex_accuracy(groups)
    assert sexes == pytest.approx((20 + 20) / 14)
    assert males == pytest.approx((20 + 2 * (100 - 100 / 1.1)) / 13)
    assert females == 0


def test_redistribution_takes_the_rounding_out_and_leaves_the_people() -> None:
    told = rounded(TRUE, 0.4)
    smooth = redistributed(told, oldest=93)
    assert smooth.sum(axis=-1) == pytest.approx(told.sum(axis=-1))
    assert min(heaping(told).myers) > 10
    assert max(heaping(smooth).myers) < 1
    assert smooth[:, 8:83] == pytest.approx(TRUE[:, 8:83], rel=0.01)
    assert smooth[:, 93:] == pytest.approx(told[:, 93:])
    assert smooth.min() >= 0


def test_smoothed_groups_keep_their_tens() -> None:
    groups = np.array([100, 95, 90, 70, 80, 55, 66, 44, 50, 30, 35, 20, 22, 10, 9, 12.0])
    smooth = smoothed_groups(groups)
    closed = 15
    tens = smooth[3:closed].reshape(-1, 2).sum(axis=-1)
    assert tens == pytest.approx(groups[3:closed].reshape(-1, 2).sum(axis=-1))
    assert np.abs(np.diff(smooth[5:13], 2)).sum() < np.abs(np.diff(groups[5:13], 2)).sum()
    assert smooth[[0, 1, 2, -1]] == pytest.approx(groups[[0, 1, 2, -1]])


def test_whipple_weighs_only_ages_23_to_62() -> None:
    ages = np.ones(AGES)
    ages[[20, 65, 70]] = 100
    assert whipple(ages) == 100
