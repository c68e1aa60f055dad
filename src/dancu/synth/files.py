"""A nation as files, with a manifest that says what they are."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from dancu.synth.draw import Array
from dancu.synth.nation import BLOCK, TODAY, Block, blocks
from dancu.synth.places import the_map

Format = Literal["parquet", "csv"]
PER_FILE = 500_000
STAMP = "SYNTHETIC: nobody in this file exists"
_METADATA = {"dancu": STAMP}


def write(
    folder: Path, *, people: int, seed: int, form: Format = "parquet", progress: Callable[[int], None] = lambda _: None
) -> list[Path]:
    """Write a nation into a folder and return its files; the manifest comes last, when all are whole.

    Beside the files stands `truth.parquet`: of each record the keys of its household, parents and spouse.
    The manifest counts the living by today's province and sex (1 male, 2 female); `none` have no permanent residence.

    Args:
        people: 1 to 104,000,000; those who died lately are among them.
        progress: told how many people were written since the last call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files, made, living = [], blocks(people, seed), np.zeros((100, 3), np.int64)
    partial_truth = folder / ".truth.parquet.partial"
    with _Parts(partial_truth, "parquet") as truth:
        for part in range(-(-people // PER_FILE)):
            path = folder / f"synthetic-{part:03}.{form}"
            partial = folder / f".{path.name}.partial"
            with _Parts(partial, form) as parts:
                for block in _some(made, PER_FILE // BLOCK):
                    parts.add(block.table)
                    truth.add(block.truth)
                    living += _living(block.table)
                    progress(block.table.num_rows)
            partial.replace(path)
            files.append({"name": path.name, "rows": parts.rows, "sha256": _sha256(path)})
    partial_truth.replace(folder / "truth.parquet")
    manifest = {
        "stamp": STAMP, "seed": seed, "people": people, "unit_day": TODAY.isoformat(), "files": files,
        "living": _by_province(living),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return [folder / str(file["name"]) for file in files]


def _some(made: Iterator[Block], most: int) -> Iterator[Block]:
    for _ in range(most):
        block = next(made, None)
        if block is None:
            return
        yield block


class _Parts:
    """Tables written one after the other into one file."""

    def __init__(self, path: Path, form: Format) -> None:
        self.path, self.form, self.rows = path, form, 0
        self._writer: pq.ParquetWriter | pacsv.CSVWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, table: pa.Table) -> None:
        """Write one table more."""
        table = table.replace_schema_metadata(_METADATA)
        if self._writer is None:
            self._writer = (
                pq.ParquetWriter(self.path, table.schema, compression="zstd", use_dictionary=_FEW_VALUES)
                if self.form == "parquet"
                else pacsv.CSVWriter(self.path, table.schema)
            )
        self._writer.write_table(table)
        self.rows += table.num_rows


_FEW_VALUES = [
    "kind", "surname", "middle", "given", "sex", "birth_place_unit", "birth_registration_unit", "origin_unit",
    "ethnicity", "religion", "nationality", "subject", "blood", "marital", "father_born", "mother_born",
    "spouse_surname", "spouse_middle", "spouse_given", "spouse_born", "permanent_unit", "temporary_unit",
    "current_unit", "unit_day", "relation", "birth_place_text", "permanent_address", "born", "permanent_since",
]  # fmt: skip


def _living(table: pa.Table) -> Array:
    """Count the living of a table by province (0 where none) and sex."""
    world = the_map(TODAY)
    here = table.filter(pc.is_null(table.column("died_on")))
    place = pc.index_in(here.column("permanent_unit"), value_set=world.codes).fill_null(-1).to_numpy()
    sex = pc.cast(here.column("sex"), pa.int8()).to_numpy()
    province = np.where(place >= 0, world.today_province[world.province[place]], 0)
    counts: Array = np.bincount(province * 3 + sex, minlength=300).reshape(100, 3)
    return counts


def _by_province(living: Array) -> dict[str, dict[str, int]]:
    return {
        (f"{code:02}" if code else "none"): {"1": int(row[1]), "2": int(row[2])}
        for code, row in enumerate(living)
        if row.any()
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
