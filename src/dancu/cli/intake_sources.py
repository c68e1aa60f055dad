"""`dancu intake`: on what the facts of sources rest, and which of their values should stand."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import psycopg
import typer

from dancu.cli.installation import Installation, as_role
from dancu.cli.intake_batches import who_answers
from dancu.cli.output import DIFFERENCES, answer, console, say
from dancu.infra.db import Database
from dancu.intake.survivorship import kept
from dancu.intake.survivorship.choosing import Chosen
from dancu.intake.survivorship.claims import SENSITIVE, Claim, Document, Field
from dancu.intake.survivorship.precedence import WORDS
from dancu.intake.survivorship.recompute import Change, persons, recompute
from dancu.kernel.errors import Malformed, NotFound
from dancu.kernel.time import today

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
_DOCUMENTS = ", ".join(one.name.lower() for one in Document)


def document_command(
    source: Annotated[str | None, typer.Argument(help="Name of the source; none: list all.")] = None,
    document: Annotated[str | None, typer.Argument(help=f"On what it rests: {_DOCUMENTS}.")] = None,
    since: Annotated[str | None, typer.Option(help="From which day on, e.g. 2026-01-31; none: today.")] = None,
    officer: Annotated[str, typer.Option("--officer", help="Name of the officer who answers for it.")] = "",
    as_json: Json = False,
) -> None:
    """Declare on which documents a source's facts rest: it decides which of several values stands."""
    now = datetime.now(UTC)
    if source and not document:
        raise Malformed(f"Say on what it rests: {_DOCUMENTS}")
    by = who_answers(officer) if source else ""
    with Installation.here().database(say) as dsn:
        if source and document:
            asyncio.run(_declare(dsn, source, _document(document), since, by, now))
        with psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
            rows = connection.execute(kept.SQL.documents.encode()).fetchall()
    told = [
        {"source": name, "since": str(day), "document": kind.name.lower(), "in_words": WORDS[kind][1]}
        for name, day, kind in ((name, day, Document(kind)) for name, day, kind in rows)
    ]
    lines = [f"{one['source']:<24} {one['since']}  {one['in_words']}" for one in told]
    answer({"sources": told}, as_json=as_json, text="\n".join(lines) or "No source was declared.")


def _document(name: str) -> Document:
    try:
        return Document[name.upper()]
    except KeyError:
        raise Malformed(f"Name one of: {_DOCUMENTS}") from None


async def _declare(dsn: str, source: str, document: Document, since: str | None, by: str, now: datetime) -> None:
    try:
        day = datetime.fromisoformat(since).date() if since else today(now)
    except ValueError:
        raise Malformed("Write a day as 2026-01-31") from None
    async with (
        Database(dsn, role="dancu_loader", size=1) as database,
        database.transaction(scope="nation") as tx,
    ):
        await kept.declare(tx, source, document, since=day, by=by, now=now)


def recompute_command(
    person: Annotated[str | None, typer.Option(help="Of the bearer of a personal number.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of a commune or province of today, by its code.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Of the whole register.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Put in force what was chosen, not only list it.")] = False,
    after: Annotated[int, typer.Option(help="Go on behind the person whom an interrupted run named last.")] = 0,
    as_json: Json = False,
) -> None:
    """Choose every value again from all that sources told, and list where another one stands."""
    if sum((person is not None, unit is not None, everybody)) != 1:
        raise Malformed("Say whose: --person NUMBER, --unit CODE or --all")
    found: list[dict[str, Any]] = []
    here = Installation.here()
    with here.database(say) as dsn, console.status("Choosing again") as status:
        keys = here.keys(dsn)

        async def run() -> int:
            count = 0
            async with Database(dsn, role="dancu_loader", size=2, keys=keys) as database:
                with psycopg.connect(as_role(dsn, "dancu_loader"), autocommit=True) as connection:
                    parts = [_bearer(connection, person)] if person else persons(connection, unit=unit, after=after)
                    for some in parts:
                        await recompute(
                            database,
                            connection,
                            some,
                            now=datetime.now(UTC),
                            apply=apply,
                            told=lambda one: found.append(_told(one)),
                        )
                        count += len(some)
                        status.update(f"Choosing again: {count:,} persons; to go on from here: --after {some[-1]}")
            return count

        count = asyncio.run(run())
    lines = [f"{one['person_id']:<20} {one['field']:<20} {one['ground']:<12} {one['value']}" for one in found]
    lines.append(f"{count} persons, {len(found)} values {'put in force' if apply else 'stand otherwise'}.")
    answer({"persons": count, "applied": apply, "changes": found}, as_json=as_json, text="\n".join(lines))
    if found and not apply:
        raise typer.Exit(DIFFERENCES)


def _bearer(connection: psycopg.Connection[Any], number: str) -> list[int]:
    rows = connection.execute(kept.SQL.bearer.encode(), {"value": number}).fetchall()
    if not rows:
        raise NotFound("Nobody has this number")
    return [row[0] for row in rows]


def _told(one: Change) -> dict[str, Any]:
    """A change as a line; what is sealed in the register is not written out."""
    value = "(sealed)" if one.field in SENSITIVE else _text(one.chosen.value)
    sources = sorted({claim.source or "-" for claim in one.chosen.claims})
    told = {"person_id": one.person_id, "field": str(one.field), "ground": str(one.chosen.ground)}
    return {**told, "value": value, "sources": sources}


def _text(value: Any) -> str:
    parts = value if isinstance(value, tuple) else (getattr(value, "name", value),)
    return " ".join(str(part) for part in parts if part)


def sources_told(chosen: Mapping[Field, Chosen]) -> list[dict[str, Any]]:
    """Say of each field which value its sources choose, why, and who told what."""
    return [
        {
            "field": str(field),
            "value": _text(one.value),
            "ground": str(one.ground),
            "told": [_said(claim) for claim in (*one.claims, *one.others)],
        }
        for field, one in chosen.items()
    ]


def _said(claim: Claim) -> str:
    sure = "" if claim.confidence is None else f", {claim.confidence:.3f} sure"
    day = f"of {claim.told_on}" if claim.told_on else f"received {today(claim.received_at)}"
    return f"{_text(claim.value)}: {claim.source or 'an officer'} ({WORDS[claim.document][1]}, {day}{sure})"
