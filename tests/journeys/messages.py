"""Every message that a reader may see: collected from templates and code, to compare with the catalogue.

`python -m tests.journeys.messages` prints what `portals/locales/vi.po` lacks, ready to be translated.
"""

import ast
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

SOURCE = Path(__file__).parents[2] / "src" / "dancu"
SLICES_THAT_SPEAK = (
    "kernel",
    "infra/db.py",
    "infra/web.py",
    "infra/problems.py",
    "register",
    "access",
    "dossiers",
    "intake/adjudication",
    "portals",
)


def of_templates() -> set[str]:
    """Collect the messages of all templates."""
    found: set[str] = set()
    for template in sorted((SOURCE / "portals").rglob("*.html")):
        with template.open("rb") as source:
            options = {"trim_blocks": "true", "lstrip_blocks": "true"}
            for _, _, message, _ in babel_extract(source, ["_", "gettext", "ngettext"], [], options):
                found |= {m for m in (message if isinstance(message, tuple) else (message,)) if m}
    return found


def of_code() -> set[str]:
    """Collect what is marked by `msg`, and the texts of errors that may reach a reader."""
    found: set[str] = set()
    kinds = _kinds()
    for name in SLICES_THAT_SPEAK:
        path = SOURCE / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            if file.name != "cli.py":
                found |= _marked(ast.parse(file.read_text(encoding="utf-8")), kinds)
    return found | _titles()


def _titles() -> set[str]:
    from dancu.infra import problems

    titles = {title for _, title in problems._STATUS_AND_TITLE.values()}
    return titles | set(problems._TITLES_BY_STATUS.values()) | {problems.UNEXPECTED}


def _kinds() -> frozenset[str]:
    """Names of all classes of the house that are errors, told by their bases' names."""
    bases: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(b.id for b in node.bases if isinstance(b, ast.Name))
    kinds = {"DancuError"}
    while more := {name for name, parents in bases.items() if parents & kinds} - kinds:
        kinds |= more
    return frozenset(kinds - {"Refused", "Invalid"})


def _marked(tree: ast.AST, kinds: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position = {"msg": 0, "FieldFault": 1, "Refusal": 1}.get(called, 0 if called in kinds else None)
        if position is not None and len(node.args) > position:
            found |= _texts(node.args[position])
    return found


def _texts(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return set()


def without_translation() -> set[str]:
    """Collect the messages that the Vietnamese catalogue lacks."""
    with (SOURCE / "portals" / "locales" / "vi.po").open("rb") as source:
        catalogue = read_po(source, locale="vi")
    known = {key for message in catalogue if message.string for key in _keys(message.id)}
    return (of_templates() | of_code()) - known


def _keys(message_id: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (message_id,) if isinstance(message_id, str) else tuple(message_id)


if __name__ == "__main__":
    for message in sorted(without_translation()):
        print(f'msgid "{message}"\nmsgstr ""\n')  # noqa: T201
