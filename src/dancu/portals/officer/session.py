"""Who is signed in, and for which work: every page of the desk passes through `signed`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dancu.infra.web import SESSION_COOKIE, now_of, request_id
from dancu.kernel.errors import Forbidden, Unauthenticated
from dancu.portals.officer.desk import At, Desk
from dancu.portals.officer.fields import CHOOSE_ONE, Reader
from dancu.portals.officer.views import Officer, Work
from dancu.portals.shared.pages import Pages
from dancu.portals.shared.words import msg

WORK_COOKIE = "dancu_work"
OFFICE_COOKIE = "dancu_office"
OFFICE_ENDED = msg("You no longer work at the office where this was begun. Nothing is recorded; choose anew")
WORK_ENDED = msg("The dossier was closed in the meantime. Nothing is recorded; choose for which work it is done")


class NobodySignedIn(Unauthenticated):
    """There is no session, or it has ended."""


class NotYourAct(Forbidden):
    """The act belongs to another authority than the officer's."""


Handler = Callable[[Request, At], Awaitable[Response]]


def desk_of(request: Request) -> Desk:
    """Return the house behind the pages."""
    desk: Desk = request.app.state.desk
    return desk


def pages_of(request: Request) -> Pages:
    """Return the renderer."""
    pages: Pages = request.app.state.pages
    return pages


def signed(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Let a handler answer signed-in officers only; others are led to the door."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        token = request.cookies.get(SESSION_COOKIE, "")
        now = now_of(request)
        desk = desk_of(request)
        try:
            officer = await _holder(desk, token, now, request.cookies.get(OFFICE_COOKIE, ""))
        except Unauthenticated:
            if request.method == "GET" and "hx-request" not in request.headers:
                return RedirectResponse("/sign-in", 303)
            raise
        if officer.must_change_password and request.url.path != "/password":
            return RedirectResponse("/password", 303)
        works = await desk.works(officer=officer, now=now)
        work = _chosen(works, request.cookies.get(WORK_COOKIE))
        request.state.officer, request.state.works, request.state.work = officer, works, work
        return await handler(request, At(token, officer, work, now, request_id(request)))

    return guarded


async def _holder(desk: Desk, token: str, now: datetime, office: str) -> Officer:
    if not token:
        raise NobodySignedIn("Please sign in")
    return await desk.officer(token=token, now=now, office=office)


def _chosen(works: tuple[Work, ...], code: str | None) -> Work | None:
    return next((work for work in works if work.code == code), works[0] if works else None)


async def at_office_begun(request: Request, at: At, reader: Reader, *, field: str) -> At:
    """Return the officer at the office where a form was begun; where he or she left it, that is a fault of a field."""
    office = reader.values.get("office", at.officer.office_code)
    if office == at.officer.office_code:
        return at
    officer = await desk_of(request).officer(token=at.token, now=at.now, office=office)
    if officer.office_code != office:
        reader.faults[field] = OFFICE_ENDED
        reader.values |= {field: "", "office": at.officer.office_code}
        return at
    request.state.officer = officer
    request.state.works = await desk_of(request).works(officer=officer, now=at.now)
    return replace(at, officer=officer)


async def as_begun(request: Request, at: At, reader: Reader) -> At:
    """Return the officer at the office and the work that a form was begun for, whatever was chosen since elsewhere.

    Where that work has ended, it is a fault of the form, and the officer chooses another.
    """
    wanted = reader.values.get("work")
    if wanted is None:
        return at
    at = await at_office_begun(request, at, reader, field="work")
    if "work" in reader.faults:
        return at
    work = next((one for one in request.state.works if one.code == wanted), None)
    if work is None:
        reader.faults["work"] = WORK_ENDED if wanted.startswith("dossier:") else CHOOSE_ONE
        reader.values["work"] = ""
        return at
    request.state.work = work
    return replace(at, work=work)


async def note_ended(request: Request, at: At, reader: Reader) -> None:
    """Note on a form that its work ended just now."""
    request.state.works = await desk_of(request).works(officer=at.officer, now=at.now)
    request.state.work = _chosen(request.state.works, None)
    reader.faults["work"] = WORK_ENDED
    reader.values["work"] = ""
