"""Key rings that keep nothing."""

import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dancu.infra.keys import FileCustody, KeyMissing, Ring, WrappedKey


class MemoryShelf:
    """Wrapped keys in a list."""

    def __init__(self) -> None:
        self.keys: list[WrappedKey] = []

    def all(self) -> Sequence[WrappedKey]:
        return tuple(self.keys)

    def add(self, purpose: str, version: int, wrapped_by: int, wrapped: bytes) -> None:
        if not any((one.purpose, one.version) == (purpose, version) for one in self.keys):
            self.keys.append(WrappedKey(len(self.keys) + 1, purpose, version, wrapped_by, wrapped))


class MemoryCustody(FileCustody):
    """One key-encryption key in memory; it signs nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def numbers(self) -> list[int]:
        return [1]

    def wrap(self, number: int, key: bytes, about: bytes) -> bytes:
        assert number == 1
        nonce = os.urandom(12)
        return nonce + AESGCM(self._key).encrypt(nonce, key, about)

    def unwrap(self, number: int, wrapped: bytes, about: bytes) -> bytes:
        if number != 1:
            raise KeyMissing("There is one key")
        return AESGCM(self._key).decrypt(wrapped[:12], wrapped[12:], about)


def memory_ring(letter: bytes = b"k") -> Ring:
    """Return a ring of its own."""
    return Ring(MemoryCustody(letter * 32), MemoryShelf())
