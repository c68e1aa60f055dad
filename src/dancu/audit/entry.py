"""One row of the access log, and the commitment that seals it."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from uuid import UUID

import msgspec
from msgspec.structs import replace


class Operation(IntEnum):
    """What was done. Numbers are stored and never reused."""

    SIGN_IN = 1
    SIGN_OUT = 2
    SEARCH = 3
    LOOK_UP = 4
    READ = 5
    WRITE = 6
    BULK_WRITE = 7
    EXPORT = 8
    OPEN_DOSSIER = 9
    READ_LOG = 10
    ADMINISTER = 11
    PROPOSE = 12
    DECIDE = 13
    UNMASK = 14
    NOTIFY = 15


class Outcome(IntEnum):
    """Whether it was allowed."""

    GRANTED = 1
    REFUSED = 2


class Actor(IntEnum):
    """What kind of actor it was."""

    OFFICER = 1
    CITIZEN = 2
    AGENCY = 3
    PROGRAM = 4


class Channel(IntEnum):
    """By which door."""

    PORTAL = 1
    COMMAND_LINE = 2
    INTAKE = 3
    API = 4


ALL_FIELDS = (1 << 26) - 1
"""Every group of Article 9."""


def fields_of(groups: Iterable[int]) -> int:
    """Return the bits of groups 1..26 of Article 9, Law 26/2023."""
    return sum(1 << (group - 1) for group in set(groups))


SUMMARY_FIELDS = fields_of((1, 3, 4, 5, 18))
"""What a list of results shows: name, number, birth date, sex, place."""


class Entry(msgspec.Struct, frozen=True):
    """One access.

    Args:
        office: unit code of the office; '' for the Center.
        purpose: code of the purpose.
        legal_ground: '' for that of the purpose on the day; else the dossier's own.
        fields: bits of the groups of Article 9.
        persons: whom a search listed.
        persons_digest: of a bulk act, see `digest_of`.
        reason: why it was refused, a code; of an act that was recorded, see `of_act`.
    """

    logged_at: datetime
    operation: Operation
    outcome: Outcome
    channel: Channel
    request_id: UUID
    officer_id: int | None = None
    office: str = ""
    role: str = ""
    purpose: str = ""
    legal_ground: str = ""
    dossier_id: int | None = None
    person_id: int | None = None
    persons: tuple[int, ...] | None = None
    persons_digest: bytes | None = None
    fields: int = 0
    result_count: int = 0
    reason: str | None = None
    actor: Actor = Actor.OFFICER

    def by(self, *, office: str, role: str, legal_ground: str) -> "Entry":
        """Return the entry with who acted, as what and on what ground."""
        return replace(self, office=office, role=role, legal_ground=legal_ground)

    def about(self, *, person_id: int, dossier_id: int | None) -> "Entry":
        """Return the entry with whom it is about, on which dossier."""
        return replace(self, person_id=person_id, dossier_id=dossier_id)

    def refused(self, reason: str) -> "Entry":
        """Return the entry of the same access, refused."""
        return replace(self, outcome=Outcome.REFUSED, reason=reason, result_count=0)


def of_act(act_id: int) -> str:
    """Return what stands as the reason of the access that recorded an act."""
    return f"act:{act_id}"


def digest_of(person_ids: Iterable[int]) -> bytes:
    """Return SHA-256 over the ids in ascending order, 8 bytes each, big-endian."""
    digest = hashlib.sha256()
    for person_id in sorted(person_ids):
        digest.update(person_id.to_bytes(8, "big"))
    return digest.digest()


_ENCODER = msgspec.json.Encoder()
_MICROSECONDS = 1_000_000


def canonical(entry: Entry) -> bytes:
    """Return the encoding that is committed to: a JSON array of the fields in the order of `Entry`.

    UTF-8 without spaces; texts are escaped as RFC 8785 does: quotation marks, backslashes and control characters.
    Times are whole microseconds since 1970, ids of requests their 32 hex digits, digests lower-case hex;
    what is not given is null, and other ids are whole numbers (up to 2**63 - 1: read them exactly).
    """
    return _ENCODER.encode(
        (
            int(entry.logged_at.timestamp()) * _MICROSECONDS + entry.logged_at.microsecond,
            int(entry.operation),
            int(entry.outcome),
            int(entry.channel),
            entry.request_id.hex,
            entry.officer_id,
            entry.office,
            entry.role,
            entry.purpose,
            entry.legal_ground,
            entry.dossier_id,
            entry.person_id,
            entry.persons,
            entry.persons_digest.hex() if entry.persons_digest else None,
            entry.fields,
            entry.result_count,
            entry.reason,
            int(entry.actor),
        )
    )


def commitment(salt: bytes, entry: Entry) -> bytes:
    """Return SHA-256(salt || canonical entry): tells nothing about the entry to who lacks the salt."""
    return hashlib.sha256(salt + canonical(entry)).digest()


def sealed(entry: Entry) -> dict[str, object]:
    """Return the row of an entry, by column name, with a fresh salt and its commitment."""
    salt = secrets.token_bytes(16)
    return {
        "logged_at": entry.logged_at,
        "operation": int(entry.operation),
        "outcome": int(entry.outcome),
        "channel": int(entry.channel),
        "request_id": entry.request_id,
        "officer_id": entry.officer_id,
        "office": entry.office,
        "role": entry.role,
        "purpose": entry.purpose,
        "legal_ground": entry.legal_ground,
        "dossier_id": entry.dossier_id,
        "person_id": entry.person_id,
        "persons": list(entry.persons) if entry.persons is not None else None,
        "persons_digest": entry.persons_digest,
        "fields": entry.fields,
        "result_count": entry.result_count,
        "reason": entry.reason,
        "actor": int(entry.actor),
        "salt": salt,
        "commitment": commitment(salt, entry),
    }
