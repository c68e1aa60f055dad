"""The pages that the `type` of a problem leads to: what it means, what causes it, what to do, whether to retry.

They are written in Markdown, in `docs/problems`, and ship within the package.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dancu.infra.web import VISIT_COOKIE, form_secret, form_token, set_cookie
from dancu.portals.shared.pages import Pages

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_SHIPPED = Path(__file__).parent / "problems"
_IN_THE_SOURCE_TREE = Path(__file__).parents[4] / "docs" / "problems"
FOLDER = _SHIPPED if _SHIPPED.is_dir() else _IN_THE_SOURCE_TREE
_SLUG = re.compile(r"[a-z][a-z-]{0,60}")
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class ProblemText:
    """A page in one language: its title, and the Markdown below it."""

    title: str
    body: str

    def html(self) -> Markup:
        """Return the body as HTML; the text can't bring tags of its own."""
        return Markup(_MARKDOWN.render(self.body))  # noqa: S704 -- html is off, so the renderer escapes everything


@dataclass(frozen=True)
class ProblemPage:
    """What a page holds.

    Args:
        facts: the status, and the errors that answer with it.
        texts: by language.
    """

    facts: str
    texts: Mapping[str, ProblemText]


@cache
def read_problem_page(slug: str, folder: Path = FOLDER) -> ProblemPage:
    """Read the page of a kind of problem.

    Raises:
        FileNotFoundError: there is none.
    """
    if not _SLUG.fullmatch(slug):
        raise FileNotFoundError(slug)
    opening, *parts = re.split(r"^## ", (folder / f"{slug}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = {}
    for language, name in LANGUAGES.items():
        for part in parts:
            head, _, body = part.partition("\n")
            if head.startswith(f"{name}: "):
                texts[language] = ProblemText(head.removeprefix(f"{name}: "), body.replace("\n### ", "\n## ").strip())
    return ProblemPage(opening.partition("\n")[2].strip(), texts)


def problem_page(pages: Pages) -> Callable[[Request], Awaitable[Response]]:
    """Make the answer to `/problems/{slug}`, in the reader's language, for everybody."""

    async def answer(request: Request) -> Response:
        slug = request.path_params["slug"]
        try:
            page = read_problem_page(slug)
        except FileNotFoundError:
            raise HTTPException(404) from None
        # The choice of the language is a form, and a form is bound to a cookie: a stranger gets one.
        visit = form_secret(request) or secrets.token_urlsafe(24)
        text = page.texts[pages.language(request)]
        context = {"slug": slug, "facts": page.facts, "text": text, "form_token": form_token(visit)}
        response = pages.show(request, "problem_page.html", context)
        if form_secret(request) is None:
            set_cookie(request, response, VISIT_COOKIE, visit)
        return response

    return answer
