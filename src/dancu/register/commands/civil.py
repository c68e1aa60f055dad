"""Acts of establishing, births, deaths, marriages, moves, numbers and corrections; and the annulment of any act."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from dancu.infra.db import Transaction
from dancu.kernel.codes import IdentifierScheme, PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register import numbering, store
from dancu.register.act import ActHeader, Decided, EndedClock, NewHousehold
from dancu.register.commands import annulments
from dancu.register.commands.acting import Recorded, carried_out, done_before, lives_of, single, standing
from dancu.register.commands.locking import locked_with
from dancu.register.decisions import civil as decisions
from dancu.register.decisions.civil import BirthDeclared, DeathDeclared, MoveDeclared
from dancu.register.decisions.records import WITHOUT_NUMBER
from dancu.register.decisions.status import NO_RESIDENCE_AFTER_RETURN
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.payloads import IdentifierGiven, Payload
from dancu.register.projection import Locate


async def establish_person(
    tx: Transaction,
    *,
    header: ActHeader,
    told: Payload,
    now: datetime,
    locate: Locate,
    person_id: int | None = None,
    households: tuple[NewHousehold, ...] = (),
) -> Recorded:
    """Establish a person from field collection or from a source; one whose genesis was annulled, again.

    Args:
        person_id: chosen by the caller, or of the annulled record.
        households: that the person's membership needs and that do not exist yet.

    Raises:
        Invalid: there is no name, or a household would have two heads.
        ChangedMeanwhile: the record stands already.
        NumberTaken: the personal number belongs to somebody.
    """
    if told.name is None:
        raise Invalid((FieldFault("/name", "A name is needed"),))
    if done := await done_before(tx, header):
        return done
    person_id = person_id or new_id()
    await store.open_person(tx, person_id)
    valid_on = PartialDate(told.born) if told.born else PartialDate.on(today(now))
    decided = replace(single(person_id, EventKind.PERSON_ESTABLISHED, valid_on, told), households=households)
    annulled = await store.history(tx, person_id)
    histories = await store.locked(tx, [person_id]) if annulled.events else {}
    if any(life.status is not PersonStatus.ANNULLED for life in lives_of(histories).values()):
        raise store.ChangedMeanwhile("The record was changed meanwhile")
    return await carried_out(tx, header, decided, histories, now, locate)


async def update_from_source(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    told: Payload,
    valid_on: PartialDate,
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Take over particulars that a source tells, true from a day on.

    Raises:
        PersonUnknown: no such person is in scope.
        Refused: the record was annulled or merged.
    """
    return await _particulars(
        tx, header, EventKind.PARTICULARS_UPDATED, person_id, told, valid_on, now=now, locate=locate
    )


async def correct_particulars(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    told: Payload,
    now: datetime,
    locate: Locate,
    valid_on: PartialDate | None = None,
) -> Recorded:
    """Correct what was recorded wrongly, from the day on which the wrong fact was said to be true.

    A corrected sex or year of birth leaves the personal number standing against the record:
    a clock runs until it is re-established.

    Args:
        valid_on: the day from which the corrected value holds; None: from birth.

    Raises:
        PersonUnknown: no such person is in scope.
        Refused: by `rules.civil.CORRECTION`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 28.
    """
    return await _particulars(
        tx, header, EventKind.PARTICULARS_CORRECTED, person_id, told, valid_on, now=now, locate=locate
    )


async def record_birth(
    tx: Transaction,
    *,
    header: ActHeader,
    birth: BirthDeclared,
    now: datetime,
    locate: Locate,
    draw: numbering.DrawSerial = numbering.draw_serial,
) -> Recorded:
    """Register a birth: the child is established with a number, its parents and the place where it lives.

    The child's residence is that of the parent with whom it lives (Luật Cư trú 68/2020/QH14, Điều 12);
    permanent residence is registered by the commune police afterwards.

    Raises:
        Invalid: a needed part is missing.
        PersonUnknown: a parent's record is not open to the officer.
        Gone: a record was annulled.
        Refused: by `rules.civil.BIRTH`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 13-16.
    """
    return await birth_registered(tx, header, birth, lambda decided: decided, now=now, locate=locate, draw=draw)


