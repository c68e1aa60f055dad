"""XML in the shape of the national service: one element per person below one collection element."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesImpl

import numpy as np
import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from dancu.intake.readers.raw import CHUNK_RECORDS, NoTable, Opened, RawChunk, Remainder, Unreadable
from dancu.intake.synonyms import PATHS

_BLOCK_BYTES = 1 << 18
_DEEPEST = 8
_MOST_COLUMNS = 500
_MOST_VALUES = 2_000
_LONGEST_TEXT = 4 << 20


class UnsafeXml(Unreadable):
    """The file declares entities, which no list of people needs."""


@dataclass(frozen=True)
class _Record:
    first_line: int
    last_line: int
    values: dict[str, str]


@dataclass
class _Collector(ContentHandler):
    """Gathers one dictionary of path and text per child of the root."""

    done: list[_Record] = field(default_factory=list)
    last_line: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self._path: list[str] = []
        self._text: list[str] = []
        self._size = 0
        self._values: dict[str, str] = {}
        self._first_line = 0
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802, ARG002
        self._path.append(name.rpartition(":")[2])
        self._text, self._size = [], 0
        if len(self._path) == 2:
            self._first_line = self._locator.getLineNumber()
            self._values = {}
        if len(self._path) > _DEEPEST:
            raise Unreadable(f"The XML is nested too deeply in line {self._locator.getLineNumber()}")

    def characters(self, content: str) -> None:
        self._text.append(content)
        self._size += len(content)
        if self._size > _LONGEST_TEXT:
            raise Unreadable(
                f"The text of an element in line {self._locator.getLineNumber()} is longer than any value; "
                "the file is damaged or no list of records"
            )

    def endElement(self, name: str) -> None:  # noqa: N802, ARG002
        depth = len(self._path)
        text = "".join(self._text).strip()
        if depth > 2 and text:
            self._values.setdefault("/".join(self._path[2:]), text)
            if len(self._values) > _MOST_VALUES:
                raise Unreadable(f"The record that begins in line {self._first_line} has more elements than any list")
        if depth == 2:
            self.done.append(_Record(self._first_line, self._locator.getLineNumber(), self._values))
        self._text, self._size = [], 0
        self._path.pop()
        self.last_line = self._locator.getLineNumber()


@dataclass
class XmlFile:
    """An XML file of persons."""

    path: Path
    opened: Opened

    def chunks(self) -> Iterator[RawChunk]:
        """Yield the records in order.

        Raises:
            Unreadable: the XML is not well formed.
            UnsafeXml: it declares entities.
        """
        self.opened.remainder.clear()
        ordinal, covered = 0, 0
        for records in _grouped(_records(self.path), CHUNK_RECORDS):
            covered = self._note_gaps(records, covered)
            yield _chunk(records, ordinal, self.opened.columns)
            ordinal += len(records)
        if not ordinal:
            raise NoTable("The XML holds no records; send a collection element with one element per person")
        lines = _count_lines(self.path)
        if lines > covered:
            self.opened.remainder.append(Remainder(covered + 1, lines, "end of the collection"))

    def _note_gaps(self, records: list[_Record], covered: int) -> int:
        for record in records:
            if record.first_line > covered + 1:
                why = "beginning of the collection" if not covered else "between records"
                self.opened.remainder.append(Remainder(covered + 1, record.first_line - 1, why))
            covered = max(covered, record.last_line)
        return covered


def open_xml(path: Path) -> XmlFile:
    """Open an XML file and learn its element paths from the first thousand records.

    Raises:
        Unreadable: the XML is not well formed.
        UnsafeXml: it declares entities.
        NoTable: it holds no records.
    """
    paths: dict[str, None] = {}
    count = 0
    for count, record in enumerate(_records(path), start=1):
        paths.update(dict.fromkeys(record.values))
        if count == 1000:
            break
    if not count:
        raise NoTable("The XML holds no records; send a collection element with one element per person")
    unseen = [name for name in PATHS if name not in paths]
    columns = (*list(paths)[:_MOST_COLUMNS], *unseen)
    return XmlFile(path, Opened(format="xml", columns=columns, reason="declared in the XML"))


def _records(path: Path) -> Iterator[_Record]:
    parser = DefusedExpatParser(forbid_dtd=False, forbid_entities=True, forbid_external=True)
    parser.setFeature(feature_namespaces, False)
    collector = _Collector()
    parser.setContentHandler(collector)
    collector.setDocumentLocator(parser)
    try:
        with path.open("rb") as file:
            while data := file.read(_BLOCK_BYTES):
                parser.feed(data)
                yield from collector.done
                collector.done.clear()
        parser.close()
    except SAXParseException as failure:
        raise Unreadable(
            f"The XML is not well formed in line {failure.getLineNumber()} ({failure.getMessage()}); "
            "the file may be cut off, send it again"
        ) from failure
    except DefusedXmlException as failure:
        raise UnsafeXml("The XML declares entities, which is not allowed; send it without a DOCTYPE") from failure
    yield from collector.done


def _grouped(records: Iterator[_Record], size: int) -> Iterator[list[_Record]]:
    group: list[_Record] = []
    for record in records:
        group.append(record)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _chunk(records: list[_Record], ordinal: int, columns: tuple[str, ...]) -> RawChunk:
    arrays = [pa.array([record.values.get(name) for record in records], pa.string()) for name in columns]
    return RawChunk(
        pa.table(arrays, names=list(columns)),
        np.arange(ordinal + 1, ordinal + 1 + len(records), dtype=np.int32),
        np.array([record.first_line for record in records], np.int32),
        np.array([record.last_line for record in records], np.int32),
    )


def _count_lines(path: Path) -> int:
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            count += data.count(b"\n")
            last = data[-1:]
    return count + (last != b"\n")
