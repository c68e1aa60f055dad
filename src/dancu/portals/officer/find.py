"""Finding a person and reading a life."""

from datetime import date

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dancu.infra.web import posted
from dancu.kernel.errors import Malformed
from dancu.kernel.time import today
from dancu.portals.officer.desk import At
from dancu.portals.officer.masked_pages import ask_why, masked_desk
from dancu.portals.officer.places import suggest_communes
from dancu.portals.officer.session import desk_of, pages_of, signed
from dancu.portals.officer.views import Suggestion
from dancu.register.store import PersonUnknown

_LONGEST_QUESTION = 200


class UnreadableDay(Malformed):
    """The address names a day that is none."""


@signed
async def home(request: Request, at: At) -> Response:
    """Show the search box; to auditors, the log."""
    if "audit" in at.officer.may_record:
        return RedirectResponse("/audit", 303)
    return pages_of(request).show(request, "officer/find.html", {"found": None})


@signed
async def search(request: Request, at: At) -> Response:
    """Find people. The question comes in the body: an address would keep it in histories and logs."""
    form = await posted(request)
    text = " ".join(str(form.get("text", "")).split())[:_LONGEST_QUESTION]
    if not text:
        return pages_of(request).show(request, "officer/find.html", {"found": None})
    found = await desk_of(request).search(at, text=text)
    return pages_of(request).show(request, "officer/find.html", {"found": found})


@signed
async def person(request: Request, at: At) -> Response:
    """Show a life, today or on a day of the past, as it is known today or was known on a day of the past."""
    on, known_on = (_day(request.query_params.get(name)) for name in ("on", "known"))
    ref = request.path_params["ref"]
    try:
        page = await desk_of(request).person(at, ref=ref, on=on, known_on=known_on)
    except PersonUnknown:
        if await masked_desk(request).is_masked(at, ref=ref):
            return ask_why(request)
        raise
    return pages_of(request).show(request, "officer/person.html", {"p": page})


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableDay("The day could not be read") from error


@signed
async def suggest_people(request: Request, at: At) -> Response:
    """Answer a type-ahead for people."""
    form = await posted(request)
    found = await desk_of(request).suggest_people(at, text=str(form.get("text", ""))[:_LONGEST_QUESTION])
    return _as_json(found)


@signed
async def suggest_places(request: Request, at: At) -> Response:
    """Answer a type-ahead for today's communes."""
    form = await posted(request)
    day = today(at.now)
    return _as_json(tuple(suggest_communes(str(form.get("text", ""))[:_LONGEST_QUESTION], day)))


def _as_json(suggestions: tuple[Suggestion, ...]) -> Response:
    return Response(msgspec.json.encode(suggestions), media_type="application/json")
