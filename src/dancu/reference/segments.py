"""Cuts an address line into segments and reads the kind of unit that each one names."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dancu.kernel.text import fold
from dancu.reference.model import Kind

_WORDS: dict[str, frozenset[Kind]] = {
    "tinh": frozenset({Kind.PROVINCE}),
    "thanh pho": frozenset({Kind.CENTRAL_CITY, Kind.CITY}),
    "quan": frozenset({Kind.URBAN_DISTRICT}),
    "huyen": frozenset({Kind.RURAL_DISTRICT}),
    "thi xa": frozenset({Kind.TOWN}),
    "thi tran": frozenset({Kind.TOWNSHIP}),
    "phuong": frozenset({Kind.WARD}),
    "xa": frozenset({Kind.RURAL_COMMUNE}),
    "dac khu": frozenset({Kind.SPECIAL_ZONE}),
}
_SHORT = {
    "tp": _WORDS["thanh pho"], "tx": _WORDS["thi xa"], "tt": _WORDS["thi tran"], "t": _WORDS["tinh"],
    "q": _WORDS["quan"], "h": _WORDS["huyen"], "p": _WORDS["phuong"], "x": _WORDS["xa"],
}  # fmt: skip
_PREFIX = re.compile(
    r"(?P<word>tinh|thanh pho|quan|huyen|thi xa|thi tran|phuong|xa|dac khu)\b(?:(?<=huyen) dao\b)?[\s.:]*"
    r"|(?P<short>t\.?p|t\.?x|t\.?t)(?:\b[\s.]*|\.)|(?P<letter>[tqhpx])\.\s*|(?P<numbered>[qp])\s*(?=\d)"
)
_ACCENTED = r"tỉnh|thành phố|quận|huyện|thị xã|thị trấn|phường|xã|đặc khu"
_BARE = r"tinh|thanh pho|quan|huyen|thi xa|thi tran|phuong|xa|dac khu"
_DOTTED = r"(?:tp|tx|tt)\.?|[tqhpx]\.|[pq](?=\d)"
_INNER_ACCENTED = re.compile(rf"(?<=\w)\s+(?=(?:(?:{_ACCENTED})\s|(?:{_DOTTED})\s*\w))", re.IGNORECASE)
_INNER_BARE = re.compile(rf"(?<=\w)\s+(?=(?:(?:{_BARE})\s|(?:{_DOTTED})\s*\w))", re.IGNORECASE)
_BREAK = re.compile(r"\s*[,;\n]+\s*")
_COUNTRY = frozenset({"vietnam", "vn", "chxhcnvietnam", "conghoaxahoichunghiavietnam"})

# Vowels that two spellings of one name write differently: y and i.
_NOT_WORD = re.compile(r"[\W_]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ZEROS = re.compile(r"^0+(?=\d)")


def name_key(name: str) -> str:
    """Return the key under which spellings of a name meet: no accents, spaces or hyphens; i for y; `8` for `08`."""
    return _ZEROS.sub("", _NOT_WORD.sub("", fold(name)).replace("y", "i"))


def spelling_key(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a key that is equal when two spellings differ in case, spaces or the place of a tone mark only."""
    letters = unicodedata.normalize("NFD", name.lower())
    words = letters.replace("-", " ").split()
    tones = tuple("".join(mark for mark in word if mark in _TONES) for word in words)
    bare = "".join(c for c in letters if c not in _TONES)
    return _NOT_WORD.sub("", unicodedata.normalize("NFC", bare)).replace("y", "i"), tones


@dataclass(frozen=True)
class Segment:
    """One part of an address line.

    `follows`: no comma stands before it, so it may belong to the part before it.
    """

    text: str
    follows: bool = False

    def after(self, earlier: "Segment") -> "Segment":
        """Join this to the part before it."""
        return Segment(f"{earlier.text} {self.text}", earlier.follows)

    @cached_property
    def readings(self) -> tuple[tuple[frozenset[Kind], str], ...]:
        """What the segment may say: kinds and name; the last reading takes the whole as a name."""
        found = _PREFIX.match(fold(self.text))
        whole: tuple[frozenset[Kind], str] = (frozenset(), self.text)
        if not found or len(fold(self.text)) != len(self.text):
            return (whole,)
        name = self.text[found.end() :].strip(" .:")
        if not name:
            return (whole,)
        short = (found["short"] or found["letter"] or found["numbered"] or "").replace(".", "")
        return ((_WORDS[found["word"]] if found["word"] else _SHORT[short], name), whole)

    @property
    def levels(self) -> bool:
        """Tell whether the segment says that it names a unit."""
        return bool(self.readings[0][0])


def segments_of(line: str) -> tuple[list[Segment], list[int]]:
    """Cut a line at commas and before the words that name kinds of unit.

    Returns:
        The segments without `Việt Nam` at the end, and where each one starts in the line.
    """
    inner = _INNER_BARE if line.isascii() else _INNER_ACCENTED
    found: list[Segment] = []
    starts: list[int] = []
    start = 0
    for cut in [*_BREAK.finditer(line), None]:
        end = cut.start() if cut else len(line)
        for first, last in _inner(line, start, end, inner):
            text = line[first:last].rstrip(" .")
            if text.strip(" .-"):
                found.append(Segment(text, follows=first != start))
                starts.append(first)
        start = cut.end() if cut else end
    while found and name_key(found[-1].text) in _COUNTRY:
        found.pop()
    return found, starts[: len(found)]


def _inner(line: str, start: int, end: int, inner: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for cut in inner.finditer(line, start, end):
        town = line[start : cut.start()].lower().endswith(("thi", "thị"))
        if not (town and line[cut.end() :].lower().startswith(("xa ", "xã ", "tran ", "trấn "))):
            yield start, cut.start()
            start = cut.end()
    yield start, end
