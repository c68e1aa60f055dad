"""Batches, chunks and acquaintances in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing, Place, Purpose
from dancu.infra.sql import Queries
from dancu.intake.decisions import Decision
from dancu.intake.match import Acquaintances, Known
from dancu.intake.places import province_today, provinces_of_number
from dancu.intake.plan import Planned, Row
from dancu.kernel.codes import IdentifierScheme
from dancu.kernel.errors import NotFound
from dancu.register.territory import latest_day

SQL = Queries("dancu.intake")


class BatchUnknown(NotFound):
    """There is no batch of this number."""


class RecordUnknown(NotFound):
    """There is no such record in the queue."""


@dataclass(frozen=True)
class Batch:
    """One file as it was received."""

    batch_id: int
    state: str
    source: str
    file_name: str
    records: int
    synthetic: bool
    received_at: datetime


async def batch(tx: Transaction, batch_id: int) -> Batch:
    """Read a batch.

    Raises:
        BatchUnknown: there is none.
    """
    found = await tx.first(Batch, SQL.batch, {"batch_id": batch_id})
    if found is None:
        raise BatchUnknown(f"There is no batch {batch_id}; list them with: dancu intake list")
    return found


async def acquaintances(tx: Transaction, rows: Sequence[Row]) -> Acquaintances:
    """Read whom the register knows by the numbers and names of some records, in two statements."""
    known = Acquaintances()
    persons: dict[int, Known] = {}
    for value, scheme, *holder in await tx.rows(SQL.holders_of_numbers, {"values": _numbers(rows)}):
        one = persons.setdefault(holder[0], _known(holder))
        if scheme == IdentifierScheme.PERSONAL_NUMBER:
            known.by_number[value] = one
        else:
            known.by_cmnd9.setdefault(value, []).append(one)
    names = sorted(_names_with_births(rows))
    parameters = {name: [one[at] for one in names] for at, name in enumerate(("keys", "born_from", "born_to"))}
    for columns in await tx.rows(SQL.persons_of_names, parameters):
        persons.setdefault(columns[0], _known(columns))
    for one in persons.values():
        known.by_name.setdefault(one.name_key, []).append(one)
    return known


def _known(columns: Sequence[Any]) -> Known:
    person_id, name_key, born, sex, number, status, province, registered, origin, commune = columns
    provinces = {province} if province else set()
    if number:
        provinces |= provinces_of_number(number)
    for unit in (registered, origin):
        if unit and (found := province_today(unit, latest_day())):
            provinces.add(found)
    return Known(person_id, name_key, born, sex, number, frozenset(provinces), status, commune)


_NUMBER_FIELDS = ("personal_number", "cmnd9", "spouse_number", "spouse_cmnd9", "father_number", "mother_number")


def _numbers(rows: Iterable[Row]) -> list[str]:
    return sorted({row[name] for row in rows for name in _NUMBER_FIELDS if row.get(name)})


def _names_with_births(rows: Iterable[Row]) -> set[tuple[str, int, int]]:
    """Names that records tell, each with the births that the person may have in the register.

    A name alone has thousands of bearers in a nation; with a birth that may be the same it has few.
    """
    fields = (("name_key", "born"), ("spouse_name_key", "spouse_born"))
    told = {(row[name], row.get(born)) for row in rows for name, born in fields if row.get(name)}
    return {(name, *births) for name, born in told for births in _births_alike(born)}


def _births_alike(born: int | None) -> list[tuple[int, int]]:
    """Ranges of `PartialDate.number` that may be the same birth."""
    if not born:
        return [(0, 9999_99_99)]
    year, month = born // 10_000 * 10_000, born // 100 * 100
    if month == year:
        return [(year, year + 99_99)]
    if born == month:
        return [(year, year), (month, month + 99)]
    return [(year, year), (month, month), (born, born)]


async def save_chunk(tx: Transaction, batch_id: int, planned: Sequence[Planned]) -> None:
    """Remember what is going to be done with the records of a chunk, before it is done."""
    await tx.execute(
        SQL.insert_chunk,
        {
            "batch_id": batch_id,
            "first_record": planned[0].record,
            "records": len(planned),
            "decisions": [int(one.decision) for one in planned],
            "reasons": [int(one.reason) for one in planned],
            "lines": [one.line for one in planned],
            "persons": [one.person_id for one in planned],
        },
    )
    await save_queue(tx, batch_id, planned)


async def save_queue(tx: Transaction, batch_id: int, planned: Sequence[Planned]) -> None:
    """Put what a clerk must decide into the queue, sealed.

    Raises:
        KeyMissing: nothing is written then.
    """
    for one in planned:
        if one.decision is Decision.QUEUED:
            told = msgspec.json.encode({name: value for name, value in one.row.items() if value is not None})
            parameters = {
                "batch_id": batch_id,
                "record": one.record,
                "reason": int(one.reason),
                "candidates": list(one.candidates),
                "told": seal_told(tx.keys, batch_id, one.record, told),
            }
            await tx.execute(SQL.insert_queued, parameters)


def seal_told(ring: KeyRing, batch_id: int, record: int, told: bytes) -> bytes:
    """Seal a queued record, as JSON."""
    return ring.encrypt(Purpose.INTAKE_RECORD, told, _place(batch_id, record))


async def told(tx: Transaction, batch_id: int, record: int) -> Row:
    """Open a queued record; dates are told as ISO 8601 writes them.

    Raises:
        RecordUnknown: it is not in the queue.
        KeyMissing: the key isn't there.
        SealBroken: it was changed or moved.
    """
    found = await tx.row(SQL.told, {"batch_id": batch_id, "record": record})
    if found is None:
        raise RecordUnknown(f"Record {record} of batch {batch_id} is not in the queue")
    clear = tx.keys.decrypt(Purpose.INTAKE_RECORD, bytes(found[0]), _place(batch_id, record))
    return msgspec.json.decode(clear, type=dict[str, Any])


def _place(batch_id: int, record: int) -> Place:
    return Place("intake.queued", "told", f"{batch_id}:{record}")


async def save_findings(tx: Transaction, batch_id: int, findings: Iterable[Row]) -> None:
    """Remember the rules that the records of a chunk broke."""
    async with tx.copy(SQL.copy_findings) as copy:
        for one in findings:
            await copy.write_row(
                (batch_id, one["record"], one["first_line"], one["field"] or "", one["rule"], one["severity"])
            )
