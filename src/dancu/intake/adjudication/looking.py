"""A doubt as a clerk sees it: side by side, within the clerk's scope; every look is logged."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import structs

from dancu.access.model import Assignment, Officer
from dancu.access.work import OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Channel, Operation
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import KeyRing, Place, Purpose
from dancu.intake import store
from dancu.intake.adjudication.differences import Agreement, agreement
from dancu.intake.adjudication.model import Answer, Doubt, Kind, Part, State
from dancu.intake.adjudication.queue import SQL, OnDesk, doubt_of, laid_before
from dancu.intake.adjudication.sides import (
    SEXES,
    TRANSLATED,
    Shown,
    Side,
    partial_text,
    relatives_of,
    side_of_person,
    side_of_record,
)
from dancu.intake.plan import Row, wife_of
from dancu.intake.store import RecordUnknown
from dancu.kernel.codes import Authority, Sex
from dancu.kernel.text import fold
from dancu.kernel.time import today
from dancu.register import surroundings
from dancu.register.ledger import annulled

PURPOSE = "population_database"


@dataclass(frozen=True)
class Clerk:
    """An officer at work on the queue.

    Args:
        office_id: at which office an officer of several acts.
        request_id: under which the log has it.
    """

    officer: Officer
    now: datetime
    request_id: UUID
    office_id: int | None = None
    channel: Channel = Channel.PORTAL

    @property
    def held(self) -> Assignment | None:
        """What the officer is at the office."""
        return self.officer.at(self.office_id)

    @property
    def center(self) -> bool:
        """Whether the officer decides what provinces raised."""
        return self.held is not None and self.held.authority is Authority.POPULATION_DATABASE


@dataclass(frozen=True)
class Comparison:
    """A doubt with what is compared.

    Args:
        sides: the record, or the record of the register that would carry on; then those whom it may be.
        desk: in which part the clerk has it on the desk; None: it is only looked at.
        source: name of the source of a record.
        findings: rules that the record broke, with the field.
    """

    doubt: Doubt
    sides: tuple[Side, ...]
    desk: OnDesk | None
    source: str = ""
    findings: tuple[tuple[str, str], ...] = ()


def opened_for(
    database: Database, clerk: Clerk, operation: Operation = Operation.READ
) -> AbstractAsyncContextManager[OpenWork]:
    """Open access to doubts and to those whom they are about, in the clerk's scope."""
    return opened(
        database,
        clerk.officer,
        operation=operation,
        purpose=PURPOSE,
        now=clerk.now,
        request_id=clerk.request_id,
        fields=ALL_FIELDS,
        office_id=clerk.office_id,
        channel=clerk.channel,
    )


async def look(database: Database, clerk: Clerk, doubt_id: int) -> Comparison:
    """Open a doubt, and take it up where it waits.

    Raises:
        DoubtUnknown: there is none in scope.
        DoubtHeld: another clerk has it.
        NotAllowed: the policy refuses.
    """
    async with opened_for(database, clerk) as work:
        doubt = await doubt_of(work.tx, doubt_id)
        desk = await laid_before(work.tx, clerk.officer.officer_id, doubt, now=clerk.now)
        return await compared(work, doubt, desk, now=clerk.now)


async def compared(work: OpenWork, doubt: Doubt, desk: OnDesk | None, *, now: datetime) -> Comparison:
    """Read what a doubt is about, and log it: as it is now, or as who decided saw it."""
    tx = work.tx
    stored = await _as_shown(tx, doubt) if doubt.state not in {State.WAITING, State.PARKED} else None
    sides = stored or await sides_now(tx, doubt, now=now)
    await _log(work, sides)
    if doubt.batch_id is None:
        return Comparison(doubt, sides, desk)
    source = await tx.row(SQL.source_of, {"batch_id": doubt.batch_id})
    broken = await tx.rows(SQL.findings_of, {"batch_id": doubt.batch_id, "record": doubt.record})
    return Comparison(doubt, sides, desk, source[0] if source else "", tuple((rule, field) for rule, field in broken))


async def _log(work: OpenWork, sides: Sequence[Side]) -> None:
    """Write down whom a clerk saw, and of whom it was only told that they are there."""
    seen = tuple(one.person_id for one in sides if one.person_id is not None and not one.masked)
    hidden = tuple(one.person_id for one in sides if one.person_id is not None and one.masked)
    await work.log(persons=seen, result_count=len(seen))
    if hidden:
        await work.log(persons=hidden, result_count=len(hidden), fields=0)


async def sides_now(tx: Transaction, doubt: Doubt, *, now: datetime) -> tuple[Side, ...]:
    """Return what is compared, as it is today and as far as the transaction sees."""
    day = today(now)
    scores = dict(zip(doubt.persons, doubt.scores, strict=True))
    lives = await surroundings.lives_as_of(tx, doubt.persons, on=day, as_known_at=now)
    relatives = {one for life in lives.values() for one in relatives_of(life)}
    names = {one: found.name for one, found in (await surroundings.people(tx, relatives)).items()}
    shown = {one: side_of_person(life, names, on=day, score=scores[one]) for one, life in lives.items()}
    first = await _record_side(tx, doubt, now) if doubt.kind == Kind.RECORD else None
    against = first or next((shown[one] for one in doubt.persons if one in shown), None)
    if against and len(shown) < len(doubt.persons):
        for row in await tx.rows(SQL.others_of_doubt, {"doubt_id": doubt.doubt_id}):
            shown[row[0]] = _hidden(against, row, scores[row[0]])
    persons = tuple(shown[one] for one in doubt.persons if one in shown)
    return (first, *persons) if first else persons


