"""Two officers act at once on one person: one after the other, or one of them is told; nothing is lost."""

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, IdentifierScheme, MaritalStatus, PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Refused, Unavailable
from dancu.kernel.numbers import PersonalNumber
from dancu.register import commands, numbering, store
from dancu.register.act import ActHeader, Decided, NewEvent
from dancu.register.commands import DeathDeclared, Recorded
from dancu.register.kinds import EventKind
from dancu.register.model import Life
from dancu.register.payloads import IdentifierGiven, Payload
from dancu.register.sensitive import opened
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
_SERIALS = itertools.count(1)
ROUNDS = 6


def locate(_unit: str, _day: date, _detail: str) -> tuple[str | None, str | None]:
    return None, None


def header(request: UUID | None = None) -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, "06325", request or uuid4(), "Luật Hộ tịch 60/2014/QH13")


async def established(database: Database, sex: Sex, number: str | None = None) -> int:
    number = number or f"0200{80 if sex is Sex.MALE else 81}{next(_SERIALS):06}"
    told = Payload(
        name=("Lê", "", "An"),
        born=19800101,
        sex=sex,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),),
        unit_day=date(2026, 11, 1),
    )
    async with database.transaction(scope="nation") as tx:
        done = await commands.establish_person(
            tx, header=header(), told=told, now=NOW - timedelta(days=1), locate=locate
        )
    return done.person_id


async def life_of(database: Database, person_id: int) -> Life:
    async with database.transaction(scope="nation") as tx:
        life = (await store.history(tx, person_id)).life
    assert life is not None
    return life


async def correct(database: Database, person_id: int, told: Payload, request: UUID | None = None) -> Recorded:
    async with database.transaction(scope="nation") as tx:
        return await commands.correct_particulars(
            tx, header=header(request), person_id=person_id, told=told, now=NOW, locate=locate
        )


async def marry(database: Database, one: int, other: int) -> Recorded:
    async with database.transaction(scope="nation") as tx:
        return await commands.record_marriage(
            tx, header=header(), one_id=one, other_id=other, on=PartialDate(20260601), now=NOW, locate=locate
        )


async def bury(database: Database, person_id: int) -> Recorded:
    death = DeathDeclared(person_id, PartialDate(20261120))
    async with database.transaction(scope="nation") as tx:
        return await commands.record_death(tx, header=header(), death=death, now=NOW, locate=locate)


async def at_once(*acts: Coroutine[Any, Any, Recorded]) -> list[Recorded | BaseException]:
    """Outcomes of acts at once; an error that nobody foresaw fails the test."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, DancuError):
            raise outcome
    return outcomes


async def test_of_two_corrections_none_is_lost(database: Database) -> None:
    person = await established(database, Sex.MALE)
    done = await at_once(
        correct(database, person, Payload(phone="0912345678")), correct(database, person, Payload(ethnicity=2))
    )
    life = await life_of(database, person)
    assert all(isinstance(one, Recorded) for one in done)
    life = opened(life, database.keys)
    assert (life.phone, life.ethnicity, life.version) == ("0912345678", 2, 3)


async def test_one_request_sent_twice_at_once_is_carried_out_once(database: Database) -> None:
    for _ in range(ROUNDS):
        person, request = await established(database, Sex.MALE), uuid4()
        done = await at_once(*(correct(database, person, Payload(ethnicity=2), request) for _ in range(2)))
        assert (await life_of(database, person)).version == 2
        assert all(isinstance(one, (store.AlreadyRecorded, Recorded)) for one in done)
        assert (await correct(database, person, Payload(ethnicity=2), request)).repeated


async def test_a_person_dies_once_whoever_registers_it(database: Database) -> None:
    person = await established(database, Sex.MALE)
    done = await at_once(bury(database, person), bury(database, person))
    refused = [one for one in done if isinstance(one, Refused)]
    assert [one.rule for one in refused] == ["death.once"]


async def test_two_spouses_who_die_at_once_do_not_wait_for_each_other(database: Database) -> None:
    for _ in range(ROUNDS):
        man, woman = await established(database, Sex.MALE), await established(database, Sex.FEMALE)
        await marry(database, man, woman)
        await at_once(bury(database, man), bury(database, woman))
        for one in (man, woman):
            life = await life_of(database, one)
            assert (life.status, life.spouse) == (PersonStatus.DEAD, None)


async def test_nobody_marries_two_at_once(database: Database, database_dsn: str) -> None:
    for _ in range(ROUNDS):
        man = await established(database, Sex.MALE)
        one, other = await established(database, Sex.FEMALE), await established(database, Sex.FEMALE)
        done = await at_once(marry(database, man, one), marry(database, man, other))
        assert [o.rule for o in done if isinstance(o, Refused)] == ["marriage.monogamy"]
        spouses = [(await life_of(database, woman)).marital for woman in (one, other)]
        assert spouses.count(MaritalStatus.MARRIED) == 1
    assert list(verify(database_dsn, workers=1)) == []


async def renumber(database: Database, person_id: int, serial: int, request: UUID | None = None) -> Recorded:
    async with database.transaction(scope="nation") as tx:
        return await commands.establish_number(
            tx,
            header=header(request),
            person_id=person_id,
            place=20,
            now=NOW,
            locate=locate,
            draw=lambda: serial,
        )


async def test_one_number_that_is_drawn_twice_at_once_is_established_once(
    database: Database, database_dsn: str
) -> None:
    for serial in range(ROUNDS):
        people = [await established(database, Sex.MALE) for _ in range(2)]
        done = await at_once(*(renumber(database, person, 700_000 + serial) for person in people))
        refused = {type(one).__name__ for one in done if not isinstance(one, Recorded)}
        assert refused in ({"NumberTaken"}, {"BlockExhausted"})  # at the same moment, or one after the other
        numbers = [(await life_of(database, person)).personal_number for person in people]
        assert numbers.count(f"020080{700_000 + serial}") == 1
        assert None not in numbers
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_request_for_a_number_that_is_sent_twice_at_once_gives_one(
    database: Database, database_dsn: str
) -> None:
    for _ in range(ROUNDS):
        person, request = await established(database, Sex.MALE), uuid4()
        done = await at_once(*(renumber(database, person, next(_SERIALS) + 600_000, request) for _ in range(2)))
        assert all(isinstance(one, (store.AlreadyRecorded, Recorded)) for one in done)
        life = await life_of(database, person)
        assert (life.version, len(life.identifiers)) == (2, 2)
    assert list(verify(database_dsn, workers=1)) == []


async def test_two_officers_who_establish_a_number_of_one_person_leave_one_in_force(
    database: Database, database_dsn: str
) -> None:
    person = await established(database, Sex.MALE)
    done = await at_once(*(renumber(database, person, next(_SERIALS) + 600_000) for _ in range(2)))
    life = await life_of(database, person)
    assert all(isinstance(one, Recorded) for one in done)
    assert [i.cancelled for i in life.identifiers].count(False) == 1
    assert list(verify(database_dsn, workers=1)) == []


async def test_an_act_that_was_decided_on_an_older_record_is_refused(database: Database, database_dsn: str) -> None:
    person = await established(database, Sex.MALE)
    async with database.transaction(scope="nation") as tx:
        seen = await store.history(tx, person)
    await correct(database, person, Payload(phone="0912345678"))
    event = NewEvent(person, EventKind.PARTICULARS_CORRECTED, PartialDate(20260101), Payload(ethnicity=2))
    decided = Decided(event.kind, event.valid_on, (event,))
    with pytest.raises(store.ChangedMeanwhile) as refusal:
        async with database.transaction(scope="nation") as tx:
            await store.record(tx, header=header(), decided=decided, histories={person: seen}, now=NOW, locate=locate)
    life = await life_of(database, person)
    assert str(refusal.value) == "The record was changed meanwhile"
    life = opened(life, database.keys)
    assert (life.ethnicity, life.phone, life.version) == (0, "0912345678", 2)
    assert list(verify(database_dsn, workers=1)) == []


async def somebody_waits(dsn: str) -> None:
    """Wait until an act waits for the lock of another."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        for _ in range(300):
            waiting = await connection.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if waiting.rowcount:
                return
            await asyncio.sleep(0.005)
    raise AssertionError("nobody waited")


