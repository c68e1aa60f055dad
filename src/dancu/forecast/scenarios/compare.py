"""What scenarios do to a forecast: the difference, and how much of it comes from which kind of change.

The share of a kind is its Shapley value: the mean of what it adds over all orders in which the kinds can be put in.
So the shares sum to the difference exactly, and no order is given a preference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.model import Keep, Population, Projection, Rates
from dancu.forecast.project import project
from dancu.forecast.scenarios.apply import apply
from dancu.forecast.scenarios.model import Kind, Scenario

Measure = Callable[[Projection], Floats]
"""What is compared, such as `total_people`."""


@dataclass(frozen=True)
class Comparison:
    """Two forecasts from one base.

    Args:
        first_year: year of the first stock.
        without: the measure without the scenario; (year, unit) for `total_people`.
        with_it: the same with it.
        by_kind: what each kind of change adds, of the same axes; they sum to the difference.
    """

    first_year: int
    without: Floats
    with_it: Floats
    by_kind: dict[Kind, Floats]

    @property
    def difference(self) -> Floats:
        """What the scenario adds."""
        return np.asarray(self.with_it - self.without)


def total_people(projection: Projection) -> Floats:
    """Return persons of both sexes and all ages at 1 January (year, unit)."""
    return projection.total


def compare(
    base: Population,
    rates: Rates,
    scenario: Scenario,
    *,
    until: int,
    against: Scenario | None = None,
    measure: Measure = total_people,
    keep: Keep | None = None,
) -> Comparison:
    """Compare a scenario with another one, or with none.

    Args:
        base: people at 1 January of its year.
        rates: of every year to `until`, without any scenario.
        scenario: what changes.
        until: year of the last stock.
        against: what it is compared with; the rates as they are by default.
        measure: what is compared.
        keep: what projections remember; all ages and components by default.
    """
    known: dict[frozenset[Kind], Floats] = {}

    def outcome(taken: frozenset[Kind]) -> Floats:
        """What is measured where the kinds taken are as in the scenario, and others as in what it is compared with."""
        if taken not in known:
            known[taken] = measure(
                project(base, apply(_mixed(scenario, against, taken), rates), until=until, keep=keep)
            )
        return known[taken]

    kinds = tuple(dict.fromkeys((*scenario.kinds, *(against.kinds if against else ()))))
    shares = {kind: _shapley(kind, kinds, outcome) for kind in kinds}
    return Comparison(base.year, outcome(frozenset()), outcome(frozenset(kinds)), shares)


def _mixed(scenario: Scenario, against: Scenario | None, taken: frozenset[Kind]) -> Scenario:
    others = against.only(*(kind for kind in Kind if kind not in taken)).changes if against else ()
    return Scenario(scenario.name, scenario.only(*taken).changes + others)


def _shapley(kind: Kind, kinds: tuple[Kind, ...], outcome: Callable[[frozenset[Kind]], Floats]) -> Floats:
    others = [one for one in kinds if one is not kind]
    total = np.zeros_like(outcome(frozenset()))
    for number in range(len(kinds)):
        weight = factorial(number) * factorial(len(others) - number) / factorial(len(kinds))
        for some in combinations(others, number):
            total = total + weight * (outcome(frozenset((*some, kind))) - outcome(frozenset(some)))
    return total
