"""Two shapes of printed tables: units by years, and ages by sexes.

Rows that hold the sum of others (the nation, regions) are known by that they do, and checked: a row that is called a
total and is not the sum of what it should hold is an error, and is named.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import SEXES, Floats
from dancu.forecast.statistical.cells import Sheet, decimal_mark, number
from dancu.kernel.errors import FieldFault, Invalid, Malformed
from dancu.kernel.text import fold

_YEAR = re.compile(r"(?:19|20|21)\d\d")
_AGE = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?\s*(\+)?")
_TOTALS = ("ca nuoc", "toan quoc", "tong so", "tong", "whole country", "total", "both sexes")
_SEX_WORDS = {"nam": 0, "male": 0, "males": 0, "nu": 1, "female": 1, "females": 1}
_THOUSANDS = ("nghin nguoi", "thous", "1000")
_ROUNDING = 0.6
"""How far a printed sum may be off for each of the numbers that it holds, in units of the last digit."""


@dataclass(frozen=True)
class YearTable:
    """Persons of units by years.

    Args:
        units: as they are written, sums left out.
        persons: `(year, unit)`.
        left_out: rows that hold sums of others.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    persons: Floats
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class AgeTable:
    """Persons by sex and age group of one unit and year.

    Args:
        ages: first ages of the groups, rising.
        last: age at which the last group ends; None where it is open.
        persons: `(sex, group)`.
    """

    ages: tuple[int, ...]
    last: int | None
    persons: Floats


def read_table(sheet: Sheet) -> YearTable | AgeTable:
    """Understand a printed table.

    Raises:
        Malformed: it has neither years over its columns nor sexes.
        Invalid: a cell is no number, an age is missing, or a total is not the sum; names the place.
    """
    for row, cells in enumerate(sheet.rows):
        years = {at: int(found[0]) for at, text in enumerate(cells) if at and (found := _YEAR.search(text))}
        if len(years) > 1:
            return _by_years(sheet, row, years)
        sexes = {
            at: _SEX_WORDS[fold(text.strip())] for at, text in enumerate(cells) if fold(text.strip()) in _SEX_WORDS
        }
        if set(sexes.values()) == {0, 1}:
            return _by_ages(sheet, row, sexes)
    raise Malformed(f"{sheet.name} has neither years nor both sexes over its columns")


def _by_years(sheet: Sheet, head: int, years: dict[int, int]) -> YearTable:
    rows = [row for row in range(head + 1, len(sheet.rows)) if _named(sheet, row) and _has_numbers(sheet, row, years)]
    values, step = _values(sheet, rows, list(years))
    names = [sheet.cell(row, 0).text for row in rows]
    sums = _sums(names, values, step)
    _check_totals(sheet, rows, names, values, sums, step)
    kept = [at for at in range(len(rows)) if at not in sums]
    if len({names[at] for at in kept}) < len(kept):
        twice = next(names[at] for at in kept if [names[other] for other in kept].count(names[at]) > 1)
        raise Invalid((FieldFault(f"{sheet.name}/{twice}", "stands twice"),))
    scale = 1000.0 if _in_thousands(sheet, head) else 1.0
    order = sorted(years, key=lambda at: years[at])
    columns = [list(years).index(at) for at in order]
    persons = values[np.ix_(kept, columns)].T * scale
    left_out = tuple(names[at] for at in sorted(sums))
    return YearTable(tuple(names[at] for at in kept), tuple(years[at] for at in order), persons, left_out)


def _by_ages(sheet: Sheet, head: int, sexes: dict[int, int]) -> AgeTable:
    columns = [next(at for at, sex in sexes.items() if sex == wanted) for wanted in range(len(SEXES))]
    found: list[tuple[int, int, int | None]] = []
    totals: list[int] = []
    for row in range(head + 1, len(sheet.rows)):
        if not _named(sheet, row) or not _has_numbers(sheet, row, columns):
            continue
        if (ages := _ages(sheet.cell(row, 0).text)) is None:
            totals.append(row)
        else:
            found.append((row, *ages))
    _no_hole(sheet, found)
    values, step = _values(sheet, [row for row, *_ in found], columns)
    for row in totals:
        _check_sum(sheet, row, columns, values.sum(axis=0), len(found), step)
    scale = 1000.0 if _in_thousands(sheet, head) else 1.0
    return AgeTable(tuple(first for _, first, _ in found), found[-1][2], values.T * scale)


