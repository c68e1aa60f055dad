"""Merged records: where each leads, and the ledgers by which a survivor is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus
from dancu.kernel.errors import DancuError
from dancu.register import merging
from dancu.register.ledger import Event
from dancu.register.life import Life
from dancu.register.model import fold
from dancu.register.store import event_of
from dancu.register.verify.lives import Difference

SQL = Queries("dancu.register.verify")

Connection = psycopg.Connection[Any]


def ledger(connection: Connection, person_id: int) -> list[Event]:
    """Read the ledger of one record; what can't be read is left out, since its own check tells that."""
    return _events(connection.execute(SQL.events.encode(), {"first": person_id, "last": person_id}).fetchall())


def _events(rows: Iterable[Sequence[Any]]) -> list[Event]:
    events = []
    for row in rows:
        try:
            events.append(event_of(row))
        except (DancuError, msgspec.MsgspecError, ValueError):
            return events
    return events


def absorbed_ledgers(connection: Connection, events: Sequence[Event]) -> dict[int, list[Event]]:
    """Read the ledgers of all that a record ever absorbed."""
    ledgers: dict[int, list[Event]] = {}
    waiting = merging.ever_absorbed(events)
    while waiting:
        record = waiting.pop()
        if record not in ledgers:
            ledgers[record] = ledger(connection, record)
            waiting |= merging.ever_absorbed(ledgers[record])
    return ledgers


class Survivors:
    """Which record carries on for another one, as the rows tell."""

    def __init__(self, connection: Connection) -> None:
        """Read every merged record; there are few."""
        self._connection = connection
        found = connection.execute(SQL.merged_records.encode()).fetchall()
        self._into: Mapping[int, int | None] = dict(found)

    def of(self, person_id: int) -> int | None:
        """Return the record that carries on, or None where the chain ends in itself or in nothing."""
        seen: set[int] = set()
        here: int | None = person_id
        while here is not None and here in self._into:
            if here in seen:
                return None
            seen.add(here)
            here = self._into[here]
        return here

    def life_of(self, person_id: int) -> Life | None:
        """Return the life of the person of a record, from all ledgers that tell it."""
        here = self.of(person_id)
        if here is None:
            return None
        events = ledger(self._connection, here)
        return fold(events, ledgers=absorbed_ledgers(self._connection, events))

    def spouses_of(self, person_id: int) -> set[int | None]:
        """Return the records of all to whom a person is married, as the person's own ledgers tell."""
        life = self.life_of(person_id)
        lasting = (m.spouse.person_id for m in life.marriages if m.until is None) if life else ()
        return {self.of(one) if one else None for one in lasting}

    def differences(self) -> Iterator[Difference]:
        """Yield every merged record that does not lead to one that carries on, and that knows of it."""
        for person_id, into in self._into.items():
            survivor = self.of(person_id)
            if survivor is None or into is None:
                yield Difference("person", "not so: merged record leads to another", person_id)
                continue
            life = self.life_of(survivor)
            if life is None or life.status in {PersonStatus.MERGED, PersonStatus.ANNULLED}:
                yield Difference("person", "not so: merged record leads to one that stands", person_id)
            if person_id not in {merge.record for merge in merging.absorbed(ledger(self._connection, into))}:
                yield Difference("person", "not so: survivor knows the merged record", person_id)
