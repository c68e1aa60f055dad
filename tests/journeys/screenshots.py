"""Takes pictures of every page at 1280 and 360 pixels: `python -m tests.journeys.screenshots`."""

import sys

from playwright.sync_api import Page
from tests.journeys.browser import chromium, executable, screenshots_folder, served
from tests.journeys.factories import ALIKE, DEPUTY, NOW, TOKEN, FakeDesk

from dancu.app import application
from dancu.infra.db import Database

PAGES = {
    "home": "/",
    "person": "/people/an",
    "person-past": "/people/an?on=2010-05-04",
    "person-known": "/people/an?on=2010-05-04&known=2020-01-31",
    "account": "/account",
    "birth": "/births/new?mother=dung",
    "move": "/moves/new?person=an",
    "dossiers": "/dossiers",
    "dossier-new": "/dossiers/new",
    "components": "/components",
    "missing": "/nowhere",
}

SENT = {
    "factor": ("/account", {"password": "right password", "code": "123456"}),
    "birth-again": ("/births/new?mother=dung", {"born_day": "20", "born_month": "11", "born_year": "2026"}),
}


def sign_in(page: Page, address: str) -> None:
    """Give the page a session."""
    page.context.add_cookies([{"name": "dancu_session", "value": TOKEN, "url": address}])


def main(only: list[str]) -> None:
    """Take the pictures."""
    path = executable()
    assert path
    app = application(
        desk=FakeDesk(alike=ALIKE, officer_signed_in=DEPUTY),
        database=Database("", size=0),
        synthetic=True,
        clock=lambda: NOW,
    )
    folder = screenshots_folder()
    with served(app) as address, chromium(path) as browser:
        for width in (1280, 360):
            context = browser.new_context(viewport={"width": width, "height": 800}, locale="vi")
            page = context.new_page()
            page.on("console", lambda message: print(message.text))  # noqa: T201
            page.goto(f"{address}/sign-in")
            page.screenshot(path=folder / f"sign-in-{width}.png", full_page=True)
            sign_in(page, address)
            for name, where in PAGES.items():
                if only and name not in only:
                    continue
                page.goto(address + where)
                page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
            for name, (where, fields) in SENT.items():
                page.goto(address + where)
                for field, value in fields.items():
                    page.locator(f"[name={field}]").fill(value)
                page.locator("main form button").last.click()
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
            page.goto(address)
            page.get_by_role("searchbox").fill("nguyen van an 1985")
            page.keyboard.press("Enter")
            page.wait_for_selector(".hit")
            page.screenshot(path=folder / f"results-{width}.png", full_page=True)
            context.close()
    print(f"Pictures are in {folder}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
