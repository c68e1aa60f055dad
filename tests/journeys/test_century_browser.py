"""A family's century in a real browser, over a real register: from a birth long ago to a mistaken merge undone."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.browser import screenshots_folder, served
from tests.journeys.test_portal_browser import STANDARD, _axe
from tests.journeys.village import LOADED, PASSWORD, Village, code_at, settle

from dancu.access import accounts
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.app import create_app
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.settings import Settings
from dancu.kernel.time import today

pytestmark = pytest.mark.browser

TODAY = today(datetime.now(UTC))
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def village(database_dsn: str, tmp_path: Path) -> Village:
    async def found() -> Village:
        async with Database(database_dsn, size=1) as database:
            village = await settle(database, tmp_path)
            factors = SecondFactors(ring_of(database_dsn, tmp_path / "keys"))
            async with database.transaction(scope="none") as tx:
                by = (await accounts.account(tx, "admin")).officer_id
                for name, full_name, role in (
                    ("tam", "Phạm Văn Tâm", "center_officer"),
                    ("tam2", "Ngô Thị Tâm", "center_officer"),
                    ("tra", "Hoàng Thanh Tra", "auditor"),
                ):
                    opened = await accounts.open_account(
                        tx,
                        name=name,
                        full_name=full_name,
                        account_class=AccountClass.OPERATOR,
                        factors=factors,
                        by=by,
                        now=LOADED,
                        password=PASSWORD,
                    )
                    await accounts.assign(tx, name=name, role=role, unit_code="", by=by, now=LOADED)
                    village.secrets[name] = str(pyotp.parse_uri(opened.totp_uri).secret)
            return village

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, found()).result()


@pytest.fixture
def town(village: Village, database_dsn: str, tmp_path: Path) -> Iterator[str]:
    app = create_app(Settings(home=tmp_path), Database(database_dsn, size=4))
    with served(app) as address:
        yield address


@dataclass
class Officer:
    """Somebody at a desk, and what they do there."""

    page: Page
    town: str

    def keep(self, name: str) -> None:
        """Keep pictures at both widths, and see that nothing stands against the guidelines or leaves the window."""
        self.page.evaluate(_axe())
        found = self.page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", STANDARD)
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == [], name
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.page.screenshot(path=screenshots_folder() / f"century-{name}-{width}.png", full_page=True)
            wide = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not wide, f"{name} is wider than {width}"
        self.page.set_viewport_size({"width": 1280, "height": 800})

    def open(self, question: str, name: str) -> None:
        """Find somebody and open the record."""
        self.page.goto(f"{self.town}/")
        self.page.get_by_role("searchbox").fill(question)
        self.page.keyboard.press("Enter")
        self.page.locator(".hit-name a", has_text=name).first.click()
        expect(self.page.locator("h1")).to_have_text(name)

    def begin(self, title: str) -> None:
        """Begin an act from the menu of the person's page."""
        self.page.get_by_text("Ghi việc đăng ký", exact=True).click()
        self.page.locator(".menu-in").get_by_role("link", name=title, exact=True).click()
        expect(self.page.locator("h1")).to_have_text(title)

    def date(self, name: str, day: date | int) -> None:
        """Fill in a date, or a year alone."""
        whole = isinstance(day, date)
        parts = {"day": f"{day:%d}", "month": f"{day:%m}", "year": f"{day:%Y}"} if whole else {"year": str(day)}
        for part, text in parts.items():
            self.page.locator(f"#f-{name}-{part}").fill(text)

    def choose(self, name: str, typed: str) -> None:
        """Choose the first suggestion of a type-ahead."""
        box = self.page.locator(f"#f-{name}")
        box.fill("")
        box.press_sequentially(typed)
        self.page.locator(f"#l-{name} li").first.wait_for()
        box.press("ArrowDown")
        box.press("Enter")

    def check(self, *, proposed: bool = False) -> None:
        """Send the form to the check and confirm it."""
        self.page.get_by_role("button", name="Tiếp tục kiểm tra").last.click()
        expect(self.page.get_by_role("heading", name="Thông tin đã đúng chưa?")).to_be_visible()
        self.page.get_by_role("button", name="Đề xuất" if proposed else "Ghi vào sổ", exact=True).click()
        expect(self.page.locator(".notice-ok h2")).to_have_text("Đã đề xuất" if proposed else "Đã ghi")

    def second(self) -> None:
        """Agree to the one act that is proposed."""
        self.page.goto(f"{self.town}/proposals")
        self.page.locator("main table a").first.click()
        self.page.get_by_role("button", name="Đồng ý và ghi").click()
        expect(self.page.locator(".notice-ok h2")).to_have_text("Đã ghi")


