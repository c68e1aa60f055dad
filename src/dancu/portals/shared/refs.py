"""Opaque references: what stands for a record in addresses and forms, instead of its internal id."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dancu.kernel.errors import NotFound

_SEAL = b"dancu:01"


class UnknownReference(NotFound):
    """The address names no record; it may come from another installation."""


class References:
    """Turns an id into a reference of 22 characters and back, under a key of this installation.

    One AES block holds the id and a fixed seal, so a guessed reference opens to nothing (1 in 2**64).
    The same id gives the same reference: a bookmark of an officer stays good.
    """

    def __init__(self, key: bytes) -> None:
        """Take a key of 32 bytes."""
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 -- one block of unique content

    def ref(self, record_id: int) -> str:
        """Return the reference of an id (0 to 2**63 - 1)."""
        block = record_id.to_bytes(8, "big") + _SEAL
        return urlsafe_b64encode(self._cipher.encryptor().update(block)).rstrip(b"=").decode()

    def id(self, ref: str) -> int:
        """Return the id that a reference stands for.

        Raises:
            UnknownReference: it was not made with this key.
        """
        try:
            block = self._cipher.decryptor().update(urlsafe_b64decode(ref + "=="))
        except ValueError:
            block = b""
        if len(block) != 16 or block[8:] != _SEAL:
            raise UnknownReference("The address names no record")
        return int.from_bytes(block[:8], "big")


def references_key(folder: Path) -> bytes:
    """Read the key of this installation from `references.key`, or make it; only its owner may read it."""
    file = folder / "references.key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f"references.key.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
            target.write(secrets.token_bytes(32))
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_bytes()
