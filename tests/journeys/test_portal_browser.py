"""The desk in a real browser: accessibility, keyboard, small screens, life without script."""

from collections.abc import Iterator
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.journeys.factories import TOKEN

pytestmark = pytest.mark.browser

PAGES = [
    "/sign-in",
    "/",
    "/people/an",
    "/people/an?on=2010-05-04",
    "/people/an?on=2010-05-04&known=2020-01-31",
    "/births/new?mother=dung",
    "/moves/new?person=an",
    "/dossiers",
    "/dossiers/new",
    "/dossiers/7/persons",
    "/acts",
    "/acts/divorced/new?person=an",
    "/acts/adopted/new?person=khue",
    "/acts/protected/new?person=an",
    "/acts/event_annulled/new?person=an",
    "/proposals",
    "/proposals/7/8",
    "/components",
    "/account",
    "/password",
    "/keys",
    "/nowhere",
]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _axe() -> str:
    files = metadata.files("axe-playwright-python") or []
    return Path(str(next(file for file in files if file.name == "axe.min.js").locate())).read_text(encoding="utf-8")


def _go(page: Page, site: str, address: str) -> None:
    if address == "/sign-in":
        page.context.clear_cookies()
    else:
        page.context.add_cookies([{"name": "dancu_session", "value": TOKEN, "url": site}])
    page.goto(site + address)


