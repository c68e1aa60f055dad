"""The first national load: an empty register, any number of files, two passes.

The first pass reads and understands every file once, keeps its normal records on disk,
and learns who is whose. The second pass writes them by COPY; what is not certain waits
for the indexes and then goes the way of every later record.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pyarrow as pa
from psycopg.types.json import Jsonb

from dancu.infra.arrays import SqlArray
from dancu.infra.db import Database
from dancu.infra.keys import KeyRing, ring_of
from dancu.intake import kept, spool, store
from dancu.intake import mapping as mappings
from dancu.intake.applying import header_of, request_id
from dancu.intake.decisions import Decision, Reason
from dancu.intake.loader import Loader
from dancu.intake.loading import Loaded, summary
from dancu.intake.logged import note
from dancu.intake.reading import Reading
from dancu.intake.relatives import Ints, Mask, Relatives
from dancu.intake.staging import Arrival, receive, sha256_of, spooled, with_fates
from dancu.intake.store import SQL
from dancu.kernel.errors import Conflict
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register.bulk import BulkLoad, Prepared, defer_indexes, restore_indexes, start_clocks
from dancu.register.territory import locate

Stage = Callable[[str, int], None]
"""Told the name of the stage and how many records it has done since the last call."""

_PENDING = 0
_INDEXED_BELOW = 200_000


class RegisterNotEmpty(Conflict):
    """A first load needs an empty register; load into a filled one without it."""


@dataclass(frozen=True)
class _File:
    path: Path
    batch_id: int
    spooled: Path


async def load_first(
    dsn: str,
    paths: Sequence[Path],
    *,
    source: str,
    now: datetime,
    home: Path,
    mapping: Path | None = None,
    synthetic: bool = False,
    stage: Stage = lambda _name, _done: None,
) -> list[Loaded]:
    """Load files into an empty register, or go on with a first load that was interrupted.

    Args:
        dsn: of the role that owns the tables.
        home: folder of the installation, for its keys and for the records between the passes.
        stage: told how it goes.

    Raises:
        RegisterNotEmpty: persons are there that no such load wrote.
        KeyMissing: the keys of the installation aren't there; nothing was written.
        Malformed: a file can't be read; nothing was written.
    """
    ring = ring_of(dsn, home / "keys", role="dancu_loader")
    async with Database(dsn, role="dancu_loader", size=7, patient=True, keys=ring) as database:
        if not await _may_begin(database):
            raise RegisterNotEmpty("The register is not empty")
        await asyncio.to_thread(ring.make_missing)
        options = _Options(source, now, home, mappings.load(mapping) if mapping else None, synthetic)
        files = [await _spooled(database, path, options, stage) for path in paths]
        relatives = await asyncio.to_thread(_learned, files, home, stage)
        await asyncio.to_thread(_write, dsn, files, relatives, source, now, ring, stage)
        stage("indexes", 0)
        await asyncio.to_thread(restore_indexes, dsn)
        await asyncio.to_thread(_start_clocks, dsn, now)
        stage("indexes", 0)
        for file in files:
            await _leftovers(database, file, now, stage)
            file.spooled.unlink(missing_ok=True)
        (home / "spool" / "ids.npy").unlink(missing_ok=True)
        return [await summary(database, file.batch_id) for file in files]


async def _may_begin(database: Database) -> bool:
    async with database.transaction(scope="nation") as tx:
        row = await tx.row(SQL.only_first_loads)
    return bool(row and row[0])


@dataclass(frozen=True)
class _Options:
    source: str
    now: datetime
    home: Path
    mapping: mappings.Mapping | None
    synthetic: bool


async def _spooled(database: Database, path: Path, options: _Options, stage: Stage) -> _File:
    """Read a file, keep its normal records, and remember what its records break."""
    source, now, home = options.source, options.now, options.home
    digest = await asyncio.to_thread(sha256_of, path)
    async with database.transaction(scope="nation") as tx:
        before = await tx.row(SQL.batch_of_file, {"sha256": digest, "source": source})
        known = await kept.versions(tx, source)
    reading = (await asyncio.to_thread(kept.understand, path, known, now=now, mapping=options.mapping)).reading
    arrival = Arrival(path, source, options.synthetic)
    batch_id = before[0] if before else await receive(database, arrival, reading, digest, now, state="loading")
    file = _File(path, batch_id, spooled(home / "spool", batch_id))
    if file.spooled.exists():
        return file
    with spool.SpoolWriter(file.spooled) as writer:
        await _read_into(database, writer, reading, batch_id, stage)
    async with database.transaction(scope="nation") as tx:
        await kept.keep(tx, source, reading.columns, reading.mapping, by=None, now=now)
    return file


async def _read_into(
    database: Database, writer: spool.SpoolWriter, reading: Reading, batch_id: int, stage: Stage
) -> None:
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.forget_findings, {"batch_id": batch_id})
        records = 0
        for chunk in reading.chunks():
            writer.write(with_fates(chunk))
            records += chunk.records.num_rows
            await store.save_findings(tx, batch_id, chunk.findings.to_pylist())
            stage("read", chunk.records.num_rows)
        remainder = Jsonb([vars(one) for one in reading.remainder])
        await tx.execute(SQL.note_reading, {"batch_id": batch_id, "records": records, "remainder": remainder})


def _learned(files: Sequence[_File], home: Path, stage: Stage) -> Relatives:
    """Learn who is whose; the ids drawn are kept, so that a load that goes on has the same ones."""
    relatives = Relatives()
    for file in files:
        for chunk in spool.chunks(file.spooled):
            relatives.learn(chunk)
            stage("understood", chunk.num_rows)
    kept = home / "spool" / "ids.npy"
    relatives.settle(np.load(kept) if kept.exists() else None)
    if not kept.exists():
        partial = kept.with_name("ids.partial.npy")
        np.save(partial, relatives.ids)
        partial.replace(kept)
    return relatives


def _write(
    dsn: str,
    files: Sequence[_File],
    relatives: Relatives,
    source: str,
    now: datetime,
    ring: KeyRing,
    stage: Stage,
) -> None:
    """Write all certain records by COPY."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        if len(relatives.ids) > _INDEXED_BELOW:
            defer_indexes(owner)
    header = header_of(source, batch_id=0, request=UUID(int=0))
    with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
        first = 0
        for file in files:
            done = {row[0] for row in connection.execute(SQL.chunks.encode(), {"batch_id": file.batch_id}).fetchall()}
            own = replace(header, batch_id=file.batch_id)
            load = BulkLoad(connection, header=own, now=now, locate=locate, ring=ring)
            for count in load.establish(_prepared(file, relatives, first, done)):
                stage("written", count)
            first += sum(chunk.num_rows for chunk in spool.chunks(file.spooled))


