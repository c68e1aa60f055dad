"""What an officer sees of a file before it is loaded: how it is read and why, its first rows raw and normalised."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc

from dancu.intake.dry_run import rows_of
from dancu.intake.encodings import ENCODINGS
from dancu.intake.kept import Kept, Opened, understand
from dancu.intake.mapping import Mapping
from dancu.intake.normalise import NormalChunk
from dancu.intake.readers.archive import expanded
from dancu.intake.rules import explain
from dancu.intake.synonyms import IGNORED

_SHOWN_ROWS = 5
_SHOWN_CELLS = 3
_SHOWN_FINDINGS = 20
_LONGEST_CELL = 80
_BESIDES = frozenset({"file", "record", "last_line", "severity", "rules", "name_key", "spouse_name_key", "name_plain",
                      "surname", "middle", "given", "spouse_surname", "spouse_middle", "spouse_given"})  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of the file.

    Args:
        target: what it means.
        way: an encoding or way of typing of its own.
        cells: its first values as they are read, before they are normalised.
        new: the kept mapping does not know it.
    """

    header: str
    target: str
    way: str
    cells: tuple[str, ...]
    new: bool


@dataclass(frozen=True)
class Found:
    """A rule that a record breaks, in both languages, without personal data."""

    line: int
    severity: str
    said_vi: str
    said_en: str


@dataclass(frozen=True)
class Preview:
    """What is seen of a file; its rows and letters are personal data.

    Args:
        members: names of the files, where it is a set; the first one is shown.
        why: why this encoding, as a fixed phrase.
        scores: how Vietnamese the text is in each encoding that was tried.
        letters: some words as the encoding gives them.
        repaired: how many texts of the shown part were misread or typed in keystrokes, by column and way.
        version: of the kept mapping; 0: it is suggested.
        rows: the first records, normalised, under `headers`.
        seen: how many records the counts are about.
    """

    members: tuple[str, ...]
    format: str
    encoding: str
    why: str
    scores: str
    letters: tuple[str, ...]
    details: dict[str, str]
    titles: tuple[str, ...]
    mapping: Mapping
    version: int
    missing: tuple[str, ...]
    columns: tuple[Column, ...]
    repaired: dict[tuple[str, str], int]
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    findings: tuple[Found, ...]
    seen: int
    severities: dict[str, int]


def preview(path: Path, known: Sequence[Kept], *, now: datetime, mapping: Mapping | None = None) -> Preview:
    """Read the first records of a file, or of the first file of a set.

    Args:
        known: what is kept of its source.
        mapping: what was said of this very file.

    Raises:
        Malformed: one of its kinds: the file cannot be read, and what to do.
    """
    with expanded([path]) as members:
        opened = understand(members[0].path, known, now=now, mapping=mapping)
        chunk = next(opened.reading.chunks(), None)
        described = opened.reading.describe()
        names = tuple(one.name for one in members)
    source = opened.reading.source.opened
    why, _, scores = source.reason.partition(" (")
    headers, rows = _normal(chunk)
    findings = _findings(chunk, opened)
    counts = Counter(dict.fromkeys(("reject", "quarantine", "warn"), 0))
    if chunk is not None:
        counts.update(rows_of("", chunk).column("severity").drop_null().to_pylist())
    return Preview(
        members=names if len(names) > 1 else (),
        format=source.format,
        encoding=source.encoding,
        why=why,
        scores=scores.removesuffix(")"),
        letters=source.sample,
        details=dict(source.details),
        titles=source.titles,
        mapping=opened.understood.mapping,
        version=opened.understood.version,
        missing=opened.understood.missing,
        columns=_columns(opened, chunk),
        repaired=described.repaired,
        headers=headers,
        rows=rows,
        findings=findings,
        seen=chunk.records.num_rows if chunk is not None else 0,
        severities=dict(counts),
    )


def _columns(opened: Opened, chunk: NormalChunk | None) -> tuple[Column, ...]:
    encoding = ENCODINGS[opened.reading.encoding or "utf-8"]
    mapping = opened.understood.mapping
    found = []
    for header in opened.reading.columns:
        column = chunk.raw.columns.column(header).drop_null() if chunk is not None else None
        if opened.reading.format == "xml" and (column is None or not len(column)):
            continue  # an element of the national service that this file does not have
        cells = column.slice(0, _SHOWN_CELLS).to_pylist() if column is not None else []
        shown = tuple(encoding.read(cell)[:_LONGEST_CELL] for cell in cells)
        target, way = mapping.columns.get(header, IGNORED), mapping.encodings.get(header, "")
        found.append(Column(header, target, way, shown, header in opened.understood.added))
    return tuple(found)


def _normal(chunk: NormalChunk | None) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if chunk is None:
        return (), ()
    table = rows_of("", chunk).slice(0, _SHOWN_ROWS)
    headers = tuple(
        name for name in table.column_names if name not in _BESIDES and pc.any(table.column(name).is_valid()).as_py()
    )
    rows = zip(*(table.column(name).to_pylist() for name in headers), strict=True)
    return headers, tuple(tuple((cell or "")[:_LONGEST_CELL] for cell in row) for row in rows)


def _findings(chunk: NormalChunk | None, opened: Opened) -> tuple[Found, ...]:
    if chunk is None:
        return ()
    found = []
    for row in chunk.findings.slice(0, _SHOWN_FINDINGS).to_pylist():
        field = row["field"] or ""
        header = opened.reading.header_of(field) if field else ""
        said = (explain(row["rule"], field, language=word, header=header) for word in ("vi", "en"))
        found.append(Found(row["first_line"], row["severity"], *said))
    return tuple(found)
