"""What indicators need and a population does not tell: rates, ratios and norms from elsewhere, with their source."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import numpy as np

from dancu.forecast.axes import AGES, SEXES, Floats
from dancu.kernel.errors import FieldFault, Invalid

COLUMNS = ("name", "unit", "sex", "age_from", "age_to", "year", "value", "source")


@dataclass(frozen=True)
class Stated:
    """One stated value.

    Args:
        unit: '' for every unit that none is stated for.
        sex: 0 male, 1 female, None for both.
        ages: completed years, from and to, both included.
        year: from its neighbours in time, values of years between are interpolated; the first and the last hold on.
    """

    name: str
    unit: str
    sex: int | None
    ages: tuple[int, int]
    year: int
    value: float
    source: str


Imports = Mapping[str, Sequence[Stated]]
"""Stated values by their name."""


def shipped() -> Imports:
    """Return the norms of schools, housing and immunisation that are published as law, each with its source."""
    text = files("dancu.forecast.indicators").joinpath("norms.csv").read_text(encoding="utf-8")
    return _by_name(_read(text.splitlines()))


def read_imports(path: Path) -> Imports:
    """Read stated values from a CSV file with the columns `COLUMNS`.

    Raises:
        Invalid: names each line and column that can't be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _by_name(_read(file))


def together(*imports: Imports) -> Imports:
    """Return the values of all; a later one replaces all of an earlier one's of the same name."""
    found: dict[str, Sequence[Stated]] = {}
    for one in imports:
        found |= one
    return found


def grid(stated: Sequence[Stated], years: range, units: Sequence[str]) -> Floats:
    """Return values for every year, unit, sex and age `(year, unit, sex, age)`; 0 where nothing is stated.

    A unit for which anything is stated has those values alone.
    """
    own = {one.unit for one in stated}
    by_unit = {unit: _of_unit([s for s in stated if s.unit == unit], years) for unit in own}
    nothing = np.zeros((len(years), len(SEXES), AGES))
    return np.stack([by_unit.get(unit, by_unit.get("", nothing)) for unit in units], axis=1)


def _of_unit(stated: Sequence[Stated], years: range) -> Floats:
    values = np.zeros((len(years), len(SEXES), AGES))
    ordered = sorted(stated, key=lambda s: (s.ages, -1 if s.sex is None else s.sex, s.year))
    for (ages, sex), group in groupby(ordered, key=lambda s: (s.ages, s.sex)):
        points = list(group)
        course = np.interp(list(years), [p.year for p in points], [p.value for p in points])
        sexes = slice(None) if sex is None else slice(sex, sex + 1)
        values[:, sexes, ages[0] : ages[1] + 1] = course[:, None, None]
    return values


def _by_name(stated: Iterable[Stated]) -> Imports:
    found: dict[str, list[Stated]] = {}
    for one in stated:
        found.setdefault(one.name, []).append(one)
    return found


def _read(lines: Iterable[str]) -> list[Stated]:
    rows = csv.DictReader(lines)
    if missing := [one for one in COLUMNS if one not in (rows.fieldnames or ())]:
        raise Invalid(tuple(FieldFault(f"/{one}", "The column is missing") for one in missing))
    stated, faults = list[Stated](), list[FieldFault]()
    for row in rows:
        try:
            stated.append(_stated(row))
        except _Unreadable as fault:
            faults.append(FieldFault(f"/line {rows.line_num}/{fault.column}", fault.why))
    if faults:
        raise Invalid(tuple(faults))
    return stated


class _Unreadable(Exception):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column, self.why = column, why


def _stated(row: Mapping[str, str]) -> Stated:
    ages = _number(row, "age_from", default=0), _number(row, "age_to", default=AGES - 1)
    if not 0 <= ages[0] <= ages[1] < AGES:
        raise _Unreadable("age_to", f"Ages must rise within 0 to {AGES - 1}")
    if row["sex"] not in {"", *SEXES}:
        raise _Unreadable("sex", "Write male, female, or nothing for both")
    if not row["name"] or not row["source"]:
        raise _Unreadable("source" if row["name"] else "name", "Must not be empty")
    value = _decimal(row, "value")
    sex = SEXES.index(row["sex"]) if row["sex"] else None
    return Stated(row["name"], row["unit"], sex, ages, _number(row, "year"), value, row["source"])


def _number(row: Mapping[str, str], column: str, default: int | None = None) -> int:
    text = row[column]
    if not text and default is not None:
        return default
    if not text.isdecimal():
        raise _Unreadable(column, "Write a whole number")
    return int(text)


def _decimal(row: Mapping[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError as error:
        raise _Unreadable(column, "Write a number with a decimal point") from error
    if not 0 <= value < float("inf"):
        raise _Unreadable(column, "Must be 0 or more")
    return value
