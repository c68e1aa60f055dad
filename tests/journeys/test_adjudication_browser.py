"""The queue of doubtful cases worked with the keyboard in a real browser; a wrong merge is undone."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no stubs
from playwright.sync_api import Browser, Page, expect
from tests.journeys.browser import screenshots_folder, served
from tests.journeys.bureau import apart, employ
from tests.journeys.test_portal_town_browser import sign_in
from tests.journeys.village import HONG_HA, Village, settle
from tests.store.adjudication_office import Bureau

from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.settings import Settings
from dancu.kernel.codes import PersonStatus, Sex

pytestmark = pytest.mark.browser

NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
AN = {"surname": "Nguyen", "middle": "Van", "given": "An", "born": "1985-03-12", "sex": "1", "permanent_unit": HONG_HA}
CUC = {"surname": "Hoàng", "middle": "Thị", "given": "Cúc", "born": "1990-04-05", "sex": "2"}


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
    assert [one for one in said if "422" not in one and "409" not in one] == []
    context.close()


def check(page: Page, name: str) -> None:
    """Hold a page against the rules of accessibility, wide and narrow, and keep pictures."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.screenshot(path=screenshots_folder() / f"queue-{name}.png", full_page=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.screenshot(path=screenshots_folder() / f"queue-{name}-narrow.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def another(page: Page, town: str, village: Village, name: str) -> None:
    """Sign out, and another officer in."""
    page.get_by_role("button", name="Đăng xuất").click()
    sign_in(page, town, village, name)


def carry_out(dsn: str, home: Path) -> None:
    apart(dsn, home, Bureau.carry_out)


def test_the_queue_is_worked_with_the_keyboard(
    page: Page, town: str, village: Village, database_dsn: str, tmp_path: Path
) -> None:
    async def in_doubt(bureau: Bureau) -> None:
        await bureau.person("Nguyễn Văn Ân", 19850312, unit="26740")
        await bureau.person("Hoàng Thị Cúc", 19900405, Sex.FEMALE)
        await bureau.load(AN, CUC | {"personal_number": "001190654321", "mother_name": "Trần Thị Đào"})
        await bureau.carry_out()

    apart(database_dsn, tmp_path, in_doubt)
    sign_in(page, town, village, "thao")
    page.get_by_role("link", name="Ca nghi vấn").click()
    expect(page.locator("h1")).to_have_text("Ca nghi vấn")
    expect(page.locator("tbody tr")).to_have_count(2)
    check(page, "list")
    page.get_by_role("button", name="Bắt đầu từ ca gấp nhất").click()
    seen: set[str] = set()
    for _ in range(2):
        expect(page.locator(".sides")).to_be_visible()
        name = page.locator(".sides tbody tr").first.inner_text()
        if "Cúc" in name:
            seen.add("cuc")
            check(page, "number")
            page.keyboard.press("1")
            expect(page.locator("[role=status]")).to_contain_text("Cần cán bộ thứ hai")
        else:
            seen.add("an")
            expect(page.locator("mark.differs").first).to_be_visible()
            check(page, "case")
            page.keyboard.press("?")
            expect(page.locator("dialog#keys")).to_contain_text("Cùng một người, khác người")
            page.keyboard.press("Escape")
            page.keyboard.press("j")
            page.keyboard.press("k")
            expect(page.locator("th.side-chosen")).to_have_count(1)
            page.keyboard.press("1")
            expect(page.locator("[role=status]")).to_contain_text("Đã ghi câu trả lời")
    assert seen == {"an", "cuc"}
    expect(page.locator("main")).to_contain_text("Không có ca nào đang chờ")
    another(page, town, village, "tam")
    page.get_by_role("link", name="Việc chờ duyệt").click()
    page.get_by_role("link", name="Có phải cùng một người không?").click()
    check(page, "second")
    page.get_by_role("button", name="Đồng ý", exact=True).click()
    expect(page.locator("[role=status]")).to_contain_text("Bạn đã đồng ý")
    carry_out(database_dsn, tmp_path)
    page.goto(f"{town}/queue/figures")
    expect(page.locator(".figures")).to_contain_text("2")
    check(page, "figures")
    with psycopg.connect(database_dsn) as connection:
        settled = connection.execute("SELECT d.state FROM intake.doubt d").fetchall()
    assert settled == [("settled",), ("settled",)]


