"""The composition root: one application from settings, a database and the slices."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from dancu.access.secrets import key_of
from dancu.infra.assets import read_assets
from dancu.infra.db import Database
from dancu.infra.i18n import load_languages
from dancu.infra.problems import Safety, error_handler
from dancu.infra.settings import Settings
from dancu.infra.web import BodyLimit, Envelope, healthz, readyz
from dancu.kernel.errors import DancuError
from dancu.portals.officer.data import House
from dancu.portals.officer.desk import Desk
from dancu.portals.officer.house import OfficersDesk
from dancu.portals.officer.routes import DEMO_ROUTES, ROUTES
from dancu.portals.shared.pages import PORTALS, Pages
from dancu.portals.shared.refs import References, references_key


def create_app(settings: Settings, database: Database, *, synthetic: bool = False) -> Starlette:
    """Compose the application of one installation; the database opens and closes with it.

    Args:
        synthetic: the data are made up.
    """
    keys = settings.home / "keys"
    house = House(database, key_of(keys), References(references_key(keys)))
    return application(desk=OfficersDesk(house), database=database, synthetic=synthetic, open_database=True)


def application(
    *,
    desk: Desk,
    database: Database,
    synthetic: bool,
    clock: Callable[[], datetime] | None = None,
    open_database: bool = False,
) -> Starlette:
    """Put the pages on a desk.

    Args:
        synthetic: the installation holds made-up data: every page says so, and the components are shown.
        clock: gives the moment of each request.
        open_database: connect when the application starts and close when it stops.
    """
    assets = read_assets(PORTALS / "shared" / "static")
    pages = Pages(languages=load_languages(PORTALS / "locales"), assets=assets, synthetic=synthetic)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if not open_database:
            yield
            return
        async with database:
            yield

    handle = error_handler(pages.show_problem, pages.answer_problem)
    app = Starlette(
        routes=[
            *ROUTES,
            *(DEMO_ROUTES if synthetic else ()),
            Route("/static/{digest}/{name:path}", assets.serve),
            Route("/healthz", healthz),
            Route("/readyz", readyz(lambda: database)),
        ],
        middleware=[
            Middleware(Envelope),
            Middleware(GZipMiddleware, minimum_size=800),
            Middleware(BodyLimit),
            Middleware(Safety, handle=handle),
        ],
        exception_handlers={DancuError: handle, HTTPException: handle},
        lifespan=lifespan,
    )
    app.state.desk = desk
    app.state.pages = pages
    app.state.clock = clock or (lambda: datetime.now(UTC))
    return app
