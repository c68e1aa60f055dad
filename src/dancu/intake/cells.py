"""From the characters of a column to its text: the file's encoding, a column's own, and repairs of single cells."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

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
        way = self.own.get(header, "")
        finishes = not ascii_only and self.encoding.finishes
        if not way and not finishes and not self._any_suspicious(column, ascii_only=ascii_only, names=names):
            return column, None
        encoded = column.dictionary_encode()
        shown: list[str] = encoded.dictionary.to_pylist()
        if way:
            texts, changed = [_read_as(text, way, self.encoding) for text in shown], set[int]()
        else:
            finished = _finished(shown, self.encoding) if finishes else shown
            texts, changed = self._repaired(header, shown, finished, names=names)
        texts = [without_strays(text) if not text.isascii() and has_strays(text) else text for text in texts]
        array = pa.array(texts, pa.string()).take(encoded.indices)
        if not changed:
            return array, None
        indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return array, np.isin(indices, list(changed))

    def _any_suspicious(self, column: pa.Array, *, ascii_only: bool, names: bool) -> bool:
        if ascii_only and not names:
            return False
        tokens = pc.list_flatten(pc.utf8_split_whitespace(column))
        if not names:
            tokens = tokens.filter(pc.invert(pc.string_is_ascii(tokens)))
        return any(self._looks_wrong(token, names) for token in pc.unique(tokens).to_pylist())

    def _looks_wrong(self, token: str, names: bool) -> bool:
        known = self._known.get((token, names))
        if known is None:
            if len(self._known) > 200_000:
                self._known.clear()
            known = self._known[token, names] = is_suspicious(token, typed=names)
        return known

    def _repaired(
        self, header: str, shown: list[str], finished: list[str], *, names: bool
    ) -> tuple[list[str], set[int]]:
        """Repair the distinct texts of a column; tell which were repaired against what their column says."""
        wrong = [at for at, text in enumerate(finished) if is_suspicious(text, typed=names)]
        if not wrong:
            return finished, set()
        bare = {at: self.encoding.bare(shown[at]) for at in wrong}
        votes = Counter(how[0] for at in wrong[:_VOTERS] if (how := repaired(bare[at], typed=names).how))
        likely, count = votes.most_common(1)[0] if votes else ("", 0)
        voters = sum(
            1 for text in finished[: max(_VOTERS, wrong[min(len(wrong), _VOTERS) - 1] + 1)] if _votes(text, likely)
        )
        share = count / max(voters, 1)
        texts, changed = list(finished), set[int]()
        preferred = (likely,) if share >= _RULES_THE_COLUMN else ()
        for at in wrong:
            made = repaired(bare[at], preferred=preferred, typed=names)
            if made.how:
                texts[at] = made.text
                changed.add(at)
                self.told[header, made.how[0]] += 1
            elif has_strays(bare[at]):
                texts[at] = bare[at]
        if preferred:
            self._follow(header, texts, finished, likely, share, changed)
            if share >= _SURE:
                changed.clear()  # the column is written so; that is no repair of a cell
        return texts, changed

    def _follow(
        self, header: str, texts: list[str], finished: list[str], likely: str, share: float, changed: set[int]
    ) -> None:
        """Read the texts that look right as their column is written, where that reads better still: `Vâ` is `Võ`."""
        bonus = _BONUS if share >= _SURE else 0.0
        for at, text in enumerate(finished):
            if at in changed or not _votes(text, likely) or self.encoding.table:
                continue
            made = apply(text, likely)
            if made is not None and made != text and is_sound(made) and weight(made) + bonus > weight(text):
                texts[at] = made
                changed.add(at)
                self.told[header, likely] += 1


def _votes(text: str, way: str) -> bool:
    """Tell whether a text can speak for or against a way: for encodings it needs a letter beyond ASCII."""
    return way in OF_KEYS or not text.isascii()


def _finished(shown: list[str], encoding: Encoding) -> list[str]:
    """Finish many cells at once."""
    joined = _SEPARATOR.join(shown)
    if joined.count(_SEPARATOR) != max(len(shown) - 1, 0):
        return [encoding.finish(text) for text in shown]
    return encoding.finish(joined).split(_SEPARATOR)


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
