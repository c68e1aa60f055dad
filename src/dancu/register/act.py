"""The official act, and what deciding on it yields."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload
from dancu.register.rules import Warned


@dataclass(frozen=True)
class Registration:
    """Where the act stands in the civil-status books."""

    book: str = ""
    volume: str = ""
    number: str = ""
    signer: str = ""


@dataclass(frozen=True)
class ActHeader:
    """Who acts, on what ground, in which case.

    Args:
        authority: whose act it is.
        office: unit code of the office.
        officer_id: None for a source system.
        dossier_id: the case that the act hangs on.
        request_id: idempotency key; the same one again finds the first act.
        legal_ground: citation.
        registration: place in the civil-status books, where there is one.
        evidence: names of documents and their hashes.
        source: name of the source system of a loaded fact.
        batch_id: batch of intake.
        approver_id: the second officer, of an act that takes four eyes.
    """

    authority: Authority
    office: str
    request_id: UUID
    legal_ground: str
    officer_id: int | None = None
    dossier_id: int | None = None
    registration: Registration | None = None
    evidence: dict[str, str] | None = None
    source: str | None = None
    batch_id: int | None = None
    approver_id: int | None = None


@dataclass(frozen=True)
class NewEvent:
    """An event that was decided and is not yet in the ledger."""

    person_id: int
    kind: EventKind
    valid_on: PartialDate
    payload: Payload


@dataclass(frozen=True)
class NewHousehold:
    """A household that the act forms."""

    household_id: int
    file_no: str
    unit: str
    detail: str
    unit_day: date
    formed_on: date | None


@dataclass(frozen=True)
class NewClock:
    """A state with a legal clock that the act starts."""

    kind: str
    since: date
    due_on: date | None
    person_id: int | None = None
    household_id: int | None = None


@dataclass(frozen=True)
class EndedClock:
    """A clock of a person that the act ends."""

    kind: str
    person_id: int


@dataclass(frozen=True)
class Question:
    """An event of which a clerk must tell whom it means, now that one record has become two again.

    Args:
        person_id: in whose ledger it stands.
        other_id: the other of the two records.
    """

    person_id: int
    seq: int
    other_id: int
    reason: str


@dataclass(frozen=True)
class Decided:
    """Everything that one act changes."""

    kind: EventKind
    valid_on: PartialDate
    events: tuple[NewEvent, ...]
    households: tuple[NewHousehold, ...] = ()
    clocks: tuple[NewClock, ...] = ()
    ended_clocks: tuple[EndedClock, ...] = ()
    questions: tuple[Question, ...] = ()
    warnings: tuple[Warned, ...] = field(default=())
