"""Who opens the page of a record that was merged is led to the one that carries on."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from tests.journeys.town import Town, ref_of
from tests.journeys.village import HONG_HA, _person, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.kernel.codes import Authority, Sex
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def test_the_page_of_a_merged_record_leads_to_the_one_that_carries_on(town: Town, database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        twin = await _person(tx, "Nguyễn Văn Anh", 19850312, Sex.MALE, HONG_HA, "")
    client = await town.signed_in("hanh")
    old = ref_of(await client.post("/search", {"text": "nguyen van anh 1985"}), "Nguyễn Văn Anh")
    assert (await client.get(f"/people/{old}")).status == 200
    survivor = town.village.people["Nguyễn Văn An"]
    header = ActHeader(Authority.POPULATION_DATABASE, "", uuid4(), "Luật Căn cước 26/2023/QH15")
    async with database.transaction(scope="nation") as tx:
        await commands.merge_records(
            tx,
            header=header,
            survivor_id=survivor,
            merged_id=twin,
            reason="trùng",
            now=town.now[0],
            locate=locate,
        )
    page = await client.get(f"/people/{old}", accept="text/html")
    assert page.status == 410
    assert "Hồ sơ này đã hợp nhất vào hồ sơ khác" in page.text
    told = json.loads((await client.get(f"/people/{old}", accept="application/json")).text)
    assert told["type"] == "/problems/record-merged"
    assert f'href="{told["successor"]}"' in page.text
    carried_on = await client.get(told["successor"])
    assert carried_on.status == 200
    assert "Nguyễn Văn An" in carried_on.text
