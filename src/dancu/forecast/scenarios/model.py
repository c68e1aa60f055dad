"""Scenarios: named changes of rates, as data.

A change is of one of three manners, and that decides how changes go together, whatever their order:
first all that say *to* which value a rate goes, then all *factors*, then all *persons* and *years* that are added.
Two changes that take the same rate of the same unit, sex, age and year to a value are in conflict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dancu.forecast.axes import FEMALE, FERTILE, MALE, OLDEST
from dancu.kernel.errors import FieldFault, Invalid

SCHEMA = 1
"""Version of the form in which scenarios are stored."""
_YEARS = range(1900, 2301)
_MOST_NAME = 60


class Kind(StrEnum):
    """What a change is of."""

    FERTILITY = "fertility"
    """Children by a woman; `to` is a TFR."""
    MORTALITY = "mortality"
    """Death rates; `to` is a life expectancy at birth, `add` are years of it."""
    MIGRATION = "migration"
    """Net migrants from abroad; `add` are persons a year, and a factor is of what comes and goes."""
    LEAVING = "leaving"
    """Chances to move to another unit; by factor."""
    DRAWING = "drawing"
    """How a unit draws those who leave others; by factor."""
    TRANSFER = "transfer"
    """Persons who move between units; `add` are persons a year."""


MANNERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.FERTILITY: ("to", "factor", "add"),
    Kind.MORTALITY: ("to", "factor", "add"),
    Kind.MIGRATION: ("factor", "add"),
    Kind.LEAVING: ("factor",),
    Kind.DRAWING: ("factor",),
    Kind.TRANSFER: ("add",),
}
"""In which manners a change of a kind can be told."""
_WITH_AGES = (Kind.FERTILITY, Kind.MORTALITY, Kind.MIGRATION, Kind.TRANSFER)
_RANGES: Mapping[tuple[Kind, str], tuple[float, float]] = {
    (Kind.FERTILITY, "to"): (0.1, 10),
    (Kind.FERTILITY, "add"): (-8, 8),
    (Kind.MORTALITY, "to"): (15, 115),
    (Kind.MORTALITY, "add"): (-60, 40),
    (Kind.MIGRATION, "add"): (-1e8, 1e8),
    (Kind.TRANSFER, "add"): (0, 1e8),
}
_FACTORS = (0.0, 100.0)


@dataclass(frozen=True)
class Change:
    """One change of one kind; exactly one of `to`, `factor` and `add` is given.

    Args:
        kind: what it is of.
        first_year: calendar year in which it begins.
        by: calendar year in which all of it is reached, on a straight line from the year before `first_year`; at once
            by default.
        last_year: calendar year in which it ends; it lasts by default.
        units: whose rates change; all by default. Of a transfer, those that people come to.
        origins: of a transfer, the units that people leave; all others by default.
        ages: first and last age, both included; all by default.
        sexes: 0 for males and 1 for females.
        to: the value that is gone to.
        factor: what the rate is multiplied with.
        add: persons a year, years of life or children by a woman.
    """

    kind: Kind
    first_year: int
    by: int | None = None
    last_year: int | None = None
    units: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    ages: tuple[int, int] = (0, OLDEST)
    sexes: tuple[int, ...] = (MALE, FEMALE)
    to: float | None = None
    factor: float | None = None
    add: float | None = None

    def __post_init__(self) -> None:
        faults = [*self._manner_faults(), *self._time_faults(), *self._scope_faults()]
        if faults:
            raise Invalid(tuple(FieldFault(f"/{name}", told) for name, told in faults))

    @property
    def manner(self) -> str:
        """`to`, `factor` or `add`."""
        return next(name for name in ("to", "factor", "add") if getattr(self, name) is not None)

    @property
    def value(self) -> float:
        """The number that is given."""
        return float(getattr(self, self.manner))

    @property
    def by_or_first(self) -> int:
        """The calendar year in which all of it is reached."""
        return self.first_year if self.by is None else self.by

    def reached(self, year: int) -> float:
        """Return the share of the change that applies in a calendar year, 0..1."""
        if year < self.first_year or (self.last_year is not None and year > self.last_year):
            return 0.0
        return min((year - self.first_year + 1) / (self.by_or_first - self.first_year + 1), 1.0)

    def _manner_faults(self) -> list[tuple[str, str]]:
        given = [name for name in ("to", "factor", "add") if getattr(self, name) is not None]
        can = MANNERS[self.kind]
        if len(given) != 1 or given[0] not in can:
            told = ", ".join(given) or "none"
            return [(given[0] if given else can[0], f"{self.kind} takes one of {', '.join(can)}; given: {told}")]
        low, high = _RANGES.get((self.kind, given[0]), _FACTORS)
        value = getattr(self, given[0])
        if not low <= value <= high:
            return [(given[0], f"{value:g} is not within {low:g} and {high:g}")]
        return []

    def _time_faults(self) -> list[tuple[str, str]]:
        faults = []
        for name in ("first_year", "by", "last_year"):
            year = getattr(self, name)
            if year is not None and year not in _YEARS:
                faults.append((name, f"{year} is no calendar year of {_YEARS.start} to {_YEARS.stop - 1}"))
            elif year is not None and year < self.first_year:
                faults.append((name, f"{year} comes before {self.first_year}, in which the change begins"))
        return faults

    def _scope_faults(self) -> list[tuple[str, str]]:
        faults = []
        first, last = self.ages
        if not 0 <= first <= last <= OLDEST:
            faults.append(("ages", f"are not two ages of 0 to {OLDEST}, the lower one first"))
        elif (first, last) != (0, OLDEST):
            if self.kind not in _WITH_AGES or self.manner_of_rate:
                faults.append(("ages", f"{self.kind} by this manner is of all ages"))
            elif self.kind is Kind.FERTILITY and (last < FERTILE.start or first >= FERTILE.stop):
                faults.append(("ages", f"none of {FERTILE.start} to {FERTILE.stop - 1}, the ages of mothers"))
        if not self.sexes or not set(self.sexes) <= {MALE, FEMALE}:
            faults.append(("sexes", "are none of the two"))
        elif len(self.sexes) == 1 and self.kind in (Kind.FERTILITY, Kind.LEAVING, Kind.DRAWING):
            faults.append(("sexes", f"{self.kind} is of both sexes"))
        if self.origins and self.kind is not Kind.TRANSFER:
            faults.append(("origins", "only a transfer has origins"))
        if self.kind is Kind.TRANSFER and not self.units and not self.origins:
            faults.append(("units", "a transfer needs units that people come to, or origins that they leave"))
        if both := sorted(set(self.units) & set(self.origins)):
            faults.append(("origins", f"{both[0]} is a unit that people come to, too"))
        return faults

    @property
    def manner_of_rate(self) -> bool:
        """Whether it is told of a sum over all ages: a TFR or a life expectancy."""
        summed = self.to is not None or self.add is not None
        return summed and self.kind in (Kind.FERTILITY, Kind.MORTALITY)


@dataclass(frozen=True)
class Scenario:
    """A named set of changes.

    Args:
        name: lower-case letters, digits and hyphens; its file is called so.
        changes: in any order.
        title: what people call it.
        of: names of the scenarios that it was composed of, one for each change; empty where it was not composed.
    """

    name: str
    changes: tuple[Change, ...]
    title: str = ""
    of: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        plain = self.name.replace("-", "")
        if not plain.isascii() or not plain.isalnum() or plain != plain.lower() or len(self.name) > _MOST_NAME:
            told = f"{self.name!r} is not 1 to {_MOST_NAME} lower-case letters, digits and hyphens"
            raise Invalid((FieldFault("/name", told),))

    def source_of(self, at: int) -> str:
        """Return the scenario that a change came from."""
        return self.of[at] if self.of else self.name

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Which kinds of change there are, in the order of `Kind`."""
        there = {change.kind for change in self.changes}
        return tuple(kind for kind in Kind if kind in there)

    def only(self, *kinds: Kind) -> "Scenario":
        """Return the scenario with the changes of some kinds alone."""
        kept = [at for at, change in enumerate(self.changes) if change.kind in kinds]
        of = tuple(self.source_of(at) for at in kept)
        return Scenario(self.name, tuple(self.changes[at] for at in kept), self.title, of)