@pytest.fixture
def desks(browser: Browser, town: str, village: Village) -> Iterator[dict[str, Officer]]:
    found: dict[str, Officer] = {}
    for name in ("hanh", "huy", "tam", "tam2", "tra"):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi", bypass_csp=True)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{town}/")
        page.get_by_label("Tên đăng nhập").fill(name)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_label("Mã từ ứng dụng xác thực").fill(code_at(village.secrets[name], datetime.now(UTC)))
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.locator(".who-name")).to_be_visible()
        found[name] = Officer(page, town)
    yield found
    for one in found.values():
        one.page.context.close()


def test_a_family_lives_a_century(desks: dict[str, Officer], village: Village) -> None:
    registrar, police, center, second = (desks[name] for name in ("hanh", "huy", "tam", "tam2"))
    collect(police, "Nguyễn", "Văn", "Cụ", 1926, "Nam")
    registrar.page.goto(f"{registrar.town}/acts")
    registrar.keep("acts")
    late_birth(registrar)
    marriage(registrar)
    school(police)
    child(registrar)
    divorce(registrar)
    adoption(registrar)
    death(registrar)
    merge_and_undo(police, center, second)
    protection(registrar, village.numbers["Lê Thị Dung"])
    inspection(desks["tra"])


def collect(police: Officer, surname: str, middle: str, given: str, born: int, sex: str) -> None:
    """Somebody of whom there is no paper is collected into the register."""
    page = police.page
    page.goto(f"{police.town}/acts/person_established/new")
    for name, text in (("surname", surname), ("middle", middle), ("given", given)):
        page.locator(f"#f-{name}").fill(text)
    police.date("born", born)
    page.locator("#f-sex").select_option(label=sex)
    police.choose("residence", "hong ha")
    page.locator("#f-residence_detail").fill("3 Phúc Xá")
    police.date("since", date(2000, 1, 1))
    police.keep("collect")
    page.get_by_role("button", name="Tiếp tục kiểm tra").last.click()
    expect(page.locator(".notice-ok")).to_be_visible()
    page.get_by_role("button", name="Ghi vào sổ", exact=True).click()
    expect(page.locator(".notice").first).to_be_visible()
    if page.get_by_role("checkbox", name=re.compile("Tôi đã kiểm tra")).count():
        police.keep("collect-again")
        page.get_by_role("checkbox", name=re.compile("Tôi đã kiểm tra")).check()
        police.check()


def late_birth(registrar: Officer) -> None:
    """A birth of 1955 is registered late; the father is the one who was collected."""
    registrar.open("nguyen van cu 1926", "Nguyễn Văn Cụ")
    page = registrar.page
    page.get_by_role("link", name="Đăng ký khai sinh", exact=True).first.click()
    for name, text in (("surname", "Nguyễn"), ("middle", "Văn"), ("given", "Bình")):
        page.locator(f"#f-{name}").fill(text)
    registrar.date("born", date(1955, 5, 5))
    page.get_by_label("Nam", exact=True).check()
    registrar.choose("birth_place", "hong ha")
    page.locator("input[name=mother_unknown]").check()
    for name, text in (("book", "01/2026"), ("book_number", "12")):
        page.locator(f"#f-{name}").fill(text)
    page.get_by_role("button", name="Tiếp tục kiểm tra").click()
    page.get_by_role("button", name="Ghi vào sổ").click()
    expect(page.locator(".result-number")).to_have_text(re.compile(r"\d{12}"))


def marriage(registrar: Officer) -> None:
    """Two people marry."""
    registrar.open("nguyen van an 1985", "Nguyễn Văn An")
    registrar.keep("person")
    registrar.page.get_by_text("Ghi việc đăng ký", exact=True).click()
    registrar.keep("menu")
    registrar.page.get_by_text("Ghi việc đăng ký", exact=True).click()
    registrar.begin("Đăng ký kết hôn")
    registrar.choose("other", "le thi dung 1987")
    registrar.date("on", date(2012, 9, 9))
    registrar.page.locator("#f-book_number").fill("45")
    registrar.keep("marriage")
    registrar.page.get_by_role("button", name="Tiếp tục kiểm tra").last.click()
    expect(registrar.page.locator("main .lines")).to_contain_text("Lê Thị Dung")
    registrar.keep("marriage-check")
    registrar.page.get_by_role("button", name="Ghi vào sổ", exact=True).click()
    registrar.keep("marriage-done")


