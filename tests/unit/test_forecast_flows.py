"""Moves between units: what is read, what is learnt of it, and what is moved."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyarrow import parquet

from dancu.forecast import Population, Rates, project
from dancu.forecast.axes import AGES
from dancu.forecast.flows import (
    MoveCounts,
    Transfer,
    WithTransfers,
    fit_flows,
    fit_gravity,
    fit_rogers_castro,
    moves_of_arrays,
    read_moves,
    shrunk,
)
from dancu.forecast.flows.ages import STANDARD, RogersCastro
from dancu.forecast.trajectories import Futures
from dancu.kernel.errors import Invalid, Malformed, NotFound

Array = NDArray[np.float64]
UNITS = ("a", "b", "c", "d")


def written(folder: Path, *lines: str) -> Path:
    path = folder / "moves.csv"
    path.write_text("\n".join(("year,origin,destination,age,sex,count", *lines)))
    return path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2019,a,z,20,f,3", "line 2/destination: not one of the units: 'z'"),
        ("2019,a,b,20,f,-3", "line 2/count: negative: '-3'"),
        ("2019,a,b,140,f,3", "line 2/age: not an age of 0 to 130: '140'"),
        ("2019,a,b,20,x,3", "line 2/sex: not a sex: 'x'"),
        ("2019.5,a,b,20,f,3", "line 2/year: not a whole number"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        read_moves(written(tmp_path, line), units=UNITS)


def test_an_empty_table_is_no_table_of_moves(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="holds no line"):
        read_moves(written(tmp_path), units=UNITS)


def test_a_file_that_is_no_table_of_moves_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_moves(tmp_path / "none.csv", units=UNITS)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(Malformed, match=r"empty\.csv is empty"):
        read_moves(tmp_path / "empty.csv", units=UNITS)
    (tmp_path / "short.csv").write_text("year;origin\n2019;a")
    with pytest.raises(Invalid, match=r"short\.csv/destination: this column is missing"):
        read_moves(tmp_path / "short.csv", units=UNITS)
    (tmp_path / "torn.parquet").write_text("no")
    with pytest.raises(Malformed, match=r"torn\.parquet cannot be read"):
        read_moves(tmp_path / "torn.parquet", units=UNITS)


def test_moves_in_parquet_are_those_in_text(tmp_path: Path) -> None:
    path = written(tmp_path, "2019,a,b,20,f,3", "2020,b,a,85,m,2")
    columns = {
        "year": [2019, 2020],
        "Origin": ["a", "b"],
        "destination": ["b", "a"],
        "age": [20, 85],
        "sex": ["f", "m"],
    }
    parquet.write_table(pa.table(columns | {"count": [3.0, 2.0]}), tmp_path / "moves.parquet")
    first, other = (read_moves(one, units=UNITS) for one in (path, tmp_path / "moves.parquet"))
    assert (
        first.summed("year", "origin", "sex", "age").tolist() == other.summed("year", "origin", "sex", "age").tolist()
    )


def test_moves_are_read_and_those_within_a_unit_not_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "2019,a,b,20,Nữ,3", "2020,b,a,85+,male,2", "2020,b,b,30,2,9")
    counts = read_moves(path, units=UNITS)
    assert counts.years == range(2019, 2021)
    assert counts.summed("year").tolist() == [3, 2]
    assert counts.summed("sex", "origin")[:, :2].tolist() == [[0, 2], [3, 0]]
    assert counts.until(2020).summed("age")[20] == 3


def test_arrays_that_do_not_fit_are_refused() -> None:
    one = np.array([0])
    with pytest.raises(Invalid, match="/origin/0: is outside"):
        MoveCounts(UNITS, 2020, one, one + 9, one, one, one, np.array([1.0]))
    with pytest.raises(Invalid, match="/count/0"):
        MoveCounts(UNITS, 2020, one, one, one + 1, one, one, np.array([-1.0]))


def gravity_world(seed: int = 1, units: int = 12) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    people = rng.uniform(0.5e6, 5e6, units)
    place = rng.uniform(0, 1000, (units, 2))
    distance = np.linalg.norm(place[:, None] - place[None], axis=-1) + np.eye(units)
    mean = 2e-9 * people[:, None] * people * (distance / 300) ** -1.2 * (1 - np.eye(units))
    return mean, people, distance


def test_gravity_is_learnt() -> None:
    mean, people, distance = gravity_world()
    moves = np.random.default_rng(2).poisson(mean).astype(float)
    found = fit_gravity(moves, people, distance)
    assert found.distance == pytest.approx(-1.2, abs=0.15)
    assert found.expected.sum() == pytest.approx(moves.sum(), rel=0.01)
    assert found.size_of_destination == pytest.approx(1.0, abs=0.35)


def test_gravity_refuses_units_without_people_and_places_without_distance() -> None:
    with pytest.raises(Invalid, match="/exposure"):
        fit_gravity(np.zeros((3, 3)), np.array([1.0, 0.0, 1.0]))
    with pytest.raises(Invalid, match="/distance"):
        fit_gravity(np.zeros((3, 3)), np.ones(3), np.zeros((3, 3)))


def test_sparse_cells_come_nearer_to_the_truth_by_shrinkage() -> None:
    rng = np.random.default_rng(5)
    mean, people, distance = gravity_world()
    sparse = mean / mean.max() * 30 * rng.gamma(4, 1 / 4, mean.shape)
    moves = rng.poisson(sparse).astype(float)
    found = fit_gravity(moves, people, distance)
    apart = ~np.eye(len(people), dtype=bool)
    plain = np.abs(moves - sparse)[apart].mean()
    assert np.abs(shrunk(moves, found) - sparse)[apart].mean() < 0.9 * plain
    assert (shrunk(moves, found)[apart] > 0).all()


def test_well_counted_cells_stay_what_was_counted() -> None:
    rng = np.random.default_rng(5)
    mean, people, distance = gravity_world()
    odd = mean * 50 * rng.gamma(2, 1 / 2, mean.shape)
    moves = rng.poisson(odd).astype(float)
    found = shrunk(moves, fit_gravity(moves, people, distance))
    large = moves > 1000
    assert found[large] == pytest.approx(moves[large], rel=0.05)


def test_a_schedule_is_learnt_from_counts() -> None:
    truth = RogersCastro(0.03, 0.12, 0.09, 0.08, 19.0, 0.5, 0.004)
    exposure = np.full(AGES, 1e5)
    exposure[90:] = 1e2
    moves = np.random.default_rng(1).poisson(truth.rates * exposure).astype(float)
    found = fit_rogers_castro(moves, exposure)
    assert found.rates[:80] == pytest.approx(truth.rates[:80], rel=0.12)
    assert found.migraproduction == pytest.approx(truth.migraproduction, rel=0.02)


def test_few_moves_give_the_standard_shape() -> None:
    exposure = np.full(AGES, 50.0)
    found = fit_rogers_castro(np.zeros(AGES), exposure)
    assert (found.rates > 0).all()
    assert int(found.rates[15:].argmax()) == int(STANDARD.rates[15:].argmax())


def counted(years: int = 12, units: int = 4, seed: int = 3, boom: float = 1.0) -> tuple[MoveCounts, Array, Array]:
    """Moves of some years; the last unit draws `boom` times as many in the last five."""
    rng = np.random.default_rng(seed)
    stock = np.tile(np.where(np.arange(AGES) < 90, 4000.0, 0.0), (years, units, 2, 1)) * rng.uniform(
        0.5, 2, (units, 1, 1)
    )
    share = rng.dirichlet(np.ones(units) * 5, units) * (1 - np.eye(units))
    share /= share.sum(axis=1, keepdims=True)
    leaving = STANDARD.rates / STANDARD.rates.sum() * 0.8
    cells = np.zeros((years, units, units, 2, AGES))
    for year in range(years):
        drawn = share * np.where(np.arange(units) == units - 1, boom if year >= years - 5 else 1.0, 1.0)
        drawn = drawn / drawn.sum(axis=1, keepdims=True)
        cells[year] = rng.poisson(drawn[:, :, None, None] * (stock[year] * leaving)[:, None])
    return moves_of_arrays(cells, units=UNITS[:units], first_year=2010), stock, share


def test_flows_of_quiet_years_are_what_was_counted() -> None:
    counts, stock, share = counted()
    model = fit_flows(counts, stock)
    nobody = np.zeros((1, 4))
    arrivals, departures = model.moves(nobody, nobody).moved(stock[:1])
    assert departures.sum() == pytest.approx(counts.summed("year").mean(), rel=0.02)
    assert arrivals.sum(axis=(-2, -1))[0] == pytest.approx(counts.summed("destination") / 12, rel=0.05)
    assert np.abs(model.push).max() < 0.1
    assert model.to.mean(axis=0) == pytest.approx(share, abs=0.05)


def test_a_boom_is_seen_in_how_the_unit_draws() -> None:
    counts, stock, _ = counted(boom=3.0)
    pull = fit_flows(counts, stock).pull[:, -1]
    assert pull[-5:].mean() - pull[:7].mean() == pytest.approx(np.log(3), rel=0.35)


def test_moves_of_futures_need_a_past_of_moves() -> None:
    counts, stock, _ = counted()
    nothing = np.zeros((3, 2, 4))
    with pytest.raises(Invalid, match="/futures/push"):
        fit_flows(counts, stock).moves_of(Futures(2024, 1, nothing, nothing, nothing))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_internal_moves_net_to_nothing_over_the_nation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts, stock, _ = counted(years=3, seed=seed % 50)
    model = fit_flows(counts, stock)
    people = rng.uniform(0, 1e5, (3, 4, 2, AGES))
    moves = model.moves(rng.normal(0, 1, (3, 4)), rng.normal(0, 1, (3, 4)))
    shock = Transfer(rng.uniform(0, 1e6), 2024, 2024, (), {"b": 1.0}, (20, 34))
    arrivals, departures = WithTransfers(moves, (shock,), UNITS).moved(people)
    assert arrivals.sum(axis=-3) == pytest.approx(departures.sum(axis=-3))
    assert (departures <= people + 1e-6).all()
    assert (arrivals >= 0).all()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"persons": -1}, "/persons"),
        ({"last_year": 2020}, "/last_year: comes before 2028"),
        ({"ages": (40, 20)}, "/ages"),
        ({"sexes": ()}, "/sexes"),
        ({"destinations": {}}, "/origins: neither"),
        ({"origins": ("b",)}, "/destinations: b is an origin"),
        ({"destinations": {"b": 0.5}}, "/destinations: their shares"),
    ],
)
def test_a_wrong_transfer_names_the_field(wrong: dict[str, object], told: str) -> None:
    right: dict[str, object] = {"persons": 10, "first_year": 2028, "last_year": 2030, "destinations": {"b": 1.0}}
    with pytest.raises(Invalid, match=told):
        Transfer(**(right | wrong))  # type: ignore[arg-type]


def test_a_transfer_to_nowhere_is_refused() -> None:
    with pytest.raises(Invalid, match="no unit 'z'"):
        WithTransfers(None, (Transfer(1, 2028, 2028, destinations={"z": 1.0}),), UNITS)
    with pytest.raises(Invalid, match="nowhere is left"):
        WithTransfers(None, (Transfer(1, 2028, 2028, origins=UNITS),), UNITS)


def test_an_industrial_zone_draws_workers_from_everywhere_and_a_dam_sends_them() -> None:
    stock = np.full((1, 4, 2, AGES), 1000.0)
    zone = Transfer(4000, 2028, 2030, (), {"a": 1.0}, (20, 34))
    arrivals, departures = WithTransfers(None, (zone,), UNITS).moved(stock)
    assert arrivals[0, 0].sum() == pytest.approx(4000)
    assert departures[0].sum(axis=(1, 2)) == pytest.approx([0, 4000 / 3, 4000 / 3, 4000 / 3])
    assert arrivals[..., 35:].sum() == 0
    dam = Transfer(500, 2028, 2028, ("d",), {"b": 0.6, "c": 0.4})
    arrivals, departures = WithTransfers(None, (dam,), UNITS).moved(stock)
    assert arrivals[0].sum(axis=(1, 2)) == pytest.approx([0, 300, 200, 0])
    flood = Transfer(500, 2028, 2028, ("d",))
    arrivals, departures = WithTransfers(None, (flood,), UNITS).moved(stock)
    assert arrivals[0].sum(axis=(1, 2)) == pytest.approx([500 / 3, 500 / 3, 500 / 3, 0])


def test_a_transfer_takes_no_more_than_are_there() -> None:
    stock = np.full((1, 4, 2, AGES), 1.0)
    arrivals, departures = WithTransfers(None, (Transfer(1e9, 2028, 2028, ("d",)),), UNITS).moved(stock)
    assert (departures <= stock).all()
    assert arrivals.sum() == pytest.approx(departures.sum())


def test_the_nation_is_the_same_with_and_without_moves_where_rates_are() -> None:
    age = np.arange(AGES)
    mx = np.tile(np.minimum(0.0002 * np.exp(0.09 * age), 1.2), (5, 4, 2, 1))
    asfr = np.full((5, 4, 45), 0.04)
    counts, stock, _ = counted()
    moves = fit_flows(counts, stock).moves(np.zeros((1, 4)), np.zeros((1, 4)))
    base = Population(2024, UNITS, stock[-1])
    stay = Rates(2024, UNITS, mx, asfr, np.full((5, 4), 1.05))
    go = Rates(2024, UNITS, mx, asfr, np.full((5, 4), 1.05), moves=(moves,) * 5)
    staying, going = project(base, stay, until=2029), project(base, go, until=2029)
    assert going.total.sum(axis=-1) == pytest.approx(staying.total.sum(axis=-1), rel=1e-12)
    assert not np.allclose(going.total, staying.total)
