"""Where the table begins and ends in a list that people made for people."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dancu.intake.readers.raw import NoTable, Remainder
from dancu.intake.synonyms import meaning
from dancu.kernel.errors import Malformed
from dancu.kernel.misread import repaired, without_strays
from dancu.kernel.text import canonical, fold

_SEARCHED_ROWS = 40
MOST_COLUMNS = 2_000
_FOOTER = re.compile(
    r"(?:tong (?:cong|so)|tong ?:|cong ?(?::|\d|so )|total|nguoi (?:lap|ghi)|lap bieu|can bo|ky ten|"
    r"thu truong|truong (?:cong an|phong|ban|thon)|ngay \d)"
)


class TooWide(Malformed):
    """The file has more columns than any list."""


@dataclass(frozen=True)
class Table:
    """The header that was found.

    Args:
        headers: the header cells.
        header_first: first line of the header, from 1.
        header_last: last line of the header.
        titles: what stands above it.
        remainder: the lines above and of the header, accounted for.
        recognised: how many headers have a known meaning.
    """

    headers: tuple[str, ...]
    header_first: int
    header_last: int
    titles: tuple[str, ...]
    remainder: tuple[Remainder, ...]
    recognised: int


def find_table(rows: Iterable[tuple[int, int, Sequence[str]]], known: frozenset[str] = frozenset()) -> Table:
    """Find the header among the first rows: the one with the most headers that are understood.

    Args:
        rows: first line, last line and cells of each row.
        known: folded headers that a mapping names.

    Raises:
        NoTable: all rows are empty.
        TooWide: a row has more columns than any list.
    """
    searched = [row for _, row in zip(range(_SEARCHED_ROWS), rows, strict=False)]
    widest = max((len(row[2]) for row in searched), default=0)
    if widest > MOST_COLUMNS:
        raise TooWide(f"The file has {widest} columns, a list {MOST_COLUMNS} at most; check its delimiter")
    filled = [row for row in searched if any(cell.strip() for cell in row[2])]
    if not filled:
        raise NoTable("The file holds no table; send a header line and one line per record")
    header = max(filled, key=lambda row: (_recognised(row[2], known), -row[0]))
    above = [row for row in searched if row[0] < header[0]]
    return Table(
        headers=tuple(map(readable, header[2])),
        header_first=header[0],
        header_last=header[1],
        titles=tuple(
            " ".join(canonical(repaired(cell).text) for cell in row[2] if cell.strip()) for row in above if any(row[2])
        ),
        remainder=(
            *(Remainder(row[0], row[1], "title" if any(row[2]) else "empty line") for row in above),
            Remainder(header[0], header[1], "header"),
        ),
        recognised=_recognised(header[2], known),
    )


def _recognised(cells: Sequence[str], known: frozenset[str]) -> int:
    return sum(1 for cell in cells if cell.strip() and (fold(cell) in known or meaning(canonical(readable(cell)))))


@lru_cache(maxsize=4096)
def readable(header: str) -> str:
    """Return a header as it was meant: one that was misread, or typed in keystrokes, is repaired."""
    if meaning(canonical(header)):
        return header
    typed = repaired(header, typed=True).text
    return typed if meaning(canonical(typed)) else without_strays(repaired(header).text)


def is_footer(cells: Sequence[str | None]) -> bool:
    """Tell whether a row is a total or a signature under the table and no record."""
    filled = [cell for cell in cells if cell and cell.strip()]
    return 0 < len(filled) <= 2 and any(map(_ends_a_list, filled))


def _ends_a_list(cell: str) -> bool:
    return bool(_FOOTER.match(fold(cell))) or canonical(cell).lower() == "cộng"
