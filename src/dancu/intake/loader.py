"""Deciding on the chunks of a batch and applying what was decided.

A chunk is planned while the one before it is written. What is planned is remembered before it is applied, with the
persons that it will make, so that going on after an interruption establishes nobody twice.
"""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from types import MappingProxyType

import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.db import Database
from dancu.intake import spool, store, superseding
from dancu.intake.applying import Applier, header_of, request_id
from dancu.intake.decisions import Decision, Reason
from dancu.intake.plan import Newcomer, Planned, Planner, Row
from dancu.intake.sets import Ready, Set, SetReader, SetWriter, decided, plain
from dancu.intake.store import SQL, Batch
from dancu.kernel.errors import DancuError, Unavailable
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register.store import ChangedMeanwhile

_AT_ONCE = 6
_SEVERITIES = {spool.QUARANTINED: "quarantine", spool.REJECTED: "reject"}

Progress = Callable[[int], None]


class Loader:
    """Decides on the chunks of one batch and applies what was decided."""

    def __init__(self, database: Database, batch: Batch, now: datetime, corrects: frozenset[int] = frozenset()) -> None:
        self._database = database
        self._batch = batch
        self._now = now
        header = header_of(batch.source, batch_id=batch.batch_id, request=request_id(batch.batch_id, 0, "batch"))
        self.applier = Applier(header, now, corrects=corrects)
        self._newcomers: list[Newcomer] = []

    async def chunks(
        self, tables: Iterable[pa.Table], reader: SetReader, writer: SetWriter, progress: Progress
    ) -> None:
        """Decide on the records of chunks and apply what was decided: a chunk is planned while one is written."""
        writing: asyncio.Task[None] | None = None
        try:
            for table in tables:
                with _uncollected():
                    planned, written = await self._planned(table)
                    one = Set(self._batch.batch_id, planned[0].record, table, planned)
                    ready = None if written else await asyncio.to_thread(reader.ready, one)
                    if writing:
                        await writing
                writing = asyncio.create_task(self._write(one, ready, writer, progress))
        finally:
            if writing:
                await writing

    async def _write(self, one: Set, ready: Ready | None, writer: SetWriter, progress: Progress) -> None:
        if ready is None:
            done = {p.record for p in plain(one.planned) if p.creates}
        else:
            done = await asyncio.to_thread(writer.write, ready)
        progress(len(done))
        await self._apply_all([p for p in one.planned if p.record not in done], progress)
        async with self._database.transaction(scope="nation") as tx:
            await store.save_queue(tx, self._batch.batch_id, one.planned)
            await tx.execute(SQL.update_chunk, decided(one))

    async def _planned(self, table: pa.Table) -> tuple[list[Planned], bool]:
        """Plan a chunk; one that was planned before the interruption keeps its persons."""
        rows = rows_of(table)
        first = rows[0]["record"]
        fates = fates_of(table)
        key = {"batch_id": self._batch.batch_id, "first_record": first}
        async with self._database.transaction(scope="nation") as tx:
            *before, is_planned, written, _ = await tx.row(SQL.chunk, key) or ((), (), (), False, False, False)
            sure = await store.surely_known(tx, table)
            as_before = await superseding.as_before(tx, self._batch, first, len(rows))
            open_ = {row["record"] for row in rows} - set(sure) - set(as_before)
            known = await store.acquaintances(tx, rows, today=today(self._now), of=open_)
            planner = Planner(known, new_id=new_id, today=today(self._now), before=self._newcomers)
            planned = planner.plan(rows, fates, before if is_planned else None, as_before, sure)
            if not is_planned:
                parameters = decided(Set(self._batch.batch_id, first, table, planned))
                await tx.execute(SQL.plan_chunk, parameters)
                await store.save_queue(tx, self._batch.batch_id, planned)
        self._newcomers = planner.newcomers
        return planned, written

    async def _apply_all(self, planned: Sequence[Planned], progress: Progress) -> None:
        for wave in _independent(planned):
            todo = list(reversed(wave))

            async def worker(todo: list[Planned]) -> None:
                while todo:
                    await self._record(todo.pop())
                    progress(1)

            async with asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(worker(todo))

    async def _record(self, one: Planned) -> None:
        """Apply a record; one that the register refuses waits for a clerk."""
        if one.decision in {Decision.QUEUED, Decision.REJECTED}:
            return
        try:
            for _ in range(_AT_ONCE):
                # Of two holders of one 9-digit CMND who come at once, the second comes again.
                with suppress(ChangedMeanwhile):
                    await self._record_once(one)
                    return
            await self._record_once(one)
        except Unavailable:
            raise
        except DancuError:
            one.decision, one.reason = Decision.QUEUED, Reason.REFUSED_BY_THE_REGISTER
            one.candidates, one.person_id = ((one.person_id,) if not one.creates else ()), 0

    async def _record_once(self, one: Planned) -> None:
        async with self._database.transaction(scope="nation") as tx:
            await self.applier.record(tx, one)

    async def leftovers(self, chunk: pa.Table, first_record: int) -> None:
        """Decide on the records of a first load's chunk that were left open, and apply what was decided.

        Who was planned is remembered before it is applied, so that going on after an interruption does not
        establish anybody twice.
        """
        key = {"batch_id": self._batch.batch_id, "first_record": first_record}
        async with self._database.transaction(scope="nation") as tx:
            row = await tx.row(SQL.chunk, key)
            if row is None:
                return
            decisions, reasons, persons = (list(column) for column in row[:3])
            open_ = [i for i, decision in enumerate(decisions) if decision <= 0]
            rows = rows_of(chunk.take(open_))
            planner = Planner(
                await store.acquaintances(tx, rows, today=today(self._now)), new_id=new_id, today=today(self._now)
            )
            begun = any(decisions[i] < 0 for i in open_)
            before = ([-decisions[i] for i in open_], [reasons[i] for i in open_], [persons[i] for i in open_])
            planned = planner.plan(rows, fates_of(chunk), before if begun else None)
            for i, one in zip(open_, planned, strict=True):
                # Negative: planned, and not applied yet.
                decisions[i], reasons[i], persons[i] = -one.decision, int(one.reason), one.person_id
            await store.save_queue(tx, self._batch.batch_id, planned)
            await tx.execute(SQL.update_whole_chunk, {**key, "applied": False, **_arrays(decisions, reasons, persons)})
        await self._apply_all(planned, lambda _: None)
        for i, one in zip(open_, planned, strict=True):
            decisions[i], reasons[i], persons[i] = int(one.decision), int(one.reason), one.person_id
        async with self._database.transaction(scope="nation") as tx:
            await store.save_queue(tx, self._batch.batch_id, planned)
            await tx.execute(SQL.update_whole_chunk, {**key, "applied": True, **_arrays(decisions, reasons, persons)})


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of garbage from looking at a million living objects again and again."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _arrays(decisions: Sequence[int], reasons: Sequence[int], persons: Sequence[int]) -> dict[str, SqlArray]:
    return {
        "decisions": SqlArray(pa.array(decisions, pa.int16())),
        "reasons": SqlArray(pa.array(reasons, pa.int16())),
        "persons": SqlArray(pa.array(persons, pa.int64())),
    }


_ALWAYS = ("record", "first_line", "last_line", "kind", "name_key")


def rows_of(table: pa.Table) -> list[Row]:
    """Return records as dictionaries; a field that no record of the chunk gives is left out."""
    given = [name for name in table.column_names if table.column(name).null_count < table.num_rows or name in _ALWAYS]
    return list(table.select(given).to_pylist())


def fates_of(table: pa.Table) -> Mapping[int, str]:
    """Return by record what the gravest finding does to it; a record without one is missing."""
    fates = table.column("fate").to_numpy()
    if not fates.any():
        return MappingProxyType({})
    records = table.column("record").to_numpy()
    return {int(records[at]): _SEVERITIES[int(fates[at])] for at in fates.nonzero()[0]}


def _independent(planned: Sequence[Planned]) -> list[list[Planned]]:
    """Split records into waves within which no two touch one person, in order."""
    waves: list[list[Planned]] = []
    last_wave: dict[int, int] = {}
    for one in planned:
        wave = max((last_wave.get(person, -1) + 1 for person in one.persons), default=0)
        if wave == len(waves):
            waves.append([])
        waves[wave].append(one)
        last_wave |= dict.fromkeys(one.persons, wave)
    return waves
