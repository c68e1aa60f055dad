"""Writing an act with all that it changes; the public face of reading ledgers, too. Nothing is decided here."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

import psycopg
from psycopg.types.json import Jsonb

from dancu.infra.db import Asked, Transaction
from dancu.infra.keys import KeyRing
from dancu.kernel.codes import IdentifierScheme
from dancu.kernel.errors import Conflict, Stale
from dancu.kernel.ids import new_id
from dancu.register import four_eyes, households, merging, payloads
from dancu.register.act import ActHeader, Decided, NewEvent
from dancu.register.histories import (
    EMPTY,
    SQL,
    ChangedMeanwhile,
    History,
    PersonUnknown,
    RecordMerged,
    act_of_request,
    event_of,
    history,
    locked,
    locked_unless_done,
    open_person,
    standing_history,
    survivor_of,
)
from dancu.register.kinds import BEGIN_A_TIE, EventKind
from dancu.register.ledger import Event, hash_of
from dancu.register.merging import Ledgers
from dancu.register.model import Identifier, Life, Membership, Residence, extended
from dancu.register.payloads import Payload
from dancu.register.projection import NO_ROWS, Locate, Rows, rows_of, same_rows
from dancu.register.sensitive import sealed

__all__ = [
    "EMPTY",
    "SQL",
    "AlreadyRecorded",
    "ChangedMeanwhile",
    "History",
    "HouseholdRow",
    "NumberTaken",
    "PersonUnknown",
    "RecordMerged",
    "act_of_request",
    "event_of",
    "history",
    "household",
    "identifier_row",
    "locked",
    "locked_unless_done",
    "membership_row",
    "number_is_taken",
    "numbers_used",
    "open_person",
    "persons_of_act",
    "record",
    "residence_row",
    "standing_history",
    "survivor_of",
]


class NumberTaken(Conflict):
    """The number belongs to somebody already."""


class AlreadyRecorded(Conflict):
    """The same request is being carried out at this moment; asking again finds its act."""


@dataclass(frozen=True)
class HouseholdRow:
    """A household as it is stored."""

    household_id: int
    file_no: str
    unit_code: str
    unit_day: date
    detail: str
    formed_on: date | None


async def household(tx: Transaction, household_id: int) -> HouseholdRow:
    """Read a household.

    Raises:
        NotFound: there is none.
    """
    return await tx.one(HouseholdRow, SQL.household, {"household_id": household_id})


async def numbers_used(tx: Transaction, block: str) -> int:
    """Return how many numbers a block has given out."""
    row = await tx.row(SQL.numbers_used, {"block": block})
    return int(row[0]) if row else 0


async def record(
    tx: Transaction,
    *,
    header: ActHeader,
    decided: Decided,
    histories: dict[int, History],
    now: datetime,
    locate: Locate,
) -> int:
    """Write an act with all that it changes, and return its id.

    It travels with the next message of the transaction, at the latest with its commit: there, what stands
    against it is raised.

    Args:
        histories: of every person that has an event in it, as read under lock; missing for new persons.

    Raises:
        SecondOfficerNeeded: acts of this kind take four eyes.
        Invalid: a household would have two heads.
        AlreadyRecorded: the request id was used.
        KeyMissing: sensitive facts are told, and the key that seals them isn't there.
        NumberTaken: a personal number belongs to somebody.
        ChangedMeanwhile: a person has another version by now, or a number with several holders got one more.
    """
    four_eyes.check(header, decided)
    act_id = new_id()
    merged = any(history.ledgers or history.survivor for history in histories.values())
    if merged:
        histories = _with_survivors(histories)
        decided = _marked(_named_as_known(decided, histories), histories)
    now = _known_after(histories, now, merged=merged)
    told = {
        person_id: _told(person_id, events, histories.get(person_id, EMPTY), act_id, now, tx.keys)
        for person_id, events in _by_person(decided.events).items()
    }
    ledgers = _ledgers(histories, told)
    appended = {person_id: _appended(histories.get(person_id, EMPTY), new, ledgers) for person_id, new in told.items()}
    for person_id, new in appended.items():
        if new.life.protected:
            await open_person(tx, person_id)  # the act that masks a record writes it under its own policy
    shown = {person_id: new.life for person_id, new in appended.items() if new.shown}
    changed = await _changed_households(tx, decided, histories, shown) if shown else []
    writes = [_act(act_id, header, decided, now, persons=list(told))]
    for person_id, new in appended.items():
        writes += _writes(person_id, new, histories.get(person_id, EMPTY), now, locate)
    writes += _rest(act_id, decided)
    await tx.ahead(*writes, said=partial(_domain_error, header))
    if changed:
        await households.settle_clocks(tx, act_id, changed, decided.valid_on.earliest)
    return act_id


def _with_survivors(histories: dict[int, History]) -> dict[int, History]:
    survivors = (history.survivor for history in histories.values() if history.survivor)
    return {**{one.events[0].person_id: one for one in survivors}, **histories}


def _named_as_known(decided: Decided, histories: dict[int, History]) -> Decided:
    """Let each ledger go on naming relatives by the record by which it knows them; what begins a tie tells it anew."""
    records = [history.record.records for history in histories.values() if history.ledgers and history.record]
    if not records:
        return decided
    events = [
        replace(event, payload=told)
        for event in decided.events
        for told in (
            (event.payload,)
            if event.kind in BEGIN_A_TIE
            else merging.named_as_known(event.payload, histories.get(event.person_id, EMPTY).events, records)
        )
    ]
    return replace(decided, events=tuple(events))


def _marked(decided: Decided, histories: dict[int, History]) -> Decided:
    """Mark what is filed under a merged record in the ledger of the survivor, whose life it changes."""
    events = list(decided.events)
    for person_id in _by_person(decided.events):
        survivor = histories.get(person_id, EMPTY).survivor
        if survivor is None:
            continue
        survivor_id = survivor.events[0].person_id
        if not any(e.person_id == survivor_id and e.payload.absorbs == person_id for e in events):
            kind, told = EventKind.FILED_UNDER_MERGED_RECORD, Payload(absorbs=person_id)
            events.append(NewEvent(survivor_id, kind, decided.valid_on, told))
    return replace(decided, events=tuple(events)) if len(events) > len(decided.events) else decided


def _known_after(histories: dict[int, History], now: datetime, *, merged: bool) -> datetime:
    """Return when an act is known, that may have waited for another one: what was known must not change.

    Args:
        merged: ledgers are told together, which have no two acts of one moment.
    """
    known = [history.events[-1].known_at for history in histories.values() if history.events]
    if merged:
        known = [moment + _MICROSECOND for moment in known]
    return max([now, *known])


_MICROSECOND = timedelta(microseconds=1)


def _ledgers(histories: dict[int, History], told: "dict[int, _Told]") -> Ledgers:
    """The ledgers as they stand with the act, for whoever absorbed them."""
    ledgers: dict[int, Sequence[Event]] = {}
    for person_id, known in histories.items():
        ledgers |= {one: events for one, events in known.ledgers.items() if one not in ledgers}
        ledgers[person_id] = known.events
    return ledgers | {one: (*histories[one].events, *new.events) for one, new in told.items() if one in histories}


async def _changed_households(
    tx: Transaction, decided: Decided, histories: dict[int, History], after: dict[int, Life]
) -> list[int]:
    """Lock the households that an act changes, and hold it against the rule of one head.

    A newborn joins a household with a member, whom the act has locked, and never heads it.
    """
    if decided.kind is EventKind.BIRTH_REGISTERED:
        return []
    changed = households.changed({one: history.record for one, history in histories.items()}, after)
    if changed:
        households.check_one_head(await households.locked(tx, changed), after)
    return changed


def _by_person(events: Iterable[NewEvent]) -> dict[int, list[NewEvent]]:
    grouped: dict[int, list[NewEvent]] = {}
    for event in events:
        grouped.setdefault(event.person_id, []).append(event)
    return grouped


def _domain_error(header: ActHeader, error: psycopg.errors.UniqueViolation) -> Conflict | Stale:
    match error.diag.constraint_name:
        case "request_pkey":
            return AlreadyRecorded("This request is being carried out already")
        case "event_pkey" | "person_pkey":
            return ChangedMeanwhile("The record was changed meanwhile")
        case "identifier_pkey" if _second_holder(error):
            return ChangedMeanwhile("Another record took the same number at this moment")
        case "identifier_pkey":
            return NumberTaken("The number belongs to somebody already")
        case _:
            return Conflict(f"Another act stands against it ({header.request_id})")


def _second_holder(error: psycopg.errors.UniqueViolation) -> bool:
    """Tell whether the key (value, scheme, ordinal) is of a number that may have several holders."""
    key = re.search(r", (\d+), \d+\)", error.diag.message_detail or "")
    return key is not None and int(key[1]) != IdentifierScheme.PERSONAL_NUMBER


def _act(act_id: int, header: ActHeader, decided: Decided, now: datetime, *, persons: list[int]) -> Asked:
    registration = header.registration
    return (
        SQL.insert_act,
        {
            "act_id": act_id,
            "subject_id": decided.events[0].person_id,
            "kind": int(decided.kind),
            "valid_on": decided.valid_on.number,
            "known_at": now,
            "authority": int(header.authority),
            "office": header.office,
            "officer_id": header.officer_id,
            "dossier_id": header.dossier_id,
            "request_id": header.request_id,
            "legal_ground": header.legal_ground,
            "registration": Jsonb({k: v for k, v in vars(registration).items() if v}) if registration else None,
            "evidence": Jsonb(header.evidence) if header.evidence else None,
            "source": header.source,
            "batch_id": header.batch_id,
            "approver_id": header.approver_id,
            "persons": persons,
        },
    )


@dataclass(frozen=True)
class _Told:
    """New events of one person, and their rows."""

    events: tuple[Event, ...]
    event_rows: tuple[dict[str, object], ...]


@dataclass(frozen=True)
class _Appended:
    """The rows of new events of one person, and the life that they tell with those before.

    Args:
        shown: the current state shows it, beside its version.
    """

    life: Life
    event_rows: tuple[dict[str, object], ...]
    shown: bool


def _told(person_id: int, new: Sequence[NewEvent], before: History, act_id: int, now: datetime, ring: KeyRing) -> _Told:
    """Append events to one ledger, sensitive facts sealed."""
    events, head, event_rows = list[Event](), before.head, list[dict[str, object]]()
    for seq, one in enumerate(new, start=len(before.events) + 1):
        payload = sealed(one.payload, ring, person_id=person_id, seq=seq)
        event = Event(person_id, seq, one.kind, one.valid_on, now, act_id, payload)
        head = hash_of(event, head)
        events.append(event)
        event_rows.append(_event_row(event, head))
    return _Told(tuple(events), tuple(event_rows))


def _appended(before: History, new: _Told, ledgers: Ledgers) -> _Appended:
    life = extended(before.record, before.events, new.events, ledgers=ledgers)
    if life is None:
        raise PersonUnknown("The first event of a person must establish it")
    return _Appended(life, new.event_rows, shown=before.record is None or not same_rows(before.record, life))


def _writes(person_id: int, new: _Appended, before: History, now: datetime, locate: Locate) -> list[Asked]:
    """Write new events and bring the rows of the current state along: the person's own first."""
    events: list[Asked] = [(SQL.insert_event, event_row) for event_row in new.event_rows]
    seen = {"seen_version": len(before.events)}
    if not new.shown:
        stamps = {"person_id": person_id, "version": new.life.version, "known_at": new.life.known_at}
        return [(SQL.touch_person, stamps | seen), *events]
    old = rows_of(before.record, locate) if before.record else NO_ROWS
    rows = rows_of(new.life, locate)
    # The person first: row-level security of its other rows looks at it.
    return [
        (SQL.update_person if old.person else SQL.insert_person, rows.person | seen),
        *events,
        *_identifiers(person_id, old, rows),
        *_stays(person_id, old, rows, now),
    ]


