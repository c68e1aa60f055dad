"""Masked records: saying why one is opened, and the notices of those who did."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.infra.web import posted
from dancu.kernel.errors import Invalid
from dancu.portals.officer.desk import At
from dancu.portals.officer.masked_house import Masked
from dancu.portals.officer.session import pages_of, signed
from dancu.portals.officer.views import FormState
from dancu.portals.shared.words import msg

_LABELS = {"reason": msg("Why it must be opened")}


def masked_desk(request: Request) -> Masked:
    """Return the house as far as masked records go."""
    desk: Masked = request.app.state.desk
    return desk


def ask_why(request: Request, form: FormState | None = None) -> Response:
    """Show that a record is masked, and ask for the reason."""
    context = {"ref": request.path_params["ref"], "form": form or FormState({}), "labels": _LABELS}
    return pages_of(request).show(request, "officer/masked.html", context, status=422 if form else 200)


@signed
async def open_record(request: Request, at: At) -> Response:
    """Open a masked record with a reason."""
    form = await posted(request)
    reason = str(form.get("reason", ""))
    try:
        await masked_desk(request).open_masked(at, ref=request.path_params["ref"], reason=reason)
    except Invalid as error:
        return ask_why(request, FormState({"reason": reason}, {"reason": error.faults[0].message}))
    return RedirectResponse(f"/people/{request.path_params['ref']}", 303)


@signed
async def notices(request: Request, at: At) -> Response:
    """List who opened records that the office protects."""
    found = await masked_desk(request).notices(at)
    return pages_of(request).show(request, "officer/notices.html", {"notices": found})


@signed
async def seen(request: Request, at: At) -> Response:
    """Note that a notice was seen."""
    await posted(request)
    await masked_desk(request).mark_notice(at, code=request.path_params["code"])
    return RedirectResponse("/notices", 303)


ROUTES = (
    Route("/people/{ref}/open", open_record, methods=["POST"]),
    Route("/notices", notices),
    Route("/notices/{code}/seen", seen, methods=["POST"]),
)
