"""Commands about people: `person`, `verify`."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import uuid4

import psycopg
import typer

from dancu.access.roles import purposes_of
from dancu.access.secrets import SecondFactors
from dancu.access.work import opened
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Channel, Operation
from dancu.cli.acting import Door, let_in
from dancu.cli.audit import log_findings, told
from dancu.cli.installation import Installation, as_role
from dancu.cli.intake_sources import sources_told
from dancu.cli.output import DIFFERENCES, answer, console, say
from dancu.cli.stats import told_of
from dancu.infra.db import Database
from dancu.infra.keys import KeyRing
from dancu.intake.logged import batches_gone
from dancu.intake.survivorship import kept
from dancu.intake.survivorship.recompute import choices
from dancu.kernel.errors import Malformed, NotFound
from dancu.kernel.time import today
from dancu.portals.shared.refs import References, references_key
from dancu.register.life import Life
from dancu.register.search import Found, parse, search
from dancu.register.store import history
from dancu.register.verify import verify as verify_register
from dancu.stats import CountsBehind, recount

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


def person(
    question: Annotated[str, typer.Argument(help="Any number, name, date or place, in any order.")],
    officer: Annotated[str, typer.Option(help="Name of the officer who asks: his or her territory and log.")],
    purpose: Annotated[str | None, typer.Option(help="Code of the purpose; none: the first of the role.")] = None,
    on: Annotated[str | None, typer.Option(help="The life as it was on a day, e.g. 2020-05-01.")] = None,
    sources: Annotated[bool, typer.Option("--sources", help="Say who told each value, and why it stands.")] = False,
    as_json: Json = False,
) -> None:
    """Find a person as an officer does; one who is found alone is shown whole. The look is logged."""
    day = _day(on)
    here = Installation.here()
    with here.database(say) as dsn:
        keys = here.keys(dsn)
        found, life, facts = asyncio.run(_find(dsn, keys, question, officer, purpose, day))
        chosen = choices(facts, keys, on=today(datetime.now(UTC))) if facts and sources else {}
    if found.add:
        say(f"Too many people answer to this. Add: {', '.join(found.add)}")
    refs = References(references_key(here.home / "keys"))
    hits = [
        {
            "reference": refs.ref(hit.person_id),
            "name": hit.name.full,
            "personal_number": hit.personal_number,
            "born": str(hit.born) if hit.born else None,
            "commune": hit.commune_code,
            "why": [str(reason.why) for reason in hit.reasons],
        }
        for hit in found.hits
    ]
    lines = [f"{h['personal_number'] or '-':<13} {h['name']}, {h['born']}, {h['commune']}" for h in hits]
    told = _told(life) if life else None
    if told:
        lines += [f"  {name}: {value}" for name, value in told.items() if value]
    told_by = sources_told(chosen) if sources else None
    for one in told_by or ():
        lines += [f"  {one['field']}: {one['value']} ({one['ground']})", *(f"    {said}" for said in one["told"])]
    answer(
        {"people": hits, "life": told, **({"sources": told_by} if sources else {})},
        as_json=as_json,
        text="\n".join(lines) or "Nobody was found.",
    )
    if not hits:
        raise typer.Exit(4)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed("Write a day as 2020-05-01") from None


async def _find(
    dsn: str, keys: KeyRing, question: str, officer: str, purpose: str | None, on: date | None
) -> tuple[Found, Life | None, kept.Known | None]:
    now = datetime.now(UTC)
    async with Database(dsn, size=2) as database:
        who = await let_in(Door(database, SecondFactors(keys), now), officer)
        role = who.main.role.code if who.main else ""
        reasons = [purpose] if purpose else [p.code for p in purposes_of(role, today(now))]
        if not reasons:
            raise NotFound(f"The role of {officer} has no purpose for this")
        async with opened(
            database,
            who,
            operation=Operation.SEARCH,
            purpose=reasons[0],
            now=now,
            request_id=uuid4(),
            fields=SUMMARY_FIELDS,
            channel=Channel.COMMAND_LINE,
        ) as work:
            found = await search(work.tx, parse(question, today(now)))
            ids = tuple(hit.person_id for hit in found.hits)
            await work.log(persons=ids, result_count=len(ids))
            life = facts = None
            if len(ids) == 1:
                ledger = await history(work.tx, ids[0])
                life = ledger.as_of(on=on)
                if life and not life.adoption:  # sources name who was recorded as parents before
                    facts = await kept.known(work.tx, ledger)
                await work.log(person_id=ids[0], fields=ALL_FIELDS, operation=Operation.READ)
    return found, life, facts


def _told(life: Life) -> dict[str, object]:
    return {
        "name": life.name.full if life.name else "",
        "personal_number": life.personal_number,
        "born": str(life.born) if life.born else None,
        "died": str(life.died) if life.died else None,
        "status": life.status.name.lower(),
        "sex": life.sex.name.lower(),
        "marital": life.marital.name.lower(),
        "father": life.father.name if life.father else None,
        "mother": life.mother.name if life.mother else None,
        "residences": [
            f"{r.kind.name.lower()} {r.unit} {r.detail} ({r.since or '?'} - {r.until or ''})" for r in life.residences
        ],
        "numbers": [
            f"{i.scheme.name.lower()} {i.value}" + (" cancelled" if i.cancelled else "") for i in life.identifiers
        ],
    }


def verify(
    workers: Annotated[int, typer.Option(help="How many processes.", min=1, max=64)] = 2, as_json: Json = False
) -> None:
    """Prove the whole register: persons from their events, links, numbers, hashes, the feed, the counts, the log."""
    differences: list[dict[str, object]] = []
    here = Installation.here()
    with here.database(say) as dsn, console.status("Verifying") as status:
        counted = {"persons": 0, "log": 0}

        def persons(count: int) -> None:
            counted["persons"] += count
            status.update(f"Verifying: {counted['persons']:,} persons")

        def rows(count: int) -> None:
            counted["log"] += count
            status.update(f"Verifying: {counted['log']:,} rows of the log")

        differences += [
            {"what": found.what, "table": found.table, "person_id": found.person_id}
            for found in verify_register(dsn, workers=workers, progress=persons, ring=here.keys(dsn))
        ]
        differences += _miscounted(dsn, workers)
        differences += _loads_gone(dsn)
        found_in_log = log_findings(here, dsn, rows)
        differences += [
            {"what": told(one), "table": "access_log", "log_id": one.log_id} for one in found_in_log if one.is_fault
        ]
    remarks = [told(one) for one in found_in_log if not one.is_fault]
    lines = [" ".join(f"{k}={v}" for k, v in one.items() if v is not None) for one in differences]
    lines += remarks
    lines.append(
        f"{len(differences)} differences in {counted['persons']:,} persons and {counted['log']:,} rows of the log."
    )
    answer({"differences": differences, "remarks": remarks, **counted}, as_json=as_json, text="\n".join(lines))
    if differences:
        raise typer.Exit(DIFFERENCES)


def _loads_gone(dsn: str) -> list[dict[str, object]]:
    with psycopg.connect(as_role(dsn, "dancu_verifier"), autocommit=True) as connection:
        gone = batches_gone(connection)
    return [{"what": "the log tells of a load that is not there", "table": "batch", "log_id": one} for one in gone]


def _miscounted(dsn: str, workers: int) -> list[dict[str, object]]:
    """List in what the counts differ; where they are far behind, say so instead."""
    try:
        return [told_of(one) for one in recount(dsn, now=datetime.now(UTC), workers=workers)]
    except CountsBehind as error:
        say(str(error))
        return []
