"""Receiving and staging a file: it is read once, wholly, and nothing of it touches the register yet.

Staged means: its normal records lie on disk, synced; every line is accounted for; every rule that a record breaks
is remembered; and the rejected records are kept as they were sent.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from psycopg.types.json import Jsonb

from dancu.infra.arrays import SqlArray
from dancu.infra.db import Database, Transaction
from dancu.intake import originals, spool, store
from dancu.intake.decisions import Decision, Reason
from dancu.intake.logged import note
from dancu.intake.manifest import Manifest
from dancu.intake.normal import NORMAL
from dancu.intake.normalise import NormalChunk
from dancu.intake.originals import HEADER, Span
from dancu.intake.readers.raw import Remainder
from dancu.intake.reading import Reading
from dancu.intake.store import SQL
from dancu.kernel.errors import Conflict, Malformed
from dancu.kernel.ids import new_id

REJECT_LIMIT = 0.05
"""Share of rejected records above which a file is held whole, unless it is told otherwise."""

_OUTSIDE_DIGEST = {"record", "first_line", "last_line", "notes", "name_plain"}
_NO_LINES = frozenset({"parquet"})

Ints = npt.NDArray[np.int64]


class FileChanged(Conflict):
    """The file changed while it was read, so nothing of it was taken."""


class LinesLost(Malformed):
    """Lines of the file belong to no record and to no stated remainder, so nothing of it was taken."""


@dataclass(frozen=True)
class Arrival:
    """A file that came, and what was said of it.

    Args:
        source: name of the source system.
        manifest: what the sender declares.
        reject_limit: share of rejected records, 0 to 1, above which the file is held whole.
        supersedes: the batch that it corrects as a whole.
    """

    path: Path
    source: str
    synthetic: bool = False
    manifest: Manifest = field(default_factory=Manifest)
    reject_limit: float = REJECT_LIMIT
    supersedes: int | None = None


def sha256_of(path: Path) -> bytes:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def spool_folder() -> Path:
    """Return the folder where spools lie that nobody gave another place."""
    return Path(tempfile.gettempdir()) / f"dancu-spool-{os.getuid()}"


def spooled(folder: Path, batch_id: int) -> Path:
    """Return where the normal records of a batch lie."""
    return folder / f"{batch_id}.arrow"


async def receive(
    database: Database, arrival: Arrival, reading: Reading, digest: bytes, now: datetime, *, state: str = "received"
) -> int:
    """Write down that a file came, and return the number of its batch."""
    batch_id = new_id() >> 16
    corrects = await asyncio.to_thread(originals.sent_back, arrival.path, reading)
    async with database.transaction(scope="nation") as tx:
        for of in (arrival.supersedes, corrects):
            if of is not None:
                await store.batch(tx, of)
        await tx.execute(
            SQL.insert_batch,
            {
                "batch_id": batch_id,
                "received_at": now,
                "unit_day": None,
                "synthetic": arrival.synthetic,
                "source": arrival.source,
                "file_name": arrival.path.name,
                "file_format": reading.format,
                "encoding": reading.encoding,
                "sha256": digest,
                "state": state,
                "mapping": Jsonb(reading.mapping.as_json()),
                "agreement": arrival.manifest.agreement,
                "form_version": arrival.manifest.version,
                "declared_records": arrival.manifest.records,
                "reject_limit": arrival.reject_limit,
                "supersedes": arrival.supersedes,
                "corrects": corrects,
            },
        )
        await note(tx, "load_begun", batch_id, persons=0, now=now)
    return batch_id


async def stage(
    database: Database,
    batch_id: int,
    arrival: Arrival,
    reading: Reading,
    to: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Read a file wholly: its records to disk, what is wrong with them into the database.

    It happens wholly or not at all; after an interruption it begins anew.

    Args:
        to: where the normal records go.

    Raises:
        FileChanged: it was written to meanwhile.
        LinesLost: lines are not accounted for.
        Malformed: it can't be read further.
    """
    before = _stamp(arrival.path)
    seen = Seen(reading.format)
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.forget_staged, {"batch_id": batch_id})
        with spool.SpoolWriter(to) as writer:
            for chunk in reading.chunks():
                if chunk.records.num_rows:
                    table = with_fates(chunk)
                    writer.write(table)
                    await _chunk(tx, batch_id, chunk, table)
                    await _keep_cells(tx, batch_id, reading, chunk, table)
                    seen.take(table)
                    progress(chunk.records.num_rows)
        if _stamp(arrival.path) != before:
            raise FileChanged("The file changed while it was read; send it again once it is complete")
        lines = await asyncio.to_thread(seen.lines, arrival.path, reading)
        await _keep_originals(tx, batch_id, arrival.path, reading, seen.rejected)
        remainder = Jsonb([vars(one) for one in reading.remainder])
        staged = {"batch_id": batch_id, "records": seen.records, "lines": lines, "remainder": remainder}
        await tx.execute(SQL.note_staged, staged)


