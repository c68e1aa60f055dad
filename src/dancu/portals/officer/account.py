"""The officer's own account: who one is here, the password, and another second factor."""

from urllib.parse import parse_qs, urlsplit

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from dancu.infra.web import posted
from dancu.kernel.errors import Invalid, Limited, Unauthenticated
from dancu.portals.officer.desk import At
from dancu.portals.officer.session import desk_of, pages_of, signed
from dancu.portals.officer.views import FormState
from dancu.portals.shared.words import msg

_LABELS = {"password": msg("Password"), "code": msg("Code from your authenticator")}
_FOR_AN_APP = "otpauth://totp/"
_LONGEST = 400


@signed
async def show(request: Request, _: At) -> Response:
    """Show the account."""
    return _account(request, FormState({}), done=request.query_params.get("done", ""))


def _account(request: Request, form: FormState, *, done: str = "", status: int = 200) -> Response:
    context = {"form": form, "labels": _LABELS, "done": done}
    return pages_of(request).show(request, "officer/account.html", context, status=status)


@signed
async def offer_factor(request: Request, at: At) -> Response:
    """Show a new key for the authenticator, to the officer who proves once more who asks."""
    form = await posted(request)
    password, code = str(form.get("password", "")), "".join(str(form.get("code", "")).split())
    try:
        address = await desk_of(request).offer_factor(at, password=password, code=code)
    except (Unauthenticated, Limited) as error:
        fault = str(error) if isinstance(error, Limited) else msg("The password or the code is wrong")
        return _account(request, FormState({}, {"code": fault}), status=422)
    return _factor(request, FormState({}), address)


def _factor(request: Request, form: FormState, address: str, *, status: int = 200) -> Response:
    (key,) = parse_qs(urlsplit(address).query).get("secret", [""])
    context = {
        "form": form,
        "labels": _LABELS,
        "address": address,
        "key": [key[i : i + 4] for i in range(0, len(key), 4)],
        "picture": _picture(address) if key and len(address) < _LONGEST else "",
    }
    return pages_of(request).show(request, "officer/factor.html", context, status=status)


def _picture(address: str) -> Markup:
    """Draw what the app reads with its camera, as an SVG within the page: the key never leaves for a picture."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 -- it is drawn here


@signed
async def accept_factor(request: Request, at: At) -> Response:
    """Put the new key in force once the app shows its code, and show the recovery codes, once."""
    form = await posted(request)
    address = str(form.get("address", ""))
    try:
        codes = await desk_of(request).accept_factor(at, code="".join(str(form.get("code", "")).split()))
    except Invalid as error:
        shown = address if address.startswith(_FOR_AN_APP) else _FOR_AN_APP
        return _factor(request, FormState({}, {"code": error.faults[0].message}), shown, status=422)
    return pages_of(request).show(request, "officer/factor_done.html", {"codes": codes})
