"""The auditor's pages: the log by officer, person and dossier; unusual use; seals; proofs as files."""

from datetime import UTC, date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dancu.audit.proofs import RowUnknown
from dancu.audit.tiles import NotSealedYet
from dancu.infra.web import posted
from dancu.kernel.errors import Forbidden, Invalid, NotFound
from dancu.kernel.time import today
from dancu.portals.officer.audit_house import Auditing, check_auditor
from dancu.portals.officer.audit_views import UsesAsked
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import CHOOSE_ONE, Reader
from dancu.portals.officer.session import pages_of, signed
from dancu.portals.officer.views import FormState, Option
from dancu.portals.shared.words import msg

BY = (
    Option("officer", msg("an officer, by sign-in name")),
    Option("person", msg("a person, by personal number")),
    Option("dossier", msg("a dossier, by its number")),
)
MONTH = timedelta(days=30)
LABELS = {"by": msg("By"), "text": msg("Name or number"), "since": msg("From"), "until": msg("Until")}
LABELS["reason"] = msg("Why it must be opened")


def _desk(request: Request) -> Auditing:
    desk: Auditing = request.app.state.desk
    return desk


@signed
async def home(request: Request, at: At) -> Response:
    """Show how far the log is sealed, and ask what to look for."""
    check_auditor(at)
    day = today(at.now)
    values = {"by": "officer", **_date("since", day - MONTH), **_date("until", day)}
    context = {"seals": await _desk(request).seals(at), "form": FormState(values), "labels": LABELS, "by": BY}
    return pages_of(request).show(request, "officer/audit.html", context)


def _date(name: str, day: date) -> dict[str, str]:
    return {f"{name}_day": f"{day.day:02}", f"{name}_month": f"{day.month:02}", f"{name}_year": str(day.year)}


@signed
async def uses(request: Request, at: At) -> Response:
    """List what the log has; what is asked comes in the body: an address would keep it in histories."""
    check_auditor(at)
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    reader = Reader(values, complete=True, today=today(at.now))
    by, text = reader.text("by"), reader.text("text", needed=True, at_most=80)
    since, until = reader.day("since", needed=True), reader.day("until", needed=True)
    if by not in {one.value for one in BY}:
        reader.faults["by"] = CHOOSE_ONE
    context = {"form": reader.state, "labels": LABELS, "by": BY, "found": None}
    if reader.faults or since is None or until is None:
        return pages_of(request).show(request, "officer/audit_uses.html", context, status=422)
    try:
        before = _moment(values.get("before", ""))
        asked = UsesAsked(by, text, since, until, before, reader.text("reason", at_most=400))
        found = await _desk(request).uses(at, asked)
    except Invalid as error:
        reader.faults["reason"] = error.faults[0].message
        return pages_of(request).show(request, "officer/audit_uses.html", context, status=422)
    except (NotFound, Forbidden) as error:
        reader.faults["text"] = str(error)
        return pages_of(request).show(request, "officer/audit_uses.html", context, status=422)
    return pages_of(request).show(request, "officer/audit_uses.html", {**context, "found": found})


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None


@signed
async def unusual(request: Request, at: At) -> Response:
    """List unusual use with its reasons."""
    check_auditor(at)
    asked = request.query_params.get("days", "30")
    days = min(max(int(asked), 1), 366) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 30
    found = await _desk(request).unusual(at, days=days)
    return pages_of(request).show(request, "officer/audit_unusual.html", {"found": found, "days": days})


@signed
async def proof(request: Request, at: At) -> Response:
    """Send the proof of a row as a file."""
    check_auditor(at)
    form = await posted(request)
    log_id = str(form.get("log_id", ""))
    try:
        text = await _desk(request).proof(at, log_id=log_id)
    except (NotSealedYet, RowUnknown):
        return pages_of(request).show(request, "officer/audit_no_proof.html", status=404)
    return _file(text, f"row-{log_id}.tlog-proof")


@signed
async def verifier(request: Request, at: At) -> Response:
    """Send the stand-alone verifier."""
    return _file(_desk(request).verifier(at), "verify_proof.py")


def _file(text: str, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=disposition)


ROUTES = (
    Route("/audit", home),
    Route("/audit/uses", uses, methods=["POST"]),
    Route("/audit/unusual", unusual),
    Route("/audit/proof", proof, methods=["POST"]),
    Route("/audit/verifier", verifier),
)
