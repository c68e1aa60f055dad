"""Where the records of a block of delimited text lie: line feeds within quotation marks end no record."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

_LINE_FEED, _RETURN = 10, 13

Offsets = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Dialect:
    """How a file separates and quotes.

    Args:
        delimiter: one character of ASCII.
        quote: the quotation mark, or an empty text where a file has none.
        escape: the character that takes a quotation mark its meaning, if there is one.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""

    def well_quoted(self, record: bytes) -> bool:
        """Tell whether every quoted field of a record is closed, and closed before a delimiter."""
        return not self.quote or bool(self.escape) or _whole_record(self).fullmatch(record) is not None


@dataclass(frozen=True)
class Layout:
    """Where the records of a block lie: end offsets (exclusive) and lines, both within the block."""

    starts: Offsets
    ends: Offsets
    first_line: Offsets
    last_line: Offsets
    lines: int

    def after(self, skipped: int) -> "Layout":
        """Return the same without its first records."""
        starts, ends, first_line, last_line = (
            part[skipped:] for part in (self.starts, self.ends, self.first_line, self.last_line)
        )
        return Layout(starts, ends, first_line, last_line, self.lines)


def line_feeds(block: bytes, dialect: Dialect) -> tuple[Offsets, Mask]:
    """Find the line feeds, and which of them are outside of quotes."""
    data = np.frombuffer(block, np.uint8)
    feeds = np.flatnonzero(data == _LINE_FEED)
    mark = dialect.quote.encode()
    if not mark or mark not in block:
        return feeds, np.ones(len(feeds), np.bool_)
    quotes = np.flatnonzero(data == mark[0])
    if dialect.escape:
        quotes = quotes[(quotes == 0) | (data[np.maximum(quotes - 1, 0)] != ord(dialect.escape))]
    elif _has_strays(data, quotes, dialect):
        return feeds, _outside_by_fields(block, feeds, dialect)
    return feeds, np.searchsorted(quotes, feeds) % 2 == 0


def _has_strays(data: npt.NDArray[np.uint8], quotes: Offsets, dialect: Dialect) -> bool:
    """Tell whether a mark stands within a field, where it is a letter like any other."""
    edges = np.array([*dialect.delimiter.encode(), *dialect.quote.encode(), _LINE_FEED, _RETURN], np.uint8)
    before = np.where(quotes > 0, data[np.maximum(quotes - 1, 0)], _LINE_FEED)
    after = np.where(quotes + 1 < len(data), data[np.minimum(quotes + 1, len(data) - 1)], _LINE_FEED)
    return bool((~(np.isin(before, edges) | np.isin(after, edges))).any())


def _outside_by_fields(block: bytes, feeds: Offsets, dialect: Dialect) -> Mask:
    """Go from field to field: slow, and right where marks stand within fields."""
    record, mark = _next_record(dialect), dialect.quote.encode()
    outside = np.zeros(len(feeds), np.bool_)
    start = 0
    while start < len(block):
        if match := record.match(block, start):
            end = match.end() - 1
        elif (end := block.find(b"\n", start)) < 0 or mark not in block[end:]:
            break  # the field that is open here may be closed in the next block
        if end < len(block) and block[end] == _LINE_FEED:
            outside[np.searchsorted(feeds, end)] = True
        start = end + 1
    return outside


def ends_outside(block: bytes, dialect: Dialect) -> bool:
    """Tell whether no quoted field is open at the end of a block."""
    return bool(line_feeds(block + b"\n", dialect)[1][-1])


def _fields(dialect: Dialect) -> str:
    mark, cut = re.escape(dialect.quote), re.escape(dialect.delimiter)
    cell = rf"(?:{mark}(?:[^{mark}]|{mark}{mark})*{mark}(?=[{cut}\r\n]|\Z)|(?!{mark})[^{cut}\n]*)"
    return rf"{cell}(?:{cut}{cell})*"


@lru_cache(maxsize=16)
def _next_record(dialect: Dialect) -> re.Pattern[bytes]:
    return re.compile(rf"{_fields(dialect)}\r?(?:\n|\Z)".encode())


@lru_cache(maxsize=16)
def _whole_record(dialect: Dialect) -> re.Pattern[bytes]:
    return re.compile(rf"{_fields(dialect)}\r?".encode())


def layout(block: bytes, feeds: Offsets, outside: Mask) -> Layout:
    """Return where the records lie that end in the feeds outside of quotes."""
    data = np.frombuffer(block, np.uint8)
    if not len(feeds) or feeds[-1] != len(block) - 1:
        feeds, outside = np.append(feeds, len(block)), np.append(outside, True)
    ends = feeds[outside]
    starts = np.concatenate(([0], ends[:-1] + 1))
    last_line = np.flatnonzero(outside)
    first_line = np.concatenate(([0], last_line[:-1] + 1))
    returned = (ends > starts) & (data[np.maximum(ends - 1, 0)] == _RETURN)
    return Layout(starts, ends - returned, first_line, last_line, len(feeds))
