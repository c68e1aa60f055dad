"""The table of data classes as the documentation shows it.

`python -m tests.house.data_classes` writes `docs/data-classes.md` anew.
"""

# ruff: noqa: E501 -- one sentence of the page is one line
from collections.abc import Iterator, Sequence
from pathlib import Path

from dancu.infra.classes import Column, DataClass, Table, tables

DOC = Path(__file__).parents[2] / "docs" / "data-classes.md"
_OPENING = """\
# Data classes

Every column of every table has one of four classes; `classes.toml` of each slice says which, and this page is made from them.
The classes are those of TCVN 14423:2026, level 4, 6.4; what is sensitive is listed in Decree 356/2025/NĐ-CP, Article 4 (Law 91/2025/QH15).

| class | what it is | what follows |
|---|---|---|
| public | may be published as it is | |
| internal | how the State works | for officers and operators |
| restricted | about a person | never in logs, problem details or addresses; read through the access policy, and logged |
| **secret** | opens something, is sensitive by law, or is what the law hides | as restricted; moreover **sealed** under the key of a purpose, or this page says why it is in the clear |

How keys are kept and replaced: [operate/keys.md](operate/keys.md).
What the register seals and what it doesn't, and why: [decisions/0009](decisions/0009-what-is-sealed.md).
Keeping ends as the column "kept" says; what is kept for ever is kept because acts, events or the log refer to it.
"""


def page() -> str:
    """Write the page."""
    return _OPENING + "".join(_schema(name, found) for name, found in _schemas())


def _schemas() -> Iterator[tuple[str, list[Table]]]:
    found = tables()
    for schema in sorted({table.name.partition(".")[0] for table in found}):
        yield schema, [table for table in found if table.name.startswith(f"{schema}.")]


def _schema(name: str, found: Sequence[Table]) -> str:
    rows = "".join(f"| `{table.name.partition('.')[2]}` | {_cells(table)} | {table.kept} |\n" for table in found)
    said = "".join(f"- `{_name(one)}`: {_why(one)}\n" for table in found for one in table.columns if _why(one))
    head = "\n| table | public | internal | restricted | secret | kept |\n|---|---|---|---|---|---|\n"
    return f"\n## {name}\n{head}{rows}" + (f"\nSecrets:\n\n{said}" if said else "")


def _cells(table: Table) -> str:
    cells = [[one.name for one in table.columns if one.data_class is wanted] for wanted in DataClass]
    return " | ".join(", ".join(names) for names in cells)


def _name(one: Column) -> str:
    return f"{one.table.partition('.')[2]}.{one.name}"


def _why(one: Column) -> str:
    if one.sealed:
        return f"sealed under the key of `{one.sealed}`"
    return f"in the clear: {one.clear}" if one.clear else ""


if __name__ == "__main__":
    DOC.write_text(page(), encoding="utf-8")
