"""What the auditor's pages show."""

from dataclasses import dataclass
from datetime import date, datetime

from dancu.portals.shared.pages import Said


@dataclass(frozen=True)
class UsesAsked:
    """What an auditor asks the log.

    Args:
        by: `officer`, `person` or `dossier`.
        text: sign-in name, personal number, or number of the dossier.
        since: first day. until: last day, included.
        reason: why a masked record must be opened; '' where none is.
        before: only what was logged before this moment, for the next page.
    """

    by: str
    text: str
    since: date
    until: date
    before: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class UseLine:
    """One access.

    Args:
        persons: the names of those whom the auditor may see.
        others: how many more it was about.
        dossier: its number.
        listed: a msgid: which list was looked at.
    """

    log_id: str
    at: datetime
    who: str
    office: str
    operation: str
    channel: str
    purpose: str | Said
    persons: tuple[str, ...]
    others: int
    dossier: str
    granted: bool
    reason: str
    listed: str = ""


@dataclass(frozen=True)
class UsesPage:
    """A page of accesses, the last first; `next_before` where there are more."""

    title: str
    uses: tuple[UseLine, ...]
    next_before: datetime | None = None


@dataclass(frozen=True)
class UnusualLine:
    """Something to ask an officer about, with its reason."""

    day: date
    who: str
    rule: Said
    looks_for: Said
    law: str
    count: int
    usual: float | None
    on_dossier: bool
    persons: tuple[str, ...]
    log_ids: tuple[str, ...]


@dataclass(frozen=True)
class SealsPage:
    """How far the log is sealed, who witnessed it, and what that proves.

    Args:
        published_size: rows under the last head that enough witnesses signed; None: there is none.
        need: how many must sign.
    """

    sealed_to: int
    size: int
    made_at: datetime | None
    root: str
    witnesses: tuple[str, ...]
    need: int
    published_size: int | None
    published_at: datetime | None
    proves: Said
    note: str = ""
