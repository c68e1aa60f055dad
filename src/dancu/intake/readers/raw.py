"""What every reader hands over: chunks of raw text, the lines they came from, and what was left aside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dancu.kernel.errors import Malformed

CHUNK_RECORDS = 50_000

Ordinals = npt.NDArray[np.int32]


class Unreadable(Malformed):
    """The file is damaged, or is not of the kind that it says."""


class NoTable(Malformed):
    """There is nothing in the file that looks like a table of records."""


@dataclass(frozen=True)
class Remainder:
    """Lines (or sheet rows) that belong to no record, and why."""

    first_line: int
    last_line: int
    why: str


@dataclass(frozen=True)
class RawChunk:
    """Some records as the file writes them.

    Args:
        columns: one text column per source column, by its header.
        record: ordinals of the records in the file, from 1, without gaps.
        first_line: first line of each record, from 1.
        last_line: last line of each record.
        broken: positions in the chunk of records whose number of fields is wrong; all their columns are null.
    """

    columns: pa.Table
    record: Ordinals
    first_line: Ordinals
    last_line: Ordinals
    broken: tuple[int, ...] = ()


@dataclass
class Opened:
    """A file whose shape is known and whose records are about to be read.

    Args:
        format: csv | fixed | jsonl | xlsx | xml | parquet.
        columns: the source's column headers, made unique.
        titles: texts that stand above the table.
        encoding: the id of the encoding, empty for binary formats.
        reason: why that encoding was chosen.
        sample: some accented words as the encoding gives them; personal data, for the operator's eyes only.
        details: what else an operator may want to know, such as the delimiter or the sheet.
        remainder: grows while the chunks are read; complete when they are exhausted.
    """

    format: str
    columns: tuple[str, ...]
    titles: tuple[str, ...] = ()
    encoding: str = ""
    reason: str = ""
    sample: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    remainder: list[Remainder] = field(default_factory=list)


class Source(Protocol):
    """A file that was opened by one of the readers."""

    @property
    def opened(self) -> Opened:
        """What is known about the file."""

    def chunks(self) -> Iterator[RawChunk]:
        """Yield its records in order, at most `CHUNK_RECORDS` at a time."""


def unique(headers: Sequence[str]) -> tuple[str, ...]:
    """Make headers unique: a second `Sinh` becomes `Sinh (2)`, an empty one `column 7`."""
    seen: dict[str, int] = {}
    names = []
    for position, header in enumerate(headers, start=1):
        name = header or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def text_table(rows: Sequence[Sequence[str | None]], columns: Sequence[str]) -> pa.Table:
    """Make a table of text columns out of rows; empty texts become null."""
    turned = zip(*rows, strict=True) if rows else ([] for _ in columns)
    arrays = [pa.array([value or None for value in column], pa.string()) for column in turned]
    return pa.table(arrays, names=list(columns))


def rebatched(pieces: Iterator[RawChunk]) -> Iterator[RawChunk]:
    """Cut and join consecutive pieces into chunks of exactly `CHUNK_RECORDS`, but for the last."""
    held: list[RawChunk] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece.record)
        while size >= CHUNK_RECORDS:
            joined = _joined(held)
            yield _part(joined, 0, CHUNK_RECORDS)
            size -= CHUNK_RECORDS
            held = [_part(joined, CHUNK_RECORDS, size)] if size else []
    if size:
        yield _joined(held)


def _joined(pieces: list[RawChunk]) -> RawChunk:
    if len(pieces) == 1:
        return pieces[0]
    offsets = np.cumsum([0, *(len(piece.record) for piece in pieces)])
    return RawChunk(
        pa.concat_tables([piece.columns for piece in pieces]),
        np.concatenate([piece.record for piece in pieces]),
        np.concatenate([piece.first_line for piece in pieces]),
        np.concatenate([piece.last_line for piece in pieces]),
        tuple(int(offset) + at for offset, piece in zip(offsets, pieces, strict=False) for at in piece.broken),
    )


def _part(chunk: RawChunk, start: int, size: int) -> RawChunk:
    end = start + size
    return RawChunk(
        chunk.columns.slice(start, size),
        chunk.record[start:end],
        chunk.first_line[start:end],
        chunk.last_line[start:end],
        tuple(at - start for at in chunk.broken if start <= at < end),
    )
