"""The page of the rules of intake: `python -m tests.house.intake_rules` writes it anew."""

from pathlib import Path

from dancu.intake.rules import as_markdown

DOC = Path(__file__).parents[2] / "docs" / "intake" / "rules.md"
_OPENING = """\
# Rules of intake

What a record must keep to before it may touch the register.
`src/dancu/intake/rules.toml` is the table, with the predicates; `dancu intake rules` lists it.
This page is made of it: `python -m tests.house.intake_rules`.

- *reject*: not taken; the source corrects it and sends it again.
- *quarantine*: an officer decides.
- *warn*: taken, with a remark.

"""


def page() -> str:
    """Return the page."""
    return _OPENING + as_markdown()


if __name__ == "__main__":
    DOC.parent.mkdir(parents=True, exist_ok=True)
    DOC.write_text(page(), encoding="utf-8")
