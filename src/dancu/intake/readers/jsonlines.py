"""JSON Lines: one object per line; what is nested is named by its path, as in XML."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from dancu.intake import encodings
from dancu.intake.headers import readable
from dancu.intake.readers.raw import NoTable, Opened, RawChunk, Remainder, rebatched, unique
from dancu.kernel.text import canonical

_LEARNED_RECORDS = 5_000
_DEEPEST = 8
_MOST_COLUMNS = 500
_LATE = "values under names that the first records lack, not read; name them in the mapping"

Values = dict[str, str]


@dataclass
class JsonLines:
    """A file of JSON objects whose names were learned from its first records.

    Args:
        names: what the objects call the columns, in their order.
    """

    path: Path
    encoding: encodings.Encoding
    opened: Opened
    names: tuple[str, ...]
    block_bytes: int = encodings.BLOCK_BYTES
    _late: dict[str, int] = field(default_factory=dict)

    def chunks(self) -> Iterator[RawChunk]:
        """Yield the records in order; a line that is no JSON object is a broken record.

        Raises:
            LineTooLong: a line is longer than any record.
        """
        self.opened.remainder.clear()
        self._late.clear()
        yield from rebatched(self._pieces())
        for name, count in self._late.items():
            self.opened.remainder.append(Remainder(0, 0, f"{count} {_LATE}: {name}"))

    def _pieces(self) -> Iterator[RawChunk]:
        line = ordinal = 0
        with self.path.open("rb") as file:
            for block in encodings.blocks(file, self.encoding, self.block_bytes):
                lines = block.split(b"\n")
                if block.endswith(b"\n"):
                    lines.pop()
                records = [(at, _values(text)) for at, text in enumerate(lines, line + 1) if self._is_record(text, at)]
                line += len(lines)
                if records:
                    yield self._chunk(records, ordinal)
                    ordinal += len(records)

    def _is_record(self, text: bytes, line: int) -> bool:
        if text.strip():
            return True
        self.opened.remainder.append(Remainder(line, line, "empty line"))
        return False

    def _chunk(self, records: list[tuple[int, Values | None]], ordinal: int) -> RawChunk:
        columns: dict[str, list[str | None]] = {name: [None] * len(records) for name in self.names}
        for at, (_, values) in enumerate(records):
            for name, value in (values or {}).items():
                if name in columns:
                    columns[name][at] = value
                else:
                    self._late[name] = self._late.get(name, 0) + 1
        lines = np.array([line for line, _ in records], np.int32)
        return RawChunk(
            pa.table([pa.array(column, pa.string()) for column in columns.values()], names=list(self.opened.columns)),
            np.arange(ordinal + 1, ordinal + 1 + len(records), dtype=np.int32),
            lines,
            lines,
            tuple(at for at, (_, values) in enumerate(records) if values is None),
        )


def open_json_lines(path: Path, *, encoding: str = "") -> JsonLines:
    """Open a file of JSON objects, one a line, and learn its names from the first records.

    Args:
        encoding: the id of an encoding, to overrule the choice.

    Raises:
        NoTable: its first lines hold no object.
        UnknownEncoding: it is no Vietnamese text.
    """
    with path.open("rb") as file:
        choice = encodings.named(encoding) if encoding else encodings.choose(encodings.sample(file))
        names: dict[str, None] = {}
        seen = 0
        for block in encodings.blocks(file, choice.encoding):
            for text in block.split(b"\n"):
                values = _values(text) if text.strip() else None
                if values is not None:
                    names.update(dict.fromkeys(values))
                    seen += 1
            if seen >= _LEARNED_RECORDS:
                break
    if not names:
        raise NoTable("The file holds no JSON objects; send one object per line")
    kept = list(names)[:_MOST_COLUMNS]
    opened = Opened(
        format="jsonl",
        columns=unique([canonical(readable(choice.encoding.read(name))) for name in kept]),
        encoding=choice.encoding.id,
        reason=choice.reason,
        sample=choice.sample,
    )
    return JsonLines(path, choice.encoding, opened, tuple(kept))


def _values(text: bytes) -> Values | None:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if not isinstance(found, dict):
        return None
    values: Values = {}
    _gather(found, "", 1, values)
    return values


def _gather(found: dict[str, Any], before: str, depth: int, values: Values) -> None:
    for name, value in found.items():
        path = f"{before}{name}"
        if isinstance(value, dict) and depth < _DEEPEST:
            _gather(value, f"{path}/", depth + 1, values)
        elif (text := _text(value)) is not None:
            values[path] = text


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer():
            return str(int(value))
        case list() if all(isinstance(one, str) for one in value):
            return ", ".join(value) or None
        case dict() | list():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)
