"""The desk page by page, with a desk of fakes: what a form understands, asks back and refuses."""

import re
from datetime import date
from uuid import UUID

import pytest
from starlette.applications import Starlette
from tests.journeys.client import Client
from tests.journeys.factories import ALIKE, NOW, REGISTRAR, TOKEN, FakeDesk, hit

from dancu.app import application
from dancu.infra.db import Database
from dancu.kernel.codes import Relation, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Refused
from dancu.portals.officer.views import Hit, SearchPage, Verdict
from dancu.portals.shared.pages import Said

pytestmark = pytest.mark.anyio

REQUEST = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
BIRTH = {
    "request_id": REQUEST,
    "surname": "Nguyễn",
    "middle": "Lê Minh",
    "given": "Khuê",
    "born_day": "20",
    "born_month": "11",
    "born_year": "2026",
    "sex": "2",
    "birth_place": "phuong hong ha, thanh pho ha noi",
    "birth_detail": "Bệnh viện Phụ sản",
    "mother": "Lê Thị Dung",
    "mother_ref": "dung",
    "father_unknown": "yes",
    "lives_with": "mother",
    "ethnicity": "",
    "book": "01/2026",
    "book_number": "45",
    "signer": "Trần Thị Minh Hạnh",
}
MOVE = {
    "request_id": REQUEST,
    "person": "Nguyễn Văn An",
    "person_ref": "an",
    "with_khue": "yes",
    "on_day": "1",
    "on_month": "11",
    "on_year": "2026",
    "unit_ref": "00097",
    "unit": "Phường Hồng Hà",
    "detail": "12 Phúc Xá",
    "relation": "1",
}


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def officer(desk: FakeDesk) -> Client:
    app: Starlette = application(desk=desk, database=Database("", size=0), synthetic=True, clock=lambda: NOW)
    return Client(app, {"dancu_session": TOKEN})


async def test_results_say_why_they_matched_and_hide_what_is_not_open(officer: Client) -> None:
    page = (await officer.post("/search", {"text": "nguyen van an 1985"})).text
    assert "nguyen van an" in page
    assert "036••••••111" in page
    assert "036085000111" not in page
    assert "reason-near" in page


async def test_a_question_that_fits_half_the_country_lists_nobody(officer: Client, desk: FakeDesk) -> None:
    desk.found = SearchPage("nguyen", add=("the year is needed",))
    page = (await officer.post("/search", {"text": "nguyen"})).text
    assert "Có quá nhiều người phù hợp" in page
    assert 'class="hit"' not in page


async def test_names_are_escaped(officer: Client, desk: FakeDesk) -> None:
    desk.found = SearchPage("<script>", hits=(hit("<img src=x onerror=alert(1)>"),))
    page = (await officer.post("/search", {"text": "<script>"})).text
    assert "<img" not in page
    assert "&lt;script&gt;" in page


async def test_an_empty_question_asks_nobody(officer: Client, desk: FakeDesk) -> None:
    assert (await officer.post("/search", {"text": "  "})).status == 200
    assert desk.asked == []


async def test_a_person_whose_record_is_not_open_has_no_link(officer: Client, desk: FakeDesk) -> None:
    closed: Hit = hit(openable=False, ref="closed")
    desk.found = SearchPage("x", hits=(closed,))
    assert "/people/closed" not in (await officer.post("/search", {"text": "x"})).text


async def test_a_person_of_the_past_is_marked_as_past(officer: Client) -> None:
    page = (await officer.get("/people/an?on=2010-05-04")).text
    assert "Đang xem ngày 04/05/2010" in page
    assert "25 tuổi" in page


async def test_a_day_that_is_none_is_refused(officer: Client) -> None:
    assert (await officer.get("/people/an?on=yesterday")).status == 400
    assert (await officer.get("/people/an?known=tomorrow")).status == 400


