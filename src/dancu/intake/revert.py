"""Taking a whole batch back: its events are annulled, nothing is deleted."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from dancu.infra.db import Database
from dancu.intake import store
from dancu.intake.loading import Loader, request_id
from dancu.intake.logged import note
from dancu.intake.store import SQL
from dancu.kernel.errors import Conflict
from dancu.register import commands
from dancu.register.commands.annulments import AlreadyAnnulled
from dancu.register.kinds import EventKind
from dancu.register.territory import locate

_AT_ONCE = 6


class AlreadyReverted(Conflict):
    """The batch was taken back before."""


@dataclass(frozen=True)
class Reverted:
    """What became of a batch that was taken back.

    Args:
        annulled: events that count no more.
        kept: persons on whom something else happened since; a clerk must decide on them.
    """

    batch: int
    annulled: int
    kept: tuple[int, ...]


async def revert(
    database: Database, batch_id: int, *, now: datetime, progress: Callable[[int], None] = lambda _: None
) -> Reverted:
    """Take a batch back; one that was interrupted goes on.

    A person on whom later events of others rest is kept as he or she is, and listed, and so is whoever the
    batch married to such a person.

    Raises:
        BatchUnknown: there is no such batch.
        AlreadyReverted: it was taken back before.
    """
    async with database.transaction(scope="nation") as tx:
        batch = await store.batch(tx, batch_id)
        if batch.state == "reverted":
            raise AlreadyReverted("This batch was taken back before")
        rows = await tx.rows(SQL.events_of_batch, {"batch_id": batch_id})
        await note(tx, "revert", batch_id, persons=len({row[0] for row in rows}), now=now)
    kept: set[int] = set()
    for person_id, group in groupby(rows, key=lambda row: row[0]):
        events = list(group)
        first, version = events[0][1], events[-1][3]
        annulments = version - first + 1 - len(events)
        # What came after the batch's first event must be the batch's own, or its annulment by an earlier try.
        if annulments and not await _all_ours(database, person_id, first, batch_id):
            kept.add(person_id)
    kept = _with_spouses(rows, kept)
    todo = [(row[0], row[1]) for row in sorted(rows, key=lambda row: (row[0], -row[1])) if row[0] not in kept]
    await _annul(database, batch_id, batch.source, todo, now, progress)
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.mark_reverted, {"batch_id": batch_id, "now": now})
    return Reverted(batch_id, len(todo), tuple(sorted(kept)))


def _with_spouses(rows: Sequence[Sequence[int]], kept: set[int]) -> set[int]:
    """Add to the kept whoever the batch married to them: a marriage stands for both, or for neither."""
    married = [(person_id, act_id) for person_id, _, act_id, _, kind in rows if kind == EventKind.MARRIAGE_REGISTERED]
    before: set[int] = set()
    while kept != before:
        acts = {act_id for person_id, act_id in married if person_id in kept}
        before, kept = kept, kept | {person_id for person_id, act_id in married if act_id in acts}
    return kept


async def _all_ours(database: Database, person_id: int, since_seq: int, batch_id: int) -> bool:
    async with database.transaction(scope="nation") as tx:
        parameters = {"person_id": person_id, "since_seq": since_seq, "batch_id": batch_id}
        row = await tx.row(SQL.strangers_since, parameters)
    return bool(row and row[0] == 0)


async def _annul(
    database: Database,
    batch_id: int,
    source: str,
    todo: list[tuple[int, int]],
    now: datetime,
    progress: Callable[[int], None],
) -> None:
    """Annul events, several persons at once and the events of one person from the last to the first."""
    by_person = [list(group) for _, group in groupby(todo, key=lambda one: one[0])]

    async def worker() -> None:
        while by_person:
            for person_id, seq in by_person.pop():
                request = request_id(batch_id, seq, f"revert:{person_id}")
                # A marriage falls with the first of the two.
                with suppress(AlreadyAnnulled):
                    async with database.transaction(scope="nation") as tx:
                        await commands.annul_event(
                            tx,
                            header=Loader.header(source, batch_id=batch_id, request=request),
                            person_id=person_id,
                            seq=seq,
                            reason="batch_reverted",
                            now=now,
                            locate=locate,
                        )
                progress(1)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(worker())
