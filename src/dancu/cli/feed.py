"""`dancu feed`: what happened to whom, in order; who reads it is logged, and reads what an outsider may."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import msgspec
import psycopg
import typer

from dancu.access.model import Officer
from dancu.access.secrets import SecondFactors
from dancu.access.work import opened
from dancu.audit.entry import ALL_FIELDS, Channel, Operation, digest_of
from dancu.cli.acting import Door, let_in
from dancu.cli.installation import Installation, as_role
from dancu.cli.output import answer, console, say
from dancu.infra.db import Database
from dancu.infra.postgres.errors import NotEmpty
from dancu.register.feed import Entry, Happened, Place, events_after, page, standing
from dancu.register.feed.extract import Extract, extract

feed = typer.Typer(
    help="The feed: thin events, numbered without gaps, from which every derived part reads. Reading is logged.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
By = Annotated[str, typer.Option("--officer", help="Name of the officer who reads; it is logged.")]
Why = Annotated[str, typer.Option("--purpose", help="Code of the purpose.")]
After = Annotated[int, typer.Option(help="Number of the last entry that is known; 0 begins at the first.", min=0)]
_PAGE = 1_000
_LOOK_AGAIN_S = 0.2


@feed.command()
def status(as_json: Json = False) -> None:
    """Say how far the feed is, and what waits to be in it."""
    with (
        Installation.here().database(say) as dsn,
        psycopg.connect(as_role(dsn, "dancu_verifier"), autocommit=True) as connection,
    ):
        found = standing(connection)
    text = f"The last number is {found.sequence:,}; {found.waiting:,} acts wait"
    answer(found, as_json=as_json, text=text + (f" since {found.waiting_since}." if found.waiting_since else "."))


@feed.command()
def tail(
    officer: By,
    after: After = 0,
    most: Annotated[int, typer.Option(help="How many at most.", min=1, max=_PAGE)] = _PAGE,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes; Ctrl-C ends.")] = False,
    purpose: Why = "derivation",
    as_json: Json = False,
) -> None:
    """List a page of entries; with --follow, one line each, page after page, for as long as it is let."""
    with _reading(officer, purpose) as reading:
        entries = page(reading.connection, after=after, most=most)
        reading.log(entries)
        if not follow:
            text = "\n".join(map(_line, entries)) or "Nothing new."
            answer({"entries": [_told(one) for one in entries]}, as_json=as_json, text=text)
            return
        while True:
            _print(entries, as_json=as_json)
            if entries:
                after = entries[-1].sequence
            else:
                time.sleep(_LOOK_AGAIN_S)
            entries = page(reading.connection, after=after, most=most)
            if entries:
                reading.log(entries)


@feed.command()
def replay(
    officer: By,
    after: After = 0,
    to: Annotated[int | None, typer.Option(help="The last number; none: that of now.")] = None,
    purpose: Why = "derivation",
    as_json: Json = False,
) -> None:
    """List all events after a number, one line each; acts of many persons are unfolded."""
    with _reading(officer, purpose) as reading:
        last = standing(reading.connection).sequence if to is None else to
        for events in _pages(reading.connection, Place(after), last):
            reading.log(events)
            _print(events, as_json=as_json)


@feed.command(name="extract")
def extract_command(
    to: Annotated[Path, typer.Argument(help="A file that does not exist yet: .parquet or .ndjson.")],
    officer: By,
    purpose: Why = "derivation",
    as_json: Json = False,
) -> None:
    """Write the state of everybody as of a number of the feed; who reads on from there misses nothing."""
    if to.exists():
        raise NotEmpty(f"{to} is there already")
    here = Installation.here()
    with here.database(say) as dsn, console.status("Extracting") as status:
        written = 0

        def progress(count: int) -> None:
            nonlocal written
            written += count
            status.update(f"Extracting: {written:,} persons")

        taking = _Taking(dsn, to, officer, purpose, progress)
        done = asyncio.run(_take(taking, SecondFactors(here.keys(dsn))))
    told = {"file": str(to), "sequence": done.sequence, "persons": done.persons}
    answer(told, as_json=as_json, text=f"{done.persons:,} persons as of number {done.sequence:,} are in {to}.")


@dataclass(frozen=True)
class _Taking:
    dsn: str
    to: Path
    officer: str
    purpose: str
    progress: Callable[[int], None]


async def _take(taking: _Taking, factors: SecondFactors) -> Extract:
    """Write beside the goal; the file takes its name when the log has the row."""
    now = datetime.now(UTC)
    to = taking.to
    partial = to.with_name(f".partial-{to.name}")
    async with Database(taking.dsn, size=1, patient=True) as database:
        who = await let_in(Door(database, factors, now), taking.officer)
        try:
            async with opened(
                database,
                who,
                operation=Operation.EXPORT,
                purpose=taking.purpose,
                now=now,
                request_id=uuid4(),
                fields=ALL_FIELDS,
                channel=Channel.COMMAND_LINE,
            ) as work:
                done = await asyncio.to_thread(extract, taking.dsn, partial, progress=taking.progress)
                await work.log(result_count=done.persons, persons_digest=done.digest)
            partial.rename(to)
        finally:
            partial.unlink(missing_ok=True)
    return done


@dataclass(frozen=True)
class _Reading:
    """The feed, opened to an officer; each page is logged before it is shown."""

    connection: psycopg.Connection[Any]
    dsn: str
    officer: Officer
    purpose: str

    def log(self, found: Sequence[Entry | Happened]) -> None:
        asyncio.run(self._log(found))

    async def _log(self, found: Sequence[Entry | Happened]) -> None:
        persons = {one.person_id for one in found if one.person_id is not None}
        async with (
            Database(self.dsn, size=1) as database,
            opened(
                database,
                self.officer,
                operation=Operation.EXPORT,
                purpose=self.purpose,
                now=datetime.now(UTC),
                request_id=uuid4(),
                channel=Channel.COMMAND_LINE,
            ) as work,
        ):
            await work.log(result_count=len(found), persons_digest=digest_of(persons))


@contextmanager
def _reading(officer: str, purpose: str) -> Iterator[_Reading]:
    here = Installation.here()
    with here.database(say) as dsn:
        who = asyncio.run(_let_in(dsn, SecondFactors(here.keys(dsn)), officer))
        with psycopg.connect(as_role(dsn, "dancu_verifier"), autocommit=True) as connection:
            yield _Reading(connection, dsn, who, purpose)


async def _let_in(dsn: str, factors: SecondFactors, officer: str) -> Officer:
    async with Database(dsn, size=1, patient=True) as database:
        return await let_in(Door(database, factors, datetime.now(UTC)), officer)


def _pages(connection: psycopg.Connection[Any], at: Place, last: int) -> Iterator[list[Happened]]:
    while at.sequence < last:
        events, to = events_after(connection, at)
        if to == at:
            return
        yield [one for one in events if one.at.sequence <= last]
        at = to


def _print(found: Sequence[Entry | Happened], *, as_json: bool) -> None:
    for one in found:
        sys.stdout.write((msgspec.json.encode(_told(one)).decode() if as_json else _line(one)) + "\n")
    sys.stdout.flush()


def _told(one: Entry | Happened) -> dict[str, object]:
    kind = _kind(one)
    where: dict[str, object] = {"sequence": one.sequence} if isinstance(one, Entry) else vars(one.at)
    rest = {name: value for name, value in vars(one).items() if name not in {"at", "sequence", "kind"}}
    return {**where, "kind": kind, **rest}


def _kind(one: Entry | Happened) -> str | None:
    return one.kind.name.lower() if one.kind else None


def _line(one: Entry | Happened) -> str:
    sequence = one.sequence if isinstance(one, Entry) else one.at.sequence
    kind = _kind(one) or "unknown"
    whom = f"persons={one.persons}" if isinstance(one, Entry) and one.person_id is None else f"person={one.person_id}"
    return f"{sequence:>12} {one.known_at:%Y-%m-%d %H:%M:%S} {kind} {whom}"
