"""The table of laws: which article each rule applies, from when to when, and which tests prove it.

`python -m tests.house.laws` writes `docs/laws.md` anew.
"""

import ast
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dancu.register.rules
from dancu.dossiers.matters import MATTERS
from dancu.dossiers.terms import TERMS
from dancu.kernel.dates import Period
from dancu.register.rules import ALWAYS, Rule

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "laws.md"
_TESTS = ROOT / "tests"
_OPENING = """\
# Luật và quy tắc · Laws and rules

Which article each rule of the register applies, on which days it is in force in this form, and which tests prove it.
A rule that is in force on the day of the fact refuses; where a fact of the past is only recorded, it warns.
*Always* stands for what the nature of things asks for, or for what the law has asked for as long as records reach back.
The citation is the one that the officer reads beside the refusal.

Written by `python -m tests.house.laws`; a test of the house fails when it is not up to date.
"""


def rules() -> list[Rule[Any]]:
    """List every rule of the register once, in order of its id; two that share one are both there."""
    found: dict[int, Rule[Any]] = {}
    for module in pkgutil.iter_modules(dancu.register.rules.__path__, "dancu.register.rules."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, tuple):
                found |= {id(one): one for one in value if isinstance(one, Rule)}
    return sorted(found.values(), key=lambda one: one.id)


def proofs() -> dict[str, list[str]]:
    """List, by id of the rule, the tests that name it, as `file::function`: tables of the law before any others."""
    ids = {rule.id for rule in rules()}
    named: dict[str, list[str]] = defaultdict(list)
    for path in sorted(_TESTS.rglob("test_*.py")):
        for function, words in _words_of_tests(ast.parse(path.read_text(encoding="utf-8"))):
            for rule_id in sorted(ids & words):
                named[rule_id].append(f"{path.relative_to(_TESTS)}::{function}")
    in_tables = {one: [test for test in tests if test.startswith("spec/")] for one, tests in named.items()}
    return defaultdict(list, {one: in_tables[one] or tests for one, tests in named.items()})


def _words_of_tests(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Yield each test with the words of its texts, and of the tables that it reads."""
    tables = dict(_tables(module))
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            yield node.name, _words(node).union(*(tables.get(name, set()) for name in names))


def _tables(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Yield the values of a module by name, with the words of their texts and of the tables that they are made of."""
    found: dict[str, set[str]] = {}
    for node in module.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        names = {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)}
        words = _words(node.value).union(*(found.get(name, set()) for name in names))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        found |= {target.id: words for target in targets if isinstance(target, ast.Name)}
    yield from found.items()


def _words(node: ast.AST) -> set[str]:
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return {word for text in texts for word in text.replace("\\", "").split()}


def page() -> str:
    """Return the page as it should stand."""
    named = proofs()
    by_law: dict[str, list[Rule[Any]]] = defaultdict(list)
    for rule in rules():
        by_law[rule.law.split(", Điều")[0].split(" (")[0].split(", Chương")[0].split(", mục")[0]].append(rule)
    parts = [_OPENING]
    for law in sorted(by_law):
        parts.append(
            f"\n## {law}\n\n| Điều · Article | In force | Rule | What it says | Tests |\n|---|---|---|---|---|\n"
        )
        parts += [_row(law, rule, named[rule.id]) for rule in sorted(by_law[law], key=lambda one: (one.law, one.id))]
    return "".join([*parts, *_terms()])


def _terms() -> Iterator[str]:
    """Yield the table of the terms of dossiers."""
    yield "\n## Thời hạn giải quyết · Terms of dossiers\n\n"
    yield "In working days; 0 is the same day, if received before 15:00. *Confirm* marks what no source gave.\n\n"
    yield "| Law | In force | Matter | Days | Longer, where something must be verified |\n|---|---|---|---|---|\n"
    for one in sorted(TERMS, key=lambda one: (one.law, one.matter, one.in_force.since)):
        days = f"{one.working_days}{'' if one.certain else ' *(confirm)*'}"
        title = f"{MATTERS[one.matter].title_vi} · {MATTERS[one.matter].title_en}"
        yield f"| {one.law} | {_when(one.in_force)} | {title} | {days} | {one.extension or '–'} |\n"


def _row(law: str, rule: Rule[Any], tests: list[str]) -> str:
    article = rule.law.removeprefix(law).lstrip(", ") or "–"
    kind = " *(warns)*" if rule.warns_only else ""
    proved = "<br>".join(f"`{test}`" for test in tests)
    return f"| {article} | {_when(rule.in_force)} | `{rule.id}`{kind} | {rule.message_en} | {proved} |\n"


def _when(period: Period) -> str:
    if period == ALWAYS:
        return "always"
    since = "" if period.since == ALWAYS.since else period.since.isoformat()
    return f"{since} – {period.until.isoformat() if period.until else ''}".strip()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
