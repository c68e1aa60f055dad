"""Acts on marriages, parents and ties: what they change in every record that they touch, and in no other."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.store.family import clocks_of, common, couple, header, life_of, married, person

from dancu.cli.worker import DUTIES
from dancu.infra.db import Database
from dancu.kernel.codes import Capacity, MaritalStatus, Relation, Sex, TieEnd, TieKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Invalid, Refused, Stale
from dancu.kernel.names import PersonName
from dancu.register import commands, store
from dancu.register.commands import (
    AdoptionDeclared,
    DeathDeclared,
    MarriageEndDeclared,
    MoveDeclared,
    ParentDeclared,
    RecognitionDeclared,
    TieDeclared,
)
from dancu.register.expiry import end_ties_of_minors
from dancu.register.model import fold
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio


async def test_a_divorce_that_is_not_of_a_marriage_changes_nothing(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        single = await person(tx)
        with pytest.raises(Refused, match=r"divorce\.married"):
            await commands.record_divorce(tx, divorce=MarriageEndDeclared(single, PartialDate(20200101)), **common())
        assert len((await store.history(tx, single)).events) == 1


async def test_a_divorce_ends_the_marriage_for_both_wherever_the_other_lives(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        move = MoveDeclared(((woman, Relation.HEAD),), "26740", "12 Lê Lợi", date(2026, 11, 10))
        await commands.record_move(tx, move=move, **common())
    async with database.transaction(scope="commune:06325") as tx:
        done = await commands.record_divorce(tx, divorce=MarriageEndDeclared(man, PartialDate(20200101)), **common())
        assert done.warnings == ()
    async with database.transaction(scope="nation") as tx:
        lives = [await life_of(tx, one) for one in (man, woman)]
        row = await tx.row(
            "SELECT registration ->> 'number' IS NOT NULL, evidence IS NOT NULL FROM register.act"
            " WHERE act_id = %(act_id)s",
            {"act_id": done.act_id},
        )
    assert [(life.marital, life.spouse) for life in lives] == [(MaritalStatus.DIVORCED, None)] * 2
    assert row == (True, True)


async def test_a_request_that_is_sent_twice_divorces_once(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        once = common() | {"header": header()}
        first = await commands.record_divorce(tx, divorce=MarriageEndDeclared(man, PartialDate(20200101)), **once)
        again = await commands.record_divorce(tx, divorce=MarriageEndDeclared(man, PartialDate(20200101)), **once)
        assert (again.act_id, again.repeated) == (first.act_id, True)
        assert len((await store.history(tx, woman)).events) == 3


async def test_who_is_divorced_may_marry_and_the_first_marriage_stays_told(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        other = await person(tx, Sex.FEMALE, 19850505)
        with pytest.raises(Refused, match=r"marriage\.monogamy"):
            await commands.record_marriage(tx, one_id=man, other_id=other, on=PartialDate(20200301), **common())
        await commands.record_divorce(tx, divorce=MarriageEndDeclared(woman, PartialDate(20200101)), **common())
        await commands.record_marriage(tx, one_id=man, other_id=other, on=PartialDate(20200301), **common())
        life = await life_of(tx, man)
    assert life.spouse is not None
    assert life.spouse.person_id == other
    assert [m.spouse.person_id for m in life.marriages] == [woman, other]


async def test_an_annulled_marriage_never_was_and_gives_back_the_status_before_it(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        other = await person(tx, Sex.FEMALE, 19850505)
        await married(tx, man, other, 20100101)
        end = MarriageEndDeclared(man, PartialDate(20110101), spouse_id=other)
        await commands.record_marriage_annulment(tx, annulment=end, **common())
        bigamist, wife, second = [await life_of(tx, one) for one in (man, woman, other)]
    assert [m.spouse.person_id for m in bigamist.marriages] == [woman]
    assert bigamist.marital is MaritalStatus.MARRIED
    assert wife.marital is MaritalStatus.MARRIED
    assert (second.marital, second.marriages) == (MaritalStatus.NEVER_MARRIED, ())


async def test_a_child_is_adopted_by_a_couple_and_returns_to_its_parents_of_birth(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        father, mother = await couple(tx)
        birth_mother = await person(tx, Sex.FEMALE, 19900101)
        child = await person(tx, Sex.MALE, 20180301, mother=birth_mother)
        name = PersonName("Trần", "Văn", "Mới")
        adoption = AdoptionDeclared(child, (father, mother), PartialDate(20200601), name=name)
        await commands.record_adoption(tx, adoption=adoption, **common())
        adopted = await life_of(tx, child)
        shown = await tx.row(
            "SELECT father_id, mother_id, given FROM register.person WHERE person_id = %(c)s", {"c": child}
        )
        before = fold((await store.history(tx, child)).events, on=date(2019, 1, 1))
        with pytest.raises(Refused, match=r"adoption\.not_adopted"):
            await commands.record_adoption(tx, adoption=adoption, **common())
        await commands.end_adoption(tx, child_id=child, on=PartialDate(20240101), name_given_back=True, **common())
        returned = await life_of(tx, child)
    assert shown == (father, mother, "Mới")
    assert adopted.adoption is not None
    assert adopted.adoption.birth_mother is not None
    assert adopted.adoption.birth_mother.person_id == birth_mother
    assert before is not None
    assert before.mother is not None
    assert before.mother.person_id == birth_mother
    assert returned.mother is not None
    assert (returned.mother.person_id, returned.father) == (birth_mother, None)
    assert returned.name is not None
    assert returned.name.given == "An"
    assert returned.protected, "what was secret stays so"


async def test_a_step_father_adopts_beside_the_mother(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        child = await person(tx, Sex.FEMALE, 20120301, mother=woman)
        adoption = AdoptionDeclared(child, (man,), PartialDate(20200601), of_kin=True)
        await commands.record_adoption(tx, adoption=adoption, **common())
        life = await life_of(tx, child)
    assert life.father is not None
    assert life.mother is not None
    assert (life.father.person_id, life.mother.person_id) == (man, woman)


async def test_a_grandmother_does_not_adopt_wherever_the_parents_live(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        grandmother = await person(tx, Sex.FEMALE, 19600101)
        mother = await person(tx, Sex.FEMALE, 19900101, mother=grandmother, unit="26740")
        child = await person(tx, Sex.MALE, 20180301, mother=mother)
    async with database.transaction(scope="commune:06325") as tx:
        adoption = AdoptionDeclared(child, (grandmother,), PartialDate(20200601))
        with pytest.raises(Refused, match=r"adoption\.not_of_own_line"):
            await commands.record_adoption(tx, adoption=adoption, **common())


async def test_two_officers_divorce_one_couple_once(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        pair = await couple(tx)

    async def divorce(one: int) -> object:
        try:
            async with database.transaction(scope="nation") as tx:
                end = MarriageEndDeclared(one, PartialDate(20200101))
                return await commands.record_divorce(tx, divorce=end, **common())
        except DancuError as error:
            return error

    answers = await asyncio.gather(*(divorce(one) for one in pair))
    assert sum(isinstance(one, commands.Recorded) for one in answers) == 1
    assert any(isinstance(one, Refused | Stale) for one in answers)
    assert list(verify(database_dsn, workers=1)) == []


async def test_two_men_do_not_adopt_together(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        one, other = await person(tx), await person(tx)
        child = await person(tx, Sex.MALE, 20180301)
        adoption = AdoptionDeclared(child, (one, other), PartialDate(20200601))
        with pytest.raises(Invalid):
            await commands.record_adoption(tx, adoption=adoption, history=True, **common())


async def test_a_recognised_father_gives_his_name_also_after_his_death(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        mother, father = await person(tx, Sex.FEMALE), await person(tx)
        child = await person(tx, Sex.MALE, 20150101, mother=mother)
        await commands.record_death(tx, death=DeathDeclared(father, PartialDate(20200101)), **common())
        told = RecognitionDeclared(
            child, PartialDate(20240101), ParentDeclared("Lê An", father), name=PersonName("Phạm", "", "An")
        )
        await commands.record_recognition(tx, recognition=told, **common())
        life = await life_of(tx, child)
        other = await person(tx)
        again = RecognitionDeclared(child, PartialDate(20250101), ParentDeclared("Lê An", other))
        with pytest.raises(Refused, match=r"recognition\.undisputed"):
            await commands.record_recognition(tx, recognition=again, **common())
    assert life.father is not None
    assert life.mother is not None
    assert (life.father.person_id, life.mother.person_id) == (father, mother)
    assert life.name is not None
    assert life.name.surname == "Phạm"
    assert [n.full for n in life.former_names] == ["Lê An"]


async def test_recognition_of_an_adopted_child_is_of_a_parent_of_birth(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        adopters = await couple(tx)
        father = await person(tx, Sex.MALE, 19920101)
        child = await person(tx, Sex.MALE, 20180301)
        await commands.record_adoption(
            tx, adoption=AdoptionDeclared(child, adopters, PartialDate(20200601)), **common()
        )
        told = RecognitionDeclared(child, PartialDate(20240101), ParentDeclared("Lê An", father))
        await commands.record_recognition(tx, recognition=told, **common())
        life = await life_of(tx, child)
    assert life.father is not None
    assert life.father.person_id == adopters[0]
    assert life.adoption is not None
    assert life.adoption.birth_father is not None
    assert life.adoption.birth_father.person_id == father


async def test_only_a_court_takes_a_recorded_parent_away(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        father, other = await person(tx, Sex.MALE, 19800101), await person(tx, Sex.MALE, 19810101)
        child = await person(tx, Sex.MALE, 20180301)
        on = PartialDate(20240101)
        nobody = RecognitionDeclared(child, on, no_father=True)
        with pytest.raises(Refused, match=r"recognition\.undisputed"):
            await commands.record_recognition(tx, recognition=nobody, **common())
        with pytest.raises(Refused, match=r"recognition\.somebody_recorded"):
            await commands.record_recognition(tx, recognition=replace(nobody, by_court=True), **common())
        both = replace(nobody, by_court=True, father=ParentDeclared("Lê An", father))
        with pytest.raises(Invalid):
            await commands.record_recognition(tx, recognition=both, **common())
        told = RecognitionDeclared(child, on, ParentDeclared("Lê An", father))
        await commands.record_recognition(tx, recognition=told, **common())
        disputed = RecognitionDeclared(child, PartialDate(20250101), ParentDeclared("Lê Bình", other))
        with pytest.raises(Refused, match=r"recognition\.undisputed"):
            await commands.record_recognition(tx, recognition=disputed, **common())
        life = await life_of(tx, child)
    assert life.father is not None
    assert life.father.person_id == father


async def test_a_court_finds_that_nobody_or_another_one_is_the_father(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        father, other = await person(tx, Sex.MALE, 19800101), await person(tx, Sex.MALE, 19810101)
        child = await person(tx, Sex.MALE, 20180301)
        told = RecognitionDeclared(child, PartialDate(20240101), ParentDeclared("Lê An", father))
        await commands.record_recognition(tx, recognition=told, **common())
        judged = RecognitionDeclared(child, PartialDate(20250101), by_court=True, no_father=True)
        await commands.record_recognition(tx, recognition=judged, **common())
        history = await store.history(tx, child)
        row = await tx.row("SELECT father_id FROM register.person WHERE person_id = %(id)s", {"id": child})
        found = RecognitionDeclared(child, PartialDate(20260101), ParentDeclared("Lê Bình", other), by_court=True)
        await commands.record_recognition(tx, recognition=found, **common())
        life = await life_of(tx, child)
    before, after = fold(history.events, on=date(2024, 6, 1)), fold(history.events, on=date(2025, 6, 1))
    assert before is not None
    assert before.father is not None
    assert before.father.person_id == father
    assert after is not None
    assert after.father is None
    assert row == (None,)
    assert life.father is not None
    assert life.father.person_id == other
    assert list(verify(database_dsn)) == []


async def test_majority_ends_guardianship_and_representation_by_itself(
    database: Database, connection: psycopg.Connection
) -> None:
    async with database.transaction(scope="nation") as tx:
        guardian, ward, minor, young = [
            await person(tx, born=born) for born in (19800101, 20081120, 20081125, 20150101)
        ]
        without = await person(tx, born=20081120)
        for one in (ward, minor, young, without):
            told = TieDeclared(one, (guardian,), TieKind.GUARDIAN, PartialDate(20200601))
            await commands.establish_guardianship(tx, guardianship=told, **common())
        spoken_for = TieDeclared(ward, (guardian,), TieKind.REPRESENTATIVE, PartialDate(20200601))
        await commands.establish_representation(tx, representation=spoken_for, **common())
        lost: dict[str, Any] = {"person_id": without, "capacity": Capacity.LOST, "on": date(2026, 11, 21)}
        await commands.change_capacity(tx, **lost, **common())

    async def run(now: datetime) -> int:
        async with database.transaction(scope="none") as tx:
            return await end_ties_of_minors(tx, now=now, locate=locate)

    assert await run(datetime(2026, 11, 19, 16, tzinfo=UTC)) == 0
    assert [await run(datetime(2026, 11, 24, hour, tzinfo=UTC)) for hour in (10, 11)] == [2, 0]
    async with database.transaction(scope="nation") as tx:
        lives = {one: await life_of(tx, one) for one in (ward, minor, young, without, guardian)}
        assert await clocks_of(tx, ward) == []
    assert {tie.until for tie in lives[ward].ties} == {PartialDate(20261120)}
    assert [tie.until for one in (minor, young, without) for tie in lives[one].ties] == [None, None, None]
    assert sum(tie.until == PartialDate(20261120) for tie in lives[guardian].ties) == 2
    logged = connection.execute("SELECT person_id, purpose, actor FROM audit.access_log").fetchall()
    assert logged == [(ward, "civil_status", 4)] * 2


def test_the_worker_does_daily_what_ends_by_itself() -> None:
    daily = {duty.name: duty.every for duty in DUTIES}
    for name in ("end temporary residences that have expired", "end guardianships of who has come of age"):
        assert daily[name] <= timedelta(days=1)


async def test_a_guardianship_stands_in_both_records_until_majority(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        guardian = await person(tx)
        ward = await person(tx, Sex.FEMALE, 20080301)
        told = TieDeclared(ward, (guardian,), TieKind.GUARDIAN, PartialDate(20200601), "toàn bộ")
        await commands.establish_guardianship(tx, guardianship=told, **common())
        running = await clocks_of(tx, ward)
        both = [await life_of(tx, one) for one in (ward, guardian)]
        due = await commands.wards_of_age(tx, date(2026, 11, 24))
        not_yet = await commands.wards_of_age(tx, date(2026, 2, 28))
        await commands.end_guardianship(tx, ward_id=ward, on=PartialDate(20260301), why=TieEnd.OF_AGE, **common())
        ended = [await life_of(tx, one) for one in (ward, guardian)]
        left = await clocks_of(tx, ward)
    assert running == ["guardianship_until_majority"]
    assert (due, not_yet) == ([ward], [])
    assert both[0].tied(TieKind.GUARDIAN)[0].other.person_id == guardian
    assert both[1].tied(TieKind.WARD)[0].other.person_id == ward
    assert [life.ties[0].until for life in ended] == [PartialDate(20260301)] * 2
    assert left == []


async def test_a_second_guardian_needs_the_end_of_the_first(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        ward, first, second = await person(tx, born=20150101), await person(tx), await person(tx)
        on = PartialDate(20200601)
        await commands.establish_guardianship(
            tx, guardianship=TieDeclared(ward, (first,), TieKind.GUARDIAN, on), **common()
        )
        with pytest.raises(Refused, match=r"guardianship\.one_guardian"):
            await commands.establish_guardianship(
                tx, guardianship=TieDeclared(ward, (second,), TieKind.GUARDIAN, on), **common()
            )
        with pytest.raises(Refused, match=r"guardianship\.new"):
            await commands.establish_guardianship(
                tx, guardianship=TieDeclared(ward, (first,), TieKind.GUARDIAN, on), **common()
            )


async def test_the_death_of_a_guardian_ends_the_guardianship_and_starts_a_clock(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        ward, guardian = await person(tx, born=20150101), await person(tx)
        told = TieDeclared(ward, (guardian,), TieKind.GUARDIAN, PartialDate(20200601))
        await commands.establish_guardianship(tx, guardianship=told, **common())
        await commands.record_death(tx, death=DeathDeclared(guardian, PartialDate(20261120)), **common())
        lives = [await life_of(tx, one) for one in (ward, guardian)]
        running = await clocks_of(tx, ward)
    assert [life.ties[0].until for life in lives] == [PartialDate(20261120)] * 2
    assert "ward_without_guardian" in running


async def test_an_adopted_ward_has_no_guardian_any_more(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        adopters = await couple(tx)
        ward, guardian = await person(tx, born=20180101), await person(tx)
        told = TieDeclared(ward, (guardian,), TieKind.GUARDIAN, PartialDate(20190601))
        await commands.establish_guardianship(tx, guardianship=told, **common())
        await commands.record_adoption(tx, adoption=AdoptionDeclared(ward, adopters, PartialDate(20200601)), **common())
        lives = [await life_of(tx, one) for one in (ward, guardian)]
        running = await clocks_of(tx, ward)
    assert [life.ties[0].until for life in lives] == [PartialDate(20200601)] * 2
    assert running == []


async def test_a_representation_begins_and_ends_in_both_records(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        minor, mother = await person(tx, born=20150101), await person(tx, Sex.FEMALE)
        told = TieDeclared(minor, (mother,), TieKind.REPRESENTATIVE, PartialDate(20200601))
        with pytest.raises(Invalid):
            await commands.establish_guardianship(tx, guardianship=told, **common())
        await commands.establish_representation(tx, representation=told, **common())
        assert (await life_of(tx, mother)).tied(TieKind.REPRESENTED)
        await commands.end_representation(tx, represented_id=minor, on=PartialDate(20260101), **common())
        assert not (await life_of(tx, mother)).tied(TieKind.REPRESENTED)
        with pytest.raises(Refused, match=r"tie_end\.lasts"):
            await commands.end_representation(tx, represented_id=minor, on=PartialDate(20260101), **common())


async def test_nobody_out_of_scope_is_divorced(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, _ = await couple(tx)
    async with database.transaction(scope="commune:26740") as tx:
        with pytest.raises(store.PersonUnknown):
            await commands.record_divorce(tx, divorce=MarriageEndDeclared(man, PartialDate(20200101)), **common())
