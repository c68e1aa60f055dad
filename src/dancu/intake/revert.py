"""Taking a whole batch back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dancu.infra.db import Database
from dancu.intake import store
from dancu.intake.logged import note
from dancu.intake.staging import spool_folder, spooled
from dancu.intake.store import SQL
from dancu.intake.undoing import Left, undo
from dancu.kernel.errors import Conflict


class AlreadyReverted(Conflict):
    """The batch was taken back before."""


@dataclass(frozen=True)
class Reverted:
    """What became of a batch that was taken back.

    Args:
        annulled: events that count no more.
        left: events that stand, since undoing them takes a clerk.
    """

    batch: int
    annulled: int
    left: tuple[Left, ...]

    @property
    def kept(self) -> tuple[int, ...]:
        """The persons of whom something stands."""
        return tuple(sorted({one.person_id for one in self.left}))


async def revert(
    database: Database,
    batch_id: int,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
    folder: Path | None = None,
) -> Reverted:
    """Take a batch back, also when other batches and events came later; one that was interrupted goes on.

    Its records in the queue are settled with it, and those on disk removed. What stands is listed by `left_standing`,
    too.

    Args:
        folder: where the records of batches lie until they are applied.

    Raises:
        BatchUnknown: there is no such batch.
        AlreadyReverted: it was taken back before.
    """
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
        if batch.state == "reverted":
            raise AlreadyReverted("This batch was taken back before")
        await tx.execute(SQL.drop_queued, {"batch_id": batch_id, "now": now})
        await note(tx, "revert", batch_id, persons=batch.records, now=now)
    undone = await undo(database, batch, now=now, progress=progress)
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.set_state, {"batch_id": batch_id, "state": "reverted", "finished_at": now})
    await asyncio.to_thread(spooled(folder or spool_folder(), batch_id).unlink, missing_ok=True)
    return Reverted(batch_id, undone.annulled, undone.left)


async def left_standing(database: Database, batch_id: int) -> list[Left]:
    """List what taking a batch back, or its correction, left for a clerk."""
    async with database.transaction(scope="nation") as tx:
        return await tx.all(Left, SQL.left_standing, {"batch_id": batch_id})
