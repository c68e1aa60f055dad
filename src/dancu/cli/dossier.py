"""`dancu dossier`: the cases of an office, from their receipt to their end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import typer

from dancu.access.cases import open_case, open_case_here, opener_of
from dancu.access.model import Assignment, Officer
from dancu.access.secrets import SecondFactors
from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.cli.acting import Door, let_in
from dancu.cli.installation import Installation
from dancu.cli.output import answer, say
from dancu.dossiers import commands
from dancu.dossiers.documents.scan import Scanner, scanner_of
from dancu.dossiers.documents.store import attach as keep
from dancu.dossiers.documents.store import checked, documents_of
from dancu.dossiers.lists import ListKind, note_list
from dancu.dossiers.matters import MATTERS, matters_of
from dancu.dossiers.model import Dossier, Move
from dancu.dossiers.moves import take
from dancu.dossiers.terms import term_of
from dancu.infra.db import Database
from dancu.infra.keys import KeyRing
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Forbidden, Malformed
from dancu.kernel.time import today

dossier = typer.Typer(
    name="dossier",
    help="Dossiers: the case that every act, and every look beyond the own territory, hangs on. "
    "One is named by the number on its receipt.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
By = Annotated[str, typer.Option("--officer", help="Name of the officer who acts.")]
Number = Annotated[str, typer.Argument(help="Number on the receipt.")]
Result = TypeVar("Result")
_BY_HAND = tuple(move for move in Move if move not in {Move.RECEIVE, Move.PROPOSE, Move.SETTLE, Move.TRANSFER})


@dataclass(frozen=True)
class _Here:
    """An officer at the office, with what is needed to work on dossiers."""

    database: Database
    officer: Officer
    held: Assignment
    ring: KeyRing
    scanner: Scanner
    now: datetime

    @property
    def offices(self) -> dict[str, str]:
        return {"scope": "none", "offices": str(self.held.office.office_id)}


def _at_office(officer: str, do: Callable[[_Here], Awaitable[Result]]) -> Result:
    here = Installation.here()

    async def run(dsn: str) -> Result:
        now, ring = datetime.now(UTC), here.keys(dsn)
        async with Database(dsn, size=2, keys=ring) as database:
            who = await let_in(Door(database, SecondFactors(ring), now), officer)
            if who.main is None:
                raise Forbidden("You have no office today")
            if who.main.role.authority is None:
                raise Forbidden("Your role has no such purpose")
            return await do(_Here(database, who, who.main, ring, scanner_of(here.settings.clamd), now))

    with here.database(say) as dsn:
        return asyncio.run(run(dsn))


def _told(one: Dossier, now: datetime) -> dict[str, Any]:
    matter = MATTERS.get(one.matter)
    return {
        "number": one.number,
        "dossier_id": one.dossier_id,
        "matter": one.matter,
        "title": matter.title_en if matter else one.matter,
        "requester": one.requester,
        "state": one.state,
        "outcome": one.outcome,
        "due": one.deadline_on,
        "overdue": one.overdue(today(now)),
        "opens_until": one.opens_until if one.opens(today(now)) else None,
    }


def _line(one: dict[str, Any]) -> str:
    due = f"due {one['due']}" if one["due"] else "no term runs"
    late = ", OVERDUE" if one["overdue"] else ""
    return f"{one['number']}  {one['outcome'] or one['state']:<17} {one['title']}, {one['requester']}, {due}{late}"


@dossier.command()
def matters(officer: By, as_json: Json = False) -> None:
    """List the matters of the officer's authority, their terms, and the acts that they lead to."""

    async def found(here: _Here) -> list[dict[str, Any]]:
        day = today(here.now)
        return [
            {
                "matter": one.code,
                "title": one.title_en,
                "title_vi": one.title_vi,
                "working_days": term_of(one.code, day).working_days,
                "law": term_of(one.code, day).law,
                "acts": sorted(one.acts),
            }
            for one in matters_of(here.held.authority)
        ]

    rows = _at_office(officer, found)
    lines = [f"{one['matter']:<22} {one['title']} ({one['working_days']} working days)" for one in rows]
    answer({"matters": rows}, as_json=as_json, text="\n".join(lines) or "Your authority has no matters.")


@dossier.command("list")
def list_dossiers(
    officer: By,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose term has passed.")] = False,
    as_json: Json = False,
) -> None:
    """List the dossiers of the office, the urgent ones first."""

    async def found(here: _Here) -> list[dict[str, Any]]:
        ids = [here.held.office.office_id]
        async with here.database.transaction(**here.offices) as tx:
            late = await commands.overdue(tx, ids, now=here.now) if overdue else await commands.dossiers_of(tx, ids)
            await note_list(
                tx,
                late,
                kind=ListKind.OVERDUE if overdue else ListKind.OFFICE,
                by=opener_of(here.officer, here.held),
                now=here.now,
                request_id=uuid4(),
                channel=Channel.COMMAND_LINE,
            )
        return [_told(one, here.now) for one in late]

    rows = _at_office(officer, found)
    answer({"dossiers": rows}, as_json=as_json, text="\n".join(map(_line, rows)) or "There is none.")


