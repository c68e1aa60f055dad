"""What the pages of proposed acts show."""

from dataclasses import dataclass
from datetime import date, datetime

from dancu.portals.officer.views import PaperLine, Told
from dancu.portals.shared.pages import Said


@dataclass(frozen=True)
class ProposalLine:
    """A proposed act in a list.

    Args:
        dossier: id of its dossier, as text.
        title: a msgid.
        mine: the officer proposed it, and may withdraw it.
        address: under which it is looked at.
    """

    dossier: str
    code: str
    title: str
    proposer: str
    proposed_at: datetime
    expires_on: date
    mine: bool
    address: str = "/proposals"


@dataclass(frozen=True)
class ProposalPage:
    """A proposed act, whole, with what it would change.

    Args:
        refs: reference and name of whoever it touches.
        papers: what it rests on.
    """

    line: ProposalLine
    reason: str
    ground: str
    why_four_eyes: Said
    lines: tuple[tuple[str, Told], ...]
    refs: tuple[tuple[str, str], ...] = ()
    papers: tuple[PaperLine, ...] = ()
