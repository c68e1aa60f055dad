"""The thread through the country with nothing faked: sign in, find, read, record, and see it in the log."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.town import Town, ref_of
from tests.journeys.village import HONG_HA, PASSWORD, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.kernel.numbers import PersonalNumber

pytestmark = pytest.mark.anyio

BIRTH = {
    "surname": "Nguyễn",
    "middle": "Lê Minh",
    "given": "Khuê",
    "born_day": "20",
    "born_month": "11",
    "born_year": "2026",
    "sex": "2",
    "birth_place_ref": HONG_HA,
    "birth_detail": "Bệnh viện Phụ sản",
    "lives_with": "mother",
    "book": "01/2026",
    "book_number": "45",
    "signer": "Trần Thị Minh Hạnh",
}


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


def hidden(page: Answer) -> dict[str, str]:
    form = page.text.partition('action="/births"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def logged(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT l.operation, l.outcome, l.person_id, l.persons, l.purpose FROM audit.access_log l ORDER BY l.log_id"
    ).fetchall()


async def test_a_wrong_code_opens_nothing_and_is_written_down(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = Client(town.app)
    await client.get("/sign-in")
    answer = await client.post("/sign-in", {"name": "hanh", "password": PASSWORD, "code": "000000"})
    assert answer.status == 401
    assert (1, 2) in [row[:2] for row in logged(connection)]


async def test_an_idle_session_ends(town: Town) -> None:
    client = await town.signed_in("hanh")
    town.now[0] += timedelta(minutes=16)
    assert (await client.get("/")).headers["location"] == "/sign-in"


async def test_people_of_other_places_are_not_found(town: Town) -> None:
    client = await town.signed_in("hanh")
    page = await client.post("/search", {"text": "tran van xa 1990"})
    assert "Không tìm thấy ai" in page.text
    page = await client.post("/search", {"text": town.village.numbers["Trần Văn Xa"]})
    assert "Trần Văn Xa" not in page.text.partition('id="results"')[2]


async def test_a_half_remembered_name_leads_to_a_whole_life(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    found = await client.post("/search", {"text": "nguyen van an 1985"})
    assert "năm sinh: 1985" in found.text
    assert town.village.numbers["Nguyễn Văn An"] not in found.text
    page = await client.get(f"/people/{ref_of(found, 'Nguyễn Văn An')}")
    assert page.status == 200
    for text in ("Nguyễn Lê Minh", "HS-0001", "Lê Thị Dung", "12 Phúc Xá", "Đăng ký thường trú", "Trần Thị Minh Hạnh"):
        assert text in page.text
    assert str(town.village.people["Nguyễn Văn An"]) not in page.text
    looks = logged(connection)
    assert (3, 1, None, [town.village.people["Nguyễn Văn An"]], "civil_status") in looks
    assert (5, 1, town.village.people["Nguyễn Văn An"], None, "civil_status") in looks


async def test_the_past_is_shown_as_it_was(town: Town) -> None:
    client = await town.signed_in("hanh")
    ref = ref_of(await client.post("/search", {"text": "nguyen van an 1985"}), "Nguyễn Văn An")
    before = (await client.get(f"/people/{ref}?on=2014-01-01")).text
    assert "Tổ 1" in before
    assert "12 Phúc Xá" not in before
    assert "Nguyễn Lê Minh" not in before
    assert (await client.get(f"/people/{ref}?on=1980-01-01")).status == 200


async def test_the_page_tells_what_was_known_on_another_day(town: Town) -> None:
    client = await town.signed_in("hanh")
    mother = ref_of(await client.post("/search", {"text": "le thi dung 1987"}), "Lê Thị Dung")
    values = BIRTH | {"mother": "Lê Thị Dung", "mother_ref": mother, "father_unknown": "yes"}
    assert (await client.post("/births", values)).status == 200
    assert "Nguyễn Lê Minh Khuê" in (await client.get(f"/people/{mother}?on=2026-11-23")).text
    before = (await client.get(f"/people/{mother}?on=2026-11-24&known=2026-11-23")).text
    assert "như Cơ sở dữ liệu biết vào ngày 23/11/2026" in before
    assert "Nguyễn Lê Minh Khuê" not in before
    assert "Nguyễn Lê Minh" in before
    assert "HS-0001" in before
    assert "12 Phúc Xá" in before
    unknown = (await client.get(f"/people/{mother}?known=2026-10-01")).text
    assert "Khi đó chưa có thông tin gì" in unknown
    assert "12 Phúc Xá" not in unknown
    assert "Nguyễn Lê Minh Khuê" in (await client.get(f"/people/{mother}?known=2030-01-01")).text


async def test_a_reference_of_somebody_elsewhere_opens_nothing_and_the_try_is_kept(town: Town) -> None:
    client = await town.signed_in("hanh")
    foreign = town.app.state.desk._house.refs.ref(town.village.people["Trần Văn Xa"])
    assert (await client.get(f"/people/{foreign}")).status == 404
    assert (await client.get("/people/AAAAAAAAAAAAAAAAAAAAAA")).status == 404


async def test_a_birth_gives_the_child_number_parents_and_place(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    mother = ref_of(await client.post("/search", {"text": "le thi dung 1987"}), "Lê Thị Dung")
    father = ref_of(await client.post("/search", {"text": "nguyen van an 1985"}), "Nguyễn Văn An")
    parents = {"mother": "Lê Thị Dung", "mother_ref": mother, "father": "Nguyễn Văn An", "father_ref": father}
    checked = await client.post("/births/check", BIRTH | parents)
    assert "chưa có vướng mắc" in checked.text
    review = await client.post("/births/review", BIRTH | parents)
    assert review.status == 200, review.text
    assert "Kinh" in review.text
    assert "12 Phúc Xá, Phường Hồng Hà" in review.text
    done = await client.post("/births", hidden(review))
    assert done.status == 200, done.text
    shown = re.search(r'class="pn"><span>(\d{3})</span><span>(\d{3})</span><span>(\d{6})</span>', done.text)
    assert shown
    number = PersonalNumber("".join(shown.groups()))
    assert (number.place, number.birth_year, number.sex) == (1, 2026, 2)
    again = await client.post("/births", hidden(review))
    assert "không có gì bị ghi hai lần" in again.text
    assert "".join(shown.groups()) in re.sub(r"</?span>", "", again.text)
    child = re.search(r'href="/people/([\w-]+)"', done.text)
    assert child
    page = await client.get(f"/people/{child.group(1)}")
    for text in ("Nguyễn Lê Minh Khuê", "Nguyễn Văn An", "Lê Thị Dung", "HS-0001", "Đăng ký khai sinh"):
        assert text in page.text
    mothers_page = await client.get(f"/people/{mother}")
    assert "Nguyễn Lê Minh Khuê" in mothers_page.text
    assert 6 in [row[0] for row in logged(connection)]


async def test_what_the_law_refuses_is_not_recorded(town: Town) -> None:
    client = await town.signed_in("hanh")
    man = ref_of(await client.post("/search", {"text": "nguyen van an 1985"}), "Nguyễn Văn An")
    values = BIRTH | {"mother": "Nguyễn Văn An", "mother_ref": man, "father_unknown": "yes"}
    assert "giới tính nam" in (await client.post("/births/check", values)).text
    answer = await client.post("/births", values)
    assert answer.status == 422
    assert "Luật Hộ tịch 60/2014/QH13, Điều 14" in answer.text
    assert "Không tìm thấy ai" in (await client.post("/search", {"text": "nguyen le minh khue 2026"})).text


async def test_births_belong_to_the_registrar_and_moves_to_the_police(town: Town) -> None:
    police = await town.signed_in("huy")
    assert (await police.get("/births/new")).status == 403
    registrar = await town.signed_in("hanh")
    assert (await registrar.get("/moves/new")).status == 403


async def test_a_move_takes_the_child_along_and_ends_the_old_registration(town: Town) -> None:
    client = await town.signed_in("huy")
    mother = ref_of(await client.post("/search", {"text": "le thi dung 1987"}), "Lê Thị Dung")
    form = await client.get(f"/moves/new?person={mother}")
    child = re.search(r'name="with_([\w-]+)"[^>]*>\s*<span>Nguyễn Lê Minh ', form.text)
    assert child, form.text
    values = {
        "person": "Lê Thị Dung",
        "person_ref": mother,
        f"with_{child.group(1)}": "yes",
        "on_day": "20",
        "on_month": "11",
        "on_year": "2026",
        "unit_ref": HONG_HA,
        "detail": "5 Hồng Hà",
        "relation": "1",
        "request_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    }
    review = await client.post("/moves/review", values)
    assert "12 Phúc Xá" in review.text
    done = await client.post("/moves", values)
    assert done.status == 200, done.text
    page = await client.get(f"/people/{mother}")
    assert "5 Hồng Hà, Phường Hồng Hà" in page.text
    household = page.text.partition('id="household"')[2].partition("</section>")[0]
    assert "Nguyễn Lê Minh" in household
    assert "Nguyễn Văn An" not in household


async def test_a_dossier_opens_a_person_of_another_place(town: Town) -> None:
    client = await town.signed_in("hanh")
    values = {
        "matter": "1.000656",
        "requester": "Trần Thị Gần",
        "number": town.village.numbers["Trần Văn Xa"],
        "person_name": "Trần Văn Xa",
        "born_day": "1",
        "born_month": "1",
        "born_year": "1990",
    }
    wrong = await client.post("/dossiers", values | {"born_year": "1991"})
    assert wrong.status == 422
    assert "đồng thời có số, họ tên và ngày sinh" in wrong.text
    opened = await client.post("/dossiers", values)
    assert (await client.get(opened.headers["location"])).status == 200
    assert "Trần Thị Gần" in (await client.get("/dossiers")).text
    found = await client.post("/search", {"text": "tran van xa 1990"})
    page = await client.get(f"/people/{ref_of(found, 'Trần Văn Xa')}")
    assert page.status == 200
    assert "Giải quyết hồ sơ" in page.text
    closed = re.search(r'action="(/dossiers/\d+/close)"', (await client.get("/dossiers")).text)
    assert closed
    assert (await client.post(closed.group(1), {})).status == 303
    assert "Không tìm thấy ai" in (await client.post("/search", {"text": "tran van xa 1990"})).text
    assert (await client.get(opened.headers["location"])).status == 404


async def test_a_dossier_of_another_office_cannot_be_closed(town: Town) -> None:
    client = await town.signed_in("hanh")
    values = {
        "matter": "1.000656",
        "requester": "Trần Thị Gần",
        "number": town.village.numbers["Trần Văn Xa"],
        "person_name": "tran van xa",
        "born_day": "1",
        "born_month": "1",
        "born_year": "1990",
    }
    await client.post("/dossiers", values)
    closing = re.search(r'action="(/dossiers/\d+/close)"', (await client.get("/dossiers")).text)
    assert closing
    police = await town.signed_in("huy")
    assert (await police.post(closing.group(1), {})).status == 404
    assert (await police.post("/dossiers/x/close", {})).status == 404


async def test_a_dossier_may_name_a_second_person(town: Town) -> None:
    client = await town.signed_in("hanh")
    an = {
        "number": town.village.numbers["Nguyễn Văn An"],
        "person_name": "Nguyễn Văn An",
        "born_day": "12",
        "born_month": "3",
        "born_year": "1985",
    }
    await client.post("/dossiers", an | {"matter": "1.000894", "requester": "Nguyễn Văn An"})
    naming = re.search(r'href="(/dossiers/\d+/persons)"', (await client.get("/dossiers")).text)
    assert naming
    xa = {
        "number": town.village.numbers["Trần Văn Xa"],
        "person_name": "Trần Văn Xa",
        "born_day": "1",
        "born_month": "1",
        "born_year": "1990",
    }
    assert (await client.post(naming.group(1), xa | {"born_year": "1991"})).status == 422
    named = await client.post(naming.group(1), xa)
    page = await client.get(named.headers["location"])
    assert "Trần Văn Xa" in page.text
    assert (await client.post("/dossiers/1/persons", xa)).status == 404
