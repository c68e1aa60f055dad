"""Records as columns of codes into lists of distinct values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dancu.kernel.errors import Malformed
from dancu.linkage.kinds import KINDS
from dancu.linkage.kinds.kind import Array, Coded
from dancu.linkage.model import Model

SOURCES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "id": (("id",), ("source_key",), ("record",)),
    "name": (("name",), ("surname", "middle", "given"), ("full_name",)),
    "number": (("number",), ("personal_number",)),
    "cmnd9s": (("cmnd9s",), ("cmnd9",)),
    "mother": (("mother",), ("mother_name",)),
    "father": (("father",), ("father_name",)),
    "birth_place": (("birth_place",), ("birth_province", "birth_district", "birth_ward"), ("birth_province",)),
    "residence": (("residence",), ("permanent_unit", "temporary_unit", "current_unit")),
}
"""The columns of a file from which a field is read: the first group of which the file has one."""

UNITS_OF_BIRTH = ("birth_registration_unit", "birth_place_unit")
"""Columns with one code of a unit, of today or of another day, which only `PlaceOf` can place."""

PlaceOf = Callable[[str, str], str | None]
"""Returns the codes of province, district and ward, with `/` between, out of personal number and unit ('': none)."""

_BETWEEN = {"birth_place": "/"}


class NotRecords(Malformed):
    """A file is no table of records, or has none of the columns that a model compares."""


@dataclass(frozen=True)
class Column:
    """One field of all records.

    Args:
        codes: the place in `values` of each record.
    """

    field: str
    values: Coded
    codes: Array

    def part(self, name: str, rows: Array | None = None) -> Array:
        """Return the hashes of a part, of all records or some."""
        codes = self.codes if rows is None else self.codes[rows]
        hashes: Array = self.values.parts[name][codes]
        return hashes


@dataclass(frozen=True)
class Table:
    """Records by their places.

    Args:
        ids: the callers' ids, in the order of the files.
        known: how many of them, from the first, belong to the register; the rest is new.
    """

    ids: pa.ChunkedArray
    columns: Mapping[str, Column]
    known: int

    def __len__(self) -> int:
        return len(self.ids)


def read(
    model: Model,
    files: Sequence[Path],
    register: Sequence[Path] = (),
    *,
    connection: duckdb.DuckDBPyConnection,
    place_of: PlaceOf | None = None,
) -> Table:
    """Read CSV or Parquet files as a table, the register's first.

    Args:
        place_of: places births that a file tells as one code of a unit; None: such codes are left out.

    Raises:
        NotRecords: a file is no table, or has nothing that the model compares.
    """
    paths = [*register, *files]
    for path in paths:
        there = set(_source(connection, path).columns)
        if not any(_group(comparison.field, there) for comparison in model.comparisons):
            raise NotRecords(f"{path.name} has none of the columns that the model compares")
    ids = pa.chunked_array([_column(connection, path, "id") for path in paths], pa.string())
    known = sum(len(_source(connection, path)) for path in register)
    columns = {}
    for comparison in model.comparisons:
        texts = [_column(connection, path, comparison.field, place_of) for path in paths]
        columns[comparison.field] = coded(comparison.field, comparison.kind, pa.chunked_array(texts, pa.string()))
    return Table(ids, columns, known)


def coded(field: str, kind: str, texts: pa.ChunkedArray) -> Column:
    """Return a column of texts as codes."""
    encoded = texts.dictionary_encode().unify_dictionaries()
    parts = [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    codes = np.concatenate([np.zeros(0, np.int32), *parts]).astype(np.int32)
    codes += 1
    values = encoded.chunks[0].dictionary if encoded.num_chunks else pa.array([], pa.string())
    return Column(field, KINDS[kind].coded(values), codes)


def _column(connection: duckdb.DuckDBPyConnection, path: Path, field: str, place_of: PlaceOf | None = None) -> pa.Array:
    source = _source(connection, path)
    there = set(source.columns)
    columns = _group(field, there)
    if field == "birth_place" and not columns and place_of is not None:
        return _places(source, there, place_of)
    if not columns:
        made: Any = f"row_number() OVER ()::VARCHAR || '@{path.stem}'" if field == "id" else "NULL::VARCHAR"
    elif len(columns) == 1:
        made = f"nullif(\"{columns[0]}\"::VARCHAR, '')"
    else:
        between = _BETWEEN.get(field, " ")
        texts = ", ".join(
            f"coalesce(\"{name}\"::VARCHAR, '')" if between == "/" else f"nullif(\"{name}\"::VARCHAR, '')"
            for name in columns
        )
        made = f"nullif(concat_ws('{between}', {texts}), '')"
    table: pa.Table = source.project(f"{made} AS value").to_arrow_table()
    return table.column(0).cast(pa.string()).combine_chunks()


def _places(source: duckdb.DuckDBPyRelation, there: set[str], place_of: PlaceOf) -> pa.Array:
    """Place births by one code of a unit, or else by the first digits of the personal number."""
    units = [f"nullif(\"{name}\"::VARCHAR, '')" for name in UNITS_OF_BIRTH if name in there]
    unit = f"coalesce({', '.join([*units])})"
    (number,) = _group("number", there) or ("",)
    digits = f"coalesce(left(\"{number}\"::VARCHAR, 3), '')" if number else "''"
    made = source.project(f"{digits} || '|' || {unit} AS value").to_arrow_table().column(0).cast(pa.string())
    encoded = made.combine_chunks().dictionary_encode()
    told = [place_of(*text.split("|", 1)) for text in encoded.dictionary.to_pylist()]
    return pa.array(told, pa.string()).take(encoded.indices)


def _group(field: str, there: set[str]) -> list[str]:
    """Return the columns of a file from which a field is read."""
    groups = SOURCES.get(field, ((field,),))
    group = next((group for group in groups if there.intersection(group)), ())
    return [name for name in group if name in there]


def _source(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    try:
        if path.suffix == ".parquet":
            return connection.read_parquet(str(path))
        return connection.read_csv(str(path), header=True, all_varchar=True)
    except duckdb.Error as failure:
        raise NotRecords(
            f"{path.name} could not be read as a table; send it as CSV in UTF-8 or as Parquet"
        ) from failure
