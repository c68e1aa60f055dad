"""What is changed past the program is found: each kind of tampering, by name."""

from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg
import pytest

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, IdentifierScheme, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, MoveDeclared, ParentDeclared
from dancu.register.ledger import chain_hash
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import Difference, verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def header() -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, "06325", uuid4(), "Luật Hộ tịch 60/2014/QH13")


async def family(dsn: str) -> dict[str, int]:
    """A couple with a child, in a household of their own; by commands only."""
    people: dict[str, int] = {}
    async with Database(dsn, size=1) as database, database.transaction(scope="nation") as tx:
        for name, born, sex, number in (
            ("Phạm Hữu Sơn", 19851017, Sex.MALE, "020085355220"),
            ("Lê Ngọc Thảo", 19881231, Sex.FEMALE, "020188211686"),
        ):
            parsed = PersonName.parse(name)
            told = Payload(
                name=(parsed.surname, parsed.middle, parsed.given),
                born=born,
                sex=sex,
                identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),),
                residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1)),),
                unit_day=date(2026, 11, 1),
            )
            done = await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate)
            people[name.split()[-1]] = done.person_id
        man, woman = people["Sơn"], people["Thảo"]
        await commands.record_marriage(
            tx, header=header(), one_id=man, other_id=woman, on=PartialDate(20101019), now=NOW, locate=locate
        )
        move = MoveDeclared(((man, Relation.HEAD), (woman, Relation.SPOUSE)), "06325", "Thôn 9", date(2012, 3, 4))
        await commands.record_move(tx, header=header(), move=move, now=NOW, locate=locate)
        birth = BirthDeclared(
            name=PersonName.parse("Phạm Minh Anh"),
            born=PartialDate.parse("2026-11-20"),
            sex=Sex.FEMALE,
            birth_place=("06325", ""),
            registered_in="06325",
            number_place=20,
            unit_day=date(2026, 11, 24),
            mother=ParentDeclared("Lê Ngọc Thảo", woman),
            father=ParentDeclared("Phạm Hữu Sơn", man),
            lives_with=woman,
        )
        people["Anh"] = (
            await commands.record_birth(tx, header=header(), birth=birth, now=NOW, locate=locate)
        ).person_id
    return people


def found_in(dsn: str) -> list[Difference]:
    return list(verify(dsn, workers=1))


async def test_an_untouched_register_has_no_differences(database_dsn: str) -> None:
    await family(database_dsn)
    assert found_in(database_dsn) == []


