"""Cells that a spreadsheet would take for a formula, and how they are made harmless.

A cell that begins with =, +, -, @, a tab or a line end gets an apostrophe before it, and so does one that begins
with apostrophes before such a sign. Taking one apostrophe away gives the very cell again.

Standard: OWASP, CSV Injection.
"""

import re

_SIGNS = "=+\\-@\t\r\n＝＋－＠"

DANGEROUS = rf"^('*[{_SIGNS}])"
"""Pattern of cells that need an apostrophe, for whole columns: replace it by an apostrophe and its group."""

NEUTRAL = rf"^'('*[{_SIGNS}])"
"""Pattern of cells that were given one: replace it by its group."""

_DANGEROUS = re.compile(DANGEROUS)
_NEUTRAL = re.compile(NEUTRAL)


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _DANGEROUS.match(cell) else cell


def restored(cell: str) -> str:
    """Return the cell of which `neutral` made this one."""
    return cell[1:] if _NEUTRAL.match(cell) else cell
