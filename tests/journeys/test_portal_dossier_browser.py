"""A dossier in a real browser: usable by keyboard and reader, narrow and wide; pictures of it are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no stubs
from playwright.sync_api import Page, expect
from tests.journeys.test_portal_town_browser import keep, sign_in
from tests.journeys.test_portal_town_browser import page as page_of_town
from tests.journeys.test_portal_town_browser import town as town_of_village
from tests.journeys.test_portal_town_browser import village as village_of_town
from tests.journeys.village import Village
from tests.unit.test_documents import pdf

pytestmark = pytest.mark.browser

page, town, village = page_of_town, town_of_village, village_of_town
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def check(page: Page, name: str) -> None:
    """Hold a page against the rules of accessibility, wide and narrow, and keep pictures."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    keep(page, name)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    keep(page, f"{name}-narrow")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def opened(page: Page, town: str, village: Village, matter: str) -> None:
    page.goto(f"{town}/dossiers/new")
    page.locator("#f-matter").select_option(matter)
    page.locator("#f-requester").fill("Nguyễn Văn An")
    page.locator("#f-number").fill(village.numbers["Nguyễn Văn An"])
    page.locator("#f-person_name").fill("Nguyễn Văn An")
    for part, value in (("day", "12"), ("month", "3"), ("year", "1985")):
        page.locator(f"#f-born-{part}").fill(value)
    page.get_by_role("button", name="Mở hồ sơ").click()
    expect(page.locator("h1")).to_have_text("Nguyễn Văn An")
    page.goto(f"{town}/dossiers")
    page.locator("td a.num").first.click()


def test_a_dossier_is_worked_on(page: Page, town: str, village: Village, tmp_path: Path) -> None:
    sign_in(page, town, village, "hanh")
    opened(page, town, village, "1.004859")
    paper = tmp_path / "giấy khai sinh.pdf"
    paper.write_bytes(pdf(b"<</S/JavaScript>>"))
    page.locator("#f-document").set_input_files(paper)
    page.get_by_role("button", name="Đính kèm", exact=True).last.click()
    expect(page.locator("#e-document")).to_contain_text("có thể tự chạy")
    check(page, "dossier-refused-document")
    paper.write_bytes(pdf())
    page.locator("#f-document").set_input_files(paper)
    page.get_by_role("button", name="Đính kèm", exact=True).last.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="giấy khai sinh.pdf").click()
    assert download.value.suggested_filename == "giấy khai sinh.pdf"
    assert Path(download.value.path()).read_bytes() == pdf()
    page.get_by_label("Yêu cầu người nộp bổ sung").check()
    page.locator("#f-reason").fill("Thiếu bản chính giấy khai sinh")
    page.get_by_role("button", name="Thực hiện").click()
    expect(page.locator(".page-head")).to_contain_text("chờ người nộp bổ sung")
    check(page, "dossier")
    page.get_by_role("link", name="Phiếu để in").click()
    expect(page.locator("h1")).to_have_text("Phiếu hướng dẫn bổ sung, hoàn thiện hồ sơ")
    check(page, "paper")
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    keep(page, "paper-printed")


@pytest.fixture(autouse=True)
def _no_mistakes_on_the_console(page: Page) -> Iterator[None]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield
    assert [one for one in said if "422" not in one] == []