async def spool_again(reading: Reading, to: Path) -> None:
    """Put the normal records of a file that was staged on disk again."""
    with spool.SpoolWriter(to) as writer:
        for chunk in reading.chunks():
            if chunk.records.num_rows:
                writer.write(with_fates(chunk))
                await asyncio.sleep(0)


def with_fates(chunk: NormalChunk) -> pa.Table:
    """Return the records of a chunk with what its gravest finding does to each."""
    size = chunk.records.num_rows
    fates = np.zeros(size, np.int8)
    findings = chunk.findings
    if findings.num_rows:
        first = chunk.records.column("record")[0].as_py()
        positions = findings.column("record").to_numpy() - first
        severities = findings.column("severity").to_numpy(zero_copy_only=False)
        fates[positions[severities == "quarantine"]] = spool.QUARANTINED
        fates[positions[severities == "reject"]] = spool.REJECTED
    return chunk.records.append_column("fate", pa.array(fates)).cast(spool.SCHEMA)


async def _chunk(tx: Transaction, batch_id: int, chunk: NormalChunk, table: pa.Table) -> None:
    rejected = table.column("fate").to_numpy() == spool.REJECTED
    await tx.execute(
        SQL.stage_chunk,
        {
            "batch_id": batch_id,
            "first_record": table.column("record")[0].as_py(),
            "records": table.num_rows,
            "decisions": SqlArray(pa.array(np.where(rejected, int(Decision.REJECTED), 0).astype(np.int16))),
            "reasons": SqlArray(pa.array(np.where(rejected, int(Reason.BROKEN_RULE), 0).astype(np.int16))),
            "lines": SqlArray(table.column("first_line")),
            "last_lines": SqlArray(table.column("last_line")),
            "digests": SqlArray(digests(table)),
        },
    )
    await store.save_findings(tx, batch_id, chunk.findings.to_pylist())


def digests(table: pa.Table) -> pa.Array:
    """Return a digest of each normal record, wherever in a file it stands; 63 bits of MD5."""
    told = [
        field.name
        for field in NORMAL
        if field.name not in _OUTSIDE_DIGEST and table.column(field.name).null_count < table.num_rows
    ]
    parts = ", ".join(f"'{name}=' || \"{name}\"" for name in told) or "''"
    with duckdb.connect() as duck:
        duck.register("told", table)
        found = duck.sql(
            f"SELECT (md5_number_lower(concat_ws(chr(31), {parts})) >> 1)::BIGINT AS digest FROM told"  # noqa: S608
        ).to_arrow_table()
    return found.column("digest").combine_chunks()


