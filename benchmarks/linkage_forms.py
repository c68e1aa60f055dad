"""Our normal forms as columns, so that the yardstick compares the very same texts."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dancu.linkage.names import Name
from dancu.linkage.record import birth

_PARTS = ("folded", "tokens", "surname", "middle", "given", "initials", "abbreviated")
_ROWS = 100_000


def write(people: Path, out: Path) -> None:
    """Write the decoded normal forms of a file of people."""
    with pq.ParquetFile(people) as file:
        writer = None
        for batch in file.iter_batches(_ROWS):
            table = pa.table(dict(_columns(batch)))
            writer = writer or pq.ParquetWriter(out, table.schema)
            writer.write_table(table)
        assert writer
        writer.close()


def _columns(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.Array]]:
    rows = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    for own in ("id", "number", "cmnd9", "sex"):
        yield own, pa.array(rows[own], pa.string())
    yield "born", pa.array([birth(text) for text in rows["born"]], pa.int32())
    for column, prefix in (("name", ""), ("mother", "mother_"), ("father", "father_")):
        names = [Name.of(text) if text else None for text in rows[column]]
        if not prefix:
            yield "text", pa.array([name and name.text for name in names], pa.string())
        for part in _PARTS:
            kind = pa.bool_() if part == "abbreviated" else pa.string()
            yield prefix + part, pa.array([getattr(name, part) if name else None for name in names], kind)
    for own, of in (("province", "birth_province"), ("district", "birth_district"), ("ward", "birth_ward")):
        yield own, pa.array(rows[of], pa.string())
    yield "residence", pa.array(rows["permanent_unit"], pa.string())
