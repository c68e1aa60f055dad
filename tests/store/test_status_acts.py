"""Acts on status, capacity, nationality and particulars: what they change, and what they leave."""

from datetime import date
from typing import Any

import pytest
from tests.store.family import clocks_of, common, couple, life_of, married, person

from dancu.infra.db import Database
from dancu.kernel.codes import (
    Capacity,
    DeathGround,
    MaritalStatus,
    PersonStatus,
    Relation,
    ResidenceKind,
    Sex,
    SubjectType,
    TieKind,
)
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid, Refused
from dancu.kernel.ids import new_id
from dancu.kernel.names import PersonName
from dancu.register import commands, store
from dancu.register.commands import (
    BirthDeclared,
    DeclaredDeathDeclared,
    MarriageEndDeclared,
    MoveDeclared,
    ParentDeclared,
    ShortLifeDeclared,
    TieDeclared,
)
from dancu.register.commands.annulments import NeededByLaterActs
from dancu.register.model import fold
from dancu.register.payloads import Payload
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio


def declared(person_id: int) -> DeclaredDeathDeclared:
    ground = DeathGround.NO_NEWS_FIVE_YEARS
    return DeclaredDeathDeclared(person_id, PartialDate(20180601), ground, date(2012, 1, 1), date(2018, 6, 1))


