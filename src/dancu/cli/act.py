"""`dancu act`: every kind of act by the command line, and what takes two officers."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from dancu.cli.act_text import filed_from, shown
from dancu.cli.at_desk import AtDesk, at_desk
from dancu.cli.output import REFUSED, answer, say
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Invalid, Malformed, Refused
from dancu.kernel.time import today
from dancu.portals.officer.act_values import mentions, swapped
from dancu.portals.officer.act_views import ActForm
from dancu.portals.officer.proposal_views import ProposalLine
from dancu.portals.officer.views import Verdict
from dancu.portals.shared.pages import Said
from dancu.register.catalogue import CATALOGUE, Entry, entry_of

act = typer.Typer(
    name="act",
    help="Acts: what an officer records. Persons are named by personal number, or by the reference that stands in the "
    "address of a record; several of them with commas; days as 2026-05-01.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
By = Annotated[str, typer.Option("--officer", help="Name of the officer who acts.")]
Which = Annotated[str, typer.Argument(help="DOSSIER/PROPOSAL, as `dancu act proposals` lists them.")]
Kind = Annotated[str, typer.Argument(help="Kind of act, as `dancu act list` lists them.")]
_AUTHORITIES = {one.name.lower(): one for one in Authority}


@act.command("list")
def list_acts(
    authority: Annotated[str | None, typer.Option(help="Only the acts of civil_registrar, commune_police, ...")] = None,
    as_json: Json = False,
) -> None:
    """List the kinds of acts, and whose they are today."""
    day = today(datetime.now(UTC))
    if authority and authority not in _AUTHORITIES:
        raise Malformed(f"The authorities are: {', '.join(_AUTHORITIES)}")
    found: list[dict[str, Any]] = [
        {
            "act": one.code,
            "title": one.title,
            "authorities": sorted(who.name.lower() for who in one.authorities(day)),
            "ground": one.ground,
            "four_eyes": one.proposable is not None,
        }
        for one in CATALOGUE.values()
        if authority is None or _AUTHORITIES[authority] in one.authorities(day)
    ]
    lines = [f"{one['act']:<31} {one['title']} ({', '.join(one['authorities'])})" for one in found]
    answer({"acts": found}, as_json=as_json, text="\n".join(lines))


@act.command()
def show(kind: Kind, as_json: Json = False) -> None:
    """Show what an act asks: its fields, how they are written, and what may be chosen."""
    entry = entry_of(kind)
    told = shown(entry)
    lines = [f"{entry.title} ({entry.ground})"]
    for one in told["fields"]:
        lines.append(f"  {one['name']:<15} {one['write']}{'' if one['needed'] else ' (optional)'}")
        lines.append(f"  {'':<15} {one['label']}{': ' + one['help'] if one['help'] else ''}")
        if one["choices"]:
            lines.append(f"  {'':<15} {', '.join(one['choices'])}")
    answer(told, as_json=as_json, text="\n".join(lines))


@act.command()
def record(
    kind: Kind,
    officer: By,
    fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE...", help="See `dancu act show`.")] = None,
    dossier: Annotated[str | None, typer.Option(help="Number of an open one; none: one begins with the act.")] = None,
    file: Annotated[Path | None, typer.Option(help="The fields as JSON, in place of FIELD=VALUE; - is stdin.")] = None,
    ground: Annotated[str, typer.Option(help="Legal ground, where it is not the usual one.")] = "",
    book: Annotated[str, typer.Option(help="Civil-status book.")] = "",
    volume: Annotated[str, typer.Option(help="Its volume.")] = "",
    number: Annotated[str, typer.Option(help="Number in the book.")] = "",
    signer: Annotated[str, typer.Option(help="Who signed there.")] = "",
    evidence: Annotated[list[str] | None, typer.Option(help="NAME or NAME=SHA256 of a document; repeatable.")] = None,
    paper: Annotated[list[str] | None, typer.Option(help="Id of a document of the dossier; repeatable.")] = None,
    requester: Annotated[str, typer.Option(help="Who asks, where a dossier begins.")] = "",
    matter: Annotated[str, typer.Option(help="Code of the procedure, where a dossier begins; see `show`.")] = "",
    why: Annotated[str, typer.Option(help="Why it is proposed, for the second officer.")] = "",
    another_child: Annotated[bool, typer.Option(help="Whoever fits and is registered is somebody else.")] = False,
    request_id: Annotated[str | None, typer.Option(help="UUID; the same one again changes nothing.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Try it and undo it.")] = False,
    as_json: Json = False,
) -> None:
    """Record an act; what takes two officers is proposed."""
    entry = entry_of(kind)
    with _faults_told(entry, as_json=as_json):
        filed = filed_from(entry, file, _read(file), fields or [])
        registration = {"book": book, "volume": volume, "number": number, "signer": signer}
        form = ActForm(
            request_id=_uuid(request_id),
            values=filed.values,
            registration={**filed.registration, **{part: text for part, text in registration.items() if text}},
            evidence={**filed.evidence, **dict(one.partition("=")[::2] for one in evidence or [])},
            legal_ground=ground or filed.legal_ground,
            requester=requester,
            reason=why,
            another_child=another_child,
            papers=tuple(paper or ()),
            matter=matter,
        )
        told, text = at_desk(officer, dossier, lambda here: _do(here, entry, form, check=check))
    answer(told, as_json=as_json, text=text)


@act.command()
def proposals(officer: By, as_json: Json = False) -> None:
    """List the acts that wait for a second officer."""

    async def found(here: AtDesk) -> tuple[ProposalLine, ...]:
        return await here.desk.proposals(here.at)

    rows: list[dict[str, Any]] = [
        {
            "proposal": f"{one.dossier}/{one.code}",
            "title": one.title,
            "proposer": one.proposer,
            "until": one.expires_on.isoformat(),
            "own": one.mine,
        }
        for one in at_desk(officer, None, found)
    ]
    lines = [f"{one['proposal']}  {one['title']}, {one['proposer']}, until {one['until']}" for one in rows]
    answer({"proposals": rows}, as_json=as_json, text="\n".join(lines) or "Nothing waits for a second officer.")


@act.command()
def approve(proposal: Which, officer: By, as_json: Json = False) -> None:
    """Have a proposed act carried out, as it was filed."""

    async def do(here: AtDesk) -> tuple[dict[str, Any], str]:
        done = await here.desk.approve_proposal(here.at, **_which(proposal))
        told = {"state": "recorded", "reference": done.ref, "personal_number": done.number or None}
        return told, f"Recorded. {done.number}".strip()

    told, text = at_desk(officer, None, do)
    answer(told, as_json=as_json, text=text)


@act.command()
def refuse(
    proposal: Which,
    officer: By,
    why: Annotated[str, typer.Option(help="Why; who proposed it reads it.")],
    as_json: Json = False,
) -> None:
    """Refuse a proposed act."""
    at_desk(officer, None, lambda here: here.desk.refuse_proposal(here.at, **_which(proposal), answer=why))
    answer({"state": "refused"}, as_json=as_json, text="Refused.")


@act.command()
def withdraw(proposal: Which, officer: By, as_json: Json = False) -> None:
    """Withdraw what one proposed oneself."""
    at_desk(officer, None, lambda here: here.desk.withdraw_proposal(here.at, **_which(proposal)))
    answer({"state": "withdrawn"}, as_json=as_json, text="Withdrawn.")


async def _do(here: AtDesk, entry: Entry, form: ActForm, *, check: bool) -> tuple[dict[str, Any], str]:
    for mention in mentions(entry, form.values):
        await here.reference(str(mention))
    values = swapped(entry, form.values, lambda mention: here.named[str(mention)])
    form = ActForm(**{**vars(form), "values": values})
    told: dict[str, Any] = {"act": entry.code, "references": here.named}
    if check:
        checked = await here.desk.review_act(here.at, entry.code, form)
        told |= {"state": "checked", "four_eyes": checked.four_eyes, "warnings": _warnings(checked.warnings)}
        return told, "\n".join(["Nothing stands against it.", *map(_line, told["warnings"])])
    done = await here.desk.record_act(here.at, entry.code, form)
    outcome = done.outcome
    told |= {
        "state": "proposed" if done.expires_on else "recorded",
        "act_id": done.act_id,
        "proposal": done.proposal or None,
        "until": done.expires_on,
        "reference": outcome.ref,
        "personal_number": outcome.number or None,
        "repeated": outcome.repeated,
        "warnings": _warnings(outcome.warnings),
    }
    first = f"Recorded: act {done.act_id}." if done.act_id else f"Proposed: {done.proposal}, until {done.expires_on}."
    more = [f"Personal number: {outcome.number}"] if outcome.number else []
    more += ["It had been recorded before; nothing was written twice."] if outcome.repeated else []
    return told, "\n".join([first, *more, *map(_line, told["warnings"])])


def _warnings(found: tuple[Verdict, ...]) -> list[dict[str, str]]:
    return [
        {"message": one.message.en if isinstance(one.message, Said) else one.message, "law": one.law} for one in found
    ]


def _line(warning: dict[str, str]) -> str:
    return f"Warning: {warning['message']} ({warning['law']})"


@contextmanager
def _faults_told(entry: Entry, *, as_json: bool) -> Iterator[None]:
    """Say which fields are wrong and what to do about it, or what the law refuses."""
    try:
        yield
    except Invalid as error:
        faults = [{"field": fault.pointer.strip("/"), "message": fault.message} for fault in error.faults]
        for one in faults:
            say(f"dancu: {one['field']}: {one['message']}")
        say(f"See: dancu act show {entry.code}")
        _end(as_json, {"state": "invalid", "faults": faults})
    except Refused as error:
        say(f"dancu: {error.message_en} ({error.law}, in force since {error.in_force})")
        refused = {"rule": error.rule, "law": error.law, "in_force": error.in_force, "message": error.message_en}
        _end(as_json, {"state": "refused", **refused})


def _end(as_json: bool, told: dict[str, Any]) -> None:
    if as_json:
        answer(told, as_json=True, text="")
    raise typer.Exit(REFUSED)


def _read(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed("The file can't be read") from error


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text) if text else uuid4()
    except ValueError:
        raise Malformed("A request id is a UUID") from None


def _which(proposal: str) -> dict[str, str]:
    dossier, _, code = proposal.partition("/")
    return {"dossier": dossier, "code": code}
