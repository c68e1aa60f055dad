"""Source files: sent, looked at with their first rows raw and normalised, corrected, loaded, handed back."""

import asyncio
import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.infra.web import posted, posted_upload
from dancu.intake.encodings import ENCODINGS
from dancu.intake.mapping import BadMapping, Mapping, of_data
from dancu.intake.uploads import LARGEST, AlreadyLoading
from dancu.kernel.misread import REPAIRS
from dancu.kernel.text import canonical
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import NEEDED
from dancu.portals.officer.intake_house import Intake, check_loader
from dancu.portals.officer.intake_views import FilePage
from dancu.portals.officer.intake_words import WORDS
from dancu.portals.officer.session import pages_of, signed
from dancu.portals.officer.views import FormState, Option
from dancu.portals.shared.words import msg

UPLOADS = {re.compile(r"/intake"): LARGEST + 64 * 1024}
"""Addresses to which more than a form is sent, and how many bytes."""

_AT_ONCE = asyncio.Semaphore(2)
_TOO_LARGE = msg("The file is larger than 100 MB; load it on the command line")
_LABELS = {"source": msg("Source"), "file": msg("File"), "mapping": msg("Columns")}
_MOST_COLUMNS = 90
_AS_FOUND = Option("", msg("(as recognised)"))
_ENCODINGS = (_AS_FOUND, *(Option(one, one) for one in ENCODINGS))
_WAYS = (Option("", msg("(as the file)")), *(Option(one, one) for one in (*REPAIRS, "double-utf-8")))
_KINDS = (
    Option("persons", msg("persons")),
    Option("births", msg("births")),
    Option("marriages", msg("marriages")),
)
_ORDERS = (Option("dmy", msg("day, month, year")), Option("mdy", msg("month, day, year")))
_WHY = {
    "byte order mark": msg("byte order mark"),
    "every other byte is zero": msg("every other byte is zero"),
    "plain ASCII": msg("plain ASCII"),
    "valid UTF-8": msg("valid UTF-8"),
    "most Vietnamese syllables on trial": msg("most Vietnamese syllables on trial"),
    "named by the mapping": msg("named by the mapping"),
    "declared in the XML": msg("declared in the XML"),
    "UTF-8 that was read as Western text and written again": msg(
        "UTF-8 that was read as Western text and written again"
    ),
    "no one encoding fits all; each cell is read by itself": msg(
        "no one encoding fits all; each cell is read by itself"
    ),
}
_WEIGHTS = {"reject": msg("would be rejected"), "quarantine": msg("needs an officer"), "warn": msg("remark")}
_SAFE = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"}


def _desk(request: Request) -> Intake:
    desk: Intake = request.app.state.desk
    return desk


def _code(request: Request) -> str:
    return str(request.path_params["code"])


@signed
async def home(request: Request, at: At) -> Response:
    """List the files that were sent, and take another."""
    return await _list(request, at, FormState({}))


async def _list(request: Request, at: At, form: FormState, *, status: int = 200) -> Response:
    check_loader(at)
    context = {"q": await _desk(request).uploads(at), "form": form, "labels": _LABELS}
    return pages_of(request).show(request, "officer/intake.html", context, status=status)


@signed
async def send(request: Request, at: At) -> Response:
    """Take a file."""
    check_loader(at)
    async with _AT_ONCE:
        fields, sent = await posted_upload(request, "file", largest=LARGEST)
        source = canonical(fields.get("source", ""))[:80]
        faults = {} if source else {"source": NEEDED}
        if sent is None or not sent[1]:
            faults["file"] = NEEDED
        elif len(sent[1]) > LARGEST:
            faults["file"] = _TOO_LARGE
        if faults or sent is None:
            return await _list(request, at, FormState({"source": source}, dict(faults)), status=422)
        code = await _desk(request).send(at, source=source, name=sent[0], content=sent[1])
    return RedirectResponse(f"/intake/{code}", 303)


@signed
async def file(request: Request, at: At) -> Response:
    """Show a file."""
    check_loader(at)
    async with _AT_ONCE:
        page = await _desk(request).file(at, code=_code(request))
    return _page(request, page, FormState(_values_of(page)))


