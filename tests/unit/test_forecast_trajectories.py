"""Futures of fertility, mortality and migration: what is learnt of a past, and what is drawn from it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dancu.forecast import Rates
from dancu.forecast.axes import AGES
from dancu.forecast.life_table import life_table
from dancu.forecast.trajectories import (
    SETTING,
    Beliefs,
    Futures,
    Past,
    band,
    draw_futures,
    exceedance,
    peak_years,
    probability_of_peak_before,
    quantiles,
    read_past,
)
from dancu.forecast.trajectories.autoregression import Size, draw, fit
from dancu.forecast.trajectories.fertility import after_transition
from dancu.forecast.trajectories.mortality import curve
from dancu.forecast.trajectories.rates import drawn_rates, mortality_around, standard_migrants
from dancu.kernel.errors import Invalid, Malformed

Array = NDArray[np.float64]
BELIEFS = Beliefs(level=0.0, level_sd=1.0, between_sd=0.3, persistence=0.8, persistence_sd=0.15, shock_sd=0.1)


def walked(*, years: int, units: int, persistence: float, shock: float, shared: float = 0.0, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    levels = rng.normal(0, 0.3, units)
    out = np.empty((years, units))
    at = levels + rng.normal(0, shock / np.sqrt(1 - persistence**2), units)
    for year in range(years):
        common, own = rng.standard_normal(), rng.standard_normal(units)
        at = levels + persistence * (at - levels) + shock * (np.sqrt(shared) * common + np.sqrt(1 - shared) * own)
        out[year] = at
    return out


def past(*, years: int = 40, units: int = 2, tfr: float = 1.6, e0: tuple[float, float] = (74, 79)) -> Past:
    rng = np.random.default_rng(7)
    gains = np.linspace(-0.2 * years, 0, years)[:, None, None]
    return Past(
        2023,
        tfr * np.exp(rng.normal(0, 0.02, (years, units))),
        np.array(e0) + gains + rng.normal(0, 0.1, (years, units, 2)),
        rng.normal(0, 0.001, (years, units)),
    )


def test_a_past_that_cannot_be_read_names_the_field() -> None:
    good = past()
    with pytest.raises(Invalid, match="/tfr: 2 years are too few"):
        Past(2023, good.tfr[:2], good.life_expectancy[:2], good.migration[:2])
    with pytest.raises(Invalid, match="/tfr: not above 0"):
        Past(2023, -good.tfr, good.life_expectancy, good.migration)
    with pytest.raises(Invalid, match="/migration: its units are"):
        Past(2023, good.tfr, good.life_expectancy, good.migration[:, :1])


def annual(folder: Path, *rows: str, columns: str = "year,kind,tfr,e0M,e0F,cnmr") -> Path:
    path = folder / "annual.csv"
    path.write_text("\n".join((columns, *rows)))
    return path


def test_the_past_of_a_country_is_what_was_estimated_of_it(tmp_path: Path) -> None:
    rows = [f"{year},estimate,1.5,70.5,{75 + year / 1000},-2" for year in range(2015, 2024)]
    found = read_past(annual(tmp_path, *rows, "2024,projection,9,1,1,0"))
    assert found.last_year == 2023
    assert found.tfr.tolist() == [[1.5]] * 9
    assert found.life_expectancy[0, 0].tolist() == [70.5, 77.015]
    assert found.migration[-1, 0] == pytest.approx(-0.002)


def test_a_past_with_a_hole_or_without_a_column_is_refused(tmp_path: Path) -> None:
    rows = [f"{year},estimate,1.5,70,75,-2" for year in (2015, 2016, 2018, 2019)]
    with pytest.raises(Invalid, match=r"annual\.csv/year: missing: 2017"):
        read_past(annual(tmp_path, *rows))
    with pytest.raises(Invalid, match=r"annual\.csv/cnmr: this column is missing"):
        read_past(annual(tmp_path, "2015,estimate,1.5,70,75", columns="year,kind,tfr,e0M,e0F"))
    with pytest.raises(Invalid, match=r"annual\.csv/kind: no year is an estimate"):
        read_past(annual(tmp_path, "2024,projection,1.5,70,75,0"))


def test_no_futures_of_no_years() -> None:
    with pytest.raises(Invalid, match="/years"):
        draw_futures(past(), years=0, trajectories=5, seed=1)


def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    first = draw_futures(past(), years=20, trajectories=30, seed=4)
    again = draw_futures(past(), years=20, trajectories=30, seed=4)
    other = draw_futures(past(), years=20, trajectories=30, seed=5)
    assert first.tfr.tobytes() == again.tfr.tobytes()
    assert first.life_expectancy.tobytes() == again.life_expectancy.tobytes()
    assert first.migration.tobytes() == again.migration.tobytes()
    assert not np.array_equal(first.tfr, other.tfr)


def test_another_past_of_migration_leaves_fertility_as_it_was() -> None:
    told = past()
    moved = Past(2023, told.tfr, told.life_expectancy, told.migration * 3)
    first = draw_futures(told, years=20, trajectories=30, seed=4)
    other = draw_futures(moved, years=20, trajectories=30, seed=4)
    assert first.tfr.tobytes() == other.tfr.tobytes()
    assert not np.array_equal(first.migration, other.migration)


def test_learns_persistence_shock_and_correlation() -> None:
    fitted = fit(walked(years=200, units=10, persistence=0.8, shock=0.05, shared=0.4), BELIEFS)
    assert fitted.persistence_mean == pytest.approx(0.8, abs=0.06)
    at = int(np.argmax(fitted.weight))
    assert np.sqrt(fitted.squares[at] / fitted.freedom) == pytest.approx(np.full(10, 0.05), rel=0.25)
    assert fitted.shared == pytest.approx(0.4, abs=0.1)


def test_bands_hold_what_they_say_on_series_of_the_same_kind() -> None:
    held = []
    for seed in range(30):
        series = walked(years=50, units=12, persistence=0.85, shock=0.05, shared=0.3, seed=seed)
        drawn = draw(fit(series[:40], BELIEFS), np.random.default_rng(seed), Size(300, 10))
        low, high = np.quantile(drawn[-1], (0.1, 0.9), axis=0)
        held.append(np.mean((low <= series[-1]) & (series[-1] <= high)))
    assert 0.75 <= float(np.mean(held)) <= 0.88


def test_one_year_of_the_fire_horse_widens_no_future() -> None:
    series = walked(years=60, units=1, persistence=0.9, shock=0.03)
    odd = series.copy()
    odd[20] -= 0.5
    plain, struck = (draw(fit(one, BELIEFS), np.random.default_rng(1), Size(500, 20)) for one in (series, odd))
    width, wider = (np.subtract(*np.quantile(drawn[-1], (0.9, 0.1))) for drawn in (plain, struck))
    assert wider < 1.5 * width


def test_a_smoothed_series_promises_no_more_than_the_one_it_was_made_of() -> None:
    rough = walked(years=80, units=20, persistence=0.95, shock=0.05)
    smooth = np.stack([np.convolve(one, np.ones(5) / 5, mode="valid") for one in rough.T], axis=1)
    widths = []
    for series in (rough, smooth):
        drawn = draw(fit(series, BELIEFS), np.random.default_rng(1), Size(500, 20))
        widths.append(float(np.mean(np.quantile(drawn[-1], 0.9, axis=0) - np.quantile(drawn[-1], 0.1, axis=0))))
    assert widths[1] > 0.7 * widths[0]


def test_noise_of_counts_is_no_shock_that_lasts() -> None:
    quiet = walked(years=40, units=30, persistence=0.95, shock=0.01)
    noisy = quiet + np.random.default_rng(2).normal(0, 0.05, quiet.shape)
    fitted = fit(noisy, BELIEFS)
    assert fitted.lasting < 0.5
    assert np.abs(fitted.last - quiet[-1]).mean() < 0.7 * np.abs(noisy[-1] - quiet[-1]).mean()


def test_a_unit_without_a_past_is_like_the_others() -> None:
    series = walked(years=40, units=6, persistence=0.8, shock=0.05) + 2.0
    series[:, 3] = np.nan
    drawn = draw(fit(series, BELIEFS), np.random.default_rng(1), Size(800, 30))
    others = np.nanmean(series)
    assert np.isfinite(drawn).all()
    assert drawn[-1, :, 3].mean() == pytest.approx(others, abs=0.4)


def test_fertility_far_below_its_long_run_level_recovers() -> None:
    told = past(units=1, years=50)
    tfr = told.tfr.copy()
    tfr[-8:, 0] *= np.linspace(1, 0.6, 8)
    fallen = Past(2023, tfr, told.life_expectancy, told.migration)
    futures = draw_futures(fallen, years=60, trajectories=500, seed=1)
    median = np.median(futures.tfr[:, :, 0], axis=1)
    assert tfr[-1, 0] < median[10] < median[59] < tfr[:40].mean() + 0.1


def test_what_came_before_low_fertility_is_not_read() -> None:
    tfr = np.linspace(6, 1.0, 60)[:, None]
    seen = after_transition(tfr, low=2.5)
    assert np.isnan(seen[tfr >= 2.5]).all()
    assert np.isfinite(seen[-15:]).all()


def test_high_fertility_falls_and_never_below_what_any_population_had() -> None:
    told = past(units=1, tfr=6.0)
    futures = draw_futures(told, years=80, trajectories=300, seed=1)
    assert np.median(futures.tfr[-1]) < 5.5
    assert futures.tfr.min() >= 0.3


def test_women_gain_less_at_high_levels_and_outlive_men() -> None:
    gains = curve(np.array([60.0, 75.0, 85.0, 95.0]), SETTING.survival)
    assert (np.diff(gains) < 0).all()
    assert gains[-1] == pytest.approx(SETTING.survival.lasting / 5, rel=0.1)
    futures = draw_futures(past(), years=50, trajectories=300, seed=1)
    gap = futures.life_expectancy[..., 1] - futures.life_expectancy[..., 0]
    assert (gap > 0).mean() > 0.98
    assert np.median(futures.life_expectancy[-1], axis=0)[:, 1] == pytest.approx([86, 86], abs=4)


def test_what_was_estimated_may_be_revised_and_what_was_counted_not() -> None:
    told = past(units=1)
    counted = Past(2023, told.tfr, told.life_expectancy, told.migration, registered=True)
    widths = []
    for one in (told, counted):
        drawn = draw_futures(one, years=2, trajectories=500, seed=1)
        widths.append(np.subtract(*np.quantile(drawn.tfr[0], (0.9, 0.1))))
    assert widths[0] > widths[1]


def test_departures_move_around_a_given_middle() -> None:
    futures = draw_futures(past(), years=10, trajectories=99, seed=1)
    tfr, e0, migration = np.full((10, 2), 1.9), np.full((10, 2, 2), 80.0), np.full((10, 2), -0.001)
    around = futures.around(tfr=tfr, life_expectancy=e0, migration=migration)
    assert np.median(around.tfr, axis=1) == pytest.approx(tfr)
    assert np.median(around.life_expectancy, axis=1) == pytest.approx(e0)
    assert np.median(around.migration, axis=1) == pytest.approx(migration)


def central(units: int, years: int) -> Rates:
    age = np.arange(AGES)
    mx = np.tile(np.minimum(0.0002 * np.exp(0.09 * age), 1.2), (years, units, 2, 1))
    asfr = np.tile(np.exp(-(((np.arange(45) - 18) / 6) ** 2)) / 10, (years, units, 1))
    return Rates(2024, tuple("abc"[:units]), mx, asfr, np.full((years, units), 1.05))


@settings(max_examples=20, deadline=None)
@given(st.floats(45, 100), st.floats(45, 100))
def test_bent_death_rates_have_the_life_expectancy_that_was_asked_for(male: float, female: float) -> None:
    bent = mortality_around(central(1, 1).mx[0])(np.array([[[male, female]]]))
    assert life_table(bent).e0.ravel() == pytest.approx([male, female], abs=0.02)
    assert (bent > 0).all()


def test_rates_are_those_that_were_drawn() -> None:
    futures = draw_futures(past(), years=6, trajectories=9, seed=1)
    rates = drawn_rates(futures, central(2, 8))
    of_year = rates.in_year(2026, slice(3, 6))
    assert rates.years == range(2024, 2030)
    assert of_year.asfr.sum(axis=-1) == pytest.approx(futures.tfr[2, 3:6])
    assert of_year.net_per_head is not None
    assert of_year.net_per_head.sum(axis=(-2, -1)) == pytest.approx(futures.migration[2, 3:6])


def test_futures_of_other_units_are_refused() -> None:
    futures = draw_futures(past(units=3), years=6, trajectories=9, seed=1)
    with pytest.raises(Invalid, match="/futures/units"):
        drawn_rates(futures, central(2, 8))
    late = Futures(2099, 1, futures.tfr[..., :2], futures.life_expectancy[..., :2, :], futures.migration[..., :2])
    with pytest.raises(Invalid, match="/futures/years"):
        drawn_rates(late, central(2, 8))


def test_standard_migrants_are_young_workers_and_sum_to_one() -> None:
    shares = standard_migrants()
    assert shares.sum() == pytest.approx(1)
    assert 20 <= int(shares[0].argmax()) <= 27


def test_quantiles_are_those_of_trajectories() -> None:
    values = np.arange(101.0)[None, :, None].repeat(3, axis=0)
    assert quantiles(values, (0.1, 0.5))[:, 0, 0] == pytest.approx([10, 50])
    found = band(values)
    assert (found.low95[0], found.low80[0], found.median[0]) == (pytest.approx(2.5), pytest.approx(10), 50)
    with pytest.raises(Malformed):
        quantiles(values[:, :0])
    with pytest.raises(Malformed):
        quantiles(values, (1.1,))


def test_probability_of_a_peak_counts_no_trajectory_that_still_grows() -> None:
    years = np.arange(2024, 2029)
    values = np.array([[1, 2, 3, 2, 1], [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 1, 1, 1, 2]], dtype=float).T
    assert peak_years(values, years).tolist() == [2026, 2028, 2024, 2028]
    assert probability_of_peak_before(values, years, 2027) == 0.5
    assert probability_of_peak_before(values, years, 2100) == 0.5


def test_exceedance_is_a_share_of_trajectories() -> None:
    values = np.array([[1.0, 2.0, 3.0, 4.0]])
    assert exceedance(values, 2.5) == pytest.approx([0.5])
    assert exceedance(values, 1.5, above=False) == pytest.approx([0.25])
