"""`dancu stats`: counts of the population, and the proof of them."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import psycopg
import typer

from dancu.access.secrets import SecondFactors
from dancu.access.work import opened
from dancu.audit.entry import SUMMARY_FIELDS, Channel, Operation
from dancu.cli.acting import Door, let_in
from dancu.cli.installation import Installation, as_role
from dancu.cli.output import DIFFERENCES, answer, console, say
from dancu.infra.db import Database
from dancu.kernel.codes import Sex
from dancu.kernel.errors import Malformed
from dancu.stats import Base, Discrepancy, Table, exact, population, recount, repair, told

stats = typer.Typer(
    help="Counts of the population: kept by the worker, derived from the register, and provable.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


@stats.command(name="population")
def show(
    units: Annotated[list[str] | None, typer.Argument(help="Codes of communes of today; none: the nation.")] = None,
    base: Annotated[str, typer.Option(help="abode, permanent or temporary.")] = "abode",
    exactly: Annotated[bool, typer.Option("--exact", help="Small counts too, for work inside; it is logged.")] = False,
    officer: Annotated[str | None, typer.Option(help="Name of the officer who asks for exact counts.")] = None,
    purpose: Annotated[str, typer.Option(help="Code of the purpose of exact counts.")] = "derivation",
    as_json: Json = False,
) -> None:
    """Say how many live there, by sex and decade of birth; small counts and what gives them back are left out."""
    if base.upper() not in Base.__members__:
        raise Malformed("The base is abode, permanent or temporary")
    if exactly and officer is None:
        raise Malformed("Exact counts tell of persons: say with --officer who asks")
    here = Installation.here()
    with here.database(say) as dsn:
        with psycopg.connect(as_role(dsn, "dancu_verifier")) as connection:
            found = population(connection, base=Base[base.upper()])
        if exactly and officer:
            asyncio.run(_log(dsn, SecondFactors(here.keys(dsn)), officer, purpose, len(found)))
    tables = exact(found) if exactly else told(found, minimum=here.settings.minimum_cell)
    asked: Sequence[str | None] = units or [None]
    shown = [tables.get(unit, Table(unit, 0, {})) for unit in asked]
    answers = [_answer(one) for one in shown]
    told_as = answers[0] if len(answers) == 1 else {"units": answers}
    answer(told_as, as_json=as_json, text="\n".join(line for one in shown for line in _lines(one)))


async def _log(dsn: str, factors: SecondFactors, officer: str, purpose: str, counts: int) -> None:
    """Let an officer see exact counts, and write that down before they are shown."""
    now = datetime.now(UTC)
    async with Database(dsn, size=1, patient=True) as database:
        who = await let_in(Door(database, factors, now), officer)
        async with opened(
            database,
            who,
            operation=Operation.EXPORT,
            purpose=purpose,
            now=now,
            request_id=uuid4(),
            fields=SUMMARY_FIELDS,
            channel=Channel.COMMAND_LINE,
        ) as work:
            await work.log(result_count=counts)


def _answer(table: Table) -> dict[str, object]:
    rows = [
        {"sex": Sex(sex).name.lower(), "born": decade, "persons": persons}
        for (sex, decade), persons in sorted(table.groups.items())
    ]
    unit = {} if table.unit is None else {"unit": table.unit}
    return {**unit, "persons": table.persons, "by": rows}


def _lines(table: Table) -> Iterator[str]:
    for (sex, decade), persons in sorted(table.groups.items()):
        yield f"{decade or 'unknown'!s:>7} {Sex(sex).name.lower():<7} {_shown(persons):>12}"
    where = "" if table.unit is None else f" in {table.unit}"
    yield f"{_shown(table.persons)} persons{where}."
    if None in {table.persons, *table.groups.values()}:
        yield "* is small, or would give a small count back."


def _shown(persons: int | None) -> str:
    return "*" if persons is None else f"{persons:,}"


@stats.command(name="recount")
def prove(
    mend: Annotated[bool, typer.Option("--repair", help="Put right what differs; the worker must not run.")] = False,
    as_json: Json = False,
) -> None:
    """Count everybody again and name what is counted otherwise."""
    now = datetime.now(UTC)
    with Installation.here().database(say) as dsn:
        differences, persons = counted_again(dsn, now)
        repaired = repair(dsn, iter(differences), now=now) if mend and differences else 0
    lines = [line(one) for one in differences]
    lines.append(f"{len(differences)} differences in the counts of {persons:,} persons; {repaired} were put right.")
    told = [told_of(one) for one in differences]
    answer({"differences": told, "persons": persons, "repaired": repaired}, as_json=as_json, text="\n".join(lines))
    if differences and not mend:
        raise typer.Exit(DIFFERENCES)


def counted_again(dsn: str, now: datetime) -> tuple[list[Discrepancy], int]:
    """Return in what the counts differ, and how many persons were counted."""
    counted = 0
    with console.status("Counting") as status:

        def progress(count: int) -> None:
            nonlocal counted
            counted += count
            status.update(f"Counting: {counted:,} persons")

        return list(recount(dsn, now=now, progress=progress)), counted


def told_of(one: Discrepancy) -> dict[str, object]:
    """Return a difference as `dancu verify` tells it."""
    return {"what": one.what, "table": "stats.population" if one.cell else "stats.counted", **vars(one)}


def line(one: Discrepancy) -> str:
    """Return a difference as a line of text."""
    return " ".join(f"{name}={value}" for name, value in told_of(one).items() if value is not None)
