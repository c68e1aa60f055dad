"""Plain forms of acts: faults are told while one is filled in, and the procedure is chosen where there is none yet."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.test_portal_dossier import opened
from tests.journeys.town import Town, found
from tests.journeys.village import settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio
FORM = "/acts/death_registered"


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    town = Town(create_app(Settings(home=tmp_path), database), village)
    town.app.state.clock = lambda: town.now[0]
    return town


async def test_an_act_of_another_authority_is_not_checked(town: Town) -> None:
    client = await town.signed_in("huy")
    assert (await client.post(f"{FORM}/check", {})).status == 403
    assert (await client.post("/acts/nothing/check", {})).status == 404


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"died_day": "31", "died_month": "2", "died_year": "2026"}, "#f-died"),
        ({"died_day": "x", "died_year": "2026"}, "#f-died"),
        ({"person": "Nguyễn Văn An", "person_ref": ""}, ""),
        ({}, ""),
    ],
)
async def test_what_is_wrong_is_said_while_the_form_is_filled_in(
    town: Town, connection: psycopg.Connection[Any], told: dict[str, str], said: str
) -> None:
    client = await town.signed_in("hanh")
    before = connection.execute("SELECT count(*) FROM audit.access_log").fetchone()
    answer = await client.post(f"{FORM}/check", told)
    assert answer.status == 200
    assert (f'href="{said}"' in answer.text) is bool(said)
    assert ("notice" in answer.text) is bool(said)
    assert connection.execute("SELECT count(*) FROM audit.access_log").fetchone() == before


async def test_a_procedure_that_does_not_lead_to_the_act_is_refused(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    values = await recognition(town)
    for wrong in ("1.000656", "nothing"):
        for form in ("/acts/parent_recognised/review", "/acts/parent_recognised"):
            answer = await client.post(form, values | {"matter": wrong})
            assert (answer.status, 'id="e-matter"' in answer.text) == (422, True)
    assert connection.execute("SELECT count(*) FROM dossiers.dossier").fetchone() == (0,)


async def recognition(town: Town) -> dict[str, str]:
    other = await town.signed_in("huy")
    refs = {name: await found(other, text, name) for name, text in PEOPLE.items()}
    child, father = refs["Nguyễn Lê Minh"], refs["Nguyễn Văn An"]
    named = {"child": "Nguyễn Lê Minh", "child_ref": child, "father": "Nguyễn Văn An", "father_ref": father}
    return {**named, "on_day": "20", "on_month": "11", "on_year": "2026"}


PEOPLE = {"Nguyễn Lê Minh": "nguyen le minh 2015", "Nguyễn Văn An": "nguyen van an 1985"}


async def test_the_procedure_is_chosen_where_there_is_no_dossier_yet(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    page = (await client.get("/acts/parent_recognised/new")).text
    assert 'name="matter"' in page
    assert '<option value="civil.recognition"' in page
    assert 'name="matter"' not in (await client.get("/acts/marriage_registered/new")).text
    values = await recognition(town)
    done = await client.post("/acts/parent_recognised", values | {"matter": "1.001193"})
    assert done.status == 200, done.text
    matters = connection.execute("SELECT d.matter, d.state FROM dossiers.dossier d").fetchall()
    assert matters == [("1.001193", "decided")]


async def test_on_a_dossier_there_is_nothing_to_choose(town: Town) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town, "civil.recognition")
    page = await client.get(f"/acts/parent_recognised/new?dossier={address.rpartition('/')[2]}")
    assert 'name="matter"' not in page.text
