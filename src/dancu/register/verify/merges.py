"""Merged records: where each leads, and the ledgers by which a survivor is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

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


Item = TypeVar("Item")

_AT_ONCE = 1_000


def in_batches(items: Sequence[Item], size: int = _AT_ONCE) -> Iterator[Sequence[Item]]:
    """Yield items in batches, so that what each needs is read at once and then forgotten."""
    return (items[first : first + size] for first in range(0, len(items), size))


class Shelf:
    """Ledgers that are read many at once."""

    def __init__(self, connection: Connection) -> None:
        """Begin with none."""
        self._connection = connection
        self._ledgers: dict[int, list[Event]] = {}

    def fetch(self, records: Iterable[int]) -> None:
        """Read the ledgers of records, and of all that these ever absorbed, unless they are here."""
        waiting = set(records) - self._ledgers.keys()
        while waiting:
            self._ledgers |= {record: [] for record in waiting}
            rows = self._connection.execute(SQL.events_of.encode(), {"person_ids": sorted(waiting)})
            for record, events in groupby(rows, key=lambda row: int(row[0])):
                self._ledgers[record] = _events(events)
            waiting = {one for record in waiting for one in merging.ever_absorbed(self._ledgers[record])}
            waiting -= self._ledgers.keys()

    def ledger(self, record: int) -> list[Event]:
        """Return the ledger of one record; what can't be read is left out, since its own check tells that."""
        self.fetch((record,))
        return self._ledgers[record]

    def absorbed(self, events: Sequence[Event]) -> dict[int, list[Event]]:
        """Return the ledgers of all that a record ever absorbed."""
        ledgers: dict[int, list[Event]] = {}
        waiting = merging.ever_absorbed(events)
        while waiting:
            record = waiting.pop()
            if record not in ledgers:
                ledgers[record] = self.ledger(record)
                waiting |= merging.ever_absorbed(ledgers[record])
        return ledgers

    def clear(self) -> None:
        """Forget them."""
        self._ledgers.clear()


def _events(rows: Iterable[Sequence[Any]]) -> list[Event]:
    events = []
    for row in rows:
        try:
            events.append(event_of(row))
        except (DancuError, msgspec.MsgspecError, ValueError):
            return events
    return events


class Survivors:
    """Which record carries on for another one, as the rows tell."""

    def __init__(self, connection: Connection) -> None:
        """Read every merged record; there are few."""
        found = connection.execute(SQL.merged_records.encode()).fetchall()
        self._into: Mapping[int, int | None] = dict(found)
        self._shelf = Shelf(connection)
        self._lives: dict[int, Life | None] = {}

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

    def fetch(self, records: Iterable[int]) -> None:
        """Read at once what the lives of records will be told by."""
        named = set(records)
        self._shelf.fetch(named | {one for record in named if (one := self.of(record)) is not None})

    def turn_to(self, records: Iterable[int]) -> None:
        """Forget what was read before, and read what the lives of these records will be told by."""
        self._shelf.clear()
        self._lives.clear()
        self.fetch(records)

    def ledger(self, record: int) -> list[Event]:
        """Return the ledger of one record; what can't be read is left out, since its own check tells that."""
        return self._shelf.ledger(record)

    def life_of(self, person_id: int) -> Life | None:
        """Return the life of the person of a record, from all ledgers that tell it."""
        here = self.of(person_id)
        if here is None:
            return None
        if here not in self._lives:
            events = self.ledger(here)
            self._lives[here] = fold(events, ledgers=self._shelf.absorbed(events))
        return self._lives[here]

    def spouses_of(self, person_id: int) -> set[int | None]:
        """Return the records of all to whom a person is married, as the person's own ledgers tell."""
        life = self.life_of(person_id)
        lasting = (m.spouse.person_id for m in life.marriages if m.until is None) if life else ()
        return {self.of(one) if one else None for one in lasting}

    def differences(self) -> Iterator[Difference]:
        """Yield every merged record that does not lead to one that carries on, and that knows of it."""
        for batch in in_batches(list(self._into.items())):
            self.turn_to({one for pair in batch for one in pair if one is not None})
            for person_id, into in batch:
                yield from self._astray(person_id, into)

    def _astray(self, person_id: int, into: int | None) -> Iterator[Difference]:
        survivor = self.of(person_id)
        if survivor is None or into is None:
            yield Difference("person", "not so: merged record leads to another", person_id)
            return
        life = self.life_of(survivor)
        if life is None or life.status in {PersonStatus.MERGED, PersonStatus.ANNULLED}:
            yield Difference("person", "not so: merged record leads to one that stands", person_id)
        if person_id not in {merge.record for merge in merging.absorbed(self.ledger(into))}:
            yield Difference("person", "not so: survivor knows the merged record", person_id)
