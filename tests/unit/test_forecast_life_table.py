"""Life tables against published ones and against what is known in closed form."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dancu.forecast.axes import AGES, FEMALE, MALE, Floats
from dancu.forecast.life_table import deaths_at_ages, infants_ax, life_table, survival_of

# Period life table of the United States, 2009: Social Security Administration, Office of the Chief Actuary,
# "Actuarial life table", as published 2013 (table 4.C6).
PUBLISHED = Path(__file__).parents[1] / "data" / "forecast" / "life_table_united_states_2009.csv"
rates = arrays(np.float64, (2, AGES), elements=st.floats(1e-7, 2.5))


def published() -> tuple[Floats, Floats]:
    with PUBLISHED.open(encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    q, e = (np.array([[row[f"{sex}_{what}"] for row in rows] for sex in ("male", "female")]) for what in "qe")
    return q, e


def of_probabilities(q: Floats) -> Floats:
    """Death rates of probabilities, with those of age 110 for the ages above."""
    q = np.concatenate((q, np.repeat(q[:, -1:], AGES - q.shape[1], axis=1)), axis=1)
    mx = q / (1 - q / 2)
    for sex in (MALE, FEMALE):
        for _ in range(20):
            mx[sex, 0] = q[sex, 0] / (1 - (1 - infants_ax(mx[sex, 0], sex)) * q[sex, 0])
    return mx


def test_life_expectancies_are_those_of_the_published_table() -> None:
    q, e = published()
    table = life_table(of_probabilities(q))
    assert table.qx[:, : q.shape[1]] == pytest.approx(q, abs=1e-12)
    # Two decimals are published; above 100 the tables close differently.
    assert np.abs(table.ex[:, :100] - e[:, :100]).max() < 0.011
    assert table.e0 == pytest.approx([75.90, 80.81], abs=0.011)


def test_survivors_are_the_product_of_the_published_probabilities() -> None:
    q, _ = published()
    table = life_table(of_probabilities(q))
    # Published of 100,000 born: 80,308 men and 87,769 women reach 65.
    assert table.lx[:, 65] * 100_000 == pytest.approx([80_308, 87_769], abs=2)


@pytest.mark.parametrize(
    ("sex", "m0", "a0"),
    # Human Mortality Database, protocol 6, section on a0; worked out by hand from its three lines.
    [(MALE, 0.01, 0.129336), (MALE, 0.05, 0.191330), (MALE, 0.1, 0.29915), (FEMALE, 0.01, 0.128477)],
)
def test_infants_who_die_live_as_long_as_the_source_says(sex: int, m0: float, a0: float) -> None:
    assert float(infants_ax(np.asarray(m0), sex)) == pytest.approx(a0, abs=1e-5)


def test_a_constant_rate_leaves_its_inverse_to_live() -> None:
    rate = 0.02
    table = life_table(np.full((2, AGES), rate))
    assert table.ex[:, 1:] == pytest.approx(1 / rate)


@given(rates)
def test_survivors_fall_and_ratios_are_shares(mx: Floats) -> None:
    table, survival = life_table(mx), survival_of(mx)
    assert bool(np.all(np.diff(table.lx) <= 0))
    assert bool(np.all((survival.ratio > 0) & (survival.ratio <= 1 + 1e-12)))
    assert bool(np.all((survival.separation >= 0) & (survival.separation <= 1)))


@given(rates, st.integers(0, AGES - 1))
def test_a_higher_rate_never_lengthens_life(mx: Floats, age: int) -> None:
    higher = mx.copy()
    higher[:, age] *= 1.1
    assert bool(np.all(life_table(higher).e0 <= life_table(mx).e0 + 1e-9))


def test_a_stationary_population_stays() -> None:
    mx = np.minimum(np.exp(-9 + 0.09 * np.arange(AGES)), 1) * np.ones((2, 1))
    lived, ratio = life_table(mx).Lx, survival_of(mx).ratio
    then = np.empty_like(lived)
    then[:, 0] = ratio[:, 0]
    then[:, 1:] = lived[:, :-1] * ratio[:, 1:]
    then[:, -1] += lived[:, -1] * ratio[:, -1]
    assert then == pytest.approx(lived)


def test_deaths_of_cohorts_become_those_of_ages() -> None:
    mx = np.minimum(np.exp(-9 + 0.09 * np.arange(AGES)), 1) * np.ones((2, 1))
    table, survival = life_table(mx), survival_of(mx)
    start = np.empty_like(table.Lx)
    start[:, 0], start[:, 1:] = 1, table.Lx[:, :-1]
    start[:, -1] += table.Lx[:, -1]
    deaths = deaths_at_ages(start * (1 - survival.ratio), survival.separation)
    died = -np.diff(table.lx, append=0)
    assert deaths[:, :129] == pytest.approx(died[:, :129])
    assert deaths.sum() == pytest.approx(2)
