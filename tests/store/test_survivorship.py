"""What every source told is kept, and the value that stands follows from it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.store.test_intake_stages import HEADER, person, write_csv

from dancu.infra.db import Database
from dancu.intake.applying import header_of
from dancu.intake.loading import Loaded, load
from dancu.intake.revert import revert
from dancu.intake.survivorship import kept
from dancu.intake.survivorship.choosing import Chosen, Ground, choose, of_field
from dancu.intake.survivorship.claims import Claim, Document, Field
from dancu.intake.survivorship.recompute import persons, recompute
from dancu.register import commands
from dancu.register.store import history
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
NAME, BORN, _, NUMBER, ETHNICITY = HEADER


async def told(dsn: str, folder: Path, source: str, *rows: dict[str, str], after: int = 0) -> Loaded:
    path = write_csv(folder / f"{source} {after}.csv", list(rows))
    async with Database(dsn, role="dancu_loader", size=7, patient=True) as database:
        return await load(database, path, source=source, now=NOW + timedelta(minutes=after))


async def declared(dsn: str, **documents: Document) -> None:
    async with (
        Database(dsn, role="dancu_loader", size=1) as database,
        database.transaction(scope="nation") as tx,
    ):
        for source, document in documents.items():
            await kept.declare(tx, source, document, since=date(2020, 1, 1), by="Lê Thị Ba", now=NOW)


async def claims(dsn: str, number: str, field: Field) -> list[Claim]:
    async with (
        Database(dsn, role="dancu_loader", size=1) as database,
        database.transaction(scope="nation") as tx,
    ):
        row = await tx.row("SELECT person_id FROM register.identifier WHERE value = %(v)s", {"v": number})
        assert row is not None
        known = await kept.known(tx, await history(tx, row[0]))
        return of_field(known.claims(tx.keys), field)


async def chosen(dsn: str, number: str, field: Field) -> Chosen:
    found = choose(await claims(dsn, number, field), on=NOW.date())
    assert found is not None
    return found


def value(connection: psycopg.Connection, query: str, *parameters: Any) -> Any:
    return (connection.execute(query.encode(), parameters).fetchone() or (None,))[0]


def ethnicity(connection: psycopg.Connection, number: str) -> Any:
    return value(connection, "SELECT ethnicity FROM register.person WHERE personal_number = %s", number)


async def test_a_source_that_agrees_is_kept_as_bits_and_changes_nothing(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    one = person(1)
    await told(database_dsn, tmp_path, "a", one)
    second = await told(database_dsn, tmp_path, "b", one, after=5)
    third = await told(database_dsn, tmp_path, "b", one, person(2), after=9)
    assert (second.unchanged, third.unchanged, third.created) == (1, 1, 1)
    assert value(connection, "SELECT count(*) FROM intake.claim") == 1  # told again: the same claim
    row = connection.execute("SELECT batches, differs::text, sealed FROM intake.claim").fetchone()
    assert row == ([second.batch, 1, third.batch, 1], None, None)
    found = await chosen(database_dsn, one[NUMBER], Field.NAME)
    assert found.ground is Ground.UNDISPUTED
    assert [claim.source for claim in found.claims] == ["a", "b"]


async def test_what_a_source_tells_again_of_itself_is_not_stored_again(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    await told(database_dsn, tmp_path, "a", person(1))
    await told(database_dsn, tmp_path, "a", person(1), person(2), after=5)
    assert value(connection, "SELECT count(*) FROM intake.claim") == 0


async def test_a_value_that_loses_is_kept_and_one_more_voice_lets_it_win(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    one = person(1)
    await told(database_dsn, tmp_path, "a", one)
    before = ethnicity(connection, one[NUMBER])
    other = one | {ETHNICITY: "Tày"}
    assert (await told(database_dsn, tmp_path, "b", other, after=5)).unchanged == 1
    assert ethnicity(connection, one[NUMBER]) == before
    found = await chosen(database_dsn, one[NUMBER], Field.ETHNICITY)
    assert (found.value, found.ground, [c.source for c in found.others]) == (before, Ground.FIRST, ["b"])
    third = await told(database_dsn, tmp_path, "c", other, after=9)
    assert third.updated == 1
    found = await chosen(database_dsn, one[NUMBER], Field.ETHNICITY)
    assert (found.ground, sorted(c.source for c in found.claims)) == (Ground.AGREEMENT, ["b", "c"])
    assert ethnicity(connection, one[NUMBER]) == found.value != before
    assert list(verify(database_dsn, workers=1)) == []


async def test_the_stronger_paper_wins_whenever_it_comes(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    await declared(database_dsn, births=Document.BIRTH_CERTIFICATE, forms=Document.FORM)
    one, two = person(1), person(2)
    await told(database_dsn, tmp_path, "forms", one | {ETHNICITY: "Tày"})
    assert (await told(database_dsn, tmp_path, "births", one, two, after=5)).updated == 1
    found = await chosen(database_dsn, one[NUMBER], Field.ETHNICITY)
    assert (found.ground, found.claims[0].document) == (Ground.PRECEDENCE, Document.BIRTH_CERTIFICATE)
    late = await told(database_dsn, tmp_path, "forms", two | {ETHNICITY: "Tày"}, after=9)
    assert late.unchanged == 1
    assert ethnicity(connection, one[NUMBER]) == ethnicity(connection, two[NUMBER])


async def test_a_batch_that_is_taken_back_takes_its_claims_along(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    one = person(1)
    await told(database_dsn, tmp_path, "a", one)
    second = await told(database_dsn, tmp_path, "b", one, after=5)
    third = await told(database_dsn, tmp_path, "b", one, person(2), after=9)
    for batch, left in ((second.batch, [third.batch, 1]), (third.batch, None)):
        async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
            await revert(database, batch, now=NOW + timedelta(hours=1))
        assert value(connection, "SELECT batches FROM intake.claim") == left


async def chosen_again(dsn: str, *, apply: bool = False) -> list[tuple[int, Field]]:
    found: list[tuple[int, Field]] = []
    async with Database(dsn, role="dancu_loader", size=2) as database:
        with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
            for some in persons(connection):
                await recompute(
                    *(database, connection, some),
                    now=NOW + timedelta(hours=2),
                    apply=apply,
                    told=lambda one: found.append((one.person_id, one.field)),
                )
    return found


async def test_choosing_again_finds_nothing_until_a_paper_is_declared_and_nothing_after_it_is_in_force(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    one = person(1)
    await told(database_dsn, tmp_path, "a", one, person(2))
    await told(database_dsn, tmp_path, "births", one | {ETHNICITY: "Tày"}, after=5)
    before = ethnicity(connection, one[NUMBER])
    assert await chosen_again(database_dsn) == []
    await declared(database_dsn, births=Document.BIRTH_CERTIFICATE)
    assert [field for _, field in await chosen_again(database_dsn)] == [Field.ETHNICITY]
    assert ethnicity(connection, one[NUMBER]) == before
    await chosen_again(database_dsn, apply=True)
    assert ethnicity(connection, one[NUMBER]) != before
    assert await chosen_again(database_dsn) == []
    assert list(verify(database_dsn, workers=1)) == []


async def test_merge_and_undoing_give_the_same_choices_also_after_later_claims(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    one, two = person(1), person(2)
    await told(database_dsn, tmp_path, "a", one)
    await told(database_dsn, tmp_path, "b", two | {ETHNICITY: "Tày"}, after=1)
    await told(database_dsn, tmp_path, "c", one, two, after=2)
    before = [await claims(database_dsn, n[NUMBER], field) for n in (one, two) for field in Field]
    ids = [
        value(connection, "SELECT person_id FROM register.person WHERE personal_number = %s", n[NUMBER])
        for n in (one, two)
    ]
    async with Database(database_dsn, role="dancu_loader", size=2) as database:

        async def act(undo: bool, hour: int) -> None:
            header = header_of("desk", batch_id=0, request=uuid4())
            how: dict[str, Any] = {"header": header, "now": NOW + timedelta(hours=hour), "locate": locate}
            async with database.transaction(scope="nation") as tx:
                if undo:
                    await commands.unmerge_records(tx, merged_id=ids[1], reason="wrong", **how)
                else:
                    await commands.merge_records(tx, survivor_id=ids[0], merged_id=ids[1], reason="same", **how)

        await act(undo=False, hour=1)
        both = await claims(database_dsn, one[NUMBER], Field.ETHNICITY)
        assert sorted({claim.source for claim in both}) == ["a", "b", "c"]
        await act(undo=True, hour=2)
        assert [await claims(database_dsn, n[NUMBER], field) for n in (one, two) for field in Field] == before
        await act(undo=False, hour=3)
        await told(database_dsn, tmp_path, "d", one | {ETHNICITY: "Mường"}, after=300)
        await act(undo=True, hour=6)
    later = await claims(database_dsn, one[NUMBER], Field.ETHNICITY)
    assert sorted((claim.source, claim.act_id is None) for claim in later) == [("a", False), ("c", True), ("d", True)]
    others = await claims(database_dsn, two[NUMBER], Field.ETHNICITY)
    assert sorted((claim.source, claim.act_id is None) for claim in others) == [("b", False), ("c", True)]
    assert list(verify(database_dsn, workers=1)) == []
