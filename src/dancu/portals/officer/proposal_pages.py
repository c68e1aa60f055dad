"""Proposed acts: the list of those that wait, and the decision of the second officer."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.infra.web import posted
from dancu.kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Refused
from dancu.portals.officer.births import verdicts_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.session import desk_of, pages_of, signed
from dancu.portals.officer.views import FormState, Verdict


@signed
async def proposals(request: Request, at: At) -> Response:
    """List what waits for a second officer."""
    found = await desk_of(request).proposals(at)
    return pages_of(request).show(request, "officer/proposals.html", {"proposals": found})


@signed
async def proposal(request: Request, at: At) -> Response:
    """Show a proposed act, whole."""
    return await _page(request, at)


@signed
async def approve(request: Request, at: At) -> Response:
    """Have it carried out, and show what became of it."""
    await posted(request)
    try:
        outcome = await desk_of(request).approve_proposal(at, **_which(request))
    except (Refused, Invalid, Conflict, Gone, Forbidden, NotFound) as error:
        return await _page(request, at, error)
    return pages_of(request).show(request, "officer/proposal_done.html", {"outcome": outcome})


@signed
async def refuse(request: Request, at: At) -> Response:
    """Refuse it, with the reason."""
    form = await posted(request)
    try:
        await desk_of(request).refuse_proposal(at, **_which(request), answer=str(form.get("answer", "")))
    except (Invalid, Conflict, Forbidden) as error:
        return await _page(request, at, error)
    return RedirectResponse("/proposals", 303)


@signed
async def withdraw(request: Request, at: At) -> Response:
    """Withdraw one's own."""
    await posted(request)
    await desk_of(request).withdraw_proposal(at, **_which(request))
    return RedirectResponse("/proposals", 303)


def _which(request: Request) -> dict[str, str]:
    return {"dossier": request.path_params["dossier"], "code": request.path_params["code"]}


async def _page(
    request: Request, at: At, error: Refused | Invalid | Conflict | Gone | Forbidden | NotFound | None = None
) -> Response:
    """Show it, with what stands against the decision that was just tried."""
    found = await desk_of(request).proposal(at, **_which(request))
    faults = {fault.pointer.strip("/"): fault.message for fault in error.faults} if isinstance(error, Invalid) else {}
    verdicts: tuple[Verdict, ...] = ()
    if isinstance(error, Refused | NotFound):
        verdicts = verdicts_of(error)
    elif error and not faults:
        verdicts = (Verdict(str(error)),)
    context = {"p": found, "form": FormState({}, {**faults}), "verdicts": verdicts}
    return pages_of(request).show(request, "officer/proposal.html", context, status=422 if error else 200)


ROUTES = (
    Route("/proposals", proposals),
    Route("/proposals/{dossier}/{code}", proposal),
    Route("/proposals/{dossier}/{code}/approve", approve, methods=["POST"]),
    Route("/proposals/{dossier}/{code}/refuse", refuse, methods=["POST"]),
    Route("/proposals/{dossier}/{code}/withdraw", withdraw, methods=["POST"]),
)
