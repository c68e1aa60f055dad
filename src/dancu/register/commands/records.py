"""Commands on records: a number is cancelled, records are merged, and a merge is undone."""

from datetime import datetime

from dancu.infra.db import Transaction
from dancu.kernel.time import today
from dancu.register import merging, store
from dancu.register.act import ActHeader
from dancu.register.commands.acting import Recorded, carried_out, done_before, lives_of, standing
from dancu.register.decisions import records as record_acts
from dancu.register.decisions.records import NotMerged, Undone
from dancu.register.ledger import Event
from dancu.register.life import Life
from dancu.register.projection import Locate
from dancu.register.store import History


async def cancel_number(
    tx: Transaction, *, header: ActHeader, person_id: int, reason: str, now: datetime, locate: Locate
) -> Recorded:
    """Cancel the personal number in force; it stays findable, and `establish_number` gives another.

    Raises:
        PersonUnknown: no such person is in scope.
        Gone: the record was annulled.
        Refused: by `rules.records.NUMBER_CANCEL`.

    Law: Thông tư 59/2021/TT-BCA, Điều 6.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    decided = record_acts.number_cancelled(standing(histories)[person_id], reason, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def merge_records(
    tx: Transaction,
    *,
    header: ActHeader,
    survivor_id: int,
    merged_id: int,
    reason: str,
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Merge a record into another one of the same person, which carries on with both ledgers.

    The numbers of the merged record are cancelled and lead to the survivor.

    Raises:
        PersonUnknown: one of the two is not in scope.
        Invalid: a household would have two heads.
        Refused: by `rules.records.MERGE`.

    Law: Luật Căn cước 26/2023/QH15, Điều 12.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [survivor_id, merged_id])
    lives_of(histories)
    records = {person_id: _record(history) for person_id, history in histories.items()}
    decided = record_acts.merge(records[survivor_id], records[merged_id], reason, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def unmerge_records(
    tx: Transaction, *, header: ActHeader, merged_id: int, reason: str, now: datetime, locate: Locate
) -> Recorded:
    """Undo a merge: each record is told by its own ledger again, with what was filed under it meanwhile.

    Events of which no rule can tell whom they mean become questions for a clerk; see `questions.open_questions`.

    Raises:
        PersonUnknown: no such person is in scope.
        NotMerged: the record is not merged into another one.
        Invalid: a household would have two heads.
    """
    if done := await done_before(tx, header):
        return done
    seen = await store.history(tx, merged_id)
    if not seen.events:
        raise store.PersonUnknown("No such person is open to you")
    standing_merge = merging.merged_into(seen.events)
    if standing_merge is None:
        raise NotMerged("This record is not merged into another one")
    survivor_id = standing_merge.record
    await store.open_person(tx, survivor_id)
    histories = await store.locked(tx, [merged_id, survivor_id])
    undone = Undone(histories[survivor_id].events, histories[merged_id].events, _all_ledgers(histories))
    decided = record_acts.unmerge(undone, reason, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


def _record(history: History) -> Life:
    if history.record is None:
        raise store.PersonUnknown("No such person is open to you")
    return history.record


def _all_ledgers(histories: dict[int, History]) -> dict[int, tuple[Event, ...]]:
    ledgers: dict[int, tuple[Event, ...]] = {}
    for person_id, history in histories.items():
        ledgers[person_id] = history.events
        survivor = history.survivor
        for of in (history, survivor):
            ledgers |= {one: tuple(events) for one, events in (of.ledgers if of else {}).items()}
    return ledgers
