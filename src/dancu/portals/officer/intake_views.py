"""What the pages of source files show."""

from dataclasses import dataclass
from datetime import datetime

from dancu.intake.preview import Preview
from dancu.portals.officer.views import Option


@dataclass(frozen=True)
class Refusal:
    """Why a file was refused.

    Args:
        slug: names the page `/problems/<slug>` that explains it in the reader's language.
        message: where it is wrong, in English.
    """

    slug: str
    message: str


@dataclass(frozen=True)
class UploadLine:
    """A file that was sent.

    Args:
        code: its number, as text.
        state: a msgid.
        kind: of the badge.
        moving: the worker has it, so that the page is to look again.
        held: too many records were rejected, so that nothing was applied.
        result: what became of its records can be had.
        rejects: so can the records that were rejected.
    """

    code: str
    name: str
    source: str
    size: int
    received_at: datetime
    by: str
    state: str
    kind: str
    done: int
    refusal: Refusal | None
    batches: tuple[str, ...]
    open: bool
    moving: bool
    held: bool = False
    result: bool = False
    rejects: bool = False


@dataclass(frozen=True)
class UploadsPage:
    """The files of the office, and the sources of which something is kept."""

    lines: tuple[UploadLine, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class FilePage:
    """One file before it is loaded, or afterwards.

    Args:
        preview: what is seen of it; None once it is loaded, or where it cannot be read.
        fault: why it cannot be read.
        targets: what a column may mean.
    """

    line: UploadLine
    preview: Preview | None
    fault: Refusal | None
    targets: tuple[Option, ...]
