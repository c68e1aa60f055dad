"""What a file would become: its records decoded, mapped and normalised, as a CSV file, without any register.

The columns are `COLUMNS`; intake reads them again without a mapping.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from dancu.intake.normal import BY_NAME, FIELDS, ORDINALS
from dancu.intake.normalise import NormalChunk
from dancu.intake.readers.raw import Unreadable
from dancu.intake.reading import Reading
from dancu.kernel.codes import MaritalStatus, Relation, Sex
from dancu.kernel.errors import Malformed
from dancu.kernel.formulas import DANGEROUS

_WORDS: dict[str, dict[int, str]] = {
    "sex": {code.value: code.name.lower() for code in Sex if code},
    "marital": {code.value: code.name.lower() for code in MaritalStatus if code},
    "relation": {code.value: code.name.lower() for code in Relation if code},
    "blood": {1: "A", 2: "B", 3: "AB", 4: "O"},
}
_WHOLE = {"surname": ("name", ""), "spouse_surname": ("spouse_name", "spouse_")}
_PLAIN = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
_SEVERITIES = ("", "warn", "quarantine", "reject")


def _columns() -> tuple[str, ...]:
    names = ["file", *(field.name for field in ORDINALS), "severity", "rules"]
    for one in FIELDS:
        if one.name in _WHOLE:
            names.append(_WHOLE[one.name][0])
        names.append(one.name)
    return tuple(names)


COLUMNS: tuple[str, ...] = _columns()
"""The columns of the file that is written, in order; new ones come at the end only."""


@dataclass
class DryRun:
    """What a dry run found.

    Args:
        records: how many rows were written.
        severities: how many records each severity was the gravest of; `` are those without a finding.
        rules: how many findings each rule made.
        repaired: how many records were repaired in reading, by note.
    """

    records: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)


def write_rows(
    readings: Iterable[tuple[str, Reading]],
    out: Path,
    *,
    progress: Callable[[int], None] = lambda _: None,
    refused: dict[str, str] | None = None,
) -> DryRun:
    """Write one row per record of the files, in order; the file appears when it is whole.

    Args:
        readings: the name by which each file is shown, and the file.
        out: UTF-8, NFC, readable by its owner only; cells that a spreadsheet would take for a formula
            begin with an apostrophe, see `dancu.kernel.formulas`.
        progress: told how many records were written.
        refused: takes the message about each file that can't be read, of which no row is written then.

    Raises:
        Malformed: one of its kinds, where `refused` is not given; nothing is left behind.
    """
    partial = out.with_name(f".{out.name}.partial")
    found = DryRun()
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write((",".join(COLUMNS) + "\n").encode())
            for name, reading in readings:
                before, start = deepcopy(found), file.tell()
                try:
                    _write(file, name, reading, found, progress)
                except Malformed as failure:
                    if refused is None:
                        raise
                    refused[name] = str(failure)
                    found = before
                    file.seek(start)
                    file.truncate()
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return found


def _write(file: BinaryIO, name: str, reading: Reading, found: DryRun, progress: Callable[[int], None]) -> None:
    for chunk in _unchanged(reading):
        rows = rows_of(name, chunk)
        arrow_csv.write_csv(rows, file, arrow_csv.WriteOptions(include_header=False, quoting_style="needed"))
        _count(found, chunk, rows)
        progress(rows.num_rows)


def _unchanged(reading: Reading) -> Iterator[NormalChunk]:
    """Yield the chunks of a file that stays as it is while they are read."""
    before = reading.path.stat()
    yield from reading.chunks()
    after = reading.path.stat()
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise Unreadable("The file changed while it was read; wait until it is whole, and read it again")


def rows_of(name: str, chunk: NormalChunk) -> pa.Table:
    """Return the records of a chunk as text columns, named `COLUMNS`.

    Args:
        name: the name of the file.
    """
    records = chunk.records
    severity, rules = _findings(chunk)
    made: dict[str, pa.Array] = {
        "file": pa.repeat(pa.scalar(name), records.num_rows),
        "severity": severity,
        "rules": rules,
    }
    for one in (*ORDINALS, *FIELDS):
        made[one.name] = _text(one.name, records.column(one.name).combine_chunks())
    for whole, prefix in _WHOLE.values():
        made[whole] = _joined([made[f"{prefix}{part}"] for part in ("surname", "middle", "given")])
    return pa.table([_harmless(made[column]) for column in COLUMNS], names=list(COLUMNS))


def _text(name: str, column: pa.Array) -> pa.Array:
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    if name in BY_NAME and BY_NAME[name].reads == "partial_date":
        return _partial_dates(column)
    if name in _WORDS:
        words = _WORDS[name]
        highest = max(words)
        known = pa.array([words.get(code) for code in range(highest + 1)], pa.string())
        return known.take(pc.if_else(pc.less_equal(column, highest), column, 0))
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "1", "0")
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _partial_dates(column: pa.Array) -> pa.Array:
    """Write yyyymmdd as ISO 8601 with what is known: 1958-09-30, 1958-09, 1958."""
    digits = pc.utf8_lpad(column.cast(pa.string()), 8, "0")
    year, month, day = (pc.utf8_slice_codeunits(digits, start, stop) for start, stop in ((0, 4), (4, 6), (6, 8)))
    with_month = pc.if_else(pc.equal(month, "00"), year, pc.binary_join_element_wise(year, month, "-"))
    return pc.if_else(pc.equal(day, "00"), with_month, pc.binary_join_element_wise(with_month, day, "-"))


def _joined(parts: list[pa.Array]) -> pa.Array:
    words = pc.binary_join_element_wise(pa.scalar(""), *parts, " ", null_handling="skip")
    trimmed = pc.utf8_ltrim_whitespace(words)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _harmless(column: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(column, DANGEROUS)).as_py():
        return pc.replace_substring_regex(column, DANGEROUS, r"'\1")
    return column


def _findings(chunk: NormalChunk) -> tuple[pa.Array, pa.Array]:
    size = chunk.records.num_rows
    if not chunk.findings.num_rows:
        return pa.nulls(size, pa.string()), pa.nulls(size, pa.string())
    place = np.searchsorted(chunk.raw.record, chunk.findings.column("record").to_numpy())
    graves = np.zeros(size, np.int8)
    words: dict[int, list[str]] = {}
    columns = (chunk.findings.column(name).to_pylist() for name in ("severity", "rule", "field"))
    for at, severity, rule, name in zip(place.tolist(), *columns, strict=True):
        graves[at] = max(graves[at], _SEVERITIES.index(severity))
        words.setdefault(at, []).append(f"{rule}:{name}" if name else rule)
    rules = pa.array([" ".join(words[at]) if at in words else None for at in range(size)], pa.string())
    return pa.array([None, *_SEVERITIES[1:]], pa.string()).take(pa.array(graves)), rules


def _count(found: DryRun, chunk: NormalChunk, rows: pa.Table) -> None:
    found.records += rows.num_rows
    for counted, column in ((found.severities, rows.column("severity")), (found.rules, chunk.findings.column("rule"))):
        for pair in pc.value_counts(column.combine_chunks()).to_pylist():
            counted[pair["values"] or ""] += pair["counts"]
    for pair in pc.value_counts(rows.column("notes").combine_chunks()).to_pylist():
        for note in (pair["values"] or "").split():
            found.repaired[note] += pair["counts"]
