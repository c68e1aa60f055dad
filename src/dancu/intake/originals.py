"""Rejected records as they were sent: their own bytes where the file is text, their cells where it is a sheet."""

import re
import xml.parsers.expat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
import pyarrow as pa

from dancu.infra.keys import KeyRing, Place, Purpose
from dancu.intake.normal import BY_NAME
from dancu.intake.readers.raw import RawChunk
from dancu.intake.reading import Reading

HEADER = 0
"""The number under which the header of a file is kept."""

LAYOUT = -1
"""The number under which it is kept how the file was written."""

MARK = "dancu_record"
"""The column, key or note by which a rejected record that comes again is known: `BATCH-RECORD`."""

_BY_LINES = frozenset({"csv", "jsonl", "fixed"})
_WIDE = {"utf-16": 2, "utf-16-le": 2, "utf-16-be": 2}
_BLOCK = 1 << 20
_LONGEST_TAG = 4096


@dataclass(frozen=True)
class Span:
    """The lines of a record, from 1."""

    record: int
    first_line: int
    last_line: int


class Layout(msgspec.Struct, frozen=True):
    """How a file was written, so that its records can go back alike.

    Args:
        headers: by normal field, the sender's own word for it.
    """

    format: str
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    headers: dict[str, str] = {}


def layout_of(reading: Reading) -> tuple[int, bytes]:
    """Return how a file was written, as it is kept."""
    delimiter = reading.source.opened.details.get("delimiter", "")
    headers = {name: header for name in BY_NAME if (header := reading.header_of(name))}
    return LAYOUT, msgspec.json.encode(Layout(reading.format, reading.encoding, delimiter, reading.columns, headers))


def by_lines(form: str) -> bool:
    """Tell whether the records of a format are lines of text."""
    return form in _BY_LINES


def of_lines(path: Path, encoding: str, spans: Sequence[Span]) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of records that are lines of a text file, line ends included.

    Args:
        spans: in the order of the lines, none within another.
    """
    wanted = iter(spans)
    span = next(wanted, None)
    held: list[bytes] = []
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file, encoding), start=1):
            if span is None:
                return
            if span.first_line <= number <= span.last_line:
                held.append(line)
            if number == span.last_line:
                yield span.record, b"".join(held)
                held, span = [], next(wanted, None)


def _lines(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Yield lines with their ends: LF, or CR in a file without any LF; of one or of two bytes."""
    head = file.read(_BLOCK)
    file.seek(0)
    width = _WIDE.get(encoding, 1)
    feed = b"\n" if b"\n" in head else b"\r"
    if width == 1 and feed == b"\n":
        yield from file
        return
    if width == 2:
        big = head.startswith(b"\xfe\xff") or (encoding == "utf-16-be" and not head.startswith(b"\xff\xfe"))
        feed = b"\x00" + feed if big else feed + b"\x00"
    yield from _parted(file, feed)


def _parted(file: BinaryIO, feed: bytes) -> Iterator[bytes]:
    """Yield what lies between line ends that begin at a multiple of their width."""
    width, held = len(feed), b""
    while block := file.read(_BLOCK):
        held += block
        begin = at = 0
        while (at := held.find(feed, at)) >= 0:
            if (at - begin) % width:
                at += 1
                continue
            at += width
            yield held[begin:at]
            begin = at
        held = held[begin:]
    if held:
        yield held


def of_elements(path: Path, records: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of the elements of records: the children of the root, counted from 1; first what is before all.

    Args:
        path: of a file that was read without fault before, so it declares no entities.
        records: ordinals, ascending.
    """
    finder = _Elements(frozenset(records))
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            finder.feed(block)
        file.seek(0)
        yield HEADER, file.read(finder.first)
        for record, start, end_tag in finder.found:
            file.seek(start)
            element = file.read(end_tag - start)
            tag = file.read(_LONGEST_TAG)
            end = tag.index(b">") + 1
            yield record, element + tag[: end + tag.startswith(b"<\x00")]


class _Elements:
    """Finds where the children of the root lie in the bytes."""

    def __init__(self, wanted: frozenset[int]) -> None:
        self.first = 0
        self.found: list[tuple[int, int, int]] = []
        self._wanted = wanted
        self._depth = self._ordinal = self._start = 0
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def feed(self, block: bytes) -> None:
        """Parse the next bytes."""
        self._parser.Parse(block, False)

    def _begin(self, _name: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth == 2:
            self._ordinal += 1
            self._start = self._parser.CurrentByteIndex
            self.first = self.first or self._start

    def _end(self, _name: str) -> None:
        if self._depth == 2 and self._ordinal in self._wanted:
            self.found.append((self._ordinal, self._start, self._parser.CurrentByteIndex))
        self._depth -= 1


def of_cells(raw: RawChunk, positions: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield the cells of records of a chunk as JSON, by header."""
    rows = raw.columns.take(pa.array(positions, pa.int64())).to_pylist()
    for position, row in zip(positions, rows, strict=True):
        yield int(raw.record[position]), msgspec.json.encode(row)


def seal(ring: KeyRing, batch_id: int, record: int, told: bytes) -> bytes:
    """Seal an original for its place."""
    return ring.encrypt(Purpose.INTAKE_RECORD, told, _place(batch_id, record))


def opened(ring: KeyRing, batch_id: int, record: int, sealed: bytes) -> bytes:
    """Open an original.

    Raises:
        KeyMissing: the key isn't there.
        SealBroken: it was changed or moved.
    """
    return ring.decrypt(Purpose.INTAKE_RECORD, sealed, _place(batch_id, record))


def _place(batch_id: int, record: int) -> Place:
    return Place("intake.original", "told", f"{batch_id}:{record}")


_SENT_BACK = re.compile(rf"{MARK}\W{{1,8}}(\d{{6,19}})-\d+")


def sent_back(path: Path, reading: Reading) -> int | None:
    """Return the batch whose rejected records a file brings back; None for any other file."""
    if MARK in reading.columns:
        first = next(reading.source.chunks(), None)
        marks = first.columns.column(MARK).drop_null().to_pylist()[:1] if first is not None else []
        found = re.match(r"(\d{6,19})-\d+$", marks[0]) if marks else None
        return int(found[1]) if found else None
    if reading.format not in {"xml", "fixed"}:
        return None
    with path.open("rb") as file:
        head = file.read(_BLOCK).replace(b"\x00", b"").decode("ascii", "ignore")
    found = _SENT_BACK.search(head)
    return int(found[1]) if found else None
