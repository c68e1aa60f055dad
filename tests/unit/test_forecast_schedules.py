"""Schedules by single ages: they keep what they were made of, and look like what they stand for."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dancu.forecast.axes import AGES, FEMALE, FERTILE, FERTILE_AGES, MALE, Floats
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.abridged import ABRIDGED, groups_of, single_ages
from dancu.forecast.schedules.decline import PatternOfDecline
from dancu.forecast.schedules.fertility import FIVE_YEAR_MOTHERS, split
from dancu.forecast.schedules.interpolated import calibrated, of_years
from dancu.forecast.schedules.lee_carter import LeeCarter
from dancu.forecast.schedules.model_tables import log_quadratic
from dancu.forecast.schedules.motherhood import converging, hadwiger, mean_age, spread
from dancu.forecast.schedules.open_age import spread_open
from dancu.kernel.errors import Invalid

MODEL = log_quadratic()
lives = st.floats(40, 92)


def tables(*e0: tuple[float, float]) -> Floats:
    return MODEL.at(np.array(e0))


@settings(max_examples=20, deadline=None)
@given(lives, lives, st.integers(0, 1000))
def test_single_ages_have_the_rates_of_the_groups_they_came_from(male: float, female: float, seed: int) -> None:
    groups = groups_of(tables((male, female)))
    groups = np.minimum(groups * np.exp(np.random.default_rng(seed).normal(0, 0.1, groups.shape)), 0.95)
    assume(bool(np.all(groups[..., -1] >= groups[..., -2])))  # no course that rises has an open group of a lower rate
    mx = single_ages(groups)
    assert groups_of(mx) == pytest.approx(groups, rel=1e-7)
    assert bool(np.all((mx > 0) & (mx < 1)))


def test_single_ages_come_near_the_table_that_was_abridged() -> None:
    mx = tables((72, 78), (82, 87))
    again = single_ages(groups_of(mx))
    assert np.abs(np.log(again / mx))[..., 5:100].max() < 0.05
    assert life_table(again).e0 == pytest.approx(life_table(mx).e0, abs=0.002)


def test_the_oldest_follow_the_law_of_kannisto() -> None:
    mx = single_ages(groups_of(tables((72, 78))))
    logits = np.log(mx / (1 - mx))
    assert np.abs(np.diff(logits[..., 105:], 2)).max() < 1e-3
    assert bool(np.all(np.diff(mx[..., 60:]) > 0))


def test_rates_that_are_none_are_refused() -> None:
    with pytest.raises(Invalid, match="above 0 and below 1"):
        single_ages(np.zeros((2, len(ABRIDGED))))


@settings(max_examples=20, deadline=None)
@given(lives, lives)
def test_model_tables_have_the_life_expectancy_that_was_asked_for(male: float, female: float) -> None:
    mx = tables((male, female))
    assert life_table(mx).e0[0] == pytest.approx([male, female], abs=1e-6)
    assert bool(np.all(mx > 0))


def test_model_tables_are_those_of_the_published_model() -> None:
    # Children's mortality and life expectancy of the model at k = 0; coefficients of the source, worked through by
    # hand for h = log(0.05): log m(0) = -0.5101 + 0.8164 h - 0.0245 h^2 for males.
    h = np.log(0.05)
    at = int(np.abs(MODEL.e0[:, MALE] - 68.0).argmin())
    table = life_table(np.exp(MODEL.logs[at]))
    dead = 1 - table.lx[MALE, 5]
    expected = np.exp(-0.5101 + 0.8164 * np.log(dead) - 0.0245 * np.log(dead) ** 2)
    assert table.mx[MALE, 0] == pytest.approx(expected, rel=0.01)
    assert 0.6 * h > np.log(dead) > 1.4 * h


def test_longer_lives_are_safer_at_every_age() -> None:
    mx = tables(*((e0, e0 + 4) for e0 in range(55, 101)))
    assert bool(np.all(np.diff(mx, axis=0)[..., :90] < 0))


def test_a_decline_keeps_what_is_peculiar_to_a_place() -> None:
    own = tables((70, 77))[0]
    own[MALE, 18:30] *= 3
    goal = np.array([[74.0, 80.0], [68.0, 76.0]])
    mx = PatternOfDecline.after(own).at(goal)
    assert life_table(mx).e0 == pytest.approx(goal, abs=1e-6)
    hump = mx[0, MALE, 22] / tables((74, 80))[0, MALE, 22]
    assert hump > 2
    assert bool(np.all(mx[0] < own))


def test_lee_and_carter_find_the_one_number_that_moved_a_past() -> None:
    shape = np.linspace(2, 0.2, AGES)
    k = np.linspace(0, -0.8, 25)
    past = tables((65, 71)) * np.exp(k[:, None, None] * shape)
    model = LeeCarter.fit(past)
    assert np.corrcoef(model.k, k)[0, 1] > 1 - 1e-9
    assert model.b == pytest.approx(shape / shape.sum())
    at = model.at(life_table(past).e0[-1:])
    assert at[0] == pytest.approx(past[-1], rel=1e-6)
    then = model.at(np.array([[72.0, 78.0]]))
    assert life_table(then).e0[0] == pytest.approx([72, 78], abs=1e-6)


def test_improvement_turns_to_the_old_as_life_lengthens() -> None:
    near, far = (MODEL.improvement(np.array(e0)) for e0 in ([72.0, 76.0], [96.0, 100.0]))
    share = [one[FEMALE, 5] / one[FEMALE, 75] for one in (near, far)]
    assert share[0] > 2
    assert share[1] < 1.5


def test_a_past_that_never_changed_has_no_model() -> None:
    with pytest.raises(Invalid, match="does not change"):
        LeeCarter.fit(np.repeat(tables((70, 75)), 5, axis=0))


def test_years_lie_between_their_periods_and_have_their_own_life_expectancy() -> None:
    periods = tables((70, 76), (72, 78), (74, 79.5))
    years = np.arange(2025.0, 2040)
    e0 = np.stack((70 + 0.37 * (years - 2027), 76 + 0.31 * (years - 2027)), axis=-1)
    mx = of_years(periods, np.array([2027.5, 2032.5, 2037.5]), years, e0)
    assert life_table(mx).e0 == pytest.approx(e0, abs=1e-6)
    assert bool(np.all(np.diff(mx[:, :, 40], axis=0) < 0))


def test_one_period_alone_serves_all_years() -> None:
    e0 = np.array([[69.0, 75], [71, 77]])
    mx = of_years(tables((70, 76)), np.array([2027.5]), np.array([2024.0, 2025]), e0)
    assert life_table(mx).e0 == pytest.approx(e0, abs=1e-6)


def test_a_life_expectancy_out_of_reach_is_named() -> None:
    with pytest.raises(Invalid, match=r"76\.00 to 400\.00 are not within 10 and 125 years"):
        calibrated(tables((70, 76)), np.array([[400.0, 76]]), np.full((1, 2, AGES), -1.0))


@settings(max_examples=30, deadline=None)
@given(st.floats(20, 36), st.floats(3.5, 8), st.integers(0, 1000))
def test_groups_of_mothers_come_back_from_single_ages(mean: float, sd: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    women = rng.uniform(500, 1500, FERTILE_AGES)
    births = hadwiger(np.array(mean), sd) * women
    groups = births.reshape(-1, 5).sum(axis=-1) / women.reshape(-1, 5).sum(axis=-1)
    pattern = split(groups, women)
    again = (pattern * women).reshape(-1, 5).sum(axis=-1) / women.reshape(-1, 5).sum(axis=-1)
    assert pattern.sum() == pytest.approx(1)
    assert pattern.min() >= 0
    assert again / again.sum() == pytest.approx(groups / groups.sum(), abs=1e-9)


def test_a_split_is_smooth_and_near_what_was_grouped() -> None:
    pattern = hadwiger(np.array(29.0), 5.5)
    again = split(pattern.reshape(-1, 5).sum(axis=-1))
    assert again == pytest.approx(pattern, abs=0.0025)
    assert len(FIVE_YEAR_MOTHERS) == 9


def test_groups_that_nobody_is_born_to_stay_empty() -> None:
    groups = np.array([0, 0, 10, 50, 30, 10, 0, 0, 0.0])
    pattern = split(groups)
    assert pattern[:10].max() == 0
    assert pattern[30:].max() == 0
    with pytest.raises(Invalid, match="no births"):
        split(np.zeros(9))


@given(st.floats(20, 36))
def test_mothers_have_the_mean_age_that_was_asked_for(mean: float) -> None:
    pattern = hadwiger(np.array(mean))
    assert mean_age(pattern) == pytest.approx(mean, abs=1e-6)
    assert pattern.sum() == pytest.approx(1)


def test_the_spread_of_mothers_is_the_one_that_was_asked_for() -> None:
    assert spread(hadwiger(np.array(28.0), 4.0)) == pytest.approx(4.0, abs=0.01)
    with pytest.raises(Invalid, match="mean_age"):
        hadwiger(np.array([28.0, 60.0]))


def test_patterns_turn_in_equal_steps_and_stay() -> None:
    young, late = hadwiger(np.array(25.0)), hadwiger(np.array(31.0))
    years = converging(young, late, years=8, over=5)
    assert mean_age(years) == pytest.approx([26.2, 27.4, 28.6, 29.8, 31, 31, 31, 31])
    assert years.shape == (8, FERTILE.stop - FERTILE.start)


def test_the_open_group_is_shared_out_like_its_survivors() -> None:
    mx = tables((80, 86))[0]
    lived = life_table(mx).Lx * 1e5
    counts = np.concatenate((lived[:, :100], lived[:, 100:].sum(axis=-1, keepdims=True)), axis=-1)
    assert spread_open(counts, mx) == pytest.approx(lived)
    empty = counts.copy()
    empty[:, 90:] = 0
    assert spread_open(empty, mx)[:, 90:].max() == 0
