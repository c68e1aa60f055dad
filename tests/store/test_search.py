"""Finding people in a real register."""

import itertools
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven
from dancu.register.search import Found, Why, parse, search, similar
from dancu.register.search.find import Add

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HONG_HA, SAI_GON = "00097", "26740"
_SERIALS = itertools.count(1)

PEOPLE = (
    ("Nguyễn Văn Phước", 19580930, Sex.MALE, HONG_HA),
    ("Nguyễn Văn Phúc", 19580930, Sex.MALE, HONG_HA),
    ("Nguyễn Văn Phương", 19600000, Sex.MALE, HONG_HA),
    ("Trần Thị Minh Nguyệt", 19790312, Sex.FEMALE, HONG_HA),
    ("Trần Thị Hồng Hà", 19850101, Sex.FEMALE, SAI_GON),
    ("Lê Quang Giang", 19900707, Sex.MALE, SAI_GON),
    ("H' Lan Niê", 19910505, Sex.FEMALE, SAI_GON),
    ("Phạm Xuân Trường", 20010203, Sex.MALE, HONG_HA),
)


def locate(unit: str, _day: date, _detail: str) -> tuple[str | None, str | None]:
    return {HONG_HA: ("01", HONG_HA), SAI_GON: ("79", SAI_GON)}.get(unit, (None, None))


async def established(
    tx: Transaction, name: str, born: int, sex: Sex, unit: str, *, number: str = "", other: str | None = None
) -> int:
    parsed = PersonName.parse(name)
    given = number or f"001{int(sex) - 1}{born // 10000 % 100:02}{next(_SERIALS):06}"
    told = Payload(
        name=(parsed.surname, parsed.middle, parsed.given),
        born=born,
        sex=sex,
        other_name=other,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, given),),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "Tổ 1", date(2010, 1, 1)),),
        unit_day=date(2026, 11, 1),
    )
    header = ActHeader(Authority.CIVIL_REGISTRAR, "", uuid4(), "Luật Hộ tịch 60/2014/QH13")
    done = await commands.establish_person(tx, header=header, told=told, now=NOW, locate=locate)
    return done.person_id


@pytest.fixture
async def town(database: Database) -> Database:
    async with database.transaction(scope="nation") as tx:
        for name, born, sex, unit in PEOPLE:
            await established(tx, name, born, sex, unit)
        await tx.execute("SET LOCAL ROLE dancu")
        await tx.execute("ANALYZE register.person")
    return database


async def found(database: Database, text: str, scope: str = "nation") -> Found:
    async with database.transaction(scope=scope) as tx:
        return await search(tx, parse(text, date(2026, 11, 24)))


async def names(database: Database, text: str, scope: str = "nation") -> list[str]:
    return [hit.name.full for hit in (await found(database, text, scope)).hits]


@pytest.mark.parametrize("text", ["Trần Thị Minh Nguyệt 12/3/1979", "Trần Thị Minh Nguyệt, Hồng Hà", "nguyệt hồng hà"])
async def test_an_officer_of_another_commune_finds_nobody(town: Database, text: str) -> None:
    assert await names(town, text, f"commune:{SAI_GON}") == []
    assert await names(town, text, "none") == []


async def test_a_number_out_of_scope_finds_nobody(town: Database) -> None:
    async with town.transaction(scope="nation") as tx:
        await established(tx, "Đỗ Văn Số", 19700101, Sex.MALE, HONG_HA, number="001070999999")
    assert await names(town, "001070999999", f"commune:{SAI_GON}") == []
    assert await names(town, "001 070 999 999", f"commune:{HONG_HA}") == ["Đỗ Văn Số"]


async def test_whom_a_dossier_opens_is_found_beyond_the_territory(town: Database) -> None:
    opened = (await found(town, "Trần Thị Minh Nguyệt 1979")).hits[0].person_id
    async with town.transaction(scope=f"commune:{SAI_GON}", opened=str(opened)) as tx:
        there = await search(tx, parse("minh nguyet 1979", date(2026, 11, 24)))
    assert [hit.person_id for hit in there.hits] == [opened]


async def test_nothing_and_one_letter_are_asked_to_say_more(town: Database) -> None:
    assert (await found(town, "")).add == (Add.NAME,)
    assert (await found(town, "1958")).add == (Add.NAME,)


