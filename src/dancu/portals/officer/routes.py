"""The addresses of the officer's desk."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dancu.kernel.errors import NotFound
from dancu.portals.officer import account, act_pages, births, cases, door, find, moves
from dancu.portals.officer.adjudication_pages import ROUTES as QUEUE_ROUTES
from dancu.portals.officer.audit_pages import ROUTES as AUDIT_ROUTES
from dancu.portals.officer.case_pages import ROUTES as CASE_ROUTES
from dancu.portals.officer.intake_pages import ROUTES as INTAKE_ROUTES
from dancu.portals.officer.masked_pages import ROUTES as MASKED_ROUTES
from dancu.portals.officer.options import SEXES
from dancu.portals.officer.proposal_pages import ROUTES as PROPOSAL_ROUTES
from dancu.portals.officer.quality_pages import ROUTES as QUALITY_ROUTES
from dancu.portals.officer.question_pages import ROUTES as QUESTION_ROUTES
from dancu.portals.officer.session import pages_of
from dancu.portals.officer.stay_pages import ROUTES as STAY_ROUTES
from dancu.portals.officer.views import FormState
from dancu.portals.shared.words import msg


class DemoOnly(NotFound):
    """The page is there in a demo installation only."""


async def keys(request: Request) -> Response:
    """Explain the keys, for those without script."""
    return pages_of(request).show(request, "keys.html")


async def components(request: Request) -> Response:
    """Show every component of the design system; in a demo only."""
    if not pages_of(request).synthetic:
        raise DemoOnly("Nothing was found")
    form = FormState({"born_year": "1958", "sex": "2"}, {"given": msg("Please fill this in")})
    context = {"form": form, "labels": {"given": msg("Given name")}, "options": {"sex": SEXES}}
    return pages_of(request).show(request, "officer/components_page.html", context)


ROUTES = (
    Route("/", find.home),
    Route("/search", find.search, methods=["POST"]),
    Route("/people/{ref}", find.person),
    Route("/suggest/people", find.suggest_people, methods=["POST"]),
    Route("/suggest/communes", find.suggest_places, methods=["POST"]),
    Route("/births/new", births.new),
    Route("/births/check", births.check, methods=["POST"]),
    Route("/births/review", births.review, methods=["POST"]),
    Route("/births/edit", births.edit, methods=["POST"]),
    Route("/births", births.record, methods=["POST"]),
    Route("/moves/new", moves.new),
    Route("/moves/members", moves.members, methods=["POST"]),
    Route("/moves/check", moves.check, methods=["POST"]),
    Route("/moves/review", moves.review, methods=["POST"]),
    Route("/moves/edit", moves.edit, methods=["POST"]),
    Route("/moves", moves.record, methods=["POST"]),
    Route("/acts", act_pages.acts),
    Route("/acts/{code}/new", act_pages.new),
    Route("/acts/{code}/edit", act_pages.edit, methods=["POST"]),
    Route("/acts/{code}/check", act_pages.check, methods=["POST"]),
    Route("/acts/{code}/review", act_pages.review, methods=["POST"]),
    Route("/acts/{code}", act_pages.record, methods=["POST"]),
    Route("/dossiers", cases.dossiers),
    Route("/dossiers/new", cases.new),
    Route("/dossiers", cases.open_dossier, methods=["POST"]),
    Route("/dossiers/{code}/persons", cases.new_person),
    Route("/dossiers/{code}/persons", cases.name_person, methods=["POST"]),
    Route("/dossiers/{code}/close", cases.close, methods=["POST"]),
    *CASE_ROUTES,
    *PROPOSAL_ROUTES,
    *AUDIT_ROUTES,
    *MASKED_ROUTES,
    *QUEUE_ROUTES,
    *INTAKE_ROUTES,
    *QUALITY_ROUTES,
    *QUESTION_ROUTES,
    *STAY_ROUTES,
    Route("/sign-in", door.show_door),
    Route("/sign-in", door.sign_in, methods=["POST"]),
    Route("/sign-out", door.sign_out, methods=["POST"]),
    Route("/password", door.show_password),
    Route("/password", door.change_password, methods=["POST"]),
    Route("/account", account.show),
    Route("/account/factor", account.offer_factor, methods=["POST"]),
    Route("/account/factor/accept", account.accept_factor, methods=["POST"]),
    Route("/office", door.choose_office, methods=["POST"]),
    Route("/work", door.choose_work, methods=["POST"]),
    Route("/language", door.choose_language, methods=["POST"]),
    Route("/keys", keys),
    Route("/components", components),
)
