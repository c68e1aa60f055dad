"""Signed notes, checkpoints and cosignatures, as transparency logs exchange them. Pure but for the keys that sign.

Standard: C2SP signed-note v1, tlog-checkpoint v1, tlog-cosignature v1 (Ed25519).
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_DASH = "\u2014"
_KEY_SIZE, _ID_SIZE, _HASH_SIZE, _SIGNATURE_SIZE = 32, 4, 32, 64
_NAME = re.compile(r"[^\s+\u2014]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_MOST_SIGNATURES = 100


class Kind(IntEnum):
    """What a key signs. Numbers are those of the standard."""

    LOG = 1
    WITNESS = 4


class Signer(Protocol):
    """A private key that somebody keeps: a file, or a device."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the Ed25519 public key."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message."""


@dataclass(frozen=True)
class Key:
    """A public key with the name of who signs by it.

    Args:
        name: an address without scheme; neither spaces nor a plus sign.
        public: 32 bytes of an Ed25519 public key.
    """

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != _KEY_SIZE:
            raise ValueError("not the name and the key of who signs")

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key as `text` writes it.

        Raises:
            ValueError: it is none, of another kind, or damaged.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, coded = rest.partition("+")
        raw = b64decode(coded, validate=True)
        found = cls(name, Kind(raw[0] if raw else 0), raw[1:])
        if found.key_id.hex() != key_id:
            raise ValueError("the id of the key is not that of its name and bytes")
        return found

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID_SIZE]

    @property
    def text(self) -> str:
        """The key in one line."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def signed(self, note: "Note") -> "Signature | None":
        """Return the signature by this key that holds over a note, or None."""
        return next((one for one in note.signatures if self._made(one, note.text)), None)

    def _made(self, signature: "Signature", text: str) -> bool:
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return False
        made, message = signature.value, text.encode()
        if self.kind is Kind.WITNESS:
            made, message = made[8:], _cosigned(signature.seconds, text)
        if len(made) != _SIGNATURE_SIZE:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(made, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signature:
    """One signature line of a note.

    Args:
        value: what stands behind the id of the key: a signature, or a time and one.
    """

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, its end included."""
        return f"{_DASH} {self.name} {b64encode(self.key_id + self.value).decode()}\n"

    @property
    def seconds(self) -> int:
        """When a witness signed, in seconds since 1970."""
        return int.from_bytes(self.value[:8], "big")

    @property
    def at(self) -> datetime:
        """When a witness signed."""
        return datetime.fromtimestamp(self.seconds, UTC)


@dataclass(frozen=True)
class Note:
    """A text and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, note: str) -> Self:
        """Read a note.

        Raises:
            ValueError: it is none.
        """
        text, gap, lines = note.rpartition("\n\n")
        if not gap or not text or not lines.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in note):
            raise ValueError("not a signed note")
        return cls(text + "\n", tuple(signatures_in(lines)))

    @property
    def whole(self) -> str:
        """The note as it is sent."""
        return self.text + "\n" + "".join(one.line for one in self.signatures)

    def with_lines(self, more: Iterable[Signature]) -> "Note":
        """Return the note with more signatures."""
        return Note(self.text, (*self.signatures, *more))


def signatures_in(lines: str) -> list[Signature]:
    """Read signature lines.

    Raises:
        ValueError: a line is none, or there are more than 100.
    """
    found = []
    for line in lines.removesuffix("\n").split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, coded = rest.partition(" ")
        raw = b64decode(coded, validate=True)
        if dash != _DASH or not _NAME.fullmatch(name) or len(raw) <= _ID_SIZE:
            raise ValueError("not a line of a signature")
        found.append(Signature(name, raw[:_ID_SIZE], raw[_ID_SIZE:]))
    if len(found) > _MOST_SIGNATURES:
        raise ValueError("too many signatures")
    return found


@dataclass(frozen=True)
class Checkpoint:
    """What a log was at a size.

    Args:
        origin: which log.
        size: number of leaves, below 2**63.
        root: root of the tree, 32 bytes.
        extensions: further lines, which this program writes none of.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the text of a note.

        Raises:
            ValueError: it is not that of a checkpoint.
        """
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
            raise ValueError("not a checkpoint")
        origin, size, root, *more = lines
        found = cls(origin, int(size), b64decode(root, validate=True), tuple(more))
        if len(found.root) != _HASH_SIZE or found.size >= 1 << 63:
            raise ValueError("not a checkpoint")
        return found

    @property
    def text(self) -> str:
        """What is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def key_of(name: str, kind: Kind, signer: Signer) -> Key:
    """Return the public key of a signer, under a name."""
    return Key(name, kind, signer.public)


def signed(checkpoint: Checkpoint, signer: Signer) -> Note:
    """Return a checkpoint with the signature of its log, whose name is the origin."""
    key = key_of(checkpoint.origin, Kind.LOG, signer)
    return Note(checkpoint.text, (Signature(key.name, key.key_id, signer.sign(checkpoint.text.encode())),))


def cosigned(text: str, name: str, signer: Signer, now: datetime) -> Signature:
    """Return a witness's signature over the text of a checkpoint."""
    seconds = int(now.timestamp())
    value = seconds.to_bytes(8, "big") + signer.sign(_cosigned(seconds, text))
    return Signature(name, key_of(name, Kind.WITNESS, signer).key_id, value)


def _cosigned(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
