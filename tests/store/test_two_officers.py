"""Two officers act at once on one person: one after the other, or one of them is told; nothing is lost."""

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, IdentifierScheme, MaritalStatus, PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Refused
from dancu.kernel.numbers import PersonalNumber
from dancu.register import commands, numbering, store
from dancu.register.act import ActHeader
from dancu.register.commands import DeathDeclared, Recorded
from dancu.register.model import Life
from dancu.register.payloads import IdentifierGiven, Payload

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


async def test_nobody_marries_two_at_once(database: Database) -> None:
    for _ in range(ROUNDS):
        man = await established(database, Sex.MALE)
        one, other = await established(database, Sex.FEMALE), await established(database, Sex.FEMALE)
        done = await at_once(marry(database, man, one), marry(database, man, other))
        assert [o.rule for o in done if isinstance(o, Refused)] == ["marriage.monogamy"]
        spouses = [(await life_of(database, woman)).marital for woman in (one, other)]
        assert spouses.count(MaritalStatus.MARRIED) == 1


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
