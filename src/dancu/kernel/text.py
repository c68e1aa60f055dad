"""Vietnamese text: the canonical form, the folded form for search, and the order of names."""

import unicodedata
from functools import lru_cache

_D_WITH_STROKE = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})

# Letters in dictionary order; the five marked tones follow the unmarked letter.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_LETTERS, start=1)}
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_TONES = frozenset(_TONE_RANK)


def canonical(text: str) -> str:
    """Return the text in NFC with single spaces and none at its ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return the text without diacritics, lower case, with single spaces.

    This is the key under which names and places are stored and searched;
    `fold(fold(t)) == fold(t)`.
    """
    return " ".join(_fold_token(token) for token in text.split())


@lru_cache(maxsize=65536)
def _fold_token(token: str) -> str:
    decomposed = unicodedata.normalize("NFKD", token.translate(_D_WITH_STROKE))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a key that orders Vietnamese words as a dictionary does: by letters, then by tones."""
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", text).lower():
        base, tone = _split_tone(character)
        letters.append(_LETTER_RANK.get(base, 0 if base == " " else 100 + ord(base[0])))
        tones.append(tone)
    return tuple(letters), tuple(tones)


@lru_cache(maxsize=1024)
def _split_tone(character: str) -> tuple[str, int]:
    decomposed = unicodedata.normalize("NFD", character)
    tone = next((_TONE_RANK[mark] for mark in decomposed if mark in _TONES), 0)
    base = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
    return base or character, tone
