"""PostgreSQL from Python: pinned connections, one transaction a request, typed rows.

A pool's check-out costs more than the statement that it serves,
so a process keeps a few connections for its life and queues its work onto them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import psycopg
from psycopg.errors import UniqueViolation
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, tuple_row

from dancu.infra.keys import KeyRing, NoRing
from dancu.infra.named import Answer, PinnedConnection
from dancu.kernel.errors import Forbidden, NotFound, Unavailable

Row = TypeVar("Row")
Parameters = Mapping[str, object] | Sequence[object]
Asked = tuple[str, Mapping[str, object]]
"""A statement and its parameters."""


class Transaction:
    """One transaction on one connection; BEGIN and the settings travel with its first statement."""

    def __init__(self, connection: PinnedConnection, local: Mapping[str, str], keys: KeyRing) -> None:
        self.connection = connection
        self.keys = keys
        """Seals what is stored sealed."""
        self.answer: Sequence[tuple[Any, ...]] = ()
        """The rows of what was asked when the transaction was opened."""
        self._ahead = [b"BEGIN", *_set_local(local)]
        self._said: Callable[[UniqueViolation], Exception] | None = None
        self._last: list[Asked] = []

    async def execute(self, statement: str, parameters: Parameters | None = None) -> int:
        """Run a statement and return how many rows it touched."""
        await self._send_ahead()
        cursor = await self.connection.execute(statement, parameters)
        return cursor.rowcount

    async def rows(self, statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Run a query and return its rows as tuples."""
        await self._send_ahead()
        async with self.connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(statement, parameters)
            return await cursor.fetchall()

    async def row(self, statement: str, parameters: Parameters | None = None) -> tuple[Any, ...] | None:
        """Run a query and return its first row, or None."""
        found = await self.rows(statement, parameters)
        return found[0] if found else None

    async def all(self, shape: type[Row], statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Run a query and return its rows in a shape whose field names are the column names."""
        await self._send_ahead()
        async with self.connection.cursor(row_factory=class_row(shape)) as cursor:
            await cursor.execute(statement, parameters)
            return await cursor.fetchall()

    async def first(self, shape: type[Row], statement: str, parameters: Parameters | None = None) -> Row | None:
        """Run a query and return its first row in a shape, or None."""
        found = await self.all(shape, statement, parameters)
        return found[0] if found else None

    async def one(self, shape: type[Row], statement: str, parameters: Parameters | None = None) -> Row:
        """Run a query that must find a row.

        Raises:
            NotFound: it found none.
        """
        found = await self.first(shape, statement, parameters)
        if found is None:
            raise NotFound("Nothing was found")
        return found

    async def together(self, *asked: Asked) -> list[Answer]:
        """Run statements in one message, one after another, and return how many rows each touched and which it gave.

        The first that fails is raised, and none after it runs.
        """
        if not asked:
            return []
        return await self._send([await self.connection.named.call(*one) for one in asked])

    async def ahead(self, *asked: Asked, said: Callable[[UniqueViolation], Exception]) -> None:
        """Send statements with the next message of the transaction, at the latest with its commit: a round trip less.

        Their failure is raised there.

        Args:
            said: what to raise in place of a breach of uniqueness.
        """
        self._ahead += [await self.connection.named.call(*one) for one in asked]
        self._said = said

    def with_commit(self, statement: str, parameters: Mapping[str, object]) -> None:
        """Send a statement together with the commit, in one message: if it fails, nothing is committed.

        Its failure is raised when the block of the transaction ends.
        """
        self._last.append((statement, parameters))

    async def commit(self) -> None:
        """Commit, with what was to travel with it."""
        texts = [await self.connection.named.call(*one) for one in self._last]
        await self._send([*texts, b"COMMIT"])

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[psycopg.AsyncPipeline]:
        """Send the statements of the block without waiting for the answer to each."""
        await self._send_ahead()
        async with self.connection.pipeline() as pipeline:
            yield pipeline

    @asynccontextmanager
    async def copy(self, statement: str) -> AsyncIterator[psycopg.AsyncCopy]:
        """Open a COPY."""
        await self._send_ahead()
        async with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy

    def set_local(self, **values: str) -> None:
        """Set `dancu.<name>` for the rest of the transaction; it travels with the next statement.

        The values are sent as literals of SET LOCAL, which Citus propagates and set_config() does not.
        """
        self._ahead += _set_local(values)

    async def _send_ahead(self) -> None:
        if self._ahead:
            await self._send([])

    async def _send(self, texts: list[bytes]) -> list[Answer]:
        """Send what waits and then these, and return what these answer."""
        ahead, self._ahead = self._ahead, []
        try:
            answers = await self.connection.send(b"; ".join([*ahead, *texts]))
        except UniqueViolation as error:
            if self._said is None:
                raise
            raise self._said(error) from error
        except psycopg.errors.InsufficientPrivilege as error:
            if "row-level security" not in str(error):
                raise
            said = BeyondScope("This would take a record out of what is open to you; the office there does it")
            raise said from error
        self._said = None
        return answers[len(ahead) :]


class BeyondScope(Forbidden):
    """A row was to be written where the transaction's scope does not reach, such as residence in another commune."""


_HELD_ROWS = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
"""Other transactions held what was needed, for longer than `lock_timeout` or in a ring."""
_LIMITS = "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"


NO_KEYS: KeyRing = NoRing()


class Database:
    """The pinned connections of one process.

    Args:
        dsn: connection string of the server.
        role: database role that every statement runs as.
        size: how many connections; 8 at most are of use on two cores.
        application_name: shown in the server's activity view.
        patient: no limits of time, for loading; a page must answer within seconds.
        keys: seals what is stored sealed; None: nothing of that kind can be written.
    """

    def __init__(
        self,
        dsn: str,
        *,
        role: str = "dancu_app",
        size: int = 8,
        application_name: str = "dancu",
        patient: bool = False,
        keys: KeyRing | None = None,
    ) -> None:
        self.keys = keys or NO_KEYS
        self._limits = "" if patient else _LIMITS
        self._dsn = dsn
        self._role = role
        self._size = size
        self._name = application_name
        self._idle: asyncio.LifoQueue[PinnedConnection] = asyncio.LifoQueue()
        self._all: set[PinnedConnection] = set()

    @property
    def dsn(self) -> str:
        """Connection string of the server."""
        return self._dsn

    async def open(self) -> None:
        """Connect."""
        for _ in range(self._size):
            self._idle.put_nowait(await self._connect())

    async def close(self) -> None:
        """Close every connection; open transactions roll back."""
        for connection in self._all:
            await connection.close()
        self._all.clear()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self, asked: Asked | None = None, /, **local: str) -> AsyncIterator[Transaction]:
        """Open a transaction that commits when the block ends and rolls back when it raises.

        Args:
            asked: a query that travels with the beginning; its rows stand in `answer`.
            local: settings `dancu.<name>` that row-level security reads, such as `scope` and `opened`.

        Raises:
            Unavailable: the database can't be reached; another transaction held a row for too long; or the connection
                broke. If it broke amid the commit, only the same request again tells what became of it.
        """
        connection = await self._idle.get()
        try:
            connection = await self._alive(connection)
            transaction = Transaction(connection, local, self.keys)
            if asked:
                ((_, transaction.answer),) = await transaction.together(asked)
            yield transaction
            await transaction.commit()
        except BaseException as error:
            if not connection.closed and connection.info.transaction_status is not TransactionStatus.IDLE:
                await connection.execute(b"ROLLBACK", prepare=False)
            if isinstance(error, _HELD_ROWS):
                raise Unavailable("The service is busy") from error
            if isinstance(error, psycopg.Error) and connection.closed:
                raise Unavailable("The database does not answer") from error
            raise
        finally:
            self._idle.put_nowait(connection)

    async def _alive(self, connection: PinnedConnection) -> PinnedConnection:
        if not connection.closed:
            return connection
        self._all.discard(connection)
        return await self._connect()

    async def _connect(self) -> PinnedConnection:
        try:
            connection = await PinnedConnection.connect(
                self._dsn,
                autocommit=True,
                application_name=self._name,
                options=f"-c role={self._role} {self._limits}",
                prepare_threshold=1,
            )
        except psycopg.OperationalError as error:
            raise Unavailable("The database does not answer") from error
        self._all.add(connection)
        return connection


def _set_local(values: Mapping[str, str]) -> list[bytes]:
    texts = []
    for name, value in values.items():
        if not name.isidentifier() or "\x00" in value:
            raise ValueError("a setting's name must be an identifier, and its value plain text")
        quoted = value.replace("'", "''")
        texts.append(f"SET LOCAL dancu.{name} = '{quoted}'".encode())
    return texts
