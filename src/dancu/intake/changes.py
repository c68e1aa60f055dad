"""What a source system sends as a change, and what the register answers: the form, before anything is done with it."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from dancu.intake.synonyms import TARGETS
from dancu.kernel.errors import FieldFault, Invalid

MOST_CHANGES = 500
LARGEST_BYTES = 2 << 20
FORMS = frozenset({"kind", "source_key"})
"""Fields that a change may not tell as its record: what it reports is the record of a person."""

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change of one record of the source.

    Args:
        key: idempotency key: the same one again changes nothing and gets the same answer.
        source_key: the source's own id of the person, of which it tells.
        occurred_at: when it became true there; decides which of two changes is the later one.
        sequence: orders changes of one moment.
        operation: `tell` or `erase`: the source takes back what it told under this key.
        ground: legal ground of erasing.
        record: fields of the normal record as text; see docs/intake/loading.md.
    """

    key: Word
    source_key: Word
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    sequence: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0
    operation: Literal["tell", "erase"] = "tell"
    ground: Text | None = None
    record: dict[Word, Text] = {}

    @property
    def order(self) -> tuple[datetime, int]:
        """The place among the changes of one record."""
        return self.occurred_at, self.sequence

    @property
    def digest(self) -> bytes:
        """SHA-256 of what it says."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).digest()


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One or several changes; they are applied in the order in which they happened."""

    changes: Annotated[list[Change], msgspec.Meta(min_length=1, max_length=MOST_CHANGES)]


class BrokenRule(msgspec.Struct, frozen=True):
    """A rule that a record breaks, and what to do."""

    field: str
    rule: str
    message_vi: str
    message_en: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one change.

    Args:
        decision: created, updated, unchanged, queued (a clerk decides) or rejected (correct it and send it again).
        reason: why, as a word; `reason_vi` and `reason_en` for people.
        score: how sure the matching was, 0 to 1.
        reference: a random name of the person, for this source only; if the agreement allows it.
        personal_number: if the agreement allows it.
        repeated: the key had been sent before.
    """

    key: str
    decision: str
    reason: str
    reason_vi: str
    reason_en: str
    score: float | None = None
    reference: UUID | None = None
    personal_number: str | None = None
    repeated: bool = False
    rules: list[BrokenRule] = []


class Answers(msgspec.Struct, frozen=True):
    """What became of each change, in the order sent; `batch` is 0 where all had been sent before."""

    batch: int
    answers: list[Answer]


def read_changes(body: bytes) -> Changes:
    """Read what was sent.

    Raises:
        Invalid: it is not of this form, or tells fields that do not exist; every fault of the second kind is listed.
    """
    try:
        sent = msgspec.json.decode(body, type=Changes)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `")
        raise Invalid((FieldFault(_pointer(path.rstrip("`")), said),)) from error
    except msgspec.DecodeError as error:
        raise Invalid((FieldFault("", "This is no JSON"),)) from error
    faults = []
    for at, one in enumerate(sent.changes):
        unknown = sorted(set(one.record) - (TARGETS - FORMS))
        faults += [FieldFault(f"/changes/{at}/record", "A field of the record does not exist") for _ in unknown[:1]]
        if one.operation == "erase" and not (one.ground or "").strip():
            faults.append(FieldFault(f"/changes/{at}/ground", "Erasing needs a legal ground"))
        if one.operation == "tell" and not one.record:
            faults.append(FieldFault(f"/changes/{at}/record", "This is needed"))
    keys = [one.key for one in sent.changes]
    if len(set(keys)) < len(keys):
        faults.append(FieldFault("/changes", "A key stands twice"))
    if faults:
        raise Invalid(tuple(faults))
    return sent


def _pointer(path: str) -> str:
    """A path of the decoder (`$.changes[0].key`) as JSON pointer."""
    return path.removeprefix("$").replace("[...]", "").replace("[", "/").replace("]", "").replace(".", "/")
