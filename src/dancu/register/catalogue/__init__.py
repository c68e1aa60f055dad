"""The acts that officers record, one entry for each kind: the command line and the plain forms read it alike."""

from datetime import date
from functools import lru_cache
from types import MappingProxyType

from dancu.kernel.codes import Authority
from dancu.kernel.errors import NotFound
from dancu.kernel.messages import msg
from dancu.register.catalogue.births import BIRTHS
from dancu.register.catalogue.entry import Call, Catalogue, Entry, Filed
from dancu.register.catalogue.family import FAMILY
from dancu.register.catalogue.fields import Field, Form, Member, Parent, Table, Values, table_rows
from dancu.register.catalogue.households import HOUSEHOLDS
from dancu.register.catalogue.records import RECORDS
from dancu.register.catalogue.residence import RESIDENCE
from dancu.register.catalogue.status import STATUS
from dancu.register.kinds import EventKind

__all__ = [
    "CATALOGUE",
    "CONSEQUENCES",
    "THEMES",
    "ActUnknown",
    "Call",
    "Entry",
    "Field",
    "Filed",
    "Form",
    "Member",
    "Parent",
    "Table",
    "Values",
    "acts_of",
    "entry_of",
    "table_rows",
]

THEMES: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (msg("Births and new records"), BIRTHS),
    (msg("Family"), FAMILY),
    (msg("Status and particulars"), STATUS),
    (msg("Residence"), RESIDENCE),
    (msg("Household"), HOUSEHOLDS),
    (msg("Numbers and records"), RECORDS),
)
"""All acts, by theme."""

CATALOGUE: Catalogue = MappingProxyType({entry.code: entry for _, entries in THEMES for entry in entries})

CONSEQUENCES = frozenset({EventKind.SPOUSE_DIED, EventKind.FILED_UNDER_MERGED_RECORD})
"""Kinds of events that no act is asked for: they follow from others."""


class ActUnknown(NotFound):
    """There is no kind of act with this name."""


def entry_of(code: str) -> Entry:
    """Return the entry of a kind of act.

    Raises:
        ActUnknown: there is none.
    """
    if code not in CATALOGUE:
        raise ActUnknown("There is no kind of act with this name")
    return CATALOGUE[code]


@lru_cache(maxsize=64)
def acts_of(authority: Authority | None, day: date) -> tuple[Entry, ...]:
    """List the acts of an authority on a day."""
    return tuple(entry for entry in CATALOGUE.values() if authority in entry.authorities(day))
