"""From the characters of a column to its text: the file's encoding, a column's own, and repairs of single cells."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dancu.intake.columns import holds
from dancu.intake.encodings import ENCODINGS, Encoding
from dancu.kernel.misread import (
    OF_KEYS,
    apply,
    has_strays,
    is_sound,
    is_suspicious,
    repaired,
    weight,
    without_strays,
)

_SEPARATOR = "\x1f"
_INVISIBLE = "[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
"""Marks of direction and width, which people copy without seeing them."""
_INVISIBLE_BYTES = (b"\xe2\x80", b"\xe2\x81", b"\xd8\x9c", b"\xef\xbb\xbf")
_VOTERS = 1_000
_RULES_THE_COLUMN = 0.3
_SURE = 0.8
_BONUS = 0.5

Mask = npt.NDArray[np.bool_]


@dataclass
class Cells:
    """Makes text of the columns of one file.

    Args:
        encoding: the file's; `utf-8` where a format brings text of its own.
        own: encodings or ways of typing of single columns, by header; they overrule everything.
        told: how many distinct texts of a column were repaired, by header and way.
    """

    encoding: Encoding = ENCODINGS["utf-8"]
    own: Mapping[str, str] = field(default_factory=dict)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    _known: dict[tuple[str, bool], bool] = field(default_factory=dict)

    def read(self, header: str, column: pa.Array, *, names: bool = False) -> tuple[pa.Array, Mask | None]:
        """Return a column as text, and which of its cells were repaired one by one (None: none).

        The answer for a cell depends on the cells of its chunk only, so that going on in the middle gives the same.

        Args:
            names: the column holds names or words, in which keystrokes can be told from other languages.
        """
        ascii_only = pc.all(pc.string_is_ascii(column)).as_py() is not False
        if not ascii_only and holds(column, *_INVISIBLE_BYTES):
            column = pc.replace_substring_regex(column, _INVISIBLE, "")
        way = self.own.get(header, "")
        if way:
            return self._as_told(column, way), None
        finishes = not ascii_only and self._finishes(column)
        if not finishes and ((ascii_only and not names) or not len(self._wrong(column, names=names))):
            return column, None
        encoded = column.dictionary_encode()
        shown = encoded.dictionary
        finished = self._finished(shown) if finishes else shown
        texts, changed = self._repaired(header, shown, finished, names=names)
        array = texts.take(encoded.indices)
        if not changed:
            return array, None
        return array, np.isin(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), list(changed))

    def _as_told(self, column: pa.Array, way: str) -> pa.Array:
        encoded = column.dictionary_encode()
        texts = [without_strays(_read_as(text, way, self.encoding)) for text in encoded.dictionary.to_pylist()]
        return pa.array(texts, pa.string()).take(encoded.indices)

    def _finishes(self, column: pa.Array) -> bool:
        pattern = self.encoding.unfinished
        if not self.encoding.finishes or not pattern:
            return self.encoding.finishes
        return bool(pc.any(pc.match_substring_regex(column, pattern)).as_py())

    def _finished(self, shown: pa.Array) -> pa.Array:
        """Finish many cells at once."""
        texts: list[str] = shown.to_pylist()
        joined = _SEPARATOR.join(texts)
        if joined.count(_SEPARATOR) == len(texts) - 1:
            finished = self.encoding.finish(joined).split(_SEPARATOR)
            if len(finished) == len(texts):
                return pa.array(finished, pa.string())
        return pa.array([self.encoding.finish(text) for text in texts], pa.string())

    def _wrong(self, texts: pa.Array, *, names: bool) -> npt.NDArray[np.int64]:
        """Return the positions of texts that look misread, by their words: few words make many texts."""
        lists = pc.utf8_split_whitespace(texts)
        words, parents = pc.list_flatten(lists), pc.list_parent_indices(lists)
        if not names:
            beyond = pc.invert(pc.string_is_ascii(words))
            words, parents = words.filter(beyond), parents.filter(beyond)
        encoded = words.dictionary_encode()
        wrong = np.array([self._looks_wrong(word, names) for word in encoded.dictionary.to_pylist()], np.bool_)
        if not wrong.any():
            return np.zeros(0, np.int64)
        found: npt.NDArray[np.int64] = np.unique(parents.to_numpy()[wrong[encoded.indices.to_numpy()]])
        return found

    def _looks_wrong(self, token: str, names: bool) -> bool:
        known = self._known.get((token, names))
        if known is None:
            if len(self._known) > 200_000:
                self._known.clear()
            known = self._known[token, names] = is_suspicious(token, typed=names)
        return known

    def _repaired(self, header: str, shown: pa.Array, finished: pa.Array, *, names: bool) -> tuple[pa.Array, set[int]]:
        """Repair the distinct texts of a column; tell which were repaired against what their column says."""
        wrong = self._wrong(finished, names=names).tolist()
        if not wrong:
            return finished, set()
        texts: list[str] = finished.to_pylist()
        bare = {at: self.encoding.bare(shown[at].as_py()) for at in wrong}
        likely, share = _ruling(texts, bare, names=names)
        preferred = (likely,) if share >= _RULES_THE_COLUMN else ()
        changed = set[int]()
        for at, cell in bare.items():
            made = repaired(cell, preferred=preferred, typed=names)
            if made.how:
                texts[at] = made.text
                changed.add(at)
                self.told[header, made.how[0]] += 1
            elif has_strays(cell):
                texts[at] = without_strays(cell)
        if preferred and not self.encoding.table:
            self._follow(header, texts, likely, share, changed)
        if share >= _SURE:
            changed.clear()  # the column is written so; that is no repair of a cell
        return pa.array(texts, pa.string()), changed

    def _follow(self, header: str, texts: list[str], likely: str, share: float, changed: set[int]) -> None:
        """Read the texts that look right as their column is written, where that reads better still: `Vâ` is `Võ`."""
        bonus = _BONUS if share >= _SURE else 0.0
        for at, text in enumerate(texts):
            if at in changed or not _votes(text, likely):
                continue
            made = apply(text, likely)
            if made is not None and made != text and is_sound(made) and weight(made) + bonus > weight(text):
                texts[at] = made
                changed.add(at)
                self.told[header, likely] += 1


def _ruling(texts: list[str], bare: Mapping[int, str], *, names: bool) -> tuple[str, float]:
    """Return the way that most misread texts of a column need, and which part of the texts it could be about does."""
    voters = list(bare.items())[:_VOTERS]
    votes = Counter(how[0] for _, cell in voters if (how := repaired(cell, typed=names).how))
    if not votes:
        return "", 0.0
    likely, count = votes.most_common(1)[0]
    last = voters[-1][0]
    return likely, count / max(sum(1 for text in texts[: last + 1] if _votes(text, likely)), 1)


def _votes(text: str, way: str) -> bool:
    """Tell whether a text can speak for or against a way: for encodings it needs a letter beyond ASCII."""
    return way in OF_KEYS or not text.isascii()


def _read_as(text: str, way: str, encoding: Encoding) -> str:
    """Read a cell as an operator said; where that is impossible its letters are lost."""
    if way in OF_KEYS:
        return apply(encoding.finish(text), way) or text
    if text.isascii():
        return text
    shown = encoding.bare(text)
    if way == "double-utf-8":
        return ENCODINGS[way].finish(shown)
    made = apply(shown, way)
    return shown if made is None and not has_strays(shown) else (made or "\ufffd")
