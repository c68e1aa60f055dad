"""Dossiers: the list of the office, and opening one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dancu.infra.web import posted, set_cookie
from dancu.kernel.errors import Conflict, Forbidden, Limited, NotFound
from dancu.kernel.time import today
from dancu.portals.officer.desk import At, DossierForm
from dancu.portals.officer.fields import Reader
from dancu.portals.officer.session import WORK_COOKIE, desk_of, pages_of, signed
from dancu.portals.officer.views import FormState
from dancu.portals.shared.words import msg

_LABELS = {
    "matter": msg("Procedure"),
    "requester": msg("Requester"),
    "number": msg("Personal number"),
    "person_name": msg("Full name"),
    "born": msg("Date of birth"),
}


@signed
async def dossiers(request: Request, at: At) -> Response:
    """List the dossiers of the office."""
    found = await desk_of(request).dossiers(at)
    return pages_of(request).show(request, "officer/dossiers.html", {"dossiers": found})


@signed
async def new(request: Request, at: At) -> Response:
    """Show the empty form."""
    return _form(request, at, FormState({}))


@signed
async def open_dossier(request: Request, at: At) -> Response:
    """Open a dossier, make it the chosen work, and go to the person."""
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    reader = Reader(values, complete=True, today=today(at.now))
    texts = {name: reader.text(name, needed=True) for name in ("matter", "requester", "number", "person_name")}
    born = reader.partial_date("born", needed=True)
    if reader.faults or born is None:
        return _form(request, at, reader.state, status=422)
    number = "".join(texts["number"].split())
    try:
        work, ref = await desk_of(request).open_dossier(
            at, DossierForm(texts["matter"], texts["requester"], number, texts["person_name"], born)
        )
    except (Forbidden, NotFound, Conflict, Limited) as error:
        reader.faults["number"] = str(error)
        return _form(request, at, reader.state, status=422)
    response = RedirectResponse(f"/people/{ref}", 303)
    set_cookie(request, response, WORK_COOKIE, work.code)
    return response


@signed
async def close(request: Request, at: At) -> Response:
    """Close a dossier."""
    await posted(request)
    await desk_of(request).close_dossier(at, code=request.path_params["code"])
    return RedirectResponse("/dossiers", 303)


def _form(request: Request, at: At, form: FormState, *, status: int = 200) -> Response:
    context = {"form": form, "labels": _LABELS, "options": {"matter": desk_of(request).matters(at.officer)}}
    return pages_of(request).show(request, "officer/dossier_new.html", context, status=status)
