"""`dancu forecast run`, `indicators`, `compare`: forecasts as files, and what is read off them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dancu.cli.forecast_ground import Ground, ground_of
from dancu.cli.output import answer, console, say
from dancu.forecast import Keep, RateSource, project
from dancu.forecast.axes import FIVE_YEAR
from dancu.forecast.backtest import backtest, lines_of
from dancu.forecast.indicators import Measured, read_imports
from dancu.forecast.indicators import indicators as computed
from dancu.forecast.pictures import Language, change_map, fan, percent_change, pyramid, read_geometry, save
from dancu.forecast.results import (
    QUANTITIES,
    Bands,
    Difference,
    Provenance,
    bands_of,
    difference,
    input_of,
    read_bands,
    read_course,
    write_bands,
    write_course,
)
from dancu.forecast.scenarios import Scenario, applied, apply, check_units, compose, read_scenario
from dancu.kernel.errors import Invalid, Malformed

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


class Kind(StrEnum):
    """A kind of picture."""

    PYRAMID = "pyramid"
    FAN = "fan"
    MAP = "map"


_TRIED_YEARS = 5
_TRIED_TRAJECTORIES = 100


def run(
    until: Annotated[int, typer.Option("--to", help="Year of the last 1 January.")],
    out: Annotated[Path, typer.Option(help="Parquet file of the middle course; its bands go beside it.")],
    past: Annotated[Path | None, typer.Option(help="Folder with the past of provinces.")] = None,
    wpp: Annotated[Path | None, typer.Option(help="Folder with the United Nations' tables of a country.")] = None,
    country: Annotated[str, typer.Option(help="Code of the country in that folder.")] = "",
    scenario: Annotated[list[Path] | None, typer.Option(help="A scenario; may be repeated.")] = None,
    trajectories: Annotated[int, typer.Option(min=0, help="How many courses to draw; 0 for no bands.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bits.")] = 1,
    tried: Annotated[bool, typer.Option(help="Try the engine on the past first, and print how it went.")] = True,
    as_json: Json = False,
) -> None:
    """Forecast, with bands, into files that say where they come from."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    ) as bars:
        ground = _ground(bars, past, wpp, country, until, seed, trajectories)
        changed = _changes(scenario or [], ground.central.units)
        report = _tried(bars, ground) if tried else []
        inputs = (*ground.inputs, *(one for path in scenario or [] for one in input_of(path)))
        settings = {"until": str(until), "scenarios": ", ".join(path.stem for path in scenario or [])}
        rates = apply(changed, ground.central) if changed else ground.central
        course = project(ground.base, rates, until=until)
        provenance = Provenance("course", inputs, seed if trajectories or past else None, trajectories, settings)
        lines = write_course(course, out, provenance)
        bands = _bands(bars, ground, changed, until, out, provenance)
    told: dict[str, object] = {"file": str(out), "lines": lines, "people": _round(course.total[-1].sum())}
    text = [*report, f"{lines:,} lines of the middle course are in {out}."]
    if bands is not None:
        path, found = bands
        total = found.of("")
        text += [f"Its bands are in {path}.", *_table_of(found)]
        told |= {"bands": str(path), **{name: _round(getattr(total, name)[-1]) for name in QUANTITIES}}
    answer(told | {"backtest": report}, as_json=as_json, text="\n".join(text))


def _ground(
    bars: Progress, past: Path | None, wpp: Path | None, country: str, until: int, seed: int, trajectories: int
) -> Ground:
    task = bars.add_task("Learning from the past", total=None)
    ground = ground_of(past, wpp, country, until=until, seed=seed, trajectories=trajectories)
    bars.update(task, total=1, completed=1)
    return ground


def _changes(files: Sequence[Path], units: tuple[str, ...]) -> Scenario | None:
    if not files:
        return None
    together = compose("together", [read_scenario(path) for path in files])
    check_units(together, units)
    return together


def _tried(bars: Progress, ground: Ground) -> list[str]:
    """Return the report of a back-test, or why there is none."""
    if ground.history is None:
        return ["No back-test: the tables of a country hold no past of people, births and deaths by unit."]
    task = bars.add_task("Trying on the past", total=None)
    try:
        report = backtest(
            ground.history,
            horizon=_TRIED_YEARS,
            trajectories=_TRIED_TRAJECTORIES,
            progress=lambda done, of: bars.update(task, completed=done, total=of),
        )
    except Invalid as short:
        return [f"No back-test: {'; '.join(fault.message for fault in short.faults)}."]
    return lines_of(report)


def _bands(
    bars: Progress, ground: Ground, changed: Scenario | None, until: int, out: Path, provenance: Provenance
) -> tuple[Path, Bands] | None:
    if ground.drawn is None:
        return None
    rates: RateSource = applied(changed, ground.drawn, ground.central) if changed else ground.drawn
    task = bars.add_task("Drawing trajectories", total=None)
    projection = project(
        ground.base,
        rates,
        until=until,
        keep=Keep(ages=FIVE_YEAR, components=False),
        progress=lambda done, of: bars.update(task, completed=done, total=of),
    )
    found = bands_of(projection)
    path = out.with_name(f"{out.stem}-bands{out.suffix}")
    write_bands(found, path, _as_bands(provenance))
    return path, found


def _as_bands(one: Provenance) -> Provenance:
    return Provenance("bands", one.inputs, one.seed, one.trajectories, one.settings, one.version)


