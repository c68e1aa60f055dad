"""Who lived where, asked in the units of any day, whatever day's units the stay was registered in.

Of the communes here: Minh Trí (00382), Minh Phú (00397) and Tân Dân (00415) of huyện Sóc Sơn became Kim Anh, which has
the code of the first, on 1 July 2025. Ngọc Khánh (00025) of quận Ba Đình was split among Ngọc Hà (00008), Giảng Võ,
which has its code, and Láng (00199). Huyện Côn Đảo (755) had no communes and became the special zone 26732; huyện
Cát Hải (317) became 11914 as a whole.
"""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, ResidenceKind
from dancu.reference.model import Split
from dancu.reference.units import unit_index
from dancu.register import commands, times
from dancu.register.act import ActHeader
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

KNOWN = datetime(2026, 10, 1, 2, tzinfo=UTC)
OLD_UNITS, NEW_UNITS = date(2020, 3, 1), date(2026, 9, 25)
THEN, NOW = date(2024, 1, 1), date(2026, 9, 30)
MINH_TRI, MINH_PHU, KIM_ANH = "00382", "00397", "00382"
NGOC_KHANH, GIANG_VO, LANG, NGOC_HA = "00025", "00025", "00199", "00008"


async def resident(tx: Transaction, unit: str, unit_day: date, detail: str = "Thôn 1") -> int:
    told = Payload(
        name=("Lê", "", "An"),
        born=19800101,
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, detail, date(2010, 1, 1)),),
        unit_day=unit_day,
    )
    header = ActHeader(Authority.COMMUNE_POLICE, "00382", uuid4(), "Luật Cư trú 68/2020/QH14")
    return (await commands.establish_person(tx, header=header, told=told, now=KNOWN, locate=locate)).person_id


async def who(tx: Transaction, commune: str, on: date) -> list[int]:
    """Who lived in a commune on a day; counting and listing agree."""
    stays = await times.commune_as_of(tx, commune, on=on, as_known_at=KNOWN)
    assert await times.count_in_commune_as_of(tx, commune, on=on, as_known_at=KNOWN) == len(stays)
    return [stay.person_id for stay in stays]


async def test_a_stay_in_units_of_an_old_era_counts_in_the_unit_of_today(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        people = sorted([await resident(tx, MINH_TRI, OLD_UNITS), await resident(tx, MINH_PHU, OLD_UNITS)])
        today = await who(tx, KIM_ANH, NOW)
        then = [await who(tx, commune, THEN) for commune in (MINH_TRI, MINH_PHU)]
        (stay, _) = await times.commune_as_of(tx, KIM_ANH, on=NOW, as_known_at=KNOWN)
    assert today == people
    assert sorted(then[0] + then[1]) == people
    assert (stay.unit_day, stay.unit in {MINH_TRI, MINH_PHU}) == (OLD_UNITS, True)


async def test_nobody_is_said_to_have_lived_in_two_communes_that_were_merged_later(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await resident(tx, KIM_ANH, NEW_UNITS)
        then = [await who(tx, commune, THEN) for commune in (MINH_TRI, MINH_PHU)]
        in_todays_units = await times.commune_as_of(tx, KIM_ANH, on=THEN, as_known_at=KNOWN, units_of=NOW)
        assert await who(tx, KIM_ANH, NOW) == [person]
    assert then == [[], []]
    assert [stay.person_id for stay in in_todays_units] == [person]


async def test_a_stay_in_a_unit_of_today_counts_in_the_one_commune_that_it_came_from(database: Database) -> None:
    phuong_15 = tan_son = "27007"  # a part of the old ward, and of no other
    async with database.transaction(scope="nation") as tx:
        person = await resident(tx, tan_son, NEW_UNITS)
        assert await who(tx, phuong_15, THEN) == [person]


async def test_a_split_commune_is_asked_in_units_of_today_as_far_as_addresses_tell(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        told = await resident(tx, NGOC_KHANH, OLD_UNITS, "Ngõ 2, tổ dân phố Láng")
        untold = await resident(tx, NGOC_KHANH, OLD_UNITS, "Ngõ 3")
        today = {commune: await who(tx, commune, NOW) for commune in (GIANG_VO, LANG, NGOC_HA)}
        then = await who(tx, NGOC_KHANH, THEN)
        scopes = await tx.rows("SELECT person_id, province_code, commune_code FROM register.person")
    assert today == {GIANG_VO: [], LANG: [told], NGOC_HA: []}
    assert sorted(then) == sorted([told, untold])
    assert sorted(scopes) == sorted([(told, "01", LANG), (untold, "01", None)])
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_code_that_went_on_to_another_commune_does_not_take_the_people_along(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        before = await resident(tx, NGOC_KHANH, OLD_UNITS, "Ngõ 3")
        after = await resident(tx, GIANG_VO, NEW_UNITS)
        assert await who(tx, GIANG_VO, NOW) == [after]
        assert await who(tx, NGOC_KHANH, THEN) == [before]


@pytest.mark.parametrize(
    ("district", "title", "zone"), [("755", "Huyện Côn Đảo", "26732"), ("317", "Huyện Cát Hải", "11914")]
)
async def test_whoever_lived_in_a_district_that_became_one_special_zone_lives_there(
    database: Database, database_dsn: str, district: str, title: str, zone: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await resident(tx, district, OLD_UNITS)
        assert await who(tx, zone, NOW) == [person]
        life = await times.person_as_of(tx, person, on=THEN, as_known_at=KNOWN)
        assert life is not None
        home = life.abode(THEN)
        lived = await times.who_lived_at(tx, zone, "thon 1", since=THEN, until=NOW, as_known_at=KNOWN)
    assert home is not None
    unit = unit_index().unit_on(home.unit, home.unit_day)
    assert (home.unit_day, unit and unit.title) == (OLD_UNITS, title)
    assert [stay.person_id for stay in lived] == [person]
    assert list(verify(database_dsn, workers=1)) == []


async def test_whoever_lived_in_an_abolished_district_is_put_in_none_of_its_communes(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        person = await resident(tx, "001", OLD_UNITS)
        became = unit_index().successors("001", OLD_UNITS, NOW)
        assert isinstance(became, Split)
        today = [await who(tx, commune.code, NOW) for commune in became.candidates]
        life = await times.person_as_of(tx, person, on=NOW, as_known_at=KNOWN)
        scope = await tx.rows("SELECT province_code, commune_code FROM register.person")
    assert life is not None
    assert (today, scope) == ([[]] * len(today), [("01", None)])
    assert [stay.unit for stay in life.residences] == ["001"]


async def test_an_address_in_a_split_commune_is_found_where_it_may_be_and_not_where_it_is_not(
    database: Database,
) -> None:
    async with database.transaction(scope="nation") as tx:
        untold = await resident(tx, NGOC_KHANH, OLD_UNITS, "Ngõ 3")
        elsewhere = await resident(tx, LANG, NEW_UNITS, "Ngõ 3")
        found = {
            commune: [
                stay.person_id
                for stay in await times.who_lived_at(tx, commune, "NGO 3", since=THEN, until=NOW, as_known_at=KNOWN)
            ]
            for commune in (GIANG_VO, LANG, "00166")
        }
    assert found == {GIANG_VO: [untold], LANG: sorted([untold, elsewhere]), "00166": []}
