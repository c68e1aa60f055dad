"""Acts of every kind in a plain form: declare, check, confirm, done."""

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dancu.access.work import NotAllowed
from dancu.dossiers.commands import ApplicantAsked, DossierClosed
from dancu.infra.db import BeyondScope
from dancu.infra.web import posted
from dancu.kernel.codes import Relation
from dancu.kernel.errors import Conflict, Gone, Invalid, NotFound, Refused
from dancu.kernel.time import today
from dancu.portals.officer.act_fields import (
    asks_why,
    begun,
    inputs_of,
    labels_of,
    note_faults,
    read_act,
    rows_of,
    unclear_people,
    with_household,
    with_person,
)
from dancu.portals.officer.act_house import Acts
from dancu.portals.officer.act_offers import allowed, matters_of_act
from dancu.portals.officer.act_values import options_of
from dancu.portals.officer.act_views import EventNamed
from dancu.portals.officer.alike import PerhapsRegistered
from dancu.portals.officer.births import ANOTHER_CHILD, verdicts_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import CHOOSE_ONE, NOT_IN_REGISTER, Reader
from dancu.portals.officer.session import as_begun, desk_of, note_ended, pages_of, signed
from dancu.portals.officer.views import Alike, FormState, Option, Suggestion, Verdict
from dancu.portals.shared.words import RELATION, msg
from dancu.register.catalogue import Entry, Form

ANOTHER_PERSON = msg("Somebody like this is registered already. Find the record, or confirm that it is another person")
RELATIONS_BY_NAME = tuple(Option(one.name.lower(), RELATION[one]) for one in Relation)


_NOBODY = Alike()


def acts_desk(request: Request) -> Acts:
    """Return the house as far as any act goes."""
    desk: Acts = request.app.state.desk
    return desk


@signed
async def acts(request: Request, at: At) -> Response:
    """List what the officer may record."""
    return pages_of(request).show(request, "officer/acts.html", {"groups": desk_of(request).acts(at)})


@signed
async def new(request: Request, at: At) -> Response:
    """Show the empty form, for the person from whose page it was opened."""
    entry = allowed(at.officer, request.path_params["code"], at)
    ref = request.query_params.get("person")
    at = _on_dossier(request, at)
    if entry.address:
        return RedirectResponse(f"{entry.address}?person={ref}" if ref else entry.address, 303)
    values = {"request_id": str(uuid4()), **begun(entry, at.officer.name)}
    if ref:
        values |= with_person(entry, await desk_of(request).named_person(at, ref=ref))
        values |= await _household(request, at, entry, ref)
    return await _form(request, at, entry, FormState(values))


def _on_dossier(request: Request, at: At) -> At:
    """Return the officer at work on the dossier that the address names, where it is an open one of the office."""
    wanted = f"dossier:{request.query_params.get('dossier', '')}"
    work = next((one for one in request.state.works if one.code == wanted), None)
    if work is None:
        return at
    request.state.work = work
    return replace(at, work=work)


async def _household(request: Request, at: At, entry: Entry, ref: str) -> dict[str, str]:
    """Fill in all members, where the act tells a whole household anew."""
    whole = next((one for one in entry.fields if one.whole_household), None)
    if whole is None:
        return {}
    members = await desk_of(request).household_for(at, ref=ref)
    return with_household(whole, members) if members else {}


@signed
async def edit(request: Request, at: At) -> Response:
    """Show the form again: to change something, with one more row, or with what belongs to a person."""
    entry = allowed(at.officer, request.path_params["code"], at)
    reader = await _reader(request, at, complete=False)
    at = await as_begun(request, at, reader)
    read_act(reader, entry)
    more, whole = reader.values.pop("add", ""), reader.values.pop("all", "")
    for one in entry.fields:
        if one.name == more:
            reader.values[f"{one.name}_rows"] = str(rows_of(reader.values, one) + 1)
        ref = reader.values.get(f"{one.name}_1_ref")
        if one.name == whole and ref and "work" not in reader.faults:
            reader.values |= await _household(request, at, entry, ref)
    return await _form(request, at, entry, FormState(reader.values, reader.faults, reader.choices))


@signed
async def check(request: Request, at: At) -> Response:
    """Say what is wrong with the form as it is so far: what the sending would say of the same fields."""
    entry = allowed(at.officer, request.path_params["code"], at)
    reader = await _reader(request, at, complete=False)
    form = read_act(reader, entry)
    note_faults(reader, entry, desk_of(request).check_act(at, entry.code, form))
    context = {"form": reader.state, "labels": labels_of(entry, reader.values)}
    return pages_of(request).show(request, "officer/act_checks.html", context)