def test_a_wrong_merge_is_undone(page: Page, town: str, village: Village, database_dsn: str, tmp_path: Path) -> None:
    async def twice(bureau: Bureau) -> int:
        other = await bureau.person("Nguyễn Văn An", 19850312, unit=HONG_HA)
        await bureau.pairs((village.people["Nguyễn Văn An"], other, 0.93))
        return other

    other = apart(database_dsn, tmp_path, twice)

    def status() -> int:
        with psycopg.connect(database_dsn) as connection:
            row = connection.execute("SELECT p.status FROM register.person p WHERE p.person_id = %s", (other,))
            return int(row.fetchall()[0][0])

    sign_in(page, town, village, "binh")
    page.goto(f"{town}/queue")
    page.get_by_role("button", name="Bắt đầu từ ca gấp nhất").click()
    expect(page.locator("h1")).to_have_text("Hai hồ sơ trong sổ")
    case = page.url
    check(page, "pair")
    page.keyboard.press("1")
    expect(page.locator("[role=status]")).to_contain_text("đã gửi đề nghị")
    agree(page, town, village, "chi")
    carry_out(database_dsn, tmp_path)
    assert status() == PersonStatus.MERGED
    page.goto(case.partition("?")[0])
    expect(page.locator("main")).to_contain_text("Cùng một người")
    check(page, "merged")
    page.get_by_label("Lý do").fill("hai người cùng tên")
    page.get_by_role("button", name="Đề nghị hủy").click()
    expect(page.locator("[role=status]")).to_contain_text("đã gửi đề nghị")
    agree(page, town, village, "khoi")
    assert status() == PersonStatus.ALIVE


def agree(page: Page, town: str, village: Village, name: str) -> None:
    """Let another officer agree to the one act that is proposed."""
    another(page, town, village, name)
    page.get_by_role("link", name="Việc chờ duyệt").click()
    page.locator("tbody tr a").first.click()
    page.get_by_role("button", name="Đồng ý và ghi").click()
    expect(page.locator("main")).to_be_visible()


def test_a_group_is_compared_and_whom_the_clerk_may_not_see_is_masked(
    page: Page, town: str, village: Village, database_dsn: str, tmp_path: Path
) -> None:
    async def in_doubt(bureau: Bureau) -> None:
        for name, unit in (
            ("Phan Thị Bích Hường", HONG_HA),
            ("Phan Thị Bích Hương", "00004"),
            ("Phan Thị Bích Hương", "26740"),
        ):
            await bureau.person(name, 19720904, Sex.FEMALE, unit)
        told = {"surname": "Phan", "middle": "Thị Bích", "given": "Hương", "born": "1972-09-04", "sex": "2"}
        await bureau.load(told | {"permanent_unit": HONG_HA, "mother_name": "Lê Thị Sen", "cmnd9": "012345678"})
        await bureau.carry_out()

    apart(database_dsn, tmp_path, in_doubt)
    sign_in(page, town, village, "thao")
    page.goto(f"{town}/queue")
    page.get_by_role("button", name="Bắt đầu từ ca gấp nhất").click()
    expect(page.locator("th.side")).to_have_count(4)
    expect(page.locator(".masked-side")).to_contain_text("Công an phường")
    expect(page.locator("tbody tr").first.locator(".agree:not(.unheard .agree)")).to_have_text("khớp")
    page.keyboard.press("j")
    expect(page.locator("th.side-chosen")).to_have_count(1)
    check(page, "group")
    page.keyboard.press("3")
    expect(page.locator("[role=status]")).to_contain_text("đã chuyển lên")
