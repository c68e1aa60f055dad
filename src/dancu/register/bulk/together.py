"""Particulars of many persons at once: the rows that single events write, by one statement a table.

The lives are folded by the same pure functions; tests/model/test_together_equals_single.py holds the two ways
together. Whoever is not plain, such as a merged or masked record, is left to the single way.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.keys import KeyRing
from dancu.infra.sql import Queries
from dancu.kernel.codes import IdentifierScheme
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Refused
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register import merging, payloads, store
from dancu.register.act import ActHeader
from dancu.register.bulk.load import copy_rows, write_act
from dancu.register.decisions import civil as decisions
from dancu.register.histories import History, event_of
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event, hash_of
from dancu.register.model import Life, Residence, extended
from dancu.register.payloads import Payload
from dancu.register.projection import Locate, former_names, person_row, same_rows
from dancu.register.sensitive import sealed

SQL = Queries("dancu.register.bulk", "together.sql")

_PERSON: dict[str, pa.DataType] = {
    **dict.fromkeys(("person_id", "father_id", "mother_id", "spouse_id"), pa.int64()),
    **dict.fromkeys(("version", "born", "died"), pa.int32()),
    **dict.fromkeys(("status", "subject_type", "sex", "marital", "ethnicity"), pa.int16()),
    **dict.fromkeys(
        ("personal_number", "name_key", "surname", "middle", "given", "nationality", "birth_registration_unit",
         "origin_unit", "province_code", "commune_code"), pa.string()),
}  # fmt: skip
_MOMENT = pa.timestamp("us", "UTC")
_EVENT = {
    "person_id": pa.int64(),
    "act_id": pa.int64(),
    "known_at": _MOMENT,
    "seq": pa.int32(),
    "valid_on": pa.int32(),
    "kind": pa.int16(),
    "payload": pa.string(),
    "hash": pa.binary(),
}
_STAY = {
    "person_id": pa.int64(),
    "kind": pa.int16(),
    "unit_code": pa.string(),
    "unit_day": pa.date32(),
    "detail": pa.string(),
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
}
_IDENTIFIER = {
    "person_id": pa.int64(),
    "scheme": pa.int16(),
    "value": pa.string(),
    "nth": pa.int16(),
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
}
_FORMER_NAME = {
    "person_id": pa.int64(),
    "row_no": pa.int16(),
    "other": pa.bool_(),
    "born": pa.int32(),
    "name_key": pa.string(),
}


@dataclass(frozen=True)
class Telling:
    """What is told of one person, true from a day on."""

    person_id: int
    told: Payload
    valid_on: PartialDate


@dataclass
class _Written:
    """The rows of all tables."""

    persons: list[dict[str, object]] = field(default_factory=list)
    touched: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    identifiers: list[dict[str, object]] = field(default_factory=list)
    closed: list[dict[str, object]] = field(default_factory=list)
    stays: list[dict[str, object]] = field(default_factory=list)
    former_names: list[dict[str, object]] = field(default_factory=list)
    renamed: list[int] = field(default_factory=list)


class Together:
    """Takes over particulars of many persons, within a transaction of the caller's.

    Args:
        connection: of the role that loads.
        header: of the act; its request id is replaced by each call's.
        now: when the register records it.
        locate: finds today's units of places.
        ring: seals sensitive facts.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], *, header: ActHeader, now: datetime, locate: Locate, ring: KeyRing
    ) -> None:
        self._connection = connection
        self._header = header
        self._now = now
        self._locate = locate
        self._ring = ring

    def lock(self, person_ids: Iterable[int]) -> dict[int, int]:
        """Lock persons, in the order of their ids, and return the version of each."""
        ids = SqlArray(pa.array(sorted(set(person_ids)), pa.int64()))
        rows = self._connection.execute(SQL.lock_persons.encode(), {"person_ids": ids}, binary=True).fetchall()
        return dict(rows)

    def update(
        self, tellings: Sequence[Telling], histories: Mapping[int, History], *, kind: EventKind, request_id: UUID
    ) -> set[int]:
        """Write one event of each person as one act, and return whom it was not possible for.

        Args:
            tellings: of different persons, who are locked and whose histories are there.
            kind: PARTICULARS_UPDATED or PARTICULARS_CORRECTED.
            request_id: makes doing it twice fail instead of telling it twice.

        Raises:
            psycopg.errors.UniqueViolation: a number or the request was there before; nothing is written.
        """
        act_id, left, written = new_id(), set[int](), _Written()
        now = max([self._now, *(histories[one.person_id].events[-1].known_at for one in tellings)])
        for one in tellings:
            if not self._tell(one, histories[one.person_id], kind, act_id, now, written):
                left.add(one.person_id)
        if written.events:
            self._write(act_id, request_id, kind, now, written)
        return left

    def _tell(
        self, one: Telling, before: History, kind: EventKind, act_id: int, now: datetime, written: _Written
    ) -> bool:
        """Add the rows of one event; tell whether it is plain."""
        life = before.record
        if life is None or life.protected:
            return False
        try:
            decided = decisions.particulars(kind, life, one.told, one.valid_on, today(now))
        except Refused:
            return False
        seq = len(before.events) + 1
        payload = sealed(one.told, self._ring, person_id=one.person_id, seq=seq)
        event = Event(one.person_id, seq, kind, one.valid_on, now, act_id, payload)
        after = extended(life, before.events, (event,))
        if decided.clocks or after is None or not _plain(life, after):
            return False
        written.events.append(_event_row(event, hash_of(event, before.head)))
        if same_rows(life, after):
            written.touched.append({"person_id": one.person_id, "version": seq})
        else:
            self._add_rows(written, life, after)
        return True

    def _add_rows(self, written: _Written, before: Life, after: Life) -> None:
        person_id = after.person_id
        written.persons.append(person_row(after, self._locate))
        if before.identifiers != after.identifiers:
            fresh = set(after.identifiers) - set(before.identifiers)
            written.identifiers += (
                store.identifier_row(person_id, one) for one in sorted(fresh, key=lambda one: (one.scheme, one.value))
            )
        if before.residences != after.residences:
            old, new = set(before.residences), set(after.residences)
            written.closed += (_stay_row(person_id, one) for one in _in_order(old - new))
            written.stays += (_stay_row(person_id, one) for one in _in_order(new - old))
        if before.former_names != after.former_names or (after.former_names and before.born != after.born):
            written.renamed.append(person_id)
            born = after.born.number if after.born else None
            written.former_names += (
                {"person_id": person_id, "row_no": row_no, "other": other, "born": born, "name_key": key}
                for row_no, (key, other) in enumerate(former_names(after), start=1)
            )

    def _write(self, act_id: int, request_id: UUID, kind: EventKind, now: datetime, written: _Written) -> None:
        run = self._connection.execute
        persons = pa.array([row["person_id"] for row in written.events], pa.int64())
        write_act(
            self._connection,
            self._header,
            act_id=act_id,
            request_id=request_id,
            kind=kind,
            now=now,
            persons=persons,
            valid_on=PartialDate(int(str(written.events[0]["valid_on"]))),
        )
        at = {"known_at": now}
        if written.persons:
            _all(run(SQL.update_persons.encode(), _arrays(written.persons, _PERSON) | at), written.persons)
        if written.touched:
            shape = {"person_id": pa.int64(), "version": pa.int32()}
            _all(run(SQL.touch_persons.encode(), _arrays(written.touched, shape) | at), written.touched)
        copy_rows(self._connection, "event", _table(written.events, _EVENT))
        if written.identifiers:
            run(SQL.insert_identifiers.encode(), _arrays(_counted(written.identifiers), _IDENTIFIER))
            numbers = Counter(str(one["value"])[:6] for one in written.identifiers if one["scheme"] == 1)
            blocks = {"blocks": sorted(numbers), "used": [numbers[one] for one in sorted(numbers)]}
            run(store.SQL.count_numbers.encode(), blocks)
        if written.closed:
            run(SQL.close_residences.encode(), _arrays(written.closed, _STAY) | at)
        if written.stays:
            copy_rows(self._connection, "residence", self._stays(written.stays, now))
        if written.renamed:
            run(SQL.delete_former_names.encode(), {"person_ids": SqlArray(pa.array(written.renamed, pa.int64()))})
        if written.former_names:
            copy_rows(self._connection, "former_name", _table(written.former_names, _FORMER_NAME))

    def _stays(self, stays: Sequence[Mapping[str, object]], now: datetime) -> pa.Table:
        ids = SqlArray(pa.array(sorted({int(str(one["person_id"])) for one in stays}), pa.int64()))
        last = Counter[object](
            dict(self._connection.execute(SQL.last_rows_of_residence.encode(), {"person_ids": ids}).fetchall())
        )
        rows = []
        for one in stays:
            last[one["person_id"]] += 1
            rows.append({**one, "row_no": last[one["person_id"]], "known_from": now})
        return _table(rows, {**_STAY, "row_no": pa.int16(), "known_from": _MOMENT})


