"""Forecasts made as of past years: what is learnt of counts, and how the outcome is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dancu.forecast import Keep, project
from dancu.forecast.axes import AGES, FEMALE, FERTILE
from dancu.forecast.backtest import (
    History,
    Report,
    Score,
    Totals,
    backtest,
    estimate,
    forecast_from,
    grown,
    lines_of,
    median_course,
    read_history,
    totals_of,
    usual_origins,
)
from dancu.forecast.backtest.peers import geometric, linear, unchanged
from dancu.forecast.backtest.score import score, score_drawn
from dancu.forecast.backtest.spread import factor_of, widened
from dancu.forecast.flows import moves_of_arrays
from dancu.forecast.life_table import life_table, survival_of
from dancu.forecast.trajectories import Futures
from dancu.kernel.errors import Invalid, NotFound

Array = NDArray[np.float64]
UNITS = ("a", "b", "c", "d", "e")
TFR = 1.9


def death_rates() -> Array:
    age = np.arange(AGES)
    mx = np.minimum(0.00005 * np.exp(0.095 * age), 1.2) + np.where(age == 0, 0.01, 0.0002)
    return np.stack([mx * 1.2, mx])


def counted(*, years: int = 20, seed: int = 1, units: tuple[str, ...] = UNITS) -> History:
    """A nation of constant rates, in which the first unit draws people from all others."""
    rng = np.random.default_rng(seed)
    ratio = survival_of(death_rates()).ratio
    shape = np.exp(-(((np.arange(45) - 17.0) / 6) ** 2) / 2)
    asfr = TFR * shape / shape.sum()
    age = np.arange(AGES)
    stock = np.tile(3000.0 * np.exp(-0.00002 * age**2.4), (len(units), 2, 1)).round()
    draws = np.ones(len(units))
    draws[0] = 3.0
    leaving = 0.05 * np.exp(-(((age - 23) / 7.0) ** 2)) + 0.002
    stocks, births = [stock], list[Array]()
    deaths, mothers, moves = list[Array](), list[Array](), list[Array]()
    for _ in range(years):
        start = np.zeros_like(stock)
        start[..., 1:] = stock[..., :-1]
        start[..., -1] += stock[..., -1]
        died = rng.binomial(start.astype(np.int64), 1 - ratio).astype(np.float64)
        women = (stock + start - died)[:, FEMALE, FERTILE] / 2
        by_mother = rng.poisson(women * asfr).astype(np.float64)
        boys = np.round(by_mother.sum(axis=1) * 0.512)
        born = np.stack([boys, by_mother.sum(axis=1) - boys], axis=1)
        start[..., 0] = born
        died[..., 0] = rng.binomial(born.astype(np.int64), 1 - ratio[:, 0])
        alive = start - died
        to = np.tile(draws, (len(units), 1)) * (1 - np.eye(len(units)))
        to /= to.sum(axis=1, keepdims=True)
        went = rng.poisson(to[:, :, None, None] * (alive * leaving)[:, None]).astype(np.float64)
        went *= (went.sum(axis=1) <= alive)[:, None]
        stock = alive - went.sum(axis=1) + went.sum(axis=0)
        for kept, one in ((stocks, stock), (births, born), (deaths, died), (mothers, by_mother), (moves, went)):
            kept.append(one)
    return History(
        units,
        2000,
        np.array(stocks),
        np.array(births),
        np.array(deaths),
        np.array(mothers),
        moves_of_arrays(np.array(moves), units=units, first_year=2000),
    )


@pytest.fixture(scope="module")
def history() -> History:
    return counted()


def test_negative_deaths_are_named_by_their_cell(history: History) -> None:
    deaths = history.deaths.copy()
    deaths[3, 1, 0, 40] = -2
    with pytest.raises(Invalid, match="/deaths/3/1/0/40: negative"):
        replace(history, deaths=deaths)


def test_stocks_must_be_one_more_than_years(history: History) -> None:
    with pytest.raises(Invalid, match="/stock"):
        replace(history, stock=history.stock[:-1])


def test_moves_of_other_units_are_refused(history: History) -> None:
    other = moves_of_arrays(np.ones((20, 5, 5, 2, AGES)), units=("z", *UNITS[1:]), first_year=2000)
    with pytest.raises(Invalid, match="/moves"):
        replace(history, moves=other)


def test_too_little_past_is_refused(history: History) -> None:
    with pytest.raises(Invalid, match="/origin: 2003 is not one of 2005 to 2020"):
        history.until(2003)
    with pytest.raises(Invalid, match="/origin"):
        totals_of(history).until(2004)


def test_what_is_known_of_a_year_is_nothing_of_later_ones(history: History) -> None:
    known = history.until(2010)
    assert known.years == range(2000, 2010)
    assert known.moves is not None
    assert known.moves.years == range(2000, 2010)
    assert known.last.year == 2010
    assert known.last.counts.tolist() == history.stock[10].tolist()


def test_nothing_is_unexplained_where_all_was_counted(history: History) -> None:
    assert np.abs(history.unexplained()).max() == 0
    unseen = replace(history, moves=None)
    assert unseen.unexplained() == pytest.approx(history.internal)


def test_a_unit_without_people_has_no_totals() -> None:
    with pytest.raises(Invalid, match="b has no people in 2001"):
        Totals(("a", "b"), 2000, np.array([[1.0, 1.0], [1.0, 0.0]]))


def test_rates_are_estimated_from_counts(history: History) -> None:
    found = estimate(history)
    assert found.tfr.mean() == pytest.approx(TFR, rel=0.02)
    assert found.life_expectancy.mean(axis=(0, 1)) == pytest.approx(life_table(death_rates()).e0, abs=0.5)
    assert found.migration == pytest.approx(np.zeros((20, 5)))
    assert found.migrants.sum(axis=(-2, -1)) == pytest.approx(np.ones(5))
    assert np.abs(found.tfr / TFR - 1).max() < 0.1


def test_without_ages_of_mothers_a_standard_takes_their_place(history: History) -> None:
    assert estimate(replace(history, mothers=None)).tfr.mean() == pytest.approx(TFR, rel=0.08)


def test_without_moves_all_migration_is_what_is_unexplained(history: History) -> None:
    found = estimate(replace(history, moves=None))
    assert found.flows is None
    assert found.migration[:, 0].mean() > 0.005
    assert found.migration[:, 1:].mean() < 0


def test_the_same_seed_forecasts_the_same_bits_and_accounts_close(history: History) -> None:
    known = history.until(2015)
    first, again = (forecast_from(known, until=2020, trajectories=12, seed=3) for _ in range(2))
    people = first.projection
    assert people.stock.tobytes() == again.projection.stock.tobytes()
    change = people.births.sum(axis=-1) - people.deaths.sum(axis=(-2, -1))
    change = change + (people.immigrants - people.emigrants + people.moved_in - people.moved_out).sum(axis=(-2, -1))
    assert np.diff(people.total, axis=0) == pytest.approx(change, abs=1e-6)
    assert people.moved_in.sum(axis=2) == pytest.approx(people.moved_out.sum(axis=2))


@pytest.mark.parametrize("moves", [True, False])
def test_a_nation_of_constant_rates_is_forecast_well(history: History, moves: bool) -> None:
    seen = history if moves else replace(history, moves=None)
    keep = Keep(ages=(0,), components=False)
    made = forecast_from(seen.until(2012), until=2020, trajectories=200, seed=1, keep=keep)
    truth = history.stock[-1].sum(axis=(-2, -1))
    assert np.median(made.projection.total[-1], axis=0) == pytest.approx(truth, rel=0.03)
    low, high = np.quantile(made.projection.total[-1], (0.05, 0.95), axis=0)
    assert ((low < truth) & (truth < high)).sum() >= 4


def test_peers_are_those_of_a_pocket_calculator() -> None:
    known = np.array([[100.0], [1], [1], [1], [1], [200.0]])
    assert geometric(known, 5) == pytest.approx(400)
    assert linear(known, 5) == pytest.approx(300)
    assert linear(known[::-1], 10) == pytest.approx(0)
    assert unchanged(known, 5) == pytest.approx(200)


def test_scores_are_in_per_cent() -> None:
    actual = np.array([100.0, 200.0, 400.0])
    found = score(actual, np.array([110.0, 180.0, 400.0]))
    assert found.cases == 3
    assert [found.mape, found.median, found.bias] == pytest.approx([20 / 3, 10, 0])
    drawn = np.stack([actual * share for share in (0.8, 0.9, 1.0, 1.1, 1.2)])
    drawn[:, 2] += 1000
    held = score_drawn(actual, drawn)
    assert [held.held80, held.held95] == pytest.approx([2 / 3, 2 / 3])


def test_bands_are_widened_as_far_as_the_past_asks() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.normal(0, 1, (400, 300))
    assert factor_of(rng.normal(0, 1, 300), drawn) == pytest.approx(1, abs=0.12)
    assert factor_of(rng.normal(0, 1.8, 300), drawn) == pytest.approx(1.8, abs=0.2)
    assert factor_of(np.full(300, 50.0), drawn) == 2.5
    assert 0.9 <= factor_of(np.zeros(2), drawn[:, :2]) <= 1


def test_only_moves_are_widened_and_their_middle_stays() -> None:
    drawn = np.random.default_rng(1).normal(0, 1, (3, 51, 2))
    still = Futures(2020, 1, drawn, drawn, drawn)
    assert widened(still, 2.0).migration.std() == pytest.approx(2 * drawn.std(), rel=0.02)
    assert widened(still, 2.0).tfr is drawn
    moved = widened(replace(still, push=drawn, pull=drawn), 2.0)
    assert moved.push is not None
    assert np.median(moved.push, axis=1) == pytest.approx(np.median(drawn, axis=1))
    assert moved.push.std() == pytest.approx(2 * drawn.std(), rel=0.02)
    assert moved.tfr is drawn
    assert moved.migration is drawn


def test_an_origin_needs_its_horizon(history: History) -> None:
    with pytest.raises(Invalid, match="/origins: 2018 is less than 5 years before 2020"):
        backtest(history, horizon=5, origins=(2018,))
    with pytest.raises(Invalid, match="/horizon: 21 years are too few for a back-test of 12"):
        backtest(history, horizon=12)


def test_usual_origins_leave_ten_years_of_past() -> None:
    assert usual_origins(range(2000, 2021), 5) == (2010, 2015)
    assert usual_origins(range(1990, 2026), 10)[0] >= 2000
    assert usual_origins(range(1990, 2026), 10)[-1] == 2015


def test_a_back_test_tells_units_ages_and_peers(history: History) -> None:
    told: list[tuple[int, int]] = []
    report = backtest(
        history, horizon=4, origins=(2014, 2016), trajectories=40, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 2), (2, 2)]
    assert report.horizons == (2, 4)
    assert set(report.by_unit) == set(UNITS)
    assert list(report.by_age) == ["0-14", "15-24", "25-44", "45-64", "65+"]
    assert report.ours[4].cases == 10
    assert report.peers["no change"][4].held80 != report.peers["no change"][4].held80
    text = "\n".join(lines_of(report, units=2))
    assert "made as of 2014, 2016" in text
    assert f"{report.against_growth:.0%} of geometric growth" in text
    assert "| 4 | five-year geometric growth |" in text


def test_a_back_test_is_the_same_bits_for_a_seed(history: History) -> None:
    first, again = (backtest(history, horizon=3, origins=(2015,), trajectories=20, seed=9) for _ in range(2))
    assert first == again


def test_totals_alone_can_be_tried() -> None:
    rng = np.random.default_rng(4)
    growth = 0.01 + rng.normal(0, 0.01, 12) + np.cumsum(rng.normal(0, 0.002, (25, 12)), axis=0)
    persons = 1e6 * np.exp(np.cumsum(growth, axis=0))
    totals = Totals(tuple("abcdefghijkl"), 1995, persons)
    report = backtest(totals, horizon=5, origins=(2010, 2014), trajectories=100)
    assert report.engine == "growth of totals"
    assert report.by_age == {}
    assert report.ours[5].mape < report.peers["no change"][5].mape
    drawn = grown(totals, until=2024, trajectories=7, seed=1)
    assert drawn.shape == (5, 7, 12)


def test_bars_are_for_error_and_bands() -> None:
    good = Score(10, 0.7, 0.7, 0, 0.8, 0.95)
    peers = {"five-year geometric growth": {5: Score(10, 1.0, 1.0, 0)}}
    report = Report("x", (2010,), (5,), 3, {5: good}, peers, {}, {}, {})
    assert report.reaches_its_bars
    assert not replace(report, ours={5: replace(good, held80=0.6)}).reaches_its_bars
    assert not replace(report, ours={5: replace(good, mape=0.9)}).reaches_its_bars


def written(history: History, folder: Path, *, oldest: int = AGES - 1) -> None:
    """Write a history as the tables that are read, the last age open."""

    def rows(name: str, cells: Array, column: str) -> None:
        lines = [f"year,unit,sex,age,{column}"]
        for (year, unit, sex, age), count in np.ndenumerate(cells):
            told = f"{age}+" if age == oldest < AGES - 1 else str(age)
            lines.append(f"{2000 + year},{history.units[unit]},{'mf'[sex]},{told},{count:.0f}")
        (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")

    def folded(cells: Array) -> Array:
        return np.concatenate((cells[..., :oldest], cells[..., oldest:].sum(axis=-1, keepdims=True)), axis=-1)

    rows("population", folded(history.stock), "persons")
    rows("deaths", folded(history.deaths), "count")
    lines = ["year;unit;sex;count"]
    lines += [
        f"{2000 + year};{history.units[unit]};{'nam' if sex == 0 else 'nữ'};{count:.0f}"
        for (year, unit, sex), count in np.ndenumerate(history.births)
    ]
    (folder / "births.csv").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def small() -> History:
    return counted(years=6, units=("a", "b"))


def test_a_past_is_read_from_tables(small: History, tmp_path: Path) -> None:
    written(small, tmp_path)
    (tmp_path / "distances.csv").write_text("origin,destination,km\na,b,120\n")
    found = read_history(tmp_path)
    assert isinstance(found, History)
    assert found.units == ("a", "b")
    assert found.years == range(2000, 2006)
    assert found.stock.tolist() == small.stock.tolist()
    assert found.births.tolist() == small.births.tolist()
    assert found.mothers is None
    assert found.moves is None
    assert found.distance is not None
    assert found.distance.tolist() == [[0, 120], [120, 0]]


def test_an_open_age_is_spread_and_nobody_is_lost(small: History, tmp_path: Path) -> None:
    written(small, tmp_path, oldest=85)
    found = read_history(tmp_path)
    assert isinstance(found, History)
    assert found.stock.sum() == pytest.approx(small.stock.sum())
    assert found.deaths.sum(axis=-1) == pytest.approx(small.deaths.sum(axis=-1))
    assert found.stock[..., :85].tolist() == small.stock[..., :85].tolist()
    assert (np.diff(found.stock[-1, 0, 1, 86:]) <= 0).all()


def test_missing_tables_years_and_wrong_cells_are_named(small: History, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no table population"):
        read_history(tmp_path)
    written(small, tmp_path)
    people = (tmp_path / "population.csv").read_text()
    kept = [line for line in people.split("\n") if not line.startswith("2003,b,")]
    (tmp_path / "population.csv").write_text("\n".join(kept))
    with pytest.raises(Invalid, match=r"population\.csv/year: b is missing in 2003"):
        read_history(tmp_path)
    (tmp_path / "population.csv").write_text(people)
    with (tmp_path / "deaths.csv").open("a") as file:
        file.write("\n2011,a,m,3,1")
    with pytest.raises(Invalid, match=r"deaths\.csv/line 3146/year: 2011 is not one of 2000 to 2005"):
        read_history(tmp_path)
    with (tmp_path / "births.csv").open("a", encoding="utf-8") as file:
        file.write("\n2001;z;nam;1")
    with pytest.raises(Invalid, match=r"births\.csv/line 26/unit: not one of the units: 'z'"):
        read_history(tmp_path)


def test_a_population_without_ages_is_totals(tmp_path: Path) -> None:
    (tmp_path / "population.csv").write_text("year,unit,persons\n2001,b,4\n2000,a,1\n2000,b,2\n2001,a,3\n")
    found = read_history(tmp_path)
    assert isinstance(found, Totals)
    assert (found.units, found.first_year) == (("a", "b"), 2000)
    assert found.persons.tolist() == [[1, 2], [3, 4]]


def test_the_middle_of_a_forecast_is_one_course(history: History) -> None:
    made = forecast_from(history.until(2015), until=2025, trajectories=200, seed=1, spread=1.0)
    course = project(history.until(2015).last, median_course(made), until=2025)
    assert course.total[-1] == pytest.approx(np.median(made.projection.total[-1], axis=0), rel=0.01)


def test_a_past_without_births_is_refused(history: History) -> None:
    with pytest.raises(Invalid, match="/births: there were none in the last 10 years"):
        estimate(replace(history, births=history.births * 0, mothers=None, moves=None))


def test_one_unit_alone_is_forecast(history: History) -> None:
    alone = History(("a",), 2000, history.stock[:, :1], history.births[:, :1], history.deaths[:, :1])
    made = forecast_from(alone, until=2025, trajectories=30, seed=1)
    assert np.isfinite(made.projection.stock).all()
    assert made.estimates.migration.mean() > 0.005


def test_a_unit_where_nobody_lives_stays_empty(history: History) -> None:
    there = np.array([0.0, 1, 1, 1, 1])[:, None, None]
    empty = replace(
        history,
        stock=history.stock * there,
        births=history.births * there[..., 0],
        deaths=history.deaths * there,
        mothers=None,
        moves=None,
    )
    made = forecast_from(empty, until=2025, trajectories=30, seed=1)
    assert made.projection.total[:, :, 0].max() == 0
    assert np.isfinite(made.projection.stock).all()
