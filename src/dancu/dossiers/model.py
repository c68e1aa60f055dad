"""A dossier's life as a small machine: states, the moves between them, and the term of the law. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from dancu.kernel.errors import Conflict, FieldFault, Invalid
from dancu.reference.calendar import add_working_days, working_days_between

ACCESS_AFTER_DEADLINE = timedelta(days=30)
"""How long a dossier opens persons beyond its term before somebody must prolong it. A policy of ours, not the law's."""
ACCESS_WHILE_WAITING = timedelta(days=90)
"""The same while the applicant is waited for, and the term stands still."""


class State(StrEnum):
    """Where a dossier is. The values are stored."""

    RECEIVED = "received"
    IN_WORK = "in_work"
    WAITING_APPLICANT = "waiting_applicant"
    WAITING_APPROVAL = "waiting_approval"
    DECIDED = "decided"
    CLOSED = "closed"


OPEN = frozenset({State.RECEIVED, State.IN_WORK, State.WAITING_APPLICANT, State.WAITING_APPROVAL})
"""The states in which a dossier opens the persons whom it names."""


class Outcome(StrEnum):
    """How a dossier was decided. The values are stored."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What an officer does with a dossier. The values are stored."""

    RECEIVE = "receive"
    TAKE_UP = "take_up"
    ASK_APPLICANT = "ask_applicant"
    GO_ON = "go_on"
    PROPOSE = "propose"
    SETTLE = "settle"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REOPEN = "reopen"
    TRANSFER = "transfer"
    EXTEND = "extend"
    PROLONG = "prolong"


_WORKING = (State.RECEIVED, State.IN_WORK)

MOVES: Mapping[Move, tuple[tuple[State, ...], State | None]] = MappingProxyType(
    {
        Move.TAKE_UP: ((State.RECEIVED,), State.IN_WORK),
        Move.ASK_APPLICANT: (_WORKING, State.WAITING_APPLICANT),
        Move.GO_ON: ((State.WAITING_APPLICANT,), State.IN_WORK),
        Move.PROPOSE: ((*_WORKING, State.WAITING_APPROVAL), State.WAITING_APPROVAL),
        Move.SETTLE: ((State.WAITING_APPROVAL,), State.IN_WORK),
        Move.GRANT: (_WORKING, State.DECIDED),
        Move.REFUSE: ((*_WORKING, State.WAITING_APPLICANT), State.DECIDED),
        Move.WITHDRAW: ((*_WORKING, State.WAITING_APPLICANT), State.DECIDED),
        Move.CLOSE: ((State.DECIDED,), State.CLOSED),
        Move.REOPEN: ((State.DECIDED, State.CLOSED), State.IN_WORK),
        Move.TRANSFER: (_WORKING, State.RECEIVED),
        Move.EXTEND: (_WORKING, None),
        Move.PROLONG: (tuple(sorted(OPEN)), None),
    }
)
"""From which states each move leads where; None: where it was."""

_OUTCOME = {Move.GRANT: Outcome.GRANTED, Move.REFUSE: Outcome.REFUSED, Move.WITHDRAW: Outcome.WITHDRAWN}

WITH_REASON = frozenset(
    {Move.ASK_APPLICANT, Move.REFUSE, Move.WITHDRAW, Move.REOPEN, Move.TRANSFER, Move.EXTEND, Move.PROLONG}
)
"""Moves that say why."""


class MoveOutOfPlace(Conflict):
    """In its present state, this can't be done with the dossier."""


@dataclass(frozen=True)
class Dossier:
    """A case as it is stored.

    Args:
        deadline_on: last day of the term; None while it stands still.
        days_left: working days left of the term while it stands still.
        opens_until: last day on which it opens anybody.
        version: number of steps taken.
    """

    dossier_id: int
    office_id: int
    officer_id: int
    opened_at: datetime
    closed_at: datetime | None
    deadline_on: date | None
    opens_until: date
    version: int
    days_left: int | None
    state: str
    outcome: str | None
    matter: str
    number: str
    requester: str
    legal_ground: str

    def opens(self, day: date) -> bool:
        """Tell whether it opens the persons whom it names on a day."""
        return self.state in OPEN and day <= self.opens_until

    def overdue(self, day: date) -> bool:
        """Tell whether its term has passed without a decision."""
        return self.state in OPEN and self.deadline_on is not None and self.deadline_on < day


@dataclass(frozen=True)
class Step:
    """One move that was made.

    Args:
        state: after it.
        reason: for the applicant, where it is a request or a refusal.
        legal_ground: of a refusal.
    """

    step_no: int
    taken_at: datetime
    officer_id: int
    office_id: int
    move: str
    state: str
    deadline_on: date | None
    reason: str
    legal_ground: str


def moves_from(state: str) -> frozenset[Move]:
    """Return the moves that a state allows."""
    return frozenset(move for move, (since, _) in MOVES.items() if state in since)


def moved(
    dossier: Dossier, move: Move, *, now: datetime, day: date, reason: str = "", legal_ground: str = "", days: int = 0
) -> Dossier:
    """Return a dossier after a move.

    Args:
        day: today in the time of the state.
        days: working days of the term: of `EXTEND` those added, of `REOPEN` and `TRANSFER` those of a new term.

    Raises:
        MoveOutOfPlace: the state does not allow it.
        Invalid: a reason is needed; of a refusal, also the law that it rests on.
    """
    since, target = MOVES[move]
    if dossier.state not in since:
        raise MoveOutOfPlace("In its present state, this can't be done with the dossier")
    _check_words(move, reason, legal_ground)
    after = replace(
        dossier,
        state=target or dossier.state,
        outcome=_OUTCOME.get(move, dossier.outcome if target in {None, State.CLOSED} else None),
        closed_at=now if target is State.CLOSED else None,
        version=dossier.version + 1,
    )
    return _with_term(dossier, after, move, day, days)


def _check_words(move: Move, reason: str, legal_ground: str) -> None:
    if move in WITH_REASON and not reason.strip():
        raise Invalid((FieldFault("/reason", "Say why"),))
    if move is Move.REFUSE and not legal_ground.strip():
        raise Invalid((FieldFault("/legal_ground", "Name the law that the refusal rests on"),))


def _with_term(before: Dossier, after: Dossier, move: Move, day: date, days: int) -> Dossier:
    """Let the term stand still, run on or begin anew, and bound the access by it."""
    match move:
        case Move.ASK_APPLICANT:
            return _paused(after, day)
        case Move.GO_ON if before.days_left is not None:
            return _running(after, add_working_days(day, max(before.days_left, 1)))
        case Move.EXTEND if before.deadline_on is not None:
            return _running(after, add_working_days(before.deadline_on, days))
        case Move.REOPEN | Move.TRANSFER:
            return _running(after, add_working_days(day, days))
        case Move.PROLONG:
            return replace(after, opens_until=max(before.opens_until, day + ACCESS_AFTER_DEADLINE))
        case _:
            return replace(after, days_left=None) if after.state != State.WAITING_APPLICANT else after


def _paused(after: Dossier, day: date) -> Dossier:
    """Stop the clock; a term that has passed already has passed, and asking does not mend it."""
    until = max(after.opens_until, day + ACCESS_WHILE_WAITING)
    if after.deadline_on is None or after.deadline_on < day:
        return replace(after, opens_until=until)
    left = working_days_between(day, after.deadline_on)
    return replace(after, deadline_on=None, days_left=left, opens_until=until)


def _running(after: Dossier, deadline_on: date) -> Dossier:
    return replace(after, deadline_on=deadline_on, days_left=None, opens_until=deadline_on + ACCESS_AFTER_DEADLINE)
