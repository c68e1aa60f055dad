"""`dancu intake`: what becomes of a batch after it was loaded, and what source systems may."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import psycopg
import typer

from dancu.cli.at_desk import AtDesk, at_desk
from dancu.cli.installation import Installation, as_role
from dancu.cli.output import DIFFERENCES, EPILOG, answer, console, say
from dancu.infra.db import Database
from dancu.intake import credentials, rules, stages, store
from dancu.intake.credentials import Discloses
from dancu.intake.loading import Loaded, go_on, release
from dancu.intake.reconciling import reconcile
from dancu.intake.rejects import write_rejects
from dancu.intake.revert import left_standing
from dancu.intake.spool import SpoolMissing
from dancu.kernel.time import today
from dancu.portals.officer.data import account_of
from dancu.portals.officer.intake_house import check_loader

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
Batch = Annotated[int, typer.Argument(help="Number of the batch.")]
Done = TypeVar("Done")

keys_app = typer.Typer(help="Keys of source systems that push their changes.", no_args_is_help=True, epilog=EPILOG)


def told(done: Loaded) -> str:
    """Say what became of a file, in one line."""
    text = (
        f"batch {done.batch}: {done.records} records = {done.created} created + {done.updated} updated"
        f" + {done.unchanged} unchanged + {done.queued} queued + {done.rejected} rejected"
    )
    for what, columns in (("new", done.new_columns), ("missing", done.missing_columns)):
        if columns:
            text += f"; {what} columns: {', '.join(columns)}"
    if done.held:
        return f"{text} + {done.waiting} waiting: held, since too many were rejected; nothing was applied"
    if done.repeated:
        return f"{text} (loaded before; nothing was changed)"
    if done.withdrawn:
        text += f"; {done.withdrawn} persons are no longer in it, {done.left} of their events wait for a clerk"
    return text


def rejects_command(
    batch: Batch, out: Annotated[Path, typer.Option(help="File to write, in the form sent.")], as_json: Json = False
) -> None:
    """Write the rejected records as they were sent, each with what is wrong, to be corrected and sent again."""
    here = Installation.here()
    with here.database(say) as dsn, psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
        count = write_rejects(connection, here.keys(dsn), batch, out, now=datetime.now(UTC))
    answer({"batch": batch, "records": count, "out": str(out)}, as_json=as_json, text=f"{count} records are in {out}.")


def release_command(
    batch: Batch,
    officer: Annotated[str, typer.Option("--officer", help="Name of the officer who answers for it.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    as_json: Json = False,
) -> None:
    """Let a file that is held be applied; its rejected records stay rejected."""
    by = who_answers(officer)
    here = Installation.here()
    now = datetime.now(UTC)

    async def run(database: Database) -> Loaded | None:
        await release(database, batch, by=by, why=why, now=now)
        try:
            return await go_on(database, batch, now=now, folder=here.home / "spool")
        except SpoolMissing:
            return None

    done = _with_database(here, run)
    text = told(done) if done else "It is released; load the file again, which applies it."
    answer(done or {"batch": batch, "released": True}, as_json=as_json, text=text)


def verify_command(batch: Batch, as_json: Json = False) -> None:
    """Prove a batch: lines, records, decisions, queue and acts must agree. Ends with 1 if they do not."""
    now = datetime.now(UTC)

    async def run(database: Database) -> tuple[list[str], list[tuple[object, ...]]]:
        wrong = await stages.reconcile(database, batch, now)
        async with database.transaction(scope="none") as tx:
            return wrong, list(await stages.reached(tx, batch))

    wrong, rows = _with_database(Installation.here(), run)
    names = ("stage", "reached_at", "records", "accepted", "rejected", "created", "updated", "unchanged", "queued")
    reached = [dict(zip(names, row, strict=True)) for row in rows]
    lines = [
        f"{one['stage']:<11} {one['records']:>9} records = {one['accepted']} accepted + {one['rejected']} rejected"
        for one in reached
    ]
    lines += wrong or ["Nothing was lost."]
    answer({"batch": batch, "stages": reached, "wrong": wrong}, as_json=as_json, text="\n".join(lines))
    if wrong:
        raise typer.Exit(DIFFERENCES)


def left_command(batch: Batch, as_json: Json = False) -> None:
    """List what taking a batch back, or its correction, left for a clerk."""
    found = _with_database(Installation.here(), lambda database: left_standing(database, batch))
    lines = [f"person {one.person_id} event {one.seq}: {one.reason}" for one in found]
    answer({"left": found}, as_json=as_json, text="\n".join(lines) or "Nothing was left.")


def rules_command(
    every: Annotated[bool, typer.Option("--all", help="Also rules that are not in force today.")] = False,
    as_json: Json = False,
) -> None:
    """List the rules that records must keep to."""
    listed = rules.TABLE if every else rules.in_force(today(datetime.now(UTC)))
    lines = [f"{one.id} v{one.version} ({one.severity}, {one.dimension}): {one.message_en}" for one in listed]
    answer({"rules": rules.as_rows(listed)}, as_json=as_json, text="\n".join(lines))


def reconcile_command(
    source: Annotated[str, typer.Argument(help="Name of the source system.")],
    file: Annotated[Path, typer.Argument(help="Its full list.")],
    out: Annotated[Path, typer.Option(help="Folder for the reports.")],
    mapping: Annotated[Path | None, typer.Option(help="What the columns mean (TOML, JSON); else guessed.")] = None,
    as_json: Json = False,
) -> None:
    """Hold a source's full list against the register, both ways; nothing is changed."""
    with (
        Installation.here().database(say) as dsn,
        psycopg.connect(as_role(dsn, "dancu_loader")) as connection,
        console.status("Reading and comparing"),
    ):
        done = reconcile(connection, source, file, out, now=datetime.now(UTC), mapping=mapping)
    text = (
        f"{done.there} records there, {done.here} persons here: {done.same} the same, {done.different} different,"
        f" {done.only_here} only here, {done.only_there} only there; see {out}."
    )
    answer(asdict(done), as_json=as_json, text=text)