async def test_a_name_that_half_the_country_bears_is_refused_and_told_what_to_add(town: Database) -> None:
    async with town.transaction(scope="nation") as tx:
        await tx.execute("SET LOCAL ROLE dancu_loader")
        await tx.execute(
            "INSERT INTO register.person (person_id, known_at, version, born, status, subject_type, sex, marital,"
            " ethnicity, name_key, surname, middle, given, nationality)"
            " SELECT n, now(), 1, 19700101, 1, 1, 1, 0, 0, 'nguyen van hung', 'Nguyễn', 'Văn', 'Hùng', 'VNM'"
            " FROM generate_series(1, 1000) n"
        )
    answer = await found(town, "Nguyễn Văn Hùng")
    assert answer.hits == ()
    assert answer.add == (Add.YEAR, Add.PLACE)


@pytest.mark.parametrize(
    "text",
    [
        "Trần Thị Minh Nguyệt",
        "tran thi minh nguyet",
        "Trần Thị Minh Nguyệt 12/3/1979",
        "12-03-1979 tran thi minh nguyet",
        "tran thi minh nguyt 12/3/1979",
        "tran thi mnih nguyet 1979",
        "chan thi minh nguyet 1979",
        "Tran thij Minh Nguyeetj 1979",
        "Tr. Thị Minh Nguyệt 1979",
        "trần minh nguyệt 1979",
        "nguyet tran thi minh 1979",
        "Trần Thị Minh Nguyệt 3/12/1979",
        "Trần Thị Minh Nguyệt 47 tuổi",
        "nữ, tran thi minh nguyet, Hồng Hà",
        "Trần Thị Minh Nguyệt 1/1/1979",
    ],
)
async def test_a_half_remembered_person_comes_first(town: Database, text: str) -> None:
    assert (await names(town, text))[:1] == ["Trần Thị Minh Nguyệt"]


@pytest.mark.parametrize("text", ["minh nguyệt", "nguyet", "tran nguyet", "tran thi minh nguyt", "nguyệt 1979"])
async def test_half_a_name_is_enough_within_ones_own_commune(town: Database, text: str) -> None:
    assert (await names(town, text, f"commune:{HONG_HA}"))[:1] == ["Trần Thị Minh Nguyệt"]


async def test_of_two_alike_the_one_that_was_typed_comes_first(town: Database) -> None:
    assert (await names(town, "Nguyễn Văn Phúc 30/9/1958"))[:2] == ["Nguyễn Văn Phúc", "Nguyễn Văn Phước"]
    assert (await names(town, "nguyen van phuoc 30/9/1958"))[:1] == ["Nguyễn Văn Phước"]


async def test_one_whose_year_alone_is_known_is_found_by_a_day_of_it(town: Database) -> None:
    answer = await found(town, "Nguyễn Văn Phương 5/5/1960")
    assert [(hit.name.full, hit.reasons[1].why) for hit in answer.hits] == [("Nguyễn Văn Phương", Why.BIRTH_YEAR)]


async def test_a_name_that_ends_like_a_place_is_found_as_a_name(town: Database) -> None:
    assert "Trần Thị Hồng Hà" in await names(town, "Trần Thị Hồng Hà 1985")


async def test_a_former_name_leads_to_the_person(town: Database) -> None:
    async with town.transaction(scope="nation") as tx:
        await established(tx, "Bùi Thị Yến", 19830404, Sex.FEMALE, HONG_HA, other="Bùi Thị Oanh")
    answer = await found(town, "Bùi Thị Oanh 1983")
    assert [hit.name.full for hit in answer.hits] == ["Bùi Thị Yến"]
    assert answer.hits[0].reasons[0].why is Why.FORMER_NAME


async def test_each_result_says_why(town: Database) -> None:
    answer = await found(town, "tran thi minh nguyet 12/3/1979 Hồng Hà")
    assert [reason.why for reason in answer.hits[0].reasons] == [Why.NAME, Why.BIRTH_DATE, Why.PLACE]


async def test_a_form_is_warned_of_one_who_is_written_already(town: Database) -> None:
    async with town.transaction(scope="nation") as tx:
        born = PartialDate(19790312)
        alike = await similar(tx, name=PersonName.parse("Trần Thị Minh Nguyêt"), born=born, sex=Sex.FEMALE)
        other = await similar(tx, name=PersonName.parse("Trần Thị Kim Oanh"), born=born, sex=Sex.FEMALE)
        man = await similar(tx, name=PersonName.parse("Trần Thị Minh Nguyệt"), born=born, sex=Sex.MALE)
    assert [hit.name.full for hit in alike] == ["Trần Thị Minh Nguyệt"]
    assert other == ()
    assert man == ()
