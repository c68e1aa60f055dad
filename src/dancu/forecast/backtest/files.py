"""The past of units in a folder of long tables, as CSV or Parquet.

- `population`: year, unit, sex, age, persons at 1 January; without sex and age these are totals.
- `births`: year, unit, sex, count, and age of the mother where it is known.
- `deaths`: year, unit, sex, age, count.
- `moves` (may be left out): year, origin, destination, age, sex, count.
- `distances` (may be left out): origin, destination, km.

Ages are those reached in the year of the event. The last age may be open, such as `85+`: the oldest are then spread
like the survivors of a model life table.
"""

from pathlib import Path

import numpy as np

from dancu.forecast.axes import AGES, FERTILE, FERTILE_AGES, Floats
from dancu.forecast.backtest.estimate import model_rates
from dancu.forecast.backtest.history import History, Totals
from dancu.forecast.flows.columns import Columns, Integers
from dancu.forecast.flows.counts import MoveCounts, read_moves
from dancu.forecast.schedules.open_age import spread_open
from dancu.kernel.errors import FieldFault, Invalid, NotFound

_ENDINGS = (".csv", ".parquet", ".tsv", ".txt")


def read_history(folder: Path) -> History | Totals:
    """Read the past of units.

    Args:
        folder: holds the tables.

    Returns:
        Totals where the population has no ages.

    Raises:
        NotFound: a table is missing.
        Invalid: a cell is wrong, or a year of a unit is missing; names the place.
    """
    people = Columns.read(_path(folder, "population"), ("year", "unit", "persons"))
    units = people.names("unit")
    known = {name: at for at, name in enumerate(units)}
    first = int(people.wholes("year").min())
    at = _years(people, units, known, first)
    if not people.has("age"):
        totals = np.zeros((int(at.max()) + 1, len(units)))
        np.add.at(totals, (at, people.units("unit", known)), people.counts("persons"))
        return Totals(units, first, totals)
    stock = _cells(people, known, at, "persons")
    years = len(stock) - 1
    if years < 1:
        raise Invalid((FieldFault(f"{people.name}/year", "one 1 January is no past"),))
    births, mothers = _births(_path(folder, "births"), known, first, years)
    open_age = int(people.ages("age").max())
    deaths = _events(_path(folder, "deaths"), known, first, years)
    return History(
        units=units,
        first_year=first,
        stock=_spread(stock, open_age),
        births=births,
        deaths=_spread_deaths(deaths, _spread(stock, open_age), open_age),
        mothers=mothers,
        moves=_moves(folder, units, first, years),
        distance=_distances(folder, known),
    )


def _path(folder: Path, name: str) -> Path:
    if found := _found(folder, name):
        return found
    raise NotFound(f"There is no table {name} in {folder} (one of {', '.join(name + ending for ending in _ENDINGS)})")


def _found(folder: Path, name: str) -> Path | None:
    return next((path for ending in _ENDINGS if (path := folder / f"{name}{ending}").is_file()), None)


def _years(table: Columns, units: tuple[str, ...], known: dict[str, int], first: int) -> Integers:
    """Return the years as indices; each year must have each unit."""
    at = table.wholes("year") - first
    there = np.zeros((int(at.max()) + 1, len(units)), bool)
    there[at, table.units("unit", known)] = True
    if not there.all():
        year, unit = np.argwhere(~there)[0]
        raise Invalid((FieldFault(f"{table.name}/year", f"{units[unit]} is missing in {first + year}"),))
    return at


def _within(table: Columns, first: int, years: int) -> Integers:
    """Return the years of events as indices; they must be those of the population."""
    at = table.wholes("year") - first
    outside = (at < 0) | (at >= years)
    if outside.any():
        line = int(outside.argmax())
        told = f"{first + at[line]} is not one of {first} to {first + years - 1}, between two 1 Januaries"
        raise Invalid((FieldFault(f"{table.name}/line {line + 2}/year", told),))
    seen = np.bincount(at, minlength=years)
    if not seen.all():
        raise Invalid((FieldFault(f"{table.name}/year", f"missing: {first + int((seen == 0).argmax())}"),))
    return at


def _cells(table: Columns, known: dict[str, int], at: Integers, column: str, years: int | None = None) -> Floats:
    """Return a table as (year, unit, sex, age)."""
    cells = np.zeros((years or int(at.max()) + 1, len(known), 2, AGES))
    np.add.at(cells, (at, table.units("unit", known), table.sexes("sex"), table.ages("age")), table.counts(column))
    return cells


def _events(path: Path, known: dict[str, int], first: int, years: int) -> Floats:
    table = Columns.read(path, ("year", "unit", "sex", "age", "count"))
    return _cells(table, known, _within(table, first, years), "count", years)


def _births(path: Path, known: dict[str, int], first: int, years: int) -> tuple[Floats, Floats | None]:
    """Return births by sex, and by age of the mother where it is known."""
    table = Columns.read(path, ("year", "unit", "sex", "count"))
    at, unit, count = _within(table, first, years), table.units("unit", known), table.counts("count")
    births = np.zeros((years, len(known), 2))
    np.add.at(births, (at, unit, table.sexes("sex")), count)
    if not table.has("age"):
        return births, None
    mothers = np.zeros((years, len(known), FERTILE_AGES))
    age = np.clip(table.ages("age"), FERTILE.start, FERTILE.stop - 1) - FERTILE.start
    np.add.at(mothers, (at, unit, age), count)
    return births, mothers


def _spread(stock: Floats, open_age: int) -> Floats:
    return stock if open_age == AGES - 1 else spread_open(stock[..., : open_age + 1], model_rates())


def _spread_deaths(deaths: Floats, stock: Floats, open_age: int) -> Floats:
    """Spread deaths of the open group over its ages like those that a model life table would have of its people."""
    if open_age == AGES - 1:
        return deaths
    likely = stock[:-1, ..., open_age:] * model_rates()[:, open_age:] + 1e-9
    total = deaths[..., open_age:].sum(axis=-1, keepdims=True)
    spread = total * likely / likely.sum(axis=-1, keepdims=True)
    return np.concatenate((deaths[..., :open_age], spread), axis=-1)


def _moves(folder: Path, units: tuple[str, ...], first: int, years: int) -> MoveCounts | None:
    path = _found(folder, "moves")
    if path is None:
        return None
    counts = read_moves(path, units=units)
    if counts.years != range(first, first + years):
        told = f"are of {counts.years[0]} to {counts.years[-1]}, not {first} to {first + years - 1}"
        raise Invalid((FieldFault(f"{path.name}/year", told),))
    return counts


def _distances(folder: Path, known: dict[str, int]) -> Floats | None:
    path = _found(folder, "distances")
    if path is None:
        return None
    table = Columns.read(path, ("origin", "destination", "km"))
    km = np.zeros((len(known), len(known)))
    origin, destination = table.units("origin", known), table.units("destination", known)
    km[origin, destination] = table.counts("km")
    km = np.maximum(km, km.T)
    if not np.all(km[~np.eye(len(known), dtype=bool)] > 0):
        missing = np.argwhere((km <= 0) & ~np.eye(len(known), dtype=bool))[0]
        names = list(known)
        told = f"{names[missing[0]]} to {names[missing[1]]} is missing"
        raise Invalid((FieldFault(f"{path.name}/km", told),))
    return km
