"""What a check of an act's form says stands at its field, and goes when it is put right."""

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.factories import TOKEN

pytestmark = pytest.mark.browser


def test_a_fault_stands_at_its_field_until_it_is_put_right(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi")
    context.add_cookies([{"name": "dancu_session", "value": TOKEN, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/acts/parent_recognised/new")
    for part, value in (("day", "31"), ("month", "2"), ("year", "2026")):
        page.fill(f"[name=on_{part}]", value)
    page.locator("[name=on_year]").blur()
    expect(page.locator("#f-on .fault")).to_have_text("Lịch không có ngày này")
    expect(page.locator("#f-on")).to_have_attribute("aria-describedby", "h-on e-on")
    expect(page.locator("#checks li")).to_have_count(1)
    page.fill("[name=on_month]", "3")
    page.locator("[name=on_month]").blur()
    expect(page.locator("#f-on .fault")).to_have_count(0)
    expect(page.locator("#f-on")).to_have_attribute("aria-describedby", "h-on")
    context.close()
