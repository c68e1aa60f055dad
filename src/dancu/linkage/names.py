"""A name as it is compared: every form that the levels and the keys need, made once."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache

from dancu.kernel.errors import Invalid
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
        written: folded as it was written, without any repair: the key under which the register may hold it.
    """

    text: str
    folded: str
    tokens: str
    surname: str
    middle: str
    given: str
    initials: str
    abbreviated: bool
    written: str = field(default="", compare=False)

    @classmethod
    def of(cls, text: str) -> "Name | None":
        """Make a name of any text, or nothing where no letter is left."""
        clean = decoded(text)
        if not clean:
            return None
        name, written = _of(clean), fold(text)
        return name if written == name.written else replace(name, written=written)


@lru_cache(maxsize=1 << 18)
def _of(text: str) -> Name:
    folded = fold(text)
    words = folded.split()
    surname, middle, given = _parts(text, words)
    return Name(
        text=text,
        folded=folded,
        tokens=" ".join(sorted(map(lenient, words))),
        surname=surname,
        middle=middle,
        given=given,
        written=folded,
        initials="".join(word[0] for word in words),
        abbreviated=any(map(is_short, words)) or any(len(word) == 1 for word in words[1:-1]),
    )


FIRST_OF_SEVERAL = frozenset({"ton", "cong"})
"""Words with which surnames of several words begin; `PersonName` knows them."""


def lenient(word: str) -> str:
    """Return a folded word with one letter for i and y, which are written for each other."""
    return word.replace("y", "i")


def is_short(word: str) -> bool:
    """Tell whether a folded word has no vowel, as `Ng.` for Nguyễn."""
    return not _VOWELS.intersection(word)


def _parts(text: str, words: list[str]) -> tuple[str, str, str]:
    if len(words) > 3 and words[0] in FIRST_OF_SEVERAL:
        with suppress(Invalid):
            parts = PersonName.parse(text)
            return fold(parts.surname), fold(parts.middle), fold(parts.given)
    if len(words) == 1:
        return "", "", words[0]
    return words[0], " ".join(words[1:-1]), words[-1]
