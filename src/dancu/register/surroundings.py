"""Whom and what a life names: relatives, household, acts and clocks, as far as the transaction's scope reaches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus, Relation, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import merging
from dancu.register.ledger import Event
from dancu.register.model import Life, fold
from dancu.register.store import History, PersonUnknown, event_of, history, standing_history

SQL = Queries("dancu.register", "surroundings.sql")


@dataclass(frozen=True)
class Neighbour:
    """Another person in short."""

    person_id: int
    number: str
    name: str
    born: PartialDate | None
    sex: Sex
    status: PersonStatus
    province_code: str | None
    commune_code: str | None
    household_id: int | None


@dataclass(frozen=True)
class Household:
    """A household and where it is registered; `unit_day` tells of which day's units the code is."""

    household_id: int
    file_no: str
    unit_code: str
    unit_day: date
    detail: str


@dataclass(frozen=True)
class Act:
    """The official act of an event: where, by whom, on what ground."""

    act_id: int
    office: str
    officer_id: int | None
    approver_id: int | None
    dossier_id: int | None
    legal_ground: str
    registration: dict[str, str] | None
    source: str | None
    evidence: dict[str, str] | None = None


@dataclass(frozen=True)
class Clock:
    """A state to which the law gives time."""

    kind: str
    since: date
    due_on: date | None


async def events_of(tx: Transaction, person_id: int) -> list[Event]:
    """List the events of a person, in the order of the ledger; none where the person is not in scope."""
    return [event_of(row) for row in await tx.rows(SQL.events, {"person_id": person_id})]


async def life_of(tx: Transaction, person_id: int) -> Life:
    """Return a life as it is known now.

    Raises:
        PersonUnknown: the person is not in scope, or not there.
        RecordMerged: the record was merged into another one.
    """
    return told(await standing_history(tx, person_id))


def told(history: History) -> Life:
    """Return the life that a ledger tells.

    Raises:
        PersonUnknown: it tells none.
    """
    life = history.record
    if life is None:
        raise PersonUnknown("No such person is open to you")
    return life


async def lives_as_of(
    tx: Transaction, person_ids: Collection[int], *, on: date, as_known_at: datetime
) -> dict[int, Life]:
    """Return the lives of some persons on a day, as known at a moment; those of whom nothing was known are left out."""
    if not person_ids:
        return {}
    rows = await tx.rows(SQL.events_of_some, {"person_ids": list(person_ids)})
    found = {person_id: [event_of(row) for row in of_one] for person_id, of_one in groupby(rows, key=itemgetter(0))}
    lives = {
        person_id: (await history(tx, person_id)).as_of(on=on, as_known_at=as_known_at)
        if merging.concerns(events)
        else fold(events, on=on, as_known_at=as_known_at)
        for person_id, events in found.items()
    }
    return {person_id: life for person_id, life in lives.items() if life}


async def people(tx: Transaction, person_ids: Collection[int]) -> dict[int, Neighbour]:
    """Return those of some persons who are in scope, by id; for a merged record, the one that carries on."""
    if not person_ids:
        return {}
    rows = await tx.rows(SQL.people, {"person_ids": list(person_ids)})
    found = {row[0]: _neighbour(row) for row in rows}
    missing = [one for one in person_ids if one not in found or found[one].status is PersonStatus.MERGED]
    survivors: dict[int, int] = dict(await tx.rows(SQL.survivors_of, {"person_ids": missing})) if missing else {}
    if survivors:
        rows = await tx.rows(SQL.people, {"person_ids": list(survivors.values())})
        standing = {row[0]: _neighbour(row) for row in rows}
        found |= {one: standing[survivor] for one, survivor in survivors.items() if survivor in standing}
    return found


async def children(tx: Transaction, person_id: int) -> list[Neighbour]:
    """List the children of a person who are in scope, the eldest first."""
    return [_neighbour(row) for row in await tx.rows(SQL.children, {"person_id": person_id})]


async def members_on(tx: Transaction, household_id: int, day: date) -> list[tuple[int, Relation]]:
    """List the members of a household on a day with their relation to the head, as far as they are in scope."""
    rows = await tx.rows(SQL.members_on, {"household_id": household_id, "day": day})
    return [(person_id, Relation(relation)) for person_id, relation in rows]


async def household(tx: Transaction, household_id: int) -> Household | None:
    """Return a household, or None."""
    return await tx.first(Household, SQL.household, {"household_id": household_id})


async def household_by_file_no(tx: Transaction, file_no: str) -> Household | None:
    """Find a household by its residence file number."""
    return await tx.first(Household, SQL.household_by_file_no, {"file_no": file_no})


async def acts(tx: Transaction, act_ids: Collection[int]) -> dict[int, Act]:
    """Return acts by id."""
    if not act_ids:
        return {}
    return {act.act_id: act for act in await tx.all(Act, SQL.acts, {"act_ids": list(act_ids)})}


async def clocks(tx: Transaction, *, person_id: int, household_id: int | None) -> list[Clock]:
    """List the clocks that run for a person or the household."""
    return await tx.all(Clock, SQL.clocks, {"person_id": person_id, "household_id": household_id})


def _neighbour(row: Sequence[Any]) -> Neighbour:
    person_id, number, surname, middle, given, born, sex, status, province, commune, household_id = row
    return Neighbour(
        person_id,
        number or "",
        PersonName(surname, middle, given).full,
        PartialDate(born) if born else None,
        Sex(sex),
        PersonStatus(status),
        province,
        commune,
        household_id,
    )
