"""`dancu forecast scenario`: changes of rates as data, checked, composed and compared."""

import csv
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from dancu.cli.forecast_ground import ground_of
from dancu.cli.output import answer, say
from dancu.forecast.model import Keep
from dancu.forecast.scenarios import Comparison, Scenario, check, check_units, compose, data_of, read_scenario, store
from dancu.forecast.scenarios import compare as compared

scenario = typer.Typer(
    help="Changes of fertility, mortality and migration as data: files of TOML or JSON.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
Files = Annotated[list[Path], typer.Argument(help="Files of scenarios.")]


@scenario.command(name="check")
def check_files(files: Files, as_json: Json = False) -> None:
    """Say what is wrong with scenarios, or what they change; together they must be in no conflict."""
    found = [read_scenario(path) for path in files]
    for one in found:
        check(one)
    together = compose("together", found)
    lines = [line for one in found for line in _lines(one)]
    lines.append(f"{len(found)} scenarios with {len(together.changes)} changes are in no conflict.")
    answer([data_of(one) for one in found], as_json=as_json, text="\n".join(lines))


@scenario.command(name="compose")
def compose_files(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    files: Files,
    folder: Annotated[Path, typer.Option(help="Where to store it.")] = Path(),
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    as_json: Json = False,
) -> None:
    """Make one scenario of several, the same whatever their order, and store it."""
    made = compose(name, [read_scenario(path) for path in files], title=title)
    path = store(made, folder)
    answer(data_of(made), as_json=as_json, text="\n".join([*_lines(made), f"It is in {path}."]))


@scenario.command(name="compare")
def compare_files(
    file: Annotated[Path, typer.Argument(help="The scenario.")],
    until: Annotated[int, typer.Option("--to", help="Year of the last 1 January.")],
    past: Annotated[Path | None, typer.Option(help="Folder with the past of provinces.")] = None,
    wpp: Annotated[Path | None, typer.Option(help="Folder with the United Nations' tables of a country.")] = None,
    country: Annotated[str, typer.Option(help="Code of the country in that folder.")] = "",
    against: Annotated[Path | None, typer.Option(help="Another scenario; by default none.")] = None,
    seed: Annotated[int, typer.Option(help="Of the forecast whose middle is changed.")] = 1,
    out: Annotated[Path | None, typer.Option(help="File to write: year, unit, both totals, shares.")] = None,
    as_json: Json = False,
) -> None:
    """Carry a scenario forward and say what differs, and how much of it comes from which kind of change."""
    ground = ground_of(past, wpp, country, until=until, seed=seed, spread=1.0)
    base, rates = ground.base, ground.central
    ours = read_scenario(file)
    theirs = None if against is None else read_scenario(against)
    for one in (ours, theirs):
        if one is not None:
            check_units(one, rates.units)
    found = compared(base, rates, ours, until=until, against=theirs, keep=Keep(ages=(0,), components=False))
    if out is not None:
        say(f"{_write(out, found, rates.units):,} lines are in {out}.")
    answer(_told(found, rates.units), as_json=as_json, text="\n".join(_table(found, rates.units, until)))


def _lines(one: Scenario) -> list[str]:
    lines = [f"{one.name}: {one.title}" if one.title else one.name]
    for change in data_of(one)["change"]:
        where = ", ".join(f"{name} {value}" for name, value in change.items() if name != "kind")
        lines.append(f"  {change['kind']}: {where}")
    return lines


def _told(found: Comparison, units: tuple[str, ...]) -> list[dict[str, object]]:
    return [
        {
            "year": found.first_year + year,
            "unit": name,
            "without": float(found.without[year, unit]),
            "with": float(found.with_it[year, unit]),
            "difference": float(found.difference[year, unit]),
            **{str(kind): float(share[year, unit]) for kind, share in found.by_kind.items()},
        }
        for year in range(len(found.without))
        for unit, name in enumerate(units)
    ]


def _write(path: Path, found: Comparison, units: tuple[str, ...]) -> int:
    rows = _told(found, units)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return len(rows)


def _cell(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


def _table(found: Comparison, units: tuple[str, ...], until: int) -> list[str]:
    """Return the last year as lines: units with the largest differences, and all together."""
    kinds = list(found.by_kind)
    head = f"{until:<24} {'without':>14} {'with':>14} {'difference':>12}"
    lines = [head + "".join(f" {kind:>12}" for kind in kinds)]
    order = np.argsort(-np.abs(found.difference[-1]), kind="stable")[:20]
    rows = [(units[at], slice(at, at + 1)) for at in order]
    for name, part in [*rows, ("all", slice(None))]:
        numbers = [found.without[-1, part].sum(), found.with_it[-1, part].sum(), found.difference[-1, part].sum()]
        shares = "".join(f" {found.by_kind[kind][-1, part].sum():>+12,.0f}" for kind in kinds)
        lines.append(f"{name:<24} {numbers[0]:>14,.0f} {numbers[1]:>14,.0f} {numbers[2]:>+12,.0f}{shares}")
    if len(units) > len(order):
        lines.append(f"The other {len(units) - len(order)} units differ less.")
    return lines
