"""Names of persons and of their parents."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dancu.linkage.hashes import of_words
from dancu.linkage.kinds.coded_names import CodedNames, coded_names
from dancu.linkage.kinds.kind import NOT_TOLD, UNSETTLED, Array, Kind, begun, on_distinct, settle
from dancu.linkage.kinds.likeness import alike, alike_many, one_slip, one_slip_many
from dancu.linkage.names import FIRST_OF_SEVERAL, Name
from dancu.linkage.variants import sounding_alike


def one_within_other(one: str, other: str) -> bool:
    """Tell whether the words of one middle name are among those of the other."""
    few, many = set(one.split()), set(other.split())
    return few <= many or many <= few


def slips_only(one: str, other: str) -> bool:
    """Tell whether two folded names differ by no more than a slip or another sound in each of their words."""
    words, fellows = one.split(), other.split()
    return len(words) == len(fellows) > 1 and all(map(_slipped, words, fellows))


@lru_cache(maxsize=1 << 16)
def _slipped(word: str, fellow: str) -> bool:
    return word == fellow or (len(word) > 2 and one_slip(word, fellow)) or fellow in sounding_alike(word)


class NameKind(Kind):
    """The name of the person.

    exact: the same letters and tones; marks: the same letters; order: the same words; initials: one is abbreviated;
    slip: one letter, or two neighbours exchanged; left_out: words of the middle name are missing;
    ends: surname and given name; slips: no word has more than a slip or another sound, and Jaro-Winkler >= .7;
    close: Jaro-Winkler >= .92; given: the given name; near: Jaro-Winkler >= .8.
    """

    id = "name"
    levels: tuple[str, ...] = (
        "exact",
        "marks",
        "order",
        "initials",
        "slip",
        "left_out",
        "ends",
        "slips",
        "close",
        "given",
        "near",
        "else",
    )
    frequent = frozenset({"exact", "marks", "order"})
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "value": lambda name: name.text,
        "folded": lambda name: name.folded,
        "tokens": lambda name: name.tokens,
        "surname": lambda name: name.surname,
        "middle": lambda name: name.middle,
        "given": lambda name: name.given,
    }
    frequency_part = "folded"
    close, near, far = 0.92, 0.8, 0.7

    def read(self, text: str) -> Name | None:
        """Return the name that a cell tells."""
        return Name.of(text)

    def text(self, value: Name) -> str:
        """Return the folded name."""
        return value.folded

    def level(self, one: Name | None, other: Name | None) -> int:
        """Return the level of two names."""
        if one is None or other is None:
            return NOT_TOLD
        return self.levels.index(self._level(one, other))

    def _level(self, one: Name, other: Name) -> str:
        if one.text == other.text:
            return "exact"
        if one.folded == other.folded:
            return "marks"
        if one.tokens == other.tokens:
            return "order"
        same_given = one.given == other.given
        if same_given and one.initials == other.initials and (one.abbreviated or other.abbreviated):
            return "initials"
        if one_slip(one.folded, other.folded):
            return "slip"
        if same_given and one.surname == other.surname and one.surname:
            return "left_out" if one_within_other(one.middle, other.middle) else "ends"
        likeness = alike(one.folded, other.folded)
        if likeness >= self.far and slips_only(one.folded, other.folded):
            return "slips"
        if likeness >= self.close:
            return "close"
        if same_given:
            return "given"
        return "near" if likeness >= self.near else "else"

    def coded(self, texts: pa.Array) -> CodedNames:
        """Return the names that distinct cells of a file tell."""
        return coded_names(texts)

    def hash(self, text: str) -> int:
        """Return the hash of a folded name."""
        return of_words(text.split())

    def levels_of(self, coded: CodedNames, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of names."""
        levels = begun(coded, ones, others)
        for part, level in (("value", "exact"), ("folded", "marks"), ("tokens", "order")):
            settle(levels, coded.same(part, ones, others), self.at(level))
        same_given, short = coded.same("given", ones, others), coded.parts["abbreviated"]
        either_short = (short[ones] != 0) | (short[others] != 0)
        settle(levels, same_given & either_short & coded.same("initials", ones, others), self.at("initials"))
        rest = levels == UNSETTLED
        by_text = np.full(len(ones), _ELSE, np.int8)
        by_text[rest] = on_distinct(ones[rest], others[rest], lambda i, j: self._by_text(coded, i, j))
        settle(levels, by_text == _SLIP, self.at("slip"))
        has_surname = coded.parts["surname"][ones] != 0
        ends = same_given & has_surname & coded.same("surname", ones, others) & (levels == UNSETTLED)
        levels[ends] = on_distinct(ones[ends], others[ends], lambda i, j: self._ends(coded, i, j))
        settle(levels, by_text == _SLIPS, self.at("slips"))
        settle(levels, by_text == _CLOSE, self.at("close"))
        settle(levels, same_given, self.at("given"))
        settle(levels, by_text == _NEAR, self.at("near"))
        settle(levels, rest, self.at("else"))
        return levels

    def _by_text(self, coded: CodedNames, ones: list[int], others: list[int]) -> Array:
        """Return what the texts of pairs alone say, each text made once."""
        texts = {place: coded.text(place) for place in {*ones, *others}}
        first, second = [texts[place] for place in ones], [texts[place] for place in others]
        likeness = alike_many(first, second)
        found = np.where(likeness >= self.close, _CLOSE, np.where(likeness >= self.near, _NEAR, _ELSE)).astype(np.int8)
        for at in np.flatnonzero(likeness >= self.far).tolist():
            if slips_only(first[at], second[at]):
                found[at] = _SLIPS
        found[one_slip_many(first, second)] = _SLIP
        return found

    def _ends(self, coded: CodedNames, ones: list[int], others: list[int]) -> Array:
        within = [self._within(coded, i, j) for i, j in zip(ones, others, strict=True)]
        return np.where(np.array(within, np.bool_), self.at("left_out"), self.at("ends")).astype(np.int8)

    def _within(self, coded: CodedNames, one: int, other: int) -> bool:
        return one_within_other(_middle(coded.words(one)), _middle(coded.words(other)))


_SLIP, _SLIPS, _CLOSE, _NEAR, _ELSE = range(5)


def _middle(words: list[str]) -> str:
    name = Name.of(" ".join(words)) if len(words) > 3 and words[0] in FIRST_OF_SEVERAL else None
    return name.middle if name else " ".join(words[1:-1])


class RelativeKind(NameKind):
    """The name of a parent: told with less care, so marks and order count for nothing.

    exact: the same words; initials, left_out, close (Jaro-Winkler >= .9) and given as for the name of the person.
    """

    id = "relative"
    levels = ("exact", "initials", "left_out", "close", "given", "else")
    frequent = frozenset({"exact"})
    _of_name = {  # noqa: RUF012
        "exact": "exact", "marks": "exact", "order": "exact", "initials": "initials", "slip": "close", "slips": "close",
        "left_out": "left_out", "ends": "given", "close": "close", "given": "given", "near": "else", "else": "else",
    }  # fmt: skip
    close = 0.9

    def level(self, one: Name | None, other: Name | None) -> int:
        """Return the level of two names."""
        if one is None or other is None:
            return NOT_TOLD
        return self.levels.index(self._of_name[self._level(one, other)])

    def at(self, level: str) -> int:
        """Return the place of a level by its name; also of a level that only the name of the person has."""
        return self.levels.index(self._of_name[level])


NAME, RELATIVE = NameKind(), RelativeKind()
