"""How cohorts of communes changed in five years, and what of it is more than chance.

    now[c, s, a + 5] = before[c, s, a] R[p, s, a] exp(x[c]) w[c, s, a]
    children[c, s] = women[c] K[p, s] v[c, s]

`R` and `K` are the province's. `x` is how all of a commune departs from it: drawn to 0 as far as chance explains it
(normal, variance by moments). `w` and `v` depart from that by age: Gamma around 1, worth `k` persons (Clayton and
Kaldor 1987), so that a cell of ten is the province's and one of a thousand its own.

Source: Hamilton and Perry 1962, Social Forces 41:163-170; Swanson, Schlottmann and Schmidt 2010, Population Research
and Policy Review 29:47-63.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import FEMALE, Floats
from dancu.forecast.communes.groups import COUNT, MOTHERS, by_province, older
from dancu.forecast.flows.gravity import likeness

Integers = npt.NDArray[np.int64]

PERSISTENCE = 0.5
"""Share of a commune's departure that is believed to be left after five years, where it cannot be measured."""
_PERSISTENCE_WORTH = 200.0
"""Communes that this belief is worth."""
_LEAST_SD, _MOST_SD = 0.01, 0.5
_MOST = np.log(2.5)


@dataclass(frozen=True)
class Ratios:
    """What was learnt of the changes of cohorts.

    Args:
        cohorts: of the provinces, by the age that is reached (province, sex, group); the first group is not used.
        children: of the provinces, those of 0-4 per woman of 15-49 (province, sex).
        departure: `x` (commune,).
        departure_error: standard deviation of what is not known of it (commune,).
        departure_sd: standard deviation of `x` between communes.
        cells: `w` (commune, sex, group); 1 in the first group.
        cells_worth: `k` of each group (group,).
        mothers: `v` (commune, sex).
        persistence: share of `x` that is left after five years.
    """

    cohorts: Floats
    children: Floats
    departure: Floats
    departure_error: Floats
    departure_sd: float
    cells: Floats
    cells_worth: Floats
    mothers: Floats
    persistence: float


def fit_ratios(before: Floats, now: Floats, province: Integers, earlier: Floats | None = None) -> Ratios:
    """Learn from counts at two dates five years apart, or at three.

    Args:
        before: five years ago (commune, sex, group).
        now: at the last date.
        province: index of the province of each commune, rising.
        earlier: ten years ago, of which it is learnt how long departures last.
    """
    provinces = int(province[-1]) + 1
    moved = older(before)
    cohorts = _divided(by_province(now, province, provinces), by_province(moved, province, provinces))
    expected = moved * cohorts[province]
    departure, error, spread = _departures(now[..., 1:].sum(axis=(1, 2)), expected[..., 1:].sum(axis=(1, 2)))
    expected = expected * np.exp(departure)[:, None, None]
    cells, worth = np.ones_like(now), np.full(COUNT, np.inf)
    for group in range(1, COUNT):
        worth[group] = likeness(now[..., group], expected[..., group])
        cells[..., group] = (now[..., group] + worth[group]) / (expected[..., group] + worth[group])
    children, mothers = _children(now, province, provinces)
    persistence = PERSISTENCE if earlier is None else _persistence(earlier, before, departure, province)
    return Ratios(cohorts, children, departure, error, spread, cells, worth, mothers, persistence)


def _divided(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.ones_like(top), where=bottom > 0)


def _departures(seen: Floats, expected: Floats) -> tuple[Floats, Floats, float]:
    """Return departures drawn to 0, their errors, and their standard deviation between communes."""
    chance = 1 / np.maximum(seen, 1)
    plain = np.log((seen + 0.5) / (expected + 0.5))
    weight = 1 / (chance + 0.01)
    variance = float((weight * (plain**2 - chance)).sum() / weight.sum())
    spread = float(np.clip(np.sqrt(max(variance, 0.0)), _LEAST_SD, _MOST_SD))
    share = spread**2 / (spread**2 + chance)
    return np.clip(share * plain, -_MOST, _MOST), np.sqrt(share * chance), spread


def _children(now: Floats, province: Integers, provinces: int) -> tuple[Floats, Floats]:
    women = now[:, FEMALE, MOTHERS].sum(axis=-1)
    of_province = by_province(now, province, provinces)
    share = _divided(of_province[..., 0], of_province[:, FEMALE, MOTHERS].sum(axis=-1)[:, None])
    expected = women[:, None] * share[province]
    worth = likeness(now[..., 0], expected)
    return share, (now[..., 0] + worth) / (expected + worth)


def _persistence(earlier: Floats, before: Floats, departure: Floats, province: Integers) -> float:
    """Return how much of the departures of the years before is there again, drawn to what is believed."""
    first = fit_ratios(earlier, before, province).departure
    again, squares = float(first @ departure), float(first @ first)
    worth = _PERSISTENCE_WORTH * squares / max(len(first), 1)
    return float(np.clip((again + worth * PERSISTENCE) / max(squares + worth, 1e-12), 0.0, 0.95))
