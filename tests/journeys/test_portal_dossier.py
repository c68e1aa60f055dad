"""One dossier from its receipt to its end: steps, papers, documents, and what must not come in."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.test_portal_thread import BIRTH
from tests.journeys.town import Town
from tests.journeys.village import HONG_HA, further_registrar, settle
from tests.unit.test_documents import pdf, png

from dancu.access.policy import OpenDossier
from dancu.access.sessions import officer_named
from dancu.access.work import opened as opened_access
from dancu.app import create_app
from dancu.audit.entry import Operation
from dancu.dossiers.commands import DossierUnknown, dossier_of, persons_of
from dancu.dossiers.documents.kinds import LARGEST
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.infra.web import BODY_LIMIT_BYTES
from dancu.kernel.codes import Authority
from dancu.register.act import ActHeader
from dancu.register.payloads import Payload
from dancu.register.proposed import Second, propose, refuse
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def opened(client: Client, town: Town, matter: str = "1.004859") -> str:
    """Open a dossier about somebody, and return its address."""
    answer = await client.post(
        "/dossiers",
        {
            "matter": matter,
            "requester": "Nguyễn Văn An",
            "number": town.village.numbers["Nguyễn Văn An"],
            "person_name": "Nguyễn Văn An",
            "born_day": "12",
            "born_month": "3",
            "born_year": "1985",
        },
    )
    assert answer.status == 303, answer.text
    found = re.findall(r'href="(/dossiers/\d+)"', (await client.get("/dossiers")).text)
    assert found
    return str(found[0])


async def upload(
    client: Client, address: str, content: bytes, name: str = "giấy chứng sinh.pdf", *, token: str | None = None
) -> Answer:
    boundary = "a-boundary-of-the-test"
    token = await client.token() if token is None else token
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\n'
        "Content-Type: text/html\r\n\r\n"
    )
    body = parts.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return await client.send("POST", f"{address}/documents", body, headers)


async def step(client: Client, address: str, move: str, reason: str = "", law: str = "") -> Answer:
    return await client.post(f"{address}/move", {"move": move, "reason": reason, "legal_ground": law})


def exports(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT l.dossier_id IS NOT NULL, l.persons FROM audit.access_log l WHERE l.operation = 8"
    ).fetchall()


async def test_looks_at_a_dossier_that_opens_nobody_and_at_its_papers_are_written_down(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    assert (await step(client, address, "withdraw", "Người yêu cầu rút hồ sơ")).status == 303
    dossier_id = int(address.rpartition("/")[2])

    async def rows() -> int:
        found = connection.execute(
            "SELECT count(*) FROM audit.access_log l WHERE l.operation = 5 AND l.dossier_id = %s", (dossier_id,)
        ).fetchone()
        return int(found[0]) if found else 0

    before = await rows()
    for page in (address, f"{address}/receipt"):
        assert "Nguyễn Văn An" in (await client.get(page)).text
    assert await rows() == before + 2


async def test_what_must_not_come_in_is_said_and_not_kept(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    for content, status, said in (
        (b"<script>alert(1)</script>", 422, "chỉ nhận"),
        (pdf(b"<</S/JavaScript/JS(1)>>"), 422, "tự chạy"),
        (pdf() + b"PK\x05\x06", 422, "ẩn sau phần cuối"),
        (b"", 422, "trống"),
        (b"%PDF-1.7" + b" " * LARGEST, 422, "10 MB"),
    ):
        answer = await upload(client, address, content)
        assert (answer.status, said.lower() in answer.text.lower()) == (status, True), (said, answer.text[:300])
    assert (await upload(client, address, b" " * (LARGEST + BODY_LIMIT_BYTES))).status == 413
    assert (await upload(client, address, pdf(), token="00" * 32)).status == 403
    assert (await client.send("POST", f"{address}/documents", b"x", {"content-type": "text/plain"})).status == 400
    assert (await client.post("/dossiers", {"requester": "x" * BODY_LIMIT_BYTES})).status == 413
    assert connection.execute("SELECT count(*) FROM dossiers.document").fetchone() == (0,)


async def test_a_document_is_attached_and_handed_out_as_a_file_and_that_is_written_down(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    assert (await upload(client, address, pdf(), "../Giấy <chứng> sinh.exe")).status == 303
    page = await client.get(address)
    assert "Giấy chứng sinh.exe.pdf" in page.text
    link = re.search(rf'href="({address}/documents/\d+)"', page.text)
    assert link
    assert exports(connection) == []
    answer = await client.get(link.group(1))
    assert answer.text == pdf().decode()
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "filename*=UTF-8''Gi%E1%BA%A5y%20ch" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert exports(connection) == [(True, [town.village.people["Nguyễn Văn An"]])]


async def test_another_office_finds_neither_dossier_nor_document(town: Town) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    await upload(client, address, png(), "a.png")
    link = re.search(rf'href="({address}/documents/\d+)"', (await client.get(address)).text)
    assert link
    police = await town.signed_in("huy")
    for one in (address, link.group(1), f"{address}/receipt", f"{address}/steps/1", "/dossiers/1", "/dossiers/x"):
        assert (await police.get(one)).status == 404
    assert (await upload(police, address, png())).status == 404
    assert (await step(police, address, "grant")).status == 404


async def test_a_dossier_is_asked_refused_and_reopened_in_writing(town: Town) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    receipt = await client.get(f"{address}/receipt")
    for text in ("Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Nguyễn Văn An", "00097-HT-2026-00001", "27/11/2026"):
        assert text in receipt.text
    assert (await step(client, address, "ask_applicant")).status == 422
    assert (await step(client, address, "fly")).status == 422
    assert (await step(client, address, "ask_applicant", "Thiếu bản chính giấy khai sinh")).status == 303
    paper = await client.get(f"{address}/steps/2")
    assert "Phiếu hướng dẫn bổ sung" in paper.text
    assert "Thiếu bản chính giấy khai sinh" in paper.text
    assert (await client.get(f"{address}/steps/1")).status == 404
    assert (await step(client, address, "grant")).status == 409
    assert (await step(client, address, "refuse", "Không đủ điều kiện")).status == 422
    assert (await step(client, address, "refuse", "Không đủ điều kiện", "Luật Hộ tịch, Điều 28")).status == 303
    refusal = await client.get(f"{address}/steps/3")
    for text in ("Phiếu từ chối giải quyết hồ sơ", "Không đủ điều kiện", "Luật Hộ tịch, Điều 28"):
        assert text in refusal.text
    page = (await client.get(address)).text
    assert "hiện không mở cho xem ai" in page
    assert "/people/" not in page
    assert (await step(client, address, "reopen", "Khiếu nại có căn cứ")).status == 303
    assert "/people/" in (await client.get(address)).text


async def test_a_paper_speaks_english_too(town: Town) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    client.language = "en"
    page = await client.get(f"{address}/receipt")
    assert "Receipt and appointment for the result" in page.text
    assert "Change or correction of civil status" in page.text


async def test_the_police_use_their_forms(town: Town) -> None:
    client = await town.signed_in("huy")
    address = await opened(client, town, "1.004222")
    assert "CT04" in (await client.get(f"{address}/receipt")).text


async def test_an_act_outside_of_the_matter_is_refused_on_the_dossier(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town, "1.000656")
    work = f"dossier:{address.rpartition('/')[2]}"
    father = re.search(r'href="/people/([\w-]+)"', (await client.get(address)).text)
    assert father
    values = BIRTH | {"father": "Nguyễn Văn An", "father_ref": father.group(1), "mother_unknown": "yes"}
    values |= {"lives_with": "father", "work": work, "request_id": "6f9619ff-8b86-4d01-b42d-00cf4fc96402"}
    answer = await client.post("/births", values)
    assert answer.status == 403, answer.text
    assert "không dẫn đến việc đăng ký này" in answer.text
    assert connection.execute("SELECT count(*) FROM register.act WHERE kind = 2").fetchone() == (0,)


async def test_a_birth_in_the_own_territory_leaves_a_dossier_that_is_decided(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    mother = re.search(
        r'href="/people/([\w-]+)">Lê Thị Dung<', (await client.post("/search", {"text": "le thi dung 1987"})).text
    )
    assert mother
    values = BIRTH | {"mother": "Lê Thị Dung", "mother_ref": mother.group(1), "father_unknown": "yes"}
    done = await client.post("/births", values | {"request_id": "6f9619ff-8b86-4d01-b42d-00cf4fc96401"})
    assert done.status == 200, done.text
    again = await client.post("/births", values | {"request_id": "6f9619ff-8b86-4d01-b42d-00cf4fc96401"})
    assert again.status == 200
    rows = connection.execute(
        "SELECT a.dossier_id = d.dossier_id, d.state, d.outcome, d.requester, d.matter"
        " FROM register.act a, dossiers.dossier d WHERE a.kind = 2"
    ).fetchall()
    assert rows == [(True, "decided", "granted", "Lê Thị Dung", "1.001193")]
    logged = connection.execute(
        "SELECT l.operation, count(DISTINCT l.dossier_id), count(l.reason), count(*)"
        "  FROM audit.access_log l, dossiers.dossier d WHERE l.dossier_id = d.dossier_id AND l.operation IN (5, 6)"
        " GROUP BY l.operation ORDER BY l.operation"
    ).fetchall()
    # Written once, under the name of the act; the second time, the answer was read.
    assert logged == [(5, 1, 0, 1), (6, 1, 1, 1)]


async def test_a_dossier_is_handed_over_to_another_commune(town: Town, database: Database, tmp_path: Path) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    nowhere = {"unit": "Xã Phú Xuyên", "unit_ref": "10273", "handing_reason": "Nơi có thẩm quyền"}
    answer = await client.post(f"{address}/office", nowhere)
    assert answer.status == 422
    assert "không có cơ quan" in answer.text
    town.village.secrets["mai"] = await further_registrar(database, tmp_path, "mai", "Lê Thị Mai", "10273")
    assert (await client.post(f"{address}/office", {**nowhere, "handing_reason": ""})).status == 422
    assert (await client.post(f"{address}/office", nowhere)).status == 303
    assert (await client.get(address)).status == 404
    neighbour = await town.signed_in("mai")
    assert "Nguyễn Văn An" in (await neighbour.get(address)).text.partition("Người trong hồ sơ")[2]


async def test_a_dossier_left_for_other_work_is_taken_up_from_its_page(town: Town) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    work = f"dossier:{address.rpartition('/')[2]}"
    assert "Làm trên hồ sơ này" not in (await client.get(address)).text
    await client.post("/work", {"work": "purpose:civil_status", "back": "/"})
    assert "Làm trên hồ sơ này" in (await client.get(address)).text
    answer = await client.post("/work", {"work": work, "back": address})
    assert answer.headers["location"] == address
    assert f'value="{work}" selected' in (await client.get(address)).text
    for form in ("move", "office", "documents"):
        answer = await client.post("/language", {"language": "vi", "back": f"{address}/{form}"})
        assert answer.headers["location"] == address


async def test_what_is_overdue_has_a_list_of_its_own(town: Town) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    assert address not in (await client.get("/dossiers/overdue")).text
    town.now[0] += timedelta(days=10)
    client = await town.signed_in("hanh")
    page = (await client.get("/dossiers/overdue")).text
    assert address in page
    assert "quá hạn" in page
    await step(client, address, "grant")
    assert address not in (await client.get("/dossiers/overdue")).text


async def test_a_dossier_about_a_newborn_names_nobody(town: Town) -> None:
    client = await town.signed_in("hanh")
    answer = await client.post("/dossiers", {"matter": "1.001193", "requester": "Lê Thị Dung", "nobody": "yes"})
    assert answer.status == 303
    page = await client.get(answer.headers["location"])
    assert "Lê Thị Dung" in page.text
    assert "/people/" not in page.text
    assert (await client.post("/dossiers", {"matter": "1.001193", "requester": "Lê Thị Dung"})).status == 422


async def test_a_dossier_is_opened_from_the_page_of_a_person_of_the_own_commune(town: Town) -> None:
    client = await town.signed_in("hanh")
    found = (await client.post("/search", {"text": "le thi dung 1987"})).text
    ref = re.search(r'href="/people/([\w-]+)">Lê Thị Dung<', found)
    assert ref
    assert "Lê Thị Dung" in (await client.get(f"/dossiers/new?person={ref.group(1)}")).text
    values = {"matter": "1.000894", "requester": "Lê Thị Dung", "about_ref": ref.group(1)}
    assert (await client.post("/dossiers", values)).headers["location"] == f"/people/{ref.group(1)}"
    stranger = town.app.state.desk._house.refs.ref(town.village.people["Trần Văn Xa"])
    assert (await client.post("/dossiers", values | {"about_ref": stranger})).status == 422


async def test_the_destination_registers_who_lives_elsewhere_and_that_ends_the_old_residence(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("huy")
    answer = await client.post(
        "/dossiers",
        {
            "matter": "1.004222",
            "requester": "Trần Văn Xa",
            "number": town.village.numbers["Trần Văn Xa"],
            "person_name": "Trần Văn Xa",
            "born_day": "1",
            "born_month": "1",
            "born_year": "1990",
        },
    )
    ref = answer.headers["location"].removeprefix("/people/")
    work = re.search(r'name="work" value="(dossier:\d+)"', (await client.get(f"/moves/new?person={ref}")).text)
    assert work
    done = await client.post(
        "/moves",
        {
            "work": work.group(1),
            "person": "Trần Văn Xa",
            "person_ref": ref,
            "on_day": "20",
            "on_month": "11",
            "on_year": "2026",
            "unit_ref": HONG_HA,
            "detail": "5 Hồng Hà",
            "relation": "1",
            "request_id": "6f9619ff-8b86-4d01-b42d-00cf4fc96403",
        },
    )
    assert done.status == 200, done.text
    stays = connection.execute(
        "SELECT r.unit_code, r.valid_to IS NULL FROM register.residence r WHERE r.person_id = %s AND r.kind = 1"
        " AND r.known_to IS NULL ORDER BY r.valid_from",
        (town.village.people["Trần Văn Xa"],),
    ).fetchall()
    assert stays == [("26740", False), (HONG_HA, True)]
    assert connection.execute(
        "SELECT a.dossier_id::text FROM register.act a WHERE a.kind = 8 AND a.officer_id IS NOT NULL"
    ).fetchall() == [(work.group(1).removeprefix("dossier:"),)]
    assert (
        "Trần Văn Xa" in (await client.post("/search", {"text": "tran van xa 1990", "work": "purpose:residence"})).text
    )


async def test_what_a_second_officer_answered_stands_on_the_dossier(
    town: Town, database: Database, tmp_path: Path
) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    dossier_id = int(address.rpartition("/")[2])
    ring = town.app.state.desk._house.keys
    async with database.transaction(scope="none") as tx:
        first, police = [await officer_named(tx, name, town.now[0]) for name in ("hanh", "huy")]
    async with database.transaction(offices=first.offices) as tx:
        found, persons = await dossier_of(tx, dossier_id), await persons_of(tx, dossier_id)
    async with opened_access(
        database,
        first,
        operation=Operation.PROPOSE,
        purpose="dossier",
        now=town.now[0],
        request_id=UUID(int=1),
        dossier=OpenDossier(dossier_id, found.office_id, persons, open=True, matter=found.matter),
        act="particulars_corrected",
    ) as work:
        header = ActHeader(Authority.CIVIL_REGISTRAR, HONG_HA, UUID(int=1), "Luật Hộ tịch, Điều 28", first.officer_id)
        proposal = await propose(
            work,
            command="correct_particulars",
            header=header,
            arguments={"person_id": town.village.people["Nguyễn Văn An"], "told": Payload(sex=2)},
            reason="Theo giấy chứng sinh gốc",
            officer=first,
            ring=ring,
            now=town.now[0],
            locate=locate,
        )
    page = (await client.get(address)).text
    link = f"/proposals/{dossier_id}/{proposal.proposal_id}"
    for text in ("chờ người thứ hai duyệt", "Theo giấy chứng sinh gốc", link):
        assert text in page
    await further_registrar(database, tmp_path, "mai", "Lê Thị Mai")
    async with database.transaction(scope="none") as tx:
        colleague = await officer_named(tx, "mai", town.now[0])
    which = {"dossier_id": dossier_id, "proposal_id": proposal.proposal_id, "ring": ring}
    with pytest.raises(DossierUnknown):
        await refuse(database, Second(police, town.now[0], UUID(int=2)), answer="Không", **which)
    await refuse(database, Second(colleague, town.now[0], UUID(int=2)), answer="Thiếu bản gốc", **which)
    page = (await client.get(address)).text
    for text in ("Thiếu bản gốc", "Lê Thị Mai", "đang giải quyết"):
        assert text in page
