"""A data engineer sends a file, corrects how it is read, lets it be loaded, and gets back what was wrong with it."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pyotp
import pytest
from tests.journeys.bureau import employ
from tests.journeys.client import Answer, Client
from tests.journeys.town import Town
from tests.journeys.village import LOADED, NOW, PASSWORD, settle

from dancu.access import accounts
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.settings import Settings
from dancu.intake import uploads
from dancu.intake.logged import batches_gone
from dancu.intake.uploads import load_next

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parents[1] / "data" / "intake"
LIST = (
    "Họ và tên;Ngày sinh;Giới tính;Số CCCD;Cột lạ\n"
    "Nguyeenx Thij Lan;05/03/1990;Nữ;001190001234;0912345678\n"
    "Trần Văn Đức;31/02/1985;Nam;001085005678;\n"
    "Lê Quốc Khánh;2/9/1945;Nam;;\n"
)
LONG = LIST + "".join(
    f"Phạm {middle} {given};{n + 1}/1/19{50 + n};Nam;0010{50 + n}{100_000 + 37 * n};\n"
    for n, (middle, given) in enumerate(
        (middle, given) for middle in ("Đình", "Hữu", "Bá", "Duy") for given in ("An", "Bảo", "Cường", "Dũng", "Giang")
    )
)


@dataclass
class Office:
    """Where files are sent, and the worker that loads them."""

    town: Town
    database: Database
    home: Path

    async def work(self) -> bool:
        keys = ring_of(self.database.dsn, self.home / "keys")
        async with Database(self.database.dsn, role="dancu_loader", size=8, keys=keys) as loader:
            return await load_next(loader, self.database.dsn, folder=self.home / "spool", clock=lambda: NOW)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    village = await employ(database, tmp_path, await settle(database, tmp_path))
    town = Town(create_app(Settings(home=tmp_path), database), village)
    town.app.state.clock = lambda: town.now[0]
    return Office(town, database, tmp_path)


async def sent(client: Client, content: bytes, *, name: str = "danh-sách.csv", source: str = "bhxh") -> Answer:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("form_token", await client.token()), ("source", source))
    ]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
    body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return await client.send("POST", "/intake", body, {"content-type": f"multipart/form-data; boundary={boundary}"})


def selected(page: Answer) -> dict[str, str]:
    """Return what the form of a page says now."""
    form = page.text.partition('action="/intake/')[2].partition("</form>")[0]
    values = dict(re.findall(r'<input[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]* name="([\w-]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = chosen.group(1) if chosen else ""
    values.pop("form_token")
    return values


def address_of(answer: Answer) -> str:
    assert answer.status == 303, answer.text
    return answer.headers["location"]


def rows_of(answer: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(answer)) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode()), delimiter=delimiter))
            for name in archive.namelist()
            for delimiter in (";" if "rejects" in name else ",",)
        }


async def test_a_file_is_looked_at_corrected_loaded_and_handed_back(office: Office) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, LONG.encode()))
    page = await client.get(address)
    assert "UTF-8 hợp lệ" in page.text
    assert "Nguyễn Thị Lan" in page.text, "normalised"
    assert "Trong 23 bản ghi đầu, 1 sẽ bị trả lại" in page.text
    values = selected(page)
    assert [values[f"c{n}"] for n in range(5)] == ["name", "born", "sex", "number", "ignored"]
    assert (await client.post(address, {**values, "c4": "phone", "do": "look"})).status == 303
    page = await client.get(address)
    assert selected(page)["c4"] == "phone"
    assert "0912345678" in page.text
    assert (await client.post(address, {**selected(page), "do": "load"})).status == 303
    assert "chờ nạp" in (await client.get(address)).text
    assert await office.work()
    assert not await office.work()
    page = await client.get(address)
    assert "đã nạp" in page.text
    (_, result), *_ = rows_of(await raw(client, f"{address}/result")).items()
    decisions = [row["decision"] for row in result]
    assert decisions[1] == "rejected"
    assert {*decisions} == {"created", "rejected"}
    (_, rejects), *_ = rows_of(await raw(client, f"{address}/rejects")).items()
    assert [row["Họ và tên"] for row in rejects] == ["Trần Văn Đức"]


async def raw(client: Client, address: str) -> bytes:
    answer = await client.get(address)
    assert answer.status == 200
    return answer.body


async def test_the_next_file_of_the_source_is_read_by_what_was_said(office: Office) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, LIST.encode()))
    values = selected(await client.get(address))
    await client.post(address, {**values, "c4": "phone", "do": "load"})
    page = await client.get(address_of(await sent(client, LIST.replace("Giới tính", "Quê quán").encode())))
    assert "phiên bản 1" in page.text
    assert "Tiêu đề cột khác với lần trước" in page.text
    assert selected(page)["c4"] == "phone"


async def test_an_encoding_that_is_named_is_used(office: Office) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, (FOLDER / "benh-vien.csv").read_bytes()))
    page = await client.get(address)
    assert "thử thấy nhiều âm tiết tiếng Việt nhất" in page.text
    assert "tcvn3 +1.00" in page.text
    await client.post(address, {**selected(page), "encoding": "cp1258", "do": "look"})
    assert "do người dùng chọn" in (await client.get(address)).text


async def test_what_is_read_otherwise_is_shown_before_it_is_loaded(office: Office) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, LONG.encode()))
    values = selected(await client.get(address))
    await client.post(address, {**values, "encoding": "mixed", "do": "load"})
    assert "do người dùng chọn" in (await client.get(address)).text
    await client.post(address, {**selected(await client.get(address)), "source": "khác", "do": "load"})
    page = await client.get(address)
    assert selected(page)["source"] == "khác"
    assert not await office.work()


async def test_code_in_a_file_is_shown_as_text(office: Office) -> None:
    client = await office.town.signed_in("binh")
    content = 'Họ và tên,<script>alert(1)</script>,Địa chỉ\nLê Văn Nam,<b>x</b>,"\'; DROP TABLE person; --"\n'
    page = await client.get(address_of(await sent(client, content.encode(), name="<img src=x>.csv")))
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "<b>x" not in page.text
    assert "<img src=x" not in page.text


async def test_what_cannot_be_read_says_why_and_can_be_taken_back(office: Office) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, b"PK\x03\x04 cut off", name="list.xlsx"))
    page = await client.get(address)
    assert "damaged or incomplete" in page.text
    assert 'href="/problems/unreadable"' in page.text
    assert 'value="load"' not in page.text
    assert (await client.post(f"{address}/back", {})).status == 303
    assert "đã rút lại" in (await client.get("/intake")).text


async def test_a_file_with_too_many_rejects_is_held_whole(office: Office) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, LIST.encode()))
    await client.post(address, {**selected(await client.get(address)), "do": "load"})
    await client.post(address, {"do": "load", "source": "bhxh"})  # too late, and harmless
    assert await office.work()
    assert "Tệp được giữ lại nguyên vẹn" in (await client.get(address)).text
    (_, result), *_ = rows_of(await raw(client, f"{address}/result")).items()
    assert [row["decision"] for row in result] == ["waiting", "rejected", "waiting"]


async def test_what_turns_out_unreadable_in_loading_is_refused_whole(office: Office) -> None:
    client = await office.town.signed_in("binh")
    unclosed = LONG + "y;1990;Nam;;\n" * 60_000 + 'Lê Thị Hoa;1991;Nữ;;"không đóng\nx;1990;Nam;;\n'
    address = address_of(await sent(client, unclosed.encode()))
    await client.post(address, {**selected(await client.get(address)), "do": "load"})
    assert await office.work()
    page = await client.get(address)
    assert "bị từ chối" in page.text
    assert "has no partner" in page.text
    assert 'href="/problems/unpaired-quote"' in page.text


async def test_a_loading_that_was_interrupted_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, LONG.encode()))
    await client.post(address, {**selected(await client.get(address)), "do": "load"})

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the machine stops")

    with monkeypatch.context() as patched:
        patched.setattr(uploads._Work, "_hand_back", broken)
        with pytest.raises(RuntimeError):
            await office.work()
    assert "đang nạp" in (await client.get(address)).text
    assert await office.work()
    assert "đã nạp" in (await client.get(address)).text
    (_, result), *_ = rows_of(await raw(client, f"{address}/result")).items()
    assert {row["decision"] for row in result} == {"created", "rejected"}


@pytest.mark.parametrize("name", ["hanh", "huy", "thao"])
async def test_others_are_turned_away(office: Office, name: str) -> None:
    client = await office.town.signed_in(name)
    assert 'href="/intake"' not in (await client.get("/")).text
    assert (await client.get("/intake")).status == 403
    assert (await sent(client, LIST.encode())).status == 403


async def test_every_look_is_logged_and_nothing_lies_in_the_clear(
    office: Office, connection: psycopg.Connection
) -> None:
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, LIST.encode()))
    await client.get(address)
    logged = connection.execute(
        "SELECT operation, purpose, result_count FROM audit.access_log WHERE purpose = 'intake' ORDER BY log_id"
    ).fetchall()
    assert [(purpose, count) for _, purpose, count in logged] == [("intake", 0), ("intake", 3)]
    assert batches_gone(connection) == []
    (content,) = connection.execute("SELECT content FROM intake.upload_part").fetchone() or (b"",)
    assert "Trần".encode() not in bytes(content)
    assert "Tr" not in address


async def test_a_form_without_a_file_or_a_source_is_shown_again(office: Office) -> None:
    client = await office.town.signed_in("binh")
    assert (await sent(client, b"")).status == 422
    assert (await sent(client, LIST.encode(), source=" ")).status == 422
    assert (await client.get("/intake/12345")).status == 404
    assert (await client.get("/intake/x")).status == 404


async def test_a_zip_of_files_is_loaded_file_by_file(office: Office) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xã 1/a.csv", LIST)
        archive.writestr("xã 2/b.csv", LIST.replace("Lê Quốc", "Lê Quang"))
    client = await office.town.signed_in("binh")
    address = address_of(await sent(client, buffer.getvalue(), name="bộ.zip"))
    page = await client.get(address)
    assert "bộ.zip/xã 1/a.csv · bộ.zip/xã 2/b.csv" in page.text
    await client.post(address, {**selected(page), "do": "load"})
    assert await office.work()
    results = rows_of(await raw(client, f"{address}/result"))
    assert list(results) == ["001-a-result.csv", "002-b-result.csv"]


async def test_a_data_engineer_does_the_same(office: Office) -> None:
    factors = SecondFactors(ring_of(office.database.dsn, office.home / "keys"))
    async with office.database.transaction(scope="none") as tx:
        by = (await accounts.account(tx, "admin")).officer_id
        opened = await accounts.open_account(
            tx,
            name="ky",
            full_name="Đỗ Văn Kỹ",
            account_class=AccountClass.TECHNICAL,
            factors=factors,
            by=by,
            now=LOADED,
            password=PASSWORD,
        )
        await accounts.assign(tx, name="ky", role="data_engineer", unit_code="", by=by, now=LOADED)
    client = await office.town.signed_in("ky", str(pyotp.parse_uri(opened.totp_uri).secret))
    address = address_of(await sent(client, LONG.encode()))
    page = await client.get(address)
    assert 'href="/intake"' in page.text
    assert (await client.post(address, {**selected(page), "do": "load"})).status == 303
    assert await office.work()
    assert (await client.get(f"{address}/result")).status == 200