async def test_who_is_missing_has_no_residence_and_is_married_and_comes_back(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        home = new_id()
        man, woman = await person(tx, household=home), await person(tx, Sex.FEMALE)
        await married(tx, man, woman, 20050601)
        await commands.declare_missing(
            tx, person_id=man, last_news=PartialDate.of(2015), on=date(2018, 1, 1), **common()
        )
        missing = await life_of(tx, man)
        headless = await tx.row(
            "SELECT count(*) FROM register.person WHERE household_id = %(home)s AND status = 1", {"home": home}
        )
        await commands.reverse_missing(tx, person_id=man, on=date(2020, 1, 1), **common())
        back = await life_of(tx, man)
        waiting = await clocks_of(tx, man)
        move = MoveDeclared(((man, Relation.HEAD),), "06325", "Thôn 2", date(2026, 11, 1))
        await commands.record_move(tx, move=move, **common())
        left = await clocks_of(tx, man)
    assert missing.status is PersonStatus.DECLARED_MISSING
    assert missing.residence(ResidenceKind.PERMANENT, date(2018, 1, 1)) is None
    assert missing.membership(date(2018, 1, 1)) is None
    assert missing.spouse is not None
    assert headless == (0,)
    assert (back.status, back.missing_since) == (PersonStatus.ALIVE, None)
    assert waiting == ["no_residence_after_return"]
    assert left == []


async def test_a_declared_death_widows_and_its_reversal_restores_the_marriage(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        await commands.declare_death(tx, death=declared(man), **common())
        dead, widow = await life_of(tx, man), await life_of(tx, woman)
        with pytest.raises(Refused, match=r"death\.once"):
            await commands.declare_death(tx, death=declared(man), **common())
        await commands.reverse_declared_death(tx, person_id=man, on=date(2021, 1, 1), **common())
        lives = [await life_of(tx, one) for one in (man, woman)]
        between = fold((await store.history(tx, woman)).events, on=date(2020, 1, 1))
    assert (dead.status, dead.died) == (PersonStatus.DECLARED_DEAD, PartialDate(20180601))
    assert widow.marital is MaritalStatus.WIDOWED
    assert between is not None
    assert between.marital is MaritalStatus.WIDOWED
    assert [(life.status, life.died, life.marital) for life in lives] == [
        (PersonStatus.ALIVE, None, MaritalStatus.MARRIED)
    ] * 2
    assert [life.spouse and life.spouse.person_id for life in lives] == [woman, man]
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_spouse_who_has_married_since_stays_married_to_the_second(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        second = await person(tx, Sex.MALE, 19790101)
        await commands.declare_death(tx, death=declared(man), **common())
        await married(tx, second, woman, 20190501)
        await commands.reverse_declared_death(tx, person_id=man, on=date(2021, 1, 1), **common())
        returned, wife = await life_of(tx, man), await life_of(tx, woman)
    assert (returned.marital, returned.spouse) == (MaritalStatus.DIVORCED, None)
    assert wife.spouse is not None
    assert wife.spouse.person_id == second


async def test_a_divorce_of_the_missing_stands_when_the_declared_death_is_reversed(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        await commands.record_divorce(tx, divorce=MarriageEndDeclared(woman, PartialDate(20170101)), **common())
        await commands.declare_death(tx, death=declared(man), **common())
        await commands.reverse_declared_death(tx, person_id=man, on=date(2021, 1, 1), **common())
        lives = [await life_of(tx, one) for one in (man, woman)]
    assert [(life.marital, life.spouse) for life in lives] == [(MaritalStatus.DIVORCED, None)] * 2


async def test_a_reversal_must_be_annulled_before_what_it_rests_on(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        await commands.declare_death(tx, death=declared(man), **common())
        await commands.reverse_declared_death(tx, person_id=man, on=date(2021, 1, 1), **common())
        for seq in (2, 3):
            with pytest.raises(NeededByLaterActs):
                await commands.annul_event(tx, person_id=man, seq=seq, reason="x", **common())
        await commands.annul_event(tx, person_id=woman, seq=4, reason="x", **common())
        assert (await life_of(tx, man)).status is PersonStatus.DECLARED_DEAD
        await commands.annul_event(tx, person_id=man, seq=3, reason="x", **common())
        lives = [await life_of(tx, one) for one in (man, woman)]
    assert [life.spouse and life.spouse.person_id for life in lives] == [woman, man]


async def test_capacity_that_is_restored_ends_guardianship_for_both(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        ward, guardian = await person(tx), await person(tx)
        change: dict[str, Any] = {"person_id": ward, "capacity": Capacity.LOST, "on": date(2019, 1, 1)}
        await commands.change_capacity(tx, **change, **common())
        told = TieDeclared(ward, (guardian,), TieKind.GUARDIAN, PartialDate(20190201))
        await commands.establish_guardianship(tx, guardianship=told, **common())
        restored: dict[str, Any] = {"person_id": ward, "capacity": Capacity.FULL, "on": date(2022, 1, 1)}
        await commands.change_capacity(tx, **restored, **common())
        lives = [await life_of(tx, one) for one in (ward, guardian)]
    assert lives[0].capacity is Capacity.FULL
    assert [life.ties[0].until for life in lives] == [PartialDate(20220101)] * 2


async def test_a_guardian_who_loses_capacity_leaves_the_ward_to_a_clock(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        ward, guardian = await person(tx, born=20150101), await person(tx)
        told = TieDeclared(ward, (guardian,), TieKind.GUARDIAN, PartialDate(20190201))
        await commands.establish_guardianship(tx, guardianship=told, **common())
        lost: dict[str, Any] = {"person_id": guardian, "capacity": Capacity.LOST, "on": date(2022, 1, 1)}
        await commands.change_capacity(tx, **lost, **common())
        assert "ward_without_guardian" in await clocks_of(tx, ward)


async def test_who_loses_nationality_loses_permanent_residence(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        who = await person(tx)
        await commands.change_nationality(tx, person_id=who, nationality="DEU", on=date(2020, 1, 1), **common())
        life = await life_of(tx, who)
        await commands.change_nationality(tx, person_id=who, nationality="VNM", on=date(2022, 1, 1), **common())
        again = await life_of(tx, who)
    assert (life.nationality, life.subject_type) == ("DEU", SubjectType.VIETNAMESE_ORIGIN)
    assert life.residence(ResidenceKind.PERMANENT, date(2020, 1, 1)) is None
    assert (again.nationality, again.subject_type) == ("VNM", SubjectType.CITIZEN)


async def test_a_change_holds_from_a_day_and_a_correction_from_birth(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        who = await person(tx)
        told = Payload(name=("Trần", "", "Mới"), ethnicity=102)
        await commands.change_particulars(tx, person_id=who, told=told, on=date(2020, 1, 1), **common())
        await commands.correct_particulars(tx, person_id=who, told=Payload(origin=("06", "")), **common())
        events = (await store.history(tx, who)).events
        with pytest.raises(Invalid):
            await commands.change_particulars(
                tx, person_id=who, told=Payload(born=19810101), on=date(2020, 1, 1), **common()
            )
        with pytest.raises(Invalid):
            await commands.change_particulars(tx, person_id=who, told=Payload(), on=date(2020, 1, 1), **common())
    before, after = fold(events, on=date(2019, 12, 31)), fold(events, on=date(2020, 1, 1))
    assert before is not None
    assert after is not None
    assert before.name is not None
    assert after.name is not None
    assert (before.name.full, after.name.full, after.ethnicity) == ("Lê An", "Trần Mới", 102)
    assert (before.origin, after.origin) == (("06", ""), ("06", ""))


async def test_a_changed_sex_leaves_the_number_to_a_clock(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        who = await person(tx)
        told = Payload(sex=Sex.FEMALE)
        await commands.change_particulars(tx, person_id=who, told=told, on=date(2020, 1, 1), **common())
        life = await life_of(tx, who)
        assert "number_against_record" in await clocks_of(tx, who)
    assert life.protected


async def test_a_child_who_lived_a_day_is_born_and_dies_in_one_act(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        home = new_id()
        mother = await person(tx, Sex.FEMALE, 19960101, household=home)
        birth = BirthDeclared(
            name=PersonName("Lê", "", "Bé"),
            born=PartialDate(20261120),
            sex=Sex.MALE,
            birth_place=("06325", ""),
            registered_in="06325",
            number_place=20,
            unit_day=date(2026, 1, 1),
            mother=ParentDeclared("Lê Hoa", mother),
            lives_with=mother,
        )
        short = ShortLifeDeclared(birth, PartialDate(20261120), lived_24_hours=False)
        with pytest.raises(Refused, match=r"lived\.twenty_four_hours"):
            await commands.record_short_life(tx, child=short, **common())
        told = ShortLifeDeclared(birth, PartialDate(20261121), lived_24_hours=True)
        done = await commands.record_short_life(tx, child=told, **common())
    async with database.transaction(scope="commune:06325") as tx:
        history = await store.history(tx, done.person_id)
        life = history.life
    assert done.personal_number
    assert len({event.act_id for event in history.events}) == 1
    assert life is not None
    assert (life.status, life.died) == (PersonStatus.DEAD, PartialDate(20261121))
    assert list(verify(database_dsn, workers=1)) == []


@pytest.mark.parametrize(("seq", "status"), [(1, PersonStatus.ANNULLED), (2, PersonStatus.ALIVE)])
async def test_annulling_such_a_birth_takes_the_death_along_and_not_the_other_way(
    database: Database, database_dsn: str, seq: int, status: PersonStatus
) -> None:
    async with database.transaction(scope="nation") as tx:
        mother = await person(tx, Sex.FEMALE, 19960101)
        birth = BirthDeclared(
            name=PersonName("Lê", "", "Bé"),
            born=PartialDate(20261120),
            sex=Sex.MALE,
            birth_place=("06325", ""),
            registered_in="06325",
            number_place=20,
            unit_day=date(2026, 1, 1),
            mother=ParentDeclared("Lê Hoa", mother),
            lives_with=mother,
        )
        told = ShortLifeDeclared(birth, PartialDate(20261121), lived_24_hours=True)
        child = (await commands.record_short_life(tx, child=told, **common())).person_id
        await commands.annul_event(tx, person_id=child, seq=seq, reason="x", **common())
        assert (await life_of(tx, child)).status is status
    assert list(verify(database_dsn, workers=1)) == []
