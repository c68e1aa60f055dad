"""Dossiers: the list of the office, and opening one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dancu.infra.web import posted, set_cookie
from dancu.kernel.errors import Conflict, Forbidden, Limited, NotFound
from dancu.kernel.time import today
from dancu.portals.officer.case_house import Cases
from dancu.portals.officer.desk import At, DossierForm, PersonNamed
from dancu.portals.officer.fields import Reader
from dancu.portals.officer.session import OFFICE_COOKIE, WORK_COOKIE, at_office_begun, desk_of, pages_of, signed
from dancu.portals.officer.views import FormState, Work
from dancu.portals.shared.words import msg

_LABELS = {
    "matter": msg("Procedure"),
    "about": msg("About"),
    "requester": msg("Requester"),
    "number": msg("Personal number"),
    "person_name": msg("Full name"),
    "born": msg("Date of birth"),
}


@signed
async def dossiers(request: Request, at: At) -> Response:
    """List the dossiers of the office."""
    found = await desk_of(request).dossiers(at)
    return pages_of(request).show(request, "officer/dossiers.html", {"dossiers": found, "late": False})


@signed
async def new(request: Request, at: At) -> Response:
    """Show the empty form, about the person from whose page it was opened."""
    values = {}
    if ref := request.query_params.get("person"):
        named = await desk_of(request).named_person(at, ref=ref)
        values = {"about": named.label, "about_ref": named.value}
    return _form(request, at, FormState(values))


@signed
async def open_dossier(request: Request, at: At) -> Response:
    """Open a dossier, make it the chosen work, and go to the person."""
    reader = await _reader(request, at)
    matter, requester = reader.text("matter", needed=True), reader.text("requester", needed=True)
    here = bool(reader.values.get("about_ref") or reader.values.get("nobody"))
    person = None if here else _person(reader)
    at = await at_office_begun(request, at, reader, field="matter")
    if reader.faults or (person is None and not here):
        return _form(request, at, reader.state, status=422)
    try:
        if person is None:
            return await _opened_here(request, at, matter, requester, reader.values.get("about_ref", ""))
        work, ref = await desk_of(request).open_dossier(at, DossierForm(matter, requester, person))
    except (Forbidden, NotFound, Conflict, Limited) as error:
        reader.faults["number"] = str(error)
        return _form(request, at, reader.state, status=422)
    return _onward(request, at, work, ref)


async def _opened_here(request: Request, at: At, matter: str, requester: str, ref: str) -> Response:
    desk: Cases = request.app.state.desk
    work = await desk.open_about(at, matter=matter, requester=requester, ref=ref)
    if ref:
        return _onward(request, at, work, ref)
    response = RedirectResponse(f"/dossiers/{work.code.partition(':')[2]}", 303)
    set_cookie(request, response, OFFICE_COOKIE, at.officer.office_code)
    set_cookie(request, response, WORK_COOKIE, work.code)
    return response


@signed
async def overdue(request: Request, at: At) -> Response:
    """List what is overdue at the office."""
    desk: Cases = request.app.state.desk
    context = {"dossiers": await desk.overdue(at), "late": True}
    return pages_of(request).show(request, "officer/dossiers.html", context)


@signed
async def new_person(request: Request, _: At) -> Response:
    """Show the form that names one more person in a dossier."""
    return _person_form(request, FormState({}))


@signed
async def name_person(request: Request, at: At) -> Response:
    """Name one more person in a dossier, make it the chosen work, and go to the person."""
    reader = await _reader(request, at)
    person = _person(reader)
    if reader.faults or person is None:
        return _person_form(request, reader.state, status=422)
    try:
        work, ref = await desk_of(request).name_person(at, code=request.path_params["code"], person=person)
    except (Forbidden, Conflict, Limited) as error:
        reader.faults["number"] = str(error)
        return _person_form(request, reader.state, status=422)
    return _onward(request, at, work, ref)


async def _reader(request: Request, at: At) -> Reader:
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    return Reader(values, complete=True, today=today(at.now))


def _person(reader: Reader) -> PersonNamed | None:
    number, name = reader.text("number", needed=True), reader.text("person_name", needed=True)
    born = reader.partial_date("born", needed=True)
    return PersonNamed("".join(number.split()), name, born) if born else None


def _onward(request: Request, at: At, work: Work, ref: str) -> Response:
    response = RedirectResponse(f"/people/{ref}", 303)
    set_cookie(request, response, OFFICE_COOKIE, at.officer.office_code)
    set_cookie(request, response, WORK_COOKIE, work.code)
    return response


def _person_form(request: Request, form: FormState, *, status: int = 200) -> Response:
    context = {"form": form, "labels": _LABELS, "code": request.path_params["code"]}
    return pages_of(request).show(request, "officer/dossier_person.html", context, status=status)


@signed
async def close(request: Request, at: At) -> Response:
    """Close a dossier."""
    await posted(request)
    await desk_of(request).close_dossier(at, code=request.path_params["code"])
    return RedirectResponse("/dossiers", 303)


def _form(request: Request, at: At, form: FormState, *, status: int = 200) -> Response:
    context = {"form": form, "labels": _LABELS, "options": {"matter": desk_of(request).matters(at.officer)}}
    return pages_of(request).show(request, "officer/dossier_new.html", context, status=status)
