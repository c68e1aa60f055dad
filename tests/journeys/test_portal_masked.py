"""Protected persons over a real register: masked, opened with a reason, noticed."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Client
from tests.journeys.test_portal_acts import confirmed, declared
from tests.journeys.town import Town, found
from tests.journeys.village import HONG_HA, further_registrar, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio

REASON = "Cấp bản sao trích lục khai sinh theo yêu cầu của chính người đó"


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    village.secrets["lan"] = await further_registrar(database, tmp_path, "lan", "Lê Thị Lan", HONG_HA)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def protected(town: Town) -> tuple[Client, str]:
    """Protect somebody, and return the registrar who did with the reference."""
    client = await town.signed_in("hanh")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    told = {"ground": "witness", "reason": "Quyết định bảo vệ số 1", "evidence": "Quyết định số 1"}
    await confirmed(client, "protected", await declared(client, "protected", an, told))
    return client, an


async def on_dossier(town: Town, client: Client) -> None:
    """Open a dossier that names the protected person, and make it the chosen work."""
    page = await client.get("/dossiers/new")
    told = {
        "office": page.text.partition('name="office" value="')[2].partition('"')[0],
        "matter": "1.004859",
        "requester": "Nguyễn Văn An",
        "person_name": "Nguyễn Văn An",
        "number": town.village.numbers["Nguyễn Văn An"],
        "born_day": "12",
        "born_month": "3",
        "born_year": "1985",
    }
    opened = await client.post("/dossiers", told)
    assert opened.status == 303, opened.text


async def test_a_protected_person_is_not_found_in_the_own_territory(town: Town) -> None:
    client, an = await protected(town)
    assert "Không tìm thấy ai" in (await client.post("/search", {"text": "nguyen van an 1985"})).text
    assert (await client.get(f"/people/{an}")).status == 404
    assert (await client.post(f"/people/{an}/open", {"reason": REASON})).status == 403


async def test_a_masked_record_opens_with_a_reason_and_a_notice(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    first, an = await protected(town)
    client = await town.signed_in("lan")
    await on_dossier(town, client)
    asked = await client.get(f"/people/{an}")
    assert "Hồ sơ được bảo vệ" in asked.text
    assert "Nguyễn Văn An" not in asked.text.partition("<main")[2]
    assert (await client.post(f"/people/{an}/open", {"reason": "vì"})).status == 422
    assert (await client.post(f"/people/{an}/open", {"reason": REASON})).status == 303
    assert "Nguyễn Văn An" in (await client.get(f"/people/{an}")).text
    assert connection.execute("SELECT count(*) FROM audit.access_log l WHERE l.operation = 14").fetchone() == (1,)
    notices = await first.get("/notices")
    assert REASON in notices.text
    assert "Lê Thị Lan" in notices.text
    code = notices.text.partition('action="/notices/')[2].partition("/")[0]
    assert (await first.post(f"/notices/{code}/seen", {})).status == 303
    assert (await first.post(f"/notices/{code}/seen", {})).status == 404
    assert (await first.post("/notices/x/seen", {})).status == 404


async def test_an_opened_record_closes_again(town: Town) -> None:
    _, an = await protected(town)
    client = await town.signed_in("lan")
    await on_dossier(town, client)
    await client.post(f"/people/{an}/open", {"reason": REASON})
    assert "Nguyễn Văn An" in (await client.get(f"/people/{an}")).text
    for _ in range(13):
        town.now[0] += town.now[0].resolution * 600_000_000
        await client.get("/keys")
        await client.get("/")
    assert "Hồ sơ được bảo vệ" in (await client.get(f"/people/{an}")).text
