"""The officer's own account: another authenticator, another password, and nobody else's hand on either."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.client import Answer, Client
from tests.journeys.town import Town
from tests.journeys.village import PASSWORD, code_at, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.anyio

A_CODE_LATER = timedelta(seconds=31)


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> Town:
    village = await settle(database, tmp_path)
    app = create_app(Settings(home=tmp_path), database)
    town = Town(app, village)
    app.state.clock = lambda: town.now[0]
    return town


async def asked_for_another(town: Town, client: Client) -> Answer:
    """Ask for another authenticator as the officer does, with a code that was not used yet."""
    town.now[0] += A_CODE_LATER
    code = code_at(town.village.secrets["hanh"], town.now[0])
    return await client.post("/account/factor", {"password": PASSWORD, "code": code})


def key_on(page: Answer) -> str:
    shown = re.search(r'class="key">(.*?)</p>', page.text)
    assert shown, page.text
    return re.sub(r"</?span>", "", shown.group(1))


def rows(connection: psycopg.Connection[Any], purpose: str) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT l.outcome, l.channel, l.reason FROM audit.access_log l WHERE l.purpose = %s ORDER BY l.log_id",
        (purpose,),
    ).fetchall()


@pytest.mark.parametrize(("password", "later"), [("a guess", True), (PASSWORD, False)])
async def test_neither_a_guess_nor_the_code_of_the_sign_in_opens_a_new_key(
    town: Town, connection: psycopg.Connection[Any], password: str, later: bool
) -> None:
    client = await town.signed_in("hanh")
    town.now[0] += A_CODE_LATER if later else timedelta()
    code = code_at(town.village.secrets["hanh"], town.now[0])
    answer = await client.post("/account/factor", {"password": password, "code": code})
    assert answer.status == 422
    assert "Mật khẩu hoặc mã không đúng" in answer.text
    assert 'class="key"' not in answer.text
    assert [row[0] for row in rows(connection, "confirm")] == [2]


async def test_guessing_locks_the_account_as_at_the_door(town: Town) -> None:
    client = await town.signed_in("hanh")
    for _ in range(5):
        await client.post("/account/factor", {"password": "a guess", "code": "000000"})
    answer = await asked_for_another(town, client)
    assert answer.status == 422
    assert "bị khóa" in answer.text


async def test_a_wrong_code_of_the_new_app_leaves_the_one_before_in_force(town: Town) -> None:
    client = await town.signed_in("hanh")
    offered = await asked_for_another(town, client)
    key = key_on(offered)
    address = re.search(r'name="address" value="([^"]+)"', offered.text)
    assert address
    again = await client.post("/account/factor/accept", {"code": "000000", "address": address.group(1)})
    assert again.status == 422
    assert key_on(again) == key
    assert "javascript" not in (await client.post("/account/factor/accept", {"address": "javascript:1"})).text
    town.now[0] += A_CODE_LATER
    await town.signed_in("hanh")


async def test_the_new_authenticator_takes_over_once_its_code_was_shown(
    town: Town, connection: psycopg.Connection[Any]
) -> None:
    client = await town.signed_in("hanh")
    key = key_on(await asked_for_another(town, client))
    done = await client.post("/account/factor/accept", {"code": code_at(key, town.now[0])})
    assert done.status == 200, done.text
    codes = re.findall(r'<li><span class="num">([^<]+)</span>', done.text)
    assert len(codes) >= 8
    town.now[0] += A_CODE_LATER
    door = Client(town.app)
    await door.get("/sign-in")
    values = {"name": "hanh", "password": PASSWORD}
    before = code_at(town.village.secrets["hanh"], town.now[0])
    assert (await door.post("/sign-in", values | {"code": before})).status == 401
    town.village.secrets["hanh"] = key
    await town.signed_in("hanh")
    assert (await door.post("/sign-in", values | {"code": codes[0]})).status == 303
    (accepted,) = [row for row in rows(connection, "accounts") if row[2].startswith("accept_totp")]
    assert accepted[:2] == (1, 1)


async def test_renewing_the_authenticator_ends_the_sessions_elsewhere_and_not_this_one(town: Town) -> None:
    elsewhere = await town.signed_in("hanh")
    police = await town.signed_in("huy")
    town.now[0] += A_CODE_LATER
    client = await town.signed_in("hanh")
    key = key_on(await asked_for_another(town, client))
    assert (await client.post("/account/factor/accept", {"code": "000000"})).status == 422
    assert (await elsewhere.get("/account")).status == 200
    assert (await client.post("/account/factor/accept", {"code": code_at(key, town.now[0])})).status == 200
    assert (await client.get("/account")).status == 200
    assert (await police.get("/account")).status == 200
    assert (await elsewhere.get("/account")).headers["location"] == "/sign-in"


async def test_the_key_is_drawn_for_the_camera_of_the_app(town: Town) -> None:
    client = await town.signed_in("hanh")
    page = await asked_for_another(town, client)
    assert page.text.count('<svg viewBox="0 0') >= 1
    assert 'class="qr"' in page.text
    long = {"code": "000000", "address": "otpauth://totp/x?secret=" + "A" * 5000}
    again = await client.post("/account/factor/accept", long)
    assert (again.status, 'class="qr"' in again.text) == (422, False)


@pytest.mark.parametrize("address", ["/keys", "/nowhere", "/problems/conflict"])
async def test_a_stranger_chooses_the_language_on_any_page(town: Town, address: str) -> None:
    stranger = Client(town.app)
    page = await stranger.get(address)
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert token
    other = Client(town.app)
    refused = await other.post("/language", {"language": "en", "back": address}, token=token.group(1))
    assert refused.status == 403
    chosen = await stranger.post("/language", {"language": "en", "back": address}, token=token.group(1))
    assert (chosen.status, chosen.headers.get("location")) == (303, address)
    assert 'lang="en"' in (await stranger.get(address)).text
    assert (await stranger.get("/sign-in")).status == 200


async def test_the_password_is_changed_from_the_account(town: Town) -> None:
    client = await town.signed_in("hanh")
    page = await client.get("/account")
    assert 'href="/password"' in page.text
    values = {"present": PASSWORD, "wanted": "quite another password", "again": "quite another password"}
    changed = await client.post("/password", values)
    assert changed.headers["location"] == "/account?done=password"
    assert "Đã đổi mật khẩu" in (await client.get(changed.headers["location"])).text


async def test_the_account_speaks_both_languages_and_is_led_to_from_every_page(town: Town) -> None:
    client = await town.signed_in("hanh")
    assert 'href="/account">Tài khoản của tôi<' in (await client.get("/")).text
    page = await client.get("/account")
    for text in ("Trần Thị Minh Hạnh", "hanh", "Công chức tư pháp - hộ tịch", "Ủy ban nhân dân phường Hồng Hà"):
        assert text in page.text
    client.language = "en"
    assert "Set up another authenticator" in (await client.get("/account")).text
    assert (await Client(town.app).get("/account")).headers["location"] == "/sign-in"
