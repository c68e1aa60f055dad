"""Acts of every kind in the plain form, over a real register."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.town import Town, found, hidden
from tests.journeys.village import HONG_HA, further_registrar, settle

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


def day(name: str, year: int, month: int = 0, of_month: int = 0) -> dict[str, str]:
    """The three inputs of a date."""
    parts = {"day": of_month, "month": month, "year": year}
    return {f"{name}_{part}": str(value) for part, value in parts.items() if value}


async def declared(client: Client, code: str, ref: str, told: dict[str, str]) -> Answer:
    """Open the form of an act for a person, fill it in and send it to the check."""
    form = await client.get(f"/acts/{code}/new?person={ref}")
    assert form.status == 200, form.text
    return await client.post(f"/acts/{code}/review", hidden(form, f"/acts/{code}/review") | told)


async def confirmed(client: Client, code: str, checked: Answer) -> Answer:
    """Confirm a checked act."""
    assert checked.status == 200, checked.text
    return await client.post(f"/acts/{code}", hidden(checked, f"/acts/{code}"))


async def test_each_officer_is_offered_the_acts_of_the_own_authority(town: Town) -> None:
    registrar, police = await town.signed_in("hanh"), await town.signed_in("huy")
    mine, theirs = (await registrar.get("/acts")).text, (await police.get("/acts")).text
    assert "/acts/divorced/new" in mine
    assert "/acts/household_split/new" not in mine
    assert "/acts/household_split/new" in theirs
    assert "/acts/divorced/new" not in theirs
    assert (await police.get("/acts/divorced/new")).status == 403
    assert (await police.get("/acts/flown/new")).status == 404


async def test_an_empty_form_says_what_is_missing_at_each_field(town: Town) -> None:
    client = await town.signed_in("hanh")
    answer = await client.post("/acts/divorced/review", {"work": "purpose:civil_status"})
    assert answer.status == 422
    for field in ("person", "on", "evidence"):
        assert f'href="#f-{field}"' in answer.text


async def test_a_person_page_offers_what_is_possible_for_the_person(town: Town) -> None:
    client = await town.signed_in("hanh")
    page = await client.get(f"/people/{await found(client, 'nguyen van an 1985', 'Nguyễn Văn An')}")
    assert "/acts/marriage_registered/new?person=" in page.text
    assert "/acts/divorced/new?person=" not in page.text


async def test_a_marriage_is_checked_recorded_and_then_ended(town: Town) -> None:
    client = await town.signed_in("hanh")
    an, dung = (
        await found(client, "nguyen van an 1985", "Nguyễn Văn An"),
        await found(client, "le thi dung", "Lê Thị Dung"),
    )
    told = {"other": "Lê Thị Dung", "other_ref": dung, **day("on", 2026, 11, 23), "book_number": "45"}
    checked = await declared(client, "marriage_registered", an, told)
    assert "Lê Thị Dung ·" in checked.text
    done = await confirmed(client, "marriage_registered", checked)
    assert "Đã ghi" in done.text
    page = await client.get(f"/people/{ref_of_done(done)}")
    assert "Đăng ký kết hôn" in page.text
    assert "/acts/divorced/new?person=" in page.text
    ended = await declared(client, "divorced", an, {**day("on", 2026, 11, 24), "evidence": "Quyết định 12/2026"})
    await confirmed(client, "divorced", ended)
    assert "Ly hôn" in (await client.get(f"/people/{dung}")).text


def ref_of_done(done: Answer) -> str:
    return done.text.partition('href="/people/')[2].partition('"')[0]


async def test_the_check_says_what_the_law_refuses_and_leaves_nothing_behind(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    child = await found(client, "nguyen le minh 2015", "Nguyễn Lê Minh")
    before = connection.execute("SELECT count(*) FROM register.act").fetchone()
    told = {"other": "Nguyễn Lê Minh", "other_ref": child, **day("on", 2026, 11, 23)}
    refused = await declared(client, "marriage_registered", an, told)
    assert refused.status == 422
    assert "Luật Hôn nhân và gia đình" in refused.text
    told = {"died": "", **day("died", 2026, 11, 23)}
    assert (await declared(client, "death_registered", an, told)).status == 200
    assert connection.execute("SELECT count(*) FROM register.act").fetchone() == before


async def test_a_name_typed_and_not_chosen_is_asked_back(town: Town) -> None:
    client = await town.signed_in("hanh")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    told = {"other": "le thi dung", "other_ref": "", **day("on", 2026, 11, 23)}
    asked = await declared(client, "marriage_registered", an, told)
    assert asked.status == 422
    assert 'name="other_choice"' in asked.text


async def test_rows_of_persons_are_added_without_script(town: Town) -> None:
    client = await town.signed_in("huy")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    form = await client.get(f"/acts/absence_declared/new?person={an}")
    sent = hidden(form, "/acts/absence_declared/review") | {"add": "persons"}
    more = await client.post("/acts/absence_declared/edit", sent)
    assert 'name="persons_2"' in more.text
    assert f'value="{an}"' in more.text


async def test_all_of_a_household_get_their_relation_to_another_head(town: Town) -> None:
    client = await town.signed_in("huy")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    form = await client.get(f"/acts/household_head_changed/new?person={an}")
    sent = hidden(form, "/acts/household_head_changed/review")
    names = [name for name in sent if name.startswith("members_") and name.removeprefix("members_").isdecimal()]
    assert len(names) == 3
    relations = {"Nguyễn Văn An": "spouse", "Lê Thị Dung": "head", "Nguyễn Lê Minh": "child"}
    sent |= {f"{name}_relation": relations[sent[name]] for name in names}
    checked = await client.post("/acts/household_head_changed/review", sent | day("on", 2026, 11, 20))
    assert "Lê Thị Dung" in checked.text
    assert "Chủ hộ" in checked.text
    await confirmed(client, "household_head_changed", checked)
    page = await client.get(f"/people/{an}")
    assert "Thay đổi chủ hộ" in page.text


def proposed_in(page: Answer) -> str:
    return "/proposals/" + page.text.partition('href="/proposals/')[2].partition('"')[0]


async def test_a_proposal_is_refused_with_a_reason_or_withdrawn(
    town: Town, database: Database, tmp_path: Path, connection: psycopg.Connection[Any]
) -> None:
    lan = await further_registrar(database, tmp_path, "lan", "Lê Thị Lan", HONG_HA)
    first, second = await town.signed_in("hanh"), await town.signed_in("lan", lan)
    an = await found(first, "nguyen van an 1985", "Nguyễn Văn An")
    for decide, sent in ((second, {"answer": "chưa đủ giấy tờ"}), (first, {})):
        checked = await declared(first, "particulars_corrected", an, {**day("born", 1985, 3, 13), "reason": "sai"})
        await confirmed(first, "particulars_corrected", checked)
        address = proposed_in(await first.get("/proposals"))
        move = "refuse" if sent else "withdraw"
        assert (await decide.post(f"{address}/{move}", sent)).status == 303
    states = connection.execute("SELECT p.state FROM dossiers.proposal p ORDER BY p.proposed_at, p.state").fetchall()
    assert {state for (state,) in states} == {"refused", "withdrawn"}


async def test_proposals_that_are_not_there_are_not_found(town: Town) -> None:
    client = await town.signed_in("hanh")
    assert (await client.get("/proposals/1/2")).status == 404
    assert (await client.get("/proposals/x/y")).status == 404


async def test_what_takes_four_eyes_becomes_a_proposal(
    town: Town, database: Database, tmp_path: Path, connection: psycopg.Connection[Any]
) -> None:
    lan = await further_registrar(database, tmp_path, "lan", "Lê Thị Lan", HONG_HA)
    client = await town.signed_in("hanh")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    told = {**day("born", 1985, 3, 13), "reason": "theo giấy khai sinh gốc"}
    checked = await declared(client, "particulars_corrected", an, told)
    assert "Cần cán bộ thứ hai" in checked.text
    done = await confirmed(client, "particulars_corrected", checked)
    assert "09/12/2026" in done.text
    rows = connection.execute("SELECT p.act, p.state FROM dossiers.proposal p").fetchall()
    assert rows == [("particulars_corrected", "waiting")]
    assert "12/03/1985" in (await client.get(f"/people/{an}")).text
    address = proposed_in(await client.get("/proposals"))
    assert "/withdraw" in (await client.get(address)).text
    assert (await client.post(f"{address}/approve", {})).status == 422
    second = await town.signed_in("lan", lan)
    shown = await second.get(address)
    assert "13/03/1985" in shown.text
    assert "theo giấy khai sinh gốc" in shown.text
    assert (await second.post(f"{address}/refuse", {"answer": ""})).status == 422
    assert (await second.post(f"{address}/approve", {})).status == 200
    corrected = (await second.get(f"/people/{an}")).text
    assert "13/03/1985" in corrected
    assert "Trần Thị Minh Hạnh + Lê Thị Lan" in corrected
    assert "Chưa có việc nào chờ" in (await second.get("/proposals")).text
    assert (await second.post(f"{address}/approve", {})).status == 422


async def test_an_act_that_is_sent_twice_is_recorded_once(town: Town) -> None:
    client = await town.signed_in("hanh")
    dung = await found(client, "le thi dung", "Lê Thị Dung")
    checked = await declared(client, "death_registered", dung, day("died", 2026, 11, 23))
    await confirmed(client, "death_registered", checked)
    again = await confirmed(client, "death_registered", checked)
    assert "không có gì bị ghi hai lần" in again.text


async def test_a_proposal_that_is_sent_twice_is_filed_once_in_one_dossier(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    told = {**day("born", 1985, 3, 13), "reason": "theo giấy khai sinh gốc"}
    checked = await declared(client, "particulars_corrected", an, told)
    first, again = [await confirmed(client, "particulars_corrected", checked) for _ in range(2)]
    assert proposed_in(first) == proposed_in(again)
    assert connection.execute("SELECT count(*) FROM dossiers.proposal").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM dossiers.dossier WHERE state <> 'closed'").fetchone() == (1,)


async def test_a_wrong_event_is_annulled_by_its_name(town: Town) -> None:
    client = await town.signed_in("hanh")
    dung = await found(client, "le thi dung", "Lê Thị Dung")
    await confirmed(
        client, "death_registered", await declared(client, "death_registered", dung, day("died", 2026, 11, 23))
    )
    form = await client.get(f"/acts/event_annulled/new?person={dung}")
    event = form.text.partition("Đăng ký khai tử")[0].rpartition('<option value="')[2].partition('"')[0]
    sent = hidden(form, "/acts/event_annulled/review") | {"event": event, "reason": "nhầm người"}
    checked = await client.post("/acts/event_annulled/review", sent)
    assert "Cần cán bộ thứ hai" in checked.text


async def test_residence_of_another_commune_is_registered_by_the_office_there(town: Town) -> None:
    client = await town.signed_in("huy")
    child = await found(client, "nguyen le minh 2015", "Nguyễn Lê Minh")
    told = {"place": "Phường Hoàn Kiếm", "place_ref": "00070", "place_detail": "7 Hàng Trống"}
    told |= {**day("on", 2026, 11, 4), **day("until", 2027, 10, 10)}
    refused = await declared(client, "temporary_residence_registered", child, told)
    assert refused.status == 422
    assert "cơ quan nơi đến" in refused.text


async def test_a_dossier_leads_to_the_acts_of_its_matter_wherever_the_person_lives(town: Town) -> None:
    client = await town.signed_in("hanh")
    page = await client.get("/dossiers/new")
    told = {
        "office": page.text.partition('name="office" value="')[2].partition('"')[0],
        "matter": "1.000656",
        "requester": "Trần Thị Em",
        "person_name": "Trần Văn Xa",
        "number": town.village.numbers["Trần Văn Xa"],
        "born_day": "1",
        "born_month": "1",
        "born_year": "1990",
    }
    opened = await client.post("/dossiers", told)
    xa = opened.headers["location"].removeprefix("/people/")
    code = client.cookies["dancu_work"].partition(":")[2]
    case = await client.get(f"/dossiers/{code}")
    assert f"/acts/death_registered/new?dossier={code}&amp;person={xa}" in case.text
    assert "/acts/divorced/" not in case.text.partition("<main")[2]
    form = await client.get(f"/acts/death_registered/new?dossier={code}&person={xa}")
    sent = hidden(form, "/acts/death_registered/review") | day("died", 2026, 11, 23)
    assert sent["work"] == f"dossier:{code}"
    await confirmed(client, "death_registered", await client.post("/acts/death_registered/review", sent))
    refused = await declared(
        client, "nationality_changed", xa, {"nationality": "DEU", "evidence": "x", **day("on", 2026, 1, 1)}
    )
    assert refused.status == 422
    assert "Nghị định 70/2024" in refused.text