@keys_app.command("issue")
def issue_key(
    source: Annotated[str, typer.Argument(help="Name of the source system.")],
    agreement: Annotated[str, typer.Option(help="Number of the agreement.")],
    officer: Annotated[str, typer.Option("--officer", help="Name of the officer who issues it.")],
    discloses: Annotated[Discloses, typer.Option(help="What answers may tell.")] = Discloses.NOTHING,
    rate: Annotated[int, typer.Option(help="Changes a minute.", min=1)] = 600,
    as_json: Json = False,
) -> None:
    """Make a key; it is shown once."""
    by = who_answers(officer)
    now = datetime.now(UTC)

    async def run(database: Database) -> str:
        async with database.transaction(scope="none") as tx:
            return await credentials.issue(
                tx,
                source=source,
                agreement=agreement,
                discloses=discloses,
                changes_per_minute=rate,
                by=by,
                now=now,
            )

    key = _with_database(Installation.here(), run)
    answer({"source": source, "key": key}, as_json=as_json, text=f"{key}\nIt is not shown again.")


@keys_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys, without their secret."""
    with Installation.here().database(say) as dsn, psycopg.connect(as_role(dsn, "dancu_loader")) as connection:
        rows = connection.execute(store.SQL.credentials.encode()).fetchall()
    names = ("key", "source", "agreement", "discloses", "rate", "issued_at", "issued_by", "revoked_at")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    lines = [
        f"{one['key']} {one['source']} {one['agreement']} tells {one['discloses']}, {one['rate']} a minute"
        + (" (revoked)" if one["revoked_at"] else "")
        for one in found
    ]
    answer({"keys": found}, as_json=as_json, text="\n".join(lines) or "There are no keys.")


@keys_app.command("revoke")
def revoke_key(
    key: Annotated[int, typer.Argument(help="Number of the key, see `list`.")], as_json: Json = False
) -> None:
    """Let a key hold no more."""
    now = datetime.now(UTC)

    async def run(database: Database) -> None:
        async with database.transaction(scope="none") as tx:
            await credentials.revoke(tx, key, now)

    _with_database(Installation.here(), run)
    answer({"key": key, "revoked": True}, as_json=as_json, text="It holds no more.")


def who_answers(officer: str) -> str:
    """Return the name of an officer who may load, once proven; in a demo taken at the word."""

    async def named(desk: AtDesk) -> str:
        check_loader(desk.at)
        account = account_of(desk.at)
        return f"{account.full_name} ({account.name})"

    return at_desk(officer, None, named)


def _with_database(here: Installation, run: Callable[[Database], Awaitable[Done]]) -> Done:
    """Run something with the database as the role that loads."""

    async def opened(dsn: str) -> Done:
        async with Database(dsn, role="dancu_loader", size=8, patient=True, keys=here.keys(dsn)) as database:
            return await run(database)

    with here.database(say) as dsn:
        return asyncio.run(opened(dsn))