@dossier.command("open")
def open_dossier(
    matter: Annotated[str, typer.Argument(help="Code of the matter, see `dancu dossier matters`.")],
    officer: By,
    requester: Annotated[str, typer.Option(help="Who asks.")],
    number: Annotated[str, typer.Option(help="Personal number of whom it is about; none: nobody yet.")] = "",
    name: Annotated[str, typer.Option(help="Full name.")] = "",
    born: Annotated[str, typer.Option(help="Date of birth, or what is known of it: 1985-03-12, 1985-03, 1985.")] = "",
    as_json: Json = False,
) -> None:
    """Open a dossier, and by it the person whom number, name and date of birth name together."""
    if bool(number) is not bool(name and born):
        raise Malformed("Name a person by --number, --name and --born together, or nobody")

    async def opened(here: _Here) -> dict[str, Any]:
        common: dict[str, Any] = {
            "matter": matter,
            "requester": requester,
            "now": here.now,
            "request_id": uuid4(),
            "office_id": here.held.office.office_id,
            "channel": Channel.COMMAND_LINE,
        }
        if not number:
            return _told(await open_case_here(here.database, here.officer, person_id=None, **common), here.now)
        named: dict[str, Any] = {"number": "".join(number.split()), "name": name, "born": PartialDate.parse(born)}
        return _told(await open_case(here.database, here.officer, **named, **common), here.now)

    told = _at_office(officer, opened)
    answer(told, as_json=as_json, text=_line(told))


def _look(here: _Here, one: Dossier) -> Entry:
    """The row of a look at who asked, why it was refused, and names of documents."""
    by = opener_of(here.officer, here.held)
    return Entry(
        logged_at=here.now,
        operation=Operation.READ,
        outcome=Outcome.GRANTED,
        channel=Channel.COMMAND_LINE,
        request_id=uuid4(),
        officer_id=by.officer_id,
        office=by.office_unit,
        role=by.role,
        purpose="dossier",
        legal_ground=one.legal_ground,
        dossier_id=one.dossier_id,
        result_count=1,
    )


@dossier.command()
def show(number: Number, officer: By, as_json: Json = False) -> None:
    """Show a dossier with its steps and documents; whom it names is shown by `dancu person` on it."""

    async def found(here: _Here) -> dict[str, Any]:
        async with here.database.transaction(**here.offices) as tx:
            one = await commands.dossier_numbered(tx, number)
            steps = await commands.steps_of(tx, one.dossier_id)
            documents = await documents_of(tx, one.dossier_id)
            await record(tx, _look(here, one))
        return _told(one, here.now) | {
            "steps": [
                {"at": s.taken_at, "move": s.move, "state": s.state, "due": s.deadline_on, "reason": s.reason}
                for s in steps
            ],
            "documents": [
                {
                    "id": str(d.document_id),
                    "name": d.name(here.ring),
                    "kind": d.kind,
                    "size": d.size,
                    "sha256": d.digest.hex(),
                }
                for d in documents
            ],
        }

    told = _at_office(officer, found)
    lines = [_line(told)]
    lines += [f"  {s['at']:%Y-%m-%d %H:%M} {s['move']:<14} -> {s['state']} {s['reason']}" for s in told["steps"]]
    lines += [
        f"  {d['id']:<19} {d['sha256'][:12]} {d['kind']:<5} {d['size']:>9} {d['name']}" for d in told["documents"]
    ]
    answer(told, as_json=as_json, text="\n".join(lines))


@dossier.command()
def move(
    number: Number,
    what: Annotated[str, typer.Argument(help=", ".join(_BY_HAND))],
    officer: By,
    reason: Annotated[str, typer.Option(help="Why; for the applicant, where something is asked or refused.")] = "",
    ground: Annotated[str, typer.Option(help="Of a refusal: the law that it rests on.")] = "",
    as_json: Json = False,
) -> None:
    """Take a dossier further: ask the applicant, grant, refuse, close, reopen, ..."""
    if what not in set(_BY_HAND):
        raise Malformed(f"What can be done: {', '.join(_BY_HAND)}")

    async def moved(here: _Here) -> dict[str, Any]:
        async with here.database.transaction(**here.offices) as tx:
            one = await commands.dossier_numbered(tx, number)
            after = await take(
                tx,
                dossier_id=one.dossier_id,
                move=Move(what),
                by=opener_of(here.officer, here.held),
                now=here.now,
                reason=reason,
                legal_ground=ground,
            )
        return _told(after, here.now)

    told = _at_office(officer, moved)
    answer(told, as_json=as_json, text=_line(told))


@dossier.command()
def attach(
    number: Number,
    file: Annotated[Path, typer.Argument(help="PDF, JPEG, PNG or HEIC.", exists=True, dir_okay=False)],
    officer: By,
    as_json: Json = False,
) -> None:
    """Attach a document, once it was checked; it is kept encrypted."""

    async def attached(here: _Here) -> dict[str, Any]:
        document = await checked(file.read_bytes(), file.name, here.scanner)
        async with here.database.transaction(**here.offices) as tx:
            one = await commands.dossier_numbered(tx, number)
            kept = await keep(
                tx,
                dossier_id=one.dossier_id,
                document=document,
                by=opener_of(here.officer, here.held),
                ring=here.ring,
                now=here.now,
            )
        return {"name": document.name, "kind": kept.kind, "size": kept.size, "sha256": kept.digest.hex()}

    told = _at_office(officer, attached)
    answer(told, as_json=as_json, text=f"{told['name']} is attached ({told['sha256'][:12]}).")