def _event_row(event: Event, digest: bytes) -> dict[str, object]:
    return {
        "person_id": event.person_id,
        "seq": event.seq,
        "kind": int(event.kind),
        "valid_on": event.valid_on.number,
        "known_at": event.known_at,
        "act_id": event.act_id,
        "payload": payloads.encode(event.payload).decode(),
        "hash": digest,
    }


def _identifiers(person_id: int, old: Rows, new: Rows) -> Iterator[Asked]:
    known = {(i.scheme, i.value) for i in old.identifiers}
    for one in sorted(new.identifiers - old.identifiers, key=lambda i: (i.scheme, i.value)):
        if (one.scheme, one.value) in known:
            yield SQL.update_identifier, identifier_row(person_id, one)
            continue
        yield SQL.insert_identifier, identifier_row(person_id, one)
        if one.scheme is IdentifierScheme.PERSONAL_NUMBER:
            yield SQL.count_number, {"block": one.value[:6]}


def identifier_row(person_id: int, one: Identifier) -> dict[str, object]:
    """Return the row of an identifier, by column name."""
    return {
        "person_id": person_id,
        "scheme": int(one.scheme),
        "value": one.value,
        "valid_from": one.since,
        "valid_to": one.until,
        "cancelled": one.cancelled,
    }


