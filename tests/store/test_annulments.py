"""Annulling: what two ledgers tell together falls in both, and what was known stays known."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, MaritalStatus, PersonStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid, Refused
from dancu.kernel.ids import new_id
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import DeathDeclared, MoveDeclared, Recorded
from dancu.register.commands.annulments import AlreadyAnnulled, NeededByLaterActs
from dancu.register.kinds import EventKind
from dancu.register.model import Life, fold
from dancu.register.payloads import IdentifierGiven, Kin, MarriageGiven, Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
_SERIALS = itertools.count(1)


def header() -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, "06325", uuid4(), "Luật Hộ tịch 60/2014/QH13")


async def established(tx: Transaction, sex: Sex) -> int:
    number = f"0200{80 if sex is Sex.MALE else 81}{next(_SERIALS):06}"
    told = Payload(
        name=("Lê", "", "An"),
        born=19800101,
        sex=sex,
        marital=MaritalStatus.NEVER_MARRIED,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 11, 1),
    )
    done = await commands.establish_person(tx, header=header(), told=told, now=NOW - timedelta(days=9), locate=locate)
    return done.person_id


async def married(tx: Transaction, one: int, other: int, on: int = 20150601, *, history: bool = False) -> Recorded:
    return await commands.record_marriage(
        tx,
        header=header(),
        one_id=one,
        other_id=other,
        on=PartialDate(on),
        now=NOW - timedelta(days=5),
        locate=locate,
        history=history,
    )


async def buried(tx: Transaction, person_id: int) -> Recorded:
    death = DeathDeclared(person_id, PartialDate(20261120))
    return await commands.record_death(tx, header=header(), death=death, now=NOW - timedelta(days=2), locate=locate)


async def annulled(tx: Transaction, person_id: int, seq: int) -> Recorded:
    return await commands.annul_event(
        tx, header=header(), person_id=person_id, seq=seq, reason="ghi nhầm", now=NOW, locate=locate
    )


async def life_of(tx: Transaction, person_id: int) -> Life:
    life = (await store.history(tx, person_id)).life
    assert life is not None
    return life


async def last(tx: Transaction, person_id: int) -> int:
    return len((await store.history(tx, person_id)).events)


async def test_an_event_falls_once_and_only_if_it_is_there(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await established(tx, Sex.MALE), await established(tx, Sex.FEMALE)
        await married(tx, man, woman)
        with pytest.raises(Invalid):
            await annulled(tx, man, 9)
        await annulled(tx, man, 2)
        for one in (man, woman):
            with pytest.raises(AlreadyAnnulled):
                await annulled(tx, one, 2)


async def test_nobody_out_of_scope_is_annulled(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man = await established(tx, Sex.MALE)
    async with database.transaction(scope="commune:26740") as tx:
        with pytest.raises(store.PersonUnknown):
            await annulled(tx, man, 1)


@pytest.mark.parametrize("whose", [0, 1])
async def test_an_annulled_marriage_falls_for_both_wherever_the_other_lives(
    database: Database, database_dsn: str, whose: int
) -> None:
    async with database.transaction(scope="nation") as tx:
        couple = (await established(tx, Sex.MALE), await established(tx, Sex.FEMALE))
        await married(tx, *couple)
        other = couple[1 - whose]
        move = MoveDeclared(((other, Relation.HEAD),), "26740", "12 Lê Lợi", date(2026, 11, 10))
        await commands.record_move(tx, header=header(), move=move, now=NOW - timedelta(days=3), locate=locate)
    async with database.transaction(scope="commune:06325") as tx:
        await annulled(tx, couple[whose], 2)
    async with database.transaction(scope="nation") as tx:
        lives = [await life_of(tx, one) for one in couple]
    assert [(life.spouse, life.marital) for life in lives] == [(None, MaritalStatus.NEVER_MARRIED)] * 2
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_death_that_was_wrong_gives_the_marriage_back_and_falls_again_with_its_annulment_annulled(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await established(tx, Sex.MALE), await established(tx, Sex.FEMALE)
        await married(tx, man, woman)
        await buried(tx, man)
        await annulled(tx, woman, 3)
        restored = [await life_of(tx, one) for one in (man, woman)]
        await annulled(tx, man, await last(tx, man))
        dead = [await life_of(tx, one) for one in (man, woman)]
    assert [life.status for life in restored] == [PersonStatus.ALIVE] * 2
    assert [life.spouse and life.spouse.person_id for life in restored] == [woman, man]
    assert [life.marital for life in restored] == [MaritalStatus.MARRIED] * 2
    assert (dead[0].status, dead[1].marital) == (PersonStatus.DEAD, MaritalStatus.WIDOWED)
    assert list(verify(database_dsn, workers=1)) == []


async def test_nobody_is_widowed_of_a_marriage_that_was_annulled(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await established(tx, Sex.MALE), await established(tx, Sex.FEMALE)
        await married(tx, man, woman)
        await buried(tx, man)
        await annulled(tx, woman, 2)
        life = await life_of(tx, woman)
    assert life.marital is MaritalStatus.NEVER_MARRIED
    assert list(verify(database_dsn, workers=1)) == []


async def test_an_annulled_death_brings_the_head_back_and_ends_the_clock(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await established(tx, Sex.MALE), await established(tx, Sex.FEMALE)
        # They move in on the very day on which he dies: the death leaves no membership at all.
        move = MoveDeclared(((man, Relation.HEAD), (woman, Relation.SPOUSE)), "06325", "Thôn 9", date(2026, 11, 20))
        await commands.record_move(tx, header=header(), move=move, now=NOW - timedelta(days=3), locate=locate)
        await buried(tx, man)
        running = await tx.rows("SELECT kind FROM register.clock WHERE ended_by IS NULL")
        await annulled(tx, man, 3)
        ended = await tx.rows("SELECT kind FROM register.clock WHERE ended_by IS NULL")
    assert (running, ended) == ([("household_without_head",)], [])
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_number_that_was_given_by_mistake_stays_cancelled_and_findable(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man = await established(tx, Sex.MALE)
        first = (await life_of(tx, man)).personal_number
        done = await commands.establish_number(tx, header=header(), person_id=man, place=20, now=NOW, locate=locate)
        await annulled(tx, man, 2)
        life = await life_of(tx, man)
        assert done.personal_number is not None
        assert await store.number_is_taken(tx, done.personal_number)
    assert life.personal_number == first
    assert {i.value: i.cancelled for i in life.identifiers} == {first: False, done.personal_number: True}
    assert list(verify(database_dsn, workers=1)) == []


async def test_no_marriage_is_registered_beside_a_later_one(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man = await established(tx, Sex.MALE)
        first, second = await established(tx, Sex.FEMALE), await established(tx, Sex.FEMALE)
        await married(tx, man, first, 20150601)
        with pytest.raises(Refused) as refusal:
            await married(tx, man, second, 20100601)
        told = await married(tx, man, second, 20100601, history=True)
    assert refusal.value.rule == "marriage.monogamy"
    assert [warning.rule for warning in told.warnings] == ["marriage.monogamy"]


async def test_an_act_that_waited_for_another_is_known_after_it(database: Database, database_dsn: str) -> None:
    begun_first, begun_second = NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)
    async with database.transaction(scope="nation") as tx:
        man = await established(tx, Sex.MALE)
        for begun, address in ((begun_second, "12 Lê Lợi"), (begun_first, "14 Lê Lợi")):
            move = MoveDeclared(((man, Relation.HEAD),), "26740", address, date(2026, 11, 10))
            await commands.record_move(tx, header=header(), move=move, now=begun, locate=locate)
        events = (await store.history(tx, man)).events
        (backwards,) = await tx.rows("SELECT count(*) FROM register.residence WHERE known_to < known_from")
    assert [event.known_at for event in events][1:] == [begun_second, begun_second]
    assert [event.kind for event in events][1:] == [EventKind.PERMANENT_RESIDENCE_REGISTERED] * 2
    assert backwards == (0,)
    assert fold(events, as_known_at=begun_first) == fold(events[:1])
    assert list(verify(database_dsn, workers=1)) == []


async def test_whoever_married_is_annulled_only_after_the_marriage(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await established(tx, Sex.MALE), await established(tx, Sex.FEMALE)
        await married(tx, man, woman)
        with pytest.raises(NeededByLaterActs):
            await annulled(tx, man, 1)
        await annulled(tx, woman, 2)
        await annulled(tx, man, 1)
        assert (await life_of(tx, man)).status is PersonStatus.ANNULLED
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_spouse_whose_record_was_annulled_is_no_difference(database: Database, database_dsn: str) -> None:
    man, woman = new_id(), new_id()
    async with database.transaction(scope="nation") as tx:
        for one, other in ((man, woman), (woman, man)):
            told = Payload(name=("Lê", "", "An"), marriage=MarriageGiven(Kin(other, "Lê An")))
            await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate, person_id=one)
        await annulled(tx, man, 1)
    assert list(verify(database_dsn, workers=1)) == []
    with psycopg.connect(database_dsn) as connection:
        connection.execute("UPDATE register.person SET status = 6 WHERE person_id = %s", (woman,))
    assert [one.what for one in verify(database_dsn, workers=1)] == ["status is not what the events tell"]


async def test_whoever_was_established_again_is_not_there_twice(database: Database, database_dsn: str) -> None:
    told = Payload(name=("Lê", "", "Bình"), born=19810000)
    async with database.transaction(scope="nation") as tx:
        man = await established(tx, Sex.MALE)
        with pytest.raises(store.ChangedMeanwhile):
            await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate, person_id=man)
        await annulled(tx, man, 1)
        await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate, person_id=man)
        with pytest.raises(NeededByLaterActs):
            await annulled(tx, man, 2)
        await annulled(tx, man, 3)
        await annulled(tx, man, 2)
        assert (await life_of(tx, man)).status is PersonStatus.ALIVE
    assert list(verify(database_dsn, workers=1)) == []
