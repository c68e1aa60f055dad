"""An officer of several offices works in one at a time, and is written down as of that one."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Client
from tests.journeys.test_portal_thread import BIRTH
from tests.journeys.town import Town, ref_of
from tests.journeys.village import ELSEWHERE, HONG_HA, further_registrar, settle, stand_in

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    await further_registrar(database, tmp_path, "son", "Đỗ Hoàng Sơn", ELSEWHERE)
    await stand_in(database, deputy="hanh", principal="son", unit=ELSEWHERE)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def offices(client: Client) -> dict[str, str]:
    """Code of each office by its name, as the page offers them."""
    page = (await client.get("/")).text.partition('id="office"')[2].partition("</select>")[0]
    return {name: code for code, name in re.findall(r'<option value="(\d+)"[^>]*>([^<]+)</option>', page)}


async def at_other_office(client: Client) -> str:
    """Go to the office of Sơn, and return its name."""
    found = await offices(client)
    (name,) = found.keys() - {"Ủy ban nhân dân phường Hồng Hà"}
    assert (await client.post("/office", {"office": found[name]})).status == 303
    return name


def logged_offices(connection: psycopg.Connection[Any], operation: int) -> list[str]:
    found = connection.execute(
        "SELECT l.office FROM audit.access_log l WHERE l.operation = %s ORDER BY l.log_id", (operation,)
    )
    return [row[0] for row in found.fetchall()]


async def test_who_has_one_office_chooses_none(town: Town) -> None:
    client = await town.signed_in("huy")
    assert await offices(client) == {}


@pytest.mark.parametrize("code", ["1", "somewhere", "9" * 30, "-1"])
async def test_an_office_that_is_not_the_officers_is_as_if_none_was_chosen(town: Town, code: str) -> None:
    client = await town.signed_in("hanh")
    await client.post("/office", {"office": code})
    page = await client.get("/")
    assert 'class="who-office">Ủy ban nhân dân phường Hồng Hà<' in page.text
    assert "Không tìm thấy ai" in (await client.post("/search", {"text": "tran van xa 1990"})).text


async def test_people_are_those_of_the_chosen_office_and_the_log_names_it(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    name = await at_other_office(client)
    page = await client.get("/")
    assert f'class="who-office">{name}<' in page.text
    found = await client.post("/search", {"text": "tran van xa 1990"})
    assert (await client.get(f"/people/{ref_of(found, 'Trần Văn Xa')}")).status == 200
    assert "Không tìm thấy ai" in (await client.post("/search", {"text": "nguyen van an 1985"})).text
    assert logged_offices(connection, 3) == [ELSEWHERE, ELSEWHERE]
    assert logged_offices(connection, 5) == [ELSEWHERE]


async def test_a_dossier_belongs_to_the_office_where_it_was_begun(town: Town) -> None:
    client = await town.signed_in("hanh")
    form = (await client.get("/dossiers/new")).text
    begun = re.search(r'name="office" value="(\d+)"', form)
    assert begun
    await at_other_office(client)
    an = {"number": town.village.numbers["Nguyễn Văn An"], "person_name": "Nguyễn Văn An"}
    born = {"born_day": "12", "born_month": "3", "born_year": "1985"}
    values = {"matter": "1.000894", "requester": "Nguyễn Văn An", "office": begun.group(1)} | an | born
    opened = await client.post("/dossiers", values)
    assert (await client.get(opened.headers["location"])).status == 200
    assert f"{HONG_HA}-HT-2026-00001" in (await client.get("/dossiers")).text
    await at_other_office(client)
    assert f"{HONG_HA}-HT" not in (await client.get("/dossiers")).text


async def test_a_birth_is_registered_at_the_office_where_its_form_was_begun(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    mother = ref_of(await client.post("/search", {"text": "le thi dung 1987"}), "Lê Thị Dung")
    form = (await client.get(f"/births/new?mother={mother}")).text
    begun = dict(re.findall(r'<input type="hidden" name="(office|work)" value="([^"]+)">', form))
    assert begun.keys() == {"office", "work"}
    values = BIRTH | begun | {"mother": "Lê Thị Dung", "mother_ref": mother, "father_unknown": "yes"}
    await at_other_office(client)
    done = await client.post("/births", values)
    assert done.status == 200, done.text
    assert connection.execute("SELECT a.office FROM register.act a WHERE a.kind = 2").fetchall() == [(HONG_HA,)]
    assert logged_offices(connection, 6) == [HONG_HA]


async def test_an_office_that_was_left_meanwhile_records_nothing_and_the_form_is_kept(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    await at_other_office(client)
    father = ref_of(await client.post("/search", {"text": "tran van xa 1990"}), "Trần Văn Xa")
    form = (await client.get(f"/births/new?father={father}")).text
    begun = dict(re.findall(r'<input type="hidden" name="(office|work)" value="([^"]+)">', form))
    connection.execute("DELETE FROM access.assignment WHERE deputy_of IS NOT NULL")
    values = BIRTH | begun | {"father": "Trần Văn Xa", "father_ref": father, "mother_unknown": "yes"}
    answer = await client.post("/births", values | {"lives_with": "father"})
    assert answer.status == 422
    assert "không còn làm việc tại đơn vị" in answer.text
    assert 'value="Lê Minh"' in answer.text
    assert connection.execute("SELECT count(*) FROM register.act a WHERE a.kind = 2").fetchone() == (0,)
