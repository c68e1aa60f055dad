"""The composition root: one application from settings, a database and the slices."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from dancu.access.accounts import is_demo
from dancu.access.secrets import SecondFactors
from dancu.dossiers.documents.scan import scanner_of
from dancu.infra.assets import read_assets
from dancu.infra.db import Database
from dancu.infra.i18n import load_languages
from dancu.infra.keys import ring_of
from dancu.infra.problems import Safety, error_handler
from dancu.infra.settings import Settings
from dancu.infra.web import BodyLimit, Envelope, healthz, log_as_json, readyz
from dancu.intake.changes import LARGEST_BYTES
from dancu.intake.http import PATH as CHANGES_PATH
from dancu.intake.http import ROUTES as CHANGES
from dancu.kernel.errors import DancuError
from dancu.portals.officer.case_pages import UPLOADS
from dancu.portals.officer.data import House
from dancu.portals.officer.desk import Desk
from dancu.portals.officer.house import OfficersDesk, warm_up
from dancu.portals.officer.intake_pages import UPLOADS as INTAKE_UPLOADS
from dancu.portals.officer.routes import ROUTES
from dancu.portals.shared.pages import PORTALS, Pages
from dancu.portals.shared.problem_pages import problem_page
from dancu.portals.shared.refs import References, references_key


def create_app(settings: Settings, database: Database) -> Starlette:
    """Compose the application of one installation.

    The database opens and closes with it, and tells whether its data are made up.
    """
    keys = settings.home / "keys"
    ring = database.keys = ring_of(database.dsn, keys)
    refs, scanner = References(references_key(keys)), scanner_of(settings.clamd)
    house = House(database, SecondFactors(ring), refs, ring, scanner, home=settings.home)
    return application(desk=OfficersDesk(house), database=database)


_PUSHED = {re.compile(CHANGES_PATH.replace("{source}", "[^/]+")): LARGEST_BYTES}


def application(
    *,
    desk: Desk,
    database: Database,
    synthetic: bool | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Starlette:
    """Put the pages on a desk.

    Args:
        synthetic: the installation holds made-up data: every page says so, and the components are shown.
            None: the database is opened when the application starts, and asked.
        clock: gives the moment of each request.
    """
    assets = read_assets(PORTALS / "shared" / "static")
    pages = Pages(languages=load_languages(PORTALS / "locales"), assets=assets, synthetic=bool(synthetic))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if synthetic is not None:
            yield
            return
        log_as_json()
        async with database:
            async with database.transaction(scope="none") as tx:
                pages.synthetic = await is_demo(tx)
            await asyncio.to_thread(warm_up)
            yield

    handle = error_handler(pages.show_problem, pages.answer_problem)
    app = Starlette(
        routes=[
            *ROUTES,
            *CHANGES,
            Route("/static/{digest}/{name:path}", assets.serve),
            Route("/problems/{slug}", problem_page(pages)),
            Route("/healthz", healthz),
            Route("/readyz", readyz(lambda: database)),
        ],
        middleware=[
            Middleware(Envelope),
            Middleware(GZipMiddleware, minimum_size=800),
            Middleware(Safety, handle=handle),
            Middleware(BodyLimit, larger=UPLOADS | INTAKE_UPLOADS | _PUSHED),
        ],
        exception_handlers={DancuError: handle, HTTPException: handle},
        lifespan=lifespan,
    )
    app.state.desk = desk
    app.state.pages = pages
    app.state.database = database
    app.state.clock = clock or (lambda: datetime.now(UTC))
    return app
