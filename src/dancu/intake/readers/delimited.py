"""Text files with a delimiter, of any size and encoding."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from dancu.intake import encodings
from dancu.intake.headers import Table, find_table, is_footer
from dancu.intake.mapping import Mapping
from dancu.intake.readers.layout import Dialect, Layout, Offsets, ends_outside, layout, line_feeds
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
_RARE_DELIMITERS = ("^", "~", "\x1f", "\x01", "||", ":", "#", "$", "*", "!", "@", "&", "/")
_SEPARATOR = "\x1f"
_HEAD_LINES = 60
_LONGEST_RECORD = 4 << 20
_OPENS_DOUBLE = re.compile(r"""(?:^|[^\w "'()] ?)\"""", re.MULTILINE)
_SINGLE = re.compile(r"""(?:^|[^\w "'()])'[^'\n]*'(?=$|[^\w "'()])""", re.MULTILINE)
_FOOTER = "total or signature"


class UnpairedQuote(Unreadable):
    """A quotation mark opens a field and none closes it."""


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
    dialect: Dialect
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
                block = self._separated(block)  # noqa: PLW2901 - the same block
                feeds, outside = line_feeds(block := held + block, self.dialect)
                whole = np.flatnonzero(outside)
                complete = int(whole[-1]) + 1 if len(whole) else 0
                cut = int(feeds[complete - 1]) + 1 if complete else 0
                held = block[cut:]
                if len(held) > _LONGEST_RECORD:
                    raise self._unpaired(complete)
                yield from self._parse(block[:cut], feeds[:complete], outside[:complete])
        if held and not ends_outside(held, self.dialect):
            raise self._unpaired(0)
        yield from self._parse(held, *line_feeds(held, self.dialect))

    def _separated(self, block: bytes) -> bytes:
        """Give a block a delimiter of one character."""
        if self.delimiter == self.dialect.delimiter:
            return block
        return block.replace(self.delimiter.encode(), self.dialect.delimiter.encode())

    def _unpaired(self, line_in_block: int) -> UnpairedQuote:
        return UnpairedQuote(
            f"A quotation mark in line {self._place.lines + line_in_block + 1} has no partner; "
            "close it, or write it twice where it belongs to the text"
        )

    def _parse(self, block: bytes, feeds: Offsets, outside: npt.NDArray[np.bool_]) -> Iterator[RawChunk]:
        if not block:
            return
        places = self._without_head(layout(block, feeds, outside))
        self._note_blank_lines(places)
        kept = places.ends > places.starts
        if kept.any():
            yield from self._records(block, places, np.flatnonzero(kept))
        self._place.lines += places.lines

    def _without_head(self, places: Layout) -> Layout:
        """Leave out the lines up to the header, which were read when the file was opened."""
        head = self.table.header_last - self._place.lines
        return places.after(int(np.searchsorted(places.last_line, head))) if head > 0 else places

    def _note_blank_lines(self, places: Layout) -> None:
        for index in np.flatnonzero(places.ends == places.starts):
            line = self._place.lines + int(places.first_line[index]) + 1
            self.opened.remainder.append(Remainder(line, line, "empty line"))

    def _records(self, block: bytes, places: Layout, kept: Offsets) -> Iterator[RawChunk]:
        begin = int(places.starts[kept[0]])
        table, broken = self._arrow(block[begin:])
        if table.num_rows + len(broken) != len(kept):
            raise self._first_bad_record(block, places, kept)
        self._check_long_records(block, places, kept)
        table = _aligned(table, broken, len(kept))
        footers = [at for at, text in broken if is_footer(_cells(text, self.dialect))]
        aside = dict.fromkeys(footers, _FOOTER) | _rows_aside(table, {at for at, _ in broken})
        keep = np.array([at for at in range(len(kept)) if at not in aside], np.int64)
        first = places.first_line[kept] + self._place.lines + 1
        last = places.last_line[kept] + self._place.lines + 1
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
                delimiter=self.dialect.delimiter,
                quote_char=self.dialect.quote or False,
                escape_char=self.dialect.escape or False,
                newlines_in_values=True,
                invalid_row_handler=on_invalid,
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

    def _check_long_records(self, block: bytes, places: Layout, kept: Offsets) -> None:
        """Look twice at records of several lines: a stray quotation mark may have swallowed a neighbour."""
        for index in kept[places.last_line[kept] > places.first_line[kept]]:
            if not self.dialect.well_quoted(block[places.starts[index] : places.ends[index]]):
                raise self._unpaired(int(places.first_line[index]))

    def _first_bad_record(self, block: bytes, places: Layout, kept: Offsets) -> UnpairedQuote:
        for index in kept:
            if not self.dialect.well_quoted(block[places.starts[index] : places.ends[index]]):
                return self._unpaired(int(places.first_line[index]))
        return self._unpaired(int(places.first_line[kept[0]]))


def open_delimited(path: Path, mapping: Mapping) -> DelimitedFile:
    """Open a text file: choose encoding, delimiter and quotation mark, find the header.

    Args:
        mapping: its headers count as recognised; its options overrule the choices.

    Raises:
        NotText: it is no text.
        UnknownEncoding: it is no Vietnamese text.
        NoTable: it is empty or has no header.
        TooWide: it has more columns than any list.
    """
    with path.open("rb") as file:
        choice = encodings.named(mapping.encoding) if mapping.encoding else encodings.choose(encodings.sample(file))
        data = b"".join(islice(encodings.blocks(file, choice.encoding, 1 << 16), 4))
    head = _head(data)
    if not head.strip():
        raise NoTable("The file is empty; send a file with a header line and one line per record")
    quote = mapping.quote.replace("none", "") if mapping.quote else _quote_of(head)
    escape = "\\" if quote and f"\\{quote}" in head else ""
    mark, dialect, table = _best_table(head, mapping, choice.encoding, quote, escape)
    opened = Opened(
        format="csv",
        columns=unique([canonical(header) for header in table.headers]),
        titles=table.titles,
        encoding=choice.encoding.id,
        reason=choice.reason,
        sample=choice.sample,
        details={"delimiter": mark} | ({} if quote == '"' else {"quote": quote or "none"}),
    )
    return DelimitedFile(path, choice.encoding, mark, dialect, table, opened)


def _best_table(
    head: str, mapping: Mapping, encoding: encodings.Encoding, quote: str, escape: str
) -> tuple[str, Dialect, Table]:
    """Try the delimiters that occur, the rare ones too where they part headers that are known."""
    marks = [mark for mark in (*_DELIMITERS, *_RARE_DELIMITERS) if mark in head] or [_DELIMITERS[0]]
    found = []
    for mark in (mapping.delimiter,) if mapping.delimiter else marks:
        dialect = Dialect(mark if len(mark) == 1 else _SEPARATOR, quote, escape)
        table = find_table(_rows(head.replace(mark, dialect.delimiter), dialect, encoding), mapping.known)
        rank = (table.recognised, -sum(not header.strip() for header in table.headers), len(table.headers))
        if mark not in _RARE_DELIMITERS or table.recognised > 1 or mapping.delimiter:
            found.append((rank, mark, dialect, table))
    if not found:
        return _best_table(head, replace(mapping, delimiter=_DELIMITERS[0]), encoding, quote, escape)
    return max(found, key=lambda one: one[0])[1:]


def _head(data: bytes) -> str:
    lines = data.decode().split("\n", _HEAD_LINES)
    return "\n".join(lines[:_HEAD_LINES]) + "\n"


def _quote_of(head: str) -> str:
    """Return the quotation mark that opens and closes fields: the double one unless another, or none, does."""
    if _OPENS_DOUBLE.search(head):
        return '"'
    if len(_SINGLE.findall(head)) > 1:
        return "'"
    return "" if '"' in head else '"'


def _rows(head: str, dialect: Dialect, encoding: encodings.Encoding) -> Iterator[tuple[int, int, list[str]]]:
    reader = _reader(io.StringIO(head, newline=""), dialect)
    before = 0
    try:
        for row in reader:
            yield before + 1, reader.line_num, [encoding.read(cell) for cell in row]
            before = reader.line_num
    except csv.Error as failure:
        raise NoTable(f"Line {before + 1} is no line of a table; check delimiter and quotation marks") from failure


def _reader(lines: Iterable[str], dialect: Dialect) -> Any:
    if not dialect.quote:
        return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    escape = dialect.escape or None
    return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=escape)


def _cells(text: str, dialect: Dialect) -> list[str]:
    return next(_reader([text], dialect), [])


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
