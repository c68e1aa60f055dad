"""Parquet files, in row groups as they come."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dancu.intake.readers.raw import CHUNK_RECORDS, Opened, RawChunk, Unreadable, unique
from dancu.kernel.text import canonical


@dataclass
class ParquetFile:
    """A Parquet file; its lines are its rows."""

    path: Path
    opened: Opened

    def chunks(self) -> Iterator[RawChunk]:
        """Yield the rows in order, every value as text.

        Raises:
            Unreadable: a part of the file is damaged, or a column holds lists or structures.
        """
        done = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=CHUNK_RECORDS, use_threads=False):
                    record = np.arange(done + 1, done + 1 + batch.num_rows, dtype=np.int32)
                    done += batch.num_rows
                    columns = [_text(column) for column in batch.columns]
                    table = pa.table(columns, names=list(self.opened.columns))
                    yield RawChunk(table, record, record, record)
        except (pa.ArrowException, OSError) as failure:
            raise Unreadable(f"The Parquet file is damaged after row {done}; send it again") from failure


def open_parquet(path: Path) -> ParquetFile:
    """Open a Parquet file.

    Raises:
        Unreadable: it is damaged or incomplete.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as failure:
        raise Unreadable("The Parquet file is damaged or incomplete; send it again") from failure
    nested = [name for name in schema.names if pa.types.is_nested(schema.field(name).type)]
    if nested:
        raise Unreadable("The Parquet file has nested columns; send one plain column per field")
    return ParquetFile(path, Opened(format="parquet", columns=unique([canonical(n) for n in schema.names])))


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    if pc.any(pc.equal(column, "")).as_py():
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    return column