class Seen:
    """What was seen of a file: its records, their lines, the rejected ones."""

    def __init__(self, form: str) -> None:
        self.records = 0
        self.rejected: list[Span] = []
        self._form = form
        self._firsts: list[npt.NDArray[np.int32]] = []
        self._lasts: list[npt.NDArray[np.int32]] = []

    def take(self, table: pa.Table) -> None:
        """Take in a chunk."""
        first, last = table.column("first_line").to_numpy(), table.column("last_line").to_numpy()
        record = table.column("record").to_numpy()
        self.records += table.num_rows
        self._firsts.append(first)
        self._lasts.append(last)
        for at in np.flatnonzero(table.column("fate").to_numpy() == spool.REJECTED):
            self.rejected.append(Span(int(record[at]), int(first[at]), int(last[at])))

    def lines(self, path: Path, reading: Reading) -> int:
        """Count the lines of the file, each of which must belong to a record or to the remainder.

        Raises:
            LinesLost: one does not.
        """
        first = np.concatenate([np.zeros(0, np.int32), *self._firsts])
        last = np.concatenate([np.zeros(0, np.int32), *self._lasts])
        counted = count_lines(path, reading) if originals.by_lines(self._form) else 0
        lines, lost = covered(first, last, reading.remainder, counted)
        if lost and self._form not in _NO_LINES:
            raise LinesLost(f"Line {lost[0]} belongs to no record and to no known remainder; nothing was taken")
        return lines


def covered(first: Ints, last: Ints, remainder: Sequence[Remainder], counted: int = 0) -> tuple[int, list[int]]:
    """Return how many lines there are, and which belong neither to a record nor to the remainder.

    Args:
        first: of each record.
        last: of each record.
        counted: lines of the file, where they can be counted apart.
    """
    begins = np.concatenate([first, np.array([one.first_line for one in remainder], np.int64)])
    ends = np.concatenate([last, np.array([one.last_line for one in remainder], np.int64)])
    begins, ends = begins[ends > 0], ends[ends > 0]
    lines = max(int(ends.max(initial=0)), counted)
    steps = np.zeros(lines + 2, np.int32)
    np.add.at(steps, np.maximum(begins, 1), 1)
    np.add.at(steps, ends + 1, -1)
    lost = np.flatnonzero(np.cumsum(steps)[1 : lines + 1] <= 0) + 1
    return lines, lost[:10].tolist()


def count_lines(path: Path, reading: Reading) -> int:
    """Count the lines of a text file by its bytes, whatever the reader made of them."""
    count, last = 0, b"\n"
    wide = reading.encoding.startswith("utf-16")
    dtype = np.dtype(">u2" if reading.encoding == "utf-16-be" else "<u2")
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            if wide:
                letters = np.frombuffer(data[: len(data) // 2 * 2], dtype)
                if count == 0 and len(letters) and letters[0] == 0xFFFE:
                    dtype = dtype.newbyteorder()
                    letters = letters.view(dtype)
                count += int((letters == 10).sum())
                last = b"\n" if len(letters) and letters[-1] == 10 else b""
            else:
                count += data.count(b"\n")
                last = data[-1:]
    return count + (last != b"\n")


async def _keep_cells(tx: Transaction, batch_id: int, reading: Reading, chunk: NormalChunk, table: pa.Table) -> None:
    """Keep the cells of rejected rows of a sheet."""
    if originals.by_lines(reading.format) or reading.format == "xml":
        return
    rejected = np.flatnonzero(table.column("fate").to_numpy() == spool.REJECTED).tolist()
    if rejected:
        await _keep(tx, batch_id, originals.of_cells(chunk.raw, rejected))


async def _keep_originals(
    tx: Transaction, batch_id: int, path: Path, reading: Reading, rejected: Sequence[Span]
) -> None:
    """Keep the bytes of rejected records of a text, and of its header."""
    if not rejected:
        return
    await _keep(tx, batch_id, iter([originals.layout_of(reading)]))
    if reading.format == "xml":
        await _keep(tx, batch_id, originals.of_elements(path, [one.record for one in rejected]))
    elif originals.by_lines(reading.format):
        headers = [Span(HEADER, one.first_line, one.last_line) for one in reading.remainder if one.why == "header"]
        spans = sorted([*headers, *rejected], key=lambda one: one.first_line)
        await _keep(tx, batch_id, originals.of_lines(path, reading.encoding, spans))


async def _keep(tx: Transaction, batch_id: int, told: Iterator[tuple[int, bytes]]) -> None:
    for record, original in told:
        sealed = originals.seal(tx.keys, batch_id, record, original)
        await tx.execute(SQL.insert_original, {"batch_id": batch_id, "record": record, "told": sealed})


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
