"""How alike two names are, for ranking: 0 to 1."""

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

from dancu.kernel.text import fold
from dancu.linkage.variants import sounding_alike

_LIGHT_WORDS = frozenset({"van", "thi"})
"""Middle names that people drop and add freely."""
_FARTHEST = 6.0


def likeness(typed: str, name: str) -> float:
    """Return how alike a typed name and a stored one are; 1 is the same letters and tones.

    Diacritics count only when they were typed: `huong` is as like Hương as Hường, `hương` is not.
    Initials, dropped middle names, other orders and slips of a letter lower it, each by what it makes doubtful.
    """
    plain_typed, plain_name = fold(typed), fold(name)
    marks = _marks_amiss(typed, name)
    if plain_typed == plain_name:
        return 1.0 - min(0.05, 0.025 * marks)
    words_typed, words_name = tuple(plain_typed.split()), tuple(plain_name.split())
    if sorted(words_typed) == sorted(words_name):
        alike = 0.92
    elif plain_typed.replace(" ", "") == plain_name.replace(" ", ""):
        alike = 0.93
    else:
        distance = min(_distance(words_typed, words_name), 0.8 + _distance(_rotated(words_typed), words_name))
        alike = max(0.0, 0.93 - 0.06 * distance)
        if set(words_typed) <= set(words_name):
            alike = max(alike, 0.78)
    return alike - min(0.02, 0.005 * marks)


def _rotated(words: tuple[str, ...]) -> tuple[str, ...]:
    """The given name was put first."""
    return (*words[1:], *words[:1])


def _marks_amiss(typed: str, name: str) -> int:
    """Count the typed words that have diacritics and are not among the words of the name."""
    known = {_marked(word) for word in name.split()}
    return sum(word.lower() != fold(word) and _marked(word) not in known for word in typed.split())


@lru_cache(maxsize=65_536)
def _marked(word: str) -> str:
    """A word's letters and marks whatever the place of its tone: hoà and hòa are one."""
    return "".join(sorted(unicodedata.normalize("NFD", word.lower())))


def _distance(typed: tuple[str, ...], name: tuple[str, ...]) -> float:
    """Align the words of two names and sum up what sets them apart: about 1 a slip."""
    above = [0.0]
    for j, word in enumerate(name):
        above.append(above[-1] + _missing(word, first=j == 0, last=j == len(name) - 1))
    for i, word in enumerate(typed):
        row = [above[0] + _missing(word, first=i == 0, last=i == len(typed) - 1)]
        for j, other in enumerate(name):
            left_out = row[j] + _missing(other, first=j == 0, last=j == len(name) - 1)
            put_in = above[j + 1] + _missing(word, first=i == 0, last=i == len(typed) - 1)
            row.append(min(left_out, put_in, above[j] + _slips(word, other)))
        if min(row) > _FARTHEST:
            return _FARTHEST
        above = row
    return above[-1]


def _missing(word: str, *, first: bool, last: bool) -> float:
    if first or last:
        return 2.0
    return 0.8 if word in _LIGHT_WORDS else 1.2


@lru_cache(maxsize=262_144)
def _slips(word: str, other: str) -> float:
    """How far two words are from each other: 0 the same, 1 a slip, 3 another word."""
    if word == other:
        return 0.0
    bare = word.rstrip(".")
    if len(bare) <= 2 and other.startswith(bare):
        return 0.6
    if other in sounding_alike(word):
        return 0.8
    slips = OSA.distance(word, other, score_cutoff=2)
    return min(3.0, float(slips) if len(word) > 2 else 1.4 * slips)
