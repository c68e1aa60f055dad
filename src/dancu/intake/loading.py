"""Loading a file: received, staged, validated, matched, applied, reconciled; it survives an interruption anywhere.

Staging reads the whole file before anything of it is applied. Each chunk is then decided, remembered, and applied:
the plain records set by set in one transaction, the others one by one. The request id of every act is made of batch
and record or chunk, so that repeating a chunk after kill -9 finds what was done and does the rest.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from dancu.infra.db import Database
from dancu.intake import kept, spool, stages, store, superseding
from dancu.intake import mapping as mappings
from dancu.intake.decisions import Decision
from dancu.intake.loader import Loader, Progress
from dancu.intake.logged import note
from dancu.intake.manifest import Manifest, ManifestMismatch, beside
from dancu.intake.reading import Reading
from dancu.intake.sets import SetReader, SetWriter
from dancu.intake.staging import (
    REJECT_LIMIT,
    Arrival,
    receive,
    sha256_of,
    spool_again,
    spool_folder,
    spooled,
    stage,
)
from dancu.intake.store import SQL
from dancu.kernel.errors import Conflict, FieldFault, Invalid

_DONE = frozenset({"applied", "reconciled", "superseded"})


class NotHeld(Conflict):
    """The batch is not held, so there is nothing to release."""


@dataclass(frozen=True)
class Loaded:
    """What became of a file.

    Args:
        batch: its number.
        records: all that it holds; the five counts below and `waiting` add up to it.
        repeated: the file had been loaded before, and nothing was changed now.
        warnings: how many facts of the past a rule of today would refuse.
        held: too many of its records were rejected, so nothing of it was applied.
        waiting: records on which nothing was decided: of a file that is held.
        withdrawn: of a file that supersedes another one, how many persons are no longer in it.
        left: of these, how many a clerk must look at.
        new_columns: columns that the source's files did not have before.
        missing_columns: columns that they had, and this one lacks.
    """

    batch: int
    records: int
    created: int
    updated: int
    unchanged: int
    queued: int
    rejected: int
    repeated: bool = False
    warnings: int = 0
    held: bool = False
    waiting: int = 0
    withdrawn: int = 0
    left: int = 0
    new_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


async def load(
    database: Database,
    path: Path,
    *,
    source: str,
    now: datetime,
    mapping: Path | mappings.Mapping | None = None,
    synthetic: bool = False,
    progress: Progress = lambda _: None,
    manifest: Manifest | None = None,
    supersedes: int | None = None,
    reject_limit: float = REJECT_LIMIT,
    folder: Path | None = None,
) -> Loaded:
    """Load a file; one that was begun goes on, one that was loaded changes nothing.

    Args:
        database: as the role that loads, with the keys of the installation.
        source: name of the source system.
        mapping: what the columns mean; None: suggested from their names.
        progress: told how many records are done.
        manifest: what the sender declares; None: what lies beside the file.
        supersedes: batch that this file corrects as a whole; the manifest may name it, too.
        reject_limit: share of rejected records above which the file is held whole.
        folder: where its normal records lie until they are applied.

    Raises:
        Malformed: the file can't be read; the message says where and what to do.
        ManifestMismatch: it is not what its manifest says.
        BatchUnknown: there is no such batch to supersede.
    """
    told = manifest or await asyncio.to_thread(beside, path) or Manifest()
    arrival = Arrival(path, source, synthetic, told, reject_limit, supersedes or told.supersedes)
    digest = await asyncio.to_thread(sha256_of, path)
    told.check_file(digest, source)
    async with database.transaction(scope="nation") as tx:
        before = await tx.row(SQL.batch_of_file, {"sha256": digest, "source": source})
    if before and before[1] in _DONE:
        return await _again(database, before[0], now)
    if before and before[1] == "held":
        return await summary(database, before[0])
    chosen = mappings.load(mapping) if isinstance(mapping, Path) else mapping
    async with database.transaction(scope="nation") as tx:
        known = await kept.versions(tx, source)
    opened = await asyncio.to_thread(kept.understand, path, known, now=now, mapping=chosen)
    reading = opened.reading
    batch_id = before[0] if before else await receive(database, arrival, reading, digest, now)
    await _staged(database, batch_id, arrival, reading, spooled(folder or spool_folder(), batch_id), now)
    async with database.transaction(scope="nation") as tx:
        await kept.keep(tx, source, reading.columns, reading.mapping, by=None, now=now)
    if await _validated(database, batch_id, told, now):
        done = await go_on(database, batch_id, now=now, folder=folder, progress=progress)
    else:
        done = await summary(database, batch_id)
    return replace(done, new_columns=opened.understood.added, missing_columns=opened.understood.missing)


async def release(database: Database, batch_id: int, *, by: str, why: str, now: datetime) -> None:
    """Let a file that is held be applied; its rejected records stay rejected. `go_on` or loading it again applies it.

    Args:
        by: who answers for it.

    Raises:
        Invalid: nobody or no reason is named.
        BatchUnknown: there is no such batch.
        NotHeld: it is not held.
    """
    faults = [
        FieldFault(f"/{name}", "This is needed") for name, given in (("by", by), ("why", why)) if not given.strip()
    ]
    if faults:
        raise Invalid(tuple(faults))
    async with database.transaction(scope="nation") as tx:
        await store.batch(tx, batch_id)
        if not await tx.execute(SQL.release, {"batch_id": batch_id, "now": now, "by": by, "why": why}):
            raise NotHeld("This batch is not held")
        await note(tx, "release", batch_id, persons=0, now=now)


async def go_on(
    database: Database,
    batch_id: int,
    *,
    now: datetime,
    folder: Path | None = None,
    progress: Progress = lambda _: None,
) -> Loaded:
    """Match and apply a batch that was validated, from where it was interrupted.

    Raises:
        BatchUnknown: there is no such batch.
        SpoolMissing: its records are not on this machine any more; load the file again, which goes on.
    """
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
        known = await tx.rows(SQL.chunks, {"batch_id": batch_id})
        corrects = await superseding.acts_of(tx, batch.supersedes)
    done = {first for first, _, applied, _, _ in known if applied}
    lying = spooled(folder or spool_folder(), batch_id)
    if len(done) < len(known) and not await asyncio.to_thread(lying.exists):
        raise spool.SpoolMissing("The records of this batch are not here any more; load the file again")
    progress(sum(records for first, records, *_ in known if first in done))
    warnings = 0
    if len(done) < len(known):
        loader = Loader(database, batch, now, corrects)
        header, ring = loader.applier.header, database.keys
        with (
            SetReader(database.dsn, header=header, now=now, ring=ring, corrects=corrects) as reader,
            SetWriter(database.dsn, header=header, now=now, ring=ring, reader=reader) as writer,
        ):
            open_ = (table for table in spool.chunks(lying) if table.column("record")[0].as_py() not in done)
            await loader.chunks(open_, reader, writer, progress)
        warnings = loader.applier.warnings
    withdrawn = await superseding.withdraw(database, batch, now) if batch.supersedes else superseding.NOTHING
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.set_state, {"batch_id": batch_id, "state": "applied", "finished_at": now})
        for name in (stages.MATCHED, stages.APPLIED):
            await stages.reach(tx, batch, name, now)
        await note(tx, "load", batch_id, persons=batch.records, now=now)
    await stages.reconcile(database, batch_id, now)
    lying.unlink(missing_ok=True)
    counted = await summary(database, batch_id)
    return replace(counted, warnings=warnings, withdrawn=withdrawn.persons, left=withdrawn.left)


async def summary(database: Database, batch_id: int) -> Loaded:
    """Count the decisions of a batch.

    Raises:
        BatchUnknown: there is none of this number.
    """
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
        rows = await tx.rows(SQL.decision_counts, {"batch_id": batch_id})
    counts = dict(rows)
    decided_on = [counts.get(int(decision), 0) for decision in Decision]
    records = sum(counts.values())
    created, updated, unchanged, queued, rejected = decided_on
    return Loaded(
        batch_id,
        records,
        created,
        updated,
        unchanged,
        queued,
        rejected,
        held=batch.state == "held",
        waiting=records - sum(decided_on),
    )


async def _again(database: Database, batch_id: int, now: datetime) -> Loaded:
    """Of a file that was loaded: everything that was taken is as it says."""
    await stages.reconcile(database, batch_id, now)
    first = await summary(database, batch_id)
    taken = first.created + first.updated + first.unchanged
    return replace(first, created=0, updated=0, unchanged=taken, repeated=True)


async def _staged(
    database: Database, batch_id: int, arrival: Arrival, reading: Reading, lying: Path, now: datetime
) -> None:
    """Stage a file unless it was; its records may have to be put on disk again."""
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
    if batch.state == "received":
        await stage(database, batch_id, arrival, reading, lying)
        async with database.transaction(scope="nation") as tx:
            batch = await store.batch(tx, batch_id)
            for name in (stages.RECEIVED, stages.STAGED):
                await stages.reach(tx, batch, name, now)
    elif not await asyncio.to_thread(lying.exists):
        await spool_again(reading, lying)


async def _validated(database: Database, batch_id: int, manifest: Manifest, now: datetime) -> bool:
    """Hold a staged file against its manifest and its limit of rejected records; tell whether it may be applied."""
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
        if batch.state != "staged":
            return batch.state != "held"
        rejected = await stages.reach(tx, batch, stages.VALIDATED, now)
        try:
            manifest.check_records(batch.records)
        except ManifestMismatch as error:
            mismatch: ManifestMismatch | None = error
            state = "refused"
        else:
            mismatch = None
            state = "held" if batch.records and rejected / batch.records > batch.reject_limit else "validated"
        await tx.execute(SQL.set_state, {"batch_id": batch_id, "state": state, "finished_at": None})
    if mismatch:
        raise mismatch
    return state == "validated"
