"""What every page and every call passes through: identity of the request, limits, headers, forms, health.

The middleware is plain ASGI. It logs method, route and duration, and never a query string, a body or a name.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import FormData, Headers, MutableHeaders, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dancu.infra.db import Database
from dancu.infra.logged import only_known
from dancu.kernel.errors import DancuError, Forbidden, Malformed

SESSION_COOKIE = "dancu_session"
VISIT_COOKIE = "dancu_visit"
LANGUAGE_COOKIE = "dancu_language"
BODY_LIMIT_BYTES = 256 * 1024

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SECURE_TRANSPORT = "max-age=31536000; includeSubDomains"
_log = structlog.get_logger("dancu.web")


def log_as_json() -> None:
    """Write the log of this process as one JSON document a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_known,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )


class BodyTooLarge(Malformed):
    """The request carries more than a form of ours ever does."""


_TOO_LARGE = "The request is too large"


class FormFromElsewhere(Forbidden):
    """The form does not come from a page that this session was shown."""


class Envelope:
    """The outermost layer: request id, security headers, access log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and see its answer off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4()
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 500

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), scope, request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_enveloped)
        finally:
            _log.info(
                "request",
                request_id=str(request_id),
                method=scope["method"],
                route=_route(scope),
                status=status,
                duration_ms=round((time.perf_counter() - began) * 1000, 1),
            )


def _add_headers(headers: MutableHeaders, scope: Scope, request_id: UUID) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = str(request_id)
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = _SECURE_TRANSPORT


def _route(scope: Scope) -> str:
    """The route's pattern, so that no reference to a person reaches the log."""
    route = scope.get("route") or scope.get("state", {}).get("route")
    return str(getattr(route, "path", None) or "unmatched")


class BodyLimit:
    """Refuses a body that is larger than allowed, whether its length is announced or not.

    Args:
        larger: addresses that take more, as patterns of the whole path, and how many bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit_bytes: int = BODY_LIMIT_BYTES,
        larger: Mapping[re.Pattern[str], int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._limit = limit_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while its body stays within the limit.

        Raises:
            BodyTooLarge: it doesn't; the layer around it answers.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((most for path, most in self._larger.items() if path.fullmatch(scope["path"])), self._limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > limit:
            raise BodyTooLarge(_TOO_LARGE)
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge(_TOO_LARGE)
            return message

        await self._app(scope, receive_limited, send)


def request_id(request: Request) -> UUID:
    """Return the id under which this request stands in the log."""
    return UUID(str(request.state.request_id))


# Forms ------------------------------------------------------------------------------------------------------------


def form_token(secret: str) -> str:
    """Return the token that a form shows to prove that it was made for the holder of a secret cookie.

    It is a hash of the cookie, under a fresh mask each time, so that compression can't reveal it (BREACH).
    """
    mask = secrets.token_bytes(16)
    masked = bytes(a ^ b for a, b in zip(mask, _proof(secret), strict=True))
    return (mask + masked).hex()


def _proof(secret: str) -> bytes:
    return hashlib.sha256(b"dancu form\0" + secret.encode()).digest()[:16]


def check_form_token(secret: str | None, token: str) -> None:
    """Check the token of a form against the cookie that came with it.

    Raises:
        FormFromElsewhere: they don't belong together.
    """
    try:
        given = bytes.fromhex(token)
    except ValueError:
        given = b""
    if secret and len(given) == 32:
        proof = bytes(a ^ b for a, b in zip(given[:16], given[16:], strict=True))
        if hmac.compare_digest(proof, _proof(secret)):
            return
    raise FormFromElsewhere("The form is too old; open the page again")


async def posted(request: Request) -> FormData:
    """Return the fields of a form that one of our own pages sent.

    Raises:
        FormFromElsewhere: another site or another session made it.
    """
    _check_origin(request)
    form = await request.form(max_files=0, max_fields=200)
    check_form_token(form_secret(request), str(form.get("form_token", "")))
    return form


async def posted_file(request: Request, name: str, *, largest: int) -> tuple[str, bytes] | None:
    """Return the name and content of the one file of a form that one of our own pages sent; None where there is none.

    It is held in memory: what was sent never lies on a disk in the clear.

    Args:
        largest: bytes of the content at most; one byte more is returned, so that the caller can tell.

    Raises:
        FormFromElsewhere: another site or another session made it.
        Malformed: it is no form with one file.
    """
    return (await posted_upload(request, name, largest=largest))[1]


async def posted_upload(
    request: Request, name: str, *, largest: int
) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """Return the fields of such a form besides the file, too; see `posted_file`."""
    _check_origin(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Malformed("The request could not be read")
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=20)
    parser.spool_max_size = largest + BODY_LIMIT_BYTES
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Malformed("The request could not be read") from error
    async with AsyncExitStack() as open_files:
        for one in form.values():
            if isinstance(one, UploadFile):
                open_files.push_async_callback(one.close)
        check_form_token(form_secret(request), str(form.get("form_token", "")))
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        sent = form.get(name)
        if not isinstance(sent, UploadFile) or not sent.filename:
            return fields, None
        return fields, (sent.filename, await sent.read(largest + 1))


def _check_origin(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise FormFromElsewhere("The form is too old; open the page again")


def form_secret(request: Request) -> str | None:
    """Return the cookie that forms are bound to: the session's, else the visit's before sign-in."""
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISIT_COOKIE)


def set_cookie(request: Request, response: Response, name: str, value: str, *, max_age_s: int | None = None) -> None:
    """Set a cookie that scripts can't read and other sites can't send."""
    response.set_cookie(
        name, value, max_age=max_age_s, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/"
    )


# Health -----------------------------------------------------------------------------------------------------------


async def healthz(_: Request) -> Response:
    """Say that the process lives."""
    return JSONResponse({"status": "alive"})


def readyz(database: Callable[[], Database], *, timeout_s: float = 2.0) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint that says whether the database answers."""

    async def answer(_: Request) -> Response:
        try:
            async with asyncio.timeout(timeout_s), database().transaction() as tx:
                await tx.row("SELECT 1")
        except (TimeoutError, DancuError):
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ready"})

    return answer


def now_of(request: Request) -> datetime:
    """Return the moment of the request, from the clock of the application."""
    clock: Callable[[], datetime] = getattr(request.app.state, "clock", None) or (lambda: datetime.now(UTC))
    return clock()
