"""Typing errors planted on purpose, to measure how well search and matching bear them.

The model is that of a clerk at a keyboard: a neighbouring key, a tone left out, day and month exchanged,
a middle name left out, the zeros at the head of a number lost. It shares nothing with the search.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dancu.synth.draw import Rng

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SALT = 0x7E1A


@dataclass(frozen=True)
class Planted:
    """An error: which record, which column, what kind, and what stood there before."""

    source_key: str
    column: str
    kind: str
    before: str


def with_errors(table: pa.Table, rate: float, seed: int) -> tuple[pa.Table, list[Planted]]:
    """Plant one error in about `rate` of the records, each of one kind, and say where; the rest stays as it is.

    Args:
        table: records of `dancu.synth.nation`.
        rate: 0 to 1.
    """
    rng = np.random.Generator(np.random.PCG64([seed, _SALT]))
    chosen = np.flatnonzero(rng.random(table.num_rows) < rate)
    rows = table.take(pa.array(chosen)).to_pylist()
    planted: list[Planted] = []
    changed: dict[str, dict[int, str | None]] = {}
    for position, row in zip(chosen.tolist(), rows, strict=True):
        for number in rng.permutation(len(_KINDS)):
            kind, column, change = _KINDS[number]
            before = row[column]
            after = change(rng, before) if before else before
            if after != before:
                planted.append(Planted(row["source_key"], column, kind, before))
                changed.setdefault(column, {})[position] = after
                break
    for column, values in changed.items():
        table = table.set_column(table.column_names.index(column), column, _replaced(table.column(column), values))
    return table, planted


def _replaced(column: pa.ChunkedArray, values: dict[int, str | None]) -> pa.Array:
    texts = column.to_pylist()
    for position, text in values.items():
        texts[position] = text
    return pa.array(texts, pa.string())


def slip_of_key(rng: Rng, text: str) -> str:
    """Return the text with one letter replaced by its neighbour on the keyboard, marks and case kept."""
    places = [place for place, letter in enumerate(text) if any(_base(letter) in row for row in _ROWS)]
    if not places:
        return text
    place = places[int(rng.integers(0, len(places)))]
    letter = text[place]
    row = next(row for row in _ROWS if _base(letter) in row)
    at = row.index(_base(letter))
    near = [row[other] for other in (at - 1, at + 1) if 0 <= other < len(row)]
    hit = near[int(rng.integers(0, len(near)))]
    return text[:place] + (hit.upper() if letter.isupper() else hit) + text[place + 1 :]


def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0].lower()


def dropped_tone(_rng: Rng, text: str) -> str:
    """Return the text without its first tone; the shape of the vowel stays."""
    letters = list(unicodedata.normalize("NFD", text))
    tone = next((place for place, letter in enumerate(letters) if letter in _TONES), None)
    if tone is not None:
        del letters[tone]
    return unicodedata.normalize("NFC", "".join(letters))


def swapped_day_and_month(_rng: Rng, text: str) -> str:
    """Return an ISO date with day and month exchanged, where that is a date."""
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    return f"{year}-{day}-{month}" if day and 1 <= int(day) <= 12 else text


def left_out(_rng: Rng, _text: str) -> None:
    """Return nothing."""


def lost_zero(_rng: Rng, text: str) -> str:
    """Return a number as a spreadsheet keeps it."""
    return text.lstrip("0")


_KINDS: tuple[tuple[str, str, Callable[[Rng, str], str | None]], ...] = (
    ("key", "given", slip_of_key),
    ("key", "surname", slip_of_key),
    ("tone", "given", dropped_tone),
    ("tone", "surname", dropped_tone),
    ("day_month", "born", swapped_day_and_month),
    ("middle", "middle", left_out),
    ("zero", "personal_number", lost_zero),
)
