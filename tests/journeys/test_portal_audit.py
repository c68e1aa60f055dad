"""The auditor's pages over a real register: what the log has, what is unusual, seals and proofs."""

import asyncio
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pyotp
import pytest
from tests.journeys.client import Client
from tests.journeys.test_portal_dossier import opened
from tests.journeys.test_portal_masked import protected
from tests.journeys.town import Town, found
from tests.journeys.village import HONG_HA, LOADED, NOW, PASSWORD, settle

from dancu.access import accounts
from dancu.access.own_record import tell_own_record
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.access.sessions import officer_named
from dancu.access.work import NotAllowed
from dancu.app import create_app
from dancu.audit.sealing import ROLE, Sealer, begin_log
from dancu.audit.witnesses import Witnesses
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.settings import Settings
from dancu.register.protected import open_for_inspection

pytestmark = pytest.mark.anyio

ASKED = {
    **{f"since_{part}": value for part, value in (("day", "1"), ("month", "11"), ("year", "2026"))},
    **{f"until_{part}": value for part, value in (("day", "24"), ("month", "11"), ("year", "2026"))},
}


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    factors = SecondFactors(ring_of(database.dsn, tmp_path / "keys"))
    async with database.transaction(scope="none") as tx:
        administrator = await accounts.account(tx, "admin")
        opened = await accounts.open_account(
            tx,
            name="tra",
            full_name="Hoàng Thanh Tra",
            account_class=AccountClass.OPERATOR,
            factors=factors,
            by=administrator.officer_id,
            now=LOADED,
            password=PASSWORD,
        )
        await accounts.assign(tx, name="tra", role="auditor", unit_code="", by=administrator.officer_id, now=LOADED)
    village.secrets["tra"] = str(pyotp.parse_uri(opened.totp_uri).secret)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def sealed(dsn: str, home: Path) -> None:
    """Seal what the log has."""
    async with Database(dsn, role=ROLE, size=1) as database:
        sealer = Sealer(database, begin_log(dsn, home), Witnesses())
        while await sealer.seal(NOW):
            pass


async def looked(town: Town) -> Client:
    """Let the registrar look at somebody, and return the auditor."""
    client = await town.signed_in("hanh")
    an = await found(client, "nguyen van an 1985", "Nguyễn Văn An")
    assert (await client.get(f"/people/{an}")).status == 200
    return await town.signed_in("tra")


async def test_only_auditors_read_the_log(town: Town) -> None:
    client = await town.signed_in("hanh")
    for address in ("/audit", "/audit/unusual", "/audit/verifier"):
        assert (await client.get(address)).status == 403
    assert (await client.post("/audit/uses", {"by": "officer", "text": "huy", **ASKED})).status == 403
    assert (await client.post("/audit/proof", {"log_id": "1"})).status == 403
    assert "/audit" not in (await client.get("/")).text


