"""A dossier opens persons to its own office, while it is open, and to nobody who guesses."""

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest
from tests.store.case_office import (
    HAND,
    NOW,
    NUMBER,
    POLICE,
    REGISTRAR,
    REQUEST,
    close_it,
    dung_lives_elsewhere,
    logged,
    open_for,
    seen,
)

from dancu.access.cases import NoMatterOfYours, name_in_case, open_case_here, opened_with_case
from dancu.access.model import Officer
from dancu.access.work import NotAllowed
from dancu.dossiers.commands import (
    DossierUnknown,
    NobodyNamed,
    dossier_of,
    dossiers_of,
    name_person,
    persons_of,
)
from dancu.dossiers.model import Dossier
from dancu.dossiers.moves import close
from dancu.infra.db import Database
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid, NotFound

__all__ = ["dung_lives_elsewhere"]

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("dung_lives_elsewhere")]


async def test_all_three_open_the_person_to_the_office_and_are_logged(
    database: Database, connection: psycopg.Connection
) -> None:
    dossier = await open_for(database)
    assert logged(connection) == [(7, 9, 1, None, 41, True, "Luật Hộ tịch 60/2014/QH13, Điều 18")]
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_name_is_matched_without_diacritics_and_a_number_without_spaces_around(database: Database) -> None:
    dossier = await open_for(database, name="le thi  DUNG", number=f" {NUMBER} ")
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_dossier_opens_nobody_to_another_office(database: Database) -> None:
    dossier = await open_for(database)
    with pytest.raises(NotAllowed, match="Another office"):
        await seen(database, POLICE, dossier)


async def test_a_dossier_about_somebody_of_the_own_territory_needs_no_number(
    database: Database, connection: psycopg.Connection
) -> None:
    connection.execute("UPDATE register.person SET province_code = '01', commune_code = '10273' WHERE person_id = 42")

    async def open_here(person_id: int | None) -> Dossier:
        return await open_case_here(
            database,
            REGISTRAR,
            matter="1.000894",
            requester="Trần Văn Xa",
            person_id=person_id,
            now=NOW,
            request_id=REQUEST,
        )

    with pytest.raises(NobodyNamed):
        await open_here(41)
    assert await seen(database, REGISTRAR, await open_here(42)) == [42]
    assert await seen(database, REGISTRAR, await open_here(None)) == [42]
    assert [row[2:6] for row in logged(connection) if row[1] == 9] == [
        (2, "NobodyNamed", 41, False),
        (1, None, 42, True),
        (1, None, None, True),
    ]


async def test_an_act_in_the_own_territory_begins_a_dossier_of_its_own(
    database: Database, connection: psycopg.Connection
) -> None:
    async with opened_with_case(
        database, REGISTRAR, act="birth_registered", now=NOW, request_id=REQUEST, fields=1
    ) as case:
        assert await case.work.tx.rows("SELECT person_id FROM register.person") == []
        await case.receive(requester="Lê Thị Dung", subjects=(), established=(42,))
        await case.work.log(person_id=42)
    async with database.transaction(offices="1") as tx:
        (found,) = await dossiers_of(tx, [1])
        assert await persons_of(tx, found.dossier_id) == {42}
    assert (found.dossier_id, found.state, found.outcome) == (case.dossier_id, "decided", "granted")
    assert (found.requester, found.matter) == ("Lê Thị Dung", "1.001193")
    assert logged(connection)[-1] == (7, 6, 1, None, 42, True, "Luật Hộ tịch 60/2014/QH13, Điều 16")


async def test_an_act_that_fails_leaves_no_dossier(database: Database, connection: psycopg.Connection) -> None:
    async def record_and_fail() -> None:
        async with opened_with_case(
            database, REGISTRAR, act="birth_registered", now=NOW, request_id=REQUEST, fields=1
        ) as case:
            await case.receive(requester="", subjects=())
            raise NotFound

    with pytest.raises(NotFound):
        await record_and_fail()
    assert connection.execute("SELECT count(*) FROM dossiers.dossier").fetchone() == (0,)
    assert logged(connection)[-1][:4] == (7, 6, 2, "NotFound")


