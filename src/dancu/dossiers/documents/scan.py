"""Whether a document is safe to keep and to open: nothing in it may act by itself."""

import asyncio
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from dancu.dossiers.documents.kinds import Kind, refused
from dancu.kernel.errors import Unavailable
from dancu.kernel.messages import msg

MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes that the streams of a document may unfold into, all together."""
_UNSAFE = msg("The document holds something that could act by itself; print it to a plain PDF and attach that")
_TOO_PACKED = msg("The document unfolds into more than can be checked")
_UNREADABLE = msg("The document is encrypted or packed in a way that can't be checked")
_VIRUS = msg("The document holds a virus or a test for one")


class ScannerSilent(Unavailable):
    """The virus scanner does not answer; nothing is taken unchecked."""


class Scanner(Protocol):
    """Looks for what must not be in a document."""

    async def scan(self, content: bytes, kind: Kind) -> None:
        """Check a document.

        Raises:
            DocumentRefused: it is not safe.
            ScannerSilent: it can't be told.
        """


# What the document itself shows ----------------------------------------------------------------------------------

# Broken in two, so that no scanner takes this file for a virus.
_TEST_VIRUS = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|ImportData|SubmitForm|Rendition)(?![A-Za-z0-9])")
# Too short to be looked for in packed bytes, where they stand by chance; a script can't act without the name above.
_ACTIVE_SHORT = re.compile(rb"/(?:JS|XFA|GoToE|GoToR|Movie|Sound)(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_OTHER_FILTER = re.compile(
    rb"/(?:LZWDecode|LZW|ASCIIHexDecode|AHx|ASCII85Decode|A85|RunLengthDecode|RL|Crypt)(?![A-Za-z0-9])"
)
_OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])")


class ContentScanner:
    """Finds active content in PDF, hidden by packing or spelling too, and the test virus in anything."""

    async def scan(self, content: bytes, kind: Kind) -> None:
        """Check a document by its own content."""
        await asyncio.to_thread(self._scan, content, kind)

    def _scan(self, content: bytes, kind: Kind) -> None:
        _check_virus(content)
        if kind is Kind.PDF:
            _check_active(content)


def _check_virus(content: bytes) -> None:
    if _TEST_VIRUS in content:
        raise refused(_VIRUS)


def _check_active(content: bytes) -> None:
    """Look at every object: those that stand plain, and those that lie packed in streams of objects."""
    plain, budget = bytearray(), MOST_UNPACKED
    for before, packed in _parts(content):
        plain += before + b"\n"
        if not packed:
            continue
        unpacked = _unpack(packed, budget)
        budget -= len(unpacked)
        _check_virus(unpacked)
        described = _spelled_out(before)
        if not _OBJECTS.search(described):
            continue
        if not unpacked and _OTHER_FILTER.search(described):
            raise refused(_UNREADABLE)
        plain += (unpacked or packed) + b"\n"
    names = _spelled_out(bytes(plain))
    if _ENCRYPTED.search(names):
        raise refused(_UNREADABLE)
    # The whole file too: a text that pretends to begin a stream must not hide what follows.
    if _ACTIVE.search(names) or _ACTIVE_SHORT.search(names) or _ACTIVE.search(_spelled_out(content)):
        raise refused(_UNSAFE)


def _parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Split a PDF at its streams: what stands before each, and its bytes."""
    at = 0
    while (found := _STREAM.search(content, at)) is not None:
        end = content.find(b"endstream", found.end())
        end = len(content) if end < 0 else end
        yield content[at : found.start()], content[found.end() : end]
        at = min(end + len(b"endstream"), len(content))
    yield content[at:], b""


def _spelled_out(text: bytes) -> bytes:
    """Undo the escapes of names: `/J#53` is `/JS`."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text)


def _unpack(packed: bytes, budget: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, budget)
    except zlib.error:
        return b""
    if unpacker.unconsumed_tail:
        raise refused(_TOO_PACKED)
    return unpacked


# A scanner of viruses beside -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClamScanner:
    """Asks a running clamd.

    Args:
        address: `unix:/run/clamav/clamd.ctl`, or `host:port`.
        patience_s: how long it may take.
    """

    address: str
    patience_s: float = 20.0

    async def scan(self, content: bytes, kind: Kind) -> None:  # noqa: ARG002 -- clamd finds out itself
        """Send the document over and read the answer."""
        try:
            async with asyncio.timeout(self.patience_s):
                answer = await self._asked(content)
        except (OSError, TimeoutError) as error:
            raise ScannerSilent("The virus scanner does not answer; nothing is taken unchecked") from error
        if answer.endswith(b"FOUND"):
            raise refused(_VIRUS)
        if not answer.endswith(b"OK"):
            raise ScannerSilent("The virus scanner does not answer; nothing is taken unchecked")

    async def _asked(self, content: bytes) -> bytes:
        reader, writer = await self._connected()
        try:
            # INSTREAM: pieces with their length before them, and an empty one at the end.
            writer.write(b"zINSTREAM\0" + struct.pack(">I", len(content)) + content + struct.pack(">I", 0))
            await writer.drain()
            return (await reader.read(4096)).rstrip(b"\0\n")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.address.startswith("unix:"):
            return await asyncio.open_unix_connection(self.address.removeprefix("unix:"))
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host, int(port))


@dataclass(frozen=True)
class Scanners:
    """Several scanners, all of which must be content."""

    each: tuple[Scanner, ...]

    async def scan(self, content: bytes, kind: Kind) -> None:
        """Ask one after another."""
        for one in self.each:
            await one.scan(content, kind)


def scanner_of(clamd: str | None) -> Scanner:
    """Return the scanner of an installation.

    Args:
        clamd: address of a running clamd; None: the content alone is checked.
    """
    return Scanners((ContentScanner(), ClamScanner(clamd))) if clamd else ContentScanner()
