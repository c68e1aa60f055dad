"""Events filed while two records were one: once they are two again, a clerk tells whom each of them means."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict
from dancu.register.kinds import EventKind

SQL = Queries("dancu.register", "questions.sql")


class AlreadySettled(Conflict):
    """The question was answered before, or there is no such question."""


class Answer(StrEnum):
    """Whom the event means: the record in whose ledger it stands, or the other one.

    What means the other one is annulled, and registered there anew, by acts of their own.
    """

    THIS_RECORD = "this_record"
    OTHER_RECORD = "other_record"


@dataclass(frozen=True)
class OpenQuestion:
    """An event that waits for a clerk.

    Args:
        person_id: in whose ledger it stands.
        other_id: the other of the two records.
        act_id: the act that undid the merge.
        reason: `rests_on_other` or `who_is_meant`; see `record_acts`.
    """

    person_id: int
    seq: int
    other_id: int
    act_id: int
    reason: str
    kind: EventKind
    valid_on: PartialDate


async def open_questions(tx: Transaction, *, of_person: int | None = None, most: int = 100) -> list[OpenQuestion]:
    """List the questions in scope that wait, the oldest first; of one person, whichever of the two records it is."""
    rows = await tx.rows(SQL.open_questions, {"of_person": of_person, "most": most})
    return [
        OpenQuestion(person_id, seq, other_id, act_id, reason, EventKind(kind), PartialDate(valid_on))
        for person_id, seq, other_id, act_id, reason, kind, valid_on in rows
    ]


async def settle(
    tx: Transaction, question: OpenQuestion, *, answer: Answer, officer_id: int | None, now: datetime
) -> None:
    """Answer a question.

    Raises:
        AlreadySettled: it was answered before, or is not in scope.
    """
    told = {"person_id": question.person_id, "seq": question.seq, "act_id": question.act_id}
    if not await tx.execute(SQL.settle, {**told, "answer": answer.value, "officer_id": officer_id, "now": now}):
        raise AlreadySettled("This question was settled before")
