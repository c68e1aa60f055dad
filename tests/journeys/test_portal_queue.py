"""The queue of doubtful cases over HTTP: whose it is, and what it answers to what does not fit."""

from pathlib import Path

import pytest
from tests.journeys.bureau import employ
from tests.journeys.town import Town
from tests.journeys.village import settle
from tests.store.adjudication_office import NOW, Bureau

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio

AN = {"surname": "Nguyễn", "middle": "Văn", "given": "An", "born": "1985-03-12", "sex": "1"}


@pytest.fixture
async def town(database: Database, database_dsn: str, tmp_path: Path) -> Town:
    village = await employ(database, tmp_path, await settle(database, tmp_path))
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    bureau = Bureau(database, database_dsn, tmp_path, NOW, database.keys)
    await bureau.load(AN)
    await bureau.carry_out()
    return town


async def case_of(town: Town, database: Database) -> str:
    async with database.transaction(scope="nation") as tx:
        return str((await tx.rows("SELECT d.doubt_id FROM intake.doubt d"))[0][0])


async def test_only_provinces_and_the_center_have_a_queue(town: Town, database: Database) -> None:
    case = await case_of(town, database)
    for name in ("hanh", "huy"):
        client = await town.signed_in(name)
        assert "/queue" not in (await client.get("/")).text
        for address in ("/queue", "/queue/figures", f"/queue/{case}"):
            assert (await client.get(address)).status == 403
        assert (await client.post(f"/queue/{case}", {"answer": "different"})).status == 403
        assert (await client.post("/queue/next", {})).status == 403


async def test_a_case_is_answered_without_script_and_not_twice(town: Town, database: Database) -> None:
    case = await case_of(town, database)
    client = await town.signed_in("thao")
    begun = await client.post("/queue/next", {})
    assert (begun.status, begun.headers["location"]) == (303, f"/queue/{case}")
    page = await client.get(f"/queue/{case}")
    assert town.village.numbers["Nguyễn Văn An"] in page.text
    unclear = await client.post(f"/queue/{case}", {"answer": "same"})
    assert unclear.status == 422
    assert "Hãy chọn đó là người nào" in unclear.text
    assert (await client.post(f"/queue/{case}", {"answer": "perhaps"})).status == 404
    other = await town.signed_in("tam")
    assert (await other.get(f"/queue/{case}")).status == 409
    answered = await client.post(f"/queue/{case}", {"answer": "different", "note": "khác mẹ"})
    assert answered.headers["location"] == "/queue?after=decided"
    again = await client.post(f"/queue/{case}", {"answer": "different"})
    assert again.status == 409
    assert "Ca này đã được quyết định trước đó" in again.text
    assert "khác mẹ" in (await other.get(f"/queue/{case}")).text


async def test_what_is_not_there_is_not_there(town: Town, database: Database) -> None:
    client = await town.signed_in("thao")
    for code in ("1", "x", "9" * 30, "-1", "1.5"):
        assert (await client.get(f"/queue/{code}")).status == 404
        assert (await client.post(f"/queue/{code}/skip", {})).status == 404
    assert (await client.get("/queue/second/1/1")).status == 404


async def test_what_was_skipped_is_listed_and_comes_again(town: Town, database: Database) -> None:
    case = await case_of(town, database)
    client = await town.signed_in("thao")
    await client.get(f"/queue/{case}")
    skipped = await client.post(f"/queue/{case}/skip", {})
    assert skipped.headers["location"] == f"/queue/{case}?after=skipped", "nothing else waits"
    assert "Bạn để lại xem sau" in (await client.get("/queue")).text
