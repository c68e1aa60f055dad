"""Loading a file: received, matched, applied, in chunks that survive an interruption.

Each chunk is decided and remembered in one transaction, then applied record by record.
The request id of every act is made of batch and record, so that repeating a chunk after kill -9
finds what was done and does the rest.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

import pyarrow as pa
from psycopg.types.json import Jsonb

from dancu.infra.arrays import SqlArray
from dancu.infra.db import Database, Transaction
from dancu.intake import mapping as mappings
from dancu.intake import store
from dancu.intake.addresses import resolver
from dancu.intake.decisions import Decision, Reason
from dancu.intake.logged import note
from dancu.intake.news import news
from dancu.intake.normalise import NormalChunk
from dancu.intake.plan import Planned, Planner
from dancu.intake.reading import Reading, read
from dancu.intake.store import SQL
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.payloads import Kin
from dancu.register.sensitive import opened
from dancu.register.store import ChangedMeanwhile, history
from dancu.register.territory import locate

_AT_ONCE = 6

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Loaded:
    """What became of a file.

    Args:
        batch: its number.
        records: all that it holds; the five counts below add up to it.
        repeated: the file had been loaded before, and nothing was changed now.
        warnings: how many facts of the past a rule of today would refuse.
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


async def load(
    database: Database,
    path: Path,
    *,
    source: str,
    now: datetime,
    mapping: Path | None = None,
    synthetic: bool = False,
    progress: Progress = lambda _: None,
) -> Loaded:
    """Load a file; one that was begun goes on, one that was loaded changes nothing.

    Args:
        database: as the role that loads, with the keys of the installation.
        source: name of the source system.
        mapping: what the columns mean; None: suggested from their names.
        progress: told how many records are done.

    Raises:
        Malformed: the file can't be read; the message says where and what to do.
    """
    reading = read(
        path, today=today(now), mapping=mappings.load(mapping) if mapping else None, resolve=resolver(today=today(now))
    )
    digest = await asyncio.to_thread(sha256_of, path)
    async with database.transaction(scope="nation") as tx:
        before = await tx.row(SQL.batch_of_file, {"sha256": digest, "source": source})
    if before and before[1] == "applied":
        return await _again(database, before[0])
    batch_id = before[0] if before else await receive(database, path, reading, digest, source, synthetic, now)
    loader = Loader(database, batch_id, source, now)
    done = await loader.applied_up_to()
    records = done
    progress(done)
    for chunk in reading.chunks(after=done):
        if len(chunk.records):
            await loader.chunk(chunk, progress)
            records += len(chunk.records)
    remainder = [vars(one) for one in reading.remainder]
    async with database.transaction(scope="nation") as tx:
        finished = {"batch_id": batch_id, "now": now, "records": records, "remainder": Jsonb(remainder)}
        await tx.execute(SQL.finish_batch, finished)
        await note(tx, "load", batch_id, persons=records, now=now)
    return replace(await summary(database, batch_id), warnings=loader.warnings)


async def summary(database: Database, batch_id: int) -> Loaded:
    """Count the decisions of a batch.

    Raises:
        BatchUnknown: there is none of this number.
    """
    async with database.transaction(scope="nation") as tx:
        await store.batch(tx, batch_id)
        rows = await tx.rows(SQL.decision_counts, {"batch_id": batch_id})
    counts = {Decision(decision): count for decision, count in rows}
    return Loaded(batch_id, sum(counts.values()), *(counts.get(decision, 0) for decision in Decision))


async def _again(database: Database, batch_id: int) -> Loaded:
    """Of a file that was loaded: everything that was taken is as it says."""
    first = await summary(database, batch_id)
    taken = first.created + first.updated + first.unchanged
    return replace(first, created=0, updated=0, unchanged=taken, repeated=True)


async def receive(
    database: Database, path: Path, reading: Reading, digest: bytes, source: str, synthetic: bool, now: datetime
) -> int:
    batch_id = new_id() >> 16
    async with database.transaction(scope="nation") as tx:
        await tx.execute(
            SQL.insert_batch,
            {
                "batch_id": batch_id,
                "received_at": now,
                "unit_day": None,
                "synthetic": synthetic,
                "source": source,
                "file_name": path.name,
                "file_format": reading.format,
                "encoding": reading.encoding,
                "sha256": digest,
                "mapping": Jsonb(reading.mapping.as_json()),
            },
        )
        await note(tx, "load_begun", batch_id, persons=0, now=now)
    return batch_id


