"""From an error's kind to what the caller sees: problem details (RFC 9457) or a page.

The numbers of HTTP are known here only. Nothing that is shown holds personal data.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dancu.infra.web import BodyTooLarge
from dancu.kernel.errors import (
    Conflict,
    DancuError,
    Forbidden,
    Gone,
    Invalid,
    Limited,
    Malformed,
    NotFound,
    Refused,
    Stale,
    Unauthenticated,
    Unavailable,
)

_log = structlog.get_logger("dancu.problems")

_STATUS_AND_TITLE: dict[type[DancuError], tuple[int, str]] = {
    BodyTooLarge: (413, "The request is too large"),
    Malformed: (400, "The request could not be read"),
    Unauthenticated: (401, "Please sign in"),
    Forbidden: (403, "This is not open to you"),
    NotFound: (404, "Nothing was found"),
    Conflict: (409, "Something stands against it"),
    Gone: (410, "This record was merged or withdrawn"),
    Stale: (412, "Somebody else was faster"),
    Invalid: (422, "Please correct what is marked"),
    Refused: (422, "The law does not allow this"),
    Limited: (429, "Too many requests"),
    Unavailable: (503, "The service is busy"),
}
_TITLES_BY_STATUS = {404: "Nothing was found", 405: "This is not possible here"}
UNEXPECTED = "Something went wrong on our side"


@dataclass(frozen=True)
class Problem:
    """What the caller may know of an error; `title` and `detail` are msgids.

    Args:
        slug: names the kind of problem and its page `docs/problems/<slug>.md`.
        instance: id of the request, under which the log has more.
        faults: (JSON pointer, msgid) of each field that is wrong.
        refusal: of the law, or None.
        successor: reference of the record that carries on for a merged one.
    """

    slug: str
    status: int
    title: str
    detail: str
    instance: str
    faults: tuple[tuple[str, str], ...] = ()
    refusal: Refused | None = None
    successor: str = ""


Translate = Callable[[str], str]
ShowPage = Callable[[Request, Problem], Awaitable[Response]]


def problem_of(error: Exception, instance: str) -> Problem:
    """Tell what may be known of an error; one that nobody foresaw gives its instance only."""
    if isinstance(error, HTTPException):
        title = _TITLES_BY_STATUS.get(error.status_code, "The request could not be read")
        return Problem("http", error.status_code, title, "", instance)
    for kind in type(error).__mro__:
        if kind in _STATUS_AND_TITLE:
            status, title = _STATUS_AND_TITLE[kind]
            break
    else:
        return Problem("unexpected", 500, UNEXPECTED, "", instance)
    faults = tuple((f.pointer, f.message) for f in error.faults) if isinstance(error, Invalid) else ()
    refusal = error if isinstance(error, Refused) else None
    detail = "" if faults or refusal else str(error)
    successor = error.successor if isinstance(error, Gone) else ""
    return Problem(_slug(type(error).__name__), status, title, detail, instance, faults, refusal, successor)


def _slug(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def problem_json(problem: Problem, translate: Translate, language: str) -> Response:
    """Return the problem as `application/problem+json`, in the reader's language."""
    members: dict[str, object] = {
        "type": f"/problems/{problem.slug}",
        "title": translate(problem.title),
        "status": problem.status,
        "instance": f"urn:uuid:{problem.instance}",
    }
    if problem.detail:
        members["detail"] = translate(problem.detail)
    if problem.faults:
        members["errors"] = [{"pointer": pointer, "detail": translate(text)} for pointer, text in problem.faults]
    if problem.successor:
        members["successor"] = f"/people/{problem.successor}"
    if problem.refusal:
        said = problem.refusal
        members["detail"] = said.message_vi if language == "vi" else said.message_en
        members |= {"rule": said.rule, "law": said.law, "in_force": said.in_force.isoformat()}
    return Response(msgspec.json.encode(members), problem.status, media_type="application/problem+json; charset=utf-8")


def error_handler(show_page: ShowPage, answer_json: ShowPage) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Make the handler of every error: pages for browsers, problem details for programs.

    Errors that were foreseen are not logged as errors; others always are, without their values.
    """

    async def handle(request: Request, error: Exception) -> Response:
        problem = problem_of(error, str(request.state.request_id))
        if problem.status == 500:
            _log.error("unexpected", request_id=problem.instance, error=type(error).__name__, at=_place(error))
        wants_page = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
        return await (show_page if wants_page else answer_json)(request, problem)

    return handle


class Safety:
    """Answers what no handler foresaw, and what the layers inside refuse, and lets no text of the error out."""

    def __init__(self, app: ASGIApp, handle: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app = app
        self._handle = handle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and catch what falls."""
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception as error:
            if scope["type"] != "http":
                raise
            response = await self._handle(Request(scope, receive), error)
            if begun:
                raise
            await response(scope, receive, send)


def _place(error: Exception) -> list[str]:
    """File and line of each frame, without values: those may hold personal data."""
    frames = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/dancu/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return frames[-12:]
