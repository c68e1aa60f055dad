"""A name as it is compared: every form that the levels and the keys need, made once."""

from dataclasses import dataclass
from functools import lru_cache

from dancu.kernel.names import PersonName
from dancu.kernel.text import fold
from dancu.linkage.decoding import decoded

_VOWELS = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class Name:
    """A name, repaired and in small letters, with its parts folded.

    Args:
        text: NFC, with tones in one place.
        folded: without any marks.
        tokens: the folded words in alphabetical order, `y` written as `i`, one space between.
        surname, middle, given: folded; a name of one word is a given name.
        initials: the first letters of all words, in order.
        abbreviated: a word is an initial or has no vowel, as in `Ng. V. An`.
    """

    text: str
    folded: str
    tokens: str
    surname: str
    middle: str
    given: str
    initials: str
    abbreviated: bool

    @classmethod
    def of(cls, text: str) -> "Name | None":
        """Make a name of any text, or nothing where no letter is left."""
        clean = decoded(text)
        return _of(clean) if clean else None


@lru_cache(maxsize=1 << 18)
def _of(text: str) -> Name:
    folded = fold(text)
    words = folded.split()
    if len(words) > 3 and words[0] in _FIRST_OF_SEVERAL:
        parts = PersonName.parse(text) if not _OTHER_SIGNS.intersection(text) else None
    else:
        parts = None
    surname, middle, given = (
        (fold(parts.surname), fold(parts.middle), fold(parts.given)) if parts else _kinh_order(words)
    )
    return Name(
        text=text,
        folded=folded,
        tokens=" ".join(sorted(word.replace("y", "i") for word in words)),
        surname=surname,
        middle=middle,
        given=given,
        initials="".join(word[0] for word in words),
        abbreviated=any(not _VOWELS.intersection(word) for word in words) or any(len(w) == 1 for w in words[1:-1]),
    )


_FIRST_OF_SEVERAL = frozenset({"ton", "cong"})
"""Words with which surnames of several words begin; `PersonName` knows them."""
_OTHER_SIGNS = frozenset('0123456789()[]{}<>@#$%^&*+=|\\"!?:')


def _kinh_order(words: list[str]) -> tuple[str, str, str]:
    if len(words) == 1:
        return "", "", words[0]
    return words[0], " ".join(words[1:-1]), words[-1]
