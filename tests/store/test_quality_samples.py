"""Samples are drawn by lot in the officer's scope, checked on a dossier, twice by different clerks, and logged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.store.adjudication_office import (
    AT_THE_CENTER,
    CLERK,
    COLLEAGUE,
    IN_SAI_GON,
    SECOND_AT_THE_CENTER,
    offices,
)
from tests.store.quality_town import HO_CHI_MINH, NOW, QualityTown

from dancu.access.model import Officer
from dancu.access.policy import OpenDossier
from dancu.access.work import NotAllowed, OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.infra.db import Database
from dancu.kernel.errors import Invalid
from dancu.quality import read, samples
from dancu.quality.catalogue import BY_CODE
from dancu.quality.run import run
from dancu.quality.samples import CheckedAlready, Found, OnNoDossier, Sample, SampleUnknown

pytestmark = pytest.mark.anyio

RIGHT = dict.fromkeys(("name", "born", "sex", "number", "residence"), Found.RIGHT)


@pytest.fixture
def town(connection: psycopg.Connection[Any]) -> QualityTown:
    offices(connection)
    town = QualityTown(connection)
    for _ in range(60):
        town.person()
    for _ in range(40):
        town.person(province_code="79", commune_code=HO_CHI_MINH, born=20150101)
    return town


@asynccontextmanager
async def at_work(
    database: Database, who: Officer, *, dossier: bool = True, still_open: bool = True
) -> AsyncIterator[OpenWork]:
    office = who.assignments[0].office
    on = OpenDossier(5, office.office_id, frozenset(), open=still_open) if dossier else None
    async with opened(
        database,
        who,
        operation=Operation.READ,
        purpose="dossier" if dossier else "population_database",
        now=NOW,
        request_id=uuid4(),
        fields=ALL_FIELDS,
        dossier=on,
        office_id=office.office_id,
    ) as work:
        yield work


async def drawn(
    database: Database, who: Officer = AT_THE_CENTER, *, size: int = 20, seed: int = 7, doubled: float = 0.5,
    kind: str = "persons", province: str = "",
) -> Sample:  # fmt: skip
    async with at_work(database, who) as work:
        return await samples.draw(work, kind=kind, size=size, seed=seed, doubled=doubled, province=province, now=NOW)


def items(connection: psycopg.Connection[Any], sample: Sample) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT i.person_id, i.stratum, i.doubled FROM quality.item i WHERE i.sample_id = %s ORDER BY i.item",
        (sample.sample_id,),
    ).fetchall()


@pytest.mark.usefixtures("town")
async def test_nothing_is_drawn_without_a_dossier_or_out_of_bounds(database: Database) -> None:
    with pytest.raises(OnNoDossier):
        async with at_work(database, AT_THE_CENTER, dossier=False) as work:
            await samples.draw(work, kind="persons", size=9, seed=1, doubled=0, province="", now=NOW)
    with pytest.raises(NotAllowed):
        async with at_work(database, AT_THE_CENTER, still_open=False):
            pass
    for kind, size, doubled in (("houses", 9, 0.0), ("persons", 0, 0.0), ("persons", 10_001, 0.0), ("links", 9, 1.1)):
        with pytest.raises(Invalid):
            await drawn(database, kind=kind, size=size, doubled=doubled)


async def test_the_seed_gives_the_sample_again(
    town: QualityTown, database: Database, connection: psycopg.Connection[Any]
) -> None:
    first, again = await drawn(database), await drawn(database)
    other = await drawn(database, seed=8)
    assert items(connection, first) == items(connection, again)
    assert {one[0] for one in items(connection, first)} != {one[0] for one in items(connection, other)}
    assert {one[1] for one in items(connection, first)} == {"01/35", "79/6"}
    assert sum(one[2] for one in items(connection, first)) == 10
    strata = connection.execute(
        "SELECT s.stratum, s.population, s.drawn FROM quality.stratum s WHERE s.sample_id = %s ORDER BY 1",
        (first.sample_id,),
    ).fetchall()
    assert strata == [("01/35", 60, 12), ("79/6", 40, 8)]
    assert town.persons == 100


async def test_a_province_draws_its_own_and_sees_no_other(
    town: QualityTown, database: Database, connection: psycopg.Connection[Any]
) -> None:
    hidden = town.person(protected=True)
    own = await drawn(database, CLERK, size=10_000, province="01")
    found = {one[0] for one in items(connection, own)}
    assert found == set(range(1, 61)), "neither who lives elsewhere nor who is masked"
    assert hidden not in found
    for who in (IN_SAI_GON, AT_THE_CENTER):
        async with at_work(database, who) as work:
            if who is IN_SAI_GON:
                with pytest.raises(SampleUnknown):
                    await samples.sample_of(work.tx, own.sample_id)
            else:
                assert (await samples.sample_of(work.tx, own.sample_id)).items == 60
            await work.log(result_count=0)
    logged = connection.execute(
        "SELECT cardinality(l.persons), l.dossier_id FROM audit.access_log l ORDER BY l.log_id LIMIT 1"
    ).fetchone()
    assert logged == (60, 5)


@pytest.mark.usefixtures("town")
async def test_findings_are_whole_once_and_twice_by_others(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    sample = await drawn(database, doubled=1.0)

    async def found(who: Officer, item: int, answers: dict[str, Found], *, dossier: bool = True) -> int:
        async with at_work(database, who, dossier=dossier) as work:
            return await samples.record(work, sample.sample_id, item, answers, now=NOW)

    with pytest.raises(OnNoDossier):
        await found(AT_THE_CENTER, 1, RIGHT, dossier=False)
    with pytest.raises(Invalid):
        await found(AT_THE_CENTER, 1, {"name": Found.RIGHT})
    with pytest.raises(Invalid):
        await found(AT_THE_CENTER, 1, RIGHT | {"beauty": Found.RIGHT})
    with pytest.raises(SampleUnknown):
        await found(AT_THE_CENTER, 99, RIGHT)
    assert await found(AT_THE_CENTER, 1, RIGHT) == 1
    with pytest.raises(CheckedAlready):
        await found(AT_THE_CENTER, 1, RIGHT)
    assert await found(SECOND_AT_THE_CENTER, 1, RIGHT | {"born": Found.WRONG}) == 2
    with pytest.raises(CheckedAlready):
        await found(SECOND_AT_THE_CENTER, 1, RIGHT)
    assert await found(SECOND_AT_THE_CENTER, 2, RIGHT | {"sex": Found.NOT_CHECKABLE}) == 1
    async with at_work(database, AT_THE_CENTER) as work:
        told = {one.field: one for one in await samples.estimates(work.tx, sample)}
        await work.log(result_count=0)
    checked = {name: one.estimate.checked if one.estimate else 0 for name, one in told.items()}
    assert checked == {"name": 2, "born": 1, "sex": 1, "number": 2, "residence": 2}, "differing ones are not counted"
    assert (told["born"].twice, told["born"].agreed) == (1, 0.0)
    rows = connection.execute("SELECT DISTINCT f.dossier_id, f.officer_id FROM quality.finding f ORDER BY 2").fetchall()
    assert rows == [(5, 106), (5, 107)]


async def test_links_are_drawn_by_score_and_give_precision_and_recall(
    town: QualityTown, database: Database, database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    """40 links of which one in ten is wrong in the lower band, 20 new persons of whom one in ten was known."""
    town.batch("thuế", range(1, 61), [2] * 40 + [1] * 20, scores=[0.9999] * 20 + [0.95] * 20 + [0.02] * 20)
    sample = await drawn(database, kind="links", size=10_000, doubled=0)
    strata = {one[1] for one in items(connection, sample)}
    assert strata == {"0.999", "0.90", "created 0.01"}
    wrong: dict[str, int] = {"0.999": 0, "0.90": 2, "created 0.01": 2}
    async with at_work(database, AT_THE_CENTER) as work:
        for item, (_, stratum, _) in enumerate(items(connection, sample), 1):
            answer = Found.WRONG if wrong[stratum] else Found.RIGHT
            wrong[stratum] = max(wrong[stratum] - 1, 0)
            await samples.record(work, sample.sample_id, item, {"link": answer}, now=NOW)
    run(database_dsn, now=NOW, only=["link_precision", "link_recall"])
    assert town.figure("link_precision").value == pytest.approx(38 / 40)
    recall = town.figure("link_recall")
    assert (recall.numerator, recall.denominator) == (38, 40)
    assert recall.value == pytest.approx(0.95)


async def test_a_list_shows_who_is_in_scope_and_is_logged(
    town: QualityTown, database: Database, database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    mine, elsewhere = town.person(ethnicity=0), town.person(ethnicity=0, province_code="79", commune_code=HO_CHI_MINH)
    masked = town.person(ethnicity=0, protected=True)
    run(database_dsn, now=NOW, only=["field_completeness"])
    assert town.to_fix("field_completeness") == {mine, elsewhere, masked}
    async with at_work(database, COLLEAGUE, dossier=False) as work:
        assert [one.person_id for one in await read.to_fix(work, "field_completeness", read.Which())] == [mine]
        assert await read.to_fix_by_unit(work.tx, "field_completeness") == {"00097": 2}
        figures = await read.parts(work.tx, "field_completeness", day=NOW.date())
        assert {one.province for one in figures} == {"", "01"}
        assert await read.by_unit(work.tx, BY_CODE["field_completeness"], "79", day=NOW.date()) == {}
    logged = connection.execute("SELECT l.persons FROM audit.access_log l ORDER BY l.log_id").fetchall()
    assert logged == [([mine],)]


@pytest.mark.usefixtures("town")
def test_the_application_changes_no_figures(database_dsn: str) -> None:
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("SET ROLE dancu_app")
        for statement in (
            "UPDATE quality.value SET value = 1",
            "DELETE FROM quality.finding",
            "UPDATE quality.finding SET answer = 1",
            "DELETE FROM quality.to_fix",
            "SELECT s.person_id FROM quality.subject s",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
