"""What was decided is carried out, by the role that loads: records become acts, refused proposals wait again."""

import asyncio
import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from dancu.infra.db import Database, Transaction
from dancu.infra.keys import ring_of
from dancu.intake import live, settling, store
from dancu.intake.adjudication.model import Answer, Kind, State
from dancu.intake.adjudication.queue import SQL, due_on, open_doubts, open_rests
from dancu.intake.likened import record_of
from dancu.intake.match import MOST_CANDIDATES, Acquaintances, Doubtful, Same, Told, find, weigh
from dancu.intake.plan import wife_of
from dancu.kernel.errors import DancuError, Stale, Unavailable
from dancu.kernel.messages import msg
from dancu.kernel.time import today

_log = structlog.get_logger("dancu.intake")
_AT_ONCE = 200
_REST_S = 2.0
_TIDY_EVERY = 30
"""How many rounds go by until what was settled otherwise is dropped."""
MEANWHILE = msg("Somebody like it was registered after it was decided: look again")


@dataclass(frozen=True)
class Carried:
    """What was done in one round: doubts opened, decisions carried out, and those that could not be."""

    opened: int
    carried_out: int
    failed: int


@dataclass(frozen=True)
class _Part:
    """The answer on one part of a record: of a marriage, husband and wife."""

    doubt_id: int
    part: int
    state: str
    answer: int | None
    chosen: int | None
    dossier_id: int | None
    decided_by: int | None
    approver_id: int | None
    persons: list[int]


async def carry_out(database: Database, *, now: datetime, tidy: bool = True) -> Carried:
    """Open doubts about what was queued, follow proposals, and carry out what was decided.

    Doing it twice is doing it once; what the register refuses goes back to the Center, with the reason.

    Args:
        database: as the role that loads, with the keys of the installation.
        tidy: drop what was settled otherwise, too, which goes through all that waits.
    """
    async with database.transaction(scope="nation") as tx:
        if tidy:
            await tx.execute(SQL.drop_settled)
        await follow_proposals(tx, now=now)
        opened = await open_doubts(tx, now=now) + await open_rests(tx, now=now)
        records = await tx.rows(SQL.to_carry_out, {"most": _AT_ONCE})
    done = failed = 0
    for batch_id, record in records:
        match await _carry_out_record(database, batch_id, record, now):
            case True:
                done += 1
            case False:
                failed += 1
    return Carried(opened, done, failed)


async def follow_proposals(tx: Transaction, *, now: datetime) -> int:
    """Go on with decisions whose proposal was decided, withdrawn or left to expire; return how many."""
    rows = await tx.rows(SQL.proposals_settled, {"now": now, "most": _AT_ONCE})
    for doubt_id, kind, state in rows:
        if state == "approved":
            settled = kind == Kind.REGISTER
            row = {"doubt_id": doubt_id, "state": str(State.SETTLED if settled else State.DECIDED)}
            await tx.execute(SQL.approve, row | {"settled_at": now if settled else None})
        else:
            row = {"doubt_id": doubt_id, "due_on": due_on(now), "since": str(State.PROPOSED)}
            await tx.execute(SQL.lay_open_again, row)
    return len(rows)


async def _carry_out_record(database: Database, batch_id: int, record: int, now: datetime) -> bool | None:
    """Carry out the decision on a record; None: a part of it is open, or open again, or it was changed just now."""
    try:
        async with database.transaction(scope="nation") as tx:
            key = {"batch_id": batch_id, "record": record}
            parts = {row[1]: _Part(*row) for row in await tx.rows(SQL.parts_of_record, key)}
            rejected = any(one.answer == Answer.TWO_PERSONS for one in parts.values())
            if not rejected and any(one.state != State.DECIDED for one in parts.values()):
                return None
            if await _settle(tx, batch_id, record, parts, now, rejected=rejected):
                return None
            done = {"doubt_ids": [one.doubt_id for one in parts.values()], "now": now}
            await tx.execute(SQL.carried_out, done)
    except (Stale, Unavailable):
        return None
    except DancuError as error:
        _log.warning("a decision could not be carried out", error=type(error).__name__)
        async with database.transaction(scope="nation") as tx:
            await tx.execute(SQL.give_back, {"batch_id": batch_id, "record": record, "trouble": str(error)})
        return False
    return True