@signed
async def look(request: Request, at: At) -> Response:
    """Read a file again, as it was corrected; or let it be loaded so.

    Where the source, the encoding, the delimiter or the sheet is another, it is looked at again before it is loaded.
    """
    check_loader(at)
    values = {name: str(value) for name, value in (await posted(request)).items() if name != "form_token"}
    source = canonical(values.get("source", ""))[:80]
    async with _AT_ONCE:
        page = await _desk(request).file(at, code=_code(request))
        faults: dict[str, str] = {} if source else {"source": NEEDED}
        try:
            mapping = _mapping(page, values) if source == page.line.source else None
        except BadMapping as refused:
            faults["mapping"] = str(refused)
            mapping = None
        if faults:
            return _page(request, page, FormState(values, dict(faults)), status=422)
        try:
            await _desk(request).understand(at, code=_code(request), source=source, mapping=mapping)
            if values.get("do") == "load" and page.preview is not None and mapping is not None and mapping.columns:
                headers = tuple(column.header for column in page.preview.columns)
                await _desk(request).start(at, code=_code(request), headers=headers)
        except AlreadyLoading:
            return RedirectResponse(f"/intake/{_code(request)}", 303)
    return RedirectResponse(f"/intake/{_code(request)}", 303)


@signed
async def take_back(request: Request, at: At) -> Response:
    """Take a file back."""
    await posted(request)
    await _desk(request).take_back(at, code=_code(request))
    return RedirectResponse("/intake", 303)


@signed
async def result(request: Request, at: At) -> Response:
    """Hand out what became of each record."""
    return await _handed(request, at, rejects=False)


@signed
async def rejects(request: Request, at: At) -> Response:
    """Hand out the records that were rejected, as they were sent."""
    return await _handed(request, at, rejects=True)


async def _handed(request: Request, at: At, *, rejects: bool) -> Response:
    name, content = await _desk(request).handed_back(at, code=_code(request), rejects=rejects)
    disposition = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type="application/zip", headers={"Content-Disposition": disposition, **_SAFE})


def _values_of(page: FilePage) -> dict[str, str]:
    values = {"source": page.line.source}
    if page.preview is None:
        return values
    mapping = page.preview.mapping
    values |= {
        "encoding": mapping.encoding,
        "delimiter": mapping.delimiter,
        "sheet": mapping.sheet,
        "kind": mapping.kind,
        "date_order": mapping.date_order,
        "unit_day": mapping.unit_day.isoformat() if mapping.unit_day else "",
    }
    for number, column in enumerate(page.preview.columns[:_MOST_COLUMNS]):
        values |= {f"c{number}": column.target, f"e{number}": column.way}
    return values


def _mapping(page: FilePage, values: dict[str, str]) -> Mapping | None:
    """Return the mapping as the form corrects it; None: read the file anew by what is kept or suggested.

    Where encoding, delimiter or sheet are others, the columns may be others, too, and are suggested again.
    """
    options = {name: values.get(name, "")[:40] for name in ("encoding", "delimiter", "sheet")}
    options["delimiter"] = options["delimiter"].replace("\\t", "\t")
    if options["encoding"] not in {"", *ENCODINGS}:
        raise BadMapping("There is no such encoding")
    seen = page.preview
    before = seen.mapping if seen else Mapping({})
    if seen is None or any(getattr(before, name) != value for name, value in options.items()):
        return of_data({"columns": {}, **options}) if any(options.values()) else None
    columns: dict[str, str] = {}
    ways: dict[str, str] = {}
    for number, column in enumerate(seen.columns):
        columns[column.header] = values.get(f"c{number}", column.target)
        if way := values.get(f"e{number}", column.way):
            ways[column.header] = way
    kind, order = values.get("kind", before.kind), values.get("date_order", before.date_order)
    unit_day = values.get("unit_day", "")[:10]
    told = before.as_json() | {"columns": columns, "encodings": ways, "kind": kind, "date_order": order}
    return of_data(told | {"unit_day": unit_day or None})


def _page(request: Request, page: FilePage, form: FormState, *, status: int = 200) -> Response:
    context = {
        "p": page,
        "form": form,
        "labels": _LABELS,
        "encodings": _ENCODINGS,
        "ways": _WAYS,
        "kinds": _KINDS,
        "orders": _ORDERS,
        "targets": page.targets,
        "why": _WHY.get(page.preview.why, page.preview.why) if page.preview else "",
        "weights": _WEIGHTS,
        "meanings": WORDS,
        "editable": _MOST_COLUMNS,
    }
    return pages_of(request).show(request, "officer/intake_file.html", context, status=status)


ROUTES = (
    Route("/intake", home),
    Route("/intake", send, methods=["POST"]),
    Route("/intake/{code}", file),
    Route("/intake/{code}", look, methods=["POST"]),
    Route("/intake/{code}/back", take_back, methods=["POST"]),
    Route("/intake/{code}/result", result),
    Route("/intake/{code}/rejects", rejects),
)
