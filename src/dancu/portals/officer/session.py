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
            officer = await _holder(desk, token, now)
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


async def _holder(desk: Desk, token: str, now: datetime) -> Officer:
    if not token:
        raise NobodySignedIn("Please sign in")
    return await desk.officer(token=token, now=now)


def _chosen(works: tuple[Work, ...], code: str | None) -> Work | None:
    return next((work for work in works if work.code == code), works[0] if works else None)


def as_begun(request: Request, at: At, reader: Reader) -> At:
    """Return the officer at the work that a form was begun for, whatever was chosen since in another window.

    Where that work has ended, it is a fault of the form, and the officer chooses another.
    """
    wanted = reader.values.get("work")
    if wanted is None:
        return at
    work = next((one for one in request.state.works if one.code == wanted), None)
    if work is None:
        reader.faults["work"] = WORK_ENDED if wanted else CHOOSE_ONE
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
