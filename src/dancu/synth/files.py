"""A nation as files, with a manifest that says what they are."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from dancu.synth.nation import BLOCK, TODAY, nation

Format = Literal["parquet", "csv"]
PER_FILE = 500_000
STAMP = "SYNTHETIC: nobody in this file exists"


def write(
    folder: Path, *, people: int, seed: int, form: Format = "parquet", progress: Callable[[int], None] = lambda _: None
) -> list[Path]:
    """Write a nation into a folder and return its files; the manifest comes last, when all are whole.

    Args:
        people: 1 to 104,000,000.
        progress: told how many people were written since the last call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files, blocks = [], nation(people, seed)
    for part in range(-(-people // PER_FILE)):
        path = folder / f"synthetic-{part:03}.{form}"
        partial = folder / f".{path.name}.partial"
        rows = _write_part(partial, blocks, form, progress)
        partial.replace(path)
        files.append({"name": path.name, "rows": rows, "sha256": _sha256(path)})
    manifest = {"stamp": STAMP, "seed": seed, "people": people, "unit_day": TODAY.isoformat(), "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return [folder / str(file["name"]) for file in files]


def _write_part(path: Path, blocks: Iterator[pa.Table], form: Format, progress: Callable[[int], None]) -> int:
    rows, writer = 0, None
    for _ in range(PER_FILE // BLOCK):
        table = next(blocks, None)
        if table is None:
            break
        table = table.replace_schema_metadata({"dancu": STAMP})
        if writer is None:
            writer = _writer(path, table.schema, form)
        writer.write_table(table)
        rows += table.num_rows
        progress(table.num_rows)
    if writer is not None:
        writer.close()
    return rows


def _writer(path: Path, schema: pa.Schema, form: Format) -> "pq.ParquetWriter | pacsv.CSVWriter":
    if form == "parquet":
        return pq.ParquetWriter(path, schema, compression="zstd")
    return pacsv.CSVWriter(path, schema)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
