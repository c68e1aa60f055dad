"""What a document is, told by its content alone: neither its name nor what the sender says counts. Pure.

A document must be of its kind from the first byte to the last, so that it can't be something else besides.
"""

import re
import struct
import zlib
from enum import StrEnum

from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg

LARGEST = 10 * 1024 * 1024
"""Bytes of a document at most."""
MOST_PIXELS = 100_000_000
"""Of a picture: a few kilobytes can claim to unfold into more than a machine holds."""


class Kind(StrEnum):
    """The kinds that are taken. The values are stored."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"

    @property
    def media_type(self) -> str:
        """The media type under which it is handed out."""
        return {"pdf": "application/pdf"}.get(self.value, f"image/{self.value}")

    @property
    def suffix(self) -> str:
        """The end of a file's name."""
        return {"jpeg": ".jpg"}.get(self.value, f".{self.value}")


class DocumentRefused(Invalid):
    """The document is of a kind that isn't taken, is damaged, or holds what it must not."""


def refused(message: str) -> DocumentRefused:
    """Return the error that says why a document isn't taken."""
    return DocumentRefused((FieldFault("/document", message),))


def kind_of(content: bytes) -> Kind:
    """Tell what a document is.

    Raises:
        DocumentRefused: it is empty, too large, of no kind that is taken, or not whole.
    """
    if not content:
        raise refused(msg("The document is empty"))
    if len(content) > LARGEST:
        raise refused(msg("A document has at most 10 MB"))
    for start, kind, check in _KINDS:
        if start.match(content):
            check(content)
            return kind
    raise refused(msg("Only PDF, JPEG, PNG and HEIC are taken; this is something else"))


# PDF ------------------------------------------------------------------------------------------------------------


def _check_pdf(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in content[max(0, end - 4096) : end]:
        raise refused(msg("The document is damaged: it has no end"))
    if content[end + 5 :].strip(b"\r\n\t \0"):
        raise refused(msg("Something is hidden behind the end of the document"))


# JPEG -----------------------------------------------------------------------------------------------------------

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _check_jpeg(content: bytes) -> None:
    at, seen_frame = 2, False
    while True:
        if content[at : at + 1] != b"\xff" or at + 1 >= len(content):
            raise refused(msg("The picture is damaged"))
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            _check_end(content, at + 2, seen=seen_frame)
            return
        at = at + 2 if marker in _STANDALONE else _past_segment(content, at, marker)
        seen_frame |= marker in _FRAMES
        if marker == 0xDA:
            found = _NEXT_MARKER.search(content, at)
            at = found.start() if found else len(content)


def _past_segment(content: bytes, at: int, marker: int) -> int:
    head = content[at + 2 : at + 9]
    if len(head) < 7:
        raise refused(msg("The picture is damaged"))
    if marker in _FRAMES:
        height, width = struct.unpack(">HH", head[3:7])
        _check_pixels(width, height)
    return at + 2 + int(struct.unpack(">H", head[:2])[0])


def _check_end(content: bytes, end: int, *, seen: bool) -> None:
    if not seen:
        raise refused(msg("The picture is damaged"))
    if content[end:].strip(b"\0"):
        raise refused(msg("Something is hidden behind the end of the document"))


def _check_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise refused(msg("The picture is too large to be shown"))


# PNG ------------------------------------------------------------------------------------------------------------


def _check_png(content: bytes) -> None:
    at, first = 8, True
    while at + 12 <= len(content):
        length, name = int(struct.unpack(">I", content[at : at + 4])[0]), content[at + 4 : at + 8]
        data, end = content[at + 8 : at + 8 + length], at + 12 + length
        if end > len(content) or zlib.crc32(name + data) != struct.unpack(">I", content[end - 4 : end])[0]:
            break
        if first is not (name == b"IHDR") or (first and length != 13):
            break
        if first:
            _check_pixels(*struct.unpack(">II", data[:8]))
        if name == b"IEND":
            _check_end(content, end, seen=True)
            return
        at, first = end, False
    raise refused(msg("The picture is damaged"))


# HEIC -----------------------------------------------------------------------------------------------------------


def _check_heic(content: bytes) -> None:
    """Walk the boxes of the file, which must fill it."""
    at, names = 0, []
    while at + 8 <= len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        if size == 1:
            size = int(struct.unpack(">Q", content[at + 8 : at + 16].ljust(8, b"\0"))[0])
        if size < 8 or at + size > len(content) or name not in _BOXES:
            break
        names.append(name)
        at += size
    if at != len(content) or not {b"ftyp", b"meta", b"mdat"} <= set(names):
        raise refused(msg("The picture is damaged"))


_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"idat", b"uuid"})
_KINDS = (
    (re.compile(rb"%PDF-[12]\.\d"), Kind.PDF, _check_pdf),
    (re.compile(rb"\xff\xd8\xff"), Kind.JPEG, _check_jpeg),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), Kind.PNG, _check_png),
    (re.compile(rb".{4}ftyp(?:heic|heix|mif1|heim|heis)", re.DOTALL), Kind.HEIC, _check_heic),
)