def _start_clocks(dsn: str, now: datetime) -> None:
    with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
        start_clocks(connection, today(now))


def _prepared(file: _File, relatives: Relatives, first: int, done: set[int]) -> Iterator[Prepared]:
    """Yield the chunks of a file that are not written yet.

    Args:
        first: position of the file's first record among all.
        done: first records of the chunks that are written.
    """
    for chunk in spool.chunks(file.spooled):
        size = chunk.num_rows
        span = slice(first, first + size)
        first += size
        record = chunk.column("record")[0].as_py()
        if record in done:
            continue
        told = _with_links(chunk, relatives, span)
        certain = relatives.certain[span]
        yield Prepared(
            told.filter(pa.array(certain)),
            new_id(),
            request_id(file.batch_id, record, "chunk"),
            _chunk_writer(file.batch_id, chunk, relatives.ids[span], certain),
        )


def _with_links(chunk: pa.Table, relatives: Relatives, span: slice) -> pa.Table:
    size = chunk.num_rows
    spouses = relatives.spouses[span]
    columns: dict[str, pa.Array] = {
        "person_id": pa.array(relatives.ids[span]),
        "father_id": relatives.ids_of(chunk, "father_number"),
        "mother_id": relatives.ids_of(chunk, "mother_number"),
        "spouse_id": pa.array(spouses, mask=spouses == 0),
        "household_id": _household_ids(chunk),
        "cmnd9_ordinal": pa.array(relatives.cmnd9_ordinals[span].astype(np.int32)),
        "passport_ordinal": pa.array(relatives.passport_ordinals[span].astype(np.int32)),
        "forms_household": pa.array(np.ones(size, np.bool_)),
    }
    for name, column in columns.items():
        chunk = chunk.append_column(name, column)
    return chunk


def _household_ids(chunk: pa.Table) -> pa.Array:
    """Ids made of the household's number, so that its members find it wherever they stand in the files."""
    numbers = chunk.column("household_no").combine_chunks().dictionary_encode()
    ids = [household_id(number) if number else None for number in numbers.dictionary.to_pylist()]
    return pa.array(ids, pa.int64()).take(numbers.indices)


def household_id(file_no: str) -> int:
    """Return the id of the household with a residence file number."""
    digest = hashlib.blake2b(file_no.encode(), digest_size=8, person=b"household").digest()
    return int.from_bytes(digest, "big") >> 1 or 1


def _chunk_writer(
    batch_id: int, chunk: pa.Table, ids: Ints, certain: Mask
) -> Callable[[psycopg.Connection[Any]], None]:
    """What intake writes beside the persons of a chunk: the decision on each of its records."""
    row = {
        "batch_id": batch_id,
        "first_record": chunk.column("record")[0].as_py(),
        "records": chunk.num_rows,
        "applied": bool(certain.all()),
        "decisions": _smallints(np.where(certain, int(Decision.CREATED), _PENDING)),
        "reasons": _smallints(np.where(certain, int(Reason.NOBODY_LIKE_IT), _PENDING)),
        "lines": SqlArray(chunk.column("first_line")),
        "last_lines": SqlArray(chunk.column("last_line")),
        "persons": SqlArray(pa.array(np.where(certain, ids, 0))),
    }

    def write(connection: psycopg.Connection[Any]) -> None:
        connection.execute(SQL.insert_whole_chunk.encode(), row)

    return write


def _smallints(codes: Ints) -> SqlArray:
    return SqlArray(pa.array(codes.astype(np.int16)))


async def _leftovers(database: Database, file: _File, now: datetime, stage: Stage) -> None:
    """Decide on the records that were not certain, as on any later record."""
    async with database.transaction(scope="nation") as tx:
        open_ = {
            first for first, _, applied, *_ in await tx.rows(SQL.chunks, {"batch_id": file.batch_id}) if not applied
        }
        batch = await store.batch(tx, file.batch_id)
    loader = Loader(database, batch, now)
    for chunk in spool.chunks(file.spooled):
        first = chunk.column("record")[0].as_py()
        if first in open_:
            await loader.leftovers(chunk, first)
            stage("decided one by one", 0)
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.set_state, {"batch_id": file.batch_id, "state": "applied", "finished_at": now})
        await note(tx, "load", file.batch_id, persons=batch.records, now=now)
