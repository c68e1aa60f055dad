"""`dancu linkage`: who is who in whole files, and the training of the model that says so."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated

import duckdb
import psycopg
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dancu.cli.installation import Installation, as_role
from dancu.cli.output import answer, console, say
from dancu.intake import models
from dancu.intake.everybody import write_everybody
from dancu.intake.likened import birth_place
from dancu.kernel.errors import Malformed
from dancu.linkage.bulk import Bulk, Done, dedupe, read, write_entities, write_pairs
from dancu.linkage.bulk import Progress as Step
from dancu.linkage.em import Trained, train
from dancu.linkage.model import Model

linkage = typer.Typer(
    help="Find who is who in whole files, by a model of evidence; train the model.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
Files = Annotated[list[Path] | None, typer.Argument(help="CSV or Parquet files of records.", metavar="FILE...")]
FromRegister = Annotated[bool, typer.Option("--register", help="The register of this installation, too.")]
ModelFile = Annotated[
    Path | None, typer.Option("--model", help="A trained model; else the one in force, of files the one set by hand.")
]
Memory = Annotated[int, typer.Option("--memory", help="Memory to use, MB.", min=512)]


@linkage.command(name="dedupe")
def dedupe_command(
    out: Annotated[Path, typer.Option(help="Parquet file of pairs to write.")],
    files: Files = None,
    entities: Annotated[Path | None, typer.Option(help="Parquet file of entities to write.")] = None,
    model: ModelFile = None,
    register: FromRegister = False,
    work: Annotated[Path | None, typer.Option(help="Folder of checkpoints: an interrupted run goes on.")] = None,
    memory: Memory = 4_000,
    as_json: Json = False,
) -> None:
    """Find the records of one person: within files, between files and register, or within the register alone."""
    paths = _there(files, register=register)
    by = Model.load(model) if model else _in_force() if register else Model.default()
    with _bar() as progress, _register(register, work) as known:
        task = progress.add_task("Reading", total=None)

        def tell(step: Step) -> None:
            progress.update(task, description=step.stage, completed=step.done, total=step.total)

        how = Bulk(by, work=work, memory_mb=memory, progress=tell, place_of=_place)
        done = dedupe(how, paths, known) if paths else dedupe(how, known)
    write_pairs(done, by, out)
    if entities:
        write_entities(done, entities)
    counts = done.counts()
    lines = [f"{count:>12,} {what}" for what, count in counts.items()]
    capped = [{"rule": one.rule, "records": one.records} for one in done.capped]
    lines += _given_up(done)
    answer({"model": by.version, "counts": counts, "keys_given_up": capped}, as_json=as_json, text="\n".join(lines))


@linkage.command(name="train")
def train_command(
    out: Annotated[Path, typer.Option(help="File of the model to write.")],
    files: Files = None,
    model: ModelFile = None,
    register: FromRegister = False,
    as_json: Json = False,
) -> None:
    """Learn what agreement is worth from records themselves, without labels."""
    paths = _there(files, register=register)
    start = Model.load(model) if model else Model.default()
    with _bar() as progress, _register(register, None) as known:
        task = progress.add_task("Reading", total=None)
        table = read(start, [*known, *paths], connection=duckdb.connect(), place_of=_place)
        trained = train(table, start, progress=lambda stage: progress.update(task, description=stage))
    trained.model.save(out)
    answer(
        {"model": trained.model.version, "prior": trained.model.prior, "sessions": trained.sessions},
        as_json=as_json,
        text=_told(trained),
    )


@linkage.command(name="use")
def use_command(
    model: Annotated[Path, typer.Argument(help="A trained model.", metavar="MODEL")], as_json: Json = False
) -> None:
    """Weigh records by a model from now on, live and in bulk; what was decided stands."""
    (path,) = _there([model], register=False)
    wanted = Model.load(path)
    with Installation.here().database(say) as dsn, psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
        models.put_in_force(connection, wanted, by=getuser(), now=datetime.now(UTC))
    answer({"model": wanted.version}, as_json=as_json, text=f"Records are weighed by {wanted.version} from now on.")


def _in_force() -> Model:
    with Installation.here().database(say) as dsn, psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
        return models.in_force(connection)


def _told(trained: Trained) -> str:
    lines = [
        f"{session.rule:<28} {session.pairs:>9,} pairs, {session.share:7.2%} of one person"
        f"{'' if session.used else ': too few, not used'}"
        for session in trained.sessions
    ]
    return "\n".join([*lines, f"The model {trained.model.version} was written."])


def _given_up(done: Done) -> Iterator[str]:
    by_rule: dict[str, list[int]] = {}
    for one in done.capped:
        by_rule.setdefault(one.rule, []).append(one.records)
    for rule, sizes in by_rule.items():
        yield f"{rule}: {len(sizes):,} keys of up to {max(sizes):,} records brought nobody together"


def _there(files: list[Path] | None, *, register: bool) -> list[Path]:
    paths = files or []
    if not paths and not register:
        raise Malformed("Name files, or --register")
    for path in paths:
        if not path.exists():
            raise Malformed(f"There is no file {path}")
    return paths


@contextmanager
def _register(wanted: bool, work: Path | None) -> Iterator[list[Path]]:
    """Give the register as a file, which is gone afterwards unless a run may have to go on with it."""
    if not wanted:
        yield []
    elif work is not None:
        work.mkdir(parents=True, exist_ok=True)
        yield [_register_file(work)]
    else:
        with tempfile.TemporaryDirectory(prefix="dancu-linkage-") as folder:
            yield [_register_file(Path(folder))]


def _register_file(folder: Path) -> Path:
    """Write the register into a folder; a file that an interrupted run left there is taken as it is."""
    path = folder / "register.csv"
    if not path.exists():
        with (
            Installation.here().database(say) as dsn,
            psycopg.connect(as_role(dsn, "dancu_loader")) as connection,
        ):
            write_everybody(connection, path, now=datetime.now(UTC))
    return path


def _place(number: str, unit: str) -> str | None:
    """Return the old units of a birth, as the register's own records have them."""
    found = birth_place(number or None, unit or None)
    return found.code if found else None


def _bar() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console)
