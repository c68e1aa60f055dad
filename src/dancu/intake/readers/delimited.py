"""Text files with a delimiter, of any size and encoding."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from dancu.intake import encodings
from dancu.intake.headers import Table, find_table, is_footer
from dancu.intake.readers.raw import (
    NoTable,
    Opened,
    RawChunk,
    Remainder,
    Unreadable,
    rebatched,
    unique,
)
from dancu.kernel.text import canonical

_DELIMITERS = (",", ";", "\t", "|")
_HEAD_LINES = 60
_LONGEST_RECORD = 4 << 20
_FOOTER = "total or signature"
_LINE_FEED, _RETURN, _QUOTE = 10, 13, 34

_Offsets = npt.NDArray[np.int64]


class UnpairedQuote(Unreadable):
    """A quotation mark opens a field and none closes it."""


@dataclass(frozen=True)
class _Layout:
    """Where the records of a block lie: end offsets (exclusive) and lines, both within the block."""

    starts: _Offsets
    ends: _Offsets
    first_line: _Offsets
    last_line: _Offsets
    lines: int


@dataclass
class _Place:
    """How far the reading has come: lines and records before the present block."""

    lines: int = 0
    records: int = 0


@dataclass
class DelimitedFile:
    """A delimited text file whose encoding, delimiter and header were found."""

    path: Path
    encoding: encodings.Encoding
    delimiter: str
    table: Table
    opened: Opened
    block_bytes: int = encodings.BLOCK_BYTES
    _place: _Place = field(default_factory=_Place)

    def chunks(self) -> Iterator[RawChunk]:
        """Yield the records in order.

        Raises:
            UnpairedQuote: a quoted field is not closed.
            LineTooLong: a line is longer than any record.
        """
        yield from rebatched(self._pieces())

    def _pieces(self) -> Iterator[RawChunk]:
        self._place = _Place()
        self.opened.remainder[:] = self.table.remainder
        held = b""
        with self.path.open("rb") as file:
            for block in encodings.blocks(file, self.encoding, self.block_bytes):
                feeds, outside = _feeds(block := held + block)
                whole = np.flatnonzero(outside)
                complete = int(whole[-1]) + 1 if len(whole) else 0
                cut = int(feeds[complete - 1]) + 1 if complete else 0
                held = block[cut:]
                if len(held) > _LONGEST_RECORD:
                    raise self._unpaired(complete)
                yield from self._parse(block[:cut], feeds[:complete], outside[:complete])
        if held and held.count(b'"') % 2:
            raise self._unpaired(0)
        yield from self._parse(held, *_feeds(held))

    def _unpaired(self, line_in_block: int) -> UnpairedQuote:
        return UnpairedQuote(
            f"A quotation mark in line {self._place.lines + line_in_block + 1} has no partner; "
            "close it, or write it twice where it belongs to the text"
        )

    def _parse(self, block: bytes, feeds: _Offsets, outside: npt.NDArray[np.bool_]) -> Iterator[RawChunk]:
        if not block:
            return
        layout = _layout(block, feeds, outside)
        layout, block = self._without_head(layout, block)
        self._note_blank_lines(layout)
        kept = layout.ends > layout.starts
        if kept.any():
            yield from self._records(block, layout, np.flatnonzero(kept))
        self._place.lines += layout.lines

    def _without_head(self, layout: _Layout, block: bytes) -> tuple[_Layout, bytes]:
        """Leave out the lines up to the header, which were read when the file was opened."""
        head = self.table.header_last - self._place.lines
        if head <= 0:
            return layout, block
        skipped = int(np.searchsorted(layout.last_line, head))
        rest = _Layout(
            layout.starts[skipped:],
            layout.ends[skipped:],
            layout.first_line[skipped:],
            layout.last_line[skipped:],
            layout.lines,
        )
        return rest, block

    def _note_blank_lines(self, layout: _Layout) -> None:
        for index in np.flatnonzero(layout.ends == layout.starts):
            line = self._place.lines + int(layout.first_line[index]) + 1
            self.opened.remainder.append(Remainder(line, line, "empty line"))

    def _records(self, block: bytes, layout: _Layout, kept: _Offsets) -> Iterator[RawChunk]:
        begin = int(layout.starts[kept[0]])
        table, broken = self._arrow(block[begin:])
        if table.num_rows + len(broken) != len(kept):
            raise self._first_bad_record(block, layout, kept)
        self._check_long_records(block, layout, kept)
        table = _aligned(table, broken, len(kept))
        footers = [at for at, text in broken if is_footer(_cells(text, self.delimiter))]
        aside = dict.fromkeys(footers, _FOOTER) | _rows_aside(table, {at for at, _ in broken})
        keep = np.array([at for at in range(len(kept)) if at not in aside] if aside else range(len(kept)))
        first = layout.first_line[kept] + self._place.lines + 1
        last = layout.last_line[kept] + self._place.lines + 1
        self.opened.remainder.extend(Remainder(int(first[at]), int(last[at]), why) for at, why in sorted(aside.items()))
        if aside:
            table = table.take(pa.array(keep, pa.int64()))
        wrong = np.flatnonzero(np.isin(keep, [at for at, _ in broken]))
        record = np.arange(1, len(keep) + 1, dtype=np.int32) + np.int32(self._place.records)
        self._place.records += len(keep)
        yield RawChunk(table, record, first[keep].astype(np.int32), last[keep].astype(np.int32), tuple(wrong.tolist()))

    def _arrow(self, block: bytes) -> tuple[pa.Table, list[tuple[int, str]]]:
        """Parse whole records; those with a wrong number of fields come back by position and text."""
        names = list(self.opened.columns)
        broken: list[tuple[int, str]] = []

        def on_invalid(row: arrow_csv.InvalidRow) -> str:
            broken.append((row.number - 1, row.text))
            return "skip"

        table = arrow_csv.read_csv(
            io.BytesIO(block),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=on_invalid
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
                check_utf8=False,
            ),
        )
        return table, broken

    def _check_long_records(self, block: bytes, layout: _Layout, kept: _Offsets) -> None:
        """Look twice at records of several lines: a stray quotation mark may have swallowed a neighbour."""
        for index in kept[layout.last_line[kept] > layout.first_line[kept]]:
            if not self._well_quoted(block[layout.starts[index] : layout.ends[index]]):
                raise self._unpaired(int(layout.first_line[index]))

    def _first_bad_record(self, block: bytes, layout: _Layout, kept: _Offsets) -> UnpairedQuote:
        for index in kept:
            if not self._well_quoted(block[layout.starts[index] : layout.ends[index]]):
                return self._unpaired(int(layout.first_line[index]))
        return self._unpaired(int(layout.first_line[kept[0]]))

    def _well_quoted(self, record: bytes) -> bool:
        mark = re.escape(self.delimiter)
        cell = rf'(?:"(?:[^"]|"")*"|(?!")[^{mark}\r\n]*)'
        return re.fullmatch(rf"{cell}(?:{mark}{cell})*\r?".encode(), record) is not None


def open_delimited(
    path: Path, *, known: frozenset[str] = frozenset(), encoding: str = "", delimiter: str = ""
) -> DelimitedFile:
    """Open a text file: choose encoding and delimiter, find the header.

    Args:
        known: headers that a mapping names, folded; they count as recognised.
        encoding: the id of an encoding, to overrule the choice.
        delimiter: one character, to overrule the choice.

    Raises:
        NotText: it is no text.
        UnknownEncoding: it is no Vietnamese text.
        NoTable: it is empty or has no header.
    """
    with path.open("rb") as file:
        choice = encodings.named(encoding) if encoding else encodings.choose(encodings.sample(file))
        data = b"".join(islice(encodings.blocks(file, choice.encoding, 1 << 16), 4))
    head = _head(data)
    if not head.strip():
        raise NoTable("The file is empty; send a file with a header line and one line per record")
    candidates = [
        (mark, find_table(_rows(head, mark, choice.encoding), known))
        for mark in ((delimiter,) if delimiter else _DELIMITERS)
    ]
    mark, table = max(candidates, key=lambda pair: (pair[1].recognised, len(pair[1].headers)))
    opened = Opened(
        format="csv",
        columns=unique([canonical(header) for header in table.headers]),
        titles=table.titles,
        encoding=choice.encoding.id,
        reason=choice.reason,
        sample=choice.sample,
        details={"delimiter": mark},
    )
    return DelimitedFile(path, choice.encoding, mark, table, opened)


def _head(data: bytes) -> str:
    lines = data.decode().split("\n", _HEAD_LINES)
    return "\n".join(lines[:_HEAD_LINES]) + "\n"


def _rows(head: str, delimiter: str, encoding: encodings.Encoding) -> Iterator[tuple[int, int, list[str]]]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    before = 0
    for row in reader:
        yield before + 1, reader.line_num, [encoding.read(cell) for cell in row]
        before = reader.line_num


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter), [])


def _feeds(block: bytes) -> tuple[_Offsets, npt.NDArray[np.bool_]]:
    """Find the line feeds, and which of them are outside of quotes."""
    data = np.frombuffer(block, np.uint8)
    feeds = np.flatnonzero(data == _LINE_FEED)
    if b'"' not in block:
        return feeds, np.ones(len(feeds), np.bool_)
    quotes = np.flatnonzero(data == _QUOTE)
    return feeds, np.searchsorted(quotes, feeds) % 2 == 0


def _layout(block: bytes, feeds: _Offsets, outside: npt.NDArray[np.bool_]) -> _Layout:
    data = np.frombuffer(block, np.uint8)
    if not len(feeds) or feeds[-1] != len(block) - 1:
        feeds, outside = np.append(feeds, len(block)), np.append(outside, True)
    ends = feeds[outside]
    starts = np.concatenate(([0], ends[:-1] + 1))
    last_line = np.flatnonzero(outside)
    first_line = np.concatenate(([0], last_line[:-1] + 1))
    returned = (ends > starts) & (data[np.maximum(ends - 1, 0)] == _RETURN)
    return _Layout(starts, ends - returned, first_line, last_line, len(feeds))


def _aligned(table: pa.Table, broken: list[tuple[int, str]], rows: int) -> pa.Table:
    """Put null rows where the broken ones stood."""
    if broken:
        good = np.setdiff1d(np.arange(rows), [at for at, _ in broken])
        index = np.full(rows, -1)
        index[good] = np.arange(len(good))
        table = table.take(pa.array(index, pa.int64(), mask=index < 0))
    return table.combine_chunks()


def _rows_aside(table: pa.Table, broken: set[int]) -> dict[int, str]:
    """Find rows without any value, and totals and signatures, which have one or two."""
    if table.num_columns < 2 or not any(column.null_count for column in table.columns):
        return {}
    filled = np.zeros(table.num_rows, np.int32)
    for column in table.columns:
        filled += column.is_valid().to_numpy() if column.null_count else 1
    aside = {}
    for at in np.flatnonzero(filled <= min(2, table.num_columns - 2)).tolist():
        if at in broken:
            continue
        if not filled[at]:
            aside[at] = "empty record"
        elif is_footer([column[at].as_py() for column in table.columns]):
            aside[at] = _FOOTER
    return aside
