"""Statements that a session knows by name, so that several travel to the server in one message.

A round trip costs as much as the statement that it carries. The protocol with parameters carries one statement a
message; the simple one carries many, but would parse and plan each anew. `EXECUTE name (literals)` has both: it is
planned once a session and stands beside BEGIN or COMMIT.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import NoneType
from typing import Any
from uuid import UUID

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.rows import AsyncRowFactory, tuple_row

Answer = tuple[int, list[tuple[Any, ...]]]
"""How many rows a statement touched, and the rows that it gave."""

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


class PinnedConnection(psycopg.AsyncConnection[Any]):
    """A connection that knows which statements have a name in its session."""

    def __init__(self, pgconn: psycopg.pq.abc.PGconn, row_factory: AsyncRowFactory[Any] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self.named = NamedStatements(self)
        self._reading = Transformer(self)

    async def send(self, text: bytes) -> list[Answer]:
        """Run the statements of one message and return the answer of each; without a cursor, at half its price.

        Raises:
            psycopg.Error: the first that failed; none after it ran.
        """
        self.pgconn.send_query(text)
        results = await self.wait(generators.execute(self.pgconn))
        if results[-1].status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(results[-1], encoding=self.info.encoding)
        return [self._answer(result) for result in results]

    def _answer(self, result: psycopg.pq.abc.PGresult) -> Answer:
        touched = result.command_tuples or 0
        if result.status != ExecStatus.TUPLES_OK:
            return touched, []
        self._reading.set_pgresult(result)
        return touched, self._reading.load_rows(0, result.ntuples, tuple)

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        """Forget the names too when the driver forgets all statements, as it does after every rollback."""
        if name is None:
            self.named.forget()
        yield from super()._deallocate(name)


def _quoted(value: str) -> bytes | None:
    return b"'%s'" % value.encode() if value.isprintable() and "'" not in value and "\\" not in value else None


_PLAIN: Mapping[type, Callable[[Any], bytes | None]] = {
    NoneType: lambda _: b"NULL",
    int: lambda value: b"%d" % value,
    str: _quoted,
    UUID: lambda value: b"'%s'::uuid" % value.hex.encode(),
    bytes: lambda value: b"'\\x%s'::bytea" % value.hex().encode(),
    datetime: lambda value: b"'%s'::timestamptz" % str(value).encode() if value.tzinfo else None,
}
"""Literals of the plainest values, at a quarter of the driver's price; None leaves a value to the driver."""


class NamedStatements:
    """The statements that one connection has prepared under a name."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._quoting = Transformer(connection)
        self._known: dict[str, tuple[bytes, tuple[str, ...]]] = {}

    async def call(self, statement: str, parameters: Mapping[str, object]) -> bytes:
        """Return the text that runs a statement, prepared when it is first used.

        Values become literals by the driver's own quoting.

        Raises:
            KeyError: a parameter is missing.
        """
        if statement not in self._known:
            await self._prepare(statement)
        name, order = self._known[statement]
        values = [parameters[one] for one in order]
        driver = self._quoting.as_literal
        texts = [plain(value) if (plain := _PLAIN.get(type(value))) else None for value in values]
        literals = b", ".join([text or driver(value) for text, value in zip(texts, values, strict=True)])
        return b"EXECUTE %s (%s)" % (name, literals) if order else b"EXECUTE " + name

    def forget(self) -> None:
        """Take all names as gone from the session."""
        self._known.clear()

    async def _prepare(self, statement: str) -> None:
        order: list[str] = []

        def numbered(match: re.Match[str]) -> str:
            if match[1] is None:
                return "%"
            if match[1] not in order:
                order.append(match[1])
            return f"${order.index(match[1]) + 1}"

        text = _PARAMETER.sub(numbered, statement)
        name = b"dancu_%d" % len(self._known)
        await self._connection.execute(b"PREPARE %s AS %s" % (name, text.encode()), prepare=False)
        self._known[statement] = (name, tuple(order))
