"""One dossier: what was done, what comes next, its documents, and papers to print."""

import asyncio
import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.dossiers.documents.kinds import LARGEST
from dancu.dossiers.model import Move
from dancu.infra.web import posted, posted_file
from dancu.kernel.errors import Conflict, Invalid, Stale, Unavailable
from dancu.kernel.time import today
from dancu.portals.officer import cases
from dancu.portals.officer.case_house import Cases, Sent
from dancu.portals.officer.case_views import TO_DO
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import CHOOSE_ONE, NEEDED, Reader
from dancu.portals.officer.session import pages_of, signed
from dancu.portals.officer.views import FormState
from dancu.portals.shared.words import msg

UPLOADS = {re.compile(r"/dossiers/\d{1,19}/documents"): LARGEST + 64 * 1024}
"""Addresses to which more than a form is sent, and how many bytes."""

_AT_ONCE = asyncio.Semaphore(4)
_LABELS = {
    "move": msg("What happens next"),
    "reason": msg("Reason"),
    "legal_ground": msg("Legal ground of a refusal"),
    "unit": msg("Commune"),
    "document": msg("Document"),
}
_EMPTY = FormState({})
_SAFE = {
    # What was sent by others is kept apart from our own pages, whatever it holds.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-store",
}


def _cases(request: Request) -> Cases:
    desk: Cases = request.app.state.desk
    return desk


def _code(request: Request) -> str:
    return str(request.path_params["code"])


def _back(request: Request) -> Response:
    return RedirectResponse(f"/dossiers/{_code(request)}", 303)


@signed
async def show(request: Request, at: At) -> Response:
    """Show a dossier."""
    return await _page(request, at, _EMPTY)


@signed
async def move(request: Request, at: At) -> Response:
    """Take a dossier further."""
    reader = Reader(await _values(request), complete=True, today=today(at.now))
    chosen = reader.values.get("move", "")
    if chosen not in {one.value for one in TO_DO}:
        reader.faults["move"] = CHOOSE_ONE
        return await _page(request, at, reader.state, status=422)
    reason, law = reader.values.get("reason", "")[:2000], reader.text("legal_ground")
    try:
        await _cases(request).move_case(at, code=_code(request), move=Move(chosen), reason=reason, law=law)
    except Invalid as error:
        reader.faults |= {fault.pointer.removeprefix("/"): fault.message for fault in error.faults}
        return await _page(request, at, reader.state, status=422)
    except (Conflict, Stale) as error:
        reader.faults["move"] = str(error)
        return await _page(request, at, reader.state, status=409)
    return _back(request)


@signed
async def hand_over(request: Request, at: At) -> Response:
    """Hand a dossier over to another office."""
    reader = Reader(await _values(request), complete=True, today=today(at.now))
    unit = reader.place("unit", "unit_detail", needed=True)
    reason = reader.text("handing_reason", needed=True, at_most=2000)
    if reader.faults:
        return await _page(request, at, reader.state, status=422)
    try:
        await _cases(request).hand_case_over(at, code=_code(request), unit=unit.code, reason=reason)
    except Invalid as error:
        reader.faults["unit"] = error.faults[0].message
        return await _page(request, at, reader.state, status=422)
    except (Conflict, Stale) as error:
        reader.faults["unit"] = str(error)
        return await _page(request, at, reader.state, status=409)
    return RedirectResponse("/dossiers", 303)


@signed
async def attach(request: Request, at: At) -> Response:
    """Attach a document."""
    async with _AT_ONCE:
        sent = await posted_file(request, "document", largest=LARGEST)
        if sent is None:
            return await _page(request, at, FormState({}, {"document": NEEDED}), status=422)
        try:
            await _cases(request).attach(at, code=_code(request), sent=Sent(*sent))
        except Invalid as error:
            faults = {"document": error.faults[0].message}
            return await _page(request, at, FormState({}, dict(faults)), status=422)
        except (Conflict, Unavailable) as error:
            status = 409 if isinstance(error, Conflict) else 503
            return await _page(request, at, FormState({}, {"document": str(error)}), status=status)
    return _back(request)


@signed
async def document(request: Request, at: At) -> Response:
    """Hand out a document, as a file to be saved."""
    kept, name, content = await _cases(request).document(
        at, code=_code(request), document=str(request.path_params["document"])
    )
    disposition = f"attachment; filename=\"document\"; filename*=UTF-8''{quote(name, safe='')}"
    media_type = "application/pdf" if kept.kind == "pdf" else f"image/{kept.kind}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition, **_SAFE})


@signed
async def receipt(request: Request, at: At) -> Response:
    """Show the receipt, to print."""
    paper = await _cases(request).receipt(at, code=_code(request))
    return pages_of(request).show(request, "officer/paper.html", {"paper": paper, "code": _code(request)})


@signed
async def paper(request: Request, at: At) -> Response:
    """Show a request to complete or a refusal, to print."""
    number = int(request.path_params["step"])
    found = await _cases(request).paper(at, code=_code(request), number=number)
    return pages_of(request).show(request, "officer/paper.html", {"paper": found, "code": _code(request)})


async def _values(request: Request) -> dict[str, str]:
    form = await posted(request)
    return {name: str(value) for name, value in form.items() if name != "form_token"}


async def _page(request: Request, at: At, form: FormState, *, status: int = 200) -> Response:
    case = await _cases(request).case(at, code=_code(request))
    context = {"case": case, "form": form, "labels": _LABELS | {"handing_reason": msg("Reason")}}
    return pages_of(request).show(request, "officer/dossier.html", context, status=status)


ROUTES = (
    Route("/dossiers/overdue", cases.overdue),
    Route("/dossiers/{code}", show),
    Route("/dossiers/{code}/move", move, methods=["POST"]),
    Route("/dossiers/{code}/office", hand_over, methods=["POST"]),
    Route("/dossiers/{code}/documents", attach, methods=["POST"]),
    Route("/dossiers/{code}/documents/{document}", document),
    Route("/dossiers/{code}/receipt", receipt),
    Route("/dossiers/{code}/steps/{step:int}", paper),
)
