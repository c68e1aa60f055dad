"""A model of moves between units: how many leave each unit at which age, where they go, and how both changed.

    leaving[o, s, x] = level[o, group of x] shape[s, x] exp(push[o, t])
    to[g, o, d] exp(pull[d, t]), made to sum to 1 over the destinations

Levels, shapes and shares are of the recent years; `push` and `pull` tell of each past year how it departed from them,
and are what futures are drawn of. Every number is drawn to what is expected without it in proportion to how little was
counted: shares of destinations to gravity, shares of an age group to those of all ages, levels to the nation's, and
the shape by age to a schedule of Rogers and Castro.
"""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect
from dancu.forecast.flows.ages import RogersCastro, fit_rogers_castro
from dancu.forecast.flows.counts import MoveCounts
from dancu.forecast.flows.gravity import Gravity, fit_gravity, likeness, shrunk
from dancu.forecast.moves import OriginDestination
from dancu.forecast.trajectories.draw import Futures
from dancu.forecast.trajectories.rates import MovesOfYear
from dancu.kernel.errors import FieldFault, Invalid

GROUPS = (0, 15, 25, 40, 60)
"""First ages of the groups that have levels and destinations of their own."""
_RECENT = 10
_ROUNDS = 12
_AGE_WORTH, _GROUP_WORTH, _YEAR_WORTH = 50.0, 100.0, 20.0
"""Moves that the expectation of an age, of a destination of a group, and of a year is worth."""


@dataclass(frozen=True)
class FlowModel:
    """A fitted model.

    Args:
        units: names of origins and destinations.
        first_year: calendar year of the first row of `push` and `pull`.
        leaving: share of those present at the end of a year who leave (unit, sex, age), in the recent years.
        to: where they go (group of ages, origin, destination), each row summing to 1.
        push: logarithm of how many more left than that, (year, unit).
        pull: logarithm of how much more a unit drew, (year, unit); sums to 0 over the units.
        gravity: what was expected of origins and destinations.
        schedules: of males and of females.
    """

    units: tuple[str, ...]
    first_year: int
    leaving: Floats
    to: Floats
    push: Floats
    pull: Floats
    gravity: Gravity
    schedules: tuple[RogersCastro, RogersCastro]

    def moves(self, push: Floats, pull: Floats) -> OriginDestination:
        """Return the moves of a year.

        Args:
            push: logarithms (trajectory, unit).
            pull: logarithms (trajectory, unit).
        """
        return OriginDestination(self.leaving, self.to, GROUPS, push=np.exp(push), pull=np.exp(pull))

    def moves_of(self, futures: Futures) -> MovesOfYear:
        """Return the moves of each year and part of the trajectories of futures.

        Raises:
            Invalid: they were drawn without a past of `push` and `pull`.
        """
        push, pull = futures.push, futures.pull
        if push is None or pull is None:
            raise Invalid((FieldFault("/futures/push", "was not drawn; give the past of push and pull"),))
        first = futures.first_year
        return lambda year, part: self.moves(push[year - first, part], pull[year - first, part])


def fit_flows(counts: MoveCounts, exposure: Floats, *, distance: Floats | None = None) -> FlowModel:
    """Fit the model to counted moves.

    Args:
        counts: moves of one year after the other.
        exposure: persons by age at the end of each of these years (year, unit, sex, age).
        distance: between units, if known (origin, destination).

    Raises:
        Invalid: exposures are not those of the years and units of the moves, or a unit has no people.
    """
    years, units = len(counts.years), len(counts.units)
    expect(exposure, (years, units, 2, AGES), "exposure")
    recent = counts.since(counts.first_year + max(years - _RECENT, 0))
    people = exposure[-_RECENT:].sum(axis=0)
    between = recent.summed("origin", "destination")
    gravity = fit_gravity(between, people.sum(axis=(-2, -1)), distance)
    by_age = recent.summed("origin", "sex", "age")
    schedules = _schedules(by_age.sum(axis=0), people.sum(axis=0))
    shape = _shape(by_age.sum(axis=0), people.sum(axis=0), schedules)
    leaving = _leaving(by_age, people, shape)
    to = _to(recent, shrunk(between, gravity))
    push = _push(counts, exposure, leaving)
    pull = _pull(counts, to, by_age)
    return FlowModel(counts.units, counts.first_year, leaving, to, push, pull, gravity, schedules)


def _schedules(moves: Floats, people: Floats) -> tuple[RogersCastro, RogersCastro]:
    return fit_rogers_castro(moves[0], people[0]), fit_rogers_castro(moves[1], people[1])


def _shape(moves: Floats, people: Floats, schedules: tuple[RogersCastro, RogersCastro]) -> Floats:
    expected = people * np.stack([one.rates for one in schedules])
    found = np.stack([one.rates for one in schedules])
    return np.asarray(found * (moves + _AGE_WORTH) / (expected + _AGE_WORTH))


def _grouped(cells: Floats) -> Floats:
    return np.add.reduceat(cells, GROUPS, axis=-1)


def _leaving(moves: Floats, people: Floats, shape: Floats) -> Floats:
    seen = _grouped(moves.sum(axis=1))
    expected = _grouped((people * shape).sum(axis=1))
    worth = likeness(seen, expected)
    level = (seen + worth) / (expected + worth)
    return np.minimum(np.repeat(level, np.diff((*GROUPS, AGES)), axis=-1)[:, None] * shape, 1.0)


def _to(moves: MoveCounts, between: Floats) -> Floats:
    units = len(between)
    total = between.sum(axis=1, keepdims=True)
    apart = (1 - np.eye(units)) / max(units - 1, 1) if units > 1 else np.ones((1, 1))
    share = np.divide(between, total, out=apart.copy(), where=total > 0)
    by_age = np.moveaxis(_grouped(moves.summed("origin", "destination", "age")), -1, 0)
    mixed = by_age + _GROUP_WORTH * share
    return np.asarray(mixed / mixed.sum(axis=-1, keepdims=True))


def _push(counts: MoveCounts, exposure: Floats, leaving: Floats) -> Floats:
    seen = counts.summed("year", "origin")
    expected = (exposure * leaving).sum(axis=(-2, -1))
    return np.asarray(np.log((seen + _YEAR_WORTH) / (expected + _YEAR_WORTH)))


def _pull(counts: MoveCounts, to: Floats, by_age: Floats) -> Floats:
    """Return how each unit drew those who left others, by fitting the arrivals of each year."""
    weight = _grouped(by_age.sum(axis=1)) + 1
    share = np.einsum("og,god->od", weight / weight.sum(axis=1, keepdims=True), to)
    left, came = counts.summed("year", "origin"), counts.summed("year", "destination")
    pull = np.ones_like(came)
    for _ in range(_ROUNDS):
        pulled = share * pull[:, None]
        pulled = pulled / pulled.sum(axis=-1, keepdims=True)
        expected = np.einsum("to,tod->td", left, pulled)
        pull = pull * (came + _YEAR_WORTH) / (expected + _YEAR_WORTH)
        pull = pull / np.exp(np.log(pull).mean(axis=-1, keepdims=True))
    return np.asarray(np.log(pull))
