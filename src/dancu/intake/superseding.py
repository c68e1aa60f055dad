"""A corrected file takes the place of an earlier one: what differs is applied, what is no longer in it is withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from dancu.infra.db import Database, Transaction
from dancu.intake import store
from dancu.intake.decisions import Reason
from dancu.intake.store import SQL, Batch
from dancu.intake.undoing import undo


@dataclass(frozen=True)
class Withdrawn:
    """What was no longer in a corrected file.

    Args:
        persons: whom it does not tell of any more.
        left: how many of their events stand, for a clerk.
    """

    persons: int
    left: int


NOTHING = Withdrawn(0, 0)


async def acts_of(tx: Transaction, batch_id: int | None) -> frozenset[int]:
    """Return the acts of the batch that is superseded; none where there is none."""
    if batch_id is None:
        return frozenset()
    return frozenset(row[0] for row in await tx.rows(SQL.acts_of_batch, {"batch_id": batch_id}))


async def as_before(tx: Transaction, batch: Batch, first_record: int, records: int) -> Mapping[int, int]:
    """Return, by record of a chunk, the person of the very same record of the superseded file."""
    if batch.supersedes is None:
        return MappingProxyType({})
    asked = {"batch_id": batch.supersedes, "own": batch.batch_id, "first_record": first_record}
    rows = await tx.rows(SQL.as_before, asked)
    return {record: person_id for record, person_id in rows if record < first_record + records}


async def withdraw(database: Database, batch: Batch, now: datetime) -> Withdrawn:
    """Take back what the superseded file told of persons who are not in the corrected one, and close it.

    Its events are annulled under the number of the corrected batch. `left_standing` of the superseded one lists what
    waits for a clerk, and its result tells which records are gone. What it queued is settled: it came again, or was
    wrong.
    """
    if batch.supersedes is None:
        return NOTHING
    async with database.transaction(scope="nation") as tx:
        former = await store.batch(tx, batch.supersedes)
        asked = {"former": former.batch_id, "batch_id": batch.batch_id}
        gone = {row[0] for row in await tx.rows(SQL.no_longer_told, asked)}
        await tx.execute(SQL.drop_queued, {"batch_id": former.batch_id, "now": now})
    undone = await undo(database, former, of=gone, by=batch.batch_id, now=now) if gone else None
    async with database.transaction(scope="nation") as tx:
        if gone:
            told = {"batch_id": former.batch_id, "persons": sorted(gone), "reason": int(Reason.WITHDRAWN)}
            await tx.execute(SQL.note_withdrawn, told)
        await tx.execute(SQL.set_state, {"batch_id": former.batch_id, "state": "superseded", "finished_at": now})
    return Withdrawn(len(gone), len(undone.left) if undone else 0)
