"""The board of quality in a real browser: lists to put right, a sample checked; accessible, narrow and wide."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no stubs
from playwright.sync_api import Browser, Page, expect
from tests.journeys.browser import screenshots_folder, served
from tests.journeys.bureau import employ
from tests.journeys.test_portal_town_browser import sign_in
from tests.journeys.village import HONG_HA, Village, settle
from tests.store.quality_town import QualityTown

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.quality.run import run
from dancu.reference.load import load_reference

pytestmark = pytest.mark.browser

NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture
def village(database_dsn: str, tmp_path: Path) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            return await employ(database, tmp_path, await settle(database, tmp_path))

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
        load_reference(connection)
        measured_for_three_weeks(connection, database_dsn)
    with ThreadPoolExecutor(1) as thread:
        village = thread.submit(asyncio.run, found()).result()
    run(database_dsn, now=datetime.now(UTC), again=True)
    return village


def measured_for_three_weeks(connection: psycopg.Connection, dsn: str) -> None:
    """A town of some hundred persons that gets better, with what sources and officers left to do."""
    now, town = datetime.now(UTC), QualityTown(connection)
    people = [town.person(ethnicity=0 if i % 3 else 201, commune_code=HONG_HA) for i in range(300)]
    there = [town.person(province_code="79", commune_code="26740", origin_unit=None) for _ in range(200)]
    town.act(1, [*people, *there], valid_on=20200101, known_at=now - timedelta(days=900), source="công an")
    town.batch("bảo hiểm", people[:200], [3] * 200, scores=[0.9995] * 150 + [0.97] * 50)
    connection.execute("INSERT INTO quality.source (source, independent) VALUES ('bảo hiểm', true)")
    town.doubt(people[:2], [0.93, 0.93], opened_at=now - timedelta(days=9))
    for week in (3, 2, 1):
        run(dsn, now=now - timedelta(weeks=week))
        connection.execute("UPDATE register.person SET ethnicity = 201 WHERE person_id %% %s = 1", (3 + week,))


@pytest.fixture
def town(village: Village, database_dsn: str, tmp_path: Path) -> Iterator[str]:
    app = create_app(Settings(home=tmp_path), Database(database_dsn, size=4))
    with served(app) as address:
        yield address


@pytest.fixture
def page(browser: Browser, town: str) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, locale="vi")  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield page
    assert [one for one in said if "422" not in one and "403" not in one] == []
    context.close()


def check(page: Page, name: str) -> None:
    """Hold a page against the rules of accessibility, wide and narrow, and keep pictures."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.screenshot(path=screenshots_folder() / f"quality-{name}.png", full_page=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.screenshot(path=screenshots_folder() / f"quality-{name}-narrow.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def dossier_chosen(page: Page, town: str, village: Village) -> None:
    page.goto(f"{town}/dossiers/new")
    page.locator("#f-matter").select_option("population.verify")
    page.locator("#f-requester").fill("Kiểm tra chất lượng")
    page.locator("#f-number").fill(village.numbers["Nguyễn Văn An"])
    page.locator("#f-person_name").fill("Nguyễn Văn An")
    for part, value in (("day", "12"), ("month", "3"), ("year", "1985")):
        page.locator(f"#f-born-{part}").fill(value)
    page.get_by_role("button", name="Mở hồ sơ").click()
    expect(page.locator("h1")).to_have_text("Nguyễn Văn An")
    page.goto(f"{town}/quality/samples")


def test_a_province_sees_its_own_figures_and_puts_records_right(page: Page, town: str, village: Village) -> None:
    sign_in(page, town, village, "thao")
    page.get_by_role("link", name="Chất lượng").click()
    expect(page.locator("h1")).to_have_text("Chất lượng dữ liệu dân cư")
    expect(page.locator(".page-head")).to_contain_text("Hà Nội")
    expect(page.locator(".quality-tiles > section")).to_have_count(4)
    expect(page.locator("#f-place")).to_have_count(0)
    check(page, "board")
    page.get_by_role("link", name="Trường bắt buộc đã có").click()
    expect(page.locator("main")).to_contain_text("chưa đạt")
    check(page, "measure")
    page.locator("main").get_by_role("link", name="Hồ sơ cần sửa").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    check(page, "list")
    page.get_by_role("link", name="Xem tiếp").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    page.locator("tbody a").first.click()
    expect(page).to_have_url(re.compile("/people/"))
    page.goto(f"{town}/quality?place=79")
    expect(page.locator("main")).to_contain_text("Bạn xem được số liệu của tỉnh mình")


def test_the_center_compares_provinces_and_checks_a_sample(page: Page, town: str, village: Village) -> None:
    sign_in(page, town, village, "binh")
    page.get_by_role("link", name="Chất lượng").click()
    page.get_by_role("link", name="Trường bắt buộc đã có").click()
    expect(page.locator(".multiples > li")).to_have_count(2)
    expect(page.locator(".multiples svg").first).to_be_visible()
    check(page, "provinces")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").startswith("day,measure")
    page.goto(f"{town}/quality/samples")
    expect(page.locator("main")).to_contain_text("phải gắn với hồ sơ")
    check(page, "samples-no-dossier")
    dossier_chosen(page, town, village)
    page.locator("#f-size").fill("many")
    page.get_by_role("button", name="Rút mẫu", exact=True).click()
    expect(page.locator("#e-size")).to_contain_text("số nguyên")
    check(page, "samples")
    page.locator("#f-size").fill("12")
    page.get_by_role("button", name="Rút mẫu", exact=True).click()
    expect(page.locator("h1")).to_have_text("Người, đối chiếu giấy tờ")
    page.locator("tbody a").first.click()
    page.get_by_role("button", name="Ghi nhận và tiếp tục").click()
    expect(page.locator("[data-summary]")).to_be_visible()
    check(page, "item")
    for _ in range(2):
        for field in ("name", "born", "sex", "number", "residence"):
            page.locator(f"#f-{field}").get_by_label("Đúng", exact=True).check()
        page.get_by_role("button", name="Ghi nhận và tiếp tục").click()
    expect(page.locator("h1")).to_contain_text("Kiểm tra 3")
    page.get_by_role("link", name="Mẫu", exact=True).click()
    expect(page.locator(".page-head")).to_contain_text(re.compile("đã kiểm 2 / 1"))
    check(page, "sample")
