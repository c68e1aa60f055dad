"""The thread in a real browser over a real register; the pictures of it are kept."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.browser import screenshots_folder, served
from tests.journeys.village import PASSWORD, Village, code_at, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def village(database_dsn: str, tmp_path: Path) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            return await settle(database, tmp_path)

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, found()).result()


@pytest.fixture
def town(village: Village, database_dsn: str, tmp_path: Path) -> Iterator[str]:
    app = create_app(Settings(home=tmp_path), Database(database_dsn, size=4))
    with served(app) as address:
        yield address


@pytest.fixture
def page(browser: Browser, town: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi")
    yield context.new_page()
    context.close()


def sign_in(page: Page, town: str, village: Village, name: str) -> None:
    page.goto(f"{town}/")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_label("Mã từ ứng dụng xác thực").fill(code_at(village.secrets[name], datetime.now(UTC)))
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("searchbox")).to_be_focused()


def keep(page: Page, name: str) -> None:
    page.screenshot(path=screenshots_folder() / f"thread-{name}.png", full_page=True)


def test_an_officer_walks_the_thread(page: Page, town: str, village: Village) -> None:
    sign_in(page, town, village, "hanh")
    expect(page.locator(".ribbon")).to_contain_text("SYNTHETIC")
    page.keyboard.type("le thi dung 1987")
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(1)
    keep(page, "search")
    page.locator(".hit-name a").click()
    expect(page.locator("h1")).to_have_text("Lê Thị Dung")
    keep(page, "person")
    page.get_by_role("link", name="Đăng ký khai sinh").click()
    page.get_by_label("Họ", exact=True).fill("Nguyễn")
    page.get_by_label("Tên", exact=True).fill("Khuê")
    today = datetime.now(UTC)
    page.locator("#f-born-day").press_sequentially(f"{today:%d%m%Y}")
    page.get_by_label("Nữ", exact=True).check()
    place = page.get_by_role("combobox", name="Xã, phường nơi sinh")
    place.press_sequentially("hong ha")
    page.locator("#l-birth_place li").first.wait_for()
    place.press("ArrowDown")
    place.press("Enter")
    father = page.get_by_role("combobox", name="Cha")
    father.press_sequentially("nguyen van an 1985")
    page.locator("#l-father li").first.wait_for()
    keep(page, "birth")
    father.press("ArrowDown")
    father.press("Enter")
    for label, value in (("Quyển số", "01/2026"), ("Số", "45")):
        page.get_by_label(label, exact=True).fill(value)
    expect(page.locator("#checks")).to_contain_text("chưa có vướng mắc")
    page.get_by_role("button", name="Tiếp tục kiểm tra").click()
    expect(page.locator("main .lines")).to_contain_text("Nguyễn Văn An")
    keep(page, "review")
    page.get_by_role("button", name="Ghi vào sổ").click()
    expect(page.locator(".result-number")).to_have_text(re.compile(r"\d{12}"))
    keep(page, "number")
    page.get_by_role("link", name="Xem hồ sơ công dân").click()
    expect(page.locator("h1")).to_have_text("Nguyễn Khuê")
    expect(page.locator("#household")).to_contain_text("Nguyễn Văn An")
    keep(page, "child")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#looks")).to_contain_text("Who looked")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()


def test_an_error_is_shown_where_the_results_would_stand(page: Page, town: str, village: Village) -> None:
    sign_in(page, town, village, "hanh")
    page.locator("input[name=form_token]").evaluate_all("tokens => tokens.forEach(t => { t.value = '00'; })")
    page.keyboard.type("le thi dung 1987")
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_contain_text("Biểu mẫu đã cũ")