async def test_whoever_marries_while_the_death_waits_is_not_forgotten(database: Database, database_dsn: str) -> None:
    man, woman = await established(database, Sex.MALE), await established(database, Sex.FEMALE)
    async with database.transaction(scope="nation") as wedding:
        await commands.record_marriage(
            wedding, header=header(), one_id=man, other_id=woman, on=PartialDate(20260601), now=NOW, locate=locate
        )
        funeral = asyncio.create_task(bury(database, man))
        await somebody_waits(database_dsn)
    with pytest.raises(store.ChangedMeanwhile):
        await funeral
    await bury(database, man)
    assert (await life_of(database, woman)).marital is MaritalStatus.WIDOWED
    assert list(verify(database_dsn, workers=1)) == []


async def test_an_officer_who_waits_too_long_for_a_record_is_told_that_it_is_busy(database: Database) -> None:
    person = await established(database, Sex.MALE)
    async with database.transaction(scope="nation") as tx:
        await store.locked(tx, [person])
        with pytest.raises(Unavailable) as refusal:
            await correct(database, person, Payload(ethnicity=2))
    assert str(refusal.value) == "The service is busy"
    await correct(database, person, Payload(ethnicity=2))
    assert (await life_of(database, person)).ethnicity == 2


async def test_a_number_belongs_to_whoever_was_first(database: Database) -> None:
    done = await asyncio.gather(
        *(established(database, Sex.MALE, "020080999999") for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["NumberTaken", "int"]


async def test_of_two_holders_of_one_old_card_who_come_at_once_the_second_may_come_again(database_dsn: str) -> None:
    told = Payload(name=("Lê", "", "An"), identifiers=(IdentifierGiven(IdentifierScheme.CMND9, "012345678"),))
    async with Database(database_dsn, role="dancu_loader", size=6) as database:

        async def come() -> Recorded:
            async with database.transaction(scope="nation") as tx:
                return await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate)

        holders = 0
        for _ in range(ROUNDS):
            done = await asyncio.gather(*(come() for _ in range(6)), return_exceptions=True)
            holders += sum(isinstance(one, Recorded) for one in done)
            assert all(isinstance(one, (Recorded, store.ChangedMeanwhile)) for one in done)
        async with database.transaction(scope="nation") as tx:
            rows = await tx.rows("SELECT ordinal FROM register.identifier ORDER BY ordinal")
    assert rows == [(ordinal,) for ordinal in range(holders)]


async def test_a_block_without_free_numbers_says_so(database: Database) -> None:
    person = await established(database, Sex.MALE, "020080000500")
    async with database.transaction(scope="nation") as tx:
        with pytest.raises(numbering.BlockExhausted):
            await numbering.allocate(tx, place=20, year=1980, sex=Sex.MALE, draw=lambda: 500)
    assert (await life_of(database, person)).personal_number == "020080000500"


@pytest.mark.parametrize(("used", "warns"), [(799_999, False), (800_000, True)])
def test_a_block_warns_from_four_fifths_on(used: int, *, warns: bool) -> None:
    number = PersonalNumber("020080000500")
    assert numbering.Allocated(number, used).nearly_full is warns