async def test_an_auditor_of_the_center_has_no_dossiers_of_it(town: Town, connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO dossiers.dossier (dossier_id, office_id, officer_id, opened_at, opens_until, state, matter,"
        " number, requester, legal_ground)"
        " SELECT 4711, o.office_id, 1, now(), '2030-01-01', 'in_work', 'population.number', '00-Q-2026-00001',"
        " 'Nguyễn Văn Mật', '' FROM access.office o WHERE o.unit_code = ''"
    )
    auditor = await town.signed_in("tra")
    for page in ("/dossiers", "/dossiers/overdue"):
        assert "Nguyễn Văn Mật" not in (await auditor.get(page)).text
    for page in ("/dossiers/4711", "/dossiers/4711/receipt", "/dossiers/4711/documents/1"):
        assert (await auditor.get(page)).status == 404
    moved = await auditor.post("/dossiers/4711/move", {"move": "refuse", "reason": "x", "legal_ground": "x"})
    closed = await auditor.post("/dossiers/4711/close", {})
    assert (moved.status, closed.status) == (404, 404)
    connection.execute(
        "INSERT INTO access.opening (opening_id, person_id, officer_id, office_id, dossier_id, notified_office_id,"
        " opened_at, closes_at, ground, reason)"
        " SELECT 4712, 1, 1, o.office_id, 4711, o.office_id, now(), now(), 3, 'Lý do cần giữ kín' FROM access.office o"
        "  WHERE o.unit_code = ''"
    )
    assert "Lý do cần giữ kín" not in (await auditor.get("/notices")).text
    assert (await auditor.post("/notices/4712/seen", {})).status == 404
    assert connection.execute("SELECT state, version FROM dossiers.dossier").fetchall() == [("in_work", 1)]


async def test_an_auditor_finds_the_log_and_no_people(town: Town) -> None:
    client = await town.signed_in("tra")
    assert (await client.get("/")).headers["location"] == "/audit"
    page = await client.get("/audit")
    assert "Chưa có nhân chứng" in page.text
    assert "/acts" not in page.text
    assert (await client.post("/search", {"text": "nguyen van an 1985"})).status == 403


@pytest.mark.parametrize(("by", "text"), [("officer", "nobody"), ("person", "001085999999"), ("dossier", "x-1")])
async def test_what_is_not_there_is_said_at_the_field(town: Town, by: str, text: str) -> None:
    client = await town.signed_in("tra")
    answer = await client.post("/audit/uses", {"by": by, "text": text, **ASKED})
    assert answer.status in {422, 403}
    assert "e-text" in answer.text


async def test_the_log_is_read_by_officer_person_and_dossier_and_that_is_logged(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await looked(town)
    by_officer = await client.post("/audit/uses", {"by": "officer", "text": "hanh", **ASKED})
    assert "Trần Thị Minh Hạnh" in by_officer.text
    assert "Nguyễn Văn An" in by_officer.text
    number = town.village.numbers["Nguyễn Văn An"]
    by_person = await client.post("/audit/uses", {"by": "person", "text": number, **ASKED})
    assert "Trần Thị Minh Hạnh" in by_person.text
    rows = connection.execute("SELECT count(*) FROM audit.access_log l WHERE l.operation = 10").fetchone()
    assert rows == (2,)


async def test_a_dossier_shows_what_was_done_on_it(town: Town, connection: psycopg.Connection[Any]) -> None:
    registrar = await town.signed_in("hanh")
    told = {
        "office": "", "matter": "1.000656", "requester": "Lê Thị Dung",
        "number": town.village.numbers["Trần Văn Xa"], "person_name": "Trần Văn Xa",
        "born_day": "1", "born_month": "1", "born_year": "1990",
    }  # fmt: skip
    page = await registrar.get("/dossiers/new")
    told["office"] = page.text.partition('name="office" value="')[2].partition('"')[0]
    opened = await registrar.post("/dossiers", told)
    assert opened.status == 303, opened.text
    number = str(connection.execute("SELECT d.number FROM dossiers.dossier d").fetchall()[-1][0])
    auditor = await town.signed_in("tra")
    shown = await auditor.post("/audit/uses", {"by": "dossier", "text": number, **ASKED})
    assert shown.status == 200
    assert "Trần Văn Xa" in shown.text


async def test_a_long_log_is_read_page_by_page(town: Town) -> None:
    client = await town.signed_in("hanh")
    for _ in range(55):
        await client.post("/search", {"text": "nguyen van an 1985"})
    auditor = await town.signed_in("tra")
    asked = {"by": "officer", "text": "hanh", **ASKED}
    first = await auditor.post("/audit/uses", asked)
    before = re.findall(r'name="before" value="([^"]+)"', first.text)
    assert before
    assert first.text.count("/audit/proof") == 50
    second = await auditor.post("/audit/uses", {**asked, "before": before[0]})
    assert 0 < second.text.count("/audit/proof") <= 50


async def test_unusual_use_is_listed_with_its_reason(town: Town) -> None:
    await looked(town)
    town.now[0] = NOW.replace(hour=15)
    client = await town.signed_in("hanh")
    await client.get(f"/people/{await found(client, 'nguyen van an 1985', 'Nguyễn Văn An')}")
    town.now[0] += timedelta(minutes=1)
    auditor = await town.signed_in("tra")
    page = await auditor.get("/audit/unusual?days=7")
    assert "Ngoài giờ" in page.text
    assert "Luật Bảo vệ dữ liệu cá nhân" in page.text


async def test_a_row_is_proved_to_whoever_has_the_verifier(town: Town, database: Database, tmp_path: Path) -> None:
    client = await looked(town)
    page = await client.post("/audit/uses", {"by": "officer", "text": "hanh", **ASKED})
    log_id = re.findall(r'name="log_id" value="(\d+)"', page.text)[0]
    assert (await client.post("/audit/proof", {"log_id": log_id})).status == 404
    await sealed(database.dsn, tmp_path)
    proof = await client.post("/audit/proof", {"log_id": log_id})
    assert "attachment" in proof.headers["content-disposition"]
    (tmp_path / "row.tlog-proof").write_text(proof.text, encoding="utf-8")
    (tmp_path / "verify.py").write_text((await client.get("/audit/verifier")).text, encoding="utf-8")
    checking = await asyncio.create_subprocess_exec(
        sys.executable, str(tmp_path / "verify.py"), str(tmp_path / "row.tlog-proof")
    )
    assert await checking.wait() == 0
    assert "dòng" in (await client.get("/audit")).text
    assert (await client.post("/audit/proof", {"log_id": "x"})).status == 404


REASON = "Thanh tra việc tra cứu hồ sơ được bảo vệ theo đơn tố cáo"


async def test_a_masked_record_is_unknown_to_an_auditor_who_gives_no_reason(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    await protected(town)
    auditor = await town.signed_in("tra")
    asked = {"by": "person", "text": town.village.numbers["Nguyễn Văn An"], **ASKED}
    unknown = await auditor.post("/audit/uses", {**asked, "text": "001000000000"})
    masked = await auditor.post("/audit/uses", asked)
    assert (masked.status, "Nguyễn Văn An" in masked.text) == (422, False)
    assert masked.text.count("Không có người này") == unknown.text.count("Không có người này")
    short = await auditor.post("/audit/uses", {**asked, "reason": "vì"})
    assert (short.status, 'id="e-reason"' in short.text) == (422, True)
    nobody = await auditor.post("/audit/uses", {**asked, "text": "001000000000", "reason": REASON})
    assert nobody.status == 422
    assert connection.execute("SELECT count(*) FROM access.opening").fetchone() == (0,)


async def test_an_auditor_looks_at_a_masked_record_with_a_reason_and_a_notice(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    registrar, _ = await protected(town)
    auditor = await town.signed_in("tra")
    number = town.village.numbers["Nguyễn Văn An"]
    asked = {"by": "person", "text": number, "reason": REASON, **ASKED}
    page = await auditor.post("/audit/uses", asked)
    assert page.status == 200
    assert "<h1>Nguyễn Văn An</h1>" in page.text
    assert "Ghi một việc" in page.text
    assert (await auditor.post("/audit/uses", asked)).status == 200
    openings = connection.execute("SELECT o.person_id, o.dossier_id, o.reason FROM access.opening o").fetchall()
    assert openings == [(town.village.people["Nguyễn Văn An"], None, REASON)]
    logged = connection.execute("SELECT l.person_id FROM audit.access_log l WHERE l.operation = 14").fetchall()
    assert logged == [(town.village.people["Nguyễn Văn An"],)] * 2
    notices = (await registrar.get("/notices")).text
    for text in (REASON, "Hoàng Thanh Tra", "kiểm tra nhật ký"):
        assert text in notices
    town.now[0] += timedelta(hours=2, minutes=1)
    again = await (await town.signed_in("tra")).post("/audit/uses", asked)
    assert again.status == 200
    assert connection.execute("SELECT count(*) FROM access.opening").fetchone() == (2,)


async def test_nobody_but_an_inspection_opens_a_masked_record_without_a_dossier(town: Town, database: Database) -> None:
    await protected(town)
    about: dict[str, Any] = {
        "number": town.village.numbers["Nguyễn Văn An"],
        "reason": REASON,
        "now": NOW,
        "request_id": uuid4(),
    }
    async with database.transaction(scope="none") as tx:
        police = await officer_named(tx, "huy", NOW)
    for purpose in ("residence", "dossier", "inspection"):
        with pytest.raises(NotAllowed):
            await open_for_inspection(database, police, purpose=purpose, **about)


async def test_a_dossier_is_named_by_its_number(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    address = await opened(client, town)
    assert (await client.get(address)).status == 200
    dossier_id, number = connection.execute("SELECT d.dossier_id, d.number FROM dossiers.dossier d").fetchone() or (
        0,
        "",
    )
    page = await (await town.signed_in("tra")).post("/audit/uses", {"by": "officer", "text": "hanh", **ASKED})
    table = page.text.partition("<table")[2].partition("</table>")[0]
    assert number in table
    assert str(dossier_id) not in table


async def test_looks_at_lists_of_dossiers_are_written_down(town: Town, connection: psycopg.Connection[Any]) -> None:
    client = await town.signed_in("hanh")
    await client.get("/dossiers/overdue")
    await opened(client, town)
    await client.get("/dossiers")
    rows = connection.execute(
        "SELECT l.reason, l.result_count, l.purpose, l.office FROM audit.access_log l WHERE l.reason LIKE 'list:%'"
        " ORDER BY l.log_id"
    ).fetchall()
    told = ("dossier", HONG_HA)
    assert rows == [("list:overdue", 0, *told), ("list:office", 1, *told), ("list:office", 1, *told)]
    page = await (await town.signed_in("tra")).post("/audit/uses", {"by": "officer", "text": "hanh", **ASKED})
    assert "danh sách hồ sơ quá hạn" in page.text


async def test_telling_an_officers_own_record_leaves_a_row_of_the_look_up(
    town: Town, database: Database, connection: psycopg.Connection[Any]
) -> None:
    an = town.village.people["Nguyễn Văn An"]
    async with database.transaction(scope="none") as tx:
        administrator = (await accounts.account(tx, "admin")).officer_id
        police = (await officer_named(tx, "huy", NOW)).officer_id
        with pytest.raises(accounts.AdministratorNeeded):
            await tell_own_record(tx, name="hanh", person_id=an, by=police, now=NOW)
    async with database.transaction(scope="none") as tx:
        assert not await tell_own_record(tx, name="hanh", person_id=None, by=administrator, now=NOW)
        assert await tell_own_record(tx, name="hanh", person_id=an, by=administrator, now=NOW)
    rows = connection.execute(
        "SELECT l.person_id, l.result_count, l.officer_id FROM audit.access_log l WHERE l.operation = 4"
        " ORDER BY l.log_id"
    ).fetchall()
    assert rows == [(None, 0, administrator), (an, 1, administrator)]
    assert connection.execute("SELECT person_id FROM access.officer WHERE name = 'hanh'").fetchone() == (an,)
