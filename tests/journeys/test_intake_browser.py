"""A source file is sent, looked at, corrected, loaded and handed back in a real browser, wide and narrow."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no stubs
from playwright.sync_api import Browser, Page, expect
from tests.journeys.browser import screenshots_folder, served
from tests.journeys.bureau import employ
from tests.journeys.test_portal_town_browser import sign_in
from tests.journeys.village import Village, settle

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.settings import Settings
from dancu.intake.uploads import load_next

pytestmark = pytest.mark.browser

FILE = Path(__file__).parents[1] / "data" / "intake" / "benh-vien.csv"
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture
def village(database_dsn: str, tmp_path: Path) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            return await employ(database, tmp_path, await settle(database, tmp_path))

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, found()).result()


@pytest.fixture
def town(village: Village, database_dsn: str, tmp_path: Path) -> Iterator[str]:
    with served(create_app(Settings(home=tmp_path), Database(database_dsn, size=4))) as address:
        yield address


@pytest.fixture
def page(browser: Browser, town: str) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, locale="vi")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def check(page: Page, name: str) -> None:
    """Hold a page against the rules of accessibility, wide and narrow, and keep pictures."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.screenshot(path=screenshots_folder() / f"intake-{name}.png", full_page=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.screenshot(path=screenshots_folder() / f"intake-{name}-narrow.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def work(dsn: str, home: Path) -> None:
    """Let the worker load what waits."""

    async def done() -> None:
        async with Database(dsn, role="dancu_loader", size=8, keys=ring_of(dsn, home / "keys")) as database:
            assert await load_next(database, dsn, folder=home / "spool", clock=lambda: datetime.now(UTC))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, done()).result()


def test_a_source_file_goes_through_the_desk(
    page: Page, town: str, village: Village, database_dsn: str, tmp_path: Path
) -> None:
    sign_in(page, town, village, "binh")
    page.get_by_role("link", name="Tệp nguồn").click()
    expect(page.locator("h1")).to_have_text("Tệp nguồn")
    page.get_by_label("Nguồn", exact=True).fill("bệnh viện")
    page.get_by_label("Tệp", exact=True).set_input_files(FILE)
    page.get_by_role("button", name="Xem tệp").click()
    expect(page.locator("h1")).to_have_text("benh-vien.csv")
    expect(page.get_by_text("thử thấy nhiều âm tiết tiếng Việt nhất")).to_be_visible()
    check(page, "file")
    page.get_by_label("Nghĩa là: Ghi chú").select_option("household_no")
    page.get_by_role("button", name="Xem lại").click()
    expect(page.get_by_label("Nghĩa là: Ghi chú")).to_have_value("household_no")
    page.get_by_label("Nghĩa là: Ghi chú").select_option("ignored")
    page.get_by_role("button", name="Nạp như vậy").click()
    expect(page.locator("#state")).to_contain_text("chờ nạp")
    check(page, "waiting")
    work(database_dsn, tmp_path)
    expect(page.get_by_role("link", name="Tải kết quả")).to_be_visible()
    check(page, "loaded")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải kết quả").click()
    assert download.value.suggested_filename.endswith("-result.zip")
    page.get_by_role("link", name="Tệp nguồn").first.click()
    check(page, "list")
