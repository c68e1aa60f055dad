"""Acts on status, capacity, nationality, particulars and protection; and the child who lived a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from dancu.infra.db import Transaction
from dancu.kernel.codes import Capacity, ProtectionGround
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.register import numbering, store, ties
from dancu.register.act import ActHeader, Decided, NewEvent
from dancu.register.commands.acting import Recorded, carried_out, done_before, standing
from dancu.register.commands.civil import birth_registered
from dancu.register.commands.locking import locked_with
from dancu.register.decisions import status as status_acts
from dancu.register.decisions.civil import BirthDeclared, left_by
from dancu.register.decisions.status import DeclaredDeathDeclared
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.projection import Locate
from dancu.register.rules import judge
from dancu.register.rules.lived import LIVED, LivedFacts


async def declare_missing(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    last_news: PartialDate,
    on: date,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Record that a court has declared somebody missing: residence and household end.

    Args:
        last_news: the day of the last news.
        on: the day on which the decision took effect.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.missing.MISSING`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 68-69.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    decided = status_acts.missing(standing(histories)[person_id], last_news, on, today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def reverse_missing(
    tx: Transaction, *, header: ActHeader, person_id: int, on: date, now: datetime, locate: Locate
) -> Recorded:
    """Record that a court has taken back that somebody is missing; a clock runs until residence is registered.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.missing.FOUND`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 70.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    decided = status_acts.found(standing(histories)[person_id], on, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def declare_death(
    tx: Transaction,
    *,
    header: ActHeader,
    death: DeclaredDeathDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Record that a court has declared somebody dead: all ends that a death ends, and the spouse is widowed.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.civil.DEATH` or `rules.missing.DECLARED_DEATH`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 71-72.
    """
    if done := await done_before(tx, header):
        return done
    histories = await locked_with(tx, death.person_id, lambda life: left_by(life, death.died))
    lives = standing(histories, death.person_id)
    decided = status_acts.declared_death(death, lives, today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def reverse_declared_death(
    tx: Transaction, *, header: ActHeader, person_id: int, on: date, now: datetime, locate: Locate
) -> Recorded:
    """Record that a court has taken back a declaration of death; see `status_acts.returned`.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.missing.RETURN`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 73; Luật Hôn nhân và gia đình 52/2014/QH13, Điều 67.
    """
    if done := await done_before(tx, header):
        return done

    def spouse(life: Life) -> list[int | None]:
        ended = status_acts.ended_with_declared_death(life)
        return [ended.spouse.person_id] if ended else []

    histories = await locked_with(tx, person_id, spouse)
    lives = standing(histories, person_id)
    decided = status_acts.returned(lives[person_id], lives, on, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def change_capacity(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    capacity: Capacity,
    on: date,
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Record what a court has found on somebody's civil capacity; see `status_acts.capacity`.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.status.CAPACITY`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 22-24.
    """
    if done := await done_before(tx, header):
        return done
    histories = await locked_with(tx, person_id, _looking_after)
    lives = standing(histories, person_id)
    decided = status_acts.capacity(lives[person_id], capacity, lives, on, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


def _looking_after(life: Life) -> list[int | None]:
    return [tie.other.person_id for tie in ties.looked_after_by(life)]


async def change_nationality(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    nationality: str,
    on: date,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Record a change of nationality; who loses the Vietnamese one loses permanent residence.

    Args:
        nationality: ISO 3166-1 alpha-3.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.status.NATIONALITY`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 30; Luật Quốc tịch Việt Nam 24/2008/QH12.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    life = standing(histories)[person_id]
    decided = status_acts.nationality(life, nationality, on, today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def change_particulars(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    told: Payload,
    on: date,
    now: datetime,
    locate: Locate,
    consents: bool = True,
    history: bool = False,
) -> Recorded:
    """Register a change of name, sex, ethnicity, religion or place of origin from a day on.

    A changed sex masks the record, and leaves the personal number to a clock until it is re-established.

    Args:
        consents: the person has agreed, where the law asks for that.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Invalid: nothing changes, or what is told can only be corrected.
        Refused: by `rules.status.CHANGE`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 26-28, Điều 45-47.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    life = standing(histories)[person_id]
    decided = status_acts.change(life, told, on, today(now), consents=consents, history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def protect(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    ground: ProtectionGround,
    reason: str,
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Mask a record, also in its own territory: it is opened only with a reason, and with a notice to this office.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: the record was annulled or merged.
        Refused: by `rules.status.PROTECTION`.
    """
    return await _protection(tx, header, person_id, ground, reason, now, locate, begins=True)


async def end_protection(
    tx: Transaction,
    *,
    header: ActHeader,
    person_id: int,
    ground: ProtectionGround,
    reason: str,
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Take one ground of protection away; the record is unmasked when none is left.

    Raises:
        PersonUnknown: the person is not in scope; a masked record must be opened with a reason first.
        Gone: the record was annulled or merged.
        Refused: by `rules.status.PROTECTION`.
    """
    return await _protection(tx, header, person_id, ground, reason, now, locate, begins=False)


async def _protection(
    tx: Transaction,
    header: ActHeader,
    person_id: int,
    ground: ProtectionGround,
    reason: str,
    now: datetime,
    locate: Locate,
    *,
    begins: bool,
) -> Recorded:
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [person_id])
    life = standing(histories)[person_id]
    decided = status_acts.protection(life, ground, today(now), reason, begins=begins)
    return await carried_out(tx, header, decided, histories, now, locate)


@dataclass(frozen=True)
class ShortLifeDeclared:
    """A child who was born and died before the birth was registered.

    Args:
        lived_24_hours: the law asks for both registrations then; else the parents may.
        parents_ask: the parents ask for both.
    """

    birth: BirthDeclared
    died: PartialDate
    lived_24_hours: bool
    parents_ask: bool = False


async def record_short_life(
    tx: Transaction,
    *,
    header: ActHeader,
    child: ShortLifeDeclared,
    now: datetime,
    locate: Locate,
    draw: numbering.DrawSerial = numbering.draw_serial,
) -> Recorded:
    """Register the birth and the death of a child in one act.

    Raises:
        Invalid: a needed part is missing.
        PersonUnknown: a parent's record is not open to the officer.
        Gone: a parent's record was annulled or merged.
        Refused: by `rules.civil.BIRTH` or `rules.lived.LIVED`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 30 khoản 3.
    """

    def and_died(decided: Decided) -> Decided:
        facts = LivedFacts(child.birth.born, child.died, today(now), child.lived_24_hours, child.parents_ask)
        warnings = (*decided.warnings, *judge(LIVED, facts, on=child.birth.born.latest))
        told = Payload(died=child.died.number)
        death = NewEvent(decided.events[0].person_id, EventKind.DEATH_REGISTERED, child.died, told)
        return replace(decided, events=(*decided.events, death), warnings=warnings)

    return await birth_registered(tx, header, child.birth, and_died, now=now, locate=locate, draw=draw)


async def wards_of_age(tx: Transaction, on: date, most: int = 100) -> list[int]:
    """List whoever in scope has come of age by a day and is still looked after as a minor.

    Not those on whose capacity a court has found: what becomes of their guardians is decided, and does not end by
    itself.
    """
    parameters = {"kinds": list(ties.UNTIL_MAJORITY.values()), "on": on, "most": most}
    return [row[0] for row in await tx.rows(store.SQL.come_of_age, parameters)]
