"""Questions after an undone merge: listed by territory, opened, and decided."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dancu.access.work import NotAllowed
from dancu.infra.web import posted
from dancu.kernel.errors import Conflict, Invalid, Refused
from dancu.kernel.time import today
from dancu.portals.officer.births import verdicts_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.fields import CHOOSE_ONE, Reader
from dancu.portals.officer.question_house import Decision, Questions
from dancu.portals.officer.session import as_begun, pages_of, signed
from dancu.portals.officer.views import FormState, Option, Verdict
from dancu.portals.shared.words import msg
from dancu.register.questions import Answer

TITLE = msg("Annul an event")
_LABELS = {"answer": msg("Whom the event means"), "because": msg("Why"), "work": msg("Working on")}
ANSWERS = (
    Option(Answer.THIS_RECORD, msg("the record in which it stands")),
    Option(Answer.OTHER_RECORD, msg("the other record")),
)


def _desk(request: Request) -> Questions:
    desk: Questions = request.app.state.desk
    return desk


def _code(request: Request) -> str:
    return "/".join(str(request.path_params[part]) for part in ("ref", "seq", "act"))


@signed
async def questions(request: Request, at: At) -> Response:
    """List what an undone merge left open in the territory."""
    found = await _desk(request).questions(at)
    return pages_of(request).show(request, "officer/questions.html", {"questions": found})


@signed
async def question(request: Request, at: At) -> Response:
    """Show an event with the two records."""
    return await _page(request, at, FormState({"request_id": str(uuid4())}))


@signed
async def decide(request: Request, at: At) -> Response:
    """Settle a question, or propose to annul what means the other record."""
    form = await posted(request)
    values = {name: str(value) for name, value in form.items() if name != "form_token"}
    reader = Reader(values, complete=True, today=today(at.now))
    at = await as_begun(request, at, reader)
    answer, because = reader.text("answer"), reader.text("because", needed=True, at_most=400)
    if answer not in set(Answer):
        reader.faults["answer"] = CHOOSE_ONE
    request_id = reader.request_id()
    if reader.faults:
        return await _page(request, at, reader.state, status=422)
    decision = Decision(request_id, Answer(answer), because)
    try:
        done = await _desk(request).decide_question(at, code=_code(request), decision=decision)
    except (Invalid, Refused, Conflict, NotAllowed) as error:
        said = verdicts_of(error) if isinstance(error, Refused) else (Verdict(str(error), getattr(error, "law", "")),)
        return await _page(request, at, reader.state, status=422, verdicts=said)
    if done is None:
        return RedirectResponse("/questions", 303)
    context = {"title": TITLE, "outcome": done.outcome, "done": done}
    return pages_of(request).show(request, "officer/act_proposed.html", context)


async def _page(
    request: Request, at: At, form: FormState, *, status: int = 200, verdicts: tuple[Verdict, ...] = ()
) -> Response:
    page = await _desk(request).question(at, code=_code(request))
    context = {
        "p": page,
        "address": f"/questions/{_code(request)}",
        "form": form,
        "labels": _LABELS,
        "answers": ANSWERS[1:] if page.annulled else ANSWERS,
        "verdicts": verdicts,
    }
    return pages_of(request).show(request, "officer/question.html", context, status=status)


ROUTES = (
    Route("/questions", questions),
    Route("/questions/{ref}/{seq}/{act}", question),
    Route("/questions/{ref}/{seq}/{act}", decide, methods=["POST"]),
)
