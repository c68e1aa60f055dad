"""The key ring: data keys from a shelf, unwrapped by a custody and kept in memory while the process runs."""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dancu.infra.keys import model
from dancu.infra.keys.custody import FileCustody
from dancu.infra.keys.model import NONCE_SIZE, Custody, KeyMissing, Place, Purpose, SealBroken
from dancu.infra.keys.shelf import DatabaseShelf, Shelf, WrappedKey, about

FRESH_S = 300.0
"""After so many seconds a process looks for keys that others made: so long a rotation takes to reach it."""


@dataclass(frozen=True)
class _Open:
    """A data key in use."""

    purpose: str
    version: int
    cipher: AESGCM


class Ring:
    """Fulfils `dancu.infra.keys.KeyRing`; keys are read when they are first needed."""

    def __init__(self, custody: Custody, shelf: Shelf) -> None:
        """Put a ring together; nothing is read yet."""
        self.custody = custody
        self.shelf = shelf
        self._open: dict[int, _Open] = {}
        self._newest: dict[str, int] = {}
        self._read_at = -FRESH_S
        self._lock = threading.Lock()

    def encrypt(self, purpose: Purpose, clear: bytes, place: Place) -> bytes:
        """Seal a value for its place, under the newest key of its purpose; the first one is made."""
        key_id = self._sealing(purpose)
        nonce = os.urandom(NONCE_SIZE)
        return model.join(key_id, nonce, self._open[key_id].cipher.encrypt(nonce, clear, place.bound(purpose)))

    def decrypt(self, purpose: Purpose, sealed: bytes, place: Place) -> bytes:
        """Open a value that was sealed for this place."""
        key_id = model.key_id_of(sealed)
        if key_id not in self._open:
            self.read()
        key = self._open.get(key_id)
        if key is None:
            raise KeyMissing(f"Data key {key_id} is not in this database")
        try:
            return key.cipher.decrypt(model.nonce_of(sealed), model.ciphertext_of(sealed), place.bound(purpose))
        except InvalidTag as error:
            raise SealBroken(f"A sealed value of {place.table}.{place.column} was changed or moved") from error

    def read(self) -> None:
        """Read all data keys anew.

        Raises:
            KeyMissing: one can't be unwrapped.
        """
        with self._lock:
            opened, newest = {}, {}
            for kept in sorted(self.shelf.all(), key=lambda one: (one.purpose, one.version)):
                opened[kept.key_id] = self._open.get(kept.key_id) or self._unwrap(kept)
                newest[kept.purpose] = kept.key_id
            self._open, self._newest, self._read_at = opened, newest, time.monotonic()

    def make_missing(self) -> None:
        """Make the first key-encryption key of an installation, and the first data key of each purpose."""
        self.read()
        for purpose in Purpose:
            self._sealing(purpose)

    def rotate(self, purpose: Purpose) -> int:
        """Make the next data key of a purpose and return its id; the ones before still open what they sealed."""
        self.read()
        present = self._newest.get(purpose)
        self._add(purpose, self._open[present].version + 1 if present else 1)
        return self._newest[purpose]

    def signing_keys(self, name: str) -> list[str]:
        """List the ids of the signing keys of a name, oldest first."""
        return self.custody.signing_keys(name)

    def make_signing_key(self, name: str) -> str:
        """Make the next signing key of a name and return its id."""
        return self.custody.make_signing_key(name)

    def signing_key(self, name: str) -> str:
        """Return the id of the newest signing key of a name; the first is made."""
        return self.custody.signing_key(name)

    def public_key(self, key_id: str) -> bytes:
        """Return the 32 bytes of a public key."""
        return self.custody.public_key(key_id)

    def sign(self, key_id: str, message: bytes) -> bytes:
        """Return the signature of 64 bytes."""
        return self.custody.sign(key_id, message)

    def _sealing(self, purpose: Purpose) -> int:
        if purpose not in self._newest or time.monotonic() - self._read_at > FRESH_S:
            self.read()
        if purpose not in self._newest:
            self._add(purpose, 1)
        return self._newest[purpose]

    def _add(self, purpose: Purpose, version: int) -> None:
        number = self._wrapping()
        wrapped = self.custody.wrap(number, AESGCM.generate_key(256), about(purpose, version))
        self.shelf.add(purpose, version, number, wrapped)
        self.read()

    def _wrapping(self) -> int:
        """Return the number of the newest key-encryption key; only an installation without any data key makes one."""
        numbers = self.custody.numbers()
        if not numbers and not self._open:
            self.custody.make(1)
            numbers = self.custody.numbers()
        if not numbers:
            raise KeyMissing("The key-encryption key is not there: restore DANCU_HOME/keys")
        return numbers[-1]

    def _unwrap(self, kept: WrappedKey) -> _Open:
        key = self.custody.unwrap(kept.wrapped_by, kept.wrapped, kept.about)
        return _Open(kept.purpose, kept.version, AESGCM(key))


def ring_of(dsn: str, folder: Path, *, role: str = "dancu_app") -> Ring:
    """Return the ring of an installation: wrapped data keys in its database, what unwraps them in a folder of files.

    Args:
        folder: `DANCU_HOME/keys`.
        role: database role that reads the wrapped keys.
    """
    return Ring(FileCustody(folder), DatabaseShelf(dsn, role))
