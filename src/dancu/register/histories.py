"""Ledgers of persons, read and locked: each with what else tells the life, where records were merged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from dancu.infra.db import Asked, Transaction
from dancu.infra.sql import Queries
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Gone, NotFound, Stale
from dancu.register import merging, payloads
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.life import Life
from dancu.register.merging import Ledgers
from dancu.register.model import fold, of_record

SQL = Queries("dancu.register")


class PersonUnknown(NotFound):
    """No such person, or none that the caller's scope or dossier opens."""


class ChangedMeanwhile(Stale):
    """Another act touched the person after it was read; read again and decide again."""


class RecordMerged(Gone):
    """The record was merged into another one, which carries on."""

    def __init__(self, survivor_id: int) -> None:
        super().__init__("This record was merged into another one")
        self.survivor_id = survivor_id


@dataclass(frozen=True)
class History:
    """The ledger of one person: events in order, and the hash of the last.

    Args:
        ledgers: of the records that this one absorbed.
        survivor: of a merged record, the one that carries on.
    """

    events: tuple[Event, ...]
    head: bytes
    ledgers: Ledgers = field(default_factory=dict)
    survivor: "History | None" = None

    @cached_property
    def record(self) -> Life | None:
        """The record as the ledger tells it; a merged one is a shell. Folded once."""
        return fold(self.events, ledgers=self.ledgers)

    def as_of(self, *, on: date | None = None, as_known_at: datetime | None = None) -> Life | None:
        """Return the record on a day, as known at a moment; see `fold`."""
        return fold(self.events, on=on, as_known_at=as_known_at, ledgers=self.ledgers)

    @property
    def life(self) -> Life | None:
        """The life of the person; of a merged record that of the survivor, under the id of the record."""
        if self.survivor is None:
            return self.record
        life = self.survivor.record
        return of_record(life, self.events[0].person_id) if life else None


EMPTY = History((), b"")


async def act_of_request(tx: Transaction, request_id: UUID) -> tuple[int, int] | None:
    """Return (act id, subject's person id) of a request that was carried out before."""
    row = await tx.row(SQL.act_of_request, {"request_id": request_id})
    return (row[0], row[1]) if row else None


async def open_person(tx: Transaction, person_id: int) -> None:
    """Open a person whom this transaction establishes, or whom its act touches by law, beside the dossier's.

    A masked record is opened as well: the act needs no reason besides its own.
    """
    row = await tx.row(SQL.opened)
    opened, unmasked = row or ("", "")
    tx.set_local(opened=_with(opened, person_id), unmasked=_with(unmasked, person_id))


def _with(ids: str | None, one: int) -> str:
    return f"{ids},{one}" if ids else str(one)


async def history(tx: Transaction, person_id: int) -> History:
    """Read the ledger of a person; empty where there is none in scope."""
    return await _completed(tx, _history(await tx.rows(SQL.events_of_person, {"person_id": person_id})), lock=False)


async def _completed(tx: Transaction, found: History, *, lock: bool) -> History:
    """Read what else tells the life: the ledgers that the record absorbed, or the one that it was merged into.

    Whoever sees the one record may read the other: they are of one person.
    """
    if not merging.concerns(found.events):
        return found
    ledgers = await _absorbed(tx, found)
    if merge := merging.merged_into(found.events):
        survivor = await _opened_history(tx, merge.record, lock=lock)
        survivor = await _completed(tx, survivor, lock=lock)
        return replace(found, ledgers=ledgers, survivor=survivor.survivor or survivor)
    return replace(found, ledgers=ledgers)


async def _absorbed(tx: Transaction, found: History) -> dict[int, tuple[Event, ...]]:
    """Read the ledgers of all records that one ever absorbed, so that any moment can be told."""
    ledgers: dict[int, tuple[Event, ...]] = {}
    waiting = merging.ever_absorbed(found.events)
    while waiting:
        record = waiting.pop()
        if record not in ledgers:
            ledgers[record] = (await _opened_history(tx, record, lock=False)).events
            waiting |= merging.ever_absorbed(ledgers[record])
    return ledgers


async def _opened_history(tx: Transaction, person_id: int, *, lock: bool) -> History:
    await open_person(tx, person_id)
    if lock:
        await tx.rows(SQL.person_for_update, {"person_id": person_id})
    return _history(await tx.rows(SQL.events_of_person, {"person_id": person_id}))


async def standing_history(tx: Transaction, person_id: int) -> History:
    """Read the ledger of a person whose record stands, for whoever asks for it.

    Raises:
        PersonUnknown: the person is not in scope, or not there.
        RecordMerged: the record was merged into another one, which is in scope.
    """
    found = await history(tx, person_id)
    if found.record is None:
        survivor_id = await survivor_of(tx, person_id)
        if survivor_id == person_id or not (await history(tx, survivor_id)).events:
            raise PersonUnknown("No such person is open to you")
        raise RecordMerged(survivor_id)
    if found.survivor:
        raise RecordMerged(found.survivor.events[0].person_id)
    return found


async def survivor_of(tx: Transaction, person_id: int) -> int:
    """Return the record that carries on for a merged one; for any other, itself."""
    row = await tx.row(SQL.survivor_of, {"person_id": person_id})
    return int(row[0]) if row and row[0] else person_id


async def locked(tx: Transaction, person_ids: Iterable[int]) -> dict[int, History]:
    """Lock persons, in the order of their ids so that two acts can't wait for each other, and read their ledgers.

    Raises:
        PersonUnknown: one of them is not in scope.
    """
    return (await locked_unless_done(tx, person_ids, None))[1]


async def locked_unless_done(
    tx: Transaction, person_ids: Iterable[int], request_id: UUID | None
) -> tuple[tuple[int, int] | None, dict[int, History]]:
    """Ask for the act of a request and lock persons, all in one round trip; see `act_of_request` and `locked`.

    Raises:
        PersonUnknown: one of them is not in scope, and the request was not carried out.
    """
    ids = sorted(set(person_ids))
    locks: list[Asked] = [(SQL.person_for_update, {"person_id": one}) for one in ids]
    ledgers: list[Asked] = [(SQL.events_of_person, {"person_id": one}) for one in ids]
    request: list[Asked] = [(SQL.act_of_request, {"request_id": request_id})] if request_id else []
    answers = [rows for _, rows in await tx.together(*locks, *ledgers, *request)]
    if request and answers[-1]:
        act_id, subject_id = answers[-1][0]
        return (act_id, subject_id), {}
    found: dict[int, History] = {}
    for one, lock, ledger in zip(ids, answers, answers[len(ids) :], strict=False):
        if not lock:
            raise PersonUnknown("No such person is open to you")
        found[one] = _history(ledger)
        if lock[0][1] != len(found[one].events):
            raise ChangedMeanwhile("The record does not stand as its ledger tells")
    return None, {one: await _completed(tx, history, lock=True) for one, history in found.items()}


def event_of(row: Sequence[Any]) -> Event:
    """Read a row of `events_of_person`."""
    person_id, seq, kind, valid_on, known_at, act_id, payload = row[:7]
    return Event(person_id, seq, EventKind(kind), PartialDate(valid_on), known_at, act_id, payloads.decode(payload))


def _history(rows: Sequence[Sequence[Any]]) -> History:
    return History(tuple(event_of(row) for row in rows), bytes(rows[-1][7]) if rows else b"")
