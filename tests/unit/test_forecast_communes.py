"""Communes by the method of Hamilton and Perry: what is learnt of cohorts, and what is told of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dancu.forecast import Keep, Population, Rates, project
from dancu.forecast.axes import AGES, FIVE_YEAR
from dancu.forecast.communes import GROUPS, Communes, control_of, fit_ratios, forecast_communes, in_groups
from dancu.forecast.communes.groups import COUNT, by_province, older
from dancu.kernel.errors import Invalid

Array = NDArray[np.float64]
CHANGE = np.interp(np.arange(COUNT), [0, 3, 5, 8, 11, 14, 17], [0.99, 0.97, 0.9, 1.0, 0.97, 0.86, 0.55])


def grown(
    *, communes: int = 120, provinces: int = 3, dates: int = 6, seed: int = 1, lasting: float = 0.6
) -> list[Array]:
    """Counts of communes at dates five years apart; each commune departs from the others, and partly goes on to."""
    rng = np.random.default_rng(seed)
    people = rng.lognormal(8.8, 0.8, communes)
    shape = np.exp(-0.05 * np.arange(COUNT))
    stock = rng.poisson(people[:, None, None] * shape / shape.sum() / 2 * np.ones((1, 2, 1))).astype(float)
    departure = rng.normal(0, 0.08, communes)
    out = [stock]
    for _ in range(dates - 1):
        departure = lasting * departure + np.sqrt(1 - lasting**2) * rng.normal(0, 0.08, communes)
        mean = older(stock) * CHANGE * np.exp(departure)[:, None, None]
        mean[..., 0] = mean[:, 1, 3:10].sum(axis=-1)[:, None] * 0.16
        stock = rng.poisson(mean).astype(float)
        out.append(stock)
    return out


def of(counts: list[Array], now: int = 2, provinces: int = 3, **more: object) -> Communes:
    size = len(counts[0])
    province = np.sort(np.arange(size) % provinces)
    known = Communes(
        tuple(f"{at:05}" for at in range(size)),
        tuple(f"{at:02}" for at in range(provinces)),
        province,
        2024,
        counts[now],
        counts[now - 1],
        counts[now - 2] if now > 1 else None,
    )
    return replace(known, **more)  # type: ignore[arg-type]


def test_wrong_counts_are_named_by_commune() -> None:
    counts = grown(communes=9)
    bad = counts[2].copy()
    bad[4, 1, 3] = -1
    with pytest.raises(Invalid, match="/now/4/1/3: 00004 has a negative count"):
        of([*counts[:2], bad])
    with pytest.raises(Invalid, match="/before: has the shape"):
        of(counts, before=counts[1][:, :, 1:])
    with pytest.raises(Invalid, match="/province: communes of a province do not stand together"):
        of(counts, province=np.array([0, 1, 2] * 3))
    with pytest.raises(Invalid, match="/province: does not name each province"):
        of(counts, province=np.zeros(9, dtype=np.int64))


def test_a_control_of_other_years_is_refused() -> None:
    with pytest.raises(Invalid, match="/control"):
        forecast_communes(of(grown(communes=9)), control=np.ones((3, 1, 3, 2, COUNT)))


def test_single_ages_go_into_eighteen_groups() -> None:
    assert len(GROUPS) == COUNT == 18
    cells = in_groups(np.ones((2, 2, AGES)))
    assert cells[0, 0].tolist() == [5.0] * 17 + [46.0]


def test_provinces_are_what_their_cohorts_did() -> None:
    counts = grown(communes=60)
    ratios = fit_ratios(counts[1], counts[2], of(counts).province)
    assert ratios.cohorts[:, :, 3].mean() == pytest.approx(CHANGE[3], rel=0.03)
    again = older(counts[1]) * ratios.cohorts[of(counts).province]
    assert by_province(again, of(counts).province, 3)[..., 1:] == pytest.approx(
        by_province(counts[2], of(counts).province, 3)[..., 1:]
    )


def test_departures_of_small_communes_are_drawn_in_and_of_large_ones_kept() -> None:
    counts = grown(communes=300)
    known = of(counts)
    ratios = fit_ratios(counts[1], counts[2], known.province)
    plain = np.log(
        counts[2][..., 1:].sum((1, 2)) / (older(counts[1]) * ratios.cohorts[known.province])[..., 1:].sum((1, 2))
    )
    kept = ratios.departure / plain
    people = counts[1].sum((1, 2))
    order = np.argsort(people)
    assert np.median(kept[order[:30]]) < np.median(kept[order[-30:]]) < 1
    assert ratios.departure_sd == pytest.approx(0.08, rel=0.25)


def test_how_long_departures_last_is_learnt_from_three_dates() -> None:
    for lasting in (0.1, 0.9):
        counts = grown(communes=900, lasting=lasting)
        found = fit_ratios(counts[1], counts[2], of(counts).province, counts[0]).persistence
        assert found == pytest.approx(0.8 * lasting + 0.1, abs=0.17)


def test_shrinkage_is_nearer_to_what_came_than_plain_ratios() -> None:
    counts = grown(communes=400, seed=3)
    known = of(counts)
    told = forecast_communes(known, trajectories=60)
    median = np.median(told.total[15], axis=0)
    large = ~told.suppressed
    plain = counts[2]
    own = np.divide(counts[2], older(counts[1]), out=np.ones_like(plain), where=older(counts[1]) > 0)
    for _ in range(3):
        then = older(plain) * own
        then[..., 0] = then[:, 1, 3:10].sum(axis=-1)[:, None] * (
            counts[2][..., 0] / np.maximum(counts[2][:, 1, 3:10].sum(axis=-1), 1)[:, None]
        )
        plain = then
    truth = counts[5].sum((1, 2))[large]
    ours = np.abs(median[large] / truth - 1).mean()
    theirs = np.abs(plain.sum((1, 2))[large] / truth - 1).mean()
    assert ours < 0.85 * theirs


def test_bands_hold_what_they_say() -> None:
    held = []
    for seed in range(4):
        counts = grown(communes=300, seed=seed)
        told = forecast_communes(of(counts), trajectories=100, seed=seed)
        for step, year in ((3, 5), (5, 15)):
            low, high = np.quantile(told.total[year], (0.1, 0.9), axis=0)
            truth = counts[step].sum((1, 2))
            shown = ~told.suppressed
            held.append(np.mean(((low <= truth) & (truth <= high))[shown]))
    assert 0.72 <= float(np.mean(held)) <= 0.9


def test_communes_below_a_thousand_are_not_told_but_counted_in_their_province() -> None:
    counts = grown(communes=60)
    counts[2][7] /= 40
    known = of(counts)
    control = np.ones((15, 1, 3, 2, COUNT)) * 9000
    told = forecast_communes(known, control=control, trajectories=4)
    assert told.suppressed[7]
    assert np.isnan(told.total[:, :, 7]).all()
    assert np.isnan(told.bands[:, :, 7]).all()
    assert np.isfinite(told.total[:, :, ~told.suppressed]).all()
    whole = forecast_communes(known, control=control, trajectories=4, least=0)
    assert whole.total[15].sum(axis=-1) == pytest.approx(np.full(4, control[14].sum()), rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_communes_sum_to_their_province_in_every_year_and_trajectory(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = grown(communes=12, seed=seed)
    counts[2][:, :, 16] = 0
    control = rng.uniform(0, 5000, (15, 5, 3, 2, COUNT))
    known = of(counts)
    told = forecast_communes(known, control=control, trajectories=7, seed=seed, least=0)
    wanted = control[:, [0, 1, 2, 3, 4, 0, 1]].sum(axis=(-2, -1))
    found = np.stack([told.total[1:, :, known.province == at].sum(axis=-1) for at in range(3)], axis=-1)
    assert found == pytest.approx(wanted, rel=1e-4)
    assert (told.bands >= 0).all()


def test_the_same_seed_gives_the_same_bits() -> None:
    known = of(grown(communes=30))
    first, again = (forecast_communes(known, trajectories=30, seed=8) for _ in range(2))
    assert first.total.tobytes() == again.total.tobytes()
    assert first.bands.tobytes() == again.bands.tobytes()
    more = forecast_communes(known, trajectories=30, seed=9)
    assert not np.array_equal(first.total, more.total)


def test_bands_between_fifth_years_lie_between_theirs() -> None:
    told = forecast_communes(of(grown(communes=30)), trajectories=20, least=0)
    assert told.years == range(2024, 2040)
    assert told.cells(2029) == pytest.approx(told.bands[:, 1])
    assert told.cells(2031) == pytest.approx(0.6 * told.bands[:, 1] + 0.4 * told.bands[:, 2], rel=1e-5)
    assert (np.diff(told.cells(2032), axis=0) >= -1e-3).all()
    with pytest.raises(Invalid, match="/year: 2040"):
        told.cells(2040)


@pytest.mark.parametrize("ages", [tuple(range(AGES)), FIVE_YEAR])
def test_communes_are_held_to_a_projection_of_provinces(ages: tuple[int, ...]) -> None:
    counts = grown(communes=12)
    base = Population(2024, ("00", "01", "02"), np.full((3, 2, AGES), 400.0))
    mx = np.tile(np.minimum(0.0002 * np.exp(0.09 * np.arange(AGES)), 1.2), (16, 3, 2, 1))
    rates = Rates(2024, base.units, mx, np.full((16, 3, 45), 0.04), np.full((16, 3), 1.05))
    projection = project(base, rates, until=2040, keep=Keep(ages=ages, components=False))
    control = control_of(projection)
    assert control.shape == (15, 1, 3, 2, COUNT)
    told = forecast_communes(of(counts), control=control, trajectories=3, least=0)
    found = told.total[15][:, of(counts).province == 1].sum(axis=-1)
    assert found == pytest.approx(np.full(3, projection.total[15, 1]), rel=1e-4)


def test_a_projection_that_is_too_short_or_too_coarse_holds_no_communes() -> None:
    base = Population(2024, ("00",), np.full((1, 2, AGES), 400.0))
    rates = Rates(2024, ("00",), np.full((20, 1, 2, AGES), 0.01), np.full((20, 1, 45), 0.04), np.full((20, 1), 1.05))
    with pytest.raises(Invalid, match="/projection/years: 10 years are too few; communes need 15"):
        control_of(project(base, rates, until=2034))
    with pytest.raises(Invalid, match="/projection/ages"):
        control_of(project(base, rates, until=2044, keep=Keep(ages=(0, 15, 65))))
