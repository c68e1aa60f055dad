"""A dossier that is closed while somebody works on it: the act refuses clearly, and the form stays as it was typed."""

import asyncio
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.factories import NOW as NOW_OF_FAKES
from tests.journeys.factories import TOKEN, FakeDesk
from tests.journeys.test_portal_pages import BIRTH as BIRTH_OF_FAKES
from tests.journeys.test_portal_pages import MOVE as MOVE_OF_FAKES
from tests.journeys.test_portal_thread import BIRTH, hidden
from tests.journeys.town import Town
from tests.journeys.village import ELSEWHERE, HONG_HA, settle

from dancu.app import application, create_app
from dancu.dossiers.commands import DossierClosed, Opener, hold_open
from dancu.dossiers.moves import close as close_dossier
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio

CLOSED = "Hồ sơ đã đóng trong lúc bạn đang làm"


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def dossier_about(client: Client, town: Town, name: str, day: str, month: str, year: str, matter: str) -> str:
    """Open a dossier, and return the reference of the person whom it names."""
    person = {"number": town.village.numbers[name], "person_name": name}
    born = {"born_day": day, "born_month": month, "born_year": year}
    opened = await client.post("/dossiers", {"matter": matter, "requester": name} | person | born)
    assert opened.status == 303, opened.text
    return opened.headers["location"].removeprefix("/people/")


async def close(client: Client) -> None:
    closing = re.search(r'action="(/dossiers/\d+/close)"', (await client.get("/dossiers")).text)
    assert closing
    assert (await client.post(closing.group(1), {})).status == 303


def begun_for(page: Answer) -> str:
    found = re.search(r'<input type="hidden" name="work" value="(dossier:\d+)">', page.text)
    assert found, page.text
    return found.group(1)


def acts(connection: psycopg.Connection[Any], kind: int) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT a.dossier_id FROM register.act a WHERE a.kind = %s", (kind,)).fetchall()


async def test_a_birth_of_a_dossier_closed_meanwhile_waits_for_another_choice(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    father = await dossier_about(client, town, "Nguyễn Văn An", "12", "3", "1985", "1.001193")
    work = begun_for(await client.get(f"/births/new?father={father}"))
    values = BIRTH | {"father": "Nguyễn Văn An", "father_ref": father, "mother_unknown": "yes", "lives_with": "father"}
    reviewed = await client.post("/births/review", values | {"work": work})
    assert reviewed.status == 200
    await close(client)
    answer = await client.post("/births", hidden(reviewed))
    assert answer.status == 422
    assert CLOSED in answer.text
    assert acts(connection, 2) == []
    for kept in ('value="Lê Minh"', f'value="{father}"', 'value="Bệnh viện Phụ sản"', 'value="01/2026"'):
        assert kept in answer.text
    assert 'id="e-work"' in (await client.post("/births", hidden(reviewed) | {"work": ""})).text
    done = await client.post("/births", hidden(reviewed) | {"work": "purpose:civil_status"})
    assert done.status == 200, done.text
    ((own,),) = acts(connection, 2)
    assert own is not None
    assert f"dossier:{own}" != work


async def test_a_form_stays_with_the_dossier_that_it_was_begun_for(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    father = await dossier_about(client, town, "Nguyễn Văn An", "12", "3", "1985", "1.001193")
    work = begun_for(await client.get(f"/births/new?father={father}"))
    await client.post("/work", {"work": "purpose:civil_status", "back": "/"})
    values = BIRTH | {"father": "Nguyễn Văn An", "father_ref": father, "mother_unknown": "yes", "lives_with": "father"}
    assert (await client.post("/births", values | {"work": work})).status == 200
    assert acts(connection, 2) == [(int(work.removeprefix("dossier:")),)]


async def test_a_move_of_a_person_who_is_open_no_more_keeps_the_form(town: Town) -> None:
    client = await town.signed_in("huy")
    person = await dossier_about(client, town, "Trần Văn Xa", "1", "1", "1990", "1.004222")
    values = {
        "work": begun_for(await client.get(f"/moves/new?person={person}")),
        "person": "Trần Văn Xa",
        "person_ref": person,
        "on_day": "20",
        "on_month": "11",
        "on_year": "2026",
        "unit_ref": HONG_HA,
        "detail": "5 Hồng Hà",
        "relation": "1",
        "with_somebody": "yes",
        "request_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    }
    await close(client)
    for address in ("/moves/review", "/moves"):
        answer = await client.post(address, values)
        assert answer.status == 422
        assert CLOSED in answer.text
        for kept in ('value="5 Hồng Hà"', f'value="{person}"', 'name="with_somebody" value="yes"'):
            assert kept in answer.text
    beyond = await client.post("/moves", values | {"work": "purpose:residence"})
    assert beyond.status == 422
    assert 'value="5 Hồng Hà"' in beyond.text
    assert ELSEWHERE not in beyond.text


async def test_naming_a_person_in_a_closed_dossier_keeps_the_form(town: Town) -> None:
    client = await town.signed_in("hanh")
    await dossier_about(client, town, "Nguyễn Văn An", "12", "3", "1985", "1.000894")
    naming = re.search(r'href="(/dossiers/\d+/persons)"', (await client.get("/dossiers")).text)
    assert naming
    await close(client)
    answer = await client.post(
        naming.group(1), {"number": town.village.numbers["Trần Văn Xa"], "person_name": "Xa", "born_year": "1990"}
    )
    assert answer.status == 422
    assert CLOSED in answer.text
    assert town.village.numbers["Trần Văn Xa"] in answer.text


@pytest.mark.parametrize(("address", "values"), [("/births", BIRTH_OF_FAKES), ("/moves", MOVE_OF_FAKES)])
async def test_a_dossier_closed_at_the_very_moment_keeps_the_form(address: str, values: dict[str, str]) -> None:
    desk = FakeDesk(fails=DossierClosed("The dossier was closed in the meantime"))
    app = application(desk=desk, database=Database("", size=0), synthetic=True, clock=lambda: NOW_OF_FAKES)
    client = Client(app, {"dancu_session": TOKEN})
    answer = await client.post(address, values | {"work": "dossier:7"})
    assert answer.status == 409
    assert CLOSED in answer.text
    assert 'id="f-work"' in answer.text
    assert desk.born == []
    assert desk.moved == []


async def test_who_closes_a_dossier_waits_for_the_act_that_is_being_recorded(town: Town, database: Database) -> None:
    client = await town.signed_in("hanh")
    await dossier_about(client, town, "Nguyễn Văn An", "12", "3", "1985", "1.001193")
    work = begun_for(await client.get("/births/new"))
    dossier_id = int(work.removeprefix("dossier:"))
    office = str(
        (await town.app.state.desk.officer(token=client.cookies["dancu_session"], now=town.now[0])).account.offices
    )

    async def close_it() -> None:
        async with database.transaction(scope="none", offices=office) as other:
            by = Opener(1, int(office), HONG_HA, "civil_registrar")
            await close_dossier(other, dossier_id=dossier_id, by=by, now=town.now[0])

    async with database.transaction(scope="none", offices=office) as tx:
        await hold_open(tx, dossier_id)
        closing = asyncio.create_task(close_it())
        await asyncio.sleep(0.2)
        assert not closing.done()
    await closing
    async with database.transaction(scope="none", offices=office) as tx:
        with pytest.raises(DossierClosed):
            await hold_open(tx, dossier_id)
