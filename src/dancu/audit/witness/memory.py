"""What a witness remembers, in files: which logs it knows, and the last checkpoint of each that it signed."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from dancu.audit.keys import HeldKey, held
from dancu.audit.notes import Checkpoint, Key, Kind, Note, key_of
from dancu.kernel.errors import Conflict, Malformed

_MOST_EVIDENCE = 1_000


class LogKnown(Conflict):
    """The witness knows this log by another key."""


@dataclass(frozen=True)
class Memory:
    """The home folder of a witness."""

    home: Path

    @property
    def signer(self) -> HeldKey:
        """The private key of the witness; it is made at its first use.

        Raises:
            KeyMissing: it is damaged.
            KeyExposed: others may read it.
        """
        return held(self.home / "keys", "witness")

    @property
    def key(self) -> Key:
        """The public key of the witness, for those who check what it signed."""
        signer = self.signer
        name = f"dancu-witness/{hashlib.sha256(signer.public).hexdigest()[:16]}"
        return key_of(name, Kind.WITNESS, signer)

    def publish_key(self) -> Path:
        """Write the public key to a file for the operator of the log, and return where."""
        file = self.home / "witness.vkey"
        if not file.exists() or file.read_text(encoding="utf-8").strip() != self.key.text:
            write_lasting(file, f"{self.key.text}\n", mode=0o644)
        return file

    def logs(self) -> dict[str, Key]:
        """List the keys of the logs that are witnessed, by origin."""
        try:
            lines = (self.home / "logs").read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return {}
        return {key.name: key for key in map(Key.read, lines)}

    def trust(self, text: str) -> Key:
        """Witness a log from now on.

        Args:
            text: the public key of the log, as `dancu audit key` prints it.

        Raises:
            Malformed: this is no public key of a log.
            LogKnown: that log is known by another key: a witness does not change its mind.
        """
        try:
            key = Key.read(text)
        except ValueError as error:
            raise Malformed(f"This is not the public key of a log: {error}") from error
        if key.kind is not Kind.LOG:
            raise Malformed("This is not the public key of a log, but of a witness")
        known = self.logs()
        if known.get(key.name, key) != key:
            raise LogKnown(f"The log {key.name} is known by another key")
        if key.name not in known:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            lines = [one.text for one in (*known.values(), key)]
            write_lasting(self.home / "logs", "".join(f"{line}\n" for line in lines))
        return key

    def last(self, origin: str) -> Note | None:
        """Return the last checkpoint of a log that was signed, with all its signatures."""
        try:
            return Note.read(self._seen(origin).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def remember(self, note: Note) -> None:
        """Keep the last checkpoint of a log; when this returns, it outlives a loss of power."""
        file = self._seen(Checkpoint.read(note.text).origin)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_lasting(file, note.whole)

    def accuse(self, note: Note, last: Note | None) -> None:
        """Keep what a log signed although it does not follow from what it had signed before."""
        folder = self.home / "evidence"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / f"{hashlib.sha256(note.text.encode()).hexdigest()}.txt"
        if not file.exists() and len(self.evidence()) < _MOST_EVIDENCE:
            write_lasting(file, f"refused:\n{note.whole}\nseen before:\n{last.whole if last else ''}")

    def evidence(self) -> list[Path]:
        """List what was kept of heads that do not follow from earlier ones."""
        return sorted((self.home / "evidence").glob("*.txt"))

    def _seen(self, origin: str) -> Path:
        return self.home / "seen" / f"{digest_of(origin)}.checkpoint"


def digest_of(origin: str) -> str:
    """Return the name of a log in files and addresses: the SHA-256 of its origin, in hex."""
    return hashlib.sha256(origin.encode()).hexdigest()


def write_lasting(file: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace a file at once and for good: it holds the old text or the new one, whenever power is lost."""
    fresh = file.parent / f".{file.name}.{secrets.token_hex(8)}"
    handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
