"""The state of everybody as of a number of the feed, streamed into a file.

Who loads the extract and then reads the feed from its number has what a fresh read has.

The snapshot of the extract and the number belong together to the act: the extract numbers, in a transaction of the
same snapshot, whatever waits in the outbox there. So of all that the snapshot shows the feed has told, and no more.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import msgspec
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from dancu.infra.sql import Queries
from dancu.kernel.errors import Malformed, Unavailable
from dancu.register.feed.read import SQL
from dancu.register.feed.sequencer import Sequencer, sequencer_dsn

VERIFY = Queries("dancu.register.verify")

_SPACE = 2**63
_PERSONS_A_SLICE = 10_000
_TRIES = 50

Progress = Callable[[int], None]
Row = dict[str, Any]


@dataclass(frozen=True)
class Extract:
    """What was written.

    Args:
        sequence: the number of the feed after which to read on.
        persons: how many rows.
        digest: SHA-256 over the ids of the persons, see `audit.entry.digest_of`.
    """

    sequence: int
    persons: int
    digest: bytes


class Writer(Protocol):
    """Writes rows of persons into a file."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what is left."""


def extract(dsn: str, to: Path, *, progress: Progress = lambda _: None) -> Extract:
    """Write everybody into a file beside which the number stands: rows in the order of ids, in constant memory.

    Args:
        dsn: of a user who may act as dancu_sequencer and dancu_verifier.
        to: `.parquet` (its metadata hold `dancu.sequence`) or `.ndjson` (its first line does).
        progress: told how many persons were written since the last call.

    Raises:
        Malformed: the name of the file ends in another way.
        Unavailable: the feed moved on at each of fifty tries.
    """
    digest, persons = hashlib.sha256(), 0
    with _as_of(dsn) as (connection, sequence):
        writer = _writer(connection, to, sequence)
        try:
            for first, last in _slices(connection):
                rows = _rows(connection, first, last)
                writer.write(rows)
                for row in rows:
                    digest.update(row["person_id"].to_bytes(8, "big"))
                persons += len(rows)
                progress(len(rows))
        finally:
            writer.close()
    _sync(to)
    return Extract(sequence, persons, digest.digest())


@contextmanager
def _as_of(dsn: str) -> Iterator[tuple[psycopg.Connection[Any], int]]:
    """Give a connection with a snapshot, and the number up to which the feed tells just what the snapshot shows."""
    reading = make_conninfo(dsn, options="-c role=dancu_verifier -c statement_timeout=0")
    with psycopg.connect(reading) as reader:
        for _ in range(_TRIES):
            try:
                sequence = _share(dsn, reader)
                break
            except psycopg.errors.SerializationFailure:
                reader.rollback()
        else:
            raise Unavailable("The feed moved on at each try; try again")
        yield reader, sequence


def _share(dsn: str, reader: psycopg.Connection[Any]) -> int:
    """Number what waits, let the reader have the snapshot in which it waited, and return the last number.

    Raises:
        psycopg.errors.SerializationFailure: the sequencer was at work after the snapshot was taken.
    """
    with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as own, own.transaction():
        own.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        own.execute(SQL.head_for_update.encode())
        (snapshot,) = own.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        reader.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
        reader.execute(SQL.head.encode())
        Sequencer(own).number_all()
        (sequence,) = own.execute(SQL.head.encode()).fetchone() or (0,)
    return int(sequence)


def _slices(connection: psycopg.Connection[Any]) -> list[tuple[int, int]]:
    row = connection.execute("SELECT count(*) FROM register.person").fetchone()
    parts = max(1, (int(row[0]) if row else 0) // _PERSONS_A_SLICE)
    return [(first + 1, last) for first, last in pairwise(_SPACE * i // parts - 1 for i in range(parts + 1))]


def _rows(connection: psycopg.Connection[Any], first: int, last: int) -> list[Row]:
    within = {"first": first, "last": last}
    stays = _grouped(connection.execute(SQL.stays_between.encode(), within).fetchall(), _STAY)
    numbers = _grouped(connection.execute(VERIFY.identifiers.encode(), within).fetchall(), _NUMBER)
    with connection.cursor(row_factory=dict_row) as cursor:
        persons = sorted(cursor.execute(VERIFY.persons.encode(), within), key=lambda row: int(row["person_id"]))
    for row in persons:
        row["residences"] = stays[row["person_id"]]
        row["identifiers"] = numbers[row["person_id"]]
    return persons


_STAY = ("kind", "unit", "detail", "unit_day", "since", "until")
_NUMBER = ("scheme", "value", "since", "until", "cancelled")


def _grouped(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for person_id, *values in rows:
        grouped[person_id].append(dict(zip(names, values, strict=True)))
    return grouped


def _writer(connection: psycopg.Connection[Any], to: Path, sequence: int) -> Writer:
    match to.suffix:
        case ".parquet":
            return _Parquet(to, sequence, _schema(connection))
        case ".ndjson":
            return _Lines(to, sequence)
        case _:
            raise Malformed("Name the file .parquet or .ndjson")


class _Lines:
    """One JSON object a line, the first of which holds the number."""

    def __init__(self, to: Path, sequence: int) -> None:
        self._file = to.open("wb")
        self._write({"sequence": sequence})

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._write(row)

    def close(self) -> None:
        self._file.close()

    def _write(self, row: Row) -> None:
        self._file.write(msgspec.json.encode(row) + b"\n")


class _Parquet:
    """Row groups of one slice each."""

    def __init__(self, to: Path, sequence: int, schema: pa.Schema) -> None:
        self._schema = schema.with_metadata({"dancu.sequence": str(sequence)})
        self._writer = pq.ParquetWriter(to, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.write_table(pa.Table.from_pylist(list(rows), schema=self._schema))

    def close(self) -> None:
        self._writer.close()


_TYPES = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    25: pa.string(),
    1082: pa.date32(),
    1184: pa.timestamp("us", "UTC"),
}
"""By type of PostgreSQL; the numbers are fixed."""

_STAYS = pa.list_(
    pa.struct(
        {
            "kind": pa.int16(),
            "unit": pa.string(),
            "detail": pa.string(),
            "unit_day": pa.date32(),
            "since": pa.date32(),
            "until": pa.date32(),
        }
    )
)
_NUMBERS = pa.list_(
    pa.struct(
        {
            "scheme": pa.int16(),
            "value": pa.string(),
            "since": pa.date32(),
            "until": pa.date32(),
            "cancelled": pa.bool_(),
        }
    )
)


def _schema(connection: psycopg.Connection[Any]) -> pa.Schema:
    """The columns of a person, and its stays and numbers."""
    described = connection.execute(VERIFY.persons.encode(), {"first": 0, "last": -1}).description or ()
    fields = [pa.field(column.name, _TYPES[column.type_code]) for column in described]
    return pa.schema([*fields, pa.field("residences", _STAYS), pa.field("identifiers", _NUMBERS)])


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
