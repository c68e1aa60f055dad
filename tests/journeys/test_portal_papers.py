"""Papers of the dossier as evidence of an act: chosen in the form, kept by hash, opened from the event."""

import hashlib
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Client
from tests.journeys.test_portal_dossier import opened, step, upload
from tests.journeys.test_portal_thread import BIRTH
from tests.journeys.town import Town, found
from tests.journeys.village import further_registrar, settle
from tests.unit.test_documents import pdf, png

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio
DIGEST = hashlib.sha256(pdf()).hexdigest()
NAME = "giấy chứng sinh.pdf"


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    village.secrets["lan"] = await further_registrar(database, tmp_path, "lan", "Lê Thị Lan")
    town = Town(create_app(Settings(home=tmp_path), database), village)
    town.app.state.clock = lambda: town.now[0]
    return town


async def dossiers(client: Client) -> set[str]:
    return set(re.findall(r'href="(/dossiers/\d+)"', (await client.get("/dossiers")).text))


async def with_paper(client: Client, town: Town, matter: str = "1.004859") -> tuple[dict[str, str], str]:
    """Open a dossier with one paper: what a form on it sends, and the address of the paper."""
    before = await dossiers(client)
    await opened(client, town, matter)
    (address,) = await dossiers(client) - before
    assert (await upload(client, address, pdf(), NAME)).status == 303
    (paper,) = re.findall(rf'href="({address}/documents/\d+)"', (await client.get(address)).text)
    ref = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    values = {"person": "Nguyễn Văn An", "person_ref": ref, "reason": "theo giấy chứng sinh gốc"}
    return {**values, "work": f"dossier:{address.rpartition('/')[2]}"}, str(paper)


def ticked(paper: str) -> dict[str, str]:
    return {f"paper_{paper.rpartition('/')[2]}": "yes"}


def evidence(connection: psycopg.Connection[Any]) -> list[dict[str, str] | None]:
    rows = connection.execute("SELECT a.evidence FROM register.act a WHERE a.officer_id IS NOT NULL").fetchall()
    return [row[0] for row in rows]


async def test_a_paper_that_is_not_of_the_dossier_is_refused(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    _, elsewhere = await with_paper(client, town, "civil.recognition")
    values, _ = await with_paper(client, town)
    values |= {"other_name": "An Béo"}
    for wrong in ({"paper_1": "yes"}, ticked(elsewhere), {"work": "purpose:civil_status", **ticked(elsewhere)}):
        answer = await client.post("/acts/particulars_corrected/review", values | wrong)
        assert (answer.status, "Chọn trong các giấy tờ của hồ sơ" in answer.text) == (422, True)
        assert (await client.post("/acts/particulars_corrected", values | wrong)).status == 422
    assert evidence(connection) == []


async def test_the_form_offers_the_papers_of_the_chosen_dossier_only(town: Town) -> None:
    client = await town.signed_in("hanh")
    values, paper = await with_paper(client, town)
    dossier = values["work"].partition(":")[2]
    name = next(iter(ticked(paper)))
    for form in (f"/acts/particulars_corrected/new?dossier={dossier}", "/births/new"):
        await client.post("/work", {"work": values["work"], "back": "/"})
        assert f'name="{name}"' in (await client.get(form)).text, form
        await client.post("/work", {"work": "purpose:civil_status", "back": "/"})
    assert f'name="{name}"' not in (await client.get("/acts/particulars_corrected/new")).text
    assert f'name="{name}"' not in (await client.get("/births/new")).text


async def test_the_event_shows_and_opens_what_it_rests_on(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    values, paper = await with_paper(client, town)
    values |= {"other_name": "An Béo", **ticked(paper)}
    review = await client.post("/acts/particulars_corrected/review", values)
    assert NAME in review.text
    assert f'name="{next(iter(ticked(paper)))}" value="yes"' in review.text
    assert (await client.post("/acts/particulars_corrected", values)).status == 200
    assert evidence(connection) == [{f"document:{paper.rpartition('/')[2]}": DIGEST}]
    page = await client.get(f"/people/{values['person_ref']}")
    assert f'<a href="{paper}">{NAME}</a>' in page.text
    assert DIGEST[:12] in page.text
    assert (await client.get(paper)).status == 200


async def test_another_office_sees_the_hash_and_no_name(town: Town) -> None:
    client = await town.signed_in("hanh")
    values, paper = await with_paper(client, town)
    await client.post("/acts/particulars_corrected", values | {"other_name": "An Béo", **ticked(paper)})
    police = await town.signed_in("huy")
    ref = await found(police, "nguyen van an 1985", "Nguyễn Văn An")
    page = (await police.get(f"/people/{ref}")).text
    assert "giấy tờ do đơn vị khác giữ" in page
    assert DIGEST[:12] in page
    assert NAME not in page
    assert paper not in page


async def test_the_second_officer_reads_what_a_proposal_rests_on(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    values, paper = await with_paper(client, town)
    sent = {**values, **ticked(paper), "born_day": "13", "born_month": "3", "born_year": "1985"}
    assert (await client.post("/acts/particulars_corrected", sent)).status == 200
    second = await town.signed_in("lan")
    (proposal,) = set(re.findall(r'href="(/proposals/\d+/\d+)"', (await second.get("/proposals")).text))
    assert f'<a href="{paper}">{NAME}</a>' in (await second.get(proposal)).text
    assert (await second.post(f"{proposal}/approve", {})).status == 200
    assert evidence(connection) == [{f"document:{paper.rpartition('/')[2]}": DIGEST}]


async def test_a_birth_rests_on_the_papers_of_its_dossier(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    values, paper = await with_paper(client, town, "1.001193")
    await upload(client, paper.partition("/documents")[0], png(), "ảnh.png")
    mother = await found(client, "le thi dung 1987", "Lê Thị Dung")
    sent = BIRTH | {
        "mother": "Lê Thị Dung",
        "mother_ref": mother,
        "father_unknown": "yes",
        "work": values["work"],
        **ticked(paper),
    }
    done = await client.post("/births", sent)
    assert done.status == 200, done.text
    assert evidence(connection) == [{f"document:{paper.rpartition('/')[2]}": DIGEST}]


async def test_a_closed_dossier_keeps_its_papers_open_to_its_office(town: Town) -> None:
    client = await town.signed_in("hanh")
    values, paper = await with_paper(client, town)
    await client.post("/acts/particulars_corrected", values | {"other_name": "An Béo", **ticked(paper)})
    await step(client, paper.partition("/documents")[0], "close")
    page = await client.get(f"/people/{values['person_ref']}")
    assert f'<a href="{paper}">' in page.text
