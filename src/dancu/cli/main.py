"""All commands of `dancu` in one place."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from dancu.cli import forecast_run, intake, processes
from dancu.cli.act import act
from dancu.cli.audit import audit
from dancu.cli.demo import demo
from dancu.cli.dossier import dossier
from dancu.cli.feed import feed
from dancu.cli.forecast import forecast
from dancu.cli.forecast_backtest import backtest
from dancu.cli.forecast_scenario import scenario
from dancu.cli.forecast_table import table
from dancu.cli.installation import Installation, bring_up_to_date
from dancu.cli.keys import keys
from dancu.cli.linkage import linkage
from dancu.cli.officer import officer
from dancu.cli.output import DIFFERENCES, EPILOG, INTERRUPTED, answer, exit_code, say
from dancu.cli.people import person, verify
from dancu.cli.quality import quality
from dancu.cli.question import question
from dancu.cli.stats import stats
from dancu.cli.stay import stay
from dancu.cli.synthetic import synth
from dancu.cli.witness import witness
from dancu.infra import doctor as examination
from dancu.infra.migrations import pending
from dancu.infra.postgres.backup import backup as write_backup
from dancu.infra.postgres.restore import restore as read_backup
from dancu.kernel.errors import DancuError

app = typer.Typer(
    name="dancu",
    help="Dancu (dân cư): a national population platform in one program.\n\n"
    "DANCU_HOME (default .dancu) is the folder of an installation, DANCU_PORT (default 8000) its port; "
    "with both, several installations run side by side. DANCU_DATABASE_URL names a PostgreSQL 17+ server "
    "of your own; without it an embedded one is started.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


@app.command()
def up() -> None:
    """Start the database, the web and the worker; Ctrl-C stops all of them."""
    processes.up(Installation.here())


@app.command()
def down() -> None:
    """Stop an installation that was started with `dancu up`, wherever it runs on this machine."""
    processes.down(Installation.here())
    say("Stopped.")


@app.command()
def serve() -> None:
    """Run the web server alone; the database must be there."""
    from dancu.cli.web import run  # noqa: PLC0415 -- the web is loaded only where it is needed

    processes.end_with_parent()
    here = Installation.here()
    with here.database(say, sets_up=False) as dsn:
        run(here, here.signed_in(dsn, "dancu_web"))


@app.command()
def work() -> None:
    """Run the worker alone: what must be done regularly, whoever is at the desk."""
    from dancu.cli.worker import run  # noqa: PLC0415

    processes.end_with_parent()
    here = Installation.here()
    with here.database(say, sets_up=False) as dsn:
        asyncio.run(run(here.signed_in(dsn, "dancu_worker"), here.settings))


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to the shape that this version needs, and load the reference tables."""
    here = Installation.here()
    with here.database(say) as dsn:
        applied = bring_up_to_date(dsn, say, here)
    answer({"applied": applied}, as_json=as_json, text=f"{applied} migrations were applied.")


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")], as_json: Json = False
) -> None:
    """Write everything that the database holds to a folder, with proofs of every file."""
    here = Installation.here()
    with here.database(say) as dsn:
        manifest = write_backup(dsn, folder, binaries=here.binaries, now=datetime.now(UTC), progress=say)
    answer({"folder": str(folder), "rows": manifest.rows}, as_json=as_json, text=f"The backup is in {folder}.")


@app.command()
def restore(folder: Annotated[Path, typer.Argument(help="A backup.")], as_json: Json = False) -> None:
    """Read a backup into this installation, which must be empty."""
    here = Installation.here()
    with here.database(say) as dsn:
        manifest = read_backup(folder, dsn, binaries=here.binaries, progress=say)
    answer({"rows": manifest.rows}, as_json=as_json, text="Restored. Check it with: dancu verify")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is wrong with this installation, and what to do about it."""
    here = Installation.here()
    found = examination.examine(here.settings, now=datetime.now(UTC), pending=_pending)
    signs = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}
    lines = [
        f"{signs[one.state]}  {one.check}: {one.what}" + (f"\n         -> {one.what_to_do}" if one.what_to_do else "")
        for one in found
    ]
    answer({"findings": found}, as_json=as_json, text="\n".join(lines))
    if any(one.state == "problem" for one in found):
        raise typer.Exit(DIFFERENCES)


def _pending(connection: psycopg.Connection) -> list[object]:
    return list(pending(connection))


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Names of benchmarks; none: all of them.")] = None,
    people: Annotated[int, typer.Option(help="Size of the register to measure on.")] = 1_000_000,
) -> None:
    """Measure this machine against the yardsticks in `benchmarks/` (from a source checkout)."""
    from dancu.cli.bench import run  # noqa: PLC0415

    raise typer.Exit(run(names or [], people))


app.command()(demo)
app.command()(verify)
app.command()(person)
app.command()(synth)
app.add_typer(intake.app, name="intake")
app.add_typer(act, name="act")
app.add_typer(officer, name="officer")
app.add_typer(question, name="question")
app.add_typer(stay, name="stay")
app.add_typer(dossier, name="dossier")
app.add_typer(keys, name="keys")
app.add_typer(audit, name="audit")
app.add_typer(witness, name="witness")
app.add_typer(feed, name="feed")
app.add_typer(stats, name="stats")
app.add_typer(linkage, name="linkage")
app.add_typer(quality, name="quality")
forecast.command()(forecast_run.run)
forecast.command()(table)
forecast.command()(forecast_run.indicators)
forecast.command()(forecast_run.compare)
forecast.command()(forecast_run.picture)
forecast.command()(backtest)
forecast.add_typer(scenario, name="scenario")
app.add_typer(forecast, name="forecast")


def main() -> None:
    """Run the command line; foreseen errors become one line and an exit code."""
    try:
        app()
    except DancuError as error:
        say(f"dancu: {error}")
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        say("dancu: interrupted; what was committed is kept")
        sys.exit(INTERRUPTED)
