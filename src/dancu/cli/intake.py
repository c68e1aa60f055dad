"""`dancu intake`: files become the register."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from dancu.access.accounts import is_demo
from dancu.cli.adjudication import decide_command, queue_command
from dancu.cli.installation import Installation, as_role, bring_up_to_date
from dancu.cli.intake_batches import (
    keys_app,
    left_command,
    reconcile_command,
    rejects_command,
    release_command,
    rules_command,
    told,
    verify_command,
)
from dancu.cli.intake_dry_run import LoadsByDefault
from dancu.cli.intake_dry_run import dry_run as only_read
from dancu.cli.intake_mapping import mapping_command
from dancu.cli.intake_sources import document_command, recompute_command
from dancu.cli.output import EPILOG, answer, console, exit_code, say
from dancu.infra.db import Database
from dancu.intake import store
from dancu.intake.first import load_first
from dancu.intake.loading import Loaded, load
from dancu.intake.readers.archive import Member, expanded
from dancu.intake.result import write_result
from dancu.intake.revert import Reverted
from dancu.intake.revert import revert as take_back
from dancu.intake.staging import REJECT_LIMIT
from dancu.kernel.errors import Conflict, DancuError, Invalid, Malformed
from dancu.register.feed import Sequencer, sequencer_dsn
from dancu.stats import count_all

app = typer.Typer(
    help="Load files, see what became of each record, take a batch back.",
    no_args_is_help=True,
    epilog=EPILOG,
    cls=LoadsByDefault,
)
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


@app.command("load")
def load_command(
    files: Annotated[list[Path], typer.Argument(help="Files of any kind, folders, zips.", metavar="FILE...")],
    source: Annotated[str, typer.Option(help="Name of the source system.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="What the columns mean (TOML, JSON); else guessed.")] = None,
    first: Annotated[bool, typer.Option("--first", help="Into an empty register, by COPY.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only write what the files would become.")] = False,
    out: Annotated[Path | None, typer.Option(help="With --dry-run: the CSV file to write.")] = None,
    supersedes: Annotated[int | None, typer.Option(help="Batch that the file corrects as a whole.")] = None,
    limit: Annotated[
        float, typer.Option(help="Share of rejected records above which a file is held whole.", min=0, max=1)
    ] = REJECT_LIMIT,
    as_json: Json = False,
) -> None:
    """Load files. An interrupted load goes on; a file that was loaded changes nothing."""
    for file in files:
        if not file.exists():
            raise Malformed(f"There is no file {file}")
    if dry_run:
        only_read(files, out, mapping, as_json=as_json)
        return
    if not source:
        raise typer.BadParameter("--source is needed")
    here = Installation.here()
    with expanded(files) as members, here.database(say) as dsn:
        bring_up_to_date(dsn, say, here)
        how = _How(source, mapping, supersedes, limit)
        done = asyncio.run(_load(here, dsn, members, how, first=first))
        if first:
            _derive(dsn)
    values = [{"file": one.name, **one.values} for one in done]
    text = "\n".join(f"{one.name}: {one.text}" if len(done) > 1 else one.text for one in done)
    answer(values[0] if len(values) == 1 else values, as_json=as_json, text=text)
    if refused := [one.done for one in done if isinstance(one.done, DancuError)]:
        raise typer.Exit(exit_code(refused[0]))


@dataclass(frozen=True)
class _Done:
    """What became of a file of a set: one that was refused does not keep the others waiting."""

    name: str
    done: Loaded | DancuError

    @property
    def text(self) -> str:
        return told(self.done) if isinstance(self.done, Loaded) else f"refused: {self.done}"

    @property
    def values(self) -> dict[str, Any]:
        return asdict(self.done) if isinstance(self.done, Loaded) else {"refused": str(self.done)}


@dataclass(frozen=True)
class _How:
    """How files are to be loaded."""

    source: str
    mapping: Path | None
    supersedes: int | None
    limit: float


def _derive(dsn: str) -> None:
    """Number and count what was loaded, so that nobody has to wait for the worker."""
    with console.status("Numbering and counting"):
        with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as connection:
            Sequencer(connection).run()
        count_all(dsn, now=datetime.now(UTC))


async def _load(here: Installation, dsn: str, files: list[Member], how: _How, *, first: bool) -> list[_Done]:
    now = datetime.now(UTC)
    async with Database(dsn, role="dancu_loader", size=8, patient=True, keys=here.keys(dsn)) as database:
        async with database.transaction(scope="none") as tx:
            synthetic = await is_demo(tx)
        with _progress() as progress:
            if first:
                shown: dict[str, TaskID] = {}

                def stage(name: str, count: int) -> None:
                    if name not in shown:
                        shown[name] = progress.add_task(name, total=None)
                    progress.advance(shown[name], count)

                loaded = await load_first(
                    dsn,
                    [one.path for one in files],
                    source=how.source,
                    now=now,
                    home=here.home,
                    mapping=how.mapping,
                    synthetic=synthetic,
                    stage=stage,
                )
                return [_Done(file.name, one) for file, one in zip(files, loaded, strict=True)]
            done = []
            for file in files:
                bar = progress.add_task(file.path.name, total=None)
                one: Loaded | DancuError
                try:
                    one = await load(
                        database,
                        file.path,
                        source=how.source,
                        now=datetime.now(UTC),
                        mapping=how.mapping,
                        synthetic=synthetic,
                        progress=partial(progress.advance, bar),
                        supersedes=how.supersedes,
                        reject_limit=how.limit,
                        folder=here.home / "spool",
                    )
                except (Malformed, Invalid, Conflict) as failure:
                    if len(files) == 1:
                        raise
                    one = failure
                done.append(_Done(file.name, one))
            return done


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


@app.command("result")
def result_command(
    batch: Annotated[int, typer.Argument(help="Number of the batch.")],
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    as_json: Json = False,
) -> None:
    """Write what became of each record: decision, personal number, reason, and what to do about it."""
    with Installation.here().database(say) as dsn:
        known = asyncio.run(_batch(dsn, batch))
        with psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
            count = write_result(connection, batch, out, synthetic=known.synthetic, now=datetime.now(UTC))
    answer({"batch": batch, "records": count, "out": str(out)}, as_json=as_json, text=f"{count} records are in {out}.")


async def _batch(dsn: str, batch: int) -> store.Batch:
    async with Database(dsn, role="dancu_loader", size=1) as database, database.transaction(scope="none") as tx:
        return await store.batch(tx, batch)


@app.command("revert")
def revert_command(batch: Annotated[int, typer.Argument(help="Number of the batch.")], as_json: Json = False) -> None:
    """Take a whole batch back: its events are annulled, nothing is deleted."""
    here = Installation.here()
    with here.database(say) as dsn, _progress() as progress:
        bar = progress.add_task("Taking back", total=None)
        done = asyncio.run(_revert(here, dsn, batch, lambda count: progress.advance(bar, count)))
    text = f"{done.annulled} events were annulled." + (
        f" {len(done.left)} events of {len(done.kept)} persons wait for a clerk: dancu intake left {batch}"
        if done.left
        else ""
    )
    told_of = {"batch": done.batch, "annulled": done.annulled, "kept": len(done.kept), "left": done.left}
    answer(told_of, as_json=as_json, text=text)


async def _revert(here: Installation, dsn: str, batch: int, progress: Callable[[int], None]) -> Reverted:
    async with Database(dsn, role="dancu_loader", size=8, patient=True, keys=here.keys(dsn)) as database:
        folder = here.home / "spool"
        return await take_back(database, batch, now=datetime.now(UTC), progress=progress, folder=folder)


@app.command("list")
def list_command(as_json: Json = False) -> None:
    """List the batches, the latest first."""
    with Installation.here().database(say) as dsn, psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
        rows = connection.execute(store.SQL.batches.encode(), {"most": 100}).fetchall()
    batches = [store.Batch(*row) for row in rows]
    lines = [f"{b.batch_id:<16} {b.state:<9} {b.records:>9} {b.source} {b.file_name}" for b in batches]
    answer({"batches": batches}, as_json=as_json, text="\n".join(lines) or "There are no batches.")


app.command("mapping")(mapping_command)
app.command("rejects")(rejects_command)
app.command("release")(release_command)
app.command("verify")(verify_command)
app.command("left")(left_command)
app.command("rules")(rules_command)
app.command("reconcile")(reconcile_command)
app.add_typer(keys_app, name="keys")
app.command("queue")(queue_command)
app.command("decide")(decide_command)
app.command("document")(document_command)
app.command("recompute")(recompute_command)
