"""Chunks into the tables by COPY, one act a chunk, one transaction a chunk."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pgpq
import psycopg
import pyarrow as pa
from psycopg import sql

from dancu.infra.arrays import SqlArray
from dancu.infra.keys import KeyRing
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.register import store
from dancu.register.act import ActHeader
from dancu.register.bulk.transform import Rows, Transform
from dancu.register.kinds import EventKind
from dancu.register.projection import Locate

_BATCH = 16_384


@dataclass(frozen=True)
class Prepared:
    """A chunk that is ready to be written.

    Args:
        told: persons, see `Transform.rows`.
        act_id: id of the act that establishes them.
        request_id: makes writing it twice harmless.
        beside: writes what belongs into the same transaction, such as the decisions of intake.
    """

    told: pa.Table
    act_id: int
    request_id: UUID
    beside: Callable[[psycopg.Connection[Any]], None] = lambda _: None


class BulkLoad:
    """Establishes persons by the million.

    Args:
        connection: of the role that loads, in autocommit mode.
        header: of every act; its request id is replaced by each chunk's.
        now: when the register records it.
        locate: finds today's units of places.
        ring: seals sensitive facts.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], *, header: ActHeader, now: datetime, locate: Locate, ring: KeyRing
    ) -> None:
        self._connection = connection
        self._header = header
        self._now = now
        self._transform = Transform(locate, ring)

    def establish(self, chunks: Iterable[Prepared]) -> Iterator[int]:
        """Write chunks, each in a transaction of its own, and yield the number of persons of each.

        The next chunk is transformed while one is written.

        Raises:
            psycopg.errors.UniqueViolation: a number or a request was there before; that chunk is not written.
        """
        with ThreadPoolExecutor(1) as ahead:
            waiting = None
            for chunk in chunks:
                following = (chunk, ahead.submit(self._rows, chunk))
                if waiting:
                    yield self._write(waiting[0], waiting[1].result())
                waiting = following
            if waiting:
                yield self._write(waiting[0], waiting[1].result())

    def _rows(self, chunk: Prepared) -> Rows:
        return self._transform.rows(chunk.told, act_id=chunk.act_id, known_at=self._now)

    def _write(self, chunk: Prepared, rows: Rows) -> int:
        with self._connection.transaction():
            if len(rows.persons):
                write_act(
                    self._connection,
                    self._header,
                    act_id=chunk.act_id,
                    request_id=chunk.request_id,
                    kind=EventKind.PERSON_ESTABLISHED,
                    now=self._now,
                    persons=rows.persons,
                )
            for name, table in rows.tables.items():
                if table.num_rows and name != "household":
                    copy_rows(self._connection, name, table)
            # A household whose members stand in two chunks is formed by the first one.
            self._connection.execute(store.SQL.form_households, arrays_of(rows.tables["household"]))
            self._connection.execute(store.SQL.count_numbers, arrays_of(rows.blocks))
            chunk.beside(self._connection)
        return len(rows.persons)


def write_act(
    connection: psycopg.Connection[Any],
    header: ActHeader,
    *,
    act_id: int,
    request_id: UUID,
    kind: EventKind,
    now: datetime,
    persons: pa.Array | pa.ChunkedArray,
    valid_on: PartialDate | None = None,
) -> None:
    """Write one act about many persons; see `dancu.register.store.record` for one about few.

    Args:
        valid_on: of the event of the first person; None: the day on which it is recorded.
    """
    connection.execute(
        store.SQL.insert_act.encode(),
        {
            "act_id": act_id,
            "subject_id": persons[0].as_py(),
            "kind": int(kind),
            "valid_on": (valid_on or PartialDate.on(today(now))).number,
            "known_at": now,
            "authority": int(header.authority),
            "office": header.office,
            "officer_id": header.officer_id,
            "dossier_id": header.dossier_id,
            "request_id": request_id,
            "legal_ground": header.legal_ground,
            "registration": None,
            "evidence": None,
            "source": header.source,
            "batch_id": header.batch_id,
            "approver_id": header.approver_id,
            "persons": SqlArray(persons),
        },
    )


def arrays_of(table: pa.Table) -> dict[str, SqlArray]:
    """Return the columns of a table as parameters."""
    return {name: SqlArray(table.column(name)) for name in table.column_names}


def copy_rows(connection: psycopg.Connection[Any], name: str, table: pa.Table) -> None:
    """Write an Arrow table into a table of the register by COPY BINARY."""
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in table.column_names)
    statement = sql.SQL("COPY register.{} ({}) FROM STDIN WITH (FORMAT BINARY)").format(sql.Identifier(name), columns)
    # The payload goes as text: that is also the binary form of json.
    encoder = pgpq.ArrowToPostgresBinaryEncoder(table.schema)
    with connection.cursor().copy(statement) as copy:
        copy.write(encoder.write_header())
        for batch in table.to_batches(max_chunksize=_BATCH):
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())
