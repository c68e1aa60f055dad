"""Many names at once, as rows of words: what is made of a word is made once, and names are sums of hashes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dancu.kernel.text import fold
from dancu.linkage.decoding import PUNCTUATION, decoded, is_plain, typed
from dancu.linkage.hashes import mixed, of_text, of_words
from dancu.linkage.kinds.kind import Array, Coded
from dancu.linkage.names import FIRST_OF_SEVERAL, Name, is_short, lenient

_SALTS = 64
"""Words beyond so many share salts, in turn."""


class CodedNames(Coded):
    """Distinct names, the words of which are codes into one list of words."""

    def __init__(self, parts: dict[str, Array], starts: Array, words: Array, folded: list[str]) -> None:
        self._starts, self._words, self._folded = starts, words, folded
        super().__init__(parts, self._text)

    def _text(self, place: int) -> str:
        return " ".join(self.words(place))

    def words(self, place: int) -> list[str]:
        """Return the folded words of the name at a place."""
        return [self._folded[code] for code in self._words[self._starts[place] : self._starts[place + 1]].tolist()]


def coded_names(texts: pa.Array) -> CodedNames:
    """Return names out of distinct texts, after one for nothing; the same parts as `Name.of` each of them."""
    lists, word_list = _split(texts)
    lists, word_list = _with_odd_ones(texts, lists, word_list)
    counts = np.concatenate([[0], np.diff(lists[0])])
    starts = np.concatenate([[0], np.cumsum(counts)])
    vocabulary = _Vocabulary(word_list)
    words = vocabulary.kept[lists[1]]
    parts = _parts(vocabulary, starts, words, texts)
    return CodedNames(parts, starts, words, vocabulary.folded)


def _split(texts: pa.Array) -> tuple[tuple[Array, Array], list[str]]:
    """Return where each text begins in the row of all words, the codes of these words, and the words."""
    plain = pc.utf8_trim_whitespace(
        pc.replace_substring_regex(pc.utf8_lower(pc.utf8_normalize(texts, "NFC")), PUNCTUATION, " ")
    )
    split = pc.utf8_split_whitespace(plain)
    encoded = split.flatten().dictionary_encode()
    offsets = split.offsets.to_numpy().astype(np.int64)
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return (offsets - offsets[0], codes), encoded.dictionary.to_pylist()


def _with_odd_ones(
    texts: pa.Array, lists: tuple[Array, Array], word_list: list[str]
) -> tuple[tuple[Array, Array], list[str]]:
    """Decode the texts that can't be understood word by word, as a whole."""
    offsets, codes = lists
    odd_word = np.array([not is_plain(word) for word in word_list] or [False])
    hits = np.concatenate([[0], np.cumsum(odd_word[codes])]) if len(codes) else np.zeros(1, np.int64)
    odd = np.flatnonzero(hits[offsets[1:]] > hits[offsets[:-1]])
    if not len(odd):
        return lists, word_list
    known = {word: code for code, word in enumerate(word_list)}
    rows: dict[int, list[int]] = {}
    for place, text in zip(odd.tolist(), texts.take(pa.array(odd)).to_pylist(), strict=True):
        rows[place] = [known.setdefault(word, len(known)) for word in decoded(text).split()]
    counts = np.diff(offsets)
    counts[odd] = [len(rows[place]) for place in odd.tolist()]
    starts = np.concatenate([[0], np.cumsum(counts)])
    merged = np.zeros(starts[-1], np.int64)
    same = np.ones(len(texts), np.bool_)
    same[odd] = False
    kept_rows = np.flatnonzero(same)
    lengths = counts[kept_rows]
    inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    merged[np.repeat(starts[:-1][kept_rows], lengths) + inside] = codes[np.repeat(offsets[kept_rows], lengths) + inside]
    for place, row in rows.items():
        merged[starts[place] : starts[place + 1]] = row
    return (starts, merged), list(known)


class _Vocabulary:
    """What is made of each word: the words in their normal form, folded, and the hashes of their forms."""

    def __init__(self, words: list[str]) -> None:
        clean = [typed(word) for word in words]
        known: dict[str, int] = {}
        self.kept = np.array([known.setdefault(word, len(known)) for word in clean] or [0], np.int64)
        self.folded = [fold(word) for word in known]
        self.text = _hashes(list(known))
        self.fold = _hashes(self.folded)
        self.lenient = mixed(_hashes([lenient(word) for word in self.folded]))
        self.initial = _hashes([word[:1] for word in self.folded])
        self.short = np.array([is_short(word) for word in self.folded] or [False])
        self.single = np.array([len(word) == 1 for word in self.folded] or [False])


def _hashes(words: list[str]) -> Array:
    return np.array([of_text(word) for word in words] or [0], np.uint64)


def _parts(vocabulary: _Vocabulary, starts: Array, words: Array, texts: pa.Array) -> dict[str, Array]:
    counts = np.diff(starts)
    place = np.arange(len(words)) - np.repeat(starts[:-1], counts)
    last = np.repeat(counts, counts) - 1 - place == 0
    by_place = _at_places(vocabulary.fold[words], place)
    middle = (place > 0) & ~last

    def total(values: Array) -> Array:
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
        found: Array = sums[starts[1:]] - sums[starts[:-1]]
        return found

    ends = np.maximum(starts[1:] - 1, 0)
    only = np.where(counts > 0, vocabulary.fold[words[ends]] if len(words) else 0, 0).astype(np.uint64)
    first = np.where(
        counts > 1, vocabulary.fold[words[np.minimum(starts[:-1], max(0, len(words) - 1))]] if len(words) else 0, 0
    )
    short = vocabulary.short[words] | (middle & vocabulary.single[words])
    with np.errstate(over="ignore"):
        parts: dict[str, Array] = {
            "value": total(_at_places(vocabulary.text[words], place)),
            "folded": total(by_place),
            "tokens": total(vocabulary.lenient[words]),
            "middle": total(np.where(middle, by_place, np.uint64(0))),
            "initials": total(_at_places(vocabulary.initial[words], place)),
            "abbreviated": total(short.astype(np.uint64)),
        }
    parts["surname"], parts["given"] = _ends_of(first, only)
    return _with_long_surnames(parts, vocabulary, starts, words, texts)


def _ends_of(first: Array, last: Array) -> tuple[Array, Array]:
    surname, given = mixed(first), mixed(last)
    surname[first == 0] = 0
    given[last == 0] = 0
    return surname, given


def _at_places(hashes: Array, place: Array) -> Array:
    """Scatter the hash of each word by its place."""
    found = np.zeros(len(hashes), np.uint64)
    for salt in range(min(_SALTS, int(place.max(initial=-1)) + 1)):
        here = place % _SALTS == salt
        found[here] = mixed(hashes[here], salt)
    return found


def _with_long_surnames(
    parts: dict[str, Array], vocabulary: _Vocabulary, starts: Array, words: Array, texts: pa.Array
) -> dict[str, Array]:
    """Split the names again that may begin with a surname of several words."""
    begins = np.array([word in FIRST_OF_SEVERAL for word in vocabulary.folded] or [False])
    counts = np.diff(starts)
    chosen = np.flatnonzero(counts > 3)
    chosen = chosen[begins[words[starts[:-1][chosen]]]]
    for place in chosen.tolist():
        name: Any = Name.of(texts[place - 1].as_py())
        parts["surname"][place] = of_words(name.surname.split())
        parts["middle"][place] = of_words(name.middle.split(), 1)
        parts["given"][place] = of_words(name.given.split())
    return parts
