"""Normal records on disk between reading and applying: read once, understood once."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pyarrow as pa
from pyarrow import ipc

from dancu.intake.normal import NORMAL
from dancu.kernel.errors import NotFound


class SpoolMissing(NotFound):
    """The normal records of a batch are not on this machine."""


TAKEN, QUARANTINED, REJECTED = 0, 1, 2

SCHEMA = NORMAL.append(pa.field("fate", pa.int8()))
"""The normal record, and whether a rule of intake stands against it."""


class SpoolWriter:
    """Writes chunks; the file appears under its name when it is complete and has reached the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_suffix(".partial")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = ipc.IpcWriteOptions(compression="lz4")
        self._writer = ipc.new_file(str(self._partial), SCHEMA, options=options)

    def write(self, chunk: pa.Table) -> None:
        """Append a chunk as one batch."""
        self._writer.write_table(chunk.combine_chunks(), max_chunksize=max(1, chunk.num_rows))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        _sync(self._partial)
        self._partial.replace(self._path)
        _sync(self._path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish the file; what was begun in vain is removed."""
        if kind is None:
            self.close()
            return
        self._writer.close()
        self._partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def chunks(path: Path) -> Iterator[pa.Table]:
    """Yield the chunks of a complete spool, in order."""
    with pa.memory_map(str(path)) as source:
        reader = ipc.open_file(source)
        for i in range(reader.num_record_batches):
            yield pa.Table.from_batches([reader.get_batch(i)])
