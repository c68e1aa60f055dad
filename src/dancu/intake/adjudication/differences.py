"""What differs between two values, part by part: words of names, digits of numbers and dates. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from dancu.kernel.text import canonical, fold


class Agreement(StrEnum):
    """How two values of one field stand to each other."""

    SAME = "same"
    ALIKE = "alike"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Piece:
    """A part of a value; `differs` where the other value has it otherwise."""

    text: str
    differs: bool


_WORDS = re.compile(r"\s+|[^\s]+")
_LEAST_ALIKE = 0.75


def agreement(one: str, other: str, *, code: bool = False) -> Agreement:
    """Tell how two values agree; alike are those that differ in accents, order, or a few letters or digits.

    Args:
        code: a value out of few, of which none is like another.
    """
    if not one or not other:
        return Agreement.UNKNOWN
    if canonical(one).lower() == canonical(other).lower():
        return Agreement.SAME
    if code:
        return Agreement.DIFFERENT
    plain, other_plain = fold(one), fold(other)
    if sorted(plain.split()) == sorted(other_plain.split()):
        return Agreement.ALIKE
    alike = SequenceMatcher(None, plain, other_plain, autojunk=False).ratio()
    return Agreement.ALIKE if alike >= _LEAST_ALIKE else Agreement.DIFFERENT


def marked(value: str, against: str) -> tuple[Piece, ...]:
    """Split a value into what the other one has as well and what it has not, in reading order.

    Numbers and dates are compared digit by digit, those of one length place by place, so that two that changed places
    are marked both; everything else word by word, with its accents.
    """
    if not value or not against:
        return (Piece(value, differs=False),) if value else ()
    digits = _is_digits(value) and _is_digits(against)
    mine, theirs = (list(value), list(against)) if digits else (_words(value), _words(against))
    placed = digits and len(mine) == len(theirs)
    common = [one == other for one, other in zip(mine, theirs, strict=True)] if placed else _common(mine, theirs)
    return _joined(mine, common)


def _is_digits(value: str) -> bool:
    return not any(c.isalpha() for c in value)


def _words(value: str) -> list[str]:
    return _WORDS.findall(canonical(value))


def _common(mine: Sequence[str], theirs: Sequence[str]) -> list[bool]:
    """Tell of each part whether the other sequence has it in the same order."""
    plain, other = [part.lower().strip(",;.") for part in mine], [part.lower().strip(",;.") for part in theirs]
    found = [False] * len(mine)
    for block in SequenceMatcher(None, plain, other, autojunk=False).get_matching_blocks():
        found[block.a : block.a + block.size] = [True] * block.size
    return found


def _joined(parts: Sequence[str], common: Sequence[bool]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for part, is_common in zip(parts, common, strict=True):
        differs = not is_common and bool(part.strip())
        if pieces and pieces[-1].differs == differs:
            pieces[-1] = Piece(pieces[-1].text + part, differs)
        else:
            pieces.append(Piece(part, differs))
    return tuple(pieces)
