"""`dancu serve`: the web server."""

import socket
from pathlib import Path

import uvicorn

from dancu.app import create_app
from dancu.cli.installation import Installation
from dancu.infra.db import Database
from dancu.kernel.errors import Unavailable


class PortTaken(Unavailable):
    """Something else listens on the port."""


class _Server(uvicorn.Server):
    """A server that says when it takes connections."""

    def __init__(self, config: uvicorn.Config, ready: Path) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so by a file."""
        await super().startup(sockets)
        self._ready.write_text("ready\n", encoding="ascii")


def run(here: Installation, dsn: str) -> None:
    """Serve until told to stop.

    Raises:
        PortTaken: something else listens on the port.
    """
    settings = here.settings
    ready = here.home / "run" / "web.ready"
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.unlink(missing_ok=True)
    listening = _listen(settings.host, settings.port)
    app = create_app(settings, Database(dsn))
    config = uvicorn.Config(
        app, http="httptools", loop="uvloop", log_level="warning", access_log=False, server_header=False
    )
    try:
        _Server(config, ready).run(sockets=[listening])
    finally:
        ready.unlink(missing_ok=True)


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {port} can't be used ({error.strerror}). Name another one: DANCU_PORT={port + 1}"
        ) from error
    return listening
