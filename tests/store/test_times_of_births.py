"""A birth that is registered late, and what is corrected of it: on a day, as known before and after."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands, times
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, MoveDeclared, ParentDeclared
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

SETTLED = datetime(2026, 3, 1, 2, tzinfo=UTC)
REGISTERED = datetime(2026, 6, 1, 2, tzinfo=UTC)
CORRECTED = datetime(2026, 9, 1, 2, tzinfo=UTC)
BORN = date(2020, 6, 15)
COMMUNE = "06325"


def header() -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, COMMUNE, uuid4(), "Luật Hộ tịch 60/2014/QH13")


async def a_mother(tx: Transaction) -> tuple[int, int]:
    """A woman at the head of a household since 2015, and the household."""
    told = Payload(
        name=("Lê", "Thị", "An"),
        born=19900101,
        sex=Sex.FEMALE,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, "020190000001"),),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, COMMUNE, "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 2, 1),
    )
    done = await commands.establish_person(tx, header=header(), told=told, now=SETTLED, locate=locate)
    move = MoveDeclared(((done.person_id, Relation.HEAD),), COMMUNE, "Thôn 2", date(2015, 1, 1))
    await commands.record_move(tx, header=header(), move=move, now=SETTLED, locate=locate)
    life = await times.person_as_of(tx, done.person_id, on=BORN, as_known_at=SETTLED)
    assert life is not None
    return done.person_id, life.memberships[-1].household_id


async def a_late_child(tx: Transaction, mother: int) -> int:
    birth = BirthDeclared(
        name=PersonName("Lê", "Thị", "Bình"),
        born=PartialDate.on(BORN),
        sex=Sex.FEMALE,
        birth_place=(COMMUNE, ""),
        registered_in=COMMUNE,
        number_place=20,
        unit_day=date(2026, 6, 1),
        mother=ParentDeclared("Lê Thị An", mother),
        lives_with=mother,
    )
    done = await commands.record_birth(tx, header=header(), birth=birth, now=REGISTERED, locate=locate)
    assert [warning.rule for warning in done.warnings] == ["birth.within_60_days"]
    return done.person_id


async def corrected(tx: Transaction, person: int, told: Payload, valid_on: PartialDate | None = None) -> None:
    await commands.correct_particulars(
        tx, header=header(), person_id=person, told=told, now=CORRECTED, locate=locate, valid_on=valid_on
    )


async def lives_in(tx: Transaction, person: int, on: date, known: datetime) -> bool:
    """Whether a person counts in the commune; lists of the commune and of the person agree."""
    stays = await times.commune_as_of(tx, COMMUNE, on=on, as_known_at=known, units_of=date(2026, 9, 30))
    life = await times.person_as_of(tx, person, on=on, as_known_at=known)
    counted = person in {stay.person_id for stay in stays}
    assert counted == (life is not None and life.abode(on) is not None)
    return counted


async def test_a_late_registered_child_was_there_from_birth_and_not_known_before(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        mother, household = await a_mother(tx)
        child = await a_late_child(tx, mother)
        answers = {
            (on, known): (
                await lives_in(tx, child, on, known),
                len(await times.household_as_of(tx, household, on=on, as_known_at=known)),
            )
            for on in (date(2020, 6, 14), BORN, date(2026, 6, 2))
            for known in (SETTLED, REGISTERED)
        }
    assert answers == {
        (date(2020, 6, 14), SETTLED): (False, 1),
        (date(2020, 6, 14), REGISTERED): (False, 1),
        (BORN, SETTLED): (False, 1),
        (BORN, REGISTERED): (True, 2),
        (date(2026, 6, 2), SETTLED): (False, 1),
        (date(2026, 6, 2), REGISTERED): (True, 2),
    }
    assert list(verify(database_dsn, workers=1)) == []


@pytest.mark.parametrize("other", [date(2019, 6, 15), date(2021, 6, 15)])
async def test_a_corrected_birth_moves_the_whole_beginning_of_a_life_and_leaves_the_past_answer(
    database: Database, database_dsn: str, other: date
) -> None:
    earlier, later = min(other, BORN), max(other, BORN)
    between = date(2020, 1, 1) if other < BORN else date(2021, 1, 1)
    async with database.transaction(scope="nation") as tx:
        mother, household = await a_mother(tx)
        child = await a_late_child(tx, mother)
        await corrected(tx, child, Payload(born=PartialDate.on(other).number))
        answers = {
            known: (
                await times.person_as_of(tx, child, on=between, as_known_at=known) is not None,
                await lives_in(tx, child, between, known),
                len(await times.household_as_of(tx, household, on=between, as_known_at=known)) == 2,
            )
            for known in (REGISTERED, CORRECTED)
        }
        before = await times.person_as_of(tx, child, on=date(2018, 1, 1), as_known_at=CORRECTED)
        after = await times.person_as_of(tx, child, on=later, as_known_at=CORRECTED)
    assert answers == {REGISTERED: (earlier == BORN,) * 3, CORRECTED: (earlier == other,) * 3}
    assert before is None
    assert after is not None
    assert after.born == PartialDate.on(other)
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_corrected_name_holds_from_birth_but_was_not_known_before_the_correction(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        mother, _ = await a_mother(tx)
        child = await a_late_child(tx, mother)
        await corrected(tx, child, Payload(name=("Lê", "Thị", "Bích")))
        names = [
            life.name.full
            for on in (BORN, date(2026, 10, 1))
            for known in (REGISTERED, CORRECTED)
            if (life := await times.person_as_of(tx, child, on=on, as_known_at=known)) and life.name
        ]
        changes = await times.changes_between(tx, child, since=REGISTERED, until=CORRECTED)
    assert names == ["Lê Thị Bình", "Lê Thị Bích"] * 2
    assert {change.field for change in changes} == {"name", "former_names"}
    assert list(verify(database_dsn, workers=1)) == []


async def test_what_is_corrected_from_a_day_on_leaves_the_days_before(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        mother, _ = await a_mother(tx)
        child = await a_late_child(tx, mother)
        await corrected(tx, child, Payload(ethnicity=2), PartialDate(20250101))
        ethnicities = [
            life.ethnicity
            for on in (date(2024, 12, 31), date(2025, 1, 1))
            if (life := await times.person_as_of(tx, child, on=on, as_known_at=CORRECTED))
        ]
    assert ethnicities == [0, 2]
    assert list(verify(database_dsn, workers=1)) == []
