"""`dancu forecast`: what becomes of a population."""

from pathlib import Path
from typing import Annotated

import typer

from dancu.cli.output import answer, say
from dancu.forecast.wpp import is_published, read_country, read_published, world_prospects, write_mid_year

forecast = typer.Typer(
    help="Forecasts of populations by cohorts and components; they need tables of counts and rates, and no register.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


@forecast.command()
def wpp(
    folder: Annotated[
        Path, typer.Argument(help="Holds CODE_pop_jan1_YEAR_derived.csv, CODE_annual.csv and schedules.")
    ],
    code: Annotated[str, typer.Argument(help="What its files begin with; of bulk files ISO code or name.")],
    until: Annotated[int, typer.Option("--to", help="Last year; people are told at its 1 July.")] = 2100,
    out: Annotated[Path, typer.Option(help="File to write: year, age, male, female.")] = Path("forecast.csv"),
    as_json: Json = False,
) -> None:
    """Carry a country forward from its base stock and the rates of the United Nations' tables alone."""
    read = read_published if is_published(folder) else read_country
    country = read(folder, code, until=until)
    say(f"Carrying {country.code} from 1 January {country.first_year} to the end of {until}")
    projection, _ = world_prospects(country)
    lines = write_mid_year(projection, out, until=until)
    persons = float(projection.mid_year[-1].sum())
    told = {"file": str(out), "lines": lines, "year": until, "persons": round(persons)}
    answer(told, as_json=as_json, text=f"{persons:,.0f} persons at 1 July {until}; {lines:,} lines are in {out}.")