async def test_an_empty_birth_form_says_everything_that_is_missing(officer: Client, desk: FakeDesk) -> None:
    answer = await officer.post("/births/review", {})
    assert answer.status == 422
    linked = set(re.findall(r'href="#f-(\w+)"', answer.text))
    assert {"given", "born", "sex", "birth_place", "mother", "father", "book", "book_number", "signer"} == linked
    assert all(f'id="f-{name}"' in answer.text for name in linked)
    assert desk.born == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"born_day": "31", "born_month": "2"}, "born"),
        ({"born_year": "MMXX"}, "born"),
        ({"born_month": ""}, "born"),
        ({"given": "R2-D2"}, "given"),
        ({"sex": "7"}, "sex"),
        ({"birth_place": "hồng"}, "birth_place"),
        ({"lives_with": "father"}, "lives_with"),
    ],
)
async def test_a_wrong_field_is_marked_and_nothing_is_recorded(
    officer: Client, desk: FakeDesk, changes: dict[str, str], field: str
) -> None:
    for address in ("/births/review", "/births"):
        answer = await officer.post(address, BIRTH | changes)
        assert answer.status == 422
        assert f'id="e-{field}"' in answer.text
    assert desk.born == []


async def test_a_place_that_may_be_several_asks_back(officer: Client) -> None:
    page = (await officer.post("/births/review", BIRTH | {"birth_place": "tân lập"})).text
    choices = re.findall(r'name="birth_place_choice" value="(\d{5})"', page)
    assert len(choices) > 1
    chosen = await officer.post("/births/review", BIRTH | {"birth_place": "tân lập", "birth_place_choice": choices[0]})
    assert chosen.status == 200


async def test_a_parent_typed_without_choosing_asks_back(officer: Client, desk: FakeDesk) -> None:
    typed = {**BIRTH, "mother_ref": "", "lives_with": ""}
    page = (await officer.post("/births/review", typed)).text
    assert 'name="mother_choice" value="dung"' in page
    assert (await officer.post("/births/review", typed | {"mother_choice": "dung"})).status == 200
    await officer.post("/births", typed | {"mother_choice": "none"})
    assert desk.born[0].mother is not None
    assert desk.born[0].mother.ref == ""


async def test_a_parent_whom_the_register_does_not_know_keeps_the_name(officer: Client, desk: FakeDesk) -> None:
    desk.people = ()
    answer = await officer.post("/births/review", {**BIRTH, "mother_ref": "", "lives_with": ""})
    assert answer.status == 200


async def test_a_birth_is_confirmed_before_it_is_recorded(officer: Client, desk: FakeDesk) -> None:
    review = await officer.post("/births/review", BIRTH)
    assert review.status == 200
    assert desk.born == []
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', review.text))
    done = await officer.post("/births", hidden)
    assert "<span>001</span><span>326</span><span>000777</span>" in done.text
    (form,) = desk.born
    assert (form.name.full if form.name else "") == "Nguyễn Lê Minh Khuê"
    assert (PartialDate.of(2026, 11, 20), Sex.FEMALE, UUID(REQUEST)) == (form.born, form.sex, form.request_id)
    assert (form.birth_place.code, form.birth_place.detail) == ("00097", "Bệnh viện Phụ sản")
    assert form.father is None


async def test_sending_twice_records_once(officer: Client, desk: FakeDesk) -> None:
    await officer.post("/births", BIRTH)
    again = await officer.post("/births", BIRTH)
    assert "không có gì bị ghi hai lần" in again.text
    assert len(desk.born) == 1


async def test_what_the_law_refuses_stands_on_the_form_with_its_citation(officer: Client, desk: FakeDesk) -> None:
    desk.refusal = Refused("birth.mother", "Luật Hộ tịch, Điều 16", date(2016, 1, 1), "Người mẹ đã chết", "Dead mother")
    answer = await officer.post("/births", BIRTH)
    assert answer.status == 422
    assert "Người mẹ đã chết" in answer.text
    assert "Luật Hộ tịch, Điều 16" in answer.text
    assert "có hiệu lực từ 01/01/2016" in answer.text
    assert 'value="Khuê"' in answer.text


