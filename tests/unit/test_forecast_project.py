"""What must hold of every projection, whatever the rates."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dancu.forecast import (
    DrawnRates,
    Keep,
    OriginDestination,
    Population,
    Projection,
    Quarters,
    Rates,
    SurvivalSurface,
    Timing,
    aggregated,
    nation_of,
    project,
    whole,
)
from dancu.forecast.axes import AGES, FEMALE, FERTILE, FERTILE_AGES, FIVE_YEAR, Floats, folded
from dancu.forecast.life_table import survival_of
from dancu.forecast.raking import rake_population
from dancu.kernel.errors import Invalid

YEARS = 12
GOMPERTZ = np.minimum(np.exp(-9.5 + 0.095 * np.arange(AGES)), 1)
CELLS = ("births", "deaths", "immigrants", "emigrants", "moved_in", "moved_out")
seeds = st.integers(0, 10_000)


@dataclass(frozen=True)
class World:
    base: Population
    rates: Rates


def world(seed: int, units: int = 3, *, border: bool = True, moves: bool = True, years: int = YEARS) -> World:
    rng = np.random.default_rng(seed)
    names = tuple(f"unit {index}" for index in range(units))
    base = Population(2024, names, rng.gamma(0.5, 400, (units, 2, AGES)))
    level = rng.uniform(0.5, 2, (years, units, 2, 1))
    between = [OriginDestination.from_rates(rng.uniform(0, 0.04, (units, units, 2, AGES))) for _ in range(years)]
    return World(
        base,
        Rates(
            2024,
            names,
            np.minimum(GOMPERTZ * level, 1.5),
            rng.uniform(0, 0.15, (years, units, FERTILE_AGES)),
            rng.uniform(1, 1.2, (years, units)),
            net=rng.normal(0, 60, (years, units, 2, AGES)) if border else None,
            net_rate=rng.normal(0, 0.01, (years, units, 2, AGES)) if border else None,
            moves=between if moves else (),
        ),
    )


def older(cells: Floats) -> Floats:
    result = np.zeros_like(cells)
    result[..., 1:] = cells[..., :-1]
    result[..., -1] += cells[..., -1]
    return result


def unaccounted(projection: Projection) -> Floats:
    """What the components leave of each cell of the stock."""
    start = older(projection.stock[:-1])
    start[..., 0] = projection.births
    gains = projection.immigrants - projection.emigrants + projection.moved_in - projection.moved_out
    return np.asarray(projection.stock[1:] - (start - projection.deaths + gains))


def quarters_of(base: Population) -> Quarters:
    students = np.zeros_like(base.counts)
    students[:, :, 18:24] = base.counts[:, :, 18:24] / 3
    return Quarters(2024, np.stack((students, students * 1.5)))


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(Timing), st.booleans(), st.booleans())
def test_the_accounts_close_in_every_cell(seed: int, timing: Timing, border: bool, housed: bool) -> None:
    one = world(seed, border=border)
    quarters = quarters_of(one.base) if housed else None
    projection = project(one.base, one.rates, until=2024 + YEARS, timing=timing, quarters=quarters)
    assert np.abs(unaccounted(projection)).max() < 1e-9 * projection.total.max()
    assert projection.stock.min() >= 0
    assert min(float(getattr(projection, name).min()) for name in CELLS) > -1e-9
    assert projection.moved_in.sum(axis=1) == pytest.approx(projection.moved_out.sum(axis=1))


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_units_that_are_raked_make_up_the_nation(seed: int) -> None:
    one = world(seed)
    alone = world(seed + 1, units=1)
    base = replace(one.base.nation, counts=one.base.nation.counts * 1.07)
    nation = project(base, replace(alone.rates, units=("",)), until=2024 + YEARS)
    units = project(one.base, one.rates, until=2024 + YEARS, nation=nation)
    assert units.stock.sum(axis=1) == pytest.approx(nation.stock[:, 0])
    assert units.births.sum(axis=1) == pytest.approx(nation.births[:, 0])
    assert np.abs(unaccounted(units)).max() < 1e-9 * nation.total.max()
    assert units.stock.min() >= 0
    assert rake_population(one.base, base).counts.sum(axis=0) == pytest.approx(base.counts[0])


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_sums_of_units_are_the_sums_of_their_cells(seed: int) -> None:
    one = world(seed)
    projection = project(one.base, one.rates, until=2024 + YEARS)
    pair = aggregated(projection, {"pair": ["unit 0", "unit 2"], "rest": ["unit 1"]})
    assert pair.stock[:, 0] == pytest.approx(projection.stock[:, 0] + projection.stock[:, 2])
    assert pair.births[:, 1] == pytest.approx(projection.births[:, 1])
    assert nation_of(projection).total[:, 0] == pytest.approx(projection.total.sum(axis=1))
    assert np.abs(unaccounted(pair)).max() < 1e-9 * projection.total.max()


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_units_with_the_same_rates_sum_to_a_nation_with_them(seed: int) -> None:
    one = world(seed, border=False)
    same = replace(
        one.rates,
        mx=np.repeat(one.rates.mx[:, :1], 3, axis=1),
        asfr=np.repeat(one.rates.asfr[:, :1], 3, axis=1),
        srb=np.repeat(one.rates.srb[:, :1], 3, axis=1),
    )
    alone = Rates(2024, ("",), same.mx[:, :1], same.asfr[:, :1], same.srb[:, :1])
    units = project(one.base, same, until=2024 + YEARS)
    nation = project(one.base.nation, alone, until=2024 + YEARS)
    assert units.stock.sum(axis=1) == pytest.approx(nation.stock[:, 0])


@settings(max_examples=10, deadline=None)
@given(seeds, st.floats(0.01, 1000))
def test_twice_the_people_have_twice_of_everything(seed: int, factor: float) -> None:
    one = world(seed)
    assert one.rates.net is not None
    larger = replace(one.rates, net=one.rates.net * factor)
    plain = project(one.base, one.rates, until=2030)
    scaled = project(replace(one.base, counts=one.base.counts * factor), larger, until=2030)
    for name in ("stock", *CELLS):
        assert getattr(scaled, name) == pytest.approx(getattr(plain, name) * factor, abs=1e-9 * factor), name


def test_a_closed_population_comes_to_grow_by_the_eigenvalue_of_its_leslie_matrix() -> None:
    years = 500
    asfr = 0.08 * np.exp(-0.5 * ((np.arange(10, 55) - 28) / 9) ** 2)
    rates = Rates(
        2024,
        ("",),
        np.broadcast_to(GOMPERTZ, (years, 1, 2, AGES)),
        np.broadcast_to(asfr, (years, 1, FERTILE_AGES)),
        np.full((years, 1), 1.06),
    )
    base = Population(2024, ("",), np.random.default_rng(3).uniform(0, 1000, (1, 2, AGES)))
    projection = project(base, rates, until=2024 + years)

    ratio = survival_of(np.broadcast_to(GOMPERTZ, (2, AGES))).ratio[FEMALE]
    by_age = np.zeros(AGES)
    by_age[FERTILE] = asfr
    leslie = np.diag(ratio[1:], -1)
    leslie[-1, -1] = ratio[-1]
    leslie[0] = (by_age + np.append(by_age[1:] * ratio[1:], 0)) / 2 * ratio[0] / 2.06
    growth = max(abs(np.linalg.eigvals(leslie)))
    assert projection.total[-1, 0] / projection.total[-2, 0] == pytest.approx(growth, rel=1e-9)
    assert projection.stock[-1, 0] / projection.stock[-2, 0] == pytest.approx(np.full((2, AGES), growth), rel=1e-6)


def test_children_are_born_to_the_mean_of_women_at_start_and_end_before_moves() -> None:
    base = Population(2024, ("",), np.zeros((1, 2, AGES)))
    base.counts[0, FEMALE, 29] = 1000
    asfr = np.zeros((1, 1, FERTILE_AGES))
    asfr[..., 19:21] = 0.1, 0.2
    arrivals = np.zeros((1, 1, 2, AGES))
    arrivals[..., FEMALE, 30] = 5000
    rates = Rates(2024, ("",), np.full((1, 1, 2, AGES), 1e-12), asfr, np.full((1, 1), 1.0), net=arrivals)
    at_the_end = project(base, rates, until=2025)
    assert at_the_end.births.sum() == pytest.approx((1000 * 0.1 + 1000 * 0.2) / 2)
    evenly = project(base, rates, until=2025, timing=Timing.EVEN)
    assert evenly.births.sum() == pytest.approx((1000 * 0.1 + 2500 * 0.2 + 1000 * 0.2 + 2500 * 0.2) / 2, rel=1e-9)


def test_nobody_leaves_who_is_not_there() -> None:
    one = world(1)
    flight = np.full((YEARS, 3, 2, AGES), -1e6)
    projection = project(one.base, replace(one.rates, net=flight), until=2026)
    assert projection.stock[1:].max() == 0
    assert np.abs(unaccounted(projection)).max() < 1e-9 * projection.total.max()


def test_quarters_keep_their_ages() -> None:
    one = world(2, border=False, moves=False)
    quarters = quarters_of(one.base)
    with_them = project(one.base, one.rates, until=2030, quarters=quarters)
    others = replace(one.base, counts=one.base.counts - quarters.of(2024))
    without = project(others, one.rates, until=2030)
    assert with_them.stock[3] == pytest.approx(without.stock[3] + quarters.of(2027))


def drawn(trajectories: int, units: int = 3) -> tuple[Population, DrawnRates]:
    rng = np.random.default_rng(7)
    names = tuple(f"unit {index}" for index in range(units))
    surface = SurvivalSurface.of(
        lambda e0: np.minimum(GOMPERTZ * np.exp(0.06 * (75 - e0[..., None])), 1),
        units=units,
        lowest=60,
        highest=95,
    )
    migrants = rng.dirichlet(np.ones(2 * AGES), units).reshape(units, 2, AGES)
    between = OriginDestination(
        rng.uniform(0, 0.03, (units, 2, AGES)), rng.dirichlet(np.ones(units), (2, units)), (0, 30)
    )
    return Population(2024, names, rng.gamma(0.5, 400, (units, 2, AGES))), DrawnRates(
        2024,
        names,
        rng.normal(1.8, 0.2, (YEARS, trajectories, units)),
        rng.normal(75, 3, (YEARS, trajectories, units, 2)),
        surface,
        rng.dirichlet(np.ones(FERTILE_AGES), (YEARS, units)),
        np.full((YEARS, units), 1.06),
        net=rng.normal(0, 200, (YEARS, trajectories, units)),
        net_per_head=rng.normal(0, 0.001, (YEARS, trajectories, units)),
        net_ages=migrants,
        moves=lambda _, part: replace(between, push=np.full((part.stop - part.start, units), 1.2)),
    )


def test_trajectories_are_the_same_to_the_bit_with_any_number_of_threads() -> None:
    base, rates = drawn(400)
    one, two = (project(base, rates, until=2030, keep=Keep(FIVE_YEAR), threads=threads) for threads in (1, 2))
    for name in ("stock", *CELLS):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name


def test_the_accounts_close_in_every_trajectory() -> None:
    base, rates = drawn(150)
    projection = project(base, rates, until=2024 + YEARS)
    assert projection.stock.shape == (YEARS + 1, 150, 3, 2, AGES)
    assert np.abs(unaccounted(projection)).max() < 1e-9 * projection.total.max()
    nation = project(base.nation, replace(drawn(150, 1)[1], units=("",)), until=2030)
    raked = project(base, rates, until=2030, nation=nation)
    assert raked.stock.sum(axis=2) == pytest.approx(nation.stock[:, :, 0])


def test_what_is_kept_in_groups_is_the_sum_of_what_is_kept_by_age() -> None:
    base, rates = drawn(20)
    by_age = project(base, rates, until=2030)
    grouped = project(base, rates, until=2030, keep=Keep(FIVE_YEAR, components=False))
    assert grouped.stock == pytest.approx(folded(by_age.stock, FIVE_YEAR))
    assert grouped.births == pytest.approx(by_age.births)
    for name in ("deaths", "moved_in", "moved_out"):
        sums = getattr(by_age, name).sum(axis=-1, keepdims=True)
        assert getattr(grouped, name) == pytest.approx(sums, abs=1e-6), name
    net = (by_age.immigrants - by_age.emigrants).sum(axis=-1, keepdims=True)
    assert grouped.immigrants - grouped.emigrants == pytest.approx(net, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_whole_persons_add_up_to_the_person(seed: int) -> None:
    one = world(seed)
    projection = project(one.base, one.rates, until=2024 + YEARS)
    rounded = whole(projection)
    for name in ("stock", *CELLS):
        array = getattr(rounded, name)
        assert bool(np.all(array == np.rint(array))), name
        assert array.min() >= 0, name
    assert np.abs(unaccounted(rounded)).max() == 0
    assert bool(np.all(rounded.moved_in.sum(axis=1) == rounded.moved_out.sum(axis=1)))
    assert np.abs(rounded.stock - projection.stock).max() < 8
    assert rounded.total == pytest.approx(projection.total, rel=0.005)


def test_errors_name_what_does_not_fit() -> None:
    one = world(4)
    with pytest.raises(Invalid, match="/rates/years: are 2024 to 2035, but 2024 to 2039 are needed"):
        project(one.base, one.rates, until=2040)
    with pytest.raises(Invalid, match="/rates/units"):
        project(replace(one.base, units=("a", "b", "c")), one.rates, until=2030)
    with pytest.raises(Invalid, match=r"/counts: has the shape \(3, 2, 101\)"):
        Population(2024, one.base.units, one.base.counts[..., :101])
    with pytest.raises(Invalid, match="/counts: negative"):
        replace(one.base, counts=one.base.counts - 1e6)
    wrong = one.rates.asfr.copy()
    wrong[7, 1, 20] = -0.1
    with pytest.raises(Invalid, match=r"/asfr/2031/unit 1/30: is negative: -0\.1"):
        replace(one.rates, asfr=wrong)
    without = one.rates.mx.copy()
    without[0, 2, FEMALE, 99] = np.nan
    with pytest.raises(Invalid, match="/mx/2024/unit 2/female/99: is not above 0: nan"):
        replace(one.rates, mx=without)
    with pytest.raises(Invalid, match="/trajectories"):
        project(replace(one.base, counts=np.repeat(one.base.counts[None], 5, axis=0)), drawn(4)[1], until=2030)
    with pytest.raises(Invalid, match=r"/e0: .* outside of"):
        drawn(1)[1].survival.at(np.full((1, 3, 2), 120.0))
    with pytest.raises(Invalid, match="/to"):
        OriginDestination(np.zeros((3, 2, AGES)), np.zeros((1, 3, 3)))
    with pytest.raises(Invalid, match="unit 9"):
        aggregated(project(one.base, one.rates, until=2025), {"": ["unit 9"]})
