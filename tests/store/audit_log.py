"""A log with a witness of this process: what the tests of sealing share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.keys import log_key
from dancu.audit.log import record
from dancu.audit.notes import Signer
from dancu.audit.sealing import ROLE, Sealer
from dancu.audit.verify import Finding, Trust, verify_log
from dancu.audit.witness import Memory, Witness
from dancu.audit.witnesses import WitnessAt, Witnesses, WitnessSilent
from dancu.infra.db import Database


@dataclass(frozen=True)
class MemoryKey:
    """A signing key that a test holds."""

    seed: bytes

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LOG = MemoryKey(b"l" * 32)
NOBODY = Witnesses()
LOOK = Entry(
    logged_at=NOW,
    operation=Operation.LOOK_UP,
    outcome=Outcome.GRANTED,
    channel=Channel.PORTAL,
    request_id=UUID(int=5),
    officer_id=7,
    office="10273",
    role="civil_registrar",
    purpose="civil_status",
    person_id=41,
    fields=3,
    result_count=1,
)


async def write(database: Database, count: int = 1, **change: Any) -> None:
    """Write rows as the application does, one after another in one transaction."""
    async with database.transaction(scope="none") as tx:
        for _ in range(count):
            await record(tx, replace(LOOK, **change))


@dataclass(frozen=True)
class Beside(WitnessAt):
    """A witness that is asked without a network between."""

    witness: Witness | None = None
    faults: list[Exception] = field(default_factory=list)

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        if self.faults:
            raise self.faults.pop()
        if self.witness is None:
            raise WitnessSilent("gone")
        if method == "POST":
            answer = self.witness.add((body or "").encode())
        else:
            answer = self.witness.last(path.rpartition("/")[2])
        return answer.status, answer.body


@contextmanager
def witnessed(folder: Path, *, log: Signer = LOG) -> Iterator[tuple[Memory, Witnesses]]:
    """Give a witness that knows the log."""
    memory = Memory(folder)
    memory.trust(log_key(log).text)
    with Witness(memory, lambda: NOW) as witness:
        yield memory, Witnesses(1, (Beside(memory.key, "beside", witness),))


async def seal(dsn: str, witnesses: Witnesses = NOBODY, *, log: Signer = LOG, most: int = 20_000) -> int:
    """Seal everything and publish it; return how many rows there were."""
    total = 0
    async with Database(dsn, role=ROLE, size=2) as database:
        sealer = Sealer(database, log, witnesses)
        while count := await sealer.seal(NOW, most=most):
            total += count
            await sealer.publish()
        await sealer.publish()
    return total


def findings(connection: psycopg.Connection, witnesses: Witnesses, *, log: Signer = LOG) -> list[Finding]:
    """Verify the log, and return whatever is told."""
    return list(verify_log(connection, Trust(log_key(log), witnesses)))


def faults(connection: psycopg.Connection, witnesses: Witnesses) -> list[Finding]:
    """Verify the log, and return what is wrong."""
    return [one for one in findings(connection, witnesses) if one.is_fault]
