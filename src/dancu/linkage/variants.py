"""The folded names that a typed name may have been meant as.

A name key in the database can be found by equality only: similarity operators are slow over a nation and are
switched off by row-level security. So the likeness is turned around: from what was typed, all names that are a
slip away and whose words exist are listed, and looked up as keys.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from math import prod

from rapidfuzz.distance import OSA

MOST_KEYS = 400
_MIDDLES_ADDED = 24
_WORDS_PER_PLACE = 40
_WORDS_OF_A_NAME = 3.2

_CONFUSED_INITIALS = (
    ("gi", "d", "r"),
    ("s", "x"),
    ("ch", "tr"),
    ("l", "n"),
    ("c", "k", "q"),
    ("ng", "ngh"),
    ("g", "gh"),
    ("v", "d"),
    ("ph", "f"),
)
_CONFUSED_FINALS = (("n", "ng"), ("n", "nh"), ("t", "c"), ("t", "ch"), ("i", "y"), ("m", "n"))


class Vocabulary:
    """The words of names and how often each occurs; finds the words that are one slip from another.

    Args:
        frequencies: folded words, with counts in any unit.
    """

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self.frequencies = dict(frequencies)
        self._by_deletion: dict[str, set[str]] = defaultdict(set)
        for word in self.frequencies:
            for shorter in _deletions(word):
                self._by_deletion[shorter].add(word)
        common = sorted(self.frequencies, key=lambda w: -self.frequencies[w])
        self.common = tuple(common[:_MIDDLES_ADDED])
        self._people = max(1.0, sum(self.frequencies.values()) / _WORDS_OF_A_NAME)

    def __contains__(self, word: str) -> bool:
        return word in self.frequencies

    def share(self, name: str) -> float:
        """Estimate which part of all people has all the words of a name, as if words were independent."""
        return prod(max(self.frequencies.get(word, 0), 1) / self._people for word in name.split())

    def near(self, word: str) -> list[str]:
        """List the known words one insertion, deletion, substitution or swap away, the commonest first."""
        found = set().union(*(self._by_deletion.get(shorter, set()) for shorter in _deletions(word)))
        slips = {other for other in found if other != word and OSA.distance(word, other) == 1}
        slips |= {other for other in sounding_alike(word) if other in self.frequencies}
        return sorted(slips, key=lambda other: (-self.frequencies[other], other))

    def beginning_with(self, initial: str) -> list[str]:
        """List the known words that an initial may stand for, the commonest first."""
        found = (word for word in self.frequencies if word.startswith(initial))
        return sorted(found, key=lambda word: (-self.frequencies[word], word))[:_WORDS_PER_PLACE]


def _deletions(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


@lru_cache(maxsize=65_536)
def sounding_alike(word: str) -> frozenset[str]:
    """Return how else a word may be written by ear, whether or not such words exist."""
    found = set()
    for group in _CONFUSED_INITIALS:
        for one, other in product(group, group):
            if one != other and word.startswith(one):
                found.add(other + word[len(one) :])
    for group in _CONFUSED_FINALS:
        for one, other in product(group, group):
            if one != other and word.endswith(one):
                found.add(word[: len(word) - len(one)] + other)
    return frozenset(found - {word})


_TELEX_VOWELS = re.compile(r"(a)a|(e)e|(o)o|(d)d|([aou])w")
_TELEX_TONE = re.compile(r"(?<=[aeiouy])[sfrxj](?=[a-z]*$)|(?<=[aeiouy])([a-z]*)[sfrxj]$")
_VNI_DIGIT = re.compile(r"(?<=[a-z])[1-9]")


def without_keystrokes(word: str) -> str:
    """Return a folded word without the keystrokes of a Vietnamese keyboard that stayed in it: nguyeenx, nguye6n4."""
    word = _VNI_DIGIT.sub("", word)
    word = _TELEX_VOWELS.sub(lambda match: next(letter for letter in match.groups() if letter), word)
    return _TELEX_TONE.sub(lambda match: match[1] or "", word)


def keys_of(name: str, vocabulary: Vocabulary) -> list[str]:
    """List the keys that a typed name may stand for, the likeliest first, 400 at most.

    Args:
        name: folded words in any order that people write; a word may be an initial (`ng.` or `v`).
    """
    words = [word.strip(".") for word in name.split() if word.strip(".")]
    found: dict[str, None] = {}
    for key in _all_keys(words, vocabulary):
        found.setdefault(key)
        if len(found) >= MOST_KEYS:
            break
    return list(found)


def _all_keys(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    yield " ".join(words)
    if not words:
        return
    if any(_is_initial(word, vocabulary) for word in words):
        yield from _expanded(words, vocabulary)
    yield from _reordered(words)
    yield from _with_one_slip(words, vocabulary)
    yield from _middle_left_out(words)
    yield from _middle_put_in(words, vocabulary)
    yield from _with_two_slips(words, vocabulary)


def _is_initial(word: str, vocabulary: Vocabulary) -> bool:
    return word not in vocabulary and len(word) <= 2


def _expanded(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    choices = [vocabulary.beginning_with(w)[:12] if _is_initial(w, vocabulary) else [w] for w in words]
    yield from (" ".join(chosen) for chosen in product(*choices))


def _reordered(words: list[str]) -> Iterator[str]:
    if len(words) >= 2:
        yield " ".join([*words[1:], words[0]])
        yield " ".join([words[-1], *words[:-1]])
    for i in range(len(words) - 1):
        yield " ".join([*words[:i], words[i + 1], words[i], *words[i + 2 :]])


def _with_one_slip(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    near = [vocabulary.near(word) for word in words]
    for rank in range(_WORDS_PER_PLACE):
        for i, candidates in enumerate(near):
            if rank < len(candidates):
                yield " ".join([*words[:i], candidates[rank], *words[i + 1 :]])
    for i in range(len(words) - 1):
        joined = words[i] + words[i + 1]
        if joined in vocabulary:
            yield " ".join([*words[:i], joined, *words[i + 2 :]])
    for i, word in enumerate(words):
        for cut in range(1, len(word)):
            if word[:cut] in vocabulary and word[cut:] in vocabulary and word not in vocabulary:
                yield " ".join([*words[:i], word[:cut], word[cut:], *words[i + 1 :]])


def _middle_left_out(words: list[str]) -> Iterator[str]:
    for i in range(1, len(words) - 1):
        yield " ".join([*words[:i], *words[i + 1 :]])


def _middle_put_in(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    if 2 <= len(words) <= 3:
        for middle in vocabulary.common:
            yield " ".join([words[0], middle, *words[1:]])


def _with_two_slips(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    unknown = [i for i, word in enumerate(words) if word not in vocabulary]
    if len(unknown) != 2:
        return
    first, second = unknown
    for one, other in product(vocabulary.near(words[first])[:15], vocabulary.near(words[second])[:15]):
        changed = list(words)
        changed[first], changed[second] = one, other
        yield " ".join(changed)


def vocabulary_of(words: Iterable[tuple[str, int]]) -> Vocabulary:
    """Make a vocabulary of (word, frequency)."""
    return Vocabulary(dict(words))
