"""Recording a birth: declare, check, confirm, done."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from dancu.dossiers.commands import DossierClosed
from dancu.infra.web import posted
from dancu.kernel.errors import Invalid, NotFound, Refused
from dancu.kernel.time import today
from dancu.portals.officer.alike import PerhapsRegistered
from dancu.portals.officer.desk import At, BirthForm, Desk
from dancu.portals.officer.fields import CHOOSE_ONE, NOT_IN_REGISTER, Reader, read_birth
from dancu.portals.officer.options import ETHNIC_GROUPS, LIVES_WITH, SEXES
from dancu.portals.officer.session import NotYourAct, as_begun, desk_of, note_ended, pages_of, signed
from dancu.portals.officer.views import Alike, FormState, Suggestion, Summary, Verdict
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg

TITLE = msg("Record a birth")
ANOTHER_CHILD = msg("This child may be registered already. Open the record, or confirm that it is another child")
_NOBODY = Alike()
_LABELS = {
    "surname": msg("Surname"),
    "given": msg("Given name"),
    "born": msg("Date of birth"),
    "sex": msg("Sex"),
    "birth_place": msg("Commune of birth"),
    "mother": msg("Mother"),
    "father": msg("Father"),
    "lives_with": msg("The child lives with"),
    "origin": msg("Place of origin"),
    "book": msg("Book"),
    "book_number": msg("Number"),
    "signer": msg("Signed by"),
    "work": msg("Working on"),
}


def _allowed(at: At) -> None:
    if "birth" not in at.officer.may_record:
        raise NotYourAct("Births are registered by the civil registrar of the commune")


@signed
async def new(request: Request, at: At) -> Response:
    """Show the empty form, with a parent from whose page it was opened."""
    _allowed(at)
    values = {"request_id": str(uuid4()), "signer": at.officer.name}
    for parent in ("mother", "father"):
        if ref := request.query_params.get(parent):
            named = await desk_of(request).named_person(at, ref=ref)
            values |= {parent: named.label, f"{parent}_ref": named.value, "lives_with": parent}
    return await _form(request, at, FormState(values))


@signed
async def check(request: Request, at: At) -> Response:
    """Say what stands against the form as it is so far."""
    reader = await _reader(request, at, complete=False)
    at, form = await as_begun(request, at, reader), read_birth(reader)
    _allowed(at)
    verdicts = [Verdict(text, field=name) for name, text in reader.faults.items()]
    checked = await desk_of(request).check_birth(at, form)
    context = {"verdicts": (*verdicts, *checked.verdicts), "alike": checked.alike, "form": reader.state}
    return pages_of(request).show(request, "officer/birth_checks.html", context)


@signed
async def review(request: Request, at: At) -> Response:
    """Show the form as it was understood, or again with what is wrong."""
    reader = await _reader(request, at, complete=True)
    at, form = await as_begun(request, at, reader), read_birth(reader)
    _allowed(at)
    if "work" in reader.faults:
        return await _form(request, at, reader.state, status=422)
    await _ask_back(desk_of(request), at, reader, form)
    try:
        if reader.faults:
            checked = await desk_of(request).check_birth(at, form)
            return await _form(request, at, reader.state, status=422, verdicts=checked.verdicts, alike=checked.alike)
        summary = await desk_of(request).review_birth(at, form)
    except DossierClosed:
        return await _work_ended(request, at, reader)
    except (Invalid, Refused, NotFound) as error:
        return await _refused(request, at, reader, error)
    if summary.alike.seen and summary.alike.seen != form.another_child:
        return await _perhaps_registered(request, at, reader, summary)
    context = {"title": TITLE, "summary": summary, "form": reader.state, "address": "/births"}
    return pages_of(request).show(request, "officer/review.html", context)


@signed
async def edit(request: Request, at: At) -> Response:
    """Show the form again, to change something."""
    reader = await _reader(request, at, complete=True)
    at = await as_begun(request, at, reader)
    _allowed(at)
    if "work" in reader.faults:
        return await _form(request, at, reader.state)
    checked = await desk_of(request).check_birth(at, read_birth(reader))
    return await _form(request, at, FormState(reader.values), verdicts=checked.verdicts, alike=checked.alike)


@signed
async def record(request: Request, at: At) -> Response:
    """Record the birth and show the child's number."""
    reader = await _reader(request, at, complete=True)
    at, form = await as_begun(request, at, reader), read_birth(reader)
    _allowed(at)
    if reader.faults:
        return await _form(request, at, reader.state, status=422)
    try:
        outcome = await desk_of(request).record_birth(at, form)
    except DossierClosed:
        return await _work_ended(request, at, reader)
    except PerhapsRegistered:
        return await _perhaps_registered(request, at, reader, await desk_of(request).review_birth(at, form))
    except (Invalid, Refused, NotFound) as error:
        return await _refused(request, at, reader, error)
    context = {"title": TITLE, "outcome": outcome, "again": "/births/new"}
    return pages_of(request).show(request, "officer/done.html", context)


async def _ask_back(desk: Desk, at: At, reader: Reader, form: BirthForm) -> None:
    """A parent who was typed and not chosen: one that fits exactly is taken, several are shown."""
    for name, parent in (("mother", form.mother), ("father", form.father)):
        if parent is None or parent.ref or reader.values.get(f"{name}_ref") == NOT_IN_REGISTER:
            continue
        found = await desk.suggest_people(at, text=parent.name)
        if found:
            nobody = Suggestion(NOT_IN_REGISTER, parent.name, "–")
            reader.choices[name] = (*found, nobody)
            reader.faults[name] = CHOOSE_ONE


async def _reader(request: Request, at: At, *, complete: bool) -> Reader:
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    return Reader(values, complete=complete, today=today(at.now))


async def _form(
    request: Request,
    at: At,
    form: FormState,
    *,
    status: int = 200,
    verdicts: tuple[Verdict, ...] | None = None,
    alike: Alike = _NOBODY,
) -> Response:
    context = {
        "form": form,
        "labels": _LABELS,
        "verdicts": verdicts,
        "alike": alike,
        "options": {"sex": SEXES, "lives_with": LIVES_WITH, "ethnicity": ETHNIC_GROUPS},
        "papers": await desk_of(request).papers_for(at) if "work" not in form.faults else (),
    }
    return pages_of(request).show(request, "officer/birth.html", context, status=status)


async def _work_ended(request: Request, at: At, reader: Reader) -> Response:
    """Show the form again: the dossier was closed while it was being sent."""
    await note_ended(request, at, reader)
    return await _form(request, at, reader.state, status=409)


async def _refused(request: Request, at: At, reader: Reader, error: Invalid | Refused | NotFound) -> Response:
    """Show the form again with what the register answered."""
    return await _form(request, at, reader.state, status=422, verdicts=verdicts_of(error))


async def _perhaps_registered(request: Request, at: At, reader: Reader, summary: Summary) -> Response:
    """Show the form again with who may be the same child: nothing is recorded twice without a word."""
    reader.faults["another_child"] = ANOTHER_CHILD
    return await _form(request, at, reader.state, status=422, verdicts=summary.verdicts, alike=summary.alike)


def verdicts_of(error: Invalid | Refused | NotFound) -> tuple[Verdict, ...]:
    """Say an error of the register as verdicts on a form."""
    if isinstance(error, Refused):
        return (Verdict(Said(error.message_vi, error.message_en), error.law, in_force=error.in_force),)
    if isinstance(error, Invalid):
        return tuple(Verdict(fault.message) for fault in error.faults)
    return (Verdict(str(error)),)