def _stays(person_id: int, old: Rows, new: Rows, now: datetime) -> Iterator[Asked]:
    for stay in _ordered(old.residences - new.residences):
        yield SQL.close_residence, residence_row(person_id, stay, now)
    for stay in _ordered(new.residences - old.residences):
        yield SQL.insert_residence, residence_row(person_id, stay, now)
    for member in _ordered_members(old.memberships - new.memberships):
        yield SQL.close_membership, membership_row(person_id, member, now)
    for member in _ordered_members(new.memberships - old.memberships):
        yield SQL.insert_membership, membership_row(person_id, member, now)
    if old.former_names != new.former_names or (new.former_names and old.person.get("born") != new.person["born"]):
        yield SQL.delete_former_names, {"person_id": person_id}
        for row_no, (key, other) in enumerate(new.former_names, start=1):
            row = {"person_id": person_id, "row_no": row_no, "other": other, "name_key": key}
            yield SQL.insert_former_name, {**row, "born": new.person["born"]}


def _ordered(stays: frozenset[Residence]) -> list[Residence]:
    return sorted(stays, key=lambda r: (r.kind, str(r.since or ""), str(r.until or "~"), r.unit, r.detail))


def _ordered_members(members: frozenset[Membership]) -> list[Membership]:
    return sorted(members, key=lambda m: (str(m.since or ""), str(m.until or "~"), m.household_id, m.relation))


