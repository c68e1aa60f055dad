"""Every kind of problem that an answer may name, and the index of their pages.

`python -m tests.house.problem_kinds` writes `docs/problems/README.md` anew.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import dancu
from dancu.infra import problems
from dancu.kernel.errors import DancuError
from dancu.portals.shared.problem_pages import read_problem_page

DOCS = Path(__file__).parents[2] / "docs" / "problems"
BESIDES = {"http": "HTTP 4xx", "unexpected": "HTTP 500"}
_OPENING = """\
# Problems · Các loại lỗi

An answer that is not what was asked for names one of these kinds in its `type` (RFC 9457), as `/problems/<kind>`.
Each installation serves these pages under that address, in the language of the reader and without sign-in.
A kind without a more exact one below it stands for all that is like it.

Mỗi câu trả lời báo lỗi nêu một trong các loại này ở trường `type` (RFC 9457), dưới dạng `/problems/<loại>`.
Mọi hệ thống đã cài đặt đều mở được các trang này tại địa chỉ đó, theo ngôn ngữ của người đọc, không cần đăng nhập.

| Kind · Loại | Status · Mã | Vietnamese · Tiếng Việt | English · Tiếng Anh |
|---|---|---|---|
"""


def kinds() -> dict[str, list[type[DancuError]]]:
    """Collect the classes of errors of all modules by the slug that names them."""
    for module in pkgutil.walk_packages(dancu.__path__, "dancu."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: dict[str, list[type[DancuError]]] = {}
    for kind in _below(DancuError):
        if kind.__module__.startswith("dancu."):
            found.setdefault(problems._slug(kind.__name__), []).append(kind)
    return found


def _below(kind: type[DancuError]) -> Iterator[type[DancuError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def status_of(kind: type[DancuError]) -> int:
    """Return the status that an error is answered with."""
    return next(problems._STATUS_AND_TITLE[one][0] for one in kind.__mro__ if one in problems._STATUS_AND_TITLE)


def facts_of(slug: str, classes: list[type[DancuError]]) -> str:
    """Say what a page must say below its heading: the status, and where the error is at home."""
    if slug in BESIDES:
        return BESIDES[slug]
    statuses = ", ".join(map(str, sorted({status_of(one) for one in classes})))
    homes = sorted(f"`{one.__module__}.{one.__name__}`" for one in classes)
    return " · ".join([f"HTTP {statuses}", *homes])


def index() -> str:
    """Write the index of all pages."""
    rows = []
    for slug in sorted({*kinds(), *BESIDES}):
        page = read_problem_page(slug, DOCS)
        status = page.facts.partition(" · ")[0].removeprefix("HTTP ")
        rows.append(f"| [`{slug}`]({slug}.md) | {status} | {page.texts['vi'].title} | {page.texts['en'].title} |\n")
    return _OPENING + "".join(rows)


if __name__ == "__main__":
    (DOCS / "README.md").write_text(index(), encoding="utf-8")
