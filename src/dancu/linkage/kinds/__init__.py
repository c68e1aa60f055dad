"""How values of one kind are compared: one pair at a time, and many pairs of dictionary-coded values at once."""

from dancu.linkage.kinds.codes import CARDS, CODE, NUMBER, SEX, TEXT, UNITS
from dancu.linkage.kinds.dates import DATE
from dancu.linkage.kinds.kind import Kind
from dancu.linkage.kinds.names import NAME, RELATIVE
from dancu.linkage.kinds.places import PLACE

KINDS: dict[str, Kind] = {
    kind.id: kind for kind in (NAME, RELATIVE, DATE, NUMBER, CARDS, SEX, PLACE, UNITS, TEXT, CODE)
}
"""Every kind of value that a model may compare, by id."""

__all__ = ["KINDS", "Kind"]
