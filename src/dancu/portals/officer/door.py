"""Signing in and out, the choice of work, the language."""

import re
import secrets
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dancu.infra.web import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    VISIT_COOKIE,
    form_token,
    now_of,
    posted,
    request_id,
    set_cookie,
)
from dancu.kernel.errors import Invalid, Limited, Unauthenticated
from dancu.portals.officer.desk import At
from dancu.portals.officer.session import OFFICE_COOKIE, WORK_COOKIE, desk_of, pages_of, signed
from dancu.portals.officer.views import FormState
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg

_LABELS = {
    "present": msg("Present password"),
    "wanted": msg("New password"),
    "again": msg("New password once more"),
}
_A_YEAR_S = 365 * 24 * 3600


async def show_door(request: Request) -> Response:
    """Show the sign-in page, and give the visit a secret to bind the form to."""
    if token := request.cookies.get(SESSION_COOKIE):
        with suppress(Unauthenticated):
            await desk_of(request).officer(token=token, now=now_of(request))
            return RedirectResponse("/", 303)
    return _door(request, FormState({}))


def _door(request: Request, form: FormState, fault: str = "", status: int = 200) -> Response:
    visit = request.cookies.get(VISIT_COOKIE) or secrets.token_urlsafe(24)
    context = {"form": form, "fault": fault, "form_token": form_token(visit)}
    response = pages_of(request).show(request, "officer/sign_in.html", context, status=status)
    set_cookie(request, response, VISIT_COOKIE, visit)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return response


async def sign_in(request: Request) -> Response:
    """Open a session. A wrong name, password or code looks the same."""
    form = await posted(request)
    name, password, code = (str(form.get(field, "")) for field in ("name", "password", "code"))
    try:
        token = await desk_of(request).sign_in(
            name=name.strip(),
            password=password,
            code="".join(code.split()),
            now=now_of(request),
            request_id=request_id(request),
        )
    except (Unauthenticated, Limited) as error:
        return _door(request, FormState({"name": name}), str(error), 401)
    response = RedirectResponse("/", 303)
    set_cookie(request, response, SESSION_COOKIE, token)
    response.delete_cookie(VISIT_COOKIE, httponly=True, samesite="strict")
    return response


async def sign_out(request: Request) -> Response:
    """End the session."""
    await posted(request)
    if token := request.cookies.get(SESSION_COOKIE):
        await desk_of(request).sign_out(token=token, now=now_of(request), request_id=request_id(request))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    response.delete_cookie(WORK_COOKIE, httponly=True, samesite="strict")
    response.delete_cookie(OFFICE_COOKIE, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@signed
async def show_password(request: Request, _: At) -> Response:
    """Show the form for a new password."""
    return _password(request, FormState({}))


def _password(request: Request, form: FormState, status: int = 200) -> Response:
    return pages_of(request).show(request, "officer/password.html", {"form": form, "labels": _LABELS}, status=status)


@signed
async def change_password(request: Request, at: At) -> Response:
    """Set a new password."""
    form = await posted(request)
    present, wanted, again = (str(form.get(field, "")) for field in ("present", "wanted", "again"))
    if wanted != again:
        return _password(request, FormState({}, {"again": msg("The two are not the same")}), 422)
    try:
        await desk_of(request).change_password(at, present=present, wanted=wanted)
    except Invalid as error:
        faults: dict[str, str | Said] = {fault.pointer.lstrip("/"): fault.message for fault in error.faults}
        return _password(request, FormState({}, faults), 422)
    return RedirectResponse("/account?done=password", 303)


@signed
async def choose_office(request: Request, _: At) -> Response:
    """Choose the office in which the officer works from now on; the work there is chosen anew."""
    form = await posted(request)
    response = RedirectResponse("/", 303)
    set_cookie(request, response, OFFICE_COOKIE, str(form.get("office", ""))[:20])
    response.delete_cookie(WORK_COOKIE, httponly=True, samesite="strict")
    return response


@signed
async def choose_work(request: Request, _: At) -> Response:
    """Choose the work under which look-ups are written down from now on."""
    form = await posted(request)
    response = RedirectResponse(_own_page(str(form.get("back", "/"))), 303)
    set_cookie(request, response, WORK_COOKIE, str(form.get("work", ""))[:80])
    return response


async def choose_language(request: Request) -> Response:
    """Choose the language of the pages."""
    form = await posted(request)
    response = RedirectResponse(_own_page(str(form.get("back", "/"))), 303)
    language = str(form.get("language", ""))
    if language in pages_of(request).languages.catalogues:
        set_cookie(request, response, LANGUAGE_COOKIE, language, max_age_s=_A_YEAR_S)
    return response


_PAGES_OF_FORMS = {
    "/search": "/",
    "/births/": "/births/new",
    "/moves/": "/moves/new",
    "/sign-out": "/sign-in",
    "/account/": "/account",
}
_FORMS_OF_A_DOSSIER = re.compile(r"(/dossiers/\d+)/(?:move|office|documents)")


def _own_page(address: str) -> str:
    """Keep a redirect within this site, and on a page that can be asked for."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable():
        return "/"
    if on_dossier := _FORMS_OF_A_DOSSIER.fullmatch(address):
        return on_dossier[1]
    return next((page for start, page in _PAGES_OF_FORMS.items() if address.startswith(start)), address)
