"""Every kind of problem is explained, in both languages: an error without a page is red."""

import re

import pytest
from tests.house.problem_kinds import BESIDES, DOCS, facts_of, index, kinds

from dancu.portals.shared.problem_pages import FOLDER, LANGUAGES, ProblemPage, read_problem_page

KINDS = kinds()
PAGES = sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "README")
SECTIONS = {
    "vi": ["Ý nghĩa", "Nguyên nhân", "Cần làm gì", "Thử lại"],
    "en": ["Meaning", "Cause", "What to do", "Retry"],
}
_SHORTEST = 20
_VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


def sections(page: ProblemPage, language: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", page.texts[language].body, flags=re.MULTILINE)
    return {head: body.strip() for head, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_no_kind_of_problem_lacks_a_page() -> None:
    assert sorted({*KINDS, *BESIDES} - {*PAGES}) == []


def test_no_page_names_a_kind_that_is_not_there() -> None:
    assert sorted({*PAGES} - {*KINDS, *BESIDES}) == []


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_says_all_in_both_languages(slug: str) -> None:
    page = read_problem_page(slug, DOCS)
    assert list(page.texts) == list(LANGUAGES)
    for language, expected in SECTIONS.items():
        said = sections(page, language)
        assert list(said) == expected
        assert [head for head, body in said.items() if len(body) < _SHORTEST] == []
        assert [head for head, body in said.items() if bool(_VIETNAMESE.search(body)) != (language == "vi")] == []


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_tells_the_status_and_the_error_as_they_are(slug: str) -> None:
    assert (DOCS / f"{slug}.md").read_text(encoding="utf-8").startswith(f"# `{slug}`\n")
    assert facts_of(slug, KINDS.get(slug, [])) == read_problem_page(slug, DOCS).facts


def test_the_index_lists_the_pages_as_they_are() -> None:
    assert index() == (DOCS / "README.md").read_text(encoding="utf-8"), "python -m tests.house.problem_kinds"


def test_the_pages_that_are_served_are_those_of_the_documentation() -> None:
    assert FOLDER.resolve() == DOCS
