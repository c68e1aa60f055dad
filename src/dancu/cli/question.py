"""`dancu question`: events that an undone merge left to be told apart."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from dancu.cli.act_text import in_english
from dancu.cli.at_desk import AtDesk, at_desk
from dancu.cli.output import answer
from dancu.portals.officer.act_views import ActDone
from dancu.portals.officer.question_house import Decision, QuestionLine, QuestionPage
from dancu.register.questions import Answer

question = typer.Typer(
    name="question",
    help="Events after an undone merge: of which of the two records they tell, which no rule can say.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
By = Annotated[str, typer.Option("--officer", help="Name of the officer who asks or decides.")]
Which = Annotated[str, typer.Argument(metavar="QUESTION", help="As `dancu question list` lists them.")]


@question.command("list")
def list_questions(officer: By, as_json: Json = False) -> None:
    """List what waits in the officer's territory."""

    async def found(here: AtDesk) -> tuple[QuestionLine, ...]:
        return await here.desk.questions(here.at)

    rows = [_told(one) for one in at_desk(officer, None, found)]
    lines = [f"{one['question']}  {one['event']} {one['on']}: {one['record']} or {one['other']}?" for one in rows]
    answer({"questions": rows}, as_json=as_json, text="\n".join(lines) or "Nothing waits to be told apart.")


def _told(one: QuestionLine) -> dict[str, Any]:
    return {
        "question": one.code,
        "event": one.title,
        "on": str(one.on),
        "why": one.why,
        "record": one.name or None,
        "other": one.other or None,
    }


@question.command()
def show(which: Which, officer: By, as_json: Json = False) -> None:
    """Show an event, and the two records that it may mean."""

    async def found(here: AtDesk) -> QuestionPage:
        return await here.desk.question(here.at, code=which)

    page = at_desk(officer, None, found)
    event = {label: in_english(value) for label, value in page.event}
    records = [
        {"name": one.name or None, "reference": one.ref, **{label: in_english(value) for label, value in one.lines}}
        for one in page.records
    ]
    told = {**_told(page.line), "annulled": page.annulled, "event_says": event, "records": records}
    lines = [f"{page.line.title} {page.line.on}: {page.line.why}", *(f"  {k}: {v}" for k, v in event.items())]
    for title, one in zip(("It stands in", "The other record"), records, strict=True):
        lines += [f"{title}: {one['name'] or 'not open to you'}", *(f"  {k}: {v}" for k, v in list(one.items())[2:])]
    answer(told, as_json=as_json, text="\n".join(lines))


@question.command()
def decide(
    which: Which,
    officer: By,
    means: Annotated[Answer, typer.Option(help="Whom the event means.")],
    why: Annotated[str, typer.Option(help="Why.")],
    dossier: Annotated[str | None, typer.Option(help="Number of an open one; none: one begins with it.")] = None,
    as_json: Json = False,
) -> None:
    """Decide whom an event means. What means the other record is proposed to be annulled, and then decided again."""

    async def do(here: AtDesk) -> ActDone | None:
        return await here.desk.decide_question(here.at, code=which, decision=Decision(uuid4(), means, why))

    done = at_desk(officer, dossier, do)
    told = {"state": "proposed" if done else "settled", "proposal": done.proposal if done else None}
    text = f"Its annulment is proposed: {done.proposal}. Decide again once it is annulled." if done else "Settled."
    answer(told, as_json=as_json, text=text)
