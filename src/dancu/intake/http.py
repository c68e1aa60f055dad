"""The endpoint to which source systems push their changes, and its description.

Standard: RFC 9457 (problem details), RFC 6750 (bearer keys), OpenAPI 3.1.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dancu.infra.db import Database
from dancu.infra.web import now_of
from dancu.intake.changes import LARGEST_BYTES, MOST_CHANGES, Answers, Changes, read_changes
from dancu.intake.credentials import proven
from dancu.intake.pushing import push

PATH = "/api/intake/v1/sources/{source}/changes"
DESCRIPTION_PATH = "/api/intake/v1/openapi.json"

_PROBLEMS = {
    "400": "The request could not be read.",
    "401": "The key is missing, wrong or revoked.",
    "403": "The key is of another source.",
    "409": "An idempotency key came again with another content; nothing was applied.",
    "413": "The request is too large.",
    "422": "The request is not of the form; `errors` names each fault by JSON pointer.",
    "429": "Too many changes within a minute; nothing was applied.",
    "503": "The service is busy; the same request can be sent again.",
}


@dataclass
class Doorway:
    """Where pushed changes come in: the database, opened as the role that loads when it is first needed.

    Args:
        open_database: makes that database, not opened yet.
        synthetic: tells whether the installation holds made-up data.
    """

    open_database: Callable[[], Database]
    synthetic: Callable[[], bool] = lambda: False
    _database: Database | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def database(self) -> Database:
        """Return the open database.

        Raises:
            Unavailable: it does not answer.
        """
        async with self._lock:
            if self._database is None:
                database = self.open_database()
                await database.open()
                self._database = database
            return self._database

    async def close(self) -> None:
        """Close it, if it was ever opened."""
        if self._database is not None:
            await self._database.close()
            self._database = None


async def changes(request: Request) -> Response:
    """Take changes of a source system and answer what became of each.

    Raises:
        KeyUnknown: no key that holds.
        OtherSource: the key is of another source.
        Invalid: the request is not of the form.
        KeyReused: an idempotency key came with another content before.
        TooManyChanges: more than the agreement allows within a minute.
    """
    doorway: Doorway = request.app.state.doorway
    database = await doorway.database()
    now: datetime = now_of(request)
    async with database.transaction(scope="none") as tx:
        who = await proven(tx, request.headers.get("authorization", ""), request.path_params["source"])
    sent = read_changes(await request.body())
    answers = await push(database, who, sent, now=now, synthetic=doorway.synthetic())
    return Response(msgspec.json.encode(answers), media_type="application/json")


async def description(_: Request) -> Response:
    """Answer the description of the endpoint (OpenAPI)."""
    return Response(msgspec.json.encode(openapi()), media_type="application/json")


def openapi() -> dict[str, Any]:
    """Return the description of the endpoint, made of the very types that it reads and writes."""
    (asked, told), schemas = msgspec.json.schema_components(
        (Changes, Answers), ref_template="#/components/schemas/{name}"
    )
    problem = {
        "type": "object",
        "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "format": "uri"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
    }
    refused = {
        status: {
            "description": said,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, said in _PROBLEMS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dancu intake",
            "version": "1",
            "description": "Changes of a source system become facts of the register; each gets an answer.",
        },
        "paths": {
            PATH: {
                "post": {
                    "operationId": "pushChanges",
                    "summary": "Send changes of one source",
                    "description": f"At most {MOST_CHANGES} changes and {LARGEST_BYTES >> 20} MiB a request. The same"
                    " request may be sent again: what was applied is not applied twice.",
                    "security": [{"key": []}],
                    "parameters": [
                        {
                            "name": "source",
                            "in": "path",
                            "required": True,
                            "description": "Name of the source system; the key must be its own.",
                            "schema": {"type": "string"},
                        }
                    ],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
                    "responses": {
                        "200": {
                            "description": "What became of each change, in the order sent.",
                            "content": {"application/json": {"schema": told}},
                        },
                        **refused,
                    },
                }
            }
        },
        "components": {
            "schemas": {**schemas, "Problem": problem},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


ROUTES = (Route(PATH, changes, methods=["POST"]), Route(DESCRIPTION_PATH, description))
