"""Whoever is told as dead has no living spouse, in whichever order deaths, marriages and annulments are recorded."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, MaritalStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Gone
from dancu.kernel.names import PersonName
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, DeathDeclared, MoveDeclared, ParentDeclared
from dancu.register.commands.annulments import NeededByLaterActs
from dancu.register.model import Life
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

_HOURS = itertools.count(1)


def common() -> dict[str, object]:
    """What every command needs: each act an hour after the one before."""
    header = ActHeader(Authority.CIVIL_REGISTRAR, "06325", uuid4(), "Luật Hộ tịch 60/2014/QH13")
    now = datetime(2026, 11, 1, 2, tzinfo=UTC) + timedelta(hours=next(_HOURS))
    return {"header": header, "now": now, "locate": locate}


async def established(tx: Transaction, sex: Sex) -> int:
    told = Payload(
        name=("Lê", "", "An"),
        born=19500101,
        sex=sex,
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 10, 1),
    )
    return (await commands.establish_person(tx, told=told, **common())).person_id  # type: ignore[arg-type]


async def a_couple(tx: Transaction) -> tuple[int, int]:
    return await established(tx, Sex.MALE), await established(tx, Sex.FEMALE)


async def married(tx: Transaction, one: int, other: int, on: int = 19800601) -> None:
    await commands.record_marriage(
        tx,
        one_id=one,
        other_id=other,
        on=PartialDate(on),
        history=True,
        **common(),  # type: ignore[arg-type]
    )


async def buried(tx: Transaction, person_id: int, died: int) -> None:
    await commands.record_death(
        tx,
        death=DeathDeclared(person_id, PartialDate(died)),
        **common(),  # type: ignore[arg-type]
    )


async def annulled_last(tx: Transaction, person_id: int) -> None:
    """Annul the last event in a person's ledger."""
    seq = len((await store.history(tx, person_id)).events)
    await commands.annul_event(tx, person_id=person_id, seq=seq, reason="ghi nhầm", **common())  # type: ignore[arg-type]


async def life_of(tx: Transaction, person_id: int) -> Life:
    life = (await store.history(tx, person_id)).life
    assert life is not None
    return life


def spouse_of(life: Life) -> int | None:
    return life.spouse.person_id if life.spouse else None