@pytest.mark.parametrize(("act", "matter"), [("permanent_residence_registered", None), ("birth_registered", "9")])
async def test_an_act_of_another_authority_begins_no_dossier(
    database: Database, connection: psycopg.Connection, act: str, matter: str | None
) -> None:
    with pytest.raises(NoMatterOfYours):
        async with opened_with_case(database, REGISTRAR, act=act, matter=matter, now=NOW, request_id=REQUEST, fields=1):
            pytest.fail("it was opened")
    assert logged(connection)[-1][:4] == (7, 9, 2, "act_of_no_matter")


async def test_a_matter_of_another_authority_is_refused_and_logged(
    database: Database, connection: psycopg.Connection
) -> None:
    with pytest.raises(NotAllowed):
        await open_for(database, POLICE)
    assert [row[:4] for row in logged(connection)] == [(8, 9, 2, "purpose_not_of_role")]


@pytest.mark.parametrize("change", [{"matter": "9.999999"}, {"requester": " "}])
async def test_a_matter_and_a_requester_are_needed(database: Database, change: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await open_for(database, **change)  # type: ignore[arg-type]


async def test_a_further_person_is_named_by_all_three(database: Database, connection: psycopg.Connection) -> None:
    dossier = await open_for(database)

    async def name(officer: Officer, name: str) -> int:
        return await name_in_case(
            database,
            officer,
            dossier=dossier,
            number="001085054321",
            name=name,
            born=PartialDate.of(1985),
            now=NOW,
            request_id=REQUEST,
        )

    with pytest.raises(NobodyNamed):
        await name(REGISTRAR, "Trần Văn Gần")
    with pytest.raises(NotAllowed):
        await name(POLICE, "Trần Văn Xa")
    assert await name(REGISTRAR, "Trần Văn Xa") == 42
    assert await seen(database, REGISTRAR, dossier) == [41, 42]
    await close_it(database, dossier)
    with pytest.raises(DossierUnknown):
        await name(REGISTRAR, "Trần Văn Xa")


async def test_numbers_run_by_office_and_year_without_gaps_or_twins(database: Database) -> None:
    numbers = [one.number for one in await asyncio.gather(*(open_for(database) for _ in range(4)))]
    assert sorted(numbers) == [f"10273-HT-2026-0000{n}" for n in (1, 2, 3, 4)]
    police = await open_for(database, POLICE, matter="1.004222")
    new_year = await open_for(database, now=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
    assert (police.number, new_year.number) == ("10273-CA-2026-00001", "10273-HT-2027-00001")


@pytest.mark.parametrize("local", [{}, {"offices": ""}, {"offices": "2"}, {"scope": "nation"}])
async def test_another_office_sees_no_dossier_and_nobody_in_it(database: Database, local: dict[str, str]) -> None:
    dossier = await open_for(database)
    async with database.transaction(**local) as tx:
        assert await dossiers_of(tx, [1]) == []
        assert await persons_of(tx, dossier.dossier_id) == frozenset()
        with pytest.raises(DossierUnknown):
            await dossier_of(tx, dossier.dossier_id)
        with pytest.raises(DossierUnknown):
            await close(tx, dossier_id=dossier.dossier_id, by=HAND, now=NOW)


async def test_nobody_is_named_in_a_dossier_of_another_office(database: Database) -> None:
    dossier = await open_for(database)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(offices="2") as tx:
            await name_person(tx, dossier_id=dossier.dossier_id, person_id=42, now=NOW)


async def test_the_application_deletes_no_dossier(database: Database) -> None:
    for table in ("dossier", "named_person", "series", "step", "proposal"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.transaction() as tx:
                await tx.execute(f"DELETE FROM dossiers.{table}")
