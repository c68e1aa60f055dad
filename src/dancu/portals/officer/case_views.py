"""What the pages of one dossier show."""

from dataclasses import dataclass
from datetime import date, datetime

from dancu.dossiers.model import Move, State
from dancu.dossiers.proposals import ProposalState
from dancu.portals.officer.views import ActLink, Suggestion
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg

STATE = {
    State.RECEIVED: msg("received"),
    State.IN_WORK: msg("in work"),
    State.WAITING_APPLICANT: msg("waiting for the applicant"),
    State.WAITING_APPROVAL: msg("waiting for a second officer"),
    State.DECIDED: msg("decided"),
    State.CLOSED: msg("closed"),
}

OUTCOME = {"granted": msg("granted"), "refused": msg("refused"), "withdrawn": msg("withdrawn by the applicant")}

MOVE = {
    Move.RECEIVE: msg("Received"),
    Move.TAKE_UP: msg("Taken up"),
    Move.ASK_APPLICANT: msg("Applicant asked to add something"),
    Move.GO_ON: msg("Taken up again"),
    Move.PROPOSE: msg("Act proposed to a second officer"),
    Move.SETTLE: msg("Proposal settled"),
    Move.GRANT: msg("Granted"),
    Move.REFUSE: msg("Refused"),
    Move.WITHDRAW: msg("Withdrawn by the applicant"),
    Move.CLOSE: msg("Closed"),
    Move.REOPEN: msg("Reopened"),
    Move.TRANSFER: msg("Handed over to another office"),
    Move.EXTEND: msg("Term extended"),
    Move.PROLONG: msg("Kept open longer"),
}
"""What a step was, as a msgid."""

TO_DO = {
    Move.TAKE_UP: msg("Take it up"),
    Move.ASK_APPLICANT: msg("Ask the applicant to add something; the term stands still"),
    Move.GO_ON: msg("Go on: the applicant has answered"),
    Move.GRANT: msg("Grant it"),
    Move.REFUSE: msg("Refuse it"),
    Move.WITHDRAW: msg("The applicant withdraws it"),
    Move.CLOSE: msg("Close it: the result is handed out"),
    Move.REOPEN: msg("Reopen it"),
    Move.EXTEND: msg("Extend the term, as the law allows"),
    Move.PROLONG: msg("Keep it open for another 30 days"),
}
"""What an officer may choose to do, as a msgid, in the order of the form."""


@dataclass(frozen=True)
class StepLine:
    """A step that was taken. `paper`: it can be printed for the applicant."""

    number: int
    what: str
    at: datetime
    who: str
    due_on: date | None
    reason: str
    law: str
    paper: bool = False


@dataclass(frozen=True)
class DocumentLine:
    """A document. `size_kb`: rounded up; `dropped`: its content was deleted at the end of retention."""

    code: str
    name: str
    kind: str
    size_kb: int
    at: datetime
    who: str
    digest: str
    dropped: bool = False


PROPOSAL = {
    ProposalState.WAITING: msg("waits for a second officer"),
    ProposalState.APPROVED: msg("approved and recorded"),
    ProposalState.REFUSED: msg("refused"),
    ProposalState.WITHDRAWN: msg("withdrawn"),
    ProposalState.EXPIRED: msg("expired undecided"),
}


@dataclass(frozen=True)
class ProposedLine:
    """An act that was proposed on the dossier, and what became of it. `what` and `state` are msgids."""

    code: str
    what: str
    state: str
    at: datetime
    proposer: str
    reason: str
    second: str
    decided_at: datetime | None
    answer: str
    until: datetime


@dataclass(frozen=True)
class CasePage:
    """A dossier with everything that belongs to it.

    Args:
        state: a msgid. outcome: a msgid, or ''.
        persons: those whom it names, while it opens them.
        count: how many it names.
        moves: (value, msgid) of what may be done next.
        opens: it opens the persons whom it names today.
        takes: it takes further documents.
        hands_over: it may be handed over to another office.
    """

    code: str
    number: str
    title: str | Said
    state: str
    outcome: str
    requester: str
    law: str
    opened_at: datetime
    due_on: date | None
    overdue: bool
    opens: bool
    opens_until: date
    count: int
    persons: tuple[Suggestion, ...] = ()
    steps: tuple[StepLine, ...] = ()
    documents: tuple[DocumentLine, ...] = ()
    proposals: tuple[ProposedLine, ...] = ()
    acts: tuple[ActLink, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    takes: bool = True
    hands_over: bool = False


@dataclass(frozen=True)
class Paper:
    """A paper for the applicant: receipt, request to complete, or refusal.

    Args:
        form: number of the form, where the authority has one.
        title: both languages. office: name of the office that issues it.
        lines: (msgid, value). texts: paragraphs, as the officer wrote them.
    """

    form: str
    title: Said
    office: str
    place: str
    number: str
    on: date
    lines: tuple[tuple[str, str | Said], ...]
    texts: tuple[str, ...] = ()
    law: str = ""
    officer: str = ""