def plain_histories(connection: psycopg.Connection[Any], person_ids: Iterable[int]) -> dict[int, History]:
    """Read the ledgers of persons; those are missing whose ledger alone doesn't tell the life."""
    ids = SqlArray(pa.array(sorted(set(person_ids)), pa.int64()))
    rows = connection.execute(SQL.events_of_persons.encode(), {"person_ids": ids}, binary=True).fetchall()
    found = {}
    for person_id, of_person in groupby(rows, key=lambda row: row[0]):
        ledger = list(of_person)
        events = tuple(event_of(row) for row in ledger)
        if not merging.concerns(events):
            found[person_id] = History(events, bytes(ledger[-1][7]))
    return found


def _plain(before: Life, after: Life) -> bool:
    """Tell whether an event leaves alone what binds a person to others, and numbers that were there."""
    return (
        before.memberships == after.memberships
        and before.membership(before.known_on) == after.membership(after.known_on)
        and before.marriages == after.marriages
        and before.died == after.died
        and set(before.identifiers) <= set(after.identifiers)
    )


def _in_order(stays: Iterable[Residence]) -> list[Residence]:
    return sorted(stays, key=lambda r: (r.kind, str(r.since or ""), str(r.until or "~"), r.unit, r.detail))


def _stay_row(person_id: int, stay: Residence) -> dict[str, object]:
    return {
        "person_id": person_id,
        "kind": int(stay.kind),
        "unit_code": stay.unit,
        "unit_day": stay.unit_day,
        "detail": stay.detail,
        "valid_from": stay.since,
        "valid_to": stay.until,
    }