@signed
async def review(request: Request, at: At) -> Response:
    """Show the form as it was understood and tried, or again with what is wrong."""
    entry = allowed(at.officer, request.path_params["code"], at)
    reader = await _reader(request, at, complete=True)
    at, form = await as_begun(request, at, reader), read_act(reader, entry)
    if "work" not in reader.faults:
        await _ask_back(request, at, entry, reader)
    if reader.faults:
        return await _form(request, at, entry, reader.state, status=422)
    try:
        checked = await desk_of(request).review_act(at, entry.code, form)
    except (DossierClosed, ApplicantAsked):
        return await _work_ended(request, at, entry, reader)
    except (Invalid, Refused, NotFound, Conflict, Gone, BeyondScope, NotAllowed) as error:
        return await _refused(request, at, entry, reader, error)
    context = {"entry": entry, "checked": checked, "form": reader.state, "address": f"/acts/{entry.code}"}
    return pages_of(request).show(request, "officer/act_review.html", context)


@signed
async def record(request: Request, at: At) -> Response:
    """Record the act, or propose it."""
    entry = allowed(at.officer, request.path_params["code"], at)
    reader = await _reader(request, at, complete=True)
    at, form = await as_begun(request, at, reader), read_act(reader, entry)
    if reader.faults:
        return await _form(request, at, entry, reader.state, status=422)
    try:
        done = await desk_of(request).record_act(at, entry.code, form)
    except (DossierClosed, ApplicantAsked):
        return await _work_ended(request, at, entry, reader)
    except PerhapsRegistered:
        reader.values["alike"] = "yes"
        reader.faults["another_child"] = ANOTHER_CHILD if entry.booked else ANOTHER_PERSON
        found = await acts_desk(request).alike_for_act(at, entry.code, form)
        return await _form(request, at, entry, reader.state, status=422, alike=found)
    except (Invalid, Refused, NotFound, Conflict, Gone, BeyondScope, NotAllowed) as error:
        return await _refused(request, at, entry, reader, error)
    context = {"title": entry.title, "outcome": done.outcome, "again": f"/acts/{entry.code}/new", "done": done}
    template = "officer/act_proposed.html" if done.expires_on else "officer/done.html"
    return pages_of(request).show(request, template, context)


async def _ask_back(request: Request, at: At, entry: Entry, reader: Reader) -> None:
    """Show candidates for whoever was typed and not chosen."""
    parents = {one.name for one in entry.fields if one.form is Form.PARENT}
    for name, typed in unclear_people(reader, entry):
        found = await desk_of(request).suggest_people(at, text=typed)
        if name not in parents:
            reader.choices[name] = found
        elif found:
            reader.choices[name] = (*found, Suggestion(NOT_IN_REGISTER, typed, "–"))
            reader.faults[name] = CHOOSE_ONE


async def _reader(request: Request, at: At, *, complete: bool) -> Reader:
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    return Reader(values, complete=complete, today=today(at.now))


async def _form(
    request: Request,
    at: At,
    entry: Entry,
    form: FormState,
    *,
    status: int = 200,
    verdicts: tuple[Verdict, ...] = (),
    alike: Alike = _NOBODY,
) -> Response:
    people = [name for one in entry.fields for name in inputs_of(form.values, one)]
    events: tuple[EventNamed, ...] = ()
    if any(one.form is Form.EVENT for one in entry.fields) and (ref := form[f"{people[0]}_ref"]):
        with suppress(NotFound):
            events = await desk_of(request).events_for(at, ref=ref) if "work" not in form.faults else ()
    context = {
        "entry": entry,
        "form": form,
        "labels": labels_of(entry, form.values),
        "verdicts": verdicts,
        "alike": alike,
        "options": {one.name: options_of(one) for one in entry.fields if one.form is Form.CHOICE},
        "inputs": {one.name: inputs_of(form.values, one) for one in entry.fields},
        "events": events,
        "relations": RELATIONS_BY_NAME,
        "asks_why": asks_why(entry),
        "matters": () if at.work and at.work.is_dossier else matters_of_act(entry, at.officer),
        "papers": await desk_of(request).papers_for(at) if "work" not in form.faults else (),
    }
    return pages_of(request).show(request, "officer/act.html", context, status=status)


async def _work_ended(request: Request, at: At, entry: Entry, reader: Reader) -> Response:
    """Show the form again: the dossier was closed while it was being sent."""
    await note_ended(request, at, reader)
    return await _form(request, at, entry, reader.state, status=409)


async def _refused(
    request: Request,
    at: At,
    entry: Entry,
    reader: Reader,
    error: Invalid | Refused | NotFound | Conflict | Gone | BeyondScope | NotAllowed,
) -> Response:
    """Show the form again with what the register answered: at the field, where it is about one."""
    if not isinstance(error, Invalid):
        law = error.law if isinstance(error, NotAllowed) else ""
        said = verdicts_of(error) if isinstance(error, Refused | NotFound) else (Verdict(str(error), law),)
        return await _form(request, at, entry, reader.state, status=422, verdicts=said)
    left = note_faults(reader, entry, {fault.pointer: fault.message for fault in error.faults})
    if wrong := left.pop("/matter", ""):
        reader.faults["matter"] = wrong
    verdicts = tuple(Verdict(message) for message in left.values())
    return await _form(request, at, entry, reader.state, status=422, verdicts=verdicts)