async def test_a_marriage_that_was_recorded_after_a_death_comes_back_with_the_annulled_death(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await buried(tx, man, 20260101)
        await married(tx, man, woman)
        widowed = await life_of(tx, woman)
        await commands.annul_event(tx, person_id=man, seq=2, reason="ghi nhầm", **common())  # type: ignore[arg-type]
        lives = [await life_of(tx, one) for one in (man, woman)]
    assert widowed.marital is MaritalStatus.WIDOWED
    assert [spouse_of(life) for life in lives] == [woman, man]
    assert [life.marital for life in lives] == [MaritalStatus.MARRIED] * 2
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_death_that_stands_again_widows_whom_the_dead_had_married_meanwhile(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await buried(tx, man, 20260101)
        await annulled_last(tx, man)
        await married(tx, man, woman)
        await commands.annul_event(tx, person_id=man, seq=3, reason="ghi nhầm", **common())  # type: ignore[arg-type]
        widow = await life_of(tx, woman)
        await annulled_last(tx, man)
        wife = await life_of(tx, woman)
    assert (widow.marital, spouse_of(widow)) == (MaritalStatus.WIDOWED, None)
    assert (wife.marital, spouse_of(wife)) == (MaritalStatus.MARRIED, man)
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_marriage_that_stands_again_after_a_death_has_ended_with_it(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await married(tx, man, woman)
        await annulled_last(tx, woman)
        await buried(tx, man, 20260101)
        await annulled_last(tx, woman)
        widow = await life_of(tx, woman)
    assert (widow.marital, spouse_of(widow)) == (MaritalStatus.WIDOWED, None)
    assert list(verify(database_dsn, workers=1)) == []


@pytest.mark.parametrize("first", [20240000, 20240501, 20250430])
async def test_an_earlier_death_that_is_registered_later_ends_the_marriage_for_both(
    database: Database, database_dsn: str, first: int
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await married(tx, man, woman)
        await buried(tx, woman, 20250501)
        await buried(tx, man, first)
        ends = [(await life_of(tx, one)).marriages[0].until for one in (man, woman)]
    assert ends == [PartialDate(first)] * 2
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_marriage_of_two_dead_ended_with_the_first_of_them(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await buried(tx, woman, 20250501)
        await buried(tx, man, 20240501)
        await married(tx, man, woman)
        ends = [(await life_of(tx, one)).marriages[0].until for one in (man, woman)]
    assert ends == [PartialDate(20240501)] * 2
    assert list(verify(database_dsn, workers=1)) == []


async def test_both_wives_of_an_old_plural_marriage_are_widowed(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, first = await a_couple(tx)
        second = await established(tx, Sex.FEMALE)
        await married(tx, man, first, 19720000)
        await married(tx, man, second, 19780000)
        await buried(tx, man, 20260101)
        widows = [await life_of(tx, one) for one in (first, second)]
        await annulled_last(tx, second)
        wives = [await life_of(tx, one) for one in (first, second)]
    assert [life.marital for life in widows] == [MaritalStatus.WIDOWED] * 2
    assert [spouse_of(life) for life in wives] == [man, man]
    assert list(verify(database_dsn, workers=1)) == []


async def test_nobody_dies_twice_by_an_annulment(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, _ = await a_couple(tx)
        await buried(tx, man, 20240501)
        await annulled_last(tx, man)
        await buried(tx, man, 20250501)
        with pytest.raises(NeededByLaterActs):
            await commands.annul_event(tx, person_id=man, seq=3, reason="ghi nhầm", **common())  # type: ignore[arg-type]
        assert (await life_of(tx, man)).died == PartialDate(20250501)
    assert list(verify(database_dsn, workers=1)) == []


async def test_no_marriage_stands_again_after_an_earlier_death(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await married(tx, man, woman, 19910801)
        await annulled_last(tx, woman)
        await buried(tx, man, 19820000)
        with pytest.raises(NeededByLaterActs):
            await annulled_last(tx, woman)
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_marriage_that_stands_again_is_not_ended_by_a_death_that_fell(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await buried(tx, man, 19950000)
        await married(tx, man, woman)
        await commands.annul_event(tx, person_id=man, seq=3, reason="ghi nhầm", **common())  # type: ignore[arg-type]
        await commands.annul_event(tx, person_id=man, seq=2, reason="ghi nhầm", **common())  # type: ignore[arg-type]
        await commands.annul_event(tx, person_id=man, seq=4, reason="ghi nhầm", **common())  # type: ignore[arg-type]
        lives = [await life_of(tx, one) for one in (man, woman)]
    assert [spouse_of(life) for life in lives] == [woman, man]
    assert list(verify(database_dsn, workers=1)) == []


@pytest.mark.parametrize("act", ["marriage", "death", "move", "number", "birth"])
async def test_nothing_more_is_registered_of_a_record_that_was_annulled(database: Database, act: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await a_couple(tx)
        await annulled_last(tx, woman)
        with pytest.raises(Gone):
            await acted(tx, act, man, woman)
        assert len((await store.history(tx, woman)).events) == 2


async def acted(tx: Transaction, act: str, man: int, woman: int) -> None:
    match act:
        case "marriage":
            await married(tx, man, woman)
        case "death":
            await buried(tx, woman, 20260101)
        case "move":
            move = MoveDeclared(((woman, Relation.HEAD),), "26740", "12 Lê Lợi", date(2026, 10, 1))
            await commands.record_move(tx, move=move, **common())  # type: ignore[arg-type]
        case "number":
            await commands.establish_number(tx, person_id=woman, place=20, **common())  # type: ignore[arg-type]
        case _:
            birth = BirthDeclared(
                name=PersonName("Lê", "", "Bình"),
                born=PartialDate(19800101),
                sex=Sex.MALE,
                birth_place=("06325", ""),
                registered_in="06325",
                number_place=20,
                unit_day=date(2026, 10, 1),
                mother=ParentDeclared("Lê An", woman),
                lives_with=woman,
            )
            await commands.record_birth(tx, birth=birth, **common())  # type: ignore[arg-type]
