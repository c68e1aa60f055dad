"""Rejected records go back in the form in which they were sent: their own bytes, and beside them what to fix.

Every record carries `dancu_record`, by which the corrected file is known when it comes again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

import msgspec
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from dancu.audit.entry import Operation, sealed
from dancu.audit.log import SQL as AUDIT
from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing
from dancu.intake import originals
from dancu.intake.logged import entry_of
from dancu.intake.originals import HEADER, LAYOUT, MARK, Layout
from dancu.intake.rules import explained
from dancu.intake.sheets import SheetWriter
from dancu.intake.store import SQL
from dancu.kernel.errors import NotFound
from dancu.kernel.text import fold

NOTES = (MARK, "dancu_line", "dancu_rules", "dancu_message_vi", "dancu_message_en")
"""What stands beside each record; the names are those of columns, or of keys."""

_KEPT = timedelta(days=365)
_UNICODE = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "double-utf-8", "mixed", ""})


class NothingRejected(NotFound):
    """No record of the batch was rejected, or their originals are not kept any more."""


@dataclass(frozen=True)
class Rejected:
    """A record that was rejected: its own bytes or cells, and what stands beside it, in the order of NOTES."""

    record: int
    told: bytes
    notes: tuple[str, ...]


def write_rejects(
    connection: psycopg.Connection[Any], ring: KeyRing, batch_id: int, out: Path, *, now: datetime
) -> int:
    """Write the rejected records of a batch as a file that can be corrected and sent again; return how many.

    The file appears when it is whole and its row stands in the access log. Text keeps its bytes and its encoding.

    Args:
        connection: of the role that loads; its transaction is committed.

    Raises:
        NothingRejected: there are none.
        KeyMissing: the key that opens them isn't there.
    """
    rows = connection.execute(SQL.originals.encode(), {"batch_id": batch_id}).fetchall()
    told = {record: originals.opened(ring, batch_id, record, bytes(value)) for record, value in rows}
    if LAYOUT not in told or not any(record > HEADER for record in told):
        raise NothingRejected("No record of this batch waits to be corrected")
    layout = msgspec.json.decode(told.pop(LAYOUT), type=Layout)
    header = told.pop(HEADER, b"")
    rejected = list(_with_notes(connection, batch_id, told, layout.headers))
    partial = out.with_name(f".{out.name}.partial")
    with partial.open("wb") as file:
        _WRITERS.get(layout.format, _write_sheet)(file, layout, header, rejected)
    entry = entry_of("rejects", batch_id, operation=Operation.EXPORT, persons=len(rejected), now=now)
    connection.execute(AUDIT.record.encode(), sealed(entry))
    connection.commit()
    partial.replace(out)
    return len(rejected)


async def drop_originals(tx: Transaction, now: datetime) -> int:
    """Delete the originals that were kept for a year; return how many."""
    row = await tx.row(SQL.drop_originals, {"before": now - _KEPT})
    return int(row[0]) if row else 0


def suffix_of(form: str) -> str:
    """Return the suffix of the file that rejects of a format go back in."""
    return {"csv": ".csv", "fixed": ".txt", "jsonl": ".jsonl", "xml": ".xml", "parquet": ".parquet"}.get(form, ".xlsx")


def _with_notes(
    connection: psycopg.Connection[Any], batch_id: int, told: Mapping[int, bytes], headers: Mapping[str, str]
) -> Iterator[Rejected]:
    broken: dict[int, list[tuple[str, str]]] = {}
    lines: dict[int, int] = {}
    for record, field, rule, _, line in connection.execute(SQL.findings.encode(), {"batch_id": batch_id}):
        broken.setdefault(record, []).append((rule, field))
        lines[record] = line
    for record in sorted(told):
        rules = broken.get(record, [])
        messages = (explained(rules, language=word, headers=headers) for word in ("vi", "en"))
        words = " ".join(dict.fromkeys(rule for rule, _ in rules))
        yield Rejected(record, told[record], (f"{batch_id}-{record}", str(lines.get(record, "")), words, *messages))


def _write_lines(file: BinaryIO, layout: Layout, header: bytes, rejected: Sequence[Rejected]) -> None:
    """Write delimited text: the notes are the first columns, so that what the record itself says stays as it was."""
    mark, header = _without_mark(header, layout)
    codec = _codec(layout, rejected[0].told)
    between = layout.delimiter or ","
    end = "\r\n" if header.replace(b"\x00", b"").endswith(b"\r\n") else "\n"

    def notes(values: Sequence[str]) -> bytes:
        quoted = "".join('"' + _written(one, layout).replace('"', '""') + '"' + between for one in values)
        return quoted.encode(codec)

    file.write(mark + notes(NOTES) + _ended(header, end, codec))
    file.writelines(notes(one.notes) + _ended(one.told, end, codec) for one in rejected)


def _write_fixed(file: BinaryIO, layout: Layout, header: bytes, rejected: Sequence[Rejected]) -> None:
    """Write lines whose columns lie at fixed places, with the notes behind them."""
    codec = _codec(layout, rejected[0].told)
    file.write(header)
    for one in rejected:
        line = one.told.rstrip(b"\r\n\x00")
        file.write(line + f"  {MARK} {' | '.join(_written(note, layout) for note in one.notes)}\n".encode(codec))


def _write_json_lines(file: BinaryIO, layout: Layout, _header: bytes, rejected: Sequence[Rejected]) -> None:
    codec = _codec(layout, rejected[0].told)
    for one in rejected:
        begin = one.told.find(b"{") + 1
        notes = msgspec.json.encode(dict(zip(NOTES, one.notes, strict=True))).decode()[1:-1] + ","
        file.write(_ended(one.told[:begin] + notes.encode(codec) + one.told[begin:], "\n", codec))


def _write_elements(file: BinaryIO, layout: Layout, header: bytes, rejected: Sequence[Rejected]) -> None:
    codec = "utf-16-le" if b"\x00" in header else (layout.encoding or "utf-8")
    file.write(header.rstrip())
    for one in rejected:
        record, line, rules, *messages = one.notes
        said = escape(f"{MARK} {record} line {line}: {rules}: {' / '.join(messages)}").replace("--", "- -")
        file.write(f"\n<!-- {said} -->\n".encode(codec) + one.told)
    name = re.search(rb"<([A-Za-z_][\w.:-]*)", header.replace(b"\x00", b"").split(b"?>")[-1])
    root = name[1].decode() if name else "records"
    file.write(f"\n</{root}>\n".encode(codec))


def _write_sheet(file: BinaryIO, layout: Layout, _header: bytes, rejected: Sequence[Rejected]) -> None:
    with SheetWriter(file, "Rejected") as sheet:
        sheet.row((*NOTES, *layout.columns))
        for one in rejected:
            cells = msgspec.json.decode(one.told, type=dict[str, str | None])
            sheet.row((*one.notes, *(cells.get(column) or "" for column in layout.columns)))


def _write_parquet(file: BinaryIO, layout: Layout, _header: bytes, rejected: Sequence[Rejected]) -> None:
    cells = [msgspec.json.decode(one.told, type=dict[str, str | None]) for one in rejected]
    notes = {name: pa.array([one.notes[at] for one in rejected], pa.string()) for at, name in enumerate(NOTES)}
    columns = {name: pa.array([row.get(name) for row in cells], pa.string()) for name in layout.columns}
    pq.write_table(pa.table(notes | columns), file)


_WRITERS = {
    "csv": _write_lines,
    "fixed": _write_fixed,
    "jsonl": _write_json_lines,
    "xml": _write_elements,
    "parquet": _write_parquet,
}


def _without_mark(header: bytes, layout: Layout) -> tuple[bytes, bytes]:
    """Split the byte order mark from a header; text in two-byte letters gets one."""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        if header.startswith(mark):
            return mark, header[len(mark) :]
    if layout.encoding.startswith("utf-16"):
        return (b"\xfe\xff" if _codec(layout, header) == "utf-16-be" else b"\xff\xfe"), header
    return b"", header


def _codec(layout: Layout, text: bytes) -> str:
    """The codec of what we add: it is ASCII wherever the encoding is not one of Unicode."""
    if layout.encoding in {"utf-16-be", "utf-16-le"}:
        return layout.encoding
    if layout.encoding == "utf-16":
        return "utf-16-be" if text[0::2].count(0) > text[1::2].count(0) else "utf-16-le"
    return "utf-8"


def _written(text: str, layout: Layout) -> str:
    """A message as the file's encoding can hold it: an old one gets no letters beyond ASCII."""
    if layout.encoding in _UNICODE:
        return text
    words = re.findall(r"\s+|\S+", text)
    return "".join(word if word.isascii() else fold(word) for word in words).encode("ascii", "replace").decode()


def _ended(record: bytes, end: str, codec: str) -> bytes:
    feed = "\n".encode(codec)
    return record if record.endswith(feed) else record + end.encode(codec)
