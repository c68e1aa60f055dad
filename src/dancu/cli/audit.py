"""`dancu audit`: the heads of the log, proofs of its rows, and proving the whole of it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psycopg
import typer

from dancu.access.secrets import SecondFactors
from dancu.access.work import opened
from dancu.audit.entry import SUMMARY_FIELDS, Channel, Operation
from dancu.audit.keys import log_key, trusted_key
from dancu.audit.proofs import Head, heads, prove, verifier
from dancu.audit.retention import retire as retire_month
from dancu.audit.sealing import begin_log
from dancu.audit.unusual import Suspicion
from dancu.audit.verify import Finding, Progress, Trust, verify_log
from dancu.audit.witnesses import PROVES, read_witnesses
from dancu.cli.acting import Door, let_in
from dancu.cli.installation import Installation, as_role
from dancu.cli.output import DIFFERENCES, answer, console, say
from dancu.infra.db import Database
from dancu.kernel.errors import Malformed
from dancu.register.circle import unusual_use

audit = typer.Typer(
    name="audit",
    help="The log of every access: its signed heads, proofs of its rows, and proving the whole of it.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


def log_findings(here: Installation, dsn: str, progress: Progress) -> list[Finding]:
    """Prove the log of an installation, by the keys that its files name, and return what is found."""
    trust = Trust(trusted_key(here.home), read_witnesses(here.home))
    with psycopg.connect(as_role(dsn, "dancu_verifier"), autocommit=True) as connection:
        return list(verify_log(connection, trust, progress))


def told(found: Finding) -> str:
    """Say in a line what was found."""
    more = {"row": found.log_id, "at": found.size, "witness": found.witness}
    return " ".join([f"{found.what}:", *(f"{name}={value}" for name, value in more.items() if value is not None)])


@audit.command()
def key() -> None:
    """Print the public key of the log, for its witnesses; before the log is begun, the key is made."""
    here = Installation.here()
    known = trusted_key(here.home)
    if known is None:
        with here.database(say) as dsn:
            known = log_key(begin_log(dsn, here.home))
    answer({"key": known.text}, as_json=False, text=known.text)


@audit.command()
def checkpoints(
    most: Annotated[int, typer.Option(help="How many, the last ones.", min=1, max=10_000)] = 20, as_json: Json = False
) -> None:
    """List the signed heads of the log and who witnessed them, the last first."""
    here = Installation.here()
    witnesses = read_witnesses(here.home)
    with here.database(say) as dsn:
        found = asyncio.run(_heads(dsn, most))
    rows = [
        {
            "size": head.size,
            "made_at": head.made_at.astimezone(UTC).isoformat(),
            "root": head.checkpoint.root.hex(),
            "witnesses": [one.name for one in head.note.signatures[1:]],
            "published": witnesses.published(head.note),
            "note": head.note.whole,
        }
        for head in found
    ]
    lines = [
        f"{row['size']:>12} {row['made_at']:.19} {row['root']:.16}… "
        f"{'published' if row['published'] else 'NOT WITNESSED'} {' '.join(row['witnesses'])}"  # type: ignore[arg-type]
        for row in rows
    ]
    text = "\n".join(lines) or "Nothing is sealed yet."
    text += f"\n{PROVES[witnesses.standing][1]}"
    answer(
        {"need": witnesses.need, "witnesses": str(witnesses.standing), "checkpoints": rows}, as_json=as_json, text=text
    )


async def _heads(dsn: str, most: int) -> list[Head]:
    async with Database(dsn, size=1) as database, database.transaction() as tx:
        return await heads(tx, most=most)


@audit.command()
def check(as_json: Json = False) -> None:
    """Prove the log: rows, leaves, tree, signatures, and what each witness remembers."""
    here = Installation.here()
    counted = 0
    with here.database(say) as dsn, console.status("Verifying the log") as status:

        def progress(count: int) -> None:
            nonlocal counted
            counted += count
            status.update(f"Verifying the log: {counted:,} rows")

        found = log_findings(here, dsn, progress)
    faults = [one for one in found if one.is_fault]
    lines = [told(one) for one in found] + [f"{len(faults)} faults in {counted:,} rows."]
    told_as = [{**_plain(one), "fault": one.is_fault} for one in found]
    answer({"findings": told_as, "rows": counted}, as_json=as_json, text="\n".join(lines))
    if faults:
        raise typer.Exit(DIFFERENCES)


def _plain(one: Finding) -> dict[str, object]:
    return {"what": str(one.what), "log_id": one.log_id, "size": one.size, "witness": one.witness}


@audit.command()
def proof(
    log_id: Annotated[int, typer.Argument(help="Number of a row of the log.")],
    out: Annotated[Path, typer.Option(help="File to write, e.g. row.tlog-proof.")],
    officer: Annotated[str, typer.Option(help="Name of the auditor who asks: that is logged, too.")],
) -> None:
    """Write the proof that a row of the log is what was sealed, for the stand-alone verifier; it names persons."""
    here = Installation.here()
    with here.database(say) as dsn:
        text = asyncio.run(_prove(dsn, SecondFactors(here.keys(dsn)), log_id, officer))
    out.write_text(text, encoding="utf-8")
    say(f"The proof is in {out}. Check it with: dancu audit verifier > verify.py; python verify.py {out}")


async def _prove(dsn: str, factors: SecondFactors, log_id: int, officer: str) -> str:
    now = datetime.now(UTC)
    async with Database(dsn, size=2) as database:
        who = await let_in(Door(database, factors, now), officer)
        async with opened(
            database,
            who,
            operation=Operation.READ_LOG,
            purpose="inspection",
            now=now,
            request_id=uuid4(),
            fields=SUMMARY_FIELDS,
            channel=Channel.COMMAND_LINE,
        ) as work:
            made = await prove(work.tx, log_id)
            await work.log(person_id=made.entry.person_id, persons=made.entry.persons)
    return made.text


@audit.command()
def unusual(
    officer: Annotated[str, typer.Option(help="Name of the auditor who asks: that is logged, too.")],
    days: Annotated[int, typer.Option(help="How many days back.", min=1, max=366)] = 30,
    as_json: Json = False,
) -> None:
    """List unusual use with its reasons: oneself, relatives, neighbours, after hours, volume, refusals."""
    here = Installation.here()
    with here.database(say) as dsn:
        found = asyncio.run(_unusual(dsn, SecondFactors(here.keys(dsn)), officer, days))
    rows = [
        {
            "why": str(one.why),
            "officer_id": one.officer_id,
            "day": one.day.isoformat(),
            "count": one.count,
            "usual": one.usual,
            "on_dossier": one.on_dossier,
            "log_ids": list(one.log_ids),
        }
        for one in found
    ]
    lines = [
        f"{one.day} officer={one.officer_id} {one.rule.title_en}: {one.count}"
        + (f", usually {one.usual:g}" if one.usual is not None else "")
        + (f"; rows {', '.join(map(str, one.log_ids[:8]))}" if one.log_ids else "")
        for one in found
    ]
    answer({"unusual": rows}, as_json=as_json, text="\n".join(lines) or "Nothing unusual.")


async def _unusual(dsn: str, factors: SecondFactors, officer: str, days: int) -> list[Suspicion]:
    now = datetime.now(UTC)
    async with Database(dsn, size=2) as database:
        who = await let_in(Door(database, factors, now), officer)
        async with opened(
            database,
            who,
            operation=Operation.READ_LOG,
            purpose="inspection",
            now=now,
            request_id=uuid4(),
            fields=SUMMARY_FIELDS,
            channel=Channel.COMMAND_LINE,
        ) as work:
            found = await unusual_use(work.tx, since=now - timedelta(days=days), until=now)
            await work.log(persons=tuple(sorted(frozenset[int]().union(*(one.persons for one in found)))))
    return found


@audit.command(name="verifier")
def print_verifier() -> None:
    """Print the stand-alone verifier, with the public keys that this installation trusts."""
    here = Installation.here()
    known = trusted_key(here.home)
    witnesses = read_witnesses(here.home)
    text = verifier(known, witnesses)
    answer({}, as_json=False, text=text)


@audit.command()
def retire(month: Annotated[str, typer.Argument(help="A month, e.g. 2026-11.")]) -> None:
    """Drop a month of the log whose time is over; the log tells so, and its leaves stay in the tree."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Malformed("Write a month as 2026-11") from None
    here = Installation.here()
    with here.database(say) as dsn, psycopg.connect(dsn) as connection:
        rows = retire_month(connection, first, now=datetime.now(UTC), request_id=uuid4())
    say(f"{rows:,} rows of {month} were dropped.")
