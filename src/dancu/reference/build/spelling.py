"""One spelling of names, so that two sources can be compared."""

import re
import unicodedata

from dancu.kernel.text import canonical, fold

# Tone on the first vowel of a final oa, oe, uy (Hòa, Thủy), as in the laws of this field.
_LATE_TONE = {"oa": "òóỏõọ", "oe": "òóỏõọ", "uy": "ùúủũụ"}
_TONES = "\u0300\u0301\u0309\u0303\u0323"


def _pairs() -> dict[str, str]:
    lower = {
        vowels[0] + unicodedata.normalize("NFC", vowels[1] + tone): first + vowels[1]
        for vowels, early in _LATE_TONE.items()
        for tone, first in zip(_TONES, early, strict=True)
    }
    return lower | {late.capitalize(): early.capitalize() for late, early in lower.items()}


_PAIRS = _pairs()
_LATE = re.compile(r"(?<![qQ])(" + "|".join(map(re.escape, _PAIRS)) + r")(?!\w)")
_PADDED = re.compile(r"^0+(?=\d)")


def spelled(name: str) -> str:
    """Return a unit's name in NFC, with early tone marks, plain apostrophes, and `8` for `08`."""
    plain = canonical(name).replace("\u2019", "'")
    return _PADDED.sub("", _LATE.sub(lambda match: _PAIRS[match[1]], plain))


def squeezed(text: str) -> str:
    """Return the letters and digits of the folded text, the key under which sources agree."""
    return "".join(c for c in fold(text) if c.isalnum())
