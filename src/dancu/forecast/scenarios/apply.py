"""Rates as a scenario changes them: of one course, or of all trajectories at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dancu.forecast.axes import AGES, FERTILE, FERTILE_AGES, Floats
from dancu.forecast.flows.transfers import Transfer, WithTransfers
from dancu.forecast.life_table import life_table
from dancu.forecast.model import Moves, Rates, RateSource, YearRates
from dancu.forecast.moves import OriginDestination
from dancu.forecast.scenarios.compose import check, check_units
from dancu.forecast.scenarios.model import Change, Kind, Scenario
from dancu.forecast.trajectories.rates import readiness, standard_migrants
from dancu.kernel.errors import FieldFault, Invalid

_HIGHEST_MX = 5.0
_SECANTS = 12
_CLOSE = 1e-6


def apply(scenario: Scenario, rates: Rates) -> Rates:
    """Return rates with the changes of a scenario.

    Raises:
        Conflict: two changes set the same rate.
        Invalid: a unit is not one of the rates', or moves are changed where none are known.
    """
    check(scenario)
    check_units(scenario, rates.units)
    return replace(
        rates,
        mx=_mortality(scenario, rates),
        asfr=_fertility(scenario, rates),
        net=_net(scenario, rates),
        moves=_moves(scenario, rates),
    )


@dataclass(frozen=True)
class ScenarioRates:
    """Rates of trajectories, each changed by as much as a scenario changes a central course.

    Args:
        source: the rates of all trajectories.
        scenario: what changes.
        before: the central course.
        after: the same with the scenario.
    """

    source: RateSource
    scenario: Scenario
    before: Rates
    after: Rates

    @property
    def units(self) -> tuple[str, ...]:
        """The units, in the order of the axis."""
        return self.source.units

    @property
    def years(self) -> range:
        """The calendar years that are known."""
        return self.source.years

    @property
    def trajectories(self) -> int | None:
        """How many trajectories there are; None where there is one course only."""
        return self.source.trajectories

    def in_year(self, year: int, part: slice) -> YearRates:
        """Return the rates of a calendar year for a part of the trajectories."""
        rates = self.source.in_year(year, part)
        t = year - self.before.first_year
        fertility = self.after.asfr[t] / np.maximum(self.before.asfr[t], 1e-12)
        # A survival ratio is exp(-m) for a small rate m, so its power multiplies the rate.
        mortality = self.after.mx[t] / self.before.mx[t]
        return replace(
            rates,
            asfr=rates.asfr * fertility,
            survival=rates.survival if np.all(mortality == 1) else rates.survival**mortality,
            net=_more(rates.net, _change_of_net(self.before, self.after, t)),
            moves=_moves_of_year(self.scenario, rates.moves, year, self.units),
        )


def applied(scenario: Scenario, source: RateSource, central: Rates) -> ScenarioRates:
    """Return rates of trajectories with the changes of a scenario.

    Args:
        scenario: what changes.
        source: the rates of all trajectories.
        central: the course that the changes are worked out on, such as the medians; of the same units, and of all
            years of the source.

    Raises:
        Conflict: two changes set the same rate.
        Invalid: a unit is not one of the rates', or years are missing.
    """
    years = source.years
    if central.units != source.units or years.start < central.years.start or years.stop > central.years.stop:
        raise Invalid((FieldFault("/central", "is not of the units and years of the source"),))
    still = replace(central, moves=())
    steady = Scenario(
        scenario.name,
        tuple(one for one in scenario.changes if one.kind not in (Kind.LEAVING, Kind.DRAWING, Kind.TRANSFER)),
    )
    check(scenario)
    check_units(scenario, source.units)
    return ScenarioRates(source, scenario, still, apply(steady, still))


def _chosen(change: Change, units: Sequence[str]) -> Floats:
    """Return 1 for the units of a change (unit,)."""
    return np.array([1.0 if not change.units or unit in change.units else 0.0 for unit in units])


def _cells(change: Change) -> Floats:
    """Return 1 for the sexes and ages of a change (sex, age)."""
    cells = np.zeros((2, AGES))
    cells[np.ix_(change.sexes, range(change.ages[0], change.ages[1] + 1))] = 1
    return cells


def _reached(change: Change, years: range) -> Floats:
    return np.array([change.reached(year) for year in years])


def _of(scenario: Scenario, kind: Kind, manner: str) -> list[Change]:
    """Return the changes of a kind and manner, the earlier ones first: a later one goes on from where they led."""
    found = [one for one in scenario.changes if one.kind is kind and one.manner == manner]
    return sorted(found, key=lambda one: one.first_year)


def _course_to(change: Change, course: Floats, years: range) -> Floats:
    """Return a course (year, ...) that goes to a value on a straight line from where it was before the change.

    Years of the change are replaced, all others are as they were.
    """
    out = course.copy()
    before = course[min(max(change.first_year - 1 - years.start, 0), len(years) - 1)]
    for t, share in enumerate(_reached(change, years)):
        if share > 0:
            out[t] = before + share * (change.value - before)
    return out


def _fertility(scenario: Scenario, rates: Rates) -> Floats:
    asfr, years = rates.asfr.copy(), rates.years
    for change in _of(scenario, Kind.FERTILITY, "to"):
        tfr = asfr.sum(axis=-1)
        goal = _course_to(change, tfr, years)
        scale = np.where(_chosen(change, rates.units) > 0, goal / np.maximum(tfr, 1e-12), 1.0)
        asfr = asfr * scale[..., None]
    mothers = np.arange(FERTILE.start, FERTILE.stop)
    for change in _of(scenario, Kind.FERTILITY, "factor"):
        of_age = (mothers >= change.ages[0]) & (mothers <= change.ages[1])
        cells = _chosen(change, rates.units)[:, None] * of_age
        asfr = asfr * (1 + (change.value - 1) * _reached(change, years)[:, None, None] * cells)
    added = np.zeros(asfr.shape[:2])
    for change in _of(scenario, Kind.FERTILITY, "add"):
        added = added + change.value * _reached(change, years)[:, None] * _chosen(change, rates.units)
    tfr = asfr.sum(axis=-1)
    even = np.full(FERTILE_AGES, 1 / FERTILE_AGES)
    shape = np.where(tfr[..., None] > 0, asfr / np.maximum(tfr[..., None], 1e-12), even)
    return np.asarray(shape * np.maximum(tfr + added, 0)[..., None])


def _mortality(scenario: Scenario, rates: Rates) -> Floats:
    years = rates.years
    mx = rates.mx
    goals = _of(scenario, Kind.MORTALITY, "to")
    added = _of(scenario, Kind.MORTALITY, "add")
    if goals:
        mx = _bent(mx, _goal(goals, life_table(mx).e0, rates))
    for change in _of(scenario, Kind.MORTALITY, "factor"):
        cells = _chosen(change, rates.units)[:, None, None] * _cells(change)
        mx = mx * (1 + (change.value - 1) * _reached(change, years)[:, None, None, None] * cells)
    mx = np.clip(mx, 1e-9, _HIGHEST_MX) if mx is not rates.mx else mx
    if added:
        e0 = life_table(mx).e0
        for change in added:
            sexes = np.isin(np.arange(2), change.sexes)
            e0 = e0 + change.value * _reached(change, years)[:, None, None] * (
                _chosen(change, rates.units)[:, None] * sexes
            )
        mx = _bent(mx, e0)
    return mx


def _goal(goals: Sequence[Change], e0: Floats, rates: Rates) -> Floats:
    """Return life expectancies (year, unit, sex) that go to the values of changes."""
    out = e0
    for change in goals:
        chosen = (_chosen(change, rates.units)[:, None] * np.isin(np.arange(2), change.sexes)) > 0
        out = np.where(chosen, _course_to(change, out, rates.years), out)
    return out


def _bent(mx: Floats, e0: Floats) -> Floats:
    """Return death rates whose life tables have given life expectancies; years that keep theirs stay as they are.

    The level of `exp(-k readiness)` is found by secants, for all years, units and sexes at once.
    """
    ready = readiness()
    now = life_table(mx).e0
    moved = np.abs(e0 - now) > _CLOSE
    level, other = np.zeros_like(e0), np.where(e0 > now, 0.05, -0.05)
    found, there = now, life_table(mx * np.exp(-other[..., None] * ready)).e0
    for _ in range(_SECANTS):
        slope = np.where(np.abs(there - found) > _CLOSE, (there - found) / (other - level + 1e-300), 1.0)
        then = np.clip(other + np.clip((e0 - there) / slope, -1.0, 1.0), -6.0, 12.0)
        level, found, other = other, there, then
        there = life_table(mx * np.exp(-other[..., None] * ready)).e0
        if np.all(np.abs(there - e0)[moved] < _CLOSE):
            break
    return np.where(moved[..., None], mx * np.exp(-other[..., None] * ready), mx)


def _net(scenario: Scenario, rates: Rates) -> Floats | None:
    factors, added = _of(scenario, Kind.MIGRATION, "factor"), _of(scenario, Kind.MIGRATION, "add")
    if not added and (not factors or rates.net is None):
        return rates.net
    net = np.zeros(rates.mx.shape) if rates.net is None else rates.net
    for change in factors:
        cells = _chosen(change, rates.units)[:, None, None] * _cells(change)
        net = net * (1 + (change.value - 1) * _reached(change, rates.years)[:, None, None, None] * cells)
    for change in added:
        shares = standard_migrants() * _cells(change)
        shares = shares / shares.sum() if shares.sum() > 0 else _cells(change) / _cells(change).sum()
        units = _chosen(change, rates.units)
        persons = change.value * _reached(change, rates.years)[:, None] * units / max(units.sum(), 1)
        net = net + persons[..., None, None] * shares
    return np.asarray(net)


def _change_of_net(before: Rates, after: Rates, t: int) -> Floats | None:
    if after.net is None:
        return None
    return np.asarray(after.net[t] if before.net is None else after.net[t] - before.net[t])


def _more(net: Floats | None, change: Floats | None) -> Floats | None:
    if net is None or change is None:
        return change if net is None else net
    return net + change


def _moves(scenario: Scenario, rates: Rates) -> tuple[Moves, ...]:
    kinds = (Kind.LEAVING, Kind.DRAWING, Kind.TRANSFER)
    if not any(change.kind in kinds for change in scenario.changes):
        return tuple(rates.moves)
    return tuple(
        _some(_moves_of_year(scenario, rates.moves[t] if rates.moves else None, year, rates.units), rates.units)
        for t, year in enumerate(rates.years)
    )


def _some(moves: Moves | None, units: tuple[str, ...]) -> Moves:
    return WithTransfers(None, (), units) if moves is None else moves


def _moves_of_year(scenario: Scenario, moves: Moves | None, year: int, units: tuple[str, ...]) -> Moves | None:
    """Return the moves of a year: those that are, with factors on leaving and drawing, and transfers on top."""
    for kind in (Kind.LEAVING, Kind.DRAWING):
        changes = [one for one in _of(scenario, kind, "factor") if one.reached(year) > 0]
        if not changes:
            continue
        if not isinstance(moves, OriginDestination):
            raise Invalid((FieldFault(f"/change/{scenario.changes.index(changes[0])}/kind", "no moves are known"),))
        factor = np.ones(len(units))
        for change in changes:
            factor = factor * (1 + (change.value - 1) * change.reached(year) * _chosen(change, units))
        moves = _with_factor(moves, kind, factor)
    transfers = tuple(
        _transfer(change, year) for change in _of(scenario, Kind.TRANSFER, "add") if change.reached(year) > 0
    )
    return WithTransfers(moves, transfers, units) if transfers else moves


def _with_factor(moves: OriginDestination, kind: Kind, factor: Floats) -> OriginDestination:
    if kind is Kind.LEAVING:
        return replace(moves, push=factor[None] if moves.push is None else moves.push * factor)
    return replace(moves, pull=factor[None] if moves.pull is None else moves.pull * factor)


def _transfer(change: Change, year: int) -> Transfer:
    share = 1 / max(len(change.units), 1)
    return Transfer(
        persons=change.value * change.reached(year),
        first_year=year,
        last_year=year,
        origins=change.origins,
        destinations=dict.fromkeys(change.units, share),
        ages=change.ages,
        sexes=change.sexes,
    )
