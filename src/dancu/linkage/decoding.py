"""What a damaged name was meant to be: misread bytes, fonts, keystrokes left raw. For comparing only.

The register keeps what was written. Both sides of a comparison pass through the same repair,
so a repair that errs (`Max` becomes `Mã`) errs on both sides alike; `Name.written` is what was there before.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from dancu.kernel.keystrokes import telex, telex_shapes, tone_in_place, vni, vni_marks
from dancu.kernel.misread import apply, is_sound, repaired, weight
from dancu.kernel.syllables import SURNAMES, is_bare_syllable, is_syllable
from dancu.kernel.text import fold

VERSION = 1
"""Changes with every change of what `decoded` returns: keys and models of another version don't fit."""

_SOFT = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_LIKENESSES = str.maketrans({"ð": "đ", "Ð": "Đ", "ɖ": "đ", "Ɖ": "Đ", "’": "'", "‘": "'", "ʼ": "'", "`": "'"})
_DIGIT_IN_WORD = re.compile(r"[a-z]+[1-9][a-z1-9]*")
_RAW_DOUBLE_O = re.compile(r"[a-z]*oo(?:ng|c)")
_TITLES = frozenset({"ông", "bà", "cụ"})
_IN_BRACKETS = re.compile(r"\([^()]*\)?")
_LOST, _MOST_LOST = "\ufffd", 3
_LOST_BYTES = tuple(map(chr, (0x81, 0x8D, 0x8F, 0x90, 0x9D)))
"""The bytes to which cp1252 gives no letter."""
PUNCTUATION = "[.,;/_-]+"
"""What stands between words besides spaces; a regular expression."""
_PUNCTUATION = re.compile(PUNCTUATION)


@lru_cache(maxsize=1 << 18)
def decoded(text: str) -> str:
    """Return a name in small letters and NFC, its tones in one place and its damage repaired, with single spaces.

    `decoded(decoded(t)) == decoded(t)` holds for names of Vietnamese syllables.
    """
    if not all(map(is_plain, text.split())):
        text = _without_additions(_repaired(text))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_SOFT).translate(_LIKENESSES))
    words = _PUNCTUATION.sub(" ", text).lower().split()
    return " ".join(typed(word) for word in words if fold(word))


@lru_cache(maxsize=1 << 16)
def is_plain(word: str) -> bool:
    """Tell whether a word shows no sign that the text around it was misread or holds more than a name."""
    if word.isascii():
        return word.isprintable() and word != "" and "(" not in word
    return is_syllable(word) and "(" not in word and word.lower() not in _TITLES


def _without_additions(text: str) -> str:
    """Return a name without what stands in brackets, and without a title before a surname."""
    words = _IN_BRACKETS.sub(" ", text).split() or text.split()
    if len(words) > 2 and words[0].lower() in _TITLES and words[1].lower() in SURNAMES:
        words = words[1:]
    return " ".join(words)


def _repaired(text: str) -> str:
    """Return a text as it was meant; bytes that Western software lost are tried out."""
    if _LOST not in text or text.count(_LOST) > _MOST_LOST:
        return repaired(text).text
    found = []
    for lost in product(_LOST_BYTES, repeat=text.count(_LOST)):
        parts = iter(lost)
        made = apply("".join(next(parts) if letter == _LOST else letter for letter in text), "utf-8")
        if made is not None and is_sound(made):
            found.append(made)
    return max(found, key=weight) if found else text


@lru_cache(maxsize=1 << 16)
def typed(word: str) -> str:
    """Return a word without raw keystrokes and with its tone in place."""
    return "'".join(map(_typed, word.split("'")))


def _typed(word: str) -> str:
    if not word.isascii():
        return tone_in_place(word)
    if not word.isalpha():
        return vni(word) or (vni_marks(word) if _DIGIT_IN_WORD.fullmatch(word) else word)
    if _RAW_DOUBLE_O.fullmatch(word):
        return telex(word) or word
    if is_syllable(word) or is_bare_syllable(word):
        return word
    return telex(word) or telex_shapes(word)
