"""Notices of stay: who stays in a commune in a night, and a plain form to take one down."""

from datetime import datetime, time
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.access.work import NotAllowed
from dancu.infra.db import BeyondScope
from dancu.infra.web import posted
from dancu.kernel.errors import Invalid
from dancu.kernel.time import STATE_TIME, today
from dancu.portals.officer.act_values import options_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import NEEDED, Reader
from dancu.portals.officer.places import commune_of
from dancu.portals.officer.session import pages_of, signed
from dancu.portals.officer.stay_house import Stays, StaysAsked, check_residence
from dancu.portals.officer.views import FormState, Option, Verdict
from dancu.portals.shared.code_words import LODGING
from dancu.portals.shared.words import msg
from dancu.register.catalogue.asked import NATIONALITY
from dancu.register.notices import LodgingKind, Stay

LABELS = {
    "guest_name": msg("Full name of the guest"),
    "number": msg("Personal number or passport"),
    "born": msg("Date of birth"),
    "nationality": msg("Nationality"),
    "arrived": msg("Day of arrival"),
    "hour": msg("Hour of arrival"),
    "until": msg("Day of departure"),
    "unit": msg("Commune"),
    "lodging": msg("Name and address of the lodging"),
    "lodging_kind": msg("Kind of lodging"),
    "reason": msg("Reason of the stay"),
    "on": msg("Night of"),
    "guest": msg("Guest"),
}
KINDS = tuple(Option(str(int(kind)), text) for kind, text in LODGING.items())
_ONE = "/stays/0/"
_INPUT = {"arrived_at": "arrived"}


def _desk(request: Request) -> Stays:
    desk: Stays = request.app.state.desk
    return desk


@signed
async def stays(request: Request, at: At) -> Response:
    """List who stays in the officer's commune tonight."""
    check_residence(at)
    return await _list(request, at, Reader(_asked_first(at), complete=True, today=today(at.now)))


@signed
async def search(request: Request, at: At) -> Response:
    """List who stays in a commune in a night; the guest's name comes in the body, not in an address."""
    check_residence(at)
    return await _list(request, at, await _reader(request, at))


def _asked_first(at: At) -> dict[str, str]:
    day = today(at.now)
    return {**_commune(at), "on_day": f"{day.day:02}", "on_month": f"{day.month:02}", "on_year": str(day.year)}


def _commune(at: At) -> dict[str, str]:
    """The commune of the officer's office; nothing where the office is no commune's."""
    found = commune_of(at.officer.office_unit, today(at.now))
    return {"unit": found.label, "unit_ref": found.value} if found else {}


async def _list(request: Request, at: At, reader: Reader) -> Response:
    on, unit = reader.day("on", needed=True), reader.place("unit", needed=True)
    guest = reader.text("guest", at_most=80)
    found = None
    first = request.method == "GET"
    if on and unit.code and not reader.faults:
        found = await _desk(request).stays(at, StaysAsked(unit.code, on, guest))
    elif first:
        reader.faults.clear()
    context = {"found": found, "form": reader.state, "labels": LABELS, "on": on, "where": reader.values.get("unit", "")}
    status = 422 if reader.faults else 200
    return pages_of(request).show(request, "officer/stays.html", context, status=status)


@signed
async def new(request: Request, at: At) -> Response:
    """Show the empty form, or one for the next guest of the same lodging."""
    check_residence(at)
    now = at.now.astimezone(STATE_TIME)
    day = now.date()
    values = {"request_id": str(uuid4()), **_commune(at), "nationality": "VNM", "lodging_kind": "2"}
    values |= {"hour": f"{now:%H:%M}", "arrived_day": f"{day.day:02}", "arrived_month": f"{day.month:02}"}
    return _form(request, FormState(values | {"arrived_year": str(day.year)}))


@signed
async def notify(request: Request, at: At) -> Response:
    """Take a notice down."""
    check_residence(at)
    reader = await _reader(request, at)
    stay = _stay(reader)
    if stay is None:
        return _form(request, reader.state, status=422)
    try:
        await _desk(request).notify_stays(at, request_id=reader.request_id(), stays=[stay])
    except Invalid as error:
        for fault in error.faults:
            name = fault.pointer.removeprefix(_ONE)
            reader.faults.setdefault(_INPUT.get(name, name), fault.message)
        return _form(request, reader.state, status=422)
    except (BeyondScope, NotAllowed) as error:
        said = Verdict(str(error), error.law if isinstance(error, NotAllowed) else "")
        return _form(request, reader.state, status=422, verdicts=(said,))
    if reader.values.get("next"):
        kept = {"unit", "unit_ref", "lodging", "lodging_kind", "hour", "arrived_day", "arrived_month", "arrived_year"}
        kept |= {"until_day", "until_month", "until_year"}
        values = {name: value for name, value in reader.values.items() if name in kept}
        return _form(request, FormState(values | {"request_id": str(uuid4()), "nationality": "VNM"}), done=stay)
    return RedirectResponse("/stays", 303)


def _stay(reader: Reader) -> Stay | None:
    """The stay as typed; None where something is wrong, which is noted with the reader."""
    name, number = reader.text("guest_name", needed=True), reader.text("number", needed=True, at_most=40)
    born, on = reader.partial_date("born"), reader.day("arrived", needed=True)
    until, unit = reader.day("until", needed=True), reader.place("unit", needed=True)
    lodging, hour = reader.text("lodging", needed=True), _hour(reader)
    kind = reader.text("lodging_kind")
    reader.text("nationality", needed=True)
    if kind not in {one.value for one in KINDS}:
        reader.faults["lodging_kind"] = NEEDED
    if reader.faults or on is None or until is None or hour is None:
        return None
    return Stay(
        guest_name=name,
        number=number.replace(" ", ""),
        arrived_at=datetime.combine(on, hour, STATE_TIME),
        until=until,
        unit=unit.code,
        lodging=lodging,
        lodging_kind=LodgingKind(int(kind)),
        born=born,
        nationality=reader.values["nationality"],
        reason=reader.text("reason"),
    )


def _hour(reader: Reader) -> time | None:
    try:
        return time.fromisoformat(reader.text("hour", at_most=5))
    except ValueError:
        reader.faults["hour"] = msg("Write the hour as 14:30")
        return None


async def _reader(request: Request, at: At) -> Reader:
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    return Reader(values, complete=True, today=today(at.now))


def _form(
    request: Request,
    form: FormState,
    *,
    status: int = 200,
    verdicts: tuple[Verdict, ...] = (),
    done: Stay | None = None,
) -> Response:
    countries = options_of(NATIONALITY)
    context = {"form": form, "labels": LABELS, "kinds": KINDS, "countries": countries, "verdicts": verdicts}
    return pages_of(request).show(request, "officer/stay_new.html", {**context, "done": done}, status=status)


ROUTES = (
    Route("/stays", stays),
    Route("/stays", search, methods=["POST"]),
    Route("/stays/new", new),
    Route("/stays/new", notify, methods=["POST"]),
)
