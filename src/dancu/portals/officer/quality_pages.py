"""The pages of quality: the board, each measure by its parts, records to put right, and samples to check."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.infra.web import posted
from dancu.kernel.errors import Conflict, Forbidden, Invalid
from dancu.portals.officer.desk import At
from dancu.portals.officer.quality_house import Quality
from dancu.portals.officer.session import pages_of, signed
from dancu.portals.officer.views import FormState, Option, Verdict
from dancu.portals.shared.words import msg

KINDS = (Option("persons", msg("Persons, against documents")), Option("links", msg("Links of records, by score")))
ANSWERS = (
    Option("right", msg("Right")),
    Option("wrong", msg("Wrong")),
    Option("not_checkable", msg("Cannot be checked")),
)
LABELS = {"kind": msg("What is drawn"), "size": msg("How many"), "doubled": msg("Checked twice, in percent")}
_DRAWN = {"kind": "persons", "size": "400", "doubled": "10"}
_WHOLE = msg("A whole number is needed")


def _desk(request: Request) -> Quality:
    desk: Quality = request.app.state.desk
    return desk


def _asked(request: Request, name: str) -> str:
    """A code from the address: digits only, and not many."""
    value = request.query_params.get(name, "")
    return value if value.isascii() and value.isdecimal() and len(value) < 20 else ""


@signed
async def board(request: Request, at: At) -> Response:
    """Show the four tiles."""
    found = await _desk(request).board(at, place=_asked(request, "place"))
    return pages_of(request).show(request, "officer/quality.html", {"b": found})


@signed
async def measure(request: Request, at: At) -> Response:
    """Show a measure by place, age and source."""
    found = await _desk(request).measure(at, code=request.path_params["code"], place=_asked(request, "place"))
    return pages_of(request).show(request, "officer/quality_measure.html", {"m": found})


@signed
async def fix_list(request: Request, at: At) -> Response:
    """List records to put right."""
    code, place, after = request.path_params["code"], _asked(request, "place"), _asked(request, "after")
    found = await _desk(request).fix_list(at, code=code, place=place, after=after)
    return pages_of(request).show(request, "officer/quality_list.html", {"f": found})


@signed
async def export(request: Request, at: At) -> Response:
    """Hand out the figures as a file."""
    code = request.path_params.get("code", "")
    content = await _desk(request).export(at, code=code)
    headers = {"Content-Disposition": f'attachment; filename="quality{"-" + code if code else ""}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@signed
async def samples(request: Request, at: At) -> Response:
    """List the samples, and offer to draw one."""
    return await _samples(request, at, FormState(_DRAWN))


@signed
async def draw(request: Request, at: At) -> Response:
    """Draw a sample."""
    form = await posted(request)
    values = {name: str(form.get(name, ""))[:20] for name in LABELS}
    faults = {name: _WHOLE for name in ("size", "doubled") if not values[name].isdecimal()}
    if faults:
        return await _samples(request, at, FormState(values, {**faults}), status=422)
    try:
        code = await _desk(request).draw_sample(
            at, kind=values["kind"], size=int(values["size"]), doubled=int(values["doubled"]) / 100
        )
    except Invalid as error:
        return await _samples(request, at, FormState(values, {"size": error.faults[0].message}), status=422)
    except Forbidden as error:
        return await _samples(request, at, FormState(values), error, status=403)
    return RedirectResponse(f"/quality/samples/{code}", 303)


@signed
async def sample(request: Request, at: At) -> Response:
    """Show a sample with what it says so far."""
    found = await _desk(request).sample(at, code=request.path_params["sample"])
    return pages_of(request).show(request, "officer/quality_sample.html", {"s": found})


@signed
async def item(request: Request, at: At) -> Response:
    """Lay one that was drawn before the officer."""
    return await _item(request, at)


@signed
async def check(request: Request, at: At) -> Response:
    """Write down what was found, and go on to the next one."""
    form = await posted(request)
    which = {"code": request.path_params["sample"], "item": request.path_params["item"]}
    page = await _desk(request).sample_item(at, **which)
    values = {name: str(form.get(name, "")) for name, _, _ in page.fields}
    try:
        await _desk(request).check_item(at, **which, answers=values)
    except (Invalid, Forbidden, Conflict) as error:
        return await _item(request, at, values, error)
    after = f"/{page.following}" if page.following else ""
    return RedirectResponse(f"/quality/samples/{which['code']}{after}", 303)


async def _samples(
    request: Request, at: At, form: FormState, error: Forbidden | None = None, *, status: int = 200
) -> Response:
    context = {
        "found": await _desk(request).quality_samples(at),
        "form": form,
        "kinds": KINDS,
        "labels": LABELS,
        "on_dossier": at.work is not None and at.work.is_dossier,
        "verdicts": (Verdict(str(error)),) if error else (),
    }
    return pages_of(request).show(request, "officer/quality_samples.html", context, status=status)


async def _item(
    request: Request,
    at: At,
    values: dict[str, str] | None = None,
    error: Invalid | Forbidden | Conflict | None = None,
) -> Response:
    code, number = request.path_params["sample"], request.path_params["item"]
    found = await _desk(request).sample_item(at, code=code, item=number)
    faults = {fault.pointer.strip("/"): fault.message for fault in error.faults} if isinstance(error, Invalid) else {}
    context = {
        "i": found,
        "form": FormState(values or {}, {**faults}),
        "labels": {name: title for name, title, _ in found.fields},
        "answers": ANSWERS,
        "on_dossier": at.work is not None and at.work.is_dossier,
        "verdicts": (Verdict(str(error)),) if error and not faults else (),
    }
    return pages_of(request).show(request, "officer/quality_item.html", context, status=422 if error else 200)


ROUTES = (
    Route("/quality", board),
    Route("/quality/export.csv", export),
    Route("/quality/samples", samples),
    Route("/quality/samples", draw, methods=["POST"]),
    Route("/quality/samples/{sample}", sample),
    Route("/quality/samples/{sample}/{item}", item),
    Route("/quality/samples/{sample}/{item}", check, methods=["POST"]),
    Route("/quality/{code}", measure),
    Route("/quality/{code}/list", fix_list),
    Route("/quality/{code}/export.csv", export),
)
