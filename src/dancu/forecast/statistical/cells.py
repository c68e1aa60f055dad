"""The cells of a printed table, and numbers as people of several languages write them."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from dancu.forecast.tables import Cell
from dancu.kernel.errors import Malformed, NotFound

_DELIMITERS = "\t;,|"
_GROUPED = re.compile(r"\d{1,3}([ .,\u00a0\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")


@dataclass(frozen=True)
class Sheet:
    """Cells as text, row by row; `name` is what the file is called in errors."""

    name: str
    rows: tuple[tuple[str, ...], ...]

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell with its place, both from 0; '' beyond the end of a row."""
        cells = self.rows[row]
        text = cells[column] if column < len(cells) else ""
        return Cell(text.strip(), f"{self.name}/row {row + 1}/column {column + 1}")


def read_sheet(path: Path) -> Sheet:
    """Read a text file or the first sheet of a spreadsheet.

    Raises:
        NotFound: there is no such file.
        Malformed: it is neither UTF-8 text nor a spreadsheet.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path.name} in {path.parent}")
    if path.suffix.lower() in {".xlsx", ".xls", ".xlsb", ".ods"}:
        return Sheet(path.name, _spreadsheet(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed(f"{path.name} is not UTF-8 text") from None
    delimiter = max(_DELIMITERS, key=text.count)
    return Sheet(path.name, tuple(tuple(row) for row in csv.reader(text.splitlines(), delimiter=delimiter)))


def _spreadsheet(path: Path) -> tuple[tuple[str, ...], ...]:
    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise Malformed(f"{path.name} is no spreadsheet") from error
    return tuple(tuple(_text(value) for value in row) for row in rows)


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def number(cell: Cell, *, decimal: str) -> float:
    """Return the number in a cell, which is not negative.

    Args:
        decimal: the decimal mark of the table, `.` or `,`.

    Raises:
        Invalid: there is none.
    """
    text = _SPACES.sub("", cell.text)
    other = "," if decimal == "." else "."
    return Cell(text.replace(other, "").replace(decimal, "."), cell.place).count


def decimal_mark(texts: list[str]) -> str:
    """Tell whether a table writes 1,234.5 or 1.234,5: by what stands before one or two last digits, else by groups."""
    marks = [text[-2] if text[-2:-1] in {".", ","} else text[-3] for text in texts if len(text) > 2 and _ends(text)]
    if marks:
        return max(".,", key=marks.count)
    groups = [found[1] for text in texts if (found := _GROUPED.fullmatch(text))]
    return "," if groups.count(".") > groups.count(",") else "."


def _ends(text: str) -> bool:
    return text[-2:-1] in {".", ","} or text[-3] in {".", ","}
