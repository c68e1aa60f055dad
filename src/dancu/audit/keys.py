"""The key of the log: which one signs, and where its public half stands."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dancu.audit.notes import Key, Kind, Signer, key_of
from dancu.infra.keys import FileCustody, KeyMissing
from dancu.infra.keys import Signer as Custody

_NAME = "log"


@dataclass(frozen=True)
class HeldKey:
    """One signing key that is kept in files or a device; it never leaves there."""

    custody: Custody
    key_id: str

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.custody.public_key(self.key_id)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self.custody.sign(self.key_id, message)


def log_key(signer: Signer) -> Key:
    """Return the public key of a log; its name, the origin, follows from the key."""
    return key_of(f"dancu-log/{hashlib.sha256(signer.public).hexdigest()[:16]}", Kind.LOG, signer)


def held(folder: Path, name: str) -> HeldKey:
    """Return the newest key of a name in a folder; the first is made."""
    custody = FileCustody(folder)
    return HeldKey(custody, custody.signing_key(name))


def log_signer(home: Path, begun_with: str | None) -> HeldKey:
    """Return the key that signs the log, and write its public half to `log.vkey`, for witnesses and auditors.

    Args:
        home: folder of the installation.
        begun_with: the public key that the log was begun with; None: it was not begun, and a key is made.

    Raises:
        KeyMissing: the log was begun with a key that is not here.
    """
    custody = FileCustody(home / "keys")
    if begun_with is None:
        signer = HeldKey(custody, custody.signing_key(_NAME))
    else:
        all_held = [HeldKey(custody, key_id) for key_id in custody.signing_keys(_NAME)]
        fitting = [one for one in all_held if log_key(one).text == begun_with]
        if not fitting:
            raise KeyMissing(f"The log was begun with a key that is not in {custody.folder}: restore it from its copy")
        signer = fitting[0]
    public = home / "log.vkey"
    text = log_key(signer).text + "\n"
    if not public.exists() or public.read_text(encoding="utf-8") != text:
        public.write_text(text, encoding="utf-8")
    return signer


def trusted_key(home: Path) -> Key | None:
    """Return the public key of the log as this installation's files have it, or None.

    Raises:
        KeyMissing: the file is damaged.
    """
    try:
        return Key.read((home / "log.vkey").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise KeyMissing(f"{home / 'log.vkey'} is damaged: restore it from its copy") from error