def _context(browser: Browser, site: str, *, width: int = 1280, language: str = "vi", **more: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=language, bypass_csp=True, **more)
    context.add_cookies([{"name": "dancu_session", "value": TOKEN, "url": site}])
    return context.new_page()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    page = _context(browser, site)
    yield page
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_pages_keep_to_the_accessibility_guidelines(browser: Browser, site: str, width: int, scheme: Any) -> None:
    page = _context(browser, site, width=width, color_scheme=scheme)
    axe = _axe()
    faults = []
    for address in PAGES:
        _go(page, site, address)
        page.evaluate(axe)
        found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", STANDARD)
        faults += [
            f"{address}: {fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]
    page.context.close()
    assert "\n".join(faults) == ""


def test_nothing_scrolls_sideways_on_a_small_screen(browser: Browser, site: str) -> None:
    page = _context(browser, site, width=360)
    wide = []
    for address in PAGES:
        _go(page, site, address)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(address)
    page.context.close()
    assert wide == []


def test_targets_are_large_enough(page: Page, site: str) -> None:
    small = []
    for address in PAGES:
        _go(page, site, address)
        small += page.evaluate(
            """address => [...document.querySelectorAll('button, select, input:not([type=hidden]), nav a, .quiet')]
            .filter(e => e.offsetParent && !e.closest('dialog'))
            .map(e => [e, e.getBoundingClientRect()])
            .filter(([e, box]) => Math.min(box.width, box.height) < 24 && !e.closest('label'))
            .map(([e]) => address + ' ' + e.outerHTML.slice(0, 80))""",
            address,
        )
    assert small == []


def test_every_page_has_one_title_and_headings_in_order(page: Page, site: str) -> None:
    for address in PAGES:
        _go(page, site, address)
        levels = page.evaluate("[...document.querySelectorAll('main :is(h1,h2,h3,h4)')].map(e => Number(e.tagName[1]))")
        assert levels.count(1) == 1, address
        assert levels[0] == 1, address
        assert all(after - before <= 1 for before, after in pairwise(levels)), address


def test_no_script_or_style_is_refused_by_the_policy(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="vi")
    context.add_cookies([{"name": "dancu_session", "value": TOKEN, "url": site}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in PAGES[:-1]:
        _go(page, site, address)
    page.goto(site)
    page.get_by_role("searchbox").fill("nguyen van an 1985")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    context.close()
    assert [text for text in complaints if "Autofocus" not in text] == []


def test_a_person_is_found_and_opened_by_keyboard_alone(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("Escape")
    page.locator("body").press("/")
    page.keyboard.type("nguyen van an 1985")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/an")
    assert page.locator("h1").inner_text() == "Nguyễn Văn An"


def test_the_last_question_is_asked_again_on_the_way_back(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("searchbox").fill("nguyen van an 1985")
    page.keyboard.press("Enter")
    page.locator(".hit-name a").first.click()
    page.wait_for_url("**/people/an")
    assert "nguyen" not in page.url
    page.go_back()
    page.wait_for_selector(".hit")


def test_the_skip_link_leads_to_the_content(page: Page, site: str) -> None:
    page.goto(f"{site}/people/an")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_help_opens_and_closes_by_key(page: Page, site: str) -> None:
    page.goto(f"{site}/people/an")
    page.locator("body").press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()


def test_the_slider_shows_a_day_of_the_past(page: Page, site: str) -> None:
    page.goto(f"{site}/people/an")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("PageDown")
    page.wait_for_selector(".notice-past")
    assert page.get_by_role("slider").get_attribute("aria-valuetext")


def test_a_day_of_knowledge_is_kept_while_the_slider_moves(page: Page, site: str) -> None:
    page.goto(f"{site}/people/an")
    page.locator("#known").fill("2020-01-31")
    page.locator("#known").dispatch_event("change")
    page.wait_for_selector(".notice-past")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("PageDown")
    page.wait_for_function("document.querySelector('#on').value < '2026-11-24'")
    page.wait_for_load_state("networkidle")
    assert page.locator("#known").input_value() == "2020-01-31"
    assert "31/01/2020" in page.locator(".notice-past").inner_text()


def test_a_commune_is_chosen_without_diacritics_by_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/births/new")
    box = page.get_by_role("combobox", name="Xã, phường nơi sinh")
    box.click()
    box.press_sequentially("hong ha")
    page.wait_for_selector("#l-birth_place:not([hidden]) li")
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant")
    box.press("Enter")
    assert "Hồng Hà" in box.input_value()
    assert page.locator("input[name=birth_place_ref]").input_value()


def test_checks_appear_as_one_types(page: Page, site: str) -> None:
    page.goto(f"{site}/births/new")
    page.locator("#f-born-day").press_sequentially("31022026")
    page.locator("#f-given").click()
    page.wait_for_selector("#checks .notice-bad")
    assert "Lịch không có ngày này" in page.locator("#checks").inner_text()


def test_a_child_alike_is_shown_as_one_types_and_the_tick_keeps_the_focus(page: Page, site: str) -> None:
    page.goto(f"{site}/births/new?mother=dung")
    page.locator("#f-born-day").press_sequentially("20112026")
    page.locator("#f-given").click()
    tick = page.get_by_role("checkbox", name="Tôi đã kiểm tra")
    tick.wait_for()
    assert "Ủy ban nhân dân phường Bến Thành" in page.locator("#alike").inner_text()
    tick.focus()
    with page.expect_response("**/births/check"):
        page.keyboard.press("Space")
    page.wait_for_load_state("networkidle")
    assert tick.is_checked()
    assert page.evaluate("document.activeElement.id") == "f-another_child"
    page.evaluate(_axe())
    found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", STANDARD)
    assert [fault["id"] for fault in found["violations"]] == []


def test_another_authenticator_is_set_up_within_the_guidelines(page: Page, site: str) -> None:
    page.goto(f"{site}/account")
    page.get_by_role("textbox", name="Mật khẩu").fill("right password")
    page.get_by_label("Mã từ ứng dụng xác thực").fill("123456")
    page.get_by_role("button", name="Cài ứng dụng xác thực khác").click()
    page.get_by_label("Mã từ ứng dụng xác thực").fill("654321")
    for button in ("Đưa vào sử dụng", "In"):
        page.evaluate(_axe())
        found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", STANDARD)
        assert [fault["id"] for fault in found["violations"]] == []
        assert page.get_by_role("button", name=button, exact=True).is_visible()
        if button != "In":
            page.get_by_role("button", name=button, exact=True).click()
    assert page.locator(".codes li").count() == 10


def test_the_household_of_a_chosen_person_is_offered_to_move_too(page: Page, site: str) -> None:
    page.goto(f"{site}/moves/new")
    box = page.get_by_role("combobox", name="Người")
    box.press_sequentially("le thi dung")
    page.wait_for_selector("#l-person li")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_selector("#members input[name=with_khue]")


def test_everything_works_without_script(browser: Browser, site: str) -> None:
    page = _context(browser, site, java_script_enabled=False)
    page.goto(site)
    page.get_by_role("searchbox").fill("nguyen van an 1985")
    page.get_by_role("button", name="Tra cứu").click()
    page.locator(".hit-name a").first.click()
    page.locator("#on").fill("2010-05-04")
    page.get_by_role("button", name="Xem").click()
    assert page.locator(".notice-past").is_visible()
    page.locator("#known").fill("2020-01-31")
    page.get_by_role("button", name="Xem").click()
    assert "04/05/2010" in page.locator(".notice-past").inner_text()
    assert "31/01/2020" in page.locator(".notice-past").inner_text()
    page.locator("#work").select_option("dossier:7")
    page.locator("form[action='/work']").get_by_role("button", name="Chọn").click()
    page.get_by_role("button", name="English").click()
    assert "Find" in page.locator("nav").first.inner_text()
    page.context.close()


def test_enter_in_the_plain_form_of_an_act_goes_on_to_the_check(page: Page, site: str) -> None:
    page.goto(f"{site}/acts/adopted/new?person=khue")
    page.locator("#f-given").fill("Khuê")
    page.locator("#f-given").press("Enter")
    page.wait_for_url("**/acts/adopted/review")
