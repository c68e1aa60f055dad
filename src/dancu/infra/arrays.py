"""Arrow arrays as parameters of statements: the fast way for tens of thousands of values.

A list of as many Python objects takes the driver a hundred times as long: it writes each value as text.
"""

from typing import Any, Self

import pgpq
import psycopg
import pyarrow as pa
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

_OIDS = {pa.int16(): 1005, pa.int32(): 1007, pa.int64(): 1016, pa.string(): 1009, pa.date32(): 1182}
"""Array types of PostgreSQL, from its catalogue; they are fixed."""

_BEFORE, _AFTER = 2 + 4, 2
"""Around a row's only value COPY BINARY writes the number of fields and its length, and a trailer."""


class SqlArray:
    """An Arrow array (smallint, integer, bigint, text or date; nulls allowed) to give to a statement."""

    def __init__(self, values: pa.Array | pa.ChunkedArray) -> None:
        self.values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


class _SqlArrayDumper(Dumper):
    format = Format.BINARY

    def get_key(self, obj: SqlArray, format: PyFormat) -> Any:  # noqa: A002, ARG002 -- the driver's name
        return (self.cls, obj.values.type)

    def upgrade(self, obj: SqlArray, format: PyFormat) -> Self:  # noqa: A002, ARG002
        dumper = type(self)(self.cls)
        dumper.oid = _OIDS[obj.values.type]
        return dumper

    def dump(self, obj: SqlArray) -> bytes:
        whole = pa.ListArray.from_arrays(pa.array([0, len(obj.values)], pa.int32()), obj.values)
        batch = pa.record_batch([whole], names=["whole"])
        encoder = pgpq.ArrowToPostgresBinaryEncoder(batch.schema)
        encoder.write_header()
        row = encoder.write_batch(batch) + encoder.finish()
        return row[_BEFORE:-_AFTER]


psycopg.adapters.register_dumper(SqlArray, _SqlArrayDumper)
