"""Live matching finds by its keys what the model would pair, and scores as bulk does, on a real register."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.store.adjudication_office import HA_NOI, HO_CHI_MINH, Bureau

from dancu.infra.db import Database
from dancu.intake.live import acquaintances, candidates
from dancu.intake.match import Doubtful, Nobody, Same, Told, couple, find, model
from dancu.kernel.codes import Sex
from dancu.linkage.model import Decision
from dancu.linkage.record import Record, normalised

pytestmark = pytest.mark.anyio

PEOPLE = [
    ("Nguyễn Văn An", 19850312, Sex.MALE, HA_NOI, "001085123456"),
    ("Nguyễn Văn Ân", 19850312, Sex.MALE, HO_CHI_MINH, "079085123457"),
    ("Nguyễn Thị An", 19850312, Sex.FEMALE, HA_NOI, ""),
    ("Lê Thị Dung", 19870000, Sex.FEMALE, HA_NOI, ""),
    ("Trần Văn Bình", 19850312, Sex.MALE, HA_NOI, ""),
    ("Hoàng Thị Cúc", 19901204, Sex.FEMALE, HO_CHI_MINH, ""),
]


def told(**changes: object) -> Record:
    an = {"name": "Nguyễn Văn An", "born": 19850312, "sex": 1, "residence": (HA_NOI,)}
    return normalised("", **(an | changes))  # type: ignore[arg-type]  # what a source tells


def records() -> Iterator[Record]:
    """Records of those people with faults, and of nobody."""
    for name in ("Nguyễn Văn An", "NGUYEN VAN AN", "An Nguyễn Văn", "Nguyễn An", "Nguyễn Văn Am", "Phạm Thị Lan"):
        for born in (19850312, 19851203, 19850000, None):
            for number in (None, "001085123456", "001085123465"):
                yield told(name=name, born=born, number=number)
    yield told(name="Hoàng Thị Cúc", born=19900412, sex=2, residence=(HO_CHI_MINH,))
    yield told(name="Lê Thị Dung", born=19870506, sex=2)


@pytest.fixture
async def bureau(database: Database, database_dsn: str, tmp_path: Path) -> Bureau:
    bureau = Bureau(database, database_dsn, tmp_path)
    for person in PEOPLE:
        await bureau.person(*person)
    return bureau


async def test_one_record_and_a_chunk_of_them_are_matched_alike_and_scored_by_the_model(bureau: Bureau) -> None:
    every = list(records())
    async with bureau.loader() as database, database.transaction(scope="nation") as tx:
        known = await acquaintances(tx, every)
        for record in every:
            live = await candidates(tx, record, nation=True)
            chunk = {
                one.person_id: model().score(record, one.record)
                for one in known.like(Told.of(record))
                if model().score(record, one.record).decision is not Decision.DIFFERENT
            }
            assert {one.person.person_id: one.score for one in live} == chunk


async def test_an_officer_finds_the_same_and_is_told_who_is_out_of_scope(bureau: Bureau) -> None:
    record = told(residence=())
    async with bureau.loader() as database, database.transaction(scope="nation") as tx:
        of_nation = await candidates(tx, record, nation=True)
    async with bureau.database.transaction(scope="province:01") as tx:
        of_province = await candidates(tx, record)
    assert [(one.person.person_id, one.score) for one in of_nation] == [
        (one.person.person_id, one.score) for one in of_province
    ]
    assert {one.person.commune: one.person.shown for one in of_province} == {HA_NOI: True, HO_CHI_MINH: False}


async def test_masked_people_are_not_told_to_officers(bureau: Bureau, connection: psycopg.Connection) -> None:
    connection.execute("UPDATE register.person SET protected = true WHERE personal_number = '001085123456'")
    async with bureau.database.transaction(scope="nation") as tx:
        assert [one.person.number for one in await candidates(tx, told(number="001085123456"))] != ["001085123456"]
    async with bureau.loader() as database, database.transaction(scope="nation") as tx:
        found = await candidates(tx, told(number="001085123456"), nation=True)
    assert found[0].person.number == "001085123456"


async def matched(bureau: Bureau, record: Record) -> Same | Doubtful | Nobody:
    async with bureau.loader() as database, database.transaction(scope="nation") as tx:
        return find(Told.of(record), await acquaintances(tx, [record]))


async def test_only_what_is_sure_and_barred_by_nothing_is_the_same(bureau: Bureau) -> None:
    sure = await matched(bureau, told(number="001085123456"))
    assert isinstance(sure, Same)
    assert sure.score >= 0.999
    barred = await matched(bureau, told(number="001085123465"))
    assert isinstance(barred, Doubtful), "two numbers of one person are for a clerk"
    assert barred.scores[0] >= 0.05
    other_sex = await matched(bureau, told(sex=2, number="001085123456"))
    assert isinstance(other_sex, Doubtful)
    nobody = await matched(bureau, told(name="Phạm Thị Lan", born=19610203))
    assert isinstance(nobody, Nobody)
    assert nobody.score < 0.05


async def test_a_name_and_a_year_make_nobody_new(bureau: Bureau) -> None:
    match = await matched(bureau, told(name="Lê Thị Dung", born=19870506, sex=2, residence=()))
    assert isinstance(match, Doubtful)
    elsewhere = await matched(bureau, told(name="Lê Thị Dung", born=19880506, sex=2, residence=()))
    assert isinstance(elsewhere, Nobody)


async def test_a_couple_of_one_commune_is_sure_together(bureau: Bureau) -> None:
    await bureau.person("Đỗ Quang Hải", 19550000, Sex.MALE)
    await bureau.person("Vũ Thị Mận", 19580000, Sex.FEMALE)
    sides = [
        told(name="Đỗ Quang Hải", born=19550000, residence=()),
        told(name="Vũ Thị Mận", born=19580000, sex=2, residence=()),
    ]
    async with bureau.loader() as database, database.transaction(scope="nation") as tx:
        known = await acquaintances(tx, sides)
    alone = [find(Told.of(side), known) for side in sides]
    assert all(isinstance(one, Doubtful) for one in alone)
    husband, wife = couple(alone[0], alone[1], known)
    assert isinstance(husband, Same)
    assert isinstance(wife, Same)