def school(police: Officer) -> None:
    """A child of school age moves with the mother, nearer to the school."""
    police.open("le thi dung 1987", "Lê Thị Dung")
    page = police.page
    page.get_by_role("link", name="Đăng ký thường trú", exact=True).first.click()
    page.get_by_label(re.compile("Nguyễn Lê Minh")).check()
    police.date("on", YESTERDAY)
    police.choose("unit", "hong ha")
    page.locator("#f-detail").fill("7 Hàng Than")
    police.keep("school")
    page.get_by_role("button", name="Tiếp tục kiểm tra").click()
    page.get_by_role("button", name="Ghi vào sổ").click()
    expect(page.locator(".notice-ok h2")).to_have_text("Đã ghi")
    police.open("nguyen le minh 2015", "Nguyễn Lê Minh")
    expect(page.locator("#residence")).to_contain_text("7 Hàng Than")
    expect(page.locator("#household")).to_contain_text("Chủ hộ")


def child(registrar: Officer) -> None:
    """A second child is born."""
    registrar.open("le thi dung 1987", "Lê Thị Dung")
    page = registrar.page
    page.get_by_role("link", name="Đăng ký khai sinh", exact=True).first.click()
    page.locator("#f-surname").fill("Nguyễn")
    page.locator("#f-given").fill("Khuê")
    registrar.date("born", YESTERDAY)
    page.get_by_label("Nữ", exact=True).check()
    registrar.choose("birth_place", "hong ha")
    registrar.choose("father", "nguyen van an 1985")
    for name, text in (("book", "01/2026"), ("book_number", "46")):
        page.locator(f"#f-{name}").fill(text)
    page.get_by_role("button", name="Tiếp tục kiểm tra").click()
    page.get_by_role("button", name="Ghi vào sổ").click()
    expect(page.locator(".result-number")).to_have_text(re.compile(r"\d{12}"))


def divorce(registrar: Officer) -> None:
    """The marriage ends."""
    registrar.open("nguyen van an 1985", "Nguyễn Văn An")
    registrar.begin("Ghi việc ly hôn")
    registrar.date("on", YESTERDAY)
    registrar.page.locator("#f-evidence").fill("Quyết định 12/2026/QĐST-HNGĐ, Tòa án nhân dân khu vực 1")
    registrar.keep("divorce")
    registrar.check()
    registrar.open("nguyen van an 1985", "Nguyễn Văn An")
    expect(registrar.page.locator("#identity")).to_contain_text("Ly hôn")
    expect(registrar.page.locator("#events")).to_contain_text("Tòa án cho ly hôn")
    registrar.keep("divorced")


def adoption(registrar: Officer) -> None:
    """The first child is adopted, and the record is masked from then on."""
    registrar.open("nguyen le minh 2015", "Nguyễn Lê Minh")
    registrar.begin("Đăng ký nuôi con nuôi")
    registrar.choose("adopters_1", "nguyen van binh 1955")
    registrar.date("on", TODAY)
    registrar.page.get_by_label("Trẻ đã đồng ý bằng văn bản").check()
    registrar.keep("adoption")
    registrar.check()
    registrar.page.goto(f"{registrar.town}/")
    registrar.page.get_by_role("searchbox").fill("nguyen le minh 2015")
    registrar.page.keyboard.press("Enter")
    expect(registrar.page.locator("#results")).to_contain_text("Không tìm thấy ai")


def death(registrar: Officer) -> None:
    """The eldest dies at a hundred."""
    registrar.open("nguyen van cu 1926", "Nguyễn Văn Cụ")
    registrar.begin("Đăng ký khai tử")
    registrar.date("died", YESTERDAY)
    registrar.check()
    registrar.open("nguyen van cu 1926", "Nguyễn Văn Cụ")
    expect(registrar.page.locator(".person-facts")).to_contain_text(f"{YESTERDAY:%d/%m/%Y}")
    expect(registrar.page.locator("#family")).to_contain_text("Nguyễn Văn Bình")
    registrar.keep("dead")


