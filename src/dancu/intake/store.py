"""Batches, chunks and acquaintances in the database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing, Place, Purpose
from dancu.infra.sql import Queries
from dancu.intake import live
from dancu.intake.decisions import Decision
from dancu.intake.likened import record_of
from dancu.intake.match import Acquaintances, Known
from dancu.intake.plan import Planned, Row, wife_of
from dancu.kernel.errors import NotFound

SQL = Queries("dancu.intake")

_MANY = 500
"""From so many records on, those with a number are not looked for by day and given name alone."""


class BatchUnknown(NotFound):
    """There is no batch of this number."""


class RecordUnknown(NotFound):
    """There is no such record in the queue."""


@dataclass(frozen=True)
class Batch:
    """One file as it was received.

    Args:
        lines: lines or sheet rows; None: it was not staged.
        declared_records: what its manifest says.
        reject_limit: share of rejected records above which it is held whole.
        supersedes: the batch that it corrects as a whole.
        corrects: the batch whose rejected records it brings back.
    """

    batch_id: int
    state: str
    source: str
    file_name: str
    records: int
    synthetic: bool
    received_at: datetime
    file_format: str
    encoding: str
    lines: int | None
    declared_records: int | None
    reject_limit: float
    supersedes: int | None
    corrects: int | None


async def batch(tx: Transaction, batch_id: int) -> Batch:
    """Read a batch.

    Raises:
        BatchUnknown: there is none.
    """
    found = await tx.first(Batch, SQL.batch, {"batch_id": batch_id})
    if found is None:
        raise BatchUnknown(f"There is no batch {batch_id}; list them with: dancu intake list")
    return found


async def surely_known(tx: Transaction, table: pa.Table) -> dict[int, int]:
    """Return, by record of one person, the person who bears its number, its name and its whole day of birth.

    No weighing can come to another end; it saves weighing most of a later file. A couple is weighed together.
    """
    asked = {"values": SqlArray(table.column("personal_number").drop_null())}
    rows = await tx.rows(SQL.bearers_of_numbers, asked)
    bearers = {number: (person_id, name, born, sex) for number, person_id, name, born, sex in rows}
    columns = (
        table.column(name).to_pylist() for name in ("record", "kind", "personal_number", "name_key", "born", "sex")
    )
    found = {}
    for record, kind, number, name, born, sex in zip(*columns, strict=True):
        whole = number and born and born % 100 and kind != "marriages"
        bearer = bearers.get(number) if whole else None
        if bearer and bearer[1:3] == (name, born) and (not sex or not bearer[3] or sex == bearer[3]):
            found[record] = bearer[0]
    return found


async def acquaintances(
    tx: Transaction, rows: Sequence[Row], *, today: date, of: Collection[int] | None = None
) -> Acquaintances:
    """Read whom the register knows by the numbers, names and births of some records, in two statements.

    Args:
        today: the day whose units codes are of, where the source doesn't tell.
        of: records whose own persons are asked for; of the others only relatives are; None: of all.
    """
    asked = [row for row in rows if of is None or row["record"] in of]
    records = [record_of(side, today=today) for row in asked for side in _sides(row)]
    known = await live.acquaintances(tx, records, numbers=_relatives(asked), many=len(asked) > _MANY)
    if len(asked) < len(rows):
        values = sorted(_relatives(rows) - set(known.by_number))
        for value, person_id, status in await tx.rows(SQL.persons_by_number, {"values": values}):
            known.by_number[value] = Known(person_id, "", None, 0, value, frozenset(), status)
    return known


def _sides(row: Row) -> tuple[Row, ...]:
    return (row, wife_of(row)) if row.get("kind") == "marriages" else (row,)


def _relatives(rows: Iterable[Row]) -> set[str]:
    """The numbers of relatives whom records name, so that they can be linked."""
    fields = ("spouse_number", "father_number", "mother_number")
    return {row[name] for row in rows for name in fields if row.get(name)}


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
    return open_told(tx.keys, batch_id, record, bytes(found[0]))


def open_told(ring: KeyRing, batch_id: int, record: int, told: bytes) -> Row:
    """Open what was sealed of a queued record.

    Raises:
        KeyMissing: the key isn't there.
        SealBroken: it was changed or moved.
    """
    clear = ring.decrypt(Purpose.INTAKE_RECORD, told, _place(batch_id, record))
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
