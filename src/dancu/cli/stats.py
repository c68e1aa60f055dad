"""`dancu stats`: counts of the population, and the proof of them."""

from collections import Counter as Tally
from datetime import UTC, datetime
from typing import Annotated

import psycopg
import typer

from dancu.cli.installation import Installation, as_role
from dancu.cli.output import DIFFERENCES, answer, console, say
from dancu.kernel.codes import Sex
from dancu.kernel.errors import Malformed
from dancu.stats import Base, Discrepancy, population, recount, repair

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
    as_json: Json = False,
) -> None:
    """Say how many live there, by sex and decade of birth; not for publication, since small counts tell of people."""
    if base.upper() not in Base.__members__:
        raise Malformed("The base is abode, permanent or temporary")
    with Installation.here().database(say) as dsn, psycopg.connect(as_role(dsn, "dancu_verifier")) as connection:
        found = population(connection, base=Base[base.upper()], units=units or None)
    by: Tally[tuple[str, int]] = Tally()
    for one in found:
        by[Sex(one.sex).name.lower(), one.born_year // 10 * 10] += one.persons
    rows = [{"sex": sex, "born": decade, "persons": by[sex, decade]} for sex, decade in sorted(by)]
    lines = [f"{row['born'] or 'unknown'!s:>7} {row['sex']:<7} {row['persons']:>12,}" for row in rows]
    total = sum(by.values())
    answer({"persons": total, "by": rows}, as_json=as_json, text="\n".join([*lines, f"{total:,} persons."]))


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
