"""Questions in two times: on a day, as known at a moment."""

import itertools
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.reference.model import Resolved
from dancu.reference.units import unit_index
from dancu.register import commands, times
from dancu.register.act import ActHeader
from dancu.register.commands import DeathDeclared, MoveDeclared
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)
SECOND = datetime(2026, 6, 1, 2, tzinfo=UTC)
THIRD = datetime(2026, 9, 1, 2, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def header() -> ActHeader:
    return ActHeader(Authority.COMMUNE_POLICE, "06325", uuid4(), "Luật Cư trú 68/2020/QH14")


async def established(tx: Transaction) -> int:
    told = Payload(
        name=("Lê", "Văn", "An"),
        born=19800101,
        sex=Sex.MALE,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, "020080000001"),),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
        unit_day=date(2026, 2, 1),
    )
    done = await commands.establish_person(tx, header=header(), told=told, now=FIRST, locate=locate)
    return done.person_id


async def moved(tx: Transaction, person: int, on: date) -> None:
    move = MoveDeclared(((person, Relation.HEAD),), "26740", "12 Lê Lợi", on)
    await commands.record_move(tx, header=header(), move=move, now=SECOND, locate=locate)


async def test_nothing_is_known_before_it_was_recorded(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx)
        assert await times.person_as_of(tx, person, on=date(2026, 3, 1), as_known_at=BEFORE) is None
        assert await times.commune_as_of(tx, "06325", on=date(2026, 3, 1), as_known_at=BEFORE) == []


async def test_a_late_move_counts_from_its_day_but_was_not_known_before(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx)
        await moved(tx, person, date(2026, 4, 10))
        day = date(2026, 4, 20)
        then = await times.commune_as_of(tx, "06325", on=day, as_known_at=FIRST)
        now = await times.commune_as_of(tx, "06325", on=day, as_known_at=SECOND)
        there = await times.commune_as_of(tx, "26740", on=day, as_known_at=SECOND)
        earlier = await times.commune_as_of(tx, "06325", on=date(2026, 4, 9), as_known_at=SECOND)
    assert [[stay.person_id for stay in stays] for stays in (then, now, there, earlier)] == [
        [person],
        [],
        [person],
        [person],
    ]


async def test_a_commune_is_paged_and_counted_without_those_of_another_half_of_a_split_one(
    database: Database,
) -> None:
    day = date(2026, 3, 1)
    split, commune = a_split_commune()
    async with database.transaction(scope="nation") as tx:
        inside = [await resident(tx, "An", commune, date(2026, 2, 1)) for _ in range(5)]
        outside = [await resident(tx, "Ba", split, date(2025, 1, 1)) for _ in range(7)]
        pages, after = list[list[int]](), 0
        while page := await times.commune_as_of(tx, commune, on=day, as_known_at=FIRST, after=after, most=2):
            pages.append([stay.person_id for stay in page])
            after = pages[-1][-1]
        count = await times.count_in_commune_as_of(tx, commune, on=day, as_known_at=FIRST)
    assert outside
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(itertools.chain(*pages)) == sorted(inside)
    assert count == len(inside)


def a_split_commune() -> tuple[str, str]:
    """An old commune that was split, and one of today that has a part of it."""
    before, after = date(2025, 6, 30), date(2025, 7, 1)
    index = unit_index()
    for commune in ("00004", "00008", "00025", "00070", "00082", "00091", "00097", "00103"):
        for unit, _ in index.predecessors(commune, after, before):
            if not isinstance(index.resolve_address("", unit.code, before, after), Resolved):
                return unit.code, commune
    raise AssertionError("no commune of central Hà Nội was split")


async def resident(tx: Transaction, given: str, unit: str, unit_day: date) -> int:
    told = Payload(
        name=("Lê", "", given),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "", date(2010, 1, 1)),),
        unit_day=unit_day,
    )
    return (await commands.establish_person(tx, header=header(), told=told, now=FIRST, locate=locate)).person_id


async def test_an_address_is_found_whatever_its_diacritics(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx)
        await moved(tx, person, date(2026, 4, 10))
        period = {"since": date(2026, 5, 1), "until": date(2026, 5, 31)}
        known = await times.who_lived_at(tx, "26740", "12 LE LOI", **period, as_known_at=SECOND)
        unknown = await times.who_lived_at(tx, "26740", "12 LE LOI", **period, as_known_at=FIRST)
    assert ([stay.person_id for stay in known], unknown) == ([person], [])


async def test_a_household_loses_its_dead_from_the_day_of_death(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx)
        await moved(tx, person, date(2026, 4, 10))
        life = await times.person_as_of(tx, person, on=date(2026, 5, 1), as_known_at=SECOND)
        assert life is not None
        household = life.memberships[0].household_id
        death = DeathDeclared(person, PartialDate(20260701))
        await commands.record_death(tx, header=header(), death=death, now=THIRD, locate=locate)
        day = date(2026, 7, 1)
        alive = await times.household_as_of(tx, household, on=date(2026, 6, 30), as_known_at=THIRD)
        dead = await times.household_as_of(tx, household, on=day, as_known_at=THIRD)
        before = await times.household_as_of(tx, household, on=day, as_known_at=SECOND)
    assert ([m.person_id for m in alive], dead, [m.person_id for m in before]) == ([person], [], [person])


async def test_a_correction_shows_between_moments_and_leaves_the_past_answer(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await established(tx)
        told = Payload(ethnicity=2)
        await commands.correct_particulars(tx, header=header(), person_id=person, told=told, now=THIRD, locate=locate)
        changes = await times.changes_between(tx, person, since=SECOND, until=THIRD)
        before = await times.person_as_of(tx, person, on=date(2026, 10, 1), as_known_at=SECOND)
        after = await times.person_as_of(tx, person, on=date(2026, 10, 1), as_known_at=THIRD)
    assert [(change.field, change.before, change.after) for change in changes] == [("ethnicity", 0, 2)]
    assert before is not None
    assert after is not None
    assert (before.ethnicity, after.ethnicity) == (0, 2)
