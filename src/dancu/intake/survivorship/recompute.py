"""Choosing again: what would stand if every value were chosen anew from all that sources told, and putting it in force.

Claims are read and never written here, so that doing it again comes to the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import psycopg

from dancu.infra.db import Database, Transaction
from dancu.infra.keys import KeyRing
from dancu.intake.survivorship.choosing import Chosen, choose, of_field
from dancu.intake.survivorship.claims import Field, agree, refines, standing_value
from dancu.intake.survivorship.kept import SQL, Known, known
from dancu.intake.survivorship.ledger import RECOMPUTED
from dancu.intake.survivorship.precedence import LEGAL
from dancu.intake.survivorship.taking import Shelf
from dancu.kernel.codes import Authority, PersonStatus
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.bulk import plain_histories
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.sensitive import opened
from dancu.register.store import history
from dancu.register.territory import locate

_AT_ONCE = 1000
_PARENTS = frozenset({Field.FATHER, Field.MOTHER})


@dataclass(frozen=True)
class Change:
    """A value that stands, though another one should."""

    person_id: int
    field: Field
    chosen: Chosen


def choices(facts: Known, ring: KeyRing, *, on: date) -> dict[Field, Chosen]:
    """Choose every field of a person of which anything was told."""
    claims = facts.claims(ring)
    found = {field: choose(of_field(claims, field), on=on) for field in Field}
    return {field: chosen for field, chosen in found.items() if chosen}


def changes(facts: Known, ring: KeyRing, *, on: date) -> list[Change]:
    """Return what of a record that stands is not what its claims choose."""
    life = facts.history.record
    if life is None or life.status in {PersonStatus.MERGED, PersonStatus.ANNULLED}:
        return []
    life = opened(life, ring)
    return [
        Change(life.person_id, field, chosen)
        for field, chosen in choices(facts, ring, on=on).items()
        if _differs(life, field, chosen.value)
    ]


def _differs(life: Life, field: Field, value: Any) -> bool:
    if field in _PARENTS and life.adoption is not None:
        return False  # who is shown follows from the adoption
    stands = standing_value(life, field)
    return stands is None or not agree(field, value, stands) or refines(field, value, stands)


def persons(connection: psycopg.Connection[Any], *, unit: str | None = None, after: int = 0) -> Iterator[list[int]]:
    """List the persons of the register, or of a unit of today, in parts and in the order of their ids.

    Args:
        after: the last one who was done before.
    """
    while True:
        asked = {"after": after, "unit": unit, "most": _AT_ONCE}
        found = [row[0] for row in connection.execute(SQL.persons_from.encode(), asked).fetchall()]
        if not found:
            return
        yield found
        after = found[-1]


async def recompute(
    database: Database,
    connection: psycopg.Connection[Any],
    some: Sequence[int],
    *,
    now: datetime,
    apply: bool = False,
    told: Callable[[Change], None] = lambda _: None,
) -> int:
    """Choose again for some persons and return how many values stand wrongly; each is told.

    Args:
        database: of the role that loads.
        connection: of the same role; it reads the ledgers at once.
        apply: put in force what was chosen, in one act of each person; doing it twice is doing it once.

    Raises:
        KeyMissing: there are sealed facts, and their key isn't there.
    """
    histories = plain_histories(connection, some)
    facts = Shelf(connection).known(histories)
    count = 0
    for person_id in some:
        if person_id in facts:
            found = changes(facts[person_id], database.keys, on=today(now))
        else:
            async with database.transaction(scope="nation") as tx:
                found = await _changes_of(tx, person_id, now)
        for one in found:
            told(one)
        count += len(found)
        if found and apply:
            async with database.transaction(scope="nation") as tx:
                await _put_in_force(tx, person_id, now)
    return count


async def _changes_of(tx: Transaction, person_id: int, now: datetime) -> list[Change]:
    return changes(await known(tx, await history(tx, person_id)), tx.keys, on=today(now))


async def _put_in_force(tx: Transaction, person_id: int, now: datetime) -> None:
    before = await history(tx, person_id)
    found = changes(await known(tx, before), tx.keys, on=today(now))
    if not found:
        return
    orders = (LEGAL.order(one.field, today(now)) for one in found)
    header = ActHeader(
        authority=Authority.POPULATION_DATABASE,
        office="",
        request_id=uuid5(NAMESPACE_OID, f"dancu:survivorship:{person_id}:{len(before.events)}"),
        legal_ground="; ".join(dict.fromkeys(order.law for order in orders if order)) or _GROUND,
        source=RECOMPUTED,
    )
    told: dict[str, Any] = {one.field: one.chosen.value for one in found}
    await commands.update_from_source(
        tx,
        header=header,
        person_id=person_id,
        told=Payload(**told),
        valid_on=PartialDate.on(today(now)),
        now=now,
        locate=locate,
    )


_GROUND = "Luật Căn cước 26/2023/QH15, Điều 9, Điều 10"
