"""Who collects a person into the register is told who may be in it already, wherever that one lives."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.town import Town, hidden
from tests.journeys.village import HONG_HA, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio

ADDRESS = "/acts/person_established"
AN = {
    "surname": "Nguyễn",
    "middle": "Văn",
    "given": "An",
    "born_day": "12",
    "born_month": "3",
    "born_year": "1985",
    "sex": "male",
    "nationality": "VNM",
}


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def sent(client: Client, values: dict[str, str]) -> Answer:
    form = await client.get(f"{ADDRESS}/new")
    begun = hidden(form, f"{ADDRESS}/review")
    return await client.post(ADDRESS, begun | values)


def looked_for(connection: psycopg.Connection[Any]) -> list[tuple[list[int], int]]:
    rows = connection.execute(
        "SELECT l.persons, l.fields FROM audit.access_log l WHERE l.operation = 3 ORDER BY l.log_id"
    )
    return [(persons, fields) for persons, fields in rows.fetchall()]


async def test_who_is_in_the_register_is_shown_before_a_second_record_is_made(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("huy")
    home = {"residence": "Phường Hồng Hà", "residence_ref": HONG_HA}
    answer = await sent(client, AN | home)
    assert answer.status == 422, answer.text
    assert "Người này có thể đã được đăng ký" in answer.text
    assert ">Nguyễn Văn An<" in answer.text
    assert looked_for(connection)[-1][0] == [town.village.people["Nguyễn Văn An"]]
    seen = answer.text.partition('name="another_child" value="')[2].partition('"')[0]
    done = await client.post(ADDRESS, hidden(answer, f"{ADDRESS}/review") | AN | home | {"another_child": seen})
    assert done.status == 200, done.text
    assert connection.execute("SELECT count(*) FROM register.person p WHERE p.born = 19850312").fetchone() == (2,)


async def test_of_whom_lives_elsewhere_only_the_office_to_ask_is_told(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("huy")
    xa = {"surname": "Trần", "given": "Xa", "born_day": "1", "born_month": "1", "born_year": "1990"}
    answer = await sent(client, AN | xa)
    assert answer.status == 422, answer.text
    assert "Có một người trùng khớp đã đăng ký ngoài địa bàn" in answer.text
    assert town.village.numbers["Trần Văn Xa"] not in answer.text
    assert looked_for(connection)[-1] == ([town.village.people["Trần Văn Xa"]], 0)


async def test_nobody_like_it_is_recorded_at_once(town: Town) -> None:
    client = await town.signed_in("huy")
    answer = await sent(client, AN | {"given": "Quỳnh", "born_year": "1961"})
    assert answer.status == 200, answer.text