TAMPERINGS = {
    "a spouse swapped": ("UPDATE register.person SET spouse_id = {Anh} WHERE person_id = {Sơn}", "spouse_id"),
    "a marriage forgotten on one side": (
        "UPDATE register.person SET spouse_id = NULL WHERE person_id = {Thảo}",
        "spouse_id",
    ),
    "an event edited": (
        """UPDATE register.event SET payload = replace(payload::text, 'Thảo', 'Thơm')::json
            WHERE person_id = {Thảo} AND seq = 1""",
        "event 1 is not what was written",
    ),
    "a valid date edited": ("UPDATE register.event SET valid_on = 20091019 WHERE seq = 2", "event 2"),
    "a person deleted": ("DELETE FROM register.person WHERE person_id = {Anh}", "the person is missing"),
    "the last event deleted": (
        "DELETE FROM register.event e WHERE person_id = {Sơn} AND seq = 3",
        "version is not what the events tell",
    ),
    "an event in the middle deleted": ("DELETE FROM register.event WHERE person_id = {Sơn} AND seq = 2", "missing"),
    "a genesis deleted": ("DELETE FROM register.event WHERE person_id = {Anh}", "without any event"),
    "a row inserted": (
        """INSERT INTO register.residence (person_id, known_from, unit_day, row_no, kind, unit_code, detail)
           VALUES (77, now(), '2026-01-01', 1, 1, '06325', 'x')""",
        "without any event",
    ),
    "a number given to another": (
        "UPDATE register.identifier SET person_id = {Anh} WHERE person_id = {Sơn}",
        "the numbers are not those",
    ),
    "a stay moved": ("UPDATE register.residence SET detail = 'Thôn 2' WHERE person_id = {Sơn}", "the stays are not"),
    "a stay known earlier than it was": (
        "UPDATE register.residence SET known_from = known_from - interval '1 year' WHERE person_id = {Sơn}",
        "the stays are not",
    ),
    "a household emptied": ("UPDATE register.person SET household_id = NULL", "household_id is not"),
    "a household removed": ("DELETE FROM register.household", "household is known"),
    "a second head": ("UPDATE register.person SET relation = 1", "one head"),
    "an act removed": ("DELETE FROM register.act WHERE act_id = (SELECT min(act_id) FROM register.act)", "act"),
    "a request removed": ("DELETE FROM register.request", "request"),
    "a name changed together with its key": (
        "UPDATE register.person SET given = 'Yến', name_key = 'le ngoc yen' WHERE person_id = {Thảo}",
        "given is not what the events tell",
    ),
    "a parent exchanged": ("UPDATE register.person SET father_id = 4711 WHERE person_id = {Anh}", "father is known"),
    "rows under an id that nobody is given": (
        """INSERT INTO register.residence (person_id, known_from, unit_day, row_no, kind, unit_code, detail)
           VALUES (-77, now(), '2026-01-01', 1, 1, '06325', 'x')""",
        "without any event",
    ),
    "rows under the last id that there is": (
        """INSERT INTO register.membership (person_id, known_from, row_no, household_id, relation)
           VALUES (9223372036854775807, now(), 1, 1, 1)""",
        "household of every membership is known",
    ),
    "a household closed to its past": (
        """UPDATE register.membership SET valid_to = '2020-01-01' WHERE person_id = {Sơn}""",
        "the memberships are not",
    ),
    "a clock started by nobody": (
        """INSERT INTO register.clock (clock_id, household_id, act_id, since, kind)
           SELECT 1, household_id, 1, '2026-01-01', 'x' FROM register.household""",
        "clock has its acts",
    ),
    "a clock of a household that has a head": (
        """INSERT INTO register.clock (clock_id, household_id, act_id, since, kind)
           SELECT 1, h.household_id, a.act_id, '2026-01-01', 'household_without_head'
             FROM register.household h, register.act a LIMIT 1""",
        "ends with a head",
    ),
    "an act known earlier": ("UPDATE register.act SET known_at = known_at - interval '1 day'", "known when its act is"),
    "an act of another kind": ("UPDATE register.act SET kind = 14 WHERE kind = 6", "kind and day"),
    "an act of another day": ("UPDATE register.act SET valid_on = 20091019 WHERE kind = 6", "kind and day"),
    "an act of other persons": ("UPDATE register.act SET persons = ARRAY[{Anh}] WHERE kind = 6", "listed by its act"),
    "a request made up": (
        "INSERT INTO register.request (request_id, act_id, subject_id) VALUES (gen_random_uuid(), 1, {Anh})",
        "request has its act",
    ),
    "a request about another person": ("UPDATE register.request SET subject_id = 4711", "request"),
    "a place in the feed made up": (
        "INSERT INTO register.outbox (act_id, known_at) VALUES (1, now())",
        "waiting act is there",
    ),
    "a place in the feed taken away": ("DELETE FROM register.outbox", "event is told once"),
    "numbers uncounted": ("UPDATE register.number_block SET used = 0", "counted"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_is_found(database_dsn: str, tampering: str) -> None:
    people = await family(database_dsn)
    statement, expected = TAMPERINGS[tampering]
    with psycopg.connect(database_dsn) as connection:
        for part in statement.split(";"):
            connection.execute(part.format(**people).encode())
    whats = [difference.what for difference in found_in(database_dsn)]
    assert any(expected in what for what in whats), whats


async def test_an_event_appended_with_a_fitting_hash_is_found_by_the_state(
    database_dsn: str,
) -> None:
    people = await family(database_dsn)
    with psycopg.connect(database_dsn) as connection:
        row = connection.execute(
            "SELECT hash, act_id FROM register.event WHERE person_id = %s ORDER BY seq DESC", (people["Sơn"],)
        ).fetchone()
        assert row is not None
        payload = '{"ph":"0912345678"}'
        digest = chain_hash(
            bytes(row[0]),
            person_id=people["Sơn"],
            seq=4,
            kind=3,
            valid_on=20260101,
            known_at=NOW,
            act_id=row[1],
            payload=payload.encode(),
        )
        connection.execute(
            "INSERT INTO register.event (person_id, seq, kind, valid_on, known_at, act_id, payload, hash)"
            " VALUES (%s, 4, 3, 20260101, %s, %s, %s, %s)",
            (people["Sơn"], NOW, row[1], payload, digest),
        )
    assert any("version" in difference.what for difference in found_in(database_dsn))


async def test_the_application_can_neither_edit_nor_delete_events(database: Database) -> None:
    for statement in ("UPDATE register.event SET seq = 9", "DELETE FROM register.event", "DELETE FROM register.person"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.transaction(scope="nation") as tx:
                await tx.execute(statement)
