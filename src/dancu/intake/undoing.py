"""Taking back what a batch told of some persons: its events are annulled, nothing is deleted."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from dancu.infra.db import Database, Transaction
from dancu.intake.applying import header_of, request_id
from dancu.intake.store import SQL, Batch
from dancu.intake.survivorship.kept import forget_batch
from dancu.kernel.errors import DancuError, Unavailable
from dancu.register import commands, merging
from dancu.register.act import ActHeader
from dancu.register.commands.annulments import AlreadyAnnulled
from dancu.register.decisions.records import NotMerged
from dancu.register.histories import History, history
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import annulled
from dancu.register.questions import open_questions
from dancu.register.territory import locate

_AT_ONCE = 6
_MARKS = merging.MARKS | {EventKind.EVENT_ANNULLED}

OTHERS_REST_ON_IT = "others_rest_on_it"
WHO_IS_MEANT = "who_is_meant"


@dataclass(frozen=True)
class Left:
    """An event that stands, since undoing it takes a clerk, and why."""

    person_id: int
    seq: int
    reason: str


@dataclass(frozen=True)
class Undone:
    """What was taken back.

    Args:
        annulled: events that count no more.
        left: events that stand, for a clerk.
    """

    annulled: int
    left: tuple[Left, ...]


async def undo(
    database: Database,
    batch: Batch,
    *,
    of: Collection[int] | None = None,
    by: int | None = None,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Undone:
    """Annul the events of a batch, several persons at once and those of one person from the last to the first.

    An interrupted run goes on where it was. Records that the batch merged are told apart again. What can't be undone
    without a clerk stays, and is written down: the establishment of somebody of whom others told meanwhile, and what
    the law lets nobody annul while later acts rest on it.

    Args:
        of: persons; None: all of the batch.
        by: the batch under which it is done; None: the batch itself.
    """
    async with database.transaction(scope="nation") as tx:
        rows = await tx.rows(SQL.events_of_batch, {"batch_id": batch.batch_id})
    wanted = rows if of is None else [row for row in rows if row[0] in of]
    undoing = _Undoing(database, batch, by or batch.batch_id, now, frozenset(row[2] for row in rows))
    merges = [row for row in wanted if row[4] == EventKind.RECORD_MERGED]
    for some in (merges, [row for row in wanted if row[4] not in _MARKS]):  # who was merged must be two again first
        waiting = [list(group) for _, group in groupby(some, key=lambda row: row[0])]
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(_worker(undoing, waiting, progress))
    async with database.transaction(scope="nation") as tx:
        await forget_batch(tx, batch.batch_id, of)
    return Undone(undoing.annulled, tuple(sorted(undoing.left, key=lambda one: (one.person_id, one.seq))))


async def _worker(undoing: "_Undoing", waiting: list[list[tuple[Any, ...]]], progress: Callable[[int], None]) -> None:
    while waiting:
        events = waiting.pop()
        for person_id, seq, _, _, kind in reversed(events):
            await undoing.event(person_id, seq, EventKind(kind))
        progress(len(events))


class _Undoing:
    """Undoes the events of one batch, one after another."""

    def __init__(self, database: Database, batch: Batch, by: int, now: datetime, acts: frozenset[int]) -> None:
        self.annulled = 0
        self.left: list[Left] = []
        self._database = database
        self._batch = batch
        self._by = by
        self._now = now
        self._acts = acts

    async def event(self, person_id: int, seq: int, kind: EventKind) -> None:
        """Undo one event, or write down why it stands."""
        try:
            async with self._database.transaction(scope="nation") as tx:
                found = await history(tx, person_id)
                if seq in annulled(found.events):
                    return
                if kind is EventKind.RECORD_MERGED:
                    await self._unmerge(tx, found)
                elif kind in GENESIS and self._told_by_others(found):
                    await self._leave(tx, person_id, seq, OTHERS_REST_ON_IT)
                else:
                    await self._annul(tx, person_id, seq)
        except (AlreadyAnnulled, NotMerged):
            return  # with the other one of the two
        except Unavailable:
            raise
        except DancuError as error:
            async with self._database.transaction(scope="nation") as tx:
                await self._leave(tx, person_id, seq, _word(error))

    async def _annul(self, tx: Transaction, person_id: int, seq: int) -> None:
        done = await commands.annul_event(
            tx,
            header=self._header(seq, f"revert:{person_id}"),
            person_id=person_id,
            seq=seq,
            reason="batch_reverted",
            now=self._now,
            locate=locate,
        )
        self.annulled += not done.repeated

    async def _unmerge(self, tx: Transaction, found: History) -> None:
        merge = merging.merged_into(found.events)
        if merge is None:
            return  # the survivor's ledger: it is undone from the merged one
        merged_id = found.events[0].person_id
        done = await commands.unmerge_records(
            tx,
            header=self._header(len(found.events), f"unmerge:{merged_id}"),
            merged_id=merged_id,
            reason="batch_reverted",
            now=self._now,
            locate=locate,
        )
        self.annulled += 1
        for question in await open_questions(tx, of_person=merged_id):
            if question.act_id == done.act_id:
                await self._leave(tx, question.person_id, question.seq, WHO_IS_MEANT)

    def _told_by_others(self, found: History) -> bool:
        fallen = annulled(found.events)
        return any(
            event.act_id not in self._acts and event.seq not in fallen and event.kind not in _MARKS
            for event in found.events
        )

    async def _leave(self, tx: Transaction, person_id: int, seq: int, reason: str) -> None:
        self.left.append(Left(person_id, seq, reason))
        told = {"batch_id": self._batch.batch_id, "person_id": person_id, "seq": seq}
        await tx.execute(SQL.leave_standing, {**told, "reason": reason, "now": self._now})

    def _header(self, seq: int, role: str) -> ActHeader:
        request = request_id(self._batch.batch_id, seq, role)
        return header_of(self._batch.source, batch_id=self._by, request=request)


def _word(error: DancuError) -> str:
    """The kind of an error as a word: NeededByLaterActs is needed_by_later_acts."""
    name = type(error).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
