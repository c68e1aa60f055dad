"""Events filed while two records were one: once they are two again, a clerk tells whom each of them means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict, FieldFault, Invalid, NotFound
from dancu.register.kinds import EventKind
from dancu.register.ledger import annulled
from dancu.register.store import history

SQL = Queries("dancu.register", "questions.sql")


class AlreadySettled(Conflict):
    """The question was answered before, or there is no such question."""


class QuestionUnknown(NotFound):
    """There is no such question in scope, or it was settled before."""


class EventStands(Conflict):
    """The event is said to mean the other record, and still stands in this one: it must be annulled first."""


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
    return [_question(row) for row in rows]


async def open_question(tx: Transaction, *, person_id: int, seq: int, act_id: int) -> OpenQuestion:
    """Return one question that waits.

    Raises:
        QuestionUnknown: there is none in scope.
    """
    row = await tx.row(SQL.open_question, {"person_id": person_id, "seq": seq, "act_id": act_id})
    if row is None:
        raise QuestionUnknown("There is no such question, or it was settled before")
    return _question(row)


def _question(row: Sequence[Any]) -> OpenQuestion:
    person_id, seq, other_id, act_id, reason, kind, valid_on = row
    return OpenQuestion(person_id, seq, other_id, act_id, reason, EventKind(kind), PartialDate(valid_on))


async def settle(
    tx: Transaction,
    question: OpenQuestion,
    *,
    answer: Answer,
    because: str,
    officer_id: int | None,
    dossier_id: int | None,
    now: datetime,
) -> None:
    """Answer a question.

    Args:
        because: why the clerk decides so.
        dossier_id: the case that the decision hangs on.

    Raises:
        Invalid: it does not say why.
        AlreadySettled: it was answered before, or is not in scope.
        EventStands: the event means the other record, and was not annulled.
    """
    if not because.strip():
        raise Invalid((FieldFault("/because", "Say why"),))
    told: dict[str, object] = {"person_id": question.person_id, "seq": question.seq, "act_id": question.act_id}
    told |= {"answer": answer.value, "because": because.strip(), "officer_id": officer_id}
    if not await tx.execute(SQL.settle, {**told, "dossier_id": dossier_id, "now": now}):
        raise AlreadySettled("This question was settled before")
    if answer is Answer.OTHER_RECORD and question.seq not in annulled((await history(tx, question.person_id)).events):
        raise EventStands("Annul the event first: it still stands in this record")
