"""Applying the plain records of a chunk set by set, in one transaction: creations by COPY, updates table by table.

What is not plain is left to `dancu.intake.applying`: couples, records established again, a second record about one
person of the chunk, persons who were merged or are masked.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import psycopg
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.keys import KeyRing
from dancu.intake.applying import request_id
from dancu.intake.decisions import Decision, Reason
from dancu.intake.news import news as news_of
from dancu.intake.news import repeats, told_by
from dancu.intake.plan import Planned
from dancu.intake.store import SQL
from dancu.intake.survivorship.kept import Known
from dancu.intake.survivorship.taking import Shelf
from dancu.intake.survivorship.weighing import Teller, Weighed, weigh
from dancu.kernel.codes import IdentifierScheme
from dancu.kernel.dates import PartialDate
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register.act import ActHeader
from dancu.register.bulk import BulkLoad, Prepared, Telling, Together, plain_histories
from dancu.register.histories import History
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload
from dancu.register.sensitive import opened
from dancu.register.territory import locate

_UPDATES = {False: (EventKind.PARTICULARS_UPDATED, "updated"), True: (EventKind.PARTICULARS_CORRECTED, "corrected")}
_SPOUSE = (
    ("spouse_id", pa.int64()),
    *((f"spouse_{part}", pa.string()) for part in ("number", "surname", "middle", "given")),
)
_ORDINALS = (("cmnd9", IdentifierScheme.CMND9), ("passport", IdentifierScheme.PASSPORT))


def plain(planned: Sequence[Planned]) -> list[Planned]:
    """Return the records that can be applied set by set: of each person, the first in the chunk."""
    touched = set[int]()
    found = []
    for one in planned:
        first = not touched.intersection(one.persons)
        touched.update(one.persons)
        if first and one.telling is not None and one.spouse is None and one.reason is not Reason.ANNULLED_BEFORE:
            found.append(one)
    return found


@dataclass(frozen=True)
class Set:
    """A chunk as it is written: where its decisions stand, its records, and what was planned."""

    batch_id: int
    first_record: int
    table: pa.Table
    planned: Sequence[Planned]


@dataclass(frozen=True)
class News:
    """What a record tells of a known person that the register does not know.

    Args:
        told: None: nothing.
        corrects: it takes the place of what the superseded batch told.
        weighed: what of the record is kept beside the ledger; None: nothing.
    """

    told: Payload | None
    corrects: bool = False
    weighed: Weighed | None = None


@dataclass(frozen=True)
class Ready:
    """A chunk of which it is known what is new.

    Args:
        known: plain records about known persons, by person.
        histories: of these persons, as they were read; missing where the ledger alone doesn't tell the life.
        news: by person.
    """

    one: Set
    known: Mapping[int, Planned]
    histories: dict[int, History]
    news: dict[int, News]


class SetReader:
    """Finds out what is new, while the chunk before is still being written.

    Args:
        dsn: of a user who may act as the role that loads.
        header: of the acts of the batch: whose records they are.
        now: when the register is told.
        ring: opens sensitive facts.
        corrects: acts of the batch that this one supersedes: what they told may be told otherwise.
    """

    def __init__(
        self, dsn: str, *, header: ActHeader, now: datetime, ring: KeyRing, corrects: Collection[int] = ()
    ) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader")
        self._header = header
        self._now = now
        self._ring = ring
        self._shelf = Shelf(self._connection)
        self._corrects = frozenset(corrects)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ready(self, one: Set) -> Ready:
        """Read the ledgers of those whom a chunk is about, and compare."""
        known = {planned.person_id: planned for planned in plain(one.planned) if not planned.creates}
        histories = plain_histories(self._connection, known)
        return Ready(one, known, histories, self.news(known, histories))

    def news(self, known: Mapping[int, Planned], histories: Mapping[int, History]) -> dict[int, News]:
        """Return what records tell that ledgers do not, by person."""
        facts = self._shelf.known(histories)
        return {one: self._news(known[one], before, facts[one]) for one, before in histories.items()}

    def _news(self, planned: Planned, before: History, facts: Known) -> News:
        told = planned.told
        if told is None:
            return News(None)
        sensitive = any(value is not None for value in (told.religion, told.blood, told.phone, told.email))
        first = before.events[0]
        itself = len(before.events) == 1 and facts.acts[first.act_id].source == self._header.source
        if itself and not sensitive and repeats(first.payload, told):
            return News(None)
        life = before.record
        if life is None:
            return News(None)
        if life.sealed and sensitive:
            life = opened(life, self._ring)
        fresh = news_of(life, told).told
        corrected = news_of(life, told, told_by(before.events, self._corrects)).told if self._corrects else fresh
        corrects = corrected != fresh
        weighed = weigh(
            *(facts, before, life, told, corrected, self._teller(planned, facts)),
            on=today(self._now),
            ring=self._ring,
            may_win=not corrects,
        )
        return News(weighed.told, corrects, weighed)

    def _teller(self, planned: Planned, facts: Known) -> Teller:
        source = self._header.source or ""
        rests_on = facts.documents.of(source, today(self._now))
        at = (self._header.batch_id or 0, planned.record, self._now)
        return Teller(source, *at, confidence=planned.score, document=rests_on)


class SetWriter:
    """Writes chunks of one batch on a connection of its own.

    Args:
        dsn: of a user who may act as the role that loads.
        header: of every act; its request id is replaced by each chunk's.
        now: when the register records it.
        ring: seals sensitive facts.
        reader: finds out again what is new of those who were changed meanwhile.
    """

    def __init__(self, dsn: str, *, header: ActHeader, now: datetime, ring: KeyRing, reader: SetReader) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader")
        self._now = now
        self._reader = reader
        self._shelf = Shelf(self._connection)
        self._load = BulkLoad(self._connection, header=header, now=now, locate=locate, ring=ring)
        self._together = Together(self._connection, header=header, now=now, locate=locate, ring=ring)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def write(self, ready: Ready) -> set[int]:
        """Write what is plain, with the decisions on the chunk, and return the records that were done.

        Nothing is done where a number turned out to be another one's meanwhile.
        """
        one = ready.one
        try:
            with self._connection.transaction():
                done = self._update(ready) | self._create(one)
                self._connection.execute(SQL.written_chunk.encode(), decided(one))
        except psycopg.errors.UniqueViolation:
            for planned in one.planned:
                if planned.decision is Decision.UPDATED:
                    planned.decision = Decision.UNCHANGED
            return set()
        return done

    def _update(self, ready: Ready) -> set[int]:
        one, known, histories = ready.one, ready.known, ready.histories
        versions = self._together.lock(histories)
        stale = [person_id for person_id, before in histories.items() if versions.get(person_id) != len(before.events)]
        if stale:
            again = plain_histories(self._connection, stale)
            histories = {**{one: before for one, before in histories.items() if one not in stale}, **again}
            ready.news.update(self._reader.news(known, again))
        tellings: dict[bool, list[Telling]] = {False: [], True: []}
        valid_on = PartialDate.on(today(self._now))
        for person_id, before in histories.items():
            found = ready.news[person_id]
            if found.told is not None:
                since = before.events[0].valid_on if found.corrects else valid_on
                tellings[found.corrects].append(Telling(person_id, found.told, since))
        left = set(known) - set(histories)
        for corrects, of_kind in tellings.items():
            if of_kind:
                kind, role = _UPDATES[corrects]
                request = request_id(one.batch_id, one.first_record, f"chunk {role}")
                undone = self._together.update(of_kind, histories, kind=kind, request_id=request)
                left |= undone
                for telling in of_kind:
                    if telling.person_id not in undone:
                        known[telling.person_id].decision = Decision.UPDATED
        done = [person_id for person_id in known if person_id not in left]
        self._shelf.keep(weighed for person_id in done if (weighed := ready.news[person_id].weighed))
        return {known[person_id].record for person_id in done}

    def _create(self, one: Set) -> set[int]:
        created = {planned.record: planned for planned in plain(one.planned) if planned.creates}
        if not created:
            return set()
        wanted = [record - one.first_record for record in created]
        told = self._linked(one.table.take(pa.array(wanted, pa.int64())), list(created.values()))
        request = request_id(one.batch_id, one.first_record, "chunk")
        list(self._load.establish([Prepared(told, new_id(), request)]))
        return set(created)

    def _linked(self, rows: pa.Table, planned: Sequence[Planned]) -> pa.Table:
        """Add to records who they and their parents are."""
        size = len(planned)
        tellings = [one.telling for one in planned]
        fathers, mothers = (
            [telling.relative(role) if telling else None for telling in tellings] for role in ("father", "mother")
        )
        nobody = pa.nulls(size, pa.int64())
        columns: dict[str, pa.Array] = {
            "person_id": pa.array([one.person_id for one in planned], pa.int64()),
            "father_id": pa.array(fathers, pa.int64()),
            "mother_id": pa.array(mothers, pa.int64()),
            "household_id": nobody,
            "forms_household": pa.array(np.zeros(size, np.bool_)),
        }
        # A marriage is an event of two persons; the record of one of them does not make it.
        columns |= {name: pa.nulls(size, type_) for name, type_ in _SPOUSE}
        for name, scheme in _ORDINALS:
            columns[f"{name}_ordinal"] = self._ordinals(rows.column(name), scheme)
        kept = rows.drop_columns([name for name in columns if name in rows.column_names])
        for name, column in columns.items():
            kept = kept.append_column(name, column)
        return kept

    def _ordinals(self, column: pa.ChunkedArray, scheme: IdentifierScheme) -> pa.Array:
        """Count for each number how many had it before, in the register and in the chunk."""
        values = column.to_pylist()
        given = sorted({value for value in values if value})
        rows = []
        if given:
            asked = {"values": SqlArray(pa.array(given, pa.string())), "scheme": int(scheme)}
            rows = self._connection.execute(SQL.next_ordinals.encode(), asked).fetchall()
        seen = Counter[str](dict(rows))
        ordinals = []
        for value in values:
            ordinals.append(seen[value] if value else 0)
            if value:
                seen[value] += 1
        return pa.array(ordinals, pa.int32())


def decided(one: Set) -> Mapping[str, Any]:
    """Return the decisions on a chunk as parameters of the statements that write them."""
    planned = one.planned
    scores = [np.nan if p.score is None else p.score for p in planned]
    return {
        "batch_id": one.batch_id,
        "first_record": one.first_record,
        "decisions": SqlArray(pa.array([int(p.decision) for p in planned], pa.int16())),
        "reasons": SqlArray(pa.array([int(p.reason) for p in planned], pa.int16())),
        "persons": SqlArray(pa.array([p.person_id for p in planned], pa.int64())),
        "scores": scores,
    }
