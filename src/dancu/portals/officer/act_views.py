"""What the pages of acts show, and what they send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from dancu.kernel.dates import PartialDate
from dancu.portals.officer.views import Outcome, Told, Verdict


@dataclass(frozen=True)
class ActForm:
    """An act as typed: plain values by field, with references in place of persons.

    Args:
        request_id: makes a second sending harmless.
        requester: who asks; '' for what the office does by itself.
        reason: why it is proposed, where it takes four eyes.
        another_child: whoever is registered already and fits is somebody else.
        papers: ids of documents of the dossier that the act rests on.
        matter: in which the dossier that begins with the act is opened; '' for the usual one.
    """

    request_id: UUID
    values: Mapping[str, object]
    registration: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    legal_ground: str = ""
    requester: str = ""
    reason: str = ""
    another_child: bool = False
    papers: tuple[str, ...] = ()
    matter: str = ""


@dataclass(frozen=True)
class ActChecked:
    """An act as it was understood, and what the register says when it is tried.

    Args:
        four_eyes: it will be proposed, and another officer decides.
    """

    lines: tuple[tuple[str, Told], ...]
    warnings: tuple[Verdict, ...] = ()
    four_eyes: bool = False


@dataclass(frozen=True)
class ActDone:
    """What became of an act: recorded, or proposed to another officer until a day.

    Args:
        expires_on: until when a second officer may decide; None: it is recorded.
        act_id: the act that was recorded.
        proposal: dossier and proposal, as they stand in addresses.
    """

    outcome: Outcome
    expires_on: date | None = None
    act_id: int | None = None
    proposal: str = ""


@dataclass(frozen=True)
class HouseholdMember:
    """A member of a household, for a form that tells relations anew."""

    ref: str
    label: str
    relation: str


@dataclass(frozen=True)
class EventNamed:
    """An event of a life that may be named: its number, what it was (a msgid) and when."""

    value: str
    title: str
    on: PartialDate
