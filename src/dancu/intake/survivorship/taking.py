"""Weighing a record while it is applied, one by one or in sets: what was read, and what is to be written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.infra.db import Transaction
from dancu.intake.survivorship.kept import SQL, Documents, Kept, Known, act_told, keep, kept_of, known
from dancu.intake.survivorship.weighing import Teller, Weighed, told_already, weigh
from dancu.register.histories import History
from dancu.register.life import Life
from dancu.register.payloads import Payload


async def take(
    tx: Transaction,
    before: History,
    life: Life,
    told: Payload,
    fresh: Payload | None,
    teller: Teller,
    *,
    on: date,
    may_win: bool,
) -> Payload | None:
    """Return what to take over of a record about a known person, and keep the rest beside the ledger.

    Args:
        before: the ledger under which it is filed.
        life: what stands, sensitive facts opened.
        fresh: what is news anyway.
        on: the day whose law decides.
        may_win: what goes before what stands is taken over, too.

    Raises:
        KeyMissing: sensitive facts are told, and their key isn't there.
    """
    facts = await known(tx, before)
    teller = replace(teller, document=facts.documents.of(teller.source, on))
    weighed = weigh(facts, before, life, told, fresh, teller, on=on, ring=tx.keys, may_win=may_win)
    if weighed.kept and not told_already(facts, teller):
        await keep(tx, weighed.kept, again=weighed.again)
    return weighed.told


class Shelf:
    """What is known of the persons of a chunk, read in a few statements.

    Args:
        connection: of the role that loads.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def known(self, histories: Mapping[int, History]) -> dict[int, Known]:
        """Read who told what of persons, whose ledgers alone tell their lives."""
        run = self._connection.execute
        told = Documents(run(SQL.documents.encode()).fetchall())
        acts = sorted({event.act_id for before in histories.values() for event in before.events})
        rows = run(SQL.acts.encode(), {"act_ids": _bigints(acts)}).fetchall()
        by_act = {row[0]: act_told(row, told) for row in rows}
        kept: dict[int, list[Kept]] = {}
        asked = {"person_ids": _bigints(sorted(histories))}
        for row in run(SQL.claims_of_persons.encode(), asked).fetchall():
            kept.setdefault(row[0], []).append(kept_of(row))
        return {one: Known(before, by_act, kept.get(one, ()), told) for one, before in histories.items()}

    def keep(self, weighed: Iterable[Weighed]) -> None:
        """Keep what a chunk told beside the ledgers."""
        told = [one for one in weighed if one.kept]
        new = [one.kept for one in told if one.kept and not one.again]
        with self._connection.cursor() as cursor:
            if new:
                with cursor.copy(SQL.copy_claims.encode()) as copy:
                    for row in (one.row for one in new):
                        copy.write_row([row[name] for name in _COLUMNS])
            if again := [one.kept.row for one in told if one.kept and one.again]:
                cursor.executemany(SQL.told_again.encode(), again)


_COLUMNS: Sequence[str] = (
    *("person_id", "claim_id", "version", "agrees", "told_on", "confidence", "batches", "differs", "sealed"),
)


def _bigints(values: Collection[int]) -> SqlArray:
    return SqlArray(pa.array(values, pa.int64()))
