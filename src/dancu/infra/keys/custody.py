"""Keys in files: `kek-<n>.key` wraps data keys, `sign-<name>-<n>.key` signs; only their owner may read them."""

import os
import re
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dancu.infra.keys.model import NONCE_SIZE, KeyExposed, KeyMissing, said_of

_SIZE = 32
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*")
_WRAPPING, _SIGNING = "kek", "sign"


class FileCustody:
    """Fulfils `dancu.infra.keys.Custody` with a folder of files of 32 bytes."""

    def __init__(self, folder: Path) -> None:
        """Look at a folder; it is made together with the first key."""
        self.folder = folder

    def numbers(self) -> list[int]:
        """List the numbers of the key-encryption keys that are there."""
        return _versions(self.folder, _WRAPPING)

    def make(self, number: int) -> None:
        """Make a key-encryption key, unless it is there."""
        make_key(self._wrapping(number))

    def wrap(self, number: int, key: bytes, about: bytes) -> bytes:
        """Encrypt a data key, bound to what it is about."""
        nonce = os.urandom(NONCE_SIZE)
        return nonce + AESGCM(read_key(self._wrapping(number))).encrypt(nonce, key, about)

    def unwrap(self, number: int, wrapped: bytes, about: bytes) -> bytes:
        """Decrypt a data key."""
        file = self._wrapping(number)
        try:
            return AESGCM(read_key(file)).decrypt(wrapped[:NONCE_SIZE], wrapped[NONCE_SIZE:], about)
        except (InvalidTag, ValueError) as error:
            raise said_of(
                file, KeyMissing("The data were written with another key: restore DANCU_HOME/keys")
            ) from error

    def signing_keys(self, name: str) -> list[str]:
        """List the ids of the keys of a name, oldest first."""
        return [f"{name}-{version}" for version in _versions(self.folder, f"{_SIGNING}-{_checked(name)}")]

    def make_signing_key(self, name: str) -> str:
        """Make the next key of a name and return its id."""
        held = self.signing_keys(name)
        key_id = f"{name}-{len(held) + 1}"
        make_key(self._signing(key_id))
        return key_id

    def signing_key(self, name: str) -> str:
        """Return the id of the newest key of a name; the first is made."""
        held = self.signing_keys(name)
        return held[-1] if held else self.make_signing_key(name)

    def public_key(self, key_id: str) -> bytes:
        """Return the 32 bytes of a public key."""
        return self._private(key_id).public_key().public_bytes_raw()

    def sign(self, key_id: str, message: bytes) -> bytes:
        """Return the signature of 64 bytes."""
        return self._private(key_id).sign(message)

    def _private(self, key_id: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(read_key(self._signing(key_id)))

    def _wrapping(self, number: int) -> Path:
        return self.folder / f"{_WRAPPING}-{number}.key"

    def _signing(self, key_id: str) -> Path:
        name, _, version = key_id.rpartition("-")
        if not version.isdecimal():
            raise said_of(key_id, KeyMissing("There is no key of this name"))
        return self.folder / f"{_SIGNING}-{_checked(name)}-{version}.key"


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature was made over a message by the holder of a key.

    Standard: RFC 8032.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_key(file: Path) -> None:
    """Write a fresh key of 32 bytes to a file, unless it is there; of two processes at once one wins.

    The file appears whole and on the disk, or not at all.

    Raises:
        KeyMissing: it can't be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.parent / f".{file.name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
            target.write(secrets.token_bytes(_SIZE))
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        _sync(file.parent)
    except OSError as error:
        raise said_of(file, KeyMissing("A key can't be made in DANCU_HOME/keys")) from error


def read_key(file: Path) -> bytes:
    """Read a key of 32 bytes.

    Raises:
        KeyMissing: it isn't there, can't be read, or is damaged.
        KeyExposed: others can read it.
    """
    try:
        for one in (file.parent, file):
            if stat.S_IMODE(one.stat().st_mode) & 0o077:
                raise said_of(one, KeyExposed("Other accounts can reach a key: chmod -R go= DANCU_HOME/keys"))
        key = file.read_bytes()
    except OSError as error:
        raise said_of(file, KeyMissing("A key is not there: restore DANCU_HOME/keys")) from error
    if len(key) != _SIZE:
        raise said_of(file, KeyMissing("A key is damaged: restore DANCU_HOME/keys"))
    return key


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _versions(folder: Path, stem: str) -> list[int]:
    form = re.compile(rf"{re.escape(stem)}-([1-9][0-9]{{0,3}})\.key")
    return sorted(int(match[1]) for file in folder.glob(f"{stem}-*.key") if (match := form.fullmatch(file.name)))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise KeyMissing("A name of a key has small letters, digits and hyphens")
    return name
