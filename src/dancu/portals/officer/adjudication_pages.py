"""Doubtful cases: the queue, one case side by side, the second officer's look, and the figures."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.infra.web import posted
from dancu.kernel.errors import Conflict, Forbidden, Invalid, Refused
from dancu.portals.officer.adjudication_house import Adjudication
from dancu.portals.officer.births import verdicts_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.session import NotYourAct, pages_of, signed
from dancu.portals.officer.views import FormState, Verdict
from dancu.portals.shared.words import msg

_Said = Invalid | Conflict | Forbidden | Refused
_AFTER = {
    "decided": msg("The answer is written down"),
    "proposed": msg("A second officer has to agree: it was proposed"),
    "raised": msg("The Center decides: it was passed on"),
    "parked": msg("It was put aside"),
    "skipped": msg("It was left for later"),
    "agreed": msg("You agreed: it will be carried out"),
    "refused": msg("It was refused: it waits for another officer"),
}


def queue_desk(request: Request) -> Adjudication:
    """Return the house as far as doubtful cases go."""
    desk: Adjudication = request.app.state.desk
    return desk


def _allowed(at: At) -> None:
    if "queue" not in at.officer.may_record:
        raise NotYourAct("Doubtful cases are decided by provincial officers and the Center")


@signed
async def queue(request: Request, at: At) -> Response:
    """Show what waits."""
    _allowed(at)
    found = await queue_desk(request).queue(at)
    return pages_of(request).show(request, "officer/queue.html", {"q": found, "after": _after(request)})


@signed
async def next_doubt(request: Request, at: At) -> Response:
    """Lay the next case before the officer."""
    _allowed(at)
    await posted(request)
    return await _to_next(request, at, "")


@signed
async def doubt(request: Request, at: At) -> Response:
    """Show a case, side by side."""
    _allowed(at)
    try:
        return await _page(request, at)
    except Conflict as error:
        return await _overtaken(request, at, error)


@signed
async def judge(request: Request, at: At) -> Response:
    """Take the answer, and go on to the next case."""
    _allowed(at)
    form = await posted(request)
    values = {name: str(form.get(name, "")) for name in ("answer", "chosen", "note")}
    try:
        became = await queue_desk(request).judge_doubt(at, code=request.path_params["code"], **values)
    except (Invalid, Forbidden) as error:
        return await _page(request, at, values, error)
    except Conflict as error:
        return await _overtaken(request, at, error)
    return await _to_next(request, at, str(became))


@signed
async def skip(request: Request, at: At) -> Response:
    """Leave a case for later, and go on to the next one."""
    _allowed(at)
    await posted(request)
    await queue_desk(request).skip_doubt(at, code=request.path_params["code"])
    return await _to_next(request, at, "skipped")


@signed
async def lay_open(request: Request, at: At) -> Response:
    """Take up what was put aside."""
    _allowed(at)
    await posted(request)
    code = request.path_params["code"]
    await queue_desk(request).lay_open(at, code=code)
    return RedirectResponse(f"/queue/{code}", 303)


@signed
async def make_known(request: Request, at: At) -> Response:
    """Measure others by the answer of a settled case."""
    _allowed(at)
    await posted(request)
    code = request.path_params["code"]
    await queue_desk(request).make_known(at, code=code)
    return RedirectResponse(f"/queue/{code}", 303)


@signed
async def undo(request: Request, at: At) -> Response:
    """Propose that a merge is undone."""
    _allowed(at)
    form = await posted(request)
    code, reason = request.path_params["code"], str(form.get("reason", ""))
    try:
        await queue_desk(request).undo_merge(at, code=code, reason=reason)
    except (Invalid, Conflict, Forbidden, Refused) as error:
        return await _page(request, at, {"reason": reason}, error)
    return RedirectResponse(f"/queue/{code}?after=proposed", 303)


@signed
async def figures(request: Request, at: At) -> Response:
    """Show backlog, service times and agreement."""
    _allowed(at)
    found = await queue_desk(request).figures(at)
    return pages_of(request).show(request, "officer/queue_figures.html", {"f": found})


@signed
async def second(request: Request, at: At) -> Response:
    """Show a decision that waits for a second officer."""
    return await _second(request, at)


@signed
async def approve(request: Request, at: At) -> Response:
    """Agree to it."""
    await posted(request)
    try:
        await queue_desk(request).approve_doubt(at, **_which(request))
    except (Conflict, Forbidden) as error:
        return await _second(request, at, error)
    return RedirectResponse("/queue?after=agreed" if "queue" in at.officer.may_record else "/proposals", 303)


@signed
async def refuse(request: Request, at: At) -> Response:
    """Refuse it, with the reason."""
    form = await posted(request)
    try:
        await queue_desk(request).refuse_doubt(at, **_which(request), answer=str(form.get("answer", "")))
    except (Invalid, Conflict, Forbidden) as error:
        return await _second(request, at, error)
    return RedirectResponse("/queue?after=refused" if "queue" in at.officer.may_record else "/proposals", 303)


def _which(request: Request) -> dict[str, str]:
    return {"dossier": request.path_params["dossier"], "code": request.path_params["code"]}


def _after(request: Request) -> str:
    return _AFTER.get(request.query_params.get("after", ""), "")


async def _to_next(request: Request, at: At, after: str) -> Response:
    code = await queue_desk(request).next_doubt(at)
    words = f"?after={after}" if after else ""
    return RedirectResponse(f"/queue/{code}{words}" if code else f"/queue{words}", 303)


async def _overtaken(request: Request, at: At, error: Conflict) -> Response:
    """Show the queue: somebody else has the case, or decided it."""
    found = await queue_desk(request).queue(at)
    context = {"q": found, "after": "", "verdicts": (Verdict(str(error)),)}
    return pages_of(request).show(request, "officer/queue.html", context, status=409)


async def _page(request: Request, at: At, values: dict[str, str] | None = None, error: _Said | None = None) -> Response:
    found = await queue_desk(request).doubt(at, code=request.path_params["code"])
    faults = {fault.pointer.strip("/"): fault.message for fault in error.faults} if isinstance(error, Invalid) else {}
    verdicts = (
        verdicts_of(error) if isinstance(error, Refused) else (Verdict(str(error)),) if error and not faults else ()
    )
    context = {
        "d": found,
        "form": FormState(values or {}, {**faults}),
        "verdicts": verdicts,
        "after": _after(request),
    }
    return pages_of(request).show(request, "officer/queue_case.html", context, status=422 if error else 200)


async def _second(request: Request, at: At, error: Invalid | Conflict | Forbidden | None = None) -> Response:
    found = await queue_desk(request).second_doubt(at, **_which(request))
    faults = {fault.pointer.strip("/"): fault.message for fault in error.faults} if isinstance(error, Invalid) else {}
    verdicts = (Verdict(str(error)),) if error and not faults else ()
    context = {"p": found, "d": found.case, "form": FormState({}, {**faults}), "verdicts": verdicts}
    return pages_of(request).show(request, "officer/queue_second.html", context, status=422 if error else 200)


ROUTES = (
    Route("/queue", queue),
    Route("/queue/next", next_doubt, methods=["POST"]),
    Route("/queue/figures", figures),
    Route("/queue/second/{dossier}/{code}", second),
    Route("/queue/second/{dossier}/{code}/approve", approve, methods=["POST"]),
    Route("/queue/second/{dossier}/{code}/refuse", refuse, methods=["POST"]),
    Route("/queue/{code}", doubt),
    Route("/queue/{code}", judge, methods=["POST"]),
    Route("/queue/{code}/skip", skip, methods=["POST"]),
    Route("/queue/{code}/open", lay_open, methods=["POST"]),
    Route("/queue/{code}/undo", undo, methods=["POST"]),
    Route("/queue/{code}/known", make_known, methods=["POST"]),
)