def _named(sheet: Sheet, row: int) -> bool:
    return bool(sheet.cell(row, 0).text)


def _has_numbers(sheet: Sheet, row: int, columns: Sequence[int] | dict[int, int]) -> bool:
    return any(any(c.isdecimal() for c in sheet.cell(row, at).text) for at in columns)


def _values(sheet: Sheet, rows: list[int], columns: Sequence[int]) -> tuple[Floats, float]:
    """Return the numbers of cells, and by how much the last printed digit counts."""
    cells = [[sheet.cell(row, at) for at in columns] for row in rows]
    texts = [cell.text for row in cells for cell in row]
    mark = decimal_mark(texts)
    digits = max((len(text.rsplit(mark, 1)[1]) for text in texts if mark in text), default=0)
    values = np.array([[number(cell, decimal=mark) for cell in row] for row in cells])
    return values.reshape(len(rows), len(columns)), float(10.0**-digits)


def _sums(names: list[str], values: Floats, step: float) -> set[int]:
    """Return which rows hold the sum of the next rows, or of all that are no sums themselves."""
    sums: set[int] = set()
    for at in range(len(values) - 1, -1, -1):
        total = np.zeros(values.shape[1])
        held = 0
        for after in range(at + 1, len(values)):
            if after in sums:
                continue
            total = total + values[after]
            held += 1
            if held > 1 and np.all(np.abs(total - values[at]) <= _ROUNDING * step * (held + 1)):
                sums.add(at)
                break
    return sums | {at for at, name in enumerate(names) if _is_total(name)}


def _is_total(name: str) -> bool:
    folded = fold(name).strip(" :.-")
    return any(folded == word or folded.startswith((f"{word} ", f"{word}/", f"{word}-")) for word in _TOTALS)


def _check_totals(sheet: Sheet, rows: list[int], names: list[str], values: Floats, sums: set[int], step: float) -> None:
    leaves = [at for at in range(len(rows)) if at not in sums]
    everybody = values[leaves].sum(axis=0)
    for at in sorted(sums):
        if not _is_total(names[at]) or not leaves:
            continue
        off = np.abs(values[at] - everybody)
        if np.any(off > _ROUNDING * step * (len(leaves) + 1)):
            worst = int(off.argmax())
            told = f"{names[at]} is {values[at, worst]:,.1f}, and the units sum to {everybody[worst]:,.1f}"
            raise Invalid((FieldFault(f"{sheet.name}/row {rows[at] + 1}", told),))


def _check_sum(sheet: Sheet, row: int, columns: list[int], sums: Floats, held: int, step: float) -> None:
    texts = [sheet.cell(row, at) for at in columns]
    mark = decimal_mark([cell.text for cell in texts])
    for cell, total in zip(texts, sums, strict=True):
        if abs((told := number(cell, decimal=mark)) - total) > _ROUNDING * step * (held + 1):
            raise Invalid((FieldFault(cell.place, f"is {told:,.1f}, and the ages sum to {total:,.1f}"),))


def _ages(text: str) -> tuple[int, int | None] | None:
    """Read an age group; its last age is None where it is open."""
    folded = fold(text)
    if re.match(r"(duoi|under|<)\s*1\b", folded):
        return 0, 0
    found = _AGE.search(folded)
    if not found:
        return None
    first = int(found[1])
    if found[3] or re.search(r"tro len|and over|\bup\b|≥|>=", folded):
        return first, None
    return first, int(found[2]) if found[2] else first


def _no_hole(sheet: Sheet, found: list[tuple[int, int, int | None]]) -> None:
    if not found:
        raise Malformed(f"{sheet.name} has no age in its first column")
    expected: int | None = 0
    for row, first, last in found:
        if first != expected:
            told = (
                f"begins with age {first}, and age {expected} should come"
                if expected is not None
                else "comes after the open age"
            )
            raise Invalid((FieldFault(f"{sheet.name}/row {row + 1}", told),))
        expected = None if last is None else last + 1


def _in_thousands(sheet: Sheet, head: int) -> bool:
    """Tell whether the title or the heads of columns say that numbers are thousands."""
    above = " ".join(text for row in sheet.rows[: head + 1] for text in row)
    return any(word in fold(above) for word in _THOUSANDS)