async def _record_side(tx: Transaction, doubt: Doubt, now: datetime) -> Side | None:
    told = await told_of(tx, doubt)
    return side_of_record(told, today=today(now)) if told else None


async def told_of(tx: Transaction, doubt: Doubt) -> Row | None:
    """Open the record of a doubt, of a marriage the part that is in doubt; None: it is no longer there."""
    if doubt.batch_id is None or doubt.record is None:
        return None
    with suppress(RecordUnknown):
        told = await store.told(tx, doubt.batch_id, doubt.record)
        return wife_of(told) if doubt.part else told
    return None


@dataclass(frozen=True)
class Undoing:
    """The command that undoes what a doubt led to, with the kind of its act."""

    command: str
    act: str
    arguments: Mapping[str, int]
    person_id: int


async def undoing(tx: Transaction, doubt: Doubt) -> Undoing | None:
    """Return how to undo that two were said to be the same: a merge, or what a record told; None: nothing stands."""
    chosen = doubt.chosen
    if doubt.answer != Answer.SAME or doubt.state != State.SETTLED or chosen is None:
        return None
    if doubt.kind == Kind.REGISTER:
        found = (await surroundings.people(tx, [chosen])).get(chosen)
        merged = found is not None and found.person_id != chosen
        return (
            Undoing("unmerge_records", "record_unmerged", {"merged_id": chosen}, doubt.persons[0]) if merged else None
        )
    events = await surroundings.events_of(tx, chosen)
    acts = await surroundings.acts(tx, {event.act_id for event in events})
    fallen = annulled(events)
    for event in events:
        if acts[event.act_id].dossier_id == doubt.dossier_id and event.seq not in fallen:
            return Undoing("annul_event", "event_annulled", {"person_id": chosen, "seq": event.seq}, chosen)
    return None


def _hidden(against: Side, row: Sequence[object], score: float) -> Side:
    """A side of somebody out of scope: only in which facts it agrees, and whose office can be asked."""
    person_id, born, sex, name_key, number, unit = row
    texts = {
        "name": str(name_key),
        "born": partial_text(int(str(born)) if born else None),
        "sex": SEXES.get(Sex(int(str(sex))), ""),
        "number": str(number or ""),
    }
    told = against.texts | {"name": fold(against.texts.get("name", ""))}
    return Side(
        int(str(person_id)),
        score=score,
        masked=True,
        office=str(unit),
        agreements={
            field: agreement(told.get(field, ""), text, code=field in TRANSLATED) for field, text in texts.items()
        },
    )


def place_of_shown(doubt_id: int) -> Place:
    """Return where what was shown is sealed."""
    return Place("intake.doubt", "shown", doubt_id)


def seal_shown(ring: KeyRing, doubt_id: int, sides: Sequence[Side]) -> bytes:
    """Seal what a clerk saw."""
    shown = msgspec.json.encode(Shown(tuple(sides)))
    return ring.encrypt(Purpose.INTAKE_RECORD, shown, place_of_shown(doubt_id))


async def _as_shown(tx: Transaction, doubt: Doubt) -> tuple[Side, ...] | None:
    """Return what who decided saw, masked for who looks now."""
    row = await tx.row(SQL.shown, {"doubt_id": doubt.doubt_id})
    if row is None or row[0] is None:
        return None
    clear = tx.keys.decrypt(Purpose.INTAKE_RECORD, bytes(row[0]), place_of_shown(doubt.doubt_id))
    sides = msgspec.json.decode(clear, type=Shown).sides
    visible = set(await surroundings.people(tx, [one.person_id for one in sides if one.person_id is not None]))
    return tuple(_masked_for(one, sides[0], visible) for one in sides)


def _masked_for(side: Side, first: Side, visible: set[int]) -> Side:
    if side.masked or side.person_id is None or side.person_id in visible:
        return side
    fields = ("name", "born", "sex", "number")
    agrees = {
        one: agreement(first.texts.get(one, ""), side.texts.get(one, ""), code=one in TRANSLATED) for one in fields
    }
    known = {field: how for field, how in agrees.items() if how is not Agreement.UNKNOWN}
    return structs.replace(side, texts={}, masked=True, agreements=known)


def as_part(comparison: Comparison, desk: OnDesk) -> Comparison:
    """Return a comparison as it lies on the desk: blind to what was decided, where another one is checked."""
    if desk.role is Part.DECIDES:
        return replace(comparison, desk=desk)
    blind = replace(comparison.doubt, state=State.WAITING, answer=None, chosen=None, decided_by=None, decided_at=None)
    return replace(comparison, doubt=blind, desk=desk)