async def test_checks_speak_while_the_form_is_unfinished(officer: Client, desk: FakeDesk) -> None:
    desk.verdicts = (Verdict(Said("Khai sinh quá hạn", "Late"), "Luật Hộ tịch, Điều 15", grave=False),)
    answer = await officer.post("/births/check", {"born_day": "31", "born_month": "2", "born_year": "2026"})
    assert answer.status == 200
    assert "<html" not in answer.text
    assert "Lịch không có ngày này" in answer.text
    assert "Khai sinh quá hạn" in answer.text
    assert "Cần điền mục này" not in answer.text


async def test_a_form_with_faults_still_warns_of_a_child_alike(officer: Client, desk: FakeDesk) -> None:
    desk.alike = ALIKE
    answer = await officer.post("/births/review", BIRTH | {"book": ""})
    assert answer.status == 422
    assert 'id="e-book"' in answer.text
    assert "001••••••345" in answer.text
    assert "001085012345" not in answer.text
    assert "chưa có vướng mắc" not in answer.text


async def test_going_back_keeps_what_was_confirmed(officer: Client, desk: FakeDesk) -> None:
    desk.alike = ALIKE
    page = (await officer.post("/births/edit", BIRTH | {"another_child": ALIKE.seen})).text
    assert f'name="another_child" value="{ALIKE.seen}" checked' in page


async def test_going_back_from_the_check_keeps_what_was_typed(officer: Client) -> None:
    assert 'value="Lê Minh"' in (await officer.post("/births/edit", BIRTH)).text


async def test_a_move_takes_the_person_and_those_who_go_along(officer: Client, desk: FakeDesk) -> None:
    assert (await officer.post("/moves/review", MOVE)).status == 200
    assert (await officer.post("/moves", MOVE)).status == 200
    (form,) = desk.moved
    assert ("an", ("khue",), date(2026, 11, 1)) == (form.person, form.others, form.on)
    assert (form.place.code, form.place.detail, form.relation) == ("00097", "12 Phúc Xá", Relation.HEAD)


async def test_a_move_needs_a_person_of_the_register_and_a_whole_date(officer: Client, desk: FakeDesk) -> None:
    answer = await officer.post("/moves", MOVE | {"person_ref": "", "on_day": ""})
    assert answer.status == 422
    assert 'id="e-person"' in answer.text
    assert 'id="e-on"' in answer.text
    assert desk.moved == []


async def test_an_officer_without_the_power_can_neither_see_nor_send_the_form(desk: FakeDesk, officer: Client) -> None:
    from dataclasses import replace

    desk.officer_signed_in = replace(REGISTRAR, may_record=frozenset())
    for address in ("/births/new", "/moves/new"):
        assert (await officer.get(address)).status == 403
    assert (await officer.post("/births", BIRTH)).status == 403
    assert "/births/new" not in (await officer.get("/")).text


async def test_an_opened_dossier_becomes_the_work_at_hand(officer: Client) -> None:
    values = {
        "matter": "1.001193",
        "requester": "Lê Thị Dung",
        "number": "001 187 000002",
        "person_name": "Lê Thị Dung",
        "born_year": "1987",
    }
    answer = await officer.post("/dossiers", values)
    assert (answer.status, answer.headers["location"]) == (303, "/people/dung")
    assert officer.cookies["dancu_work"] == "dossier:7"
    assert '<option value="dossier:7" selected>' in (await officer.get("/")).text


async def test_suggestions_are_given_as_data(officer: Client) -> None:
    communes = await officer.post("/suggest/communes", {"text": "hong ha"})
    assert '"value":"00097"' in communes.text
    people = await officer.post("/suggest/people", {"text": "dung"})
    assert '"value":"dung"' in people.text
