"""The queue: doubts are opened, laid before clerks one after another, skipped, and read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.intake import live, store
from dancu.intake.adjudication.model import (
    BLIND_SHARE,
    HOLD_MINUTES,
    KNOWN_SHARE,
    TERM_WORKING_DAYS,
    Answer,
    Doubt,
    DoubtHeld,
    DoubtSettled,
    DoubtUnknown,
    Kind,
    Part,
    State,
)
from dancu.intake.decisions import Reason
from dancu.intake.likened import provinces_today, record_of
from dancu.intake.match import MOST_CANDIDATES, Acquaintances, Doubtful, Known, Told, find, weigh
from dancu.intake.plan import wife_of
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.linkage.model import Decision, Score
from dancu.linkage.record import Record
from dancu.reference.calendar import OutsideCalendar, add_working_days

SQL = Queries("dancu.intake.adjudication")
_AT_ONCE = 200
_A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class _Queued:
    """A record of the queue, opened, and the part of it that is looked at."""

    batch_id: int
    record: int
    reason: int
    candidates: tuple[int, ...]
    part: int
    compared: Record


async def open_doubts(tx: Transaction, *, now: datetime, most: int = _AT_ONCE) -> int:
    """Open doubts about records that were queued and are nobody's task yet; return how many.

    Args:
        tx: of the role that loads, with the keys of the installation.
    """
    rows = await tx.rows(SQL.unopened, {"most": most})
    parts = [_parts(tx, row, today(now)) for row in rows]
    known = await live.acquaintances(tx, [one.compared for several in parts for one in several])
    queued = [one for several in parts for one in _in_doubt(several, known)]
    rows_of_doubts = []
    for one in queued:
        found = _alike(one, known)
        provinces = (*provinces_today(one.compared), *(home for person, _ in found for home in person.provinces))
        rows_of_doubts.append(
            {
                "doubt_id": new_id(),
                "batch_id": one.batch_id,
                "record": one.record,
                "part": one.part,
                "kind": int(Kind.RECORD),
                "reason": one.reason,
                "opened_at": now,
                "due_on": due_on(now),
                "province_code": next(iter(provinces), None),
                "rest_of": None,
                **_scored(found),
            }
        )
    opened = await _insert(tx, rows_of_doubts)
    if rows:
        marked = {"now": now, "batches": [row[0] for row in rows], "records": [row[1] for row in rows]}
        await tx.execute(SQL.mark_opened, marked)
    return opened


def _parts(tx: Transaction, row: Sequence[Any], day: date) -> list[_Queued]:
    batch_id, record, reason, candidates, sealed = row
    told = store.open_told(tx.keys, batch_id, record, bytes(sealed))
    sides = [told, wife_of(told)] if told.get("kind") == "marriages" else [told]
    return [
        _Queued(batch_id, record, reason, tuple(candidates), part, record_of(side, today=day))
        for part, side in enumerate(sides)
    ]


def _in_doubt(parts: list[_Queued], known: Acquaintances) -> list[_Queued]:
    """Of a marriage, the part or parts that matching leaves open; where it leaves none, what a rule held back."""
    doubtful = [one for one in parts if isinstance(find(Told.of(one.compared), known), Doubtful)]
    return doubtful or parts[:1]


def _alike(one: _Queued, known: Acquaintances) -> list[tuple[Known, Score]]:
    """The persons whom the model does not tell apart from a record, and those for whom it was queued."""
    found = [
        (person, score)
        for person, score in weigh(Told.of(one.compared), known)
        if person.stands and (score.decision is not Decision.DIFFERENT or person.person_id in one.candidates)
    ]
    return found[:MOST_CANDIDATES]


def _scored(found: Sequence[tuple[Known, Score]]) -> dict[str, object]:
    return {
        "persons": [person.person_id for person, _ in found],
        "scores": [round(score.posterior, 6) for _, score in found],
    }


async def open_pairs(tx: Transaction, pairs: Iterable[tuple[int, int, float]], *, now: datetime) -> int:
    """Open doubts about persons of the register who may be one, as groups; return how many.

    Groups whose likeliest pair was laid before a clerk earlier, and records that were merged meanwhile, are left out.

    Args:
        tx: of the role that loads.
        pairs: two person ids and the posterior probability.
    """
    groups = groups_of(pairs)
    every = sorted({one for group in groups for one in group})
    standing = {row[0]: row for row in await tx.rows(SQL.standing_persons, {"persons": every})}

    def precedence(one: int) -> tuple[bool, datetime, int]:
        """Who has a number carries on; of several, the one that is known longest."""
        _, _, known_at, numbered = standing[one]
        return (not numbered, known_at, one)

    found = [sorted((one for one in group if one in standing), key=precedence) for group in groups]
    scores = [[round(group[one], 6) for one in persons] for group, persons in zip(groups, found, strict=True)]
    several = [at for at, persons in enumerate(found) if len(persons) > 1]
    firsts = {"ones": [found[at][0] for at in several], "others": [found[at][1] for at in several]}
    asked = {place - 1 for (place,) in await tx.rows(SQL.asked_before, firsts)}
    return await _insert(
        tx,
        [
            _group(found[at], scores[at], standing[found[at][0]][1], now)
            for place, at in enumerate(several)
            if place not in asked
        ],
    )


def _group(
    persons: Sequence[int], scores: Sequence[float], province: str | None, now: datetime, rest_of: int | None = None
) -> dict[str, object]:
    return {
        "doubt_id": new_id(),
        "batch_id": None,
        "record": None,
        "part": 0,
        "kind": int(Kind.REGISTER),
        "reason": int(Reason.PERHAPS_TWICE),
        "opened_at": now,
        "due_on": due_on(now),
        "province_code": province,
        "persons": list(persons[:MOST_CANDIDATES]),
        "scores": list(scores[:MOST_CANDIDATES]),
        "rest_of": rest_of,
    }


async def open_rests(tx: Transaction, *, now: datetime) -> int:
    """Open doubts about what the answers on groups left open: without who was merged, or who is nobody of them.

    Args:
        tx: of the role that loads.
    """
    rests = []
    for doubt_id, answer, chosen, province, persons, scores in await tx.rows(SQL.groups_settled, {"most": _AT_ONCE}):
        gone = chosen if answer == Answer.SAME else persons[0]
        left = [(one, score) for one, score in zip(persons, scores, strict=True) if one != gone]
        rests.append(_group([one for one, _ in left], [score for _, score in left], province, now, doubt_id))
    return await _insert(tx, rests)


async def _insert(tx: Transaction, doubts: Sequence[Mapping[str, object]]) -> int:
    """Write doubts, in one go; return how many were not there before."""
    async with tx.pipeline():
        cursors = [await tx.connection.execute(SQL.insert_doubt, one) for one in doubts]
    return sum(cursor.rowcount for cursor in cursors)


def groups_of(pairs: Iterable[tuple[int, int, float]]) -> list[dict[int, float]]:
    """Put pairs that share a person together; of each person, the best probability of its pairs."""
    group_of: dict[int, dict[int, float]] = {}
    for one, other, posterior in pairs:
        mine = group_of.setdefault(one, {one: posterior})
        theirs = group_of.setdefault(other, {other: posterior})
        if mine is not theirs:
            mine |= theirs
            group_of |= dict.fromkeys(theirs, mine)
        for person in (one, other):
            mine[person] = max(mine[person], posterior)
    return list({id(group): group for group in group_of.values()}.values())


def due_on(now: datetime) -> date:
    """Return until when what is opened now should be decided."""
    try:
        return add_working_days(today(now), TERM_WORKING_DAYS)
    except OutsideCalendar:
        return today(now) + _A_WEEK


@dataclass(frozen=True)
class OnDesk:
    """What a clerk has before him or her."""

    doubt_id: int
    since: datetime
    role: Part


async def next_for(tx: Transaction, officer_id: int, *, center: bool, now: datetime, drawn: float) -> OnDesk | None:
    """Lay the next doubt before a clerk: mostly the most urgent one; at times one that another clerk judged.

    Args:
        tx: in the clerk's scope.
        center: whether the clerk decides what provinces raised.
        drawn: a random number, 0 to 1: what comes in between can't be foreseen.
    """
    who = {"officer_id": officer_id, "now": now, "until": now + timedelta(minutes=HOLD_MINUTES), "center": center}
    for role, statement in _order(drawn):
        row = await tx.row(statement, who)
        if row:
            await tx.execute(SQL.put_on_desk, {**who, "doubt_id": row[0], "role": int(role)})
            return OnDesk(row[0], now, role)
    await tx.execute(SQL.clear_desk, who)
    return None


def _order(drawn: float) -> list[tuple[Part, str]]:
    check, known, waiting = (
        (Part.CHECKS_BLINDLY, SQL.next_to_check),
        (Part.IS_MEASURED, SQL.next_known),
        (Part.DECIDES, SQL.take_waiting),
    )
    # Checks are a twentieth of the decisions, and wait for who did not decide: they come early to be done at all.
    if drawn < 2 * BLIND_SHARE:
        return [check, waiting]
    if drawn < 2 * BLIND_SHARE + KNOWN_SHARE:
        return [known, waiting, check]
    return [waiting, check]


async def laid_before(tx: Transaction, officer_id: int, doubt: Doubt, *, now: datetime) -> OnDesk | None:
    """Return in which part a clerk has a doubt on the desk, taking it up where it waits; None: it is only looked at.

    Raises:
        DoubtHeld: another clerk has it.
    """
    row = await tx.row(SQL.on_desk, {"officer_id": officer_id})
    if row and row[0] == doubt.doubt_id and (doubt.state == State.WAITING or row[2] != Part.DECIDES):
        return OnDesk(row[0], row[1], Part(row[2]))
    if doubt.state != State.WAITING:
        return None
    who = {"officer_id": officer_id, "doubt_id": doubt.doubt_id, "now": now, "role": int(Part.DECIDES)}
    if not await tx.execute(SQL.hold, who | {"until": now + timedelta(minutes=HOLD_MINUTES)}):
        raise DoubtHeld("Another officer has this case on the desk; take the next one")
    await tx.execute(SQL.put_on_desk, who)
    return OnDesk(doubt.doubt_id, now, Part.DECIDES)


async def skip(tx: Transaction, officer_id: int, doubt_id: int, *, now: datetime) -> None:
    """Leave a doubt for later: it comes again when nothing else waits."""
    who = {"officer_id": officer_id, "doubt_id": doubt_id, "now": now}
    await tx.execute(SQL.skip, who)
    await tx.execute(SQL.let_go, who)
    await tx.execute(SQL.clear_desk, who)


async def doubt_of(tx: Transaction, doubt_id: int) -> Doubt:
    """Read a doubt.

    Raises:
        DoubtUnknown: there is none, or it is out of scope.
    """
    found = await tx.first(Doubt, SQL.doubt, {"doubt_id": doubt_id})
    if found is None:
        raise DoubtUnknown("There is no such case")
    return found


async def held_doubt(tx: Transaction, doubt_id: int) -> Doubt:
    """Read a doubt and keep it as it is until the transaction ends.

    Raises:
        DoubtUnknown: there is none, or it is out of scope.
    """
    await tx.rows(SQL.doubt_for_update, {"doubt_id": doubt_id})
    return await doubt_of(tx, doubt_id)


def check_waiting(doubt: Doubt, officer_id: int, now: datetime) -> None:
    """Check that a clerk may decide a doubt now.

    Raises:
        DoubtSettled: it was decided before.
        DoubtHeld: another clerk has it.
    """
    if doubt.state != State.WAITING:
        raise DoubtSettled("This case was decided before")
    if doubt.held_by_another(officer_id, now):
        raise DoubtHeld("Another officer has this case on the desk; take the next one")


async def doubts(
    tx: Transaction,
    *,
    states: Iterable[State] = (State.WAITING,),
    batch_id: int | None = None,
    province: str | None = None,
    most: int = 100,
) -> list[Doubt]:
    """List doubts in scope, the most urgent first."""
    asked = {"states": [str(one) for one in states], "batch_id": batch_id, "province": province, "most": most}
    return await tx.all(Doubt, SQL.waiting, asked)


async def skipped_by(tx: Transaction, officer_id: int) -> list[Doubt]:
    """List what a clerk left for later and nobody has decided since."""
    return await tx.all(Doubt, SQL.skipped_by, {"officer_id": officer_id})


async def differing(tx: Transaction) -> list[Doubt]:
    """List decisions of which a blind check found otherwise, the latest first."""
    return await tx.all(Doubt, SQL.differing)


@dataclass(frozen=True)
class Given:
    """A verdict as it stands."""

    verdict_id: int
    officer_id: int
    chosen: int | None
    given_at: datetime
    seconds: float
    role: int
    answer: int
    agrees: bool | None
    note: str


async def verdicts_of(tx: Transaction, doubt_id: int) -> list[Given]:
    """List what clerks said of a doubt, in order."""
    return await tx.all(Given, SQL.verdicts_of, {"doubt_id": doubt_id})
