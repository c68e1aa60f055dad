"""In which of the encodings of three decades a text file is written, and its reading line by line.

A file is read in two steps. Its bytes become characters one by one (`Encoding.decoder`), so that lines and fields
can be told; the cells of each column become text after that (`Encoding.finish`, see `dancu.intake.cells`).
What does not fit the file's encoding stays as stray characters, from which the very bytes can be had again.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from dancu.kernel.charsets import LETTERS_AS_CONTROLS, VISCII, VPS, from_vni
from dancu.kernel.errors import Malformed
from dancu.kernel.misread import bytes_of, has_strays, is_suspicious, repaired, stray, weight
from dancu.kernel.syllables import score
from dancu.kernel.tcvn3 import CASELESS, restore_capitals
from dancu.kernel.tcvn3 import TABLE as TCVN3

SAMPLE_BYTES = 1 << 18
BLOCK_BYTES = 8 << 20
LONGEST_LINE = 4 << 20
STRAYS = "dancu.strays"
_ACCEPTED_SCORE = 0.5
_CONTROLS = re.compile(rb"[\x00\x02-\x08\x0e-\x1a\x1c-\x1e]")
_NO_LETTERS = re.compile(
    b"[" + re.escape(bytes(set(range(0x20)) - {1, 9, 10, 11, 12, 13, 27, 31} - LETTERS_AS_CONTROLS)) + b"]"
)
_PHRASE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CELLS = re.compile(r"[,;\t|\"]")
_BETWEEN_CELLS = re.compile(r"([,;\t|\"\r\n\x1f]+)")
_LOST = "\ufffd".encode()
_SHOWN_WORDS = 6
_STRAY_CONTROLS = 0.01
_MOSTLY = 0.9
_TRIED_BYTES = 1 << 16
_TRIED_LINES = 200


class NotText(Malformed):
    """The file holds bytes that no text has."""


class UnknownEncoding(Malformed):
    """None of the encodings makes Vietnamese of the bytes."""


class LineTooLong(Malformed):
    """A line has more bytes than any record."""


def _to_strays(failure: UnicodeError) -> tuple[str, int]:
    assert isinstance(failure, UnicodeDecodeError)  # noqa: S101 - the only kind that a decoder raises
    return "".join(map(stray, failure.object[failure.start : failure.end])), failure.end


codecs.register_error(STRAYS, _to_strays)


class _TableDecoder(codecs.IncrementalDecoder):
    def __init__(self, table: str) -> None:
        super().__init__()
        self._table = table

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]  # noqa: ARG002
        return codecs.charmap_decode(data, "strict", self._table)[0]


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Encoding:
    """A way to make text of bytes.

    Args:
        id: the word by which a mapping names it.
        decoder: makes a fresh incremental decoder into characters.
        finish: makes text of the characters of a cell, or of whole lines.
        table: the character of each byte, where the characters tell the bytes.
        unfinished: a pattern of the cells that `finish` may change; empty: all beyond ASCII.
    """

    id: str
    decoder: Callable[[], codecs.IncrementalDecoder]
    finish: Callable[[str], str] = _same
    table: str = ""
    unfinished: str = ""

    @property
    def finishes(self) -> bool:
        """Tell whether characters are not text yet."""
        return self.finish is not _same

    def decode(self, data: bytes) -> str:
        """Decode all of the bytes.

        Raises:
            UnicodeDecodeError: they are not in this encoding.
        """
        return self.finish(self.decoder().decode(data, True))

    def read(self, cell: str) -> str:
        """Make text of the characters of one cell, which may be written otherwise than its file."""
        text = self.finish(cell)
        return (repaired(self.bare(cell)).text if is_suspicious(text) else text) if not cell.isascii() else text

    def bare(self, characters: str) -> str:
        """Return a cell so that the bytes of each of its characters can be told."""
        data = self.bytes_of(characters) if self.table else None
        return characters if data is None else data.decode("latin-1")

    def bytes_of(self, characters: str) -> bytes | None:
        """Return the bytes of characters that the decoder made; None where they cannot be told."""
        if not self.table:
            return bytes_of(characters)
        known = _places(self.table)
        found = [known.get(character) for character in characters]
        return None if None in found else bytes(code for code in found if code is not None)


_INVERSE: dict[str, dict[str, int]] = {}


def _places(table: str) -> dict[str, int]:
    if table not in _INVERSE:
        _INVERSE[table] = {character: code for code, character in enumerate(table)}
    return _INVERSE[table]


def _codec(name: str, errors: str = "strict") -> Callable[[], codecs.IncrementalDecoder]:
    return lambda: codecs.getincrementaldecoder(name)(errors)


def _table(id_: str, letters: str, finish: Callable[[str], str] = _same, unfinished: str = "") -> Encoding:
    whole = "".join(stray(code) if letter == "\ufffd" else letter for code, letter in enumerate(letters))
    return Encoding(id_, lambda: _TableDecoder(whole), finish, whole, unfinished)


def _undoubled(text: str, times: int = 3) -> str:
    """Undo a second encoding, of all at once if that gives sound text, else cell by cell."""
    try:
        made = text.translate(_AS_LATIN1).encode("latin-1").decode()
    except UnicodeError:
        made = ""
    if made and not has_strays(text):
        if score(made[:_TRIED_BYTES]) >= _ACCEPTED_SCORE:
            return made
        if times > 1 and not made.isascii():
            return _undoubled(made, times - 1)
    return "".join(part if part.isascii() else _undoubled_cell(part) for part in _BETWEEN_CELLS.split(text))


def _undoubled_cell(cell: str) -> str:
    return repaired(cell, preferred=("utf-8",)).text


_AS_LATIN1 = {
    ord(character): code for code in range(0x80, 0xA0) if (character := bytes((code,)).decode("cp1252", "ignore"))
}
_SHOUTED = f"[A-ZĂÂÊÔƠƯĐ][{''.join(sorted(CASELESS))}]*[A-ZĂÂÊÔƠƯĐ]"
_LATIN1 = "".join(map(chr, range(0x100)))
_CP1258 = "".join(bytes((code,)).decode("cp1258", "ignore") or stray(code) for code in range(0x100))

ENCODINGS: dict[str, Encoding] = {
    encoding.id: encoding
    for encoding in (
        Encoding("utf-8", _codec("utf-8-sig", STRAYS)),
        Encoding("utf-16", _codec("utf-16", "replace")),
        Encoding("utf-16-le", _codec("utf-16-le", "replace")),
        Encoding("utf-16-be", _codec("utf-16-be", "replace")),
        _table("cp1258", _CP1258, lambda text: unicodedata.normalize("NFC", text)),
        _table("tcvn3", TCVN3, restore_capitals, _SHOUTED),
        _table("vni", _LATIN1, from_vni),
        _table("viscii", VISCII),
        _table("vps", VPS),
        Encoding("double-utf-8", _codec("utf-8-sig", STRAYS), _undoubled),
        Encoding("mixed", _codec("utf-8-sig", STRAYS)),
    )
}
"""Every encoding that can be read, by id. One more is one more row."""

_ON_TRIAL = ("cp1258", "tcvn3", "vni", "viscii", "vps")


@dataclass(frozen=True)
class Choice:
    """The encoding that was chosen and why.

    Args:
        why: a fixed phrase, to be translated for people.
        scores: how Vietnamese the text is in each encoding that was tried, -1 to 1.
        sample: some accented words as they are read; personal data, for the operator's eyes only.
    """

    encoding: Encoding
    why: str
    scores: dict[str, float] = field(default_factory=dict)
    sample: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The phrase and the scores."""
        told = ", ".join(f"{name} {value:+.2f}" for name, value in self.scores.items())
        return f"{self.why} ({told})" if told else self.why


