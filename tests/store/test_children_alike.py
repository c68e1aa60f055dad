"""Which children of the register a birth form may describe: by parent and time, by name and date, near and far."""

from uuid import uuid4

import pytest
from tests.store.test_search import HONG_HA, NOW, SAI_GON, locate

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.payloads import Kin, Payload, ResidenceGiven
from dancu.register.search.similar import ChildDescribed, children_alike, children_elsewhere

pytestmark = pytest.mark.anyio

MOTHER, OTHER_MOTHER, FATHER = 11, 12, 13
BORN = PartialDate.of(2026, 11, 20)
KHUE = PersonName.parse("Nguyễn Lê Minh Khuê")


async def child(
    tx: Transaction,
    name: str,
    born: PartialDate,
    *,
    mother: int | None = None,
    father: int | None = None,
    unit: str = HONG_HA,
    registered: str = "",
) -> int:
    parsed = PersonName.parse(name)
    told = Payload(
        name=(parsed.surname, parsed.middle, parsed.given),
        born=born.number,
        sex=Sex.FEMALE,
        mother=Kin(mother, "Lê Thị Dung") if mother else None,
        father=Kin(father, "Nguyễn Văn An") if father else None,
        birth_registration=(registered, "") if registered else None,
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "Tổ 1"),),
        unit_day=NOW.date(),
    )
    header = ActHeader(Authority.CIVIL_REGISTRAR, "", uuid4(), "Luật Hộ tịch 60/2014/QH13")
    return (await commands.establish_person(tx, header=header, told=told, now=NOW, locate=locate)).person_id


async def alike(database: Database, described: ChildDescribed, scope: str = f"commune:{HONG_HA}") -> list[str]:
    async with database.transaction(scope=scope) as tx:
        return [one.hit.name.full for one in await children_alike(tx, described)]


async def elsewhere(database: Database, described: ChildDescribed) -> list[tuple[int, str]]:
    async with database.transaction(scope=f"commune:{HONG_HA}") as tx:
        return [(one.person_id, one.unit_code) for one in await children_elsewhere(tx, described)]


@pytest.mark.parametrize(
    ("born", "found"),
    [
        (BORN, True),
        (PartialDate.of(2026, 11, 22), True),
        (PartialDate.of(2026, 5, 25), True),
        (PartialDate.of(2026, 5, 23), False),
        (PartialDate.of(2026, 5), True),
        (PartialDate.of(2026, 4), False),
        (PartialDate.of(2026), True),
        (PartialDate.of(2025), False),
    ],
)
async def test_a_child_of_the_mother_born_within_half_a_year_may_be_the_same(
    database: Database, born: PartialDate, found: bool
) -> None:
    async with database.transaction(scope="nation") as tx:
        await child(tx, "Nguyễn Thị Khác Hẳn", born, mother=MOTHER)
    assert await alike(database, ChildDescribed(BORN, mother_id=MOTHER)) == (["Nguyễn Thị Khác Hẳn"] if found else [])


async def test_a_year_alone_is_near_to_all_of_its_days(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        await child(tx, "Nguyễn Thị Khác Hẳn", PartialDate.of(2026, 1, 2), mother=MOTHER)
    assert len(await alike(database, ChildDescribed(PartialDate.of(2026), mother_id=MOTHER))) == 1


async def test_a_child_of_the_father_and_another_mother_is_another_child(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        await child(tx, "Nguyễn Thị Một", BORN, mother=OTHER_MOTHER, father=FATHER)
        await child(tx, "Nguyễn Thị Hai", BORN, father=FATHER)
    assert await alike(database, ChildDescribed(BORN, mother_id=MOTHER, father_id=FATHER)) == ["Nguyễn Thị Hai"]
    assert len(await alike(database, ChildDescribed(BORN, father_id=FATHER))) == 2


async def test_a_like_name_and_the_same_date_are_enough_in_scope(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        same = await child(tx, "Nguyễn Lê Minh Khuê", BORN)
        await child(tx, "Nguyễn Lê Minh Khuê", PartialDate.of(2020, 3, 4))
        await child(tx, "Trần Bảo Ngọc", BORN)
    described = ChildDescribed(BORN, PersonName.parse("Nguyễn Lê Minh Khue"))
    assert await alike(database, described) == ["Nguyễn Lê Minh Khuê"]
    async with database.transaction(scope="nation") as tx:
        assert await children_alike(tx, described, but=same) == ()


async def test_of_children_out_of_scope_only_the_registrar_is_told(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        far = await child(tx, "Nguyễn Thị Xa", BORN, mother=MOTHER, unit=SAI_GON, registered=SAI_GON)
        await child(tx, "Nguyễn Thị Gần", BORN, mother=MOTHER)
    described = ChildDescribed(BORN, mother_id=MOTHER)
    assert await alike(database, described) == ["Nguyễn Thị Gần"]
    assert await elsewhere(database, described) == [(far, SAI_GON)]


async def test_a_namesake_far_away_counts_only_if_registered_where_the_form_says(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        moved = await child(tx, KHUE.full, BORN, unit=SAI_GON, registered=HONG_HA)
        await child(tx, KHUE.full, BORN, unit=SAI_GON, registered=SAI_GON)
    assert await elsewhere(database, ChildDescribed(BORN, KHUE, places=(HONG_HA,))) == [(moved, HONG_HA)]
    assert await elsewhere(database, ChildDescribed(BORN, KHUE)) == []
    assert await elsewhere(database, ChildDescribed(PartialDate.of(2026, 11, 21), KHUE, places=(HONG_HA,))) == []
