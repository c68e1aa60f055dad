from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import chromium, executable, served
from tests.journeys.factories import ALIKE, DEPUTY, NOW, FakeDesk

from dancu.app import application
from dancu.infra.db import Database


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: while it runs, its event loop leaves no room for asynchronous tests."""
    path = executable()
    if path is None:
        pytest.skip("no Chromium is here, and none can be installed")
    with chromium(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    desk = FakeDesk(alike=ALIKE, officer_signed_in=DEPUTY)
    app = application(desk=desk, database=Database("", size=0), synthetic=True, clock=lambda: NOW)
    with served(app) as address:
        yield address
