"""The endpoint to which source systems push their changes, and its description.

Standard: RFC 9457 (problem details), RFC 6750 (bearer keys), OpenAPI 3.1.
"""

import asyncio
import time
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dancu.infra.db import Database
from dancu.infra.web import now_of
from dancu.intake.changes import LARGEST_BYTES, MOST_CHANGES, Answers, Changes, read_changes
from dancu.intake.credentials import Credential, proven
from dancu.intake.pushed import answer_to, put_down

PATH = "/api/intake/v1/sources/{source}/changes"
DESCRIPTION_PATH = "/api/intake/v1/openapi.json"
WAITS_S = 20.0
"""How long a request waits for the worker before it is told where the answers will be."""

_EVERY_S = 0.03

_PROBLEMS = {
    "400": "The request could not be read.",
    "401": "The key is missing, wrong or revoked.",
    "403": "The key is of another source.",
    "404": "There is no such request of this key.",
    "409": "An idempotency key came again with another content; nothing was applied.",
    "413": "The request is too large.",
    "422": "The request is not of the form; `errors` names each fault by JSON pointer.",
    "429": "Too many changes within a minute; nothing was applied.",
    "503": "The service is busy; the same request can be sent again.",
}


async def changes(request: Request) -> Response:
    """Take changes of a source system and answer what became of each, as soon as the worker has applied them.

    If that takes too long, the answer is 202 and says where the answers will be.

    Raises:
        KeyUnknown: no key that holds.
        OtherSource: the key is of another source.
        Invalid: the request is not of the form.
        KeyReused: an idempotency key came with another content before.
        TooManyChanges: more than the agreement allows within a minute.
    """
    database = _database(request)
    now: datetime = now_of(request)
    async with database.transaction(scope="none") as tx:
        who = await proven(tx, request.headers.get("authorization", ""), request.path_params["source"])
    sent = read_changes(await request.body())
    async with database.transaction(scope="none") as tx:
        push_id = await put_down(tx, who, sent, now=now)
    waits_until = time.monotonic() + getattr(request.app.state, "push_waits_s", WAITS_S)
    while (answered := await _answer(database, who, push_id)) is None:
        if time.monotonic() > waits_until:
            address = f"{request.url.path}/{push_id}"
            return Response(msgspec.json.encode({"answer": address}), 202, {"location": address}, "application/json")
        await asyncio.sleep(_EVERY_S)
    return answered


async def answers(request: Request) -> Response:
    """Answer what became of changes that were sent before; 202 while that is not known.

    Raises:
        KeyUnknown: no key that holds.
        OtherSource: the key is of another source.
        PushUnknown: there is no such request of this key.
        KeyReused: nothing was applied; see `changes`.
    """
    database = _database(request)
    async with database.transaction(scope="none") as tx:
        who = await proven(tx, request.headers.get("authorization", ""), request.path_params["source"])
    answered = await _answer(database, who, request.path_params["push"])
    waits = msgspec.json.encode({"answer": request.url.path})
    return answered or Response(waits, 202, {"location": request.url.path}, "application/json")


async def _answer(database: Database, who: Credential, push_id: int) -> Response | None:
    async with database.transaction(scope="none") as tx:
        told = await answer_to(tx, who, push_id)
    return Response(msgspec.json.encode(told), media_type="application/json") if told else None


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


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
    later = {
        "description": "They wait for the worker; ask again at the address.",
        "headers": {"Location": {"schema": {"type": "string", "format": "uri-reference"}}},
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["answer"], "properties": {"answer": {"type": "string"}}}
            }
        },
    }
    source = {
        "name": "source",
        "in": "path",
        "required": True,
        "description": "Name of the source system; the key must be its own.",
        "schema": {"type": "string"},
    }
    answered = {
        "200": {
            "description": "What became of each change, in the order sent.",
            "content": {"application/json": {"schema": told}},
        },
        "202": later,
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
                    "parameters": [source],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
                    "responses": {**answered, **{one: said for one, said in refused.items() if one != "404"}},
                }
            },
            f"{PATH}/{{push}}": {
                "get": {
                    "operationId": "answersToChanges",
                    "summary": "Ask what became of changes that were sent before",
                    "security": [{"key": []}],
                    "parameters": [
                        source,
                        {"name": "push", "in": "path", "required": True, "schema": {"type": "integer"}},
                    ],
                    "responses": {
                        **answered,
                        **{one: said for one, said in refused.items() if one in {"401", "403", "404", "409", "503"}},
                    },
                }
            },
        },
        "components": {
            "schemas": {**schemas, "Problem": problem},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


ROUTES = (
    Route(PATH, changes, methods=["POST"]),
    Route(f"{PATH}/{{push:int}}", answers),
    Route(DESCRIPTION_PATH, description),
)
