"""Rendering: one template environment per language, with the filters and globals that all pages use."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dancu.infra.assets import Assets
from dancu.infra.i18n import Languages
from dancu.infra.problems import Problem, problem_json
from dancu.infra.web import LANGUAGE_COOKIE, VISIT_COOKIE, form_secret, form_token, now_of, set_cookie
from dancu.kernel.dates import PartialDate, completed_years
from dancu.kernel.time import STATE_TIME, today
from dancu.portals.shared import words

PORTALS = Path(__file__).parent.parent
TEMPLATES = (PORTALS / "shared" / "templates", PORTALS / "officer" / "templates")


@dataclass(frozen=True)
class Said:
    """A text that is data in both languages, such as a legal message or the name of a purpose."""

    vi: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text for a reader."""
        return self.en if language == "en" and self.en else self.vi


class Pages:
    """Every template, in every language.

    Args:
        synthetic: the data is made up, and every page says so.
    """

    def __init__(self, *, languages: Languages, assets: Assets, synthetic: bool) -> None:
        self.languages = languages
        self.synthetic = synthetic
        self._environments = {language: _environment(language, languages, assets) for language in languages.catalogues}

    def language(self, request: Request) -> str:
        """Choose the language of the reader."""
        return self.languages.choose(
            cookie=request.cookies.get(LANGUAGE_COOKIE), accept=request.headers.get("accept-language")
        )

    def show(
        self, request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
    ) -> Response:
        """Render a page for a reader; a stranger's visit gets a secret to bind the forms of the page to."""
        language = self.language(request)
        secret = form_secret(request)
        visit = None if secret or "form_token" in (context or {}) else secrets.token_urlsafe(24)
        text = (
            self._environments[language]
            .get_template(template)
            .render(
                **{
                    "officer": getattr(request.state, "officer", None),
                    "works": getattr(request.state, "works", ()),
                    "work": getattr(request.state, "work", None),
                    "language": language,
                    "path": request.url.path,
                    "synthetic": self.synthetic,
                    "form_token": form_token(secret or visit or ""),
                    "today": today(now_of(request)),
                    **(context or {}),
                }
            )
        )
        response = HTMLResponse(text, status)
        if visit:
            set_cookie(request, response, VISIT_COOKIE, visit)
        return response

    async def show_problem(self, request: Request, problem: Problem) -> Response:
        """Render the page of an error."""
        return self.show(request, "problem.html", {"problem": problem}, status=problem.status)

    async def answer_problem(self, request: Request, problem: Problem) -> Response:
        """Answer a program with problem details."""
        language = self.language(request)
        return problem_json(problem, lambda text: self.languages.translate(language, text), language)


class _Strict(StrictUndefined):
    """Fails on a name that was not given; `{{ "x" if condition }}` without an else is nothing, and no mistake."""

    def __str__(self) -> str:  # type: ignore[override]  # jinja2 declares: never returns
        if (self._undefined_hint or "").startswith("the inline if-expression"):
            return ""
        return super().__str__()


def _environment(language: str, languages: Languages, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=_Strict,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    extended: Any = environment
    extended.install_gettext_translations(languages.translations(language), newstyle=True)
    environment.globals.update(asset=assets.url, words=words, age=age)
    environment.filters.update(
        day=day_text,
        moment=moment_text,
        masked=masked,
        say=lambda text: text.in_language(language) if isinstance(text, Said) else text,
    )
    return environment


def day_text(day: PartialDate | date | None) -> str:
    """Write a day as 30/09/1958, and a partial one as 09/1958 or 1958."""
    if day is None:
        return ""
    if isinstance(day, date):
        return f"{day:%d/%m/%Y}"
    parts = [f"{day.day:02}"] if day.day else []
    parts += [f"{day.month:02}"] if day.month else []
    return "/".join([*parts, f"{day.year:04}"])


def moment_text(moment: datetime) -> str:
    """Write a moment in the time of the state, to the minute."""
    return f"{moment.astimezone(STATE_TIME):%H:%M %d/%m/%Y}"


def masked(number: str) -> str:
    """Hide all but the first three and the last three characters of a number."""
    return number[:3] + "•" * max(len(number) - 6, 0) + number[-3:] if len(number) > 6 else "•" * len(number)


def age(born: PartialDate | None, day: date) -> int | None:
    """Count completed years on a day; None where the birth is not known or lies later."""
    if born is None or born.earliest > day:
        return None
    return completed_years(born.earliest, day)
