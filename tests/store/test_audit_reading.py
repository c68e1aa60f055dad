"""Auditors read the log by officer, by person and by dossier; nobody else reads it by these doors."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from tests.store.audit_log import LOG, LOOK, NOBODY, NOW, seal, witnessed, write
from tests.store.test_audit_log import establish

from dancu.access.own_record import own_records
from dancu.audit.entry import Operation, canonical
from dancu.audit.keys import log_key
from dancu.audit.proofs import RowUnknown, Seals, heads, prove, seals, verifier
from dancu.audit.reading import uses_by, uses_of, uses_on, volumes
from dancu.audit.standalone.verify_proof import Unproven
from dancu.audit.standalone.verify_proof import check as check_proof
from dancu.audit.tiles import NotSealedYet, TreeDamaged
from dancu.audit.unusual import Why
from dancu.infra.db import Database
from dancu.register.circle import circles, unusual_use

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
WHILE: dict[str, Any] = {"since": NOW - DAY, "until": NOW + DAY}


async def test_uses_are_told_by_officer_by_person_and_by_dossier(database: Database) -> None:
    await write(database, 1)
    await write(database, 1, officer_id=8, dossier_id=3)
    await write(database, 1, officer_id=8, person_id=None, persons=(41, 42), operation=Operation.SEARCH, dossier_id=3)
    await write(database, 1, officer_id=9, person_id=99, logged_at=NOW - 2 * DAY)
    async with database.transaction(scope="nation") as tx:
        assert [use.log_id for use in await uses_by(tx, [7], **WHILE)] == [1]
        assert [use.log_id for use in await uses_by(tx, [7, 8], **WHILE, most=2)] == [3, 2]
        assert [use.log_id for use in await uses_of(tx, [41], **WHILE)] == [3, 2, 1]
        assert [use.log_id for use in await uses_of(tx, [42, 99], **WHILE)] == [3]
        on_dossier = await uses_on(tx, 3, persons=[41], officers=[8], **WHILE)
        assert [(use.log_id, sorted(use.about)) for use in on_dossier] == [(3, [41, 42]), (2, [41])]
        assert [use.log_id for use in await uses_on(tx, 3, persons=[], officers=[8], **WHILE)] == [3, 2]


@pytest.mark.parametrize("scope", ["none", "province:01", "commune:10273"])
async def test_smaller_scopes_are_told_nothing(database: Database, database_dsn: str, scope: str) -> None:
    await write(database, 1)
    await seal(database_dsn)
    async with database.transaction(scope=scope) as tx:
        assert await uses_by(tx, [7], **WHILE) == []
        assert await uses_of(tx, [41], **WHILE) == []
        assert await volumes(tx, **WHILE) == []
        with pytest.raises(RowUnknown):
            await prove(tx, 1)


async def test_volumes_count_looks_persons_and_refusals_by_the_days_of_the_state(database: Database) -> None:
    await write(database, 3)
    await write(database, 1, person_id=42)
    await write(database, 2, outcome=LOOK.refused("x").outcome, reason="x")
    await write(database, 1, operation=Operation.SIGN_IN)
    await write(database, 1, logged_at=datetime(2026, 11, 24, 17, 30, tzinfo=UTC))
    async with database.transaction(scope="nation") as tx:
        found = await volumes(tx, **WHILE)
    told = sorted((one.officer_id, one.day, one.looks, one.persons, one.refused) for one in found)
    assert told == [(7, date(2026, 11, 24), 4, 2, 2), (7, date(2026, 11, 25), 1, 1, 0)]


def officer(connection: psycopg.Connection, officer_id: int, person_id: int | None) -> None:
    connection.execute(
        "INSERT INTO access.officer (officer_id, created_at, password_changed_at, class, name, full_name, person_id)"
        " VALUES (%s, now(), now(), 2, %s, 'x', %s)",
        (officer_id, f"officer{officer_id}", person_id),
    )


async def test_looks_at_the_own_people_are_found_from_the_register(
    database: Database, connection: psycopg.Connection
) -> None:
    for person_id in (41, 42, 43, 44, 45, 46):
        establish(connection, person_id)
    connection.execute(
        "UPDATE register.person SET father_id = NULL, mother_id = NULL, household_id = NULL, spouse_id = NULL"
    )
    connection.execute("UPDATE register.person SET mother_id = 42, household_id = 5 WHERE person_id = 41")
    connection.execute("UPDATE register.person SET mother_id = 42 WHERE person_id = 43")
    connection.execute("UPDATE register.person SET household_id = 5 WHERE person_id = 44")
    connection.execute(
        "INSERT INTO register.residence (person_id, known_from, unit_day, row_no, kind, unit_code, detail)"
        " SELECT n, now(), '2026-01-01', 1, 1, '10273', 'Thôn 1' FROM unnest(ARRAY[41, 44, 45]) n"
    )
    officer(connection, 7, 41)
    officer(connection, 8, None)
    for person_id in (41, 42, 43, 44, 45, 46):
        await write(database, 1, person_id=person_id)
        await write(database, 1, person_id=person_id, officer_id=8)
    async with database.transaction(scope="nation") as tx:
        assert await own_records(tx, [7, 8, 9]) == {7: 41}
        near = (await circles(tx, [41]))[41]
        assert (sorted(near.relatives), sorted(near.neighbours)) == ([42, 43, 44], [44, 45])
        found = await unusual_use(tx, **WHILE)
    assert [(one.why, one.officer_id, sorted(one.persons)) for one in found] == [
        (Why.SELF, 7, [41]),
        (Why.RELATIVE, 7, [42, 43, 44]),
        (Why.NEIGHBOUR, 7, [45]),
    ]


async def test_a_proof_opens_the_row_and_holds_by_the_shipped_verifier(
    database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    await write(database, 300)
    await write(database, 1, person_id=None, persons=(1, 2**60), reason='nói "không"\\')
    await seal(database_dsn, most=250)
    async with database.transaction(scope="nation") as tx:
        made = await prove(tx, 301)
        assert [head.size for head in await heads(tx)] == [301, 250]
    assert canonical(made.entry) == canonical(replace(LOOK, person_id=None, persons=(1, 2**60), reason='nói "không"\\'))
    said = check_proof(made.text, log_key(LOG).text)
    assert said[0].startswith("PROVEN: row 301")
    assert any(str(2**60) in line for line in said)
    with pytest.raises(Unproven, match="trust"):
        check_proof(made.text, "")
    assert log_key(LOG).text in verifier(log_key(LOG), NOBODY)
    assert 'TRUSTED = ""' in verifier(None, NOBODY)


async def test_how_far_it_is_sealed_and_witnessed_is_told(
    database: Database, database_dsn: str, tmp_path: Path
) -> None:
    with witnessed(tmp_path) as (_, witnesses):
        async with database.transaction() as tx:
            assert await seals(tx, witnesses) == Seals(0, None, None)
        await write(database, 3)
        await seal(database_dsn, witnesses)
        await write(database, 2)
        await seal(database_dsn, NOBODY)
        async with database.transaction() as tx:
            found = await seals(tx, witnesses)
            assert found.last
            assert found.published
            assert (found.sealed_to, found.last.size, found.published.size) == (5, 5, 3)
            assert (await seals(tx, NOBODY)).published is None


async def test_a_row_that_is_not_sealed_or_was_changed_is_not_proven(
    database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    await write(database, 3)
    await seal(database_dsn)
    await write(database, 1)
    connection.execute("UPDATE audit.access_log SET fields = 1 WHERE log_id = 1")
    connection.execute(
        "UPDATE audit.access_log a SET salt = b.salt, commitment = b.commitment FROM audit.access_log b"
        " WHERE a.log_id = 2 AND b.log_id = 3"
    )
    async with database.transaction(scope="nation") as tx:
        for log_id, error in ((4, NotSealedYet), (9, RowUnknown), (1, TreeDamaged), (2, TreeDamaged)):
            with pytest.raises(error):
                await prove(tx, log_id)


def test_the_shipped_verifier_needs_nothing_of_this_program() -> None:
    from dancu.audit.standalone import verify_proof

    assert "dancu." not in Path(verify_proof.__file__).read_text(encoding="utf-8").replace("dancu audit", "")
