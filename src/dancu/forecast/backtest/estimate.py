"""From counts to what a forecast needs: the courses of TFR, life expectancy and migration, and schedules by age.

- Fertility: the shape by age is the nation's of the last five years; TFR of a unit and year is its births over those
  that its women would have by that shape.
- Mortality: the rates by age are the nation's of the last ten years, smoothed over ages; units and years differ from
  them by one factor for each sex, drawn to the nation's where few died.
- Migration: what births, deaths and counted moves leave unexplained is migration from outside; where moves were not
  counted, it is all migration.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dancu.forecast.axes import AGES, FEMALE, FERTILE, Floats
from dancu.forecast.backtest.history import History
from dancu.forecast.flows import FlowModel, fit_flows
from dancu.forecast.flows.gravity import likeness
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.model_tables import log_quadratic
from dancu.forecast.trajectories import Past
from dancu.forecast.trajectories.rates import standard_migrants
from dancu.kernel.errors import FieldFault, Invalid

_SHAPE_YEARS = 5
_DEATH_YEARS = 10
_YEARS_WORTH = 200.0
"""Person-years at an age that the rate of a model life table is worth."""
_MIGRANT_WORTH = 2000.0
_OLD, _OLDEST_SEEN = 80, 95
_STANDARD_MOTHERS = np.exp(-(((np.arange(45) + 10.5 - 27.5) / 5.8) ** 2) / 2)


@dataclass(frozen=True)
class Estimates:
    """What the counts of a history say.

    Args:
        history: the counts.
        mothers: share of each age in the TFR (45,).
        mx: death rates of the nation by sex and age (sex, age).
        ratio: of the death rates of a unit and year to those (year, unit, sex).
        tfr: (year, unit).
        migration: from outside, net, per inhabitant (year, unit).
        migrants: shares of them by sex and age, summing to 1 in a unit (unit, sex, age).
        flows: the model of moves; None where they were not counted.
    """

    history: History
    mothers: Floats
    mx: Floats
    ratio: Floats
    tfr: Floats
    migration: Floats
    migrants: Floats
    flows: FlowModel | None

    @cached_property
    def life_expectancy(self) -> Floats:
        """At birth, by unit and year (year, unit, sex)."""
        return life_table(self.mx * self.ratio[..., None]).e0

    @cached_property
    def past(self) -> Past:
        """The past that futures are drawn of."""
        return Past(
            last_year=self.history.years.stop - 1,
            tfr=self.tfr,
            life_expectancy=self.life_expectancy,
            migration=self.migration,
            push=None if self.flows is None else self.flows.push,
            pull=None if self.flows is None else self.flows.pull,
            registered=True,
        )


def estimate(history: History) -> Estimates:
    """Estimate all of it.

    Raises:
        Invalid: nobody was born or nobody died in all of the last ten years.
    """
    for name in ("births", "deaths"):
        if not getattr(history, name)[-_DEATH_YEARS:].any():
            raise Invalid((FieldFault(f"/{name}", f"there were none in the last {_DEATH_YEARS} years"),))
    mothers = _mothers(history)
    mx = _nation_mx(history)
    unexplained = history.unexplained()
    people = (history.stock[:-1] + history.stock[1:]).sum(axis=(-2, -1)) / 2
    return Estimates(
        history=history,
        mothers=mothers,
        mx=mx,
        ratio=_ratio(history, mx),
        tfr=_tfr(history, mothers),
        migration=unexplained.sum(axis=(-2, -1)) / np.maximum(people, 1),
        migrants=_migrants(unexplained),
        flows=None if history.moves is None else _flows(history),
    )


def _women(history: History) -> Floats:
    women = history.stock[:, :, FEMALE, FERTILE]
    return np.asarray((women[:-1] + women[1:]) / 2)


def _mothers(history: History) -> Floats:
    if history.mothers is None:
        return np.asarray(_STANDARD_MOTHERS / _STANDARD_MOTHERS.sum())
    births = history.mothers[-_SHAPE_YEARS:].sum(axis=(0, 1))
    women = _women(history)[-_SHAPE_YEARS:].sum(axis=(0, 1))
    rates = births / np.maximum(women, 1)
    return np.asarray(rates / max(rates.sum(), 1e-12))


def _tfr(history: History, mothers: Floats) -> Floats:
    expected = _women(history) @ mothers
    return np.asarray(np.maximum(history.births.sum(axis=-1), 0.5) / np.maximum(expected, 0.5))


def _exposure(history: History) -> Floats:
    """Person-years by age at the end of the year (year, unit, sex, age)."""
    start = np.zeros_like(history.deaths)
    start[..., 0] = history.births
    start[..., 1:] = history.stock[:-1, ..., :-1]
    start[..., -1] += history.stock[:-1, ..., -1]
    lived = start - history.deaths / 2
    lived[..., 0] /= 2
    return np.asarray(np.maximum(lived, 0))


def _nation_mx(history: History) -> Floats:
    """Death rates by completed age, from those of cohorts around each birthday."""
    deaths = history.deaths[-_DEATH_YEARS:].sum(axis=(0, 1))
    lived = _exposure(history)[-_DEATH_YEARS:].sum(axis=(0, 1))
    likely = model_rates()
    cohort = (_smoothed(deaths) + _YEARS_WORTH * likely) / (_smoothed(lived) + _YEARS_WORTH)
    mx = np.empty_like(cohort)
    mx[:, 1:-1] = (cohort[:, 1:-1] + cohort[:, 2:]) / 2
    mx[:, -1] = cohort[:, -1]
    # Nearly all who die under one year of age die in the first weeks, so in the year of their birth.
    born = history.births[-_DEATH_YEARS:].sum(axis=(0, 1))
    mx[:, 0] = (deaths[:, 0] / 0.86 + _YEARS_WORTH * likely[:, 0]) / (born + _YEARS_WORTH)
    return np.maximum(_extended(mx), 1e-6)


def model_rates() -> Floats:
    """Return death rates of a model life table (sex, age), for what too few are known of.

    Life expectancies are 72 years of men and 77 of women; little hangs on them, since a factor of level is fitted.
    """
    return log_quadratic().at(np.array((72.0, 77.0)))


def _smoothed(cells: Floats) -> Floats:
    """Sums over five ages weighted 1, 2, 3, 2, 1; single ages to 4."""
    padded = np.concatenate((cells, np.repeat(cells[:, -1:], 2, axis=1)), axis=1)
    out = cells.copy()
    weights = (1, 2, 3, 2, 1)
    out[:, 5:] = sum(weight * padded[:, 3 + at : 3 + at + AGES - 5] for at, weight in enumerate(weights))
    return out


def _extended(mx: Floats) -> Floats:
    """Go on above the ages of which much was seen, by a line of the logit (Kannisto)."""
    ages = np.arange(_OLD, _OLDEST_SEEN)
    for sex in range(2):
        seen = np.clip(mx[sex, ages], 1e-4, 0.95)
        slope, level = np.polyfit(ages - _OLD, np.log(seen / (1 - seen)), 1)
        logit = level + np.clip(slope, 0.05, 0.2) * (np.arange(_OLDEST_SEEN, AGES) - _OLD)
        mx[sex, _OLDEST_SEEN:] = 1 / (1 + np.exp(-logit))
    return mx


def _ratio(history: History, mx: Floats) -> Floats:
    around = np.concatenate((mx[:, :1], (mx[:, 1:] + mx[:, :-1]) / 2), axis=1)
    around[:, 0] = 2 * mx[:, 0] * 0.86  # half a year is lived on the average in the year of birth
    expected = (_exposure(history) * around).sum(axis=-1)
    seen = history.deaths.sum(axis=-1)
    nation = (seen.sum(axis=1, keepdims=True) + 1) / (expected.sum(axis=1, keepdims=True) + 1)
    own = seen.sum(axis=0) / np.maximum((expected * nation).sum(axis=0), 1e-9)
    worth = likeness(seen.sum(axis=0), (expected * nation).sum(axis=0))
    own = (own * seen.sum(axis=0) + worth) / (seen.sum(axis=0) + worth)
    likely = expected * nation * own
    worth = likeness(seen, likely)
    return np.asarray(nation * own * (seen + worth) / (likely + worth))


def _migrants(unexplained: Floats) -> Floats:
    """Return the shares of ages in net migration, drawn to a standard where little is known or gains meet losses."""
    recent = unexplained[-_DEATH_YEARS:].sum(axis=0)
    total = recent.sum(axis=(-2, -1), keepdims=True)
    turnover = np.abs(recent).sum(axis=(-2, -1), keepdims=True) + 1e-9
    clear = np.abs(total) / turnover
    own = np.divide(recent, total, out=np.zeros_like(recent), where=np.abs(total) > 1)
    nation = recent.sum(axis=0)
    common = np.abs(nation).sum() + 1e-9
    national = nation / nation.sum() if abs(nation.sum()) > common / 2 else standard_migrants()
    known = clear**2 * np.abs(total) / (np.abs(total) + _MIGRANT_WORTH) * (clear > 0.5)
    return np.asarray(known * own + (1 - known) * national)


def _flows(history: History) -> FlowModel | None:
    if history.moves is None:
        return None
    after = history.stock[1:] - history.internal
    return fit_flows(history.moves, np.maximum(after[: len(history.moves.years)], 0), distance=history.distance)
