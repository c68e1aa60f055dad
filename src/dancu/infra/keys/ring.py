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
from dancu.infra.keys.model import NONCE_SIZE, Custody, KeyExposed, KeyMissing, Place, Purpose, SealBroken, said_of
from dancu.infra.keys.shelf import DatabaseShelf, Shelf, WrappedKey, about
from dancu.kernel.errors import DancuError

FRESH_S = 300.0
"""After so many seconds a process looks for keys that others made: so long a rotation takes to reach it."""


def _nonce() -> bytes:
    """Return 96 random bits: of 2**32 values under one key, two share a nonce with a chance of 2**-33."""
    return os.urandom(NONCE_SIZE)


@dataclass(frozen=True)
class _Known:
    """A data key, or why it can't be used."""

    purpose: str
    version: int
    cipher: AESGCM | DancuError

    def use(self) -> AESGCM:
        """Return the key, or raise why it can't be used."""
        if isinstance(self.cipher, DancuError):
            raise type(self.cipher)(*self.cipher.args) from self.cipher
        return self.cipher


@dataclass(frozen=True)
class Unusable:
    """A data key that can't be used, and why."""

    key_id: int
    purpose: str
    version: int
    why: DancuError


class Ring:
    """Fulfils `dancu.infra.keys.KeyRing`; keys are read when they are first needed."""

    def __init__(self, custody: Custody, shelf: Shelf) -> None:
        """Put a ring together; nothing is read yet."""
        self.custody = custody
        self.shelf = shelf
        self._known: dict[int, _Known] = {}
        self._newest: dict[str, int] = {}
        self._read_at = -FRESH_S
        self._lock = threading.Lock()

    def encrypt(self, purpose: Purpose, clear: bytes, place: Place) -> bytes:
        """Seal a value for its place, under the newest key of its purpose; the first one is made."""
        key_id = self.sealing_key(purpose)
        nonce = _nonce()
        return model.join(key_id, nonce, self._known[key_id].use().encrypt(nonce, clear, place.bound(purpose)))

    def decrypt(self, purpose: Purpose, sealed: bytes, place: Place) -> bytes:
        """Open a value that was sealed for this place."""
        key_id = model.key_id_of(sealed)
        if key_id not in self._known:
            self.read()
        key = self._known.get(key_id)
        if key is None:
            raise said_of(key_id, KeyMissing("A data key is not in this database"))
        try:
            return key.use().decrypt(model.nonce_of(sealed), model.ciphertext_of(sealed), place.bound(purpose))
        except InvalidTag as error:
            raise said_of(f"{place.table}.{place.column}", SealBroken("A sealed value was changed or moved")) from error

    def read(self) -> None:
        """Read all data keys anew; one that can't be unwrapped raises that when it is used."""
        with self._lock:
            known, newest = {}, {}
            for kept in sorted(self.shelf.all(), key=lambda one: (one.purpose, one.version)):
                known[kept.key_id] = self._unwrap(kept)
                newest[kept.purpose] = kept.key_id
            self._known, self._newest, self._read_at = known, newest, time.monotonic()

    def check(self) -> list[Unusable]:
        """List the data keys that can't be used, and why; destroyed ones are not among them."""
        kept = self.shelf.all()
        self.read()
        return [
            Unusable(one.key_id, one.purpose, one.version, why)
            for one in kept
            if one.destroyed_at is None and isinstance(why := self._known[one.key_id].cipher, DancuError)
        ]

    def make_missing(self) -> None:
        """Make the first key-encryption key of an installation, and the first data key of each purpose.

        Raises:
            KeyMissing: a key that seals is not there.
        """
        self.read()
        for purpose in Purpose:
            key_id = self.sealing_key(purpose)
            self._known[key_id].use()

    def rotate(self, purpose: Purpose) -> int:
        """Make the next data key of a purpose and return its id; the ones before still open what they sealed."""
        self.read()
        present = self._newest.get(purpose)
        self._add(purpose, self._known[present].version + 1 if present else 1)
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

    def sealing_key(self, purpose: Purpose) -> int:
        """Return the id of the key under which values of a purpose are sealed now; the first one is made."""
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
        """Return the number of the newest key-encryption key; one is made only where no data key needs another."""
        numbers = self.custody.numbers()
        wrappers = [one.wrapped_by for one in self.shelf.all() if one.destroyed_at is None]
        if not numbers and not wrappers:
            self.custody.make(1)
            numbers = self.custody.numbers()
        if not numbers:
            raise KeyMissing("A key is not there: restore DANCU_HOME/keys")
        return numbers[-1]

    def _unwrap(self, kept: WrappedKey) -> _Known:
        """Return a data key in use; one that was in use stays so, whatever becomes of the file that unwrapped it."""
        before = self._known.get(kept.key_id)
        if kept.destroyed_at:
            said: AESGCM | DancuError = said_of(
                kept.key_id, KeyMissing("The key was destroyed, and with it what it sealed")
            )
        elif before and not isinstance(before.cipher, DancuError):
            said = before.cipher
        else:
            try:
                said = AESGCM(self.custody.unwrap(kept.wrapped_by, kept.wrapped, kept.about))
            except (KeyMissing, KeyExposed) as error:
                said = error
        return _Known(kept.purpose, kept.version, said)


_NONE = "No keys were given to this process"


class NoRing:
    """Fulfils `dancu.infra.keys.KeyRing` where no keys were given: everything that takes one fails."""

    def encrypt(self, purpose: Purpose, clear: bytes, place: Place) -> bytes:  # noqa: ARG002
        """Refuse."""
        raise said_of(place.table, KeyMissing(_NONE))

    def decrypt(self, purpose: Purpose, sealed: bytes, place: Place) -> bytes:  # noqa: ARG002
        """Refuse."""
        raise said_of(place.table, KeyMissing(_NONE))

    def signing_keys(self, name: str) -> list[str]:  # noqa: ARG002
        """List none."""
        return []

    def make_signing_key(self, name: str) -> str:
        """Refuse."""
        raise said_of(name, KeyMissing(_NONE))

    def signing_key(self, name: str) -> str:
        """Refuse."""
        raise said_of(name, KeyMissing(_NONE))

    def public_key(self, key_id: str) -> bytes:
        """Refuse."""
        raise said_of(key_id, KeyMissing(_NONE))

    def sign(self, key_id: str, message: bytes) -> bytes:  # noqa: ARG002
        """Refuse."""
        raise said_of(key_id, KeyMissing(_NONE))


def ring_of(dsn: str, folder: Path, *, role: str = "dancu_app") -> Ring:
    """Return the ring of an installation: wrapped data keys in its database, what unwraps them in a folder of files.

    Args:
        folder: `DANCU_HOME/keys`.
        role: database role that reads the wrapped keys.
    """
    return Ring(FileCustody(folder), DatabaseShelf(dsn, role))
