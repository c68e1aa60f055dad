"""In which of the encodings of three decades a text file is written, and its reading line by line."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dancu.kernel.errors import Malformed
from dancu.kernel.syllables import score
from dancu.kernel.tcvn3 import TABLE, restore_capitals

SAMPLE_BYTES = 1 << 18
BLOCK_BYTES = 8 << 20
_ACCEPTED_SCORE = 0.5
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class NotText(Malformed):
    """The file holds bytes that no text has."""


class UnknownEncoding(Malformed):
    """None of the encodings makes Vietnamese of the bytes."""


class MixedEncodings(Malformed):
    """A line is written otherwise than the lines before it."""


class _TableDecoder(codecs.IncrementalDecoder):
    def __init__(self, table: str) -> None:
        super().__init__()
        self._table = table

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]  # noqa: ARG002
        return codecs.charmap_decode(data, "strict", self._table)[0]


@dataclass(frozen=True)
class Encoding:
    """A way to make text of bytes.

    Args:
        id: the word by which a mapping names it.
        decoder: makes a fresh incremental decoder.
        finish: repairs whole lines of decoded text.
    """

    id: str
    decoder: Callable[[], codecs.IncrementalDecoder]
    finish: Callable[[str], str] | None = None

    def decode(self, data: bytes) -> str:
        """Decode all of the bytes.

        Raises:
            UnicodeDecodeError: they are not in this encoding.
        """
        text = self.decoder().decode(data, True)
        return self.finish(text) if self.finish else text


def _codec(name: str) -> Callable[[], codecs.IncrementalDecoder]:
    return codecs.getincrementaldecoder(name)


ENCODINGS: dict[str, Encoding] = {
    encoding.id: encoding
    for encoding in (
        Encoding("utf-8", _codec("utf-8-sig")),
        Encoding("utf-16", _codec("utf-16")),
        Encoding("utf-16-le", _codec("utf-16-le")),
        Encoding("utf-16-be", _codec("utf-16-be")),
        Encoding("cp1258", _codec("cp1258")),
        Encoding("tcvn3", lambda: _TableDecoder(TABLE), restore_capitals),
    )
}
"""Every encoding that can be read, by id. One more is one more row."""

_ON_TRIAL = ("cp1258", "tcvn3")


@dataclass(frozen=True)
class Choice:
    """The encoding that was chosen and why."""

    encoding: Encoding
    reason: str


def choose(head: bytes) -> Choice:
    """Choose the encoding of a file by its first bytes (some hundred KB with its first accented letters).

    Raises:
        NotText: control bytes show that it is no text file.
        UnknownEncoding: no encoding makes Vietnamese syllables of it.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Choice(ENCODINGS["utf-16"], "byte order mark")
    if head.startswith(codecs.BOM_UTF8):
        return Choice(ENCODINGS["utf-8"], "byte order mark")
    if (bare := _utf16_without_mark(head)) is not None:
        return bare
    if _CONTROLS.search(head):
        raise NotText("The file holds bytes that no text has; send it as CSV, XLSX, XML or Parquet")
    if head.isascii():
        return Choice(ENCODINGS["utf-8"], "plain ASCII")
    if _mostly_utf8(head):
        return Choice(ENCODINGS["utf-8"], "its accented lines are valid UTF-8")
    return _by_trial(head)


def _utf16_without_mark(head: bytes) -> Choice | None:
    sample = head[:4000]
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if len(zeros) > 8 and zeros.count(0) > 0.6 * len(zeros):
            return Choice(ENCODINGS[encoding], "every other byte is zero")
    return None


def _mostly_utf8(head: bytes) -> bool:
    lines = [line for line in head.splitlines() if not line.isascii()]
    if len(lines) > 1 and not head.endswith((b"\n", b"\r")):
        lines.pop()
    return sum(map(_is_utf8, lines)) > 0.5 * len(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _by_trial(head: bytes) -> Choice:
    scores = {name: _score(ENCODINGS[name], head) for name in _ON_TRIAL}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < _ACCEPTED_SCORE:
        raise UnknownEncoding(
            f"The encoding could not be recognised ({', '.join(ENCODINGS)} were tried); save the file as UTF-8"
        )
    told = ", ".join(f"{name} {value:+.2f}" for name, value in scores.items())
    return Choice(ENCODINGS[best], f"most Vietnamese syllables on trial ({told})")


def _score(encoding: Encoding, head: bytes) -> float:
    try:
        return score(encoding.decode(head))
    except UnicodeDecodeError as failure:
        return score(encoding.decode(head[: failure.start])) - 0.5 if failure.start else -1.0


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

    What is UTF-8 already passes unchecked, see `check_utf8`.

    Raises:
        MixedEncodings: a line does not decode.
    """
    file.seek(0)
    if encoding.id == "utf-8":
        yield from _utf8_blocks(file, block_bytes)
        return
    decoder = encoding.decoder()
    held = ""
    line = 1
    while True:
        data = file.read(block_bytes)
        text = held + _decoded(decoder, data, encoding, line + held.count("\n"))
        if not data:
            break
        cut = text.rfind("\n") + 1
        held = text[cut:]
        if cut:
            whole = text[:cut]
            line += whole.count("\n")
            yield _finished(whole, encoding)
    if text:
        yield _finished(text, encoding)


def _utf8_blocks(file: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    held = file.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    while data := file.read(block_bytes):
        cut = data.rfind(b"\n") + 1
        if not cut:
            held += data
            continue
        whole = held + data[:cut]
        held = data[cut:]
        yield whole
    if held:
        yield held


def check_utf8(block: bytes, line: int) -> None:
    """Make sure that a block that begins in a line, counted from 1, is UTF-8 without zero bytes.

    Raises:
        MixedEncodings: a line is not UTF-8.
        NotText: a line holds a zero byte.
    """
    _decoded(ENCODINGS["utf-8"].decoder(), block, ENCODINGS["utf-8"], line, final=True)


def _finished(text: str, encoding: Encoding) -> bytes:
    return (encoding.finish(text) if encoding.finish else text).encode()


def _decoded(
    decoder: codecs.IncrementalDecoder, data: bytes, encoding: Encoding, line: int, *, final: bool = False
) -> str:
    try:
        text = decoder.decode(data, final or not data)
    except UnicodeDecodeError as failure:
        at = line + failure.object[: failure.start].count(b"\n")
        raise MixedEncodings(
            f"Line {at} is not written in {encoding.id} as the lines before it are; "
            "save the whole file in one encoding, best as UTF-8"
        ) from failure
    if "\x00" in text:
        at = line + text[: text.index("\x00")].count("\n")
        raise NotText(f"Line {at} holds a zero byte; the file is damaged, send it again")
    return text
