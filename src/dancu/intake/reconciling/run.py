"""A source's full list held against the register, both ways: who is only here, who only there, and who differs.

Here means: whom the register knows from this source. Both sides are streamed to disk and joined there, set by set;
nothing is changed.
"""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from dancu.audit.entry import Operation, sealed
from dancu.audit.log import SQL as AUDIT
from dancu.infra.sql import Queries
from dancu.intake import mapping as mappings
from dancu.intake.addresses import resolver
from dancu.intake.logged import entry_of
from dancu.intake.reading import read
from dancu.intake.store import SQL
from dancu.kernel.formulas import neutral
from dancu.kernel.time import today

JOINS = Queries("dancu.intake.reconciling", "joins.sql")

_MEMORY_BYTES = 1 << 30
_AT_ONCE = 50_000
_TOLD = ("record", "first_line", "source_key", "personal_number", "cmnd9", "surname", "middle", "given", "name_key",
         "born", "sex", "ethnicity", "nationality", "permanent_unit", "temporary_unit", "current_unit",
         "died_on")  # fmt: skip
_HERE = pa.schema(
    [
        pa.field("person_id", pa.int64()),
        *(pa.field(name, pa.string()) for name in ("personal_number", "cmnd9", "surname", "middle", "given")),
        pa.field("name_key", pa.string()),
        *(pa.field(name, pa.int32()) for name in ("born", "died")),
        *(pa.field(name, pa.int16()) for name in ("sex", "ethnicity", "status")),
        pa.field("nationality", pa.string()),
    ]
)

REPORTS = ("only_here", "only_there", "different")


@dataclass(frozen=True)
class Reconciled:
    """What the two sides have.

    Args:
        source: name of the source system.
        there: records of the list that can be read.
        here: persons whom the register knows from the source and who stand.
        same: persons whom both have, and of whom all that both tell agrees.
        different: persons whom both have, with a field that differs.
        only_here: persons who are not in the list.
        only_there: records of nobody whom the register knows from the source.
    """

    source: str
    there: int
    here: int
    same: int
    different: int
    only_here: int
    only_there: int


def reconcile(
    connection: psycopg.Connection[Any],
    source: str,
    path: Path,
    out: Path,
    *,
    now: datetime,
    mapping: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Reconciled:
    """Write `only_here.csv`, `only_there.csv`, `different.csv` and `summary.json` into a folder.

    Who is whom is told by personal number, else by old number with name or birth date, else by name and whole birth
    date where both are unique. The files appear when all are whole and their row stands in the access log.

    Args:
        connection: of the role that loads; its transaction is committed.
        path: the full list of the source.
        progress: told how many records of the list are read.

    Raises:
        Malformed: the list can't be read.
    """
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".reconcile-", dir=out) as folder:
        work = Path(folder)
        _write_there(path, mapping, work / "there.parquet", now, progress)
        _write_here(connection, source, work / "here.parquet")
        with duckdb.connect(
            config={"memory_limit": f"{_MEMORY_BYTES}B", "temp_directory": str(work / "spill")}
        ) as duck:
            counted = _joined(duck, source, work)
            for name in REPORTS:
                _write_report(duck, name, work / f"{name}.csv")
        (work / "summary.json").write_text(json.dumps(asdict(counted), ensure_ascii=False, indent=1) + "\n", "utf-8")
        entry = entry_of("reconcile", 0, operation=Operation.EXPORT, persons=counted.here, now=now)
        connection.execute(AUDIT.record.encode(), sealed(entry))
        connection.commit()
        for name in (*(f"{one}.csv" for one in REPORTS), "summary.json"):
            (work / name).replace(out / name)
    return counted


def _write_there(path: Path, mapping: Path | None, to: Path, now: datetime, progress: Callable[[int], None]) -> None:
    day = today(now)
    reading = read(path, today=day, mapping=mappings.load(mapping) if mapping else None, resolve=resolver(today=day))
    writer = None
    for chunk in reading.chunks():
        told = chunk.records.select(_TOLD)
        writer = writer or pq.ParquetWriter(to, told.schema)
        writer.write_table(told)
        progress(told.num_rows)
    if writer:
        writer.close()


def _write_here(connection: psycopg.Connection[Any], source: str, to: Path) -> None:
    """Stream whom the register knows from a source into a file."""
    with pq.ParquetWriter(to, _HERE) as writer, connection.cursor(name="here") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(SQL.known_from_source.encode(), {"source": source})
        while rows := cursor.fetchmany(_AT_ONCE):
            columns = list(zip(*rows, strict=True))
            arrays = [pa.array(column, field.type) for column, field in zip(columns, _HERE, strict=True)]
            writer.write_table(pa.table(arrays, schema=_HERE))


def _joined(duck: duckdb.DuckDBPyConnection, source: str, work: Path) -> Reconciled:
    there, here = str(work / "there.parquet"), str(work / "here.parquet")
    duck.execute("CREATE TABLE there AS SELECT * FROM read_parquet(?)", [there])
    duck.execute("CREATE TABLE here AS SELECT * FROM read_parquet(?)", [here])
    for statement in ("by_number", "by_old_number", "by_name", "differences"):
        duck.execute(getattr(JOINS, statement))
    row = duck.execute(JOINS.counts).fetchone() or (0,) * 6
    return Reconciled(source, *row)


def _write_report(duck: duckdb.DuckDBPyConnection, name: str, to: Path) -> None:
    cursor = duck.execute(getattr(JOINS, name))
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column[0] for column in cursor.description or ()])
        for row in _rows(cursor):
            writer.writerow(["" if cell is None else neutral(str(cell)) for cell in row])


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows
