"""Whether a witness signs a checkpoint: only one that follows from the last it signed.

Standard: C2SP tlog-witness, add-checkpoint.
"""

import fcntl
import re
import threading
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from dancu.audit.notes import Checkpoint, Note, cosigned
from dancu.audit.tree import EMPTY_ROOT, HASH_SIZE, proves_consistency
from dancu.audit.witness.memory import Memory, digest_of
from dancu.kernel.errors import Conflict

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_MOST_HASHES = 63
MOST_BYTES = 64 * 1024


class WitnessInUse(Conflict):
    """Another process is the witness of this folder."""


@dataclass(frozen=True)
class Answer:
    """An answer of the protocol."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A checkpoint, and the proof that it follows from an earlier one."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read the body of a request.

        Raises:
            ValueError: it is none.
        """
        head, gap, note = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if not old or not gap or len(lines) > _MOST_HASHES or len(body) > MOST_BYTES:
            raise ValueError("not a request to add a checkpoint")
        proof = tuple(b64decode(line, validate=True) for line in lines)
        if any(len(one) != HASH_SIZE for one in proof):
            raise ValueError("not a hash")
        read = Note.read(note)
        return cls(int(old[1]), proof, read, Checkpoint.read(read.text))


class Witness:
    """The one process that signs from a folder; it must be entered before it judges."""

    def __init__(self, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._memory = memory
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._signer = memory.signer
        self._name = memory.key.name

    def __enter__(self) -> Self:
        """Take the folder.

        Raises:
            WitnessInUse: another process has it.
        """
        self._held = (self._memory.home / "lock").open("w", encoding="ascii")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._held.close()
            raise WitnessInUse(f"Another process is the witness of {self._memory.home}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def add(self, body: bytes) -> Answer:
        """Judge a checkpoint, and sign it if it follows from the last one; that is on disk before this returns."""
        try:
            asked = Asked.read(body)
        except ValueError as error:
            return Answer(400, f"{error}\n")
        key = self._memory.logs().get(asked.checkpoint.origin)
        if key is None:
            return Answer(404, "This log is not known here\n")
        if key.signed(asked.note) is None:
            return Answer(403, "The log did not sign this\n")
        if asked.old > asked.checkpoint.size:
            return Answer(400, "The old size is the larger one\n")
        with self._one_at_a_time:
            return self._judge(asked)

    def _judge(self, asked: Asked) -> Answer:
        new, note = asked.checkpoint, self._memory.last(asked.checkpoint.origin)
        last = Checkpoint.read(note.text) if note else Checkpoint(new.origin, 0, EMPTY_ROOT)
        if asked.old != last.size:
            return _conflict(last.size)
        if new.size == last.size and new.root != last.root:
            self._memory.accuse(asked.note, note)
            return _conflict(last.size)
        if not proves_consistency(last.size, last.root, new.size, new.root, asked.proof):
            self._memory.accuse(asked.note, note)
            return Answer(422, "This does not follow from what was signed before\n")
        made = cosigned(asked.note.text, self._name, self._signer, self._clock())
        self._memory.remember(asked.note.with_lines([made]))
        return Answer(200, made.line)

    def last(self, digest: str) -> Answer:
        """Answer with the last checkpoint that was signed of a log, named by the SHA-256 of its origin in hex.

        The standard leaves open how monitors learn this; ours compare it with what the log shows them.
        """
        for origin in self._memory.logs():
            if digest == digest_of(origin) and (note := self._memory.last(origin)):
                return Answer(200, note.whole)
        return Answer(404, "Nothing of such a log was signed here\n")


def _conflict(size: int) -> Answer:
    return Answer(409, f"{size}\n", "text/x.tlog.size")
