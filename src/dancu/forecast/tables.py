"""Reading of tables in text files: columns by name in any case, and errors that name the cell."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dancu.kernel.errors import FieldFault, Invalid, Malformed, NotFound

_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Cell:
    """A cell, and where it stands."""

    text: str
    place: str

    def fault(self, what: str) -> Invalid:
        """Return an error that names the cell."""
        return Invalid((FieldFault(self.place, f"{what}: {self.text!r}"),))

    @property
    def number(self) -> float:
        """The number in the cell.

        Raises:
            Invalid: there is none.
        """
        try:
            number = float(self.text)
        except ValueError:
            raise self.fault("not a number") from None
        if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 -- not a number
            raise self.fault("not a number")
        return number

    @property
    def count(self) -> float:
        """The number in the cell, which is not negative.

        Raises:
            Invalid: it is, or there is none.
        """
        if (number := self.number) < 0:
            raise self.fault("negative")
        return number

    @property
    def whole(self) -> int:
        """The whole number in the cell; an open age such as `100+` is its first one.

        Raises:
            Invalid: there is none.
        """
        number = Cell(self.text.rstrip("+ "), self.place).number
        if number != int(number):
            raise self.fault("not a whole number")
        return int(number)


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> Cell:
        return Cell(self.cells[column.lower()].strip(), f"{self.place}/{column}")

    def has(self, column: str) -> bool:
        """Tell whether something stands in a column."""
        return bool(self.cells.get(column.lower(), "").strip())


@dataclass(frozen=True)
class Table:
    """A table with a line of names.

    Args:
        name: what it is called in errors.
        columns: as they are written.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, path: Path, needed: Collection[str] = ()) -> "Table":
        """Read a file.

        Args:
            path: UTF-8, with or without a mark; fields between commas, semicolons, tabs or bars.
            needed: columns that must be there.

        Raises:
            NotFound: there is no such file.
            Malformed: it is no text, is empty, or has a line of another length.
            Invalid: a column that is needed is missing.
        """
        if not path.is_file():
            raise NotFound(f"There is no file {path.name} in {path.parent}")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Malformed(f"{path.name} is not UTF-8 text") from None
        return cls.parse(text, path.name, needed)

    @classmethod
    def parse(cls, text: str, name: str, needed: Collection[str] = ()) -> "Table":
        """Read a text; as `read` does."""
        head = text.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=head.count)
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        if not lines or not head.strip():
            raise Malformed(f"{name} is empty")
        columns = tuple(column.strip() for column in lines[0])
        low = [column.lower() for column in columns]
        missing = [column for column in needed if column.lower() not in low]
        if missing:
            raise Invalid(tuple(FieldFault(f"{name}/{column}", "this column is missing") for column in missing))
        return cls(name, columns, tuple(_rows(name, low, lines[1:])))

    def has(self, column: str) -> bool:
        """Tell whether there is a column."""
        return column.lower() in {one.lower() for one in self.columns}


def _rows(name: str, columns: Sequence[str], lines: Sequence[list[str]]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        place = f"{name}/line {number}"
        if len(line) != len(columns):
            raise Malformed(f"{place} has {len(line)} fields, not {len(columns)}")
        yield Row(place, dict(zip(columns, line, strict=True)))