async def birth_registered(
    tx: Transaction,
    header: ActHeader,
    birth: BirthDeclared,
    completed: Callable[[Decided], Decided],
    *,
    now: datetime,
    locate: Locate,
    draw: numbering.DrawSerial,
) -> Recorded:
    """Register a birth, and what else the act tells of the child; see `record_birth`."""
    if done := await done_before(tx, header):
        return done
    known = [p.person_id for p in (birth.mother, birth.father) if p and p.person_id]
    histories = await store.locked(tx, known)
    lives = standing(histories)
    warnings = decisions.judge_birth(birth, lives, today(now))
    child_id = new_id()
    await store.open_person(tx, child_id)
    allocated = await numbering.allocate(tx, place=birth.number_place, year=birth.born.year, sex=birth.sex, draw=draw)
    decided = decisions.birth(child_id, birth, lives, allocated.number, today(now), locate)
    decided = completed(replace(decided, warnings=warnings))
    recorded = await carried_out(tx, header, decided, {}, now, locate)
    return replace(recorded, personal_number=allocated.number.value, number_block_nearly_full=allocated.nearly_full)


async def record_death(
    tx: Transaction, *, header: ActHeader, death: DeathDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Register a death: it ends residence, household and marriage, and the spouse is widowed.

    A household that loses its head gets a clock.

    Raises:
        PersonUnknown: no such person is in scope.
        Gone: the record was annulled.
        Refused: by `rules.civil.DEATH`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 32-34.
    """
    if done := await done_before(tx, header):
        return done
    histories = await locked_with(tx, death.person_id, lambda life: decisions.left_by(life, death.died))
    lives = standing(histories, death.person_id)
    warnings = decisions.judge_death(death, lives[death.person_id], today(now))
    decided = decisions.death(death, lives, today(now))
    return await carried_out(tx, header, replace(decided, warnings=warnings), histories, now, locate)


async def record_marriage(
    tx: Transaction,
    *,
    header: ActHeader,
    one_id: int,
    other_id: int,
    on: PartialDate,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Register a marriage of two persons.

    Args:
        history: the marriage is past and only recorded; what the law would refuse becomes a warning.

    Raises:
        PersonUnknown: one of the two is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.civil.MARRIAGE`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 17-18.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [one_id, other_id])
    lives = standing(histories)
    decided = decisions.marriage(lives[one_id], lives[other_id], on, today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def record_move(
    tx: Transaction, *, header: ActHeader, move: MoveDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Register permanent residence at the destination, which ends the old registration.

    Raises:
        Invalid: nobody moves, or a household would have two heads.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.civil.RESIDENCE`.

    Law: Luật Cư trú 68/2020/QH14, Điều 20-22.
    """
    if done := await done_before(tx, header):
        return done
    if not move.movers:
        raise Invalid((FieldFault("/movers", "Name at least one person who moves"),))
    histories = await store.locked(tx, [person_id for person_id, _ in move.movers])
    lives = standing(histories)
    warnings = decisions.judge_move(move, lives, today(now))
    household_id, formed = await _destination(tx, move, now)
    decided = decisions.move(move, household_id, formed, today(now))
    homeless = [life.person_id for life in lives.values() if life.abode(today(now)) is None]
    ended = tuple(EndedClock(NO_RESIDENCE_AFTER_RETURN, one) for one in homeless)
    decided = replace(decided, warnings=warnings, ended_clocks=ended)
    return await carried_out(tx, header, decided, histories, now, locate)


async def establish_number(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    place: int,
    now: datetime,
    locate: Locate,
    draw: numbering.DrawSerial = numbering.draw_serial,
) -> Recorded:
    """Establish a personal number; one that the person had is cancelled, kept and stays findable.

    Raises:
        PersonUnknown: no such person is in scope.
        Gone: the record was annulled.
        Invalid: sex or year of birth is not known.
        BlockExhausted: no free number was found.

    Law: Thông tư 59/2021/TT-BCA, Điều 5-6.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    life = standing(histories)[person_id]
    if life.born is None or life.sex is Sex.UNKNOWN:
        raise Invalid((FieldFault("/person", "A personal number needs sex and year of birth"),))
    allocated = await numbering.allocate(tx, place=place, year=life.born.year, sex=life.sex, draw=draw)
    given = IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, allocated.number.value, today(now))
    decided = single(
        person_id,
        EventKind.PERSONAL_NUMBER_ESTABLISHED,
        PartialDate.on(today(now)),
        Payload(identifiers=(given,)),
    )
    settled = (EndedClock(kind, person_id) for kind in (WITHOUT_NUMBER, decisions.NUMBER_AGAINST_RECORD))
    decided = replace(decided, ended_clocks=tuple(settled))
    recorded = await carried_out(tx, header, decided, histories, now, locate)
    return replace(recorded, personal_number=allocated.number.value, number_block_nearly_full=allocated.nearly_full)


async def annul_event(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    seq: int,
    reason: str,
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Annul an earlier event: the life is told as if it had not been, and both stay in the ledger.

    A marriage and a death fall for both spouses, wherever the other one lives.

    Raises:
        PersonUnknown: no such person is in scope.
        Invalid: there is no such event, or a household would have two heads.
        AlreadyAnnulled: it was annulled before.
        ChangedMeanwhile: somebody bound to it married while the lock was awaited.
        NeededByLaterActs: other acts rest on it; see `annulments.target`.
    """
    if done := await done_before(tx, header):
        return done
    seen = (await store.history(tx, person_id)).events
    if not seen:
        raise store.PersonUnknown("No such person is open to you")
    bound = await _bound(tx, person_id, annulments.target(seen, seq))
    histories = await store.locked(tx, bound)
    one = annulments.target(histories[person_id].events, seq)
    if await _bound(tx, person_id, one) != bound:
        raise store.ChangedMeanwhile("The record was changed meanwhile")
    return await carried_out(tx, header, annulments.annulment(one, histories, reason), histories, now, locate)


# What commands share ---------------------------------------------------------------------------------------------


async def _particulars(
    tx: Transaction,
    header: ActHeader,
    kind: EventKind,
    person_id: int,
    told: Payload,
    valid_on: PartialDate | None,
    *,
    now: datetime,
    locate: Locate,
) -> Recorded:
    done, histories = await store.locked_unless_done(tx, [person_id], header.request_id)
    if done:
        return Recorded(*done, repeated=True)
    life = lives_of(histories)[person_id]
    valid_on = valid_on or histories[person_id].events[0].valid_on
    decided = decisions.particulars(kind, life, told, valid_on, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def _bound(tx: Transaction, person_id: int, one: Event) -> set[int]:
    """List the persons in whose ledgers an event's act stands, and whoever they ever named as spouse or by a tie."""
    bound = {person_id}
    if annulments.binds_two(one):
        for other_id in await store.persons_of_act(tx, one.act_id):
            await store.open_person(tx, other_id)
            bound.add(other_id)
    sharing = sorted(bound) if annulments.binds_two(one) else []
    while sharing:
        events = (await store.history(tx, sharing.pop())).events
        for other_id in sorted(annulments.tied_to(events) - bound):
            await store.open_person(tx, other_id)
            other = await store.history(tx, other_id)
            if other.events:
                bound.add(other_id)
            if annulments.shares(other, one):
                sharing.append(other_id)
    return bound


async def _destination(tx: Transaction, move: MoveDeclared, now: datetime) -> tuple[int, tuple[NewHousehold, ...]]:
    if move.household_id is not None:
        await store.household(tx, move.household_id)
        return move.household_id, ()
    household_id = new_id()
    file_no = move.file_no or f"{move.unit}-{household_id % 10**9:09}"
    formed = NewHousehold(household_id, file_no, move.unit, move.detail, today(now), move.on)
    return household_id, (formed,)