def _event_row(event: Event, digest: bytes) -> dict[str, object]:
    return {
        "person_id": event.person_id,
        "act_id": event.act_id,
        "known_at": event.known_at,
        "seq": event.seq,
        "valid_on": event.valid_on.number,
        "kind": int(event.kind),
        "payload": payloads.encode(event.payload).decode(),
        "hash": digest,
    }


def _counted(identifiers: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Tell of each number which of its holders among these rows it is of."""
    seen = Counter[tuple[object, object]]()
    counted = []
    for one in identifiers:
        key = one["scheme"], one["value"]
        counted.append({**one, "nth": 0 if one["scheme"] == IdentifierScheme.PERSONAL_NUMBER else seen[key]})
        seen[key] += 1
    return counted


def _table(rows: Sequence[Mapping[str, object]], shape: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], type_) for name, type_ in shape.items()})


def _arrays(rows: Sequence[Mapping[str, object]], shape: Mapping[str, pa.DataType]) -> dict[str, SqlArray]:
    return {name: SqlArray(pa.array([row[name] for row in rows], type_)) for name, type_ in shape.items()}


def _all(done: psycopg.Cursor[Any], rows: Sequence[object]) -> None:
    """Check that every row was touched.

    Raises:
        ChangedMeanwhile: a person has another version by now.
    """
    if done.rowcount != len(rows):
        raise store.ChangedMeanwhile("The record was changed meanwhile")
