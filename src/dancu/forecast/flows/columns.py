"""Long tables of millions of lines: columns as arrays, and errors that name the cell.

Each distinct text of a column is understood once, so a table costs what its distinct texts cost.
"""

import csv
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from dancu.forecast.axes import OLDEST, Floats
from dancu.forecast.tables import Cell
from dancu.kernel.errors import FieldFault, Invalid, Malformed, NotFound

Integers = npt.NDArray[np.int64]

_DELIMITERS = ",;\t|"
_FIRST_LINE = 2
_SEX_WORDS = {"male": 0, "m": 0, "nam": 0, "1": 0, "female": 1, "f": 1, "nữ": 1, "nu": 1, "2": 1}


@dataclass(frozen=True)
class Columns:
    """A long table.

    Args:
        name: what it is called in errors.
        table: columns of text, by names in lower case.
    """

    name: str
    table: pa.Table

    @classmethod
    def read(cls, path: Path, needed: Collection[str]) -> "Columns":
        """Read a file.

        Args:
            path: Parquet, or UTF-8 text with a line of names and fields between commas, semicolons, tabs or bars.
            needed: columns that must be there.

        Raises:
            NotFound: there is no such file.
            Malformed: it is no table.
            Invalid: a column is missing, or no line is there.
        """
        if not path.is_file():
            raise NotFound(f"There is no file {path.name} in {path.parent}")
        try:
            table = parquet.read_table(path) if path.suffix == ".parquet" else _text(path)
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise Malformed(f"{path.name} cannot be read: {error}") from None
        table = table.rename_columns([str(name).strip().lower() for name in table.column_names])
        if missing := [name for name in needed if name not in table.column_names]:
            raise Invalid(tuple(FieldFault(f"{path.name}/{name}", "this column is missing") for name in missing))
        if not table.num_rows:
            raise Invalid((FieldFault(path.name, "holds no line"),))
        return cls(path.name, table)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, column: str) -> bool:
        """Tell whether there is a column."""
        return column in self.table.column_names

    def wholes(self, column: str) -> Integers:
        """Return whole numbers; an open age such as `85+` is its first one."""
        return self._understood(column, lambda cell: cell.whole).astype(np.int64)

    def ages(self, column: str) -> Integers:
        """Return ages of 0 to 130."""

        def age(cell: Cell) -> int:
            if not 0 <= cell.whole <= OLDEST:
                raise cell.fault(f"not an age of 0 to {OLDEST}")
            return cell.whole

        return self._understood(column, age).astype(np.int64)

    def counts(self, column: str) -> Floats:
        """Return numbers that are not negative."""
        return self._understood(column, lambda cell: cell.count)

    def sexes(self, column: str) -> Integers:
        """Return 0 for male, m, nam and 1, and 1 for female, f, nữ and 2."""
        return self._among(column, _SEX_WORDS, "not a sex", lower=True)

    def units(self, column: str, known: Mapping[str, int]) -> Integers:
        """Return indices of units by name."""
        return self._among(column, known, "not one of the units")

    def names(self, column: str) -> tuple[str, ...]:
        """Return the distinct texts of a column, in order."""
        return tuple(sorted({str(text).strip() for text in self.table[column].unique().to_pylist()}))

    def _among(self, column: str, known: Mapping[str, int], told: str, *, lower: bool = False) -> Integers:
        def at(cell: Cell) -> int:
            found = known.get(cell.text.lower() if lower else cell.text)
            if found is None:
                raise cell.fault(told)
            return found

        return self._understood(column, at).astype(np.int64)

    def _understood(self, column: str, of: Callable[[Cell], float]) -> Floats:
        """Understand each distinct text once; a wrong one is named by the first line where it stands."""
        coded = self.table[column].cast(pa.string()).combine_chunks().dictionary_encode()
        if coded.null_count:
            line = int(np.argmax(coded.is_null().to_numpy(zero_copy_only=False))) + _FIRST_LINE
            raise Invalid((FieldFault(f"{self.name}/line {line}/{column}", "is empty"),))
        codes = coded.indices.to_numpy()
        texts = coded.dictionary.to_pylist()
        _, first = np.unique(codes, return_index=True)
        values = [
            of(Cell(text.strip(), f"{self.name}/line {line + _FIRST_LINE}/{column}"))
            for text, line in zip(texts, first, strict=True)
        ]
        return np.asarray(np.array(values, np.float64)[codes])


def _text(path: Path) -> pa.Table:
    with path.open(encoding="utf-8-sig") as file:
        head = file.readline()
        alone = not file.readline().strip()
    if not head.strip():
        raise Malformed(f"{path.name} is empty")
    delimiter = max(_DELIMITERS, key=head.count)
    options = arrow_csv.ParseOptions(delimiter=delimiter)
    names = next(csv.reader([head.strip()], delimiter=delimiter))
    if alone:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return arrow_csv.read_csv(
        path,
        parse_options=options,
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
