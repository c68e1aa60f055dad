"""Keys by which source systems prove themselves: given once, and kept as a digest only."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dancu.infra.db import Transaction
from dancu.intake.store import SQL
from dancu.kernel.errors import FieldFault, Forbidden, Invalid, NotFound, Unauthenticated
from dancu.kernel.ids import new_id

_KEY = re.compile(r"dk_(\d{1,19})_([A-Za-z0-9_-]{43})")


class KeyUnknown(Unauthenticated):
    """The key of the source system is missing, wrong or revoked."""


class OtherSource(Forbidden):
    """The key is of another source system than the one that is written to."""


class CredentialUnknown(NotFound):
    """There is no such key, or it was revoked before."""


class Discloses(StrEnum):
    """What an agreement lets the answer tell of a person."""

    NOTHING = "nothing"
    REFERENCE = "reference"
    NUMBER = "number"


@dataclass(frozen=True)
class Credential:
    """A key that holds.

    Args:
        changes_per_minute: how many changes it may send.
    """

    credential_id: int
    source: str
    agreement: str
    discloses: Discloses
    changes_per_minute: int


async def issue(
    tx: Transaction,
    *,
    source: str,
    agreement: str,
    discloses: Discloses,
    changes_per_minute: int,
    by: str,
    now: datetime,
) -> str:
    """Make a key for a source system and return it; it can't be read again.

    Raises:
        Invalid: source, agreement or who issues it is not named, or the rate is not positive.
    """
    told = {"/source": source, "/agreement": agreement, "/by": by}
    faults = [FieldFault(pointer, "This is needed") for pointer, value in told.items() if not value.strip()]
    if changes_per_minute < 1:
        faults.append(FieldFault("/changes_per_minute", "This must be positive"))
    if faults:
        raise Invalid(tuple(faults))
    credential_id = new_id()
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    key = f"dk_{credential_id}_{secret}"
    row = {
        "credential_id": credential_id,
        "source": source,
        "key_sha256": _digest(key),
        "agreement": agreement,
        "discloses": discloses.value,
        "changes_per_minute": changes_per_minute,
        "by": by,
        "now": now,
    }
    await tx.execute(SQL.insert_credential, row)
    return key


async def revoke(tx: Transaction, credential_id: int, now: datetime) -> None:
    """Let a key hold no more.

    Raises:
        CredentialUnknown: there is none that holds.
    """
    if not await tx.execute(SQL.revoke_credential, {"credential_id": credential_id, "now": now}):
        raise CredentialUnknown("There is no such key that holds")


async def proven(tx: Transaction, authorization: str, source: str) -> Credential:
    """Return whose key the header of a request shows.

    Raises:
        KeyUnknown: it shows none that holds.
        OtherSource: it is another source's.
    """
    scheme, _, key = authorization.partition(" ")
    found = _KEY.fullmatch(key.strip())
    if scheme.lower() != "bearer" or found is None:
        raise KeyUnknown("The key of the source system is missing or wrong")
    row = await tx.row(SQL.credential, {"credential_id": int(found[1]), "key_sha256": _digest(key.strip())})
    if row is None:
        raise KeyUnknown("The key of the source system is missing or wrong")
    credential = Credential(row[0], row[1], row[2], Discloses(row[3]), row[4])
    if credential.source != source:
        raise OtherSource("This key is of another source system")
    return credential


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
