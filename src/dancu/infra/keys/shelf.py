"""Where wrapped data keys lie: in the database, beside what they seal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row

from dancu.infra.sql import Queries
from dancu.kernel.errors import Unavailable

SQL = Queries("dancu.infra.keys")


@dataclass(frozen=True)
class WrappedKey:
    """A data key as it is kept.

    Args:
        version: of its purpose; the highest seals.
        wrapped_by: number of the key-encryption key.
        destroyed_at: when it was destroyed, with all that it sealed; `wrapped` is empty then.
    """

    key_id: int
    purpose: str
    version: int
    wrapped_by: int
    wrapped: bytes
    destroyed_at: datetime | None = None

    @property
    def about(self) -> bytes:
        """What wrapping binds it to."""
        return about(self.purpose, self.version)


def about(purpose: str, version: int) -> bytes:
    """Return what wrapping binds the version of a purpose's data key to."""
    return f"dancu data key: {purpose} {version}".encode()


class Shelf(Protocol):
    """Keeps wrapped data keys."""

    def all(self) -> Sequence[WrappedKey]:
        """List all keys by id."""

    def add(self, purpose: str, version: int, wrapped_by: int, wrapped: bytes) -> None:
        """Keep a key, unless this version of the purpose is there."""


class DatabaseShelf:
    """Fulfils `Shelf` with `keys.data_key`; each call is a short connection of its own, and calls are rare."""

    def __init__(self, dsn: str, role: str = "dancu_app") -> None:
        """Name the database, and the role that reads it."""
        self._dsn = make_conninfo(dsn, options=f"-c role={role}", application_name="dancu keys", connect_timeout=5)

    def all(self) -> Sequence[WrappedKey]:
        """List all keys by id."""
        with self._connection() as connection, connection.cursor(row_factory=class_row(WrappedKey)) as cursor:
            return cursor.execute(SQL.data_keys.encode()).fetchall()

    def add(self, purpose: str, version: int, wrapped_by: int, wrapped: bytes) -> None:
        """Keep a key, unless this version of the purpose is there."""
        row = {"purpose": purpose, "version": version, "wrapped_by": wrapped_by, "wrapped": wrapped}
        with self._connection() as connection:
            connection.execute(SQL.insert_data_key.encode(), row)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with psycopg.connect(self._dsn, autocommit=True) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise Unavailable("The database does not answer") from error
