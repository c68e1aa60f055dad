"""Doubts and what clerks say of them: pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from dancu.kernel.errors import Conflict, NotFound
from dancu.kernel.messages import msg

TERM_WORKING_DAYS = 5
"""Within how many working days a doubt is decided. A policy of ours."""
BLIND_SHARE = 0.05
"""Which part of the decisions a second clerk judges without knowing the first."""
KNOWN_SHARE = 0.05
"""Which part of what a clerk gets has a known answer."""
HOLD_MINUTES = 15
"""How long a doubt stays with the clerk to whom it was shown."""


class DoubtUnknown(NotFound):
    """There is no such doubt, or none that the officer may decide."""


class DoubtSettled(Conflict):
    """The doubt was decided before, or the officer has judged it already."""


class DoubtHeld(Conflict):
    """Another clerk has the doubt on the desk now."""


class Kind(IntEnum):
    """What a doubt is about. Numbers are stored."""

    RECORD = 1
    REGISTER = 2


class Answer(IntEnum):
    """What a clerk says. Numbers are stored."""

    SAME = 1
    DIFFERENT = 2
    UNSURE = 3
    TWO_PERSONS = 4

    @property
    def word(self) -> str:
        """The word at the command line and in files."""
        return self.name.lower()


ANSWERS = {
    Answer.SAME: msg("The same person"),
    Answer.DIFFERENT: msg("Different persons"),
    Answer.UNSURE: msg("Cannot say"),
    Answer.TWO_PERSONS: msg("Two persons in one record"),
}


class Part(IntEnum):
    """In which part a clerk judges. Numbers are stored."""

    DECIDES = 1
    CHECKS_BLINDLY = 2
    IS_MEASURED = 3


class State(StrEnum):
    """Where a doubt is. The values are stored.

    `proposed` waits for a second officer, `decided` for being carried out, `parked` for more than a clerk can do;
    `dropped` is what was settled otherwise meanwhile.
    """

    WAITING = "waiting"
    PROPOSED = "proposed"
    DECIDED = "decided"
    SETTLED = "settled"
    PARKED = "parked"
    DROPPED = "dropped"


class Checked(StrEnum):
    """Whether a second clerk judged it blindly. The values are stored."""

    NO = "no"
    WANTED = "wanted"
    AGREED = "agreed"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Doubt:
    """A group that a clerk must look at.

    Args:
        batch_id, record: of a record of a file; None for records of the register.
        part: 1: the wife of a marriage record.
        persons: whom it is like, the likeliest first; scores: posterior probability of each.
        raised: the Center decides.
        due_on: until when it should be decided.
        answer, chosen: as decided; chosen is one of the persons.
        trouble: why what was decided could not be carried out; '' where it could.
    """

    doubt_id: int
    batch_id: int | None
    record: int | None
    part: int
    kind: int
    reason: int
    opened_at: datetime
    due_on: date
    state: str
    raised: bool
    province_code: str | None
    persons: list[int]
    scores: list[float]
    held_by: int | None
    held_until: datetime | None
    answer: int | None
    chosen: int | None
    decided_by: int | None
    decided_at: datetime | None
    dossier_id: int | None
    proposal_id: int | None
    known_answer: bool
    checked: str
    trouble: str

    @property
    def score(self) -> float:
        """The posterior probability of the likeliest."""
        return max(self.scores, default=0.0)

    def held_by_another(self, officer_id: int, now: datetime) -> bool:
        """Tell whether it lies before another clerk."""
        return self.held_by not in {None, officer_id} and self.held_until is not None and now < self.held_until


def agrees(doubt: Doubt, answer: Answer, chosen: int | None) -> bool:
    """Tell whether a second judgement is the one that stands; of the same person, it must be the same one."""
    return doubt.answer == answer and (answer is not Answer.SAME or doubt.chosen == chosen)
