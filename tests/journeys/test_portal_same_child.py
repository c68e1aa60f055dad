"""No child is registered twice without a word, whoever registers it, and twins are no trouble."""

import asyncio
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.test_portal_thread import BIRTH, hidden, logged
from tests.journeys.town import Town, ref_of
from tests.journeys.village import ELSEWHERE, LOADED, further_registrar, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.kernel.codes import Authority, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.decisions.civil import BirthDeclared, ParentDeclared
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

WARNING = "Trẻ này có thể đã được đăng ký khai sinh"


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def with_parents(client: Client) -> dict[str, str]:
    mother = ref_of(await client.post("/search", {"text": "le thi dung 1987"}), "Lê Thị Dung")
    father = ref_of(await client.post("/search", {"text": "nguyen van an 1985"}), "Nguyễn Văn An")
    parents = {"mother": "Lê Thị Dung", "mother_ref": mother, "father": "Nguyễn Văn An", "father_ref": father}
    return BIRTH | parents | {"request_id": str(uuid4())}


async def recorded(client: Client, values: dict[str, str]) -> Answer:
    done = await client.post("/births", hidden(await client.post("/births/review", values)))
    assert done.status == 200, done.text
    return done


def confirmation(page: Answer) -> str:
    found = re.search(r'name="another_child" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def children(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM register.person WHERE born = 20261120").fetchone()
    assert row
    return int(row[0])


async def test_the_same_birth_sent_by_two_officers_is_recorded_once(
    town: Town, database: Database, tmp_path: Path, connection: psycopg.Connection[Any]
) -> None:
    town.village.secrets["mai"] = await further_registrar(database, tmp_path, "mai", "Vũ Thị Mai")
    first, second = await town.signed_in("hanh"), await town.signed_in("mai")
    values = await with_parents(first)
    reviewed = await second.post("/births/review", await with_parents(second))
    assert reviewed.status == 200
    await recorded(first, values)
    answer = await second.post("/births", hidden(reviewed))
    assert answer.status == 422
    assert WARNING in answer.text
    assert children(connection) == 1


async def test_two_officers_who_record_at_the_same_moment_record_one_child(
    town: Town, database: Database, tmp_path: Path, connection: psycopg.Connection[Any]
) -> None:
    town.village.secrets["mai"] = await further_registrar(database, tmp_path, "mai", "Vũ Thị Mai")
    first, second = await town.signed_in("hanh"), await town.signed_in("mai")
    sent = [await with_parents(first), await with_parents(second)]
    answers = await asyncio.gather(first.post("/births", sent[0]), second.post("/births", sent[1]))
    assert sorted(answer.status for answer in answers) == [200, 422]
    assert children(connection) == 1


async def test_a_warning_keeps_the_form_and_names_the_child_as_far_as_is_open(town: Town) -> None:
    client = await town.signed_in("hanh")
    values = await with_parents(client)
    done = await recorded(client, values)
    number = "".join(re.findall(r'class="pn"><span>(\d+)</span><span>(\d+)</span><span>(\d+)</span>', done.text)[0])
    child = ref_of(await client.post("/search", {"text": "nguyen le minh khue 2026"}), "Nguyễn Lê Minh Khuê")
    answer = await client.post("/births/review", values | {"request_id": str(uuid4()), "book_number": "46"})
    assert answer.status == 422
    shown = answer.text.partition('id="alike"')[2].partition("</ul>")[0]
    for text in ("Nguyễn Lê Minh Khuê", f"/people/{child}", "cùng mẹ", "cùng cha", "20/11/2026", number[:3] + "•"):
        assert text in shown
    assert number not in answer.text
    for kept in ('value="46"', 'value="Lê Minh"', f'value="{values["mother_ref"]}"', 'value="Bệnh viện Phụ sản"'):
        assert kept in answer.text


async def test_the_warning_stands_as_one_types_and_the_look_is_logged_as_a_search(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    values = await with_parents(client)
    assert WARNING not in (await client.post("/births/check", values)).text
    await recorded(client, values)
    before = len(logged(connection))
    half = {name: value for name, value in values.items() if name not in {"given", "surname", "middle", "father_ref"}}
    answer = await client.post("/births/check", half | {"born_day": "22"})
    assert 'hx-swap-oob="innerHTML:#alike"' in answer.text
    assert WARNING in answer.text
    searches = [row for row in logged(connection)[before:] if row[0] == 3]
    assert [(row[1], len(row[3])) for row in searches] == [(1, 1)]


async def test_another_child_of_half_a_year_ago_is_no_concern(town: Town) -> None:
    client = await town.signed_in("hanh")
    values = await with_parents(client)
    await recorded(client, values | {"born_month": "1", "given": "Hà"})
    assert WARNING not in (await client.post("/births/review", values | {"request_id": str(uuid4())})).text


async def test_twins_are_recorded_once_confirmed(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    values = await with_parents(client)
    await recorded(client, values)
    twin = values | {"request_id": str(uuid4()), "given": "Hà"}
    warned = await client.post("/births/review", twin)
    assert warned.status == 422
    assert (await client.post("/births", twin | {"another_child": "0" * 32})).status == 422
    assert children(connection) == 1
    confirmed = twin | {"another_child": confirmation(warned)}
    await recorded(client, confirmed)
    again = await client.post("/births", confirmed)
    assert "không có gì bị ghi hai lần" in again.text
    assert children(connection) == 2
    # A third one was not among those whom the officer was shown.
    third = twin | {"request_id": str(uuid4()), "given": "Lan", "another_child": confirmation(warned)}
    assert (await client.post("/births", third)).status == 422


async def test_of_a_child_outside_of_the_territory_only_its_registrar_is_named(
    town: Town, database: Database, connection: psycopg.Connection[Any]
) -> None:
    child_id = await _registered_elsewhere(town, database)
    client = await town.signed_in("hanh")
    values = await with_parents(client)
    answer = await client.post("/births/review", values)
    assert answer.status == 422
    assert "ngoài địa bàn của bạn" in answer.text
    assert "Ủy ban nhân dân" in answer.text.partition('id="alike"')[2].partition("<label")[0]
    for hidden_text in ("Nguyễn Xa Xôi", "Xa Xôi", "079"):
        assert hidden_text not in answer.text
    assert (3, 1, None, [child_id], "civil_status") in logged(connection)
    await recorded(client, values | {"another_child": confirmation(answer)})


async def _registered_elsewhere(town: Town, database: Database) -> int:
    """A child of Dung who lives with the father of another place, and is registered there."""
    people = town.village.people
    birth = BirthDeclared(
        name=PersonName("Nguyễn", "Xa", "Xôi"),
        born=PartialDate.of(2026, 11, 19),
        sex=Sex.MALE,
        birth_place=(ELSEWHERE, ""),
        registered_in=ELSEWHERE,
        number_place=79,
        unit_day=LOADED.date(),
        origin=("", ""),
        ethnicity=101,
        mother=ParentDeclared("Lê Thị Dung", people["Lê Thị Dung"]),
        father=ParentDeclared("Trần Văn Xa", people["Trần Văn Xa"]),
        lives_with=people["Trần Văn Xa"],
    )
    header = ActHeader(Authority.CIVIL_REGISTRAR, ELSEWHERE, uuid4(), "Luật Hộ tịch 60/2014/QH13, Điều 13-16")
    async with database.transaction(scope="nation") as tx:
        done = await commands.record_birth(tx, header=header, birth=birth, now=town.now[0], locate=locate)
    return done.person_id
