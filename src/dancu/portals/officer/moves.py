"""Registering permanent residence: declare, check, confirm, done."""

from contextlib import suppress
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from dancu.dossiers.commands import DossierClosed
from dancu.infra.db import BeyondScope
from dancu.infra.web import posted
from dancu.kernel.errors import Invalid, NotFound, Refused
from dancu.kernel.time import today
from dancu.portals.officer.births import verdicts_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import Reader, read_move
from dancu.portals.officer.options import RELATIONS
from dancu.portals.officer.session import NotYourAct, as_begun, desk_of, note_ended, pages_of, signed
from dancu.portals.officer.views import FormState, Suggestion, Verdict
from dancu.portals.shared.words import msg

TITLE = msg("Register permanent residence")
_LABELS = {
    "person": msg("Person"),
    "on": msg("First day at the new place"),
    "unit": msg("Commune"),
    "detail": msg("House number, street or hamlet"),
    "file_no": msg("Residence file of the household joined"),
    "work": msg("Working on"),
}


def _allowed(at: At) -> None:
    if "move" not in at.officer.may_record:
        raise NotYourAct("Residence is registered by the police of the commune")


@signed
async def new(request: Request, at: At) -> Response:
    """Show the empty form, with the person from whose page it was opened."""
    _allowed(at)
    values = {"request_id": str(uuid4()), "relation": "1"}
    if ref := request.query_params.get("person"):
        named = await desk_of(request).named_person(at, ref=ref)
        values |= {"person": named.label, "person_ref": named.value}
    return await _form(request, at, FormState(values))


@signed
async def members(request: Request, at: At) -> Response:
    """List who else of the household may move, once the person is chosen."""
    reader = await _reader(request, at, complete=False)
    at = await as_begun(request, at, reader)
    _allowed(at)
    context = {"form": reader.state, "members": await _members(request, at, reader.state)}
    return pages_of(request).show(request, "officer/members.html", context)


@signed
async def check(request: Request, at: At) -> Response:
    """Say what stands against the form as it is so far."""
    reader = await _reader(request, at, complete=False)
    at, form = await as_begun(request, at, reader), read_move(reader)
    _allowed(at)
    verdicts = [Verdict(text, field=name) for name, text in reader.faults.items()]
    verdicts += await desk_of(request).check_move(at, form)
    return pages_of(request).show(request, "officer/checks_only.html", {"verdicts": tuple(verdicts)})


@signed
async def review(request: Request, at: At) -> Response:
    """Show the form as it was understood, or again with what is wrong."""
    reader = await _reader(request, at, complete=True)
    at, form = await as_begun(request, at, reader), read_move(reader)
    _allowed(at)
    if not form.person and "work" not in reader.faults and (typed := reader.values.get("person")):
        reader.choices["person"] = await desk_of(request).suggest_people(at, text=typed)
    if reader.faults:
        return await _form(request, at, reader.state, status=422)
    try:
        summary = await desk_of(request).review_move(at, form)
    except DossierClosed:
        return await _work_ended(request, at, reader)
    except (Invalid, Refused, NotFound) as error:
        return await _form(request, at, reader.state, status=422, verdicts=verdicts_of(error))
    context = {"title": TITLE, "summary": summary, "form": reader.state, "address": "/moves"}
    return pages_of(request).show(request, "officer/review.html", context)


@signed
async def edit(request: Request, at: At) -> Response:
    """Show the form again, to change something."""
    reader = await _reader(request, at, complete=True)
    at = await as_begun(request, at, reader)
    _allowed(at)
    return await _form(request, at, reader.state)


@signed
async def record(request: Request, at: At) -> Response:
    """Record the residence."""
    reader = await _reader(request, at, complete=True)
    at, form = await as_begun(request, at, reader), read_move(reader)
    _allowed(at)
    if reader.faults:
        return await _form(request, at, reader.state, status=422)
    try:
        outcome = await desk_of(request).record_move(at, form)
    except DossierClosed:
        return await _work_ended(request, at, reader)
    except (Invalid, Refused, NotFound) as error:
        return await _form(request, at, reader.state, status=422, verdicts=verdicts_of(error))
    except BeyondScope as error:
        return await _form(request, at, reader.state, status=422, verdicts=(Verdict(str(error)),))
    context = {"title": TITLE, "outcome": outcome, "again": "/moves/new"}
    return pages_of(request).show(request, "officer/done.html", context)


async def _work_ended(request: Request, at: At, reader: Reader) -> Response:
    """Show the form again: the dossier was closed while it was being sent."""
    await note_ended(request, at, reader)
    return await _form(request, at, reader.state, status=409)


async def _reader(request: Request, at: At, *, complete: bool) -> Reader:
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    return Reader(values, complete=complete, today=today(at.now))


async def _form(
    request: Request, at: At, form: FormState, *, status: int = 200, verdicts: tuple[Verdict, ...] | None = None
) -> Response:
    context = {
        "form": form,
        "labels": _LABELS,
        "verdicts": verdicts,
        "members": await _members(request, at, form),
        "options": {"relation": RELATIONS},
        "papers": await desk_of(request).papers_for(at) if "work" not in form.faults else (),
    }
    return pages_of(request).show(request, "officer/move.html", context, status=status)


async def _members(request: Request, at: At, form: FormState) -> tuple[Suggestion, ...]:
    """List who else of the household may move; nobody once the work that opened the person has ended."""
    ref = form["person_ref"]
    if not ref or "work" in form.faults:
        return ()
    with suppress(NotFound):
        return await desk_of(request).members(at, ref=ref)
    return ()
