"""Acts against a real database: what each leaves behind."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, MaritalStatus, PersonStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Refused
from dancu.kernel.names import PersonName
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, DeathDeclared, MoveDeclared, ParentDeclared
from dancu.register.model import Life
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
_SERIALS = itertools.count(1)


def locate(unit: str, _day: date, _detail: str) -> tuple[str | None, str | None]:
    return {"06325": ("20", "06325"), "26740": ("79", "26740")}.get(unit, (None, None))


def header(authority: Authority = Authority.CIVIL_REGISTRAR) -> ActHeader:
    return ActHeader(authority, "06325", uuid4(), "Luật Hộ tịch 60/2014/QH13")


async def established(tx: Transaction, name: str, born: int, sex: Sex, unit: str = "06325") -> int:
    parsed = PersonName.parse(name)
    number = f"020{int(sex) - 1 + (2 if born >= 20000000 else 0)}{born // 10000 % 100:02}{next(_SERIALS):06}"
    told = Payload(
        name=(parsed.surname, parsed.middle, parsed.given),
        born=born,
        sex=sex,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 11, 1),
    )
    done = await commands.establish_person(tx, header=header(), told=told, now=NOW - timedelta(days=1), locate=locate)
    return done.person_id


async def life_of(tx: Transaction, person_id: int) -> Life:
    life = (await store.history(tx, person_id)).life
    assert life is not None
    return life


def birth(mother: int, **changes: object) -> BirthDeclared:
    facts = {
        "name": PersonName.parse("Nguyễn Thu Quỳnh"),
        "born": PartialDate.parse("2026-11-20"),
        "sex": Sex.FEMALE,
        "birth_place": ("06325", "Trung tâm y tế"),
        "registered_in": "06325",
        "number_place": 20,
        "unit_day": date(2026, 11, 24),
        "mother": ParentDeclared("Nguyễn Bích Nhường", mother),
        "lives_with": mother,
    }
    return BirthDeclared(**{**facts, **changes})  # type: ignore[arg-type]


async def test_a_birth_is_refused_when_the_mother_had_died(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        mother = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
        death = DeathDeclared(mother, PartialDate.parse("2025-01-01"))
        await commands.record_death(tx, header=header(), death=death, now=NOW, locate=locate)
        with pytest.raises(Refused, match=r"birth\.mother_alive"):
            await commands.record_birth(tx, header=header(), birth=birth(mother), now=NOW, locate=locate)


async def test_a_newborn_has_a_number_a_mother_and_her_residence(database: Database) -> None:
    async with database.transaction(scope="commune:06325") as tx:
        mother = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
        done = await commands.record_birth(tx, header=header(), birth=birth(mother), now=NOW, locate=locate)
        child = await life_of(tx, done.person_id)
    assert done.personal_number is not None
    assert child.personal_number == done.personal_number
    assert done.personal_number.startswith("020326")
    assert child.mother is not None
    assert child.mother.person_id == mother
    abode = child.abode(date(2026, 11, 24))
    assert abode is not None
    assert (abode.unit, abode.detail) == ("06325", "Thôn 1")


async def test_the_same_request_twice_makes_one_child(database: Database) -> None:
    once = header()
    async with database.transaction(scope="nation") as tx:
        mother = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
        first = await commands.record_birth(tx, header=once, birth=birth(mother), now=NOW, locate=locate)
    async with database.transaction(scope="nation") as tx:
        again = await commands.record_birth(tx, header=once, birth=birth(mother), now=NOW, locate=locate)
    assert again.repeated
    assert (again.act_id, again.person_id) == (first.act_id, first.person_id)


async def test_a_death_widows_the_spouse_and_starts_the_clock_of_a_household_without_a_head(
    database: Database,
) -> None:
    async with database.transaction(scope="nation") as tx:
        man = await established(tx, "Phạm Hữu Dũng", 19480427, Sex.MALE)
        woman = await established(tx, "Trần Kim Lan", 19520000, Sex.FEMALE)
        await commands.record_marriage(
            tx, header=header(), one_id=man, other_id=woman, on=PartialDate(19790000), now=NOW, locate=locate
        )
        move = MoveDeclared(((man, Relation.HEAD), (woman, Relation.SPOUSE)), "26740", "12 Lê Lợi", date(2026, 1, 5))
        await commands.record_move(tx, header=header(), move=move, now=NOW, locate=locate)
        death = DeathDeclared(man, PartialDate.parse("2026-11-20"))
        await commands.record_death(tx, header=header(), death=death, now=NOW, locate=locate)
        dead, widow = await life_of(tx, man), await life_of(tx, woman)
        clocks = await tx.rows("SELECT kind, since FROM register.clock")
    assert dead.status is PersonStatus.DEAD
    assert widow.marital is MaritalStatus.WIDOWED
    assert widow.spouse is None
    assert clocks == [("household_without_head", date(2026, 11, 20))]


async def test_an_officer_of_another_commune_finds_nobody(database: Database) -> None:
    async with database.transaction(scope="commune:06325") as tx:
        person = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
    for scope in ("commune:26740", "province:79", "none"):
        async with database.transaction(scope=scope) as tx:
            assert await tx.rows("SELECT person_id FROM register.person") == []
            assert await tx.rows("SELECT person_id FROM register.event") == []
            with pytest.raises(store.PersonUnknown):
                await store.locked(tx, [person])
    async with database.transaction(scope="none", opened=str(person)) as tx:
        assert (await life_of(tx, person)).version == 1


async def test_a_move_ends_the_old_registration_and_asks_for_the_new_scope(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
    async with database.transaction(scope="commune:26740", opened=str(person)) as tx:
        move = MoveDeclared(((person, Relation.HEAD),), "26740", "12 Lê Lợi", date(2026, 11, 1))
        done = await commands.record_move(
            tx, header=header(Authority.COMMUNE_POLICE), move=move, now=NOW, locate=locate
        )
        assert not done.warnings
        life = await life_of(tx, person)
        rows = await tx.rows("SELECT valid_from, valid_to, known_to FROM register.residence ORDER BY row_no")
    assert [(r.unit, r.until) for r in life.residences] == [("06325", date(2026, 11, 1)), ("26740", None)]
    assert [(r[0], r[1], r[2] is None) for r in rows] == [
        (date(2010, 1, 1), None, False),
        (date(2010, 1, 1), date(2026, 11, 1), True),
        (date(2026, 11, 1), None, True),
    ]


async def test_a_number_established_again_keeps_the_cancelled_one_findable(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
        told = Payload(born=19910101)
        await commands.correct_particulars(tx, header=header(), person_id=person, told=told, now=NOW, locate=locate)
        done = await commands.establish_number(
            tx, header=header(Authority.POPULATION_DATABASE), person_id=person, place=20, now=NOW, locate=locate
        )
        rows = await tx.rows("SELECT cancelled FROM register.identifier ORDER BY cancelled")
        (clock,) = await tx.rows("SELECT kind FROM register.clock")
    assert done.personal_number is not None
    assert done.personal_number[3:6] == "191"
    assert rows == [(False,), (True,)]
    assert clock == ("number_against_record",)


async def test_an_annulled_genesis_leaves_a_record_that_counts_no_more(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE)
        await commands.annul_event(
            tx, header=header(), person_id=person, seq=1, reason="batch reverted", now=NOW, locate=locate
        )
        life = await life_of(tx, person)
        (row,) = await tx.rows("SELECT status, personal_number FROM register.person")
    assert life.status is PersonStatus.ANNULLED
    assert row == (6, None)


async def test_a_newborn_lives_in_the_unit_of_today_where_its_mother_was_registered_in_an_old_one(
    database: Database,
) -> None:
    async with database.transaction(scope="nation") as tx:
        mother = await established(tx, "Nguyễn Bích Nhường", 19920101, Sex.FEMALE, "06400")
        done = await commands.record_birth(
            tx,
            header=header(),
            birth=birth(mother),
            now=NOW,
            locate=lambda unit, day, detail: ("20", "06325") if unit == "06400" else locate(unit, day, detail),
        )
        abode = (await life_of(tx, done.person_id)).abode(date(2026, 11, 24))
    assert abode is not None
    assert (abode.unit, abode.unit_day) == ("06325", date(2026, 11, 24))
