"""Spreadsheets (XLSX, XLS, XLSB, ODS): every cell as text, every row accounted for."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from dancu.intake.headers import Table, find_table, is_footer
from dancu.intake.readers.archive import check_workbook
from dancu.intake.readers.raw import (
    CHUNK_RECORDS,
    NoTable,
    Opened,
    RawChunk,
    Remainder,
    Unreadable,
    text_table,
    unique,
)
from dancu.kernel.text import canonical

_Cell = str | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | int


class Locked(Unreadable):
    """The workbook needs a password."""


@dataclass
class Spreadsheet:
    """The sheet of a workbook that holds the table."""

    sheet: CalamineSheet
    table: Table
    width: int
    opened: Opened

    def chunks(self) -> Iterator[RawChunk]:
        """Yield the rows below the header in order, without empty ones and totals."""
        self.opened.remainder[:] = [*self.opened.remainder[: self._apart()], *self.table.remainder]
        rows: list[tuple[int, list[str | None]]] = []
        ordinal = 0
        for line, row in _rows(self.sheet):
            if line <= self.table.header_last:
                continue
            if why := _aside(row):
                self.opened.remainder.append(Remainder(line, line, why))
                continue
            rows.append((line, [*row[: self.width], *[None] * (self.width - len(row))]))
            if len(rows) == CHUNK_RECORDS:
                yield self._chunk(rows, ordinal)
                ordinal += len(rows)
                rows = []
        if rows:
            yield self._chunk(rows, ordinal)

    def _apart(self) -> int:
        return sum(1 for remainder in self.opened.remainder if remainder.first_line == 0)

    def _chunk(self, rows: list[tuple[int, list[str | None]]], ordinal: int) -> RawChunk:
        lines = np.array([line for line, _ in rows], np.int32)
        record = np.arange(ordinal + 1, ordinal + 1 + len(rows), dtype=np.int32)
        return RawChunk(text_table([row for _, row in rows], self.opened.columns), record, lines, lines)


def open_sheet(path: Path, *, known: frozenset[str] = frozenset(), sheet: str = "") -> Spreadsheet:
    """Open a workbook at the sheet whose header is understood best.

    Args:
        known: headers that a mapping names, folded.
        sheet: the name of the sheet, to overrule the choice.

    Raises:
        Unreadable: the workbook is damaged.
        Locked: it has a password.
        NoTable: no sheet holds a table, or the named one is not there.
    """
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            check_workbook(path)
    workbook = _workbook(path)
    names = [sheet] if sheet else list(workbook.sheet_names)
    if sheet and sheet not in workbook.sheet_names:
        raise NoTable("The workbook has no sheet of the name that the mapping gives")
    found = []
    for name in names:
        candidate = workbook.get_sheet_by_name(name)
        try:
            table = find_table(((line, line, [cell or "" for cell in row]) for line, row in _rows(candidate)), known)
        except NoTable:
            continue
        found.append((candidate, table))
    if not found:
        raise NoTable("No sheet holds a table; send a header row and one row per record")
    chosen, table = max(found, key=lambda pair: (pair[1].recognised, pair[0].height))
    width = max(position for position, cell in enumerate(table.headers, start=1) if cell.strip())
    opened = Opened(
        format="xlsx",
        columns=unique([canonical(header) for header in table.headers[:width]]),
        titles=table.titles,
        details={"sheet": chosen.name},
        remainder=[
            Remainder(0, 0, f"{other.height} rows of another sheet, not read; name the sheet in the mapping")
            for other, _ in found
            if other is not chosen
        ],
    )
    return Spreadsheet(chosen, table, width, opened)


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as failure:
        raise Locked("The workbook has a password; save it without one and send it again") from failure
    except (CalamineError, OSError) as failure:
        raise Unreadable("The workbook is damaged or incomplete; open it, save it and send it again") from failure


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str | None]]]:
    try:
        for index, row in enumerate(sheet.iter_rows(), start=1):
            yield index, [_text(cell) for cell in row]
    except CalamineError as failure:
        raise Unreadable("The sheet is damaged; open it, save it and send it again") from failure


def _text(cell: _Cell) -> str | None:
    """Write a cell as text: whole numbers without a fraction, dates as ISO 8601, empty as None."""
    match cell:
        case bool():
            return "1" if cell else "0"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
        case dt.date():
            return cell.isoformat()
        case _:
            return str(cell).strip(" \t\r\n") or None


def _aside(row: Sequence[str | None]) -> str:
    if not any(row):
        return "empty row"
    return "total or signature" if is_footer(row) else ""
