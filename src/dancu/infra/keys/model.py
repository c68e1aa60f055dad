"""What sealing is about: purposes, places, and the form of a sealed value."""

import struct
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeVar

from dancu.kernel.errors import Unavailable

_HEAD = struct.Struct(">BI")
_FORM = 1
_LENGTHS = struct.Struct(">IQ")
NONCE_SIZE = 12
OVERHEAD = _HEAD.size + NONCE_SIZE + 16
"""Bytes by which a sealed value is longer than what was sealed."""


class KeyMissing(Unavailable):
    """A key that is needed isn't there, or isn't the one that the data were written with."""


class KeyExposed(Unavailable):
    """Other accounts of this machine can reach a key, so it isn't used."""


class SealBroken(Unavailable):
    """A sealed value was changed, or stands where it was not written."""


Error = TypeVar("Error", bound=Exception)


def said_of(what: object, error: Error) -> Error:
    """Return an error that carries what it is about, for operators; its message may be shown to anybody."""
    error.add_note(str(what))
    return error


def explained(error: Exception) -> str:
    """Return the message of an error with what it is about, for operators."""
    return ": ".join([str(error), *getattr(error, "__notes__", [])])


class Purpose(StrEnum):
    """What a data key is for; each has its own, so that one can be replaced or destroyed without the others."""

    SECOND_FACTOR = "second-factor"
    DOCUMENT = "document"
    PROPOSED_ACT = "proposed-act"
    INTAKE_RECORD = "intake-record"
    SENSITIVE_FACT = "sensitive-fact"


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands; it opens nowhere else.

    Args:
        table: with its schema, `access.credential`.
        row: the key of the row, its parts joined in the order of the primary key.
        version: of the row, or which part of a value this is; 0 where there is but one.
    """

    table: str
    column: str
    row: str | int
    version: int = 0

    def bound(self, purpose: Purpose) -> bytes:
        """Return the associated data: every part with its length before it, so that no two places read the same."""
        row = str(self.row).encode()
        return _head_of(purpose, self.table, self.column) + _LENGTHS.pack(len(row), self.version) + row


@lru_cache
def _head_of(purpose: str, table: str, column: str) -> bytes:
    return b"".join(struct.pack(">I", len(part := text.encode())) + part for text in (purpose, table, column))


def join(key_id: int, nonce: bytes, sealed: bytes) -> bytes:
    """Return a sealed value: form, key id, nonce, ciphertext with its tag."""
    return _HEAD.pack(_FORM, key_id) + nonce + sealed


def key_id_of(value: bytes) -> int:
    """Return the id of the key under which a value was sealed.

    Raises:
        SealBroken: it isn't a sealed value.
    """
    if len(value) < OVERHEAD or value[0] != _FORM:
        raise SealBroken("What stands here was not sealed by this system")
    return int(_HEAD.unpack_from(value)[1])


def nonce_of(value: bytes) -> bytes:
    """Return the nonce of a sealed value."""
    return value[_HEAD.size : _HEAD.size + NONCE_SIZE]


def ciphertext_of(value: bytes) -> bytes:
    """Return the ciphertext of a sealed value, with its tag."""
    return value[_HEAD.size + NONCE_SIZE :]


class Signer(Protocol):
    """Keeps private keys (Ed25519) and signs with them; they never leave it.

    A key is named by `<name>-<version>`; a version that was replaced still signs when asked by its id.
    """

    def signing_keys(self, name: str) -> list[str]:
        """List the ids of the keys of a name, oldest first; none: an empty list."""

    def make_signing_key(self, name: str) -> str:
        """Make the next key of a name and return its id."""

    def signing_key(self, name: str) -> str:
        """Return the id of the newest key of a name; the first is made."""

    def public_key(self, key_id: str) -> bytes:
        """Return the 32 bytes of a public key.

        Raises:
            KeyMissing: there is no such key.
        """

    def sign(self, key_id: str, message: bytes) -> bytes:
        """Return the signature of 64 bytes.

        Raises:
            KeyMissing: there is no such key.

        Standard: RFC 8032.
        """


class Custody(Signer, Protocol):
    """Keeps the key-encryption keys, numbered from 1: files by default, a hardware module (PKCS#11) by the same door.

    Not promised: that keys can be read; a module wraps and unwraps inside.
    """

    def numbers(self) -> list[int]:
        """List the numbers of the keys that are there, ascending."""

    def make(self, number: int) -> None:
        """Make a key of a number, unless it is there: of two processes at once one makes it and both use it."""

    def wrap(self, number: int, key: bytes, about: bytes) -> bytes:
        """Encrypt a data key, bound to what it is about.

        Raises:
            KeyMissing: there is no key of this number.
        """

    def unwrap(self, number: int, wrapped: bytes, about: bytes) -> bytes:
        """Decrypt a data key.

        Raises:
            KeyMissing: there is no key of this number, or it is another one.
        """


class KeyRing(Signer, Protocol):
    """Seals and opens values, and signs.

    A value is sealed under the newest data key of its purpose and opens with the one that its head names.
    Safe to share between threads and coroutines; a call costs some microseconds.
    """

    def encrypt(self, purpose: Purpose, clear: bytes, place: Place) -> bytes:
        """Seal a value for its place.

        Raises:
            KeyMissing: a key isn't there; nothing may be written then.
            KeyExposed: others can read the keys.
        """

    def decrypt(self, purpose: Purpose, sealed: bytes, place: Place) -> bytes:
        """Open a value that was sealed for this place.

        Raises:
            KeyMissing: its key isn't there.
            SealBroken: it was changed, moved, or never sealed.
        """
