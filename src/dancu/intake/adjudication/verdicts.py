"""A verdict, what becomes of it, and how it is written down."""

from dataclasses import dataclass
from enum import StrEnum

from dancu.infra.db import Transaction
from dancu.intake.adjudication.looking import Clerk, Comparison, seal_shown
from dancu.intake.adjudication.model import BLIND_SHARE, Answer, Checked, Doubt, Kind, State
from dancu.intake.adjudication.queue import SQL, OnDesk, check_waiting, held_doubt
from dancu.kernel.errors import Forbidden
from dancu.kernel.ids import new_id


class AskTheOffice(Forbidden):
    """The person lives outside of the clerk's territory, or is masked: its office, or the Center, decides."""


class Became(StrEnum):
    """What became of a doubt by a verdict."""

    DECIDED = "decided"
    PROPOSED = "proposed"
    RAISED = "raised"
    PARKED = "parked"


@dataclass(frozen=True)
class Verdict:
    """What a clerk says.

    Args:
        chosen: of the same person, which of the candidates it is.
        note: for who looks at it next; '' where nothing is to be said.
    """

    answer: Answer
    chosen: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Decided:
    """A verdict that decides."""

    clerk: Clerk
    comparison: Comparison
    desk: OnDesk
    verdict: Verdict
    drawn: float

    @property
    def doubt(self) -> Doubt:
        """The doubt."""
        return self.comparison.doubt

    @property
    def requester(self) -> str:
        """Who asks: the source of the record; '' for what the office does by itself."""
        return self.comparison.source

    @property
    def persons(self) -> tuple[int, ...]:
        """Whom the clerk saw."""
        return tuple(one.person_id for one in self.comparison.sides if one.person_id is not None and not one.masked)


async def write(
    tx: Transaction, clerk: Clerk, doubt: Doubt, desk: OnDesk, verdict: Verdict, *, agreed: bool | None = None
) -> None:
    """Write down a verdict, and clear the clerk's desk.

    Args:
        agreed: of a blind check or a known answer: with the answer that stands.
    """
    who = {"officer_id": clerk.officer.officer_id, "doubt_id": doubt.doubt_id, "now": clerk.now}
    await tx.execute(
        SQL.insert_verdict,
        {
            **who,
            "verdict_id": new_id(),
            "chosen": verdict.chosen,
            "seconds": max((clerk.now - desk.since).total_seconds(), 0.0),
            "role": int(desk.role),
            "answer": int(verdict.answer),
            "agrees": agreed,
            "note": verdict.note.strip(),
        },
    )
    await tx.execute(SQL.clear_desk, who)
    await tx.execute(SQL.unskip, who)


async def answer(
    tx: Transaction, decided: Decided, state: State, *, dossier_id: int, proposal_id: int | None = None
) -> None:
    """Write down the answer with what was seen; of doubts about the register alone, nothing is left to be done."""
    doubt, clerk, verdict = decided.doubt, decided.clerk, decided.verdict
    check_waiting(await held_doubt(tx, doubt.doubt_id), clerk.officer.officer_id, clerk.now)
    settled = state is State.DECIDED and doubt.kind == Kind.REGISTER
    checked = Checked.WANTED if decided.drawn < BLIND_SHARE else Checked.NO
    await tx.execute(
        SQL.answer,
        {
            "doubt_id": doubt.doubt_id,
            "state": str(State.SETTLED if settled else state),
            "answer": int(verdict.answer),
            "chosen": verdict.chosen,
            "officer_id": clerk.officer.officer_id,
            "now": clerk.now,
            "dossier_id": dossier_id,
            "proposal_id": proposal_id,
            "checked": str(checked),
            "shown": seal_shown(tx.keys, doubt.doubt_id, decided.comparison.sides),
            "settled_at": clerk.now if settled else None,
        },
    )
    await write(tx, clerk, doubt, decided.desk, verdict)
