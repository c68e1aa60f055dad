"""Text files whose fields stand at fixed places of the line, where a mapping says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dancu.intake import encodings
from dancu.intake.headers import is_footer
from dancu.intake.readers.raw import Opened, RawChunk, Remainder, rebatched


@dataclass
class FixedWidth:
    """A text file with fields at fixed places.

    Args:
        places: first character, from 0, and width of each column, in the order of the columns.
        skipped: lines before the first record.
    """

    path: Path
    encoding: encodings.Encoding
    places: tuple[tuple[int, int], ...]
    skipped: int
    opened: Opened
    block_bytes: int = encodings.BLOCK_BYTES

    def chunks(self) -> Iterator[RawChunk]:
        """Yield the records in order.

        Raises:
            LineTooLong: a line is longer than any record.
        """
        self.opened.remainder.clear()
        yield from rebatched(self._pieces())

    def _pieces(self) -> Iterator[RawChunk]:
        before = ordinal = 0
        with self.path.open("rb") as file:
            for block in encodings.blocks(file, self.encoding, self.block_bytes):
                lines = block.split(b"\n")
                if block.endswith(b"\n"):
                    lines.pop()
                table = self._table(lines)
                kept = [at for at in range(len(lines)) if not self._set_aside(table, at, before + at + 1)]
                before += len(lines)
                if kept:
                    numbers = np.array(kept, np.int32) + np.int32(before - len(lines) + 1)
                    record = np.arange(ordinal + 1, ordinal + 1 + len(kept), dtype=np.int32)
                    yield RawChunk(table.take(pa.array(kept)), record, numbers, numbers)
                    ordinal += len(kept)

    def _table(self, lines: list[bytes]) -> pa.Table:
        texts = pc.utf8_rtrim(pa.array([line.decode() for line in lines], pa.string()), "\r")
        columns = []
        for start, width in self.places:
            cell = pc.utf8_trim(pc.utf8_slice_codeunits(texts, start, start + width), " \t")
            columns.append(pc.if_else(pc.equal(cell, ""), pa.scalar(None, pa.string()), cell))
        return pa.table(columns, names=list(self.opened.columns))

    def _set_aside(self, table: pa.Table, at: int, line: int) -> bool:
        if line <= self.skipped:
            why = "header"
        else:
            cells = [column[at].as_py() for column in table.columns]
            why = "" if any(cells) else "empty line"
            if not why and is_footer(cells):
                why = "total or signature"
        if why:
            self.opened.remainder.append(Remainder(line, line, why))
        return bool(why)


def open_fixed(path: Path, *, fixed: Mapping[str, tuple[int, int]], skipped: int = 0, encoding: str = "") -> FixedWidth:
    """Open a text file with fields at fixed places.

    Args:
        fixed: by column: its first character, from 1, and its width, in characters as the file's encoding counts them.
        skipped: lines before the first record.
        encoding: the id of an encoding, to overrule the choice.

    Raises:
        NotText: it is no text.
        UnknownEncoding: it is no Vietnamese text.
    """
    with path.open("rb") as file:
        choice = encodings.named(encoding) if encoding else encodings.choose(encodings.sample(file))
    opened = Opened(
        format="fixed",
        columns=tuple(fixed),
        encoding=choice.encoding.id,
        reason=choice.reason,
        sample=choice.sample,
    )
    places = tuple((start - 1, width) for start, width in fixed.values())
    return FixedWidth(path, choice.encoding, places, skipped, opened)
