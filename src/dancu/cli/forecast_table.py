"""`dancu forecast table`: printed tables of statistical offices as the long tables that forecasts read."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from dancu.cli.output import answer
from dancu.forecast.axes import SEXES
from dancu.forecast.statistical import AgeTable, YearTable, read_sheet, read_table, single_ages
from dancu.kernel.errors import Malformed

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


def table(
    file: Annotated[Path, typer.Argument(help="XLSX, ODS or text: units by years, or ages by sexes.")],
    out: Annotated[Path, typer.Option(help="CSV to write.")],
    unit: Annotated[str, typer.Option(help="Whose ages they are, of a table of ages.")] = "",
    year: Annotated[int | None, typer.Option(help="1 January of which they are, of a table of ages.")] = None,
    as_json: Json = False,
) -> None:
    """Write a printed table in long form; sums among its rows are checked and left out."""
    found = read_table(read_sheet(file))
    if isinstance(found, YearTable):
        header: tuple[str, ...] = ("year", "unit", "persons")
        rows = list(_totals(found))
        told = f"{len(found.units)} units, {found.years[0]} to {found.years[-1]}"
        if found.left_out:
            told += f"; left out as sums: {', '.join(found.left_out)}"
    else:
        if not unit or year is None:
            raise Malformed("A table of ages needs --unit NAME and --year YEAR")
        header = ("year", "unit", "sex", "age", "persons")
        rows = list(_ages(found, unit, year))
        told = f"{len(found.ages)} age groups as single ages"
    with out.open("w", encoding="utf-8", newline="") as target:
        lines = csv.writer(target, lineterminator="\n")
        lines.writerows([header, *rows])
    answer({"file": str(out), "lines": len(rows)}, as_json=as_json, text=f"{told}. {len(rows):,} lines are in {out}.")


def _totals(found: YearTable) -> Iterator[tuple[object, ...]]:
    for (at, unit), persons in np.ndenumerate(found.persons):
        yield found.years[at], found.units[unit], round(float(persons), 3)


def _ages(found: AgeTable, unit: str, year: int) -> Iterator[tuple[object, ...]]:
    persons = single_ages(found)
    last = persons.shape[-1] - 1
    for (sex, age), count in np.ndenumerate(persons):
        told = f"{age}+" if age == last and found.last is None else age
        yield year, unit, SEXES[sex], told, round(float(count), 3)