def named(encoding: str) -> Choice:
    """Return the choice that a mapping or an operator made."""
    return Choice(ENCODINGS[encoding], "named by the mapping")


def choose(head: bytes) -> Choice:
    """Choose the encoding of a file by its first bytes (some hundred KB with its first accented letters).

    Raises:
        NotText: control bytes show that it is no text file.
        UnknownEncoding: no encoding makes Vietnamese syllables of it.
    """
    choice = _choice(head)
    wide = choice.encoding.id.startswith("utf-16")
    start = head[:4000] if wide else b"\n".join(_accented_lines(head)[:_TRIED_LINES])
    found = _PHRASE.findall(unicodedata.normalize("NFC", choice.encoding.decode(start)))
    return replace(choice, sample=tuple(dict.fromkeys(words for words in found if not words.isascii()))[:_SHOWN_WORDS])


def _choice(head: bytes) -> Choice:
    if head.startswith(_MARKS_16):
        return Choice(ENCODINGS["utf-16"], "byte order mark")
    if (bare := _utf16_without_mark(head)) is not None:
        return bare
    controls = len(_CONTROLS.findall(head))
    if len(_NO_LETTERS.findall(head)) > _STRAY_CONTROLS * len(head) or (controls and head.isascii()):
        raise NotText("The file holds bytes that no text has; send it as CSV, XLSX, XML, JSON Lines or Parquet")
    if head.isascii():
        return Choice(ENCODINGS["utf-8"], "plain ASCII")
    lines = _accented_lines(head)
    share = sum(map(_is_utf8, lines)) / len(lines)
    if share > _MOSTLY:
        return _utf8_or_double(lines, "byte order mark" if head.startswith(codecs.BOM_UTF8) else "valid UTF-8")
    return _by_trial(lines, also_utf8=share > 1 - _MOSTLY)


def _utf16_without_mark(head: bytes) -> Choice | None:
    sample = head[:4000]
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if len(zeros) > 8 and zeros.count(0) > 0.6 * len(zeros):
            return Choice(ENCODINGS[encoding], "every other byte is zero")
    return None