def residence_row(person_id: int, stay: Residence, known_at: datetime) -> dict[str, object]:
    """Return the row of a stay, by parameter name."""
    return {
        "person_id": person_id,
        "kind": int(stay.kind),
        "unit_code": stay.unit,
        "unit_day": stay.unit_day,
        "detail": stay.detail,
        "valid_from": stay.since,
        "valid_to": stay.until,
        "known_at": known_at,
    }


def membership_row(person_id: int, member: Membership, known_at: datetime) -> dict[str, object]:
    """Return the row of a membership, by parameter name."""
    return {
        "person_id": person_id,
        "household_id": member.household_id,
        "relation": int(member.relation),
        "valid_from": member.since,
        "valid_to": member.until,
        "known_at": known_at,
    }


def _rest(act_id: int, decided: Decided) -> Iterator[Asked]:
    for household in decided.households:
        yield (
            SQL.insert_household,
            {
                "household_id": household.household_id,
                "file_no": household.file_no,
                "unit_code": household.unit,
                "unit_day": household.unit_day,
                "detail": household.detail,
                "formed_on": household.formed_on,
            },
        )
    for clock in decided.clocks:
        yield SQL.insert_clock, {"clock_id": new_id(), "act_id": act_id, **vars(clock)}
    for question in decided.questions:
        yield SQL.insert_question, {"act_id": act_id, **vars(question)}
    for ended in decided.ended_clocks:
        yield SQL.end_person_clock, {"act_id": act_id, **vars(ended)}


async def persons_of_act(tx: Transaction, act_id: int) -> list[int]:
    """List whom an act has an event of, in the order of their ids, wherever they live."""
    row = await tx.row(SQL.persons_of_act_anywhere, {"act_id": act_id})
    return sorted(row[0]) if row and row[0] else []


async def number_is_taken(tx: Transaction, value: str) -> bool:
    """Tell whether a personal number was ever given out, to whomever."""
    row = await tx.row(SQL.number_is_taken, {"value": value})
    return bool(row and row[0])
