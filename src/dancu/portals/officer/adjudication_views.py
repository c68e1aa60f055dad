"""What the pages of doubtful cases show."""

from dataclasses import dataclass
from datetime import date, datetime

from dancu.intake.adjudication.differences import Agreement, Piece
from dancu.portals.shared.pages import Said


@dataclass(frozen=True)
class DoubtLine:
    """A doubtful case in a list.

    Args:
        what: a msgid: what it is about; reason: why it is doubtful.
        percent: how likely the likeliest is, 0 to 100.
        state: a msgid.
    """

    code: str
    what: str
    reason: Said
    percent: int
    place: str
    candidates: int
    opened_at: datetime
    due_on: date
    overdue: bool
    state: str
    mine: bool


@dataclass(frozen=True)
class QueuePage:
    """The queue as a clerk finds it.

    Args:
        waiting, overdue: how many cases wait in the clerk's scope, and are past their day.
        lines: the most urgent of them. skipped: what the clerk left for later. parked: what the Center has put aside.
        differing: decisions of which a second clerk found otherwise.
    """

    waiting: int
    overdue: int
    lines: tuple[DoubtLine, ...]
    skipped: tuple[DoubtLine, ...] = ()
    parked: tuple[DoubtLine, ...] = ()
    differing: tuple[DoubtLine, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A value of one side in one field, in pieces of which some differ from the first side's.

    Args:
        message: the value is a msgid.
        told: of a masked side, only how it agrees.
    """

    pieces: tuple[Piece, ...] = ()
    agreement: Agreement = Agreement.UNKNOWN
    message: str = ""
    told: bool = True


@dataclass(frozen=True)
class SideView:
    """A column.

    Args:
        title: a msgid, or what is said in both languages.
        ref: of a person; '' for the record of a source.
        office: of a masked one, who can be asked.
        percent: how likely it is the same person; None: it is the first column.
    """

    title: str | Said
    ref: str = ""
    masked: bool = False
    office: str | Said = ""
    percent: int | None = None
    status: int = 1
    chosen: bool = False


@dataclass(frozen=True)
class Row:
    """A field in all columns. `title` is a msgid; `differs`: somebody says otherwise than the first."""

    title: str
    cells: tuple[Cell, ...]
    differs: bool


@dataclass(frozen=True)
class Judged:
    """What a clerk said of a case. `answer` and `part` are msgids."""

    who: str
    at: datetime
    answer: str
    part: str
    note: str


@dataclass(frozen=True)
class DoubtPage:
    """A doubtful case, side by side.

    Args:
        open: the clerk may answer.
        merges: of records of the register: the same means merging.
        touches_number: to say the same needs a second officer.
        outcome: a msgid: what became of it; '' while it is open.
        undoes: what it led to stands, and the officer may propose to undo it.
        measures: others are measured by its answer; may_measure: the officer may say so.
        trouble: why what was decided could not be carried out.
    """

    line: DoubtLine
    sides: tuple[SideView, ...]
    rows: tuple[Row, ...]
    open: bool
    merges: bool
    center: bool
    source: str = ""
    findings: tuple[Said, ...] = ()
    verdicts: tuple[Judged, ...] = ()
    outcome: str = ""
    undoes: bool = False
    trouble: str = ""
    measures: bool = False
    may_measure: bool = False
    proposal: str = ""


@dataclass(frozen=True)
class SecondPage:
    """A decision that waits for a second officer."""

    dossier: str
    code: str
    proposer: str
    proposed_at: datetime
    expires_on: date
    reason: str
    ground: str
    mine: bool
    case: DoubtPage


@dataclass(frozen=True)
class Figure:
    """A figure with its title, both as the reader sees them. `title` is a msgid."""

    title: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class BacklogLine:
    """What waits in a place. `place` may be a msgid."""

    place: str
    waiting: int
    median_days: str
    p95_days: str
    overdue: int


@dataclass(frozen=True)
class ClerkLine:
    """How a clerk does; shares as texts with their intervals."""

    name: str
    decided: int
    median_s: str
    p95_s: str
    known: str
    checked: str
    skipped: int


@dataclass(frozen=True)
class BandLine:
    """How clerks answered where the score lay in a band."""

    band: str
    same: int
    different: int
    unsure: int
    two: int


@dataclass(frozen=True)
class FiguresPage:
    """The figures of the queue."""

    since: date
    figures: tuple[Figure, ...]
    backlog: tuple[BacklogLine, ...]
    clerks: tuple[ClerkLine, ...]
    bands: tuple[BandLine, ...]
