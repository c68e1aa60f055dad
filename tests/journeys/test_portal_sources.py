"""The page of a person says who told each value and why it stands; the command line says the same."""

from pathlib import Path

import pytest
from tests.journeys.town import Town, ref_of
from tests.journeys.village import settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def test_the_page_says_who_told_each_value(town: Town, database: Database) -> None:
    person_id = town.village.people["Nguyễn Văn An"]
    async with database.transaction(scope="nation") as tx:
        await tx.execute("SET LOCAL ROLE NONE")
        await tx.execute(
            "INSERT INTO intake.batch (batch_id, received_at, unit_day, synthetic, source, file_name, file_format,"
            " encoding, sha256, mapping, state) VALUES (7, now(), current_date, true, 'thuế', 'a.csv', 'csv', 'utf-8',"
            " sha256('a'), '{}', 'applied')"
        )
        await tx.execute(
            "INSERT INTO intake.claim (person_id, claim_id, version, agrees, batches, differs, confidence)"
            " VALUES (%(id)s, 1, 1, 1, '{7,1}', '{\"b\":19850512}', 0.97)",
            {"id": person_id},
        )
    client = await town.signed_in("hanh")
    ref = ref_of(await client.post("/search", {"text": "nguyen van an 1985"}), "Nguyễn Văn An")
    page = (await client.get(f"/people/{ref}")).text
    section = page[page.index('id="sources"') : page.index('id="looks"')]
    assert "synth" in section
    assert "được cung cấp trước" in section  # why the day of birth stands
    assert "12/05/1985 · thuế" in section
    assert "chắc 97 % là người này" in section


async def test_a_day_of_the_past_shows_no_sources(town: Town) -> None:
    client = await town.signed_in("hanh")
    ref = ref_of(await client.post("/search", {"text": "nguyen van an 1985"}), "Nguyễn Văn An")
    assert 'id="sources"' not in (await client.get(f"/people/{ref}?on=2010-01-01")).text
