"""The stages of a batch: at each, every record is accepted or rejected, and at the end all of it is proved."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from dancu.infra.db import Database, Transaction
from dancu.intake import store
from dancu.intake.decisions import Decision
from dancu.intake.readers.raw import Remainder
from dancu.intake.staging import covered
from dancu.intake.store import SQL, Batch

RECEIVED, STAGED, VALIDATED = "received", "staged", "validated"
MATCHED, APPLIED, RECONCILED = "matched", "applied", "reconciled"
STAGES = (RECEIVED, STAGED, VALIDATED, MATCHED, APPLIED, RECONCILED)

_DECIDED = frozenset({MATCHED, APPLIED, RECONCILED})
_PROVED = frozenset({"applied", "reconciled", "superseded"})
_TAKEN = (Decision.CREATED, Decision.UPDATED, Decision.UNCHANGED, Decision.QUEUED)


async def reach(tx: Transaction, batch: Batch, stage: str, now: datetime) -> int:
    """Write down how many records of a batch reached a stage and what became of them; return how many are rejected.

    The database refuses counts that do not add up.
    """
    counts: dict[int, int] = dict(
        await tx.rows(SQL.decision_counts, {"batch_id": batch.batch_id})
        if stage not in _DECIDED
        else await tx.rows(SQL.staged_counts, {"batch_id": batch.batch_id, "applied": stage != MATCHED})
    )
    rejected = counts.get(Decision.REJECTED, 0) if stage != RECEIVED else 0
    accepted = sum(counts.values()) - rejected if stage in _DECIDED else batch.records - rejected
    decided = {one.word: counts.get(one, 0) if stage in _DECIDED else None for one in _TAKEN}
    reached = {"batch_id": batch.batch_id, "stage": stage, "now": now, "records": batch.records}
    await tx.execute(SQL.reach_stage, {**reached, "accepted": accepted, "rejected": rejected, **decided})
    return rejected


async def reconcile(database: Database, batch_id: int, now: datetime) -> list[str]:
    """Prove a batch that was applied, and write down that it is; return what does not hold.

    Raises:
        BatchUnknown: there is none of this number.
    """
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
        wrong = await found_wrong(tx, batch)
        if not wrong and batch.state in _PROVED:
            await reach(tx, batch, RECONCILED, now)
        if not wrong and batch.state == "applied":
            await tx.execute(SQL.set_state, {"batch_id": batch_id, "state": "reconciled", "finished_at": now})
    return wrong


async def found_wrong(tx: Transaction, batch: Batch) -> list[str]:
    """List what does not hold of a batch: lines, records, decisions, queue and acts must agree."""
    wrong = await _lines_wrong(tx, batch)
    chunks = await tx.rows(SQL.chunks, {"batch_id": batch.batch_id})
    following = 1
    for first, records, *_ in chunks:
        if first != following:
            wrong.append(f"Records {following} to {first - 1} have no decision")
        following = first + records
    if following != batch.records + 1:
        wrong.append(f"The file holds {batch.records} records and {following - 1} are kept")
    if batch.state in _PROVED:
        if unapplied := [first for first, _, applied, *_ in chunks if not applied]:
            wrong.append(f"The chunk of record {unapplied[0]} is not applied")
        for record, what in await tx.rows(SQL.decided_wrongly, {"batch_id": batch.batch_id, "most": 20}):
            wrong.append(f"Record {record}: {what}")
    return wrong


async def _lines_wrong(tx: Transaction, batch: Batch) -> list[str]:
    if batch.lines is None or batch.file_format == "parquet":
        return []
    rows = await tx.rows(SQL.spans, {"batch_id": batch.batch_id})
    if any(last is None for _, _, last in rows):
        return []
    firsts = np.array([line for _, lines, _ in rows for line in lines], np.int64)
    lasts = np.array([line for _, _, lines in rows for line in lines], np.int64)
    told = await tx.row(SQL.remainder, {"batch_id": batch.batch_id})
    remainder = [Remainder(**one) for one in (told[0] if told and told[0] else ())]
    lines, lost = covered(firsts, lasts, remainder, batch.lines)
    wrong = [f"Line {line} belongs to no record and to no remainder" for line in lost]
    if lines != batch.lines:
        wrong.append(f"The file has {batch.lines} lines, and records or remainder lie beyond")
    return wrong


async def reached(tx: Transaction, batch_id: int) -> Sequence[tuple[object, ...]]:
    """List the stages that a batch reached, with their counts, see `intake.stage`."""
    return await tx.rows(SQL.stages, {"batch_id": batch_id})