def sha256_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class Loader:
    """Applies the chunks of one batch."""

    def __init__(self, database: Database, batch_id: int, source: str, now: datetime) -> None:
        self._database = database
        self._batch_id = batch_id
        self._source = source
        self._now = now
        self.warnings = 0

    async def applied_up_to(self) -> int:
        """The last record of the last chunk that was applied."""
        async with self._database.transaction(scope="nation") as tx:
            rows = await tx.rows(SQL.chunks, {"batch_id": self._batch_id})
        return max((first + records - 1 for first, records, applied in rows if applied), default=0)

    async def chunk(self, chunk: NormalChunk, progress: Progress) -> None:
        """Decide on the records of a chunk and apply what was decided."""
        planned = await self._planned(chunk)
        waves = _independent(planned)
        for wave in waves:
            await self._apply(wave, progress)
        async with self._database.transaction(scope="nation") as tx:
            await tx.execute(
                SQL.update_chunk,
                {
                    "batch_id": self._batch_id,
                    "first_record": planned[0].record,
                    "decisions": [int(one.decision) for one in planned],
                    "reasons": [int(one.reason) for one in planned],
                },
            )

    async def _planned(self, chunk: NormalChunk) -> list[Planned]:
        """Plan a chunk; one that was planned before the interruption keeps its persons."""
        rows = chunk.records.to_pylist()
        findings = chunk.findings.to_pylist()
        first = {"batch_id": self._batch_id, "first_record": rows[0]["record"]}
        async with self._database.transaction(scope="nation") as tx:
            before = await tx.row(SQL.chunk, first)
            known = await store.acquaintances(tx, rows)
            planner = Planner(known, new_id=new_id, today=today(self._now))
            planned = planner.plan(rows, gravest(findings), before)
            if before is None:
                await store.save_chunk(tx, self._batch_id, planned)
                await store.save_findings(tx, self._batch_id, findings)
        return planned

    async def _apply(self, wave: Sequence[Planned], progress: Progress) -> None:
        todo = list(reversed(wave))

        async def worker() -> None:
            while todo:
                await self._record(todo.pop())
                progress(1)

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(worker())

    async def _record(self, one: Planned) -> None:
        if one.decision in {Decision.QUEUED, Decision.REJECTED}:
            return
        for _ in range(_AT_ONCE):
            # Of two holders of one 9-digit CMND who come at once, the second comes again.
            with suppress(ChangedMeanwhile):
                await self._record_once(one)
                return
        await self._record_once(one)

    async def _record_once(self, one: Planned) -> None:
        async with self._database.transaction(scope="nation") as tx:
            changed = await self._person(tx, one, "person")
            if one.spouse:
                changed |= await self._person(tx, one.spouse, "spouse")
                changed |= await self._marriage(tx, one, one.spouse)
            if one.decision is Decision.UNCHANGED and changed:
                one.decision = Decision.UPDATED

    async def _person(self, tx: Transaction, one: Planned, role: str) -> bool:
        """Establish the person or take over what is new; tell whether anything was."""
        if one.told is None:
            return False
        if one.creates:
            await commands.establish_person(
                tx,
                header=self._header(one.record, role),
                told=one.told,
                now=self._now,
                locate=locate,
                person_id=one.person_id,
            )
            return True
        life = (await history(tx, one.person_id)).life
        found = news(opened(life, tx.keys), one.told) if life else None
        if found is None or found.told is None:
            return False
        done = await commands.update_from_source(
            tx,
            header=self._header(one.record, role),
            person_id=one.person_id,
            told=found.told,
            valid_on=PartialDate.on(today(self._now)),
            now=self._now,
            locate=locate,
        )
        return not done.repeated

    async def _marriage(self, tx: Transaction, one: Planned, wife: Planned) -> bool:
        """Record the marriage unless both records tell it already."""
        married_on = one.row.get("married_on")
        life = (await history(tx, one.person_id)).life
        if married_on is None or (life and any(_is(m.spouse, wife.person_id) for m in life.marriages)):
            return False
        done = await commands.record_marriage(
            tx,
            header=self._header(one.record, "marriage"),
            one_id=one.person_id,
            other_id=wife.person_id,
            on=PartialDate(married_on),
            now=self._now,
            locate=locate,
            history=True,
        )
        self.warnings += len(done.warnings)
        return True

    async def leftovers(self, chunk: pa.Table, first_record: int) -> None:
        """Decide on the records of a bulk chunk that were left open, and apply what was decided.

        Who was planned is remembered before it is applied, so that going on after an interruption does not
        establish anybody twice.
        """
        key = {"batch_id": self._batch_id, "first_record": first_record}
        async with self._database.transaction(scope="nation") as tx:
            row = await tx.row(SQL.chunk, key)
            if row is None:
                return
            decisions, reasons, persons = (list(column) for column in row)
            open_ = [i for i, decision in enumerate(decisions) if decision <= 0]
            rows = chunk.take(open_).to_pylist()
            planner = Planner(await store.acquaintances(tx, rows), new_id=new_id, today=today(self._now))
            fates = {row["record"]: _SEVERITIES[row["fate"]] for row in rows if row["fate"]}
            begun = any(decisions[i] < 0 for i in open_)
            before = ([-decisions[i] for i in open_], [reasons[i] for i in open_], [persons[i] for i in open_])
            planned = planner.plan(rows, fates, before if begun else None)
            for i, one in zip(open_, planned, strict=True):
                # Negative: planned, and not applied yet.
                decisions[i], reasons[i], persons[i] = -one.decision, int(one.reason), one.person_id
            await store.save_queue(tx, self._batch_id, planned)
            await tx.execute(SQL.update_whole_chunk, {**key, "applied": False, **_arrays(decisions, reasons, persons)})
        for wave in _independent(planned):
            await self._apply(wave, lambda _: None)
        for i, one in zip(open_, planned, strict=True):
            decisions[i], reasons[i] = int(one.decision), int(one.reason)
        async with self._database.transaction(scope="nation") as tx:
            await tx.execute(SQL.update_whole_chunk, {**key, "applied": True, **_arrays(decisions, reasons, persons)})

    def _header(self, record: int, role: str) -> ActHeader:
        return self.header(self._source, batch_id=self._batch_id, request=request_id(self._batch_id, record, role))

    @staticmethod
    def header(source: str, *, batch_id: int, request: UUID) -> ActHeader:
        """Return the header of acts that a source's records make."""
        return ActHeader(
            authority=Authority.POPULATION_DATABASE,
            office="",
            request_id=request,
            legal_ground="Luật Căn cước 26/2023/QH15, Điều 9, Điều 10",
            source=source,
            batch_id=batch_id,
        )