def _table_of(bands: Bands) -> list[str]:
    """The total of all units every ten years, with its bands."""
    total = bands.of("")
    lines = [f"{'1 January':<10} {'95 % low':>14} {'80 % low':>14} {'median':>14} {'80 % high':>14} {'95 % high':>14}"]
    for at, year in enumerate(bands.years):
        if year % 10 == 0 or year in {bands.years[0], bands.years[-1]}:
            lines.append(f"{year:<10} " + " ".join(f"{getattr(total, name)[at]:>14,.0f}" for name in QUANTITIES))
    return lines


def indicators(
    file: Annotated[Path, typer.Argument(help="The middle course of a forecast.")],
    imports: Annotated[Path | None, typer.Option(help="CSV of what a population does not tell.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Code of an indicator; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write: indicator, part, year, unit, value.")] = None,
    as_json: Json = False,
) -> None:
    """Compute indicators for policy: births, school places, voters, labour force, pension age and others."""
    projection, _ = read_course(file)
    found = computed(projection, read_imports(imports) if imports else None, only=only or ())
    rows = list(_rows(found))
    if out is not None:
        _write(out, ("indicator", "part", "year", "unit", "value", "measure"), rows)
        say(f"{len(rows):,} lines are in {out}.")
    lacking = {one.indicator.code: one.lacks for one in found if one.lacks}
    told = [
        {"indicator": m.indicator.code, "law": m.indicator.law, "meaning": m.indicator.meaning, "lacks": list(m.lacks)}
        for m in found
    ]
    text = [
        *_of_all(found),
        *(f"{code}: not computed, for it needs {', '.join(lacks)}" for code, lacks in lacking.items()),
    ]
    answer(told, as_json=as_json, text="\n".join(text))


def _rows(found: Iterable[Measured]) -> Iterator[tuple[object, ...]]:
    for one in found:
        for part, values in one.values.items():
            for (at, unit), value in np.ndenumerate(values):
                place = one.years[at], one.units[unit]
                yield one.indicator.code, part, *place, round(float(value), 3), one.indicator.measure


def _of_all(found: Iterable[Measured]) -> list[str]:
    """All units together, in the first and the last year and one between; ratios only where there is one unit."""
    lines: list[str] = []
    for one in found:
        if not one.values or (len(one.units) > 1 and one.indicator.measure.startswith("per ")):
            continue
        at = sorted({0, len(one.years) // 2, len(one.years) - 1})
        if not lines:
            lines.append(f"{'':<60}" + "".join(f"{one.years[year]:>16}" for year in at))
        for part, values in one.values.items():
            name = f"{one.indicator.en}{': ' + part if part else ''}"
            lines.append(f"{name:<60}" + "".join(f"{values[year].sum():>16,.1f}" for year in at))
    return lines


def picture(
    file: Annotated[Path, typer.Argument(help="The middle course of a forecast; for a fan, its bands.")],
    kind: Annotated[Kind, typer.Option(help="What to draw.")],
    out: Annotated[Path, typer.Option(help="File to write: PNG, SVG or PDF.")],
    unit: Annotated[str, typer.Option(help="A unit; all of them together by default.")] = "",
    year: Annotated[int | None, typer.Option(help="1 January to draw; the last one by default.")] = None,
    against: Annotated[int | None, typer.Option(help="A year to compare with; the first one by default.")] = None,
    geometry: Annotated[Path | None, typer.Option(help="GeoJSON or TopoJSON with the outlines of units.")] = None,
    title: Annotated[str, typer.Option()] = "",
    english: Annotated[bool, typer.Option("--english", help="Words and numbers in English.")] = False,
) -> None:
    """Draw a pyramid, a fan, or a map of change."""
    language: Language = "en" if english else "vi"
    if kind is Kind.FAN:
        figure = fan(read_bands(file)[0], unit, title=title, language=language)
    else:
        course, _ = read_course(file)
        last, first = year or course.years[-1], against or course.years[0]
        if kind is Kind.PYRAMID:
            figure = pyramid(course, last, against=first, unit=unit or None, title=title, language=language)
        else:
            if geometry is None:
                raise Malformed("A map needs --geometry FILE with the outlines of units")
            figure = change_map(
                read_geometry(geometry), percent_change(course, first, last), title=title, language=language
            )
    save(figure, out)
    say(f"The picture is in {out}.")


def compare(
    one: Annotated[Path, typer.Argument(help="The middle course of a forecast.")],
    other: Annotated[Path, typer.Argument(help="That of another one.")],
    out: Annotated[Path | None, typer.Option(help="File to write: year, unit, age, both, change.")] = None,
    as_json: Json = False,
) -> None:
    """Say how two forecasts differ, by year, unit and age group."""
    found = difference(read_course(one)[0], read_course(other)[0])
    if out is not None:
        rows = list(_differing(found))
        _write(out, ("year", "unit", "age", "one", "other", "change"), rows)
        say(f"{len(rows):,} lines are in {out}.")
    change = found.change[-1].sum(axis=-1)
    told = {unit: _round(change[at]) for at, unit in enumerate(found.units)}
    lines = [f"{found.years[-1]}: {other.stem} has {change.sum():+,.0f} people beside {one.stem}"]
    order = np.argsort(-np.abs(change), kind="stable")[:20]
    lines += [f"  {found.units[at] or 'all':<24} {change[at]:>+14,.0f}" for at in order]
    answer({"year": found.years[-1], "change": told}, as_json=as_json, text="\n".join(lines))


def _differing(found: Difference) -> Iterator[tuple[object, ...]]:
    for (at, unit, group), change in np.ndenumerate(found.change):
        pair = (round(float(people[at, unit, group]), 3) for people in (found.one, found.other))
        yield found.years[at], found.units[unit], found.ages[group], *pair, round(float(change), 3)


def _write(path: Path, header: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(header)
        lines.writerows(rows)


def _round(value: float) -> int:
    return round(float(value))