def _accented_lines(head: bytes) -> list[bytes]:
    """Return lines beyond ASCII, without a last one that may be cut off in the middle of a letter."""
    lines = [line for line in head.replace(b"\r", b"\n").split(b"\n") if not line.isascii()]
    if len(lines) > 1 and not head.endswith((b"\n", b"\r")):
        lines.pop()
    return lines


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _utf8_or_double(lines: list[bytes], why: str) -> Choice:
    data = b"\n".join(lines)[:_TRIED_BYTES]
    plain = score(data.decode("utf-8", STRAYS))
    if plain >= _ACCEPTED_SCORE:
        return Choice(ENCODINGS["utf-8"], why)
    double = _double_score(lines)
    if double >= _ACCEPTED_SCORE:
        scores = {"utf-8": plain, "double-utf-8": double}
        return Choice(ENCODINGS["double-utf-8"], "UTF-8 that was read as Western text and written again", scores)
    return Choice(ENCODINGS["utf-8"], why)


def _double_score(lines: list[bytes]) -> float:
    """Return how Vietnamese the cells are that a second decoding as UTF-8 changes."""
    cells = [cell for line in lines[:_TRIED_LINES] for cell in _CELLS.split(line.decode("utf-8", STRAYS))]
    accented = [cell.strip() for cell in cells if not cell.isascii()]
    again = [repaired(cell, preferred=("utf-8",)) for cell in accented]
    return score(" ".join(one.text for one in again if one.how[:1] == ("utf-8",))) if again else -1.0


def _by_trial(lines: list[bytes], *, also_utf8: bool) -> Choice:
    data = b"\n".join(lines)[:_TRIED_BYTES]
    texts = {name: ENCODINGS[name].decode(data) for name in _ON_TRIAL}
    scores = {name: score(text) for name, text in texts.items()}
    best = max(texts, key=lambda name: weight(texts[name]))
    if scores[best] >= _ACCEPTED_SCORE and not also_utf8:
        return Choice(ENCODINGS[best], "most Vietnamese syllables on trial", scores)
    if _readable_cells(lines) > _ACCEPTED_SCORE:
        return Choice(ENCODINGS["mixed"], "no one encoding fits all; each cell is read by itself", scores)
    raise UnknownEncoding(
        f"The encoding could not be recognised ({', '.join(ENCODINGS)} were tried); save the file as UTF-8"
    )


def _readable_cells(lines: list[bytes]) -> float:
    """Return which part of the cells beyond ASCII can be read one by one, each in an encoding of its own."""
    cells = [cell for line in lines[:_TRIED_LINES] for cell in _CELLS.split(line.decode("utf-8", STRAYS))]
    accented = [cell.strip() for cell in cells if not cell.isascii()]
    return sum(not has_strays(repaired(cell).text) for cell in accented) / len(accented)


def sample(file: BinaryIO) -> bytes:
    """Read the start of a file up to and including a stretch with its first bytes beyond ASCII."""
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    while head.isascii() and not head.startswith(codecs.BOM_UTF8) and (more := file.read(BLOCK_BYTES)):
        if not more.isascii():
            start = next(i for i, byte in enumerate(more) if byte > 0x7F)
            head += b"\n" + more[max(0, start - 1000) : start + SAMPLE_BYTES]
            break
    return head


def blocks(file: BinaryIO, encoding: Encoding, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the file as UTF-8 in blocks of whole lines that end in a line feed; only the last may not.

    Bytes that do not fit become stray characters, zero bytes the sign of a lost letter;
    lines that end in a carriage return alone end in a line feed.

    Raises:
        LineTooLong: a line has more bytes than any record.
    """
    file.seek(0)
    returns = _ends_in_returns(file.read(SAMPLE_BYTES), encoding)
    file.seek(0)
    parts = _utf8_parts(file, block_bytes) if encoding.id == "utf-8" else _decoded_parts(file, encoding, block_bytes)
    held, line = b"", 1
    for part in parts:
        data = part.replace(b"\r", b"\n") if returns else part
        cut = data.rfind(b"\n") + 1
        if not cut:
            held += data
        else:
            whole, held = held + data[:cut], data[cut:]
            line += whole.count(b"\n")
            yield sound(whole)
        if len(held) > LONGEST_LINE:
            raise LineTooLong(
                f"Line {line} is longer than {LONGEST_LINE >> 20} MB; the file is damaged or no list of records"
            )
    if held:
        yield sound(held)


def _ends_in_returns(start: bytes, encoding: Encoding) -> bool:
    """Tell whether lines end as they did on old Macintoshes."""
    return b"\r" in start and b"\n" not in start and not encoding.id.startswith("utf-16")


def _utf8_parts(file: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    start = file.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    if start:
        yield start
    while data := file.read(block_bytes):
        yield data


def _decoded_parts(file: BinaryIO, encoding: Encoding, block_bytes: int) -> Iterator[bytes]:
    decoder = encoding.decoder()
    while data := file.read(block_bytes):
        yield decoder.decode(data).encode()
    yield decoder.decode(b"", True).encode()


def sound(block: bytes) -> bytes:
    """Return whole lines as UTF-8: what is not becomes stray characters, and zero bytes the sign of a lost letter."""
    if not _is_utf8(block):
        block = block.decode("utf-8", STRAYS).encode()
    return block.replace(b"\x00", _LOST) if b"\x00" in block else block