def _arrays(decisions: Sequence[int], reasons: Sequence[int], persons: Sequence[int]) -> dict[str, SqlArray]:
    return {
        "decisions": SqlArray(pa.array(decisions, pa.int16())),
        "reasons": SqlArray(pa.array(reasons, pa.int16())),
        "persons": SqlArray(pa.array(persons, pa.int64())),
    }


_SEVERITIES = {1: "quarantine", 2: "reject"}


def request_id(batch_id: int, record: int, role: str) -> UUID:
    """Return the idempotency key of what one record of a batch does."""
    return uuid5(NAMESPACE_OID, f"dancu:intake:{batch_id}:{record}:{role}")


def _is(kin: Kin, person_id: int) -> bool:
    return kin.person_id == person_id


def gravest(findings: Sequence[dict[str, object]]) -> dict[int, str]:
    severities: dict[int, str] = {}
    for one in findings:
        record, severity = int(str(one["record"])), str(one["severity"])
        if severity == "reject" or (severity == "quarantine" and severities.get(record) != "reject"):
            severities[record] = severity
    return severities


def _independent(planned: Sequence[Planned]) -> list[list[Planned]]:
    """Split records into waves within which no two touch one person, in order."""
    waves: list[list[Planned]] = []
    last_wave: dict[int, int] = {}
    for one in planned:
        persons = [p.person_id for p in (one, one.spouse) if p and p.person_id]
        wave = max((last_wave.get(person, -1) + 1 for person in persons), default=0)
        if wave == len(waves):
            waves.append([])
        waves[wave].append(one)
        last_wave |= dict.fromkeys(persons, wave)
    return waves


__all__ = ["Loaded", "Reason", "load", "request_id", "summary"]