def merge_and_undo(police: Officer, center: Officer, second: Officer) -> None:
    """A namesake is taken for the same person; a second officer agrees, and both find out and undo it."""
    collect(police, "Lê", "Thị", "Dung", 1987, "Nữ")
    one, other = _hits(center, "le thi dung 1987")
    survivor, merged = (one, other) if _has_number(center, one) else (other, one)
    center.page.goto(center.town + survivor)
    center.begin("Hợp nhất hai hồ sơ của một người")
    center.page.evaluate(
        "ref => { document.querySelector('[name=merged]').value = 'Lê Thị Dung';"
        " document.querySelector('[name=merged_ref]').value = ref; }",
        merged.removeprefix("/people/"),
    )
    center.page.locator("#f-reason").fill("Trùng họ tên và năm sinh")
    center.keep("merge")
    center.check(proposed=True)
    center.keep("merge-proposed")
    second.page.goto(f"{second.town}/proposals")
    second.keep("proposals")
    second.page.locator("main table a").first.click()
    second.keep("proposal")
    second.page.get_by_role("button", name="Đồng ý và ghi").click()
    second.keep("merge-done")
    center.page.goto(center.town + merged)
    expect(center.page.locator("h1")).not_to_have_text("Lê Thị Dung")
    center.page.goto(f"{center.town}/acts/record_unmerged/new")
    center.page.evaluate(
        "ref => { document.querySelector('[name=merged]').value = 'Lê Thị Dung';"
        " document.querySelector('[name=merged_ref]').value = ref; }",
        merged.removeprefix("/people/"),
    )
    center.page.locator("#f-reason").fill("Hai người khác nhau")
    center.check(proposed=True)
    second.second()
    center.page.goto(center.town + merged)
    expect(center.page.locator("h1")).to_have_text("Lê Thị Dung")
    expect(center.page.locator("#events")).to_contain_text("Hủy việc hợp nhất")
    center.keep("unmerged")


def protection(registrar: Officer, number: str) -> None:
    """The mother is protected; on a dossier her record opens with a reason, which her office is told."""
    registrar.open(number, "Lê Thị Dung")
    registrar.begin("Bảo vệ hồ sơ")
    page = registrar.page
    page.locator("#f-ground").select_option(label="Người bị đe dọa")
    page.locator("#f-reason").fill("Quyết định bảo vệ số 5")
    page.locator("#f-evidence").fill("Quyết định số 5/2026")
    registrar.check()
    page.goto(f"{registrar.town}/dossiers/new")
    page.locator("#f-matter").select_option(label="Thay đổi, cải chính, bổ sung thông tin hộ tịch")
    for name, text in (("requester", "Lê Thị Dung"), ("number", number), ("person_name", "Lê Thị Dung")):
        page.locator(f"#f-{name}").fill(text)
    registrar.date("born", 1987)
    page.get_by_role("button", name="Mở hồ sơ", exact=True).click()
    expect(page.locator("h1")).to_have_text("Hồ sơ được bảo vệ")
    registrar.keep("masked")
    page.locator("#f-reason").fill("Cải chính ngày sinh theo yêu cầu của chính người đó")
    page.get_by_role("button", name="Mở hồ sơ và thông báo").click()
    expect(page.locator("h1")).to_have_text("Lê Thị Dung")
    registrar.keep("unmasked")
    page.goto(f"{registrar.town}/notices")
    expect(page.locator("main table")).to_contain_text("theo yêu cầu của chính người đó")
    registrar.keep("notices")


def inspection(auditor: Officer) -> None:
    """An auditor reads what the registrar did, and what is unusual."""
    page = auditor.page
    page.goto(f"{auditor.town}/audit")
    auditor.keep("audit")
    page.locator("#f-text").fill("hanh")
    page.get_by_role("button", name="Đọc nhật ký").click()
    expect(page.locator("h1")).to_have_text("Trần Thị Minh Hạnh")
    auditor.keep("audit-uses")
    page.goto(f"{auditor.town}/audit/unusual?days=7")
    auditor.keep("audit-unusual")


def _hits(officer: Officer, question: str) -> list[str]:
    officer.page.goto(f"{officer.town}/")
    officer.page.get_by_role("searchbox").fill(question)
    officer.page.keyboard.press("Enter")
    officer.page.locator(".hit").first.wait_for()
    return [str(link.get_attribute("href")) for link in officer.page.locator(".hit-name a").all()]


def _has_number(officer: Officer, ref: str) -> bool:
    officer.page.goto(officer.town + ref)
    return officer.page.locator(".person-id").count() > 0
