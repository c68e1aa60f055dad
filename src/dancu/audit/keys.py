"""Signing keys in files that only their owner may read; a device takes their place through the same interface."""

import os
import secrets
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dancu.kernel.errors import Unavailable

_KEY_SIZE = 32


class SigningKeyMissing(Unavailable):
    """The key that signs is not there, is damaged, or others may read it."""


@dataclass(frozen=True)
class FileKey:
    """An Ed25519 key, kept as the 32 bytes of its seed."""

    seed: bytes

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._private.sign(message)


def read_key(file: Path) -> FileKey:
    """Read a key.

    Raises:
        SigningKeyMissing: it is not there, damaged, or open to others.
    """
    try:
        mode, seed = file.stat().st_mode, file.read_bytes()
    except OSError as error:
        raise SigningKeyMissing(f"The key {file} can't be read ({error.strerror}): restore it from its copy") from error
    if stat.S_IMODE(mode) & 0o077:
        raise SigningKeyMissing(f"Others may read the key {file}: chmod 600 {file}")
    if len(seed) != _KEY_SIZE:
        raise SigningKeyMissing(f"The key {file} is damaged: restore it from its copy")
    return FileKey(seed)


def key_in(file: Path) -> FileKey:
    """Read a key, or make it where there is none; two processes at once make one.

    Raises:
        SigningKeyMissing: it is damaged, or open to others.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.parent / f".{file.name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
            target.write(secrets.token_bytes(_KEY_SIZE))
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        sync_folder(file.parent)
    return read_key(file)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder outlive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
