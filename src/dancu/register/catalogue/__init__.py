"""The acts that officers record, one entry for each kind: the command line and the plain forms read it alike."""

from datetime import date
from types import MappingProxyType

from dancu.kernel.codes import Authority
from dancu.kernel.errors import NotFound
from dancu.register.catalogue.births import BIRTHS
from dancu.register.catalogue.entry import Call, Catalogue, Entry, Filed, decoded, encoded
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
    "decoded",
    "encoded",
    "entry_of",
    "table_rows",
]

CATALOGUE: Catalogue = MappingProxyType(
    {entry.code: entry for entry in (*BIRTHS, *FAMILY, *STATUS, *RESIDENCE, *HOUSEHOLDS, *RECORDS)}
)

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


def acts_of(authority: Authority | None, day: date) -> tuple[Entry, ...]:
    """List the acts of an authority on a day."""
    return tuple(entry for entry in CATALOGUE.values() if authority in entry.authorities(day))