async def _settle(
    tx: Transaction, batch_id: int, record: int, parts: Mapping[int, _Part], now: datetime, *, rejected: bool
) -> bool:
    """Make the acts that follow from the answers; tell whether a clerk has to be asked again instead."""
    by = next(one for one in parts.values() if one.decided_by is not None)
    approver = next((one.approver_id for one in parts.values() if one.approver_id is not None), None)
    persons: _Persons = None
    if not rejected:
        sides = await _sides(tx, batch_id, record, now)
        known = await live.acquaintances(tx, [one.record for one in sides])
        if await _asked_again(tx, parts, sides, known, now):
            return True
        persons = _persons(parts, sides, known)
    await settling.decided(
        tx,
        batch_id=batch_id,
        record=record,
        clerk=settling.Clerk(by.decided_by or 0, by.dossier_id, approver),
        now=now,
        person_id=persons[0] if persons else None,
        wife_id=persons[1] if persons else None,
        rejected=persons is None,
    )
    return False


_Persons = tuple[int | None, int | None] | None


async def _sides(tx: Transaction, batch_id: int, record: int, now: datetime) -> list[Told]:
    """What a record tells, of a marriage of both."""
    told = await store.told(tx, batch_id, record)
    sides = [told, wife_of(told)] if told.get("kind") == "marriages" else [told]
    return [Told.of(record_of(side, today=today(now))) for side in sides]


async def _asked_again(
    tx: Transaction, parts: Mapping[int, _Part], sides: Sequence[Told], known: Acquaintances, now: datetime
) -> bool:
    """Lay those open again that were said to be somebody new before somebody like them was registered."""
    again = []
    for at, one in parts.items():
        match = find(sides[at], known) if one.answer == Answer.DIFFERENT else None
        now_like = match.candidates if isinstance(match, Doubtful) else ()
        now_like = (match.person_id,) if isinstance(match, Same) else now_like
        if set(now_like) - set(one.persons):
            weighed = {person.person_id: score.posterior for person, score in weigh(sides[at], known)}
            persons = list(dict.fromkeys((*now_like, *one.persons)))[:MOST_CANDIDATES]
            scores = [round(weighed.get(person, 0.0), 6) for person in persons]
            again.append({"doubt_id": one.doubt_id, "persons": persons, "scores": scores})
    for row in again:
        await tx.execute(SQL.ask_again, row | {"due_on": due_on(now), "trouble": MEANWHILE})
    return bool(again)


def _persons(parts: Mapping[int, _Part], sides: Sequence[Told], known: Acquaintances) -> _Persons:
    """Whom a record is about: as clerks said, and where nobody had to be asked as matching says.

    None: somebody else has the number of a person who is said to be new, so that the source must correct it.
    """
    found = [_person(parts.get(at), told, known) for at, told in enumerate(sides)]
    if any(one is None and told.number in known.by_number for one, told in zip(found, sides, strict=True)):
        return None
    return found[0], found[1] if len(found) > 1 else None


def _person(said: _Part | None, told: Told, known: Acquaintances) -> int | None:
    if said is not None:
        return said.chosen if said.answer == Answer.SAME else None
    match = find(told, known)
    return match.person_id if isinstance(match, Same) else None


def keep_carrying_out(dsn: str, told: threading.Event, *, home: Path) -> None:
    """Carry out what clerks decide until told to stop, on a connection of its own."""
    asyncio.run(_keep(dsn, told, home))


async def _keep(dsn: str, told: threading.Event, home: Path) -> None:
    keys = ring_of(dsn, home / "keys")
    database = Database(dsn, role="dancu_loader", size=1, application_name="dancu adjudication", keys=keys)
    async with database:
        for round_no in itertools.count():
            if told.is_set():
                break
            try:
                done = await carry_out(database, now=datetime.now(UTC), tidy=round_no % _TIDY_EVERY == 0)
            except Unavailable as error:
                _log.warning("decisions wait", why=type(error).__name__)
            else:
                if done.carried_out or done.opened:
                    _log.info("decisions were carried out", count=done.carried_out)
            await asyncio.to_thread(told.wait, _REST_S)
