"""`dancu forecast backtest`: forecasts made as of past years, and what became of them."""

from pathlib import Path
from typing import Annotated

import typer

from dancu.cli.output import DIFFERENCES, answer, console
from dancu.forecast.backtest import backtest as tried
from dancu.forecast.backtest import lines_of, read_history

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


def backtest(
    folder: Annotated[
        Path, typer.Argument(help="Holds population, births, deaths, moves as CSV or Parquet; or population alone.")
    ],
    horizon: Annotated[int, typer.Option(help="How many of the last years are held out.")] = 5,
    as_of: Annotated[list[int] | None, typer.Option(help="Year as of which to forecast; may be repeated.")] = None,
    trajectories: Annotated[int, typer.Option(help="Courses of each forecast.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bits.")] = 1,
    out: Annotated[Path | None, typer.Option(help="File to write the report to, as Markdown.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 where a bar was missed.")] = False,
    as_json: Json = False,
) -> None:
    """Try forecasts on the past of provinces, against growth by a pocket calculator."""
    history = read_history(folder)
    with console.status("Forecasting") as status:
        report = tried(
            history,
            horizon=horizon,
            origins=tuple(as_of or ()),
            trajectories=trajectories,
            seed=seed,
            progress=lambda done, of: status.update(f"Forecasting: {done} of {of} years done"),
        )
    text = "\n".join(lines_of(report))
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    told = {"report": report, "against_growth": report.against_growth, "held80": report.held80}
    answer(told | {"reached": report.reaches_its_bars}, as_json=as_json, text=text)
    if strict and not report.reaches_its_bars:
        raise typer.Exit(DIFFERENCES)
