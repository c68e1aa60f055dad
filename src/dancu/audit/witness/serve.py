"""The witness over HTTP, at a port or a Unix socket."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from dancu.audit.witness.judge import MOST_BYTES, Answer, Witness
from dancu.kernel.errors import Unavailable


class PlaceTaken(Unavailable):
    """The witness can't listen where it was told to."""


def application(witness: Witness) -> Starlette:
    """Put a witness behind its two addresses."""

    async def add(request: Request) -> Response:
        body = b""
        try:
            async for part in request.stream():
                body += part
                if len(body) > MOST_BYTES:
                    return _response(Answer(413, "Too long\n"))
        except ClientDisconnect:
            return _response(Answer(400))
        return _response(await run_in_threadpool(witness.add, body))

    async def last(request: Request) -> Response:
        return _response(await run_in_threadpool(witness.last, request.path_params["digest"]))

    return Starlette(
        routes=[Route("/add-checkpoint", add, methods=["POST"]), Route("/checkpoint/{digest}", last, methods=["GET"])]
    )


def _response(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, headers={"content-type": answer.content_type})


def run(witness: Witness, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until told to stop."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(
        application(witness), loop="asyncio", log_level="warning", access_log=False, server_header=False
    )
    Server(config).run(sockets=[listening])


def at_port(host: str, port: int) -> socket.socket:
    """Listen at a port.

    Raises:
        PlaceTaken: it can't be used.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _bound(listening, (host, port), f"{host}:{port}")


def at_socket(file: Path) -> socket.socket:
    """Listen at a Unix socket that this account alone may use; whoever holds the witness's folder may replace it.

    Raises:
        PlaceTaken: it can't be made.
    """
    file.unlink(missing_ok=True)
    with short_name(file) as name:
        listening = _bound(socket.socket(socket.AF_UNIX), name, str(file))
    file.chmod(0o600)
    return listening


@contextmanager
def short_name(file: Path) -> Iterator[str]:
    """Give a name by which a socket can be used although its folder's name is longer than sockets allow."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{file.name}"
    finally:
        os.close(folder)


def _bound(listening: socket.socket, address: str | tuple[str, int], where: str) -> socket.socket:
    try:
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise PlaceTaken(f"The witness can't listen at {where} ({error.strerror})") from error
    return listening
