"""Places of birth in the units of before July 2025."""

from collections.abc import Callable, Hashable
from typing import Any

from dancu.linkage.kinds.kind import NOT_TOLD, UNSETTLED, Array, CodedValues, Kind, begun, settle
from dancu.linkage.record import Place


class PlaceKind(Kind):
    """A place of birth; a cell holds the codes of province, district and ward with `/` between.

    ward: the same ward; district, province: the same, though both sides tell more and differ in it;
    district_only, province_only: the same, and one side tells no more.
    """

    id = "place"
    levels = ("ward", "district", "district_only", "province", "province_only", "else")
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "value": lambda place: place.code,
        "province": lambda place: place.province,
        "district": lambda place: place.district and f"{place.province}/{place.district}",
        "ward": lambda place: place.ward and place.code,
    }

    def read(self, text: str) -> Place | None:
        """Return the place that a cell tells."""
        province, district, ward, *_ = (*text.strip().split("/"), "", "")
        return Place(province, district, ward if district else "") if province else None

    def text(self, value: Place) -> str:
        """Return the codes with `/` between."""
        return value.code

    def level(self, one: Place | None, other: Place | None) -> int:
        """Return the level of two places."""
        if one is None or other is None:
            return NOT_TOLD
        return self.levels.index(self._level(one, other))

    def _level(self, one: Place, other: Place) -> str:
        if one.province != other.province:
            return "else"
        if not one.district or not other.district:
            return "province_only"
        if one.district != other.district:
            return "province"
        if not one.ward or not other.ward:
            return "district_only"
        return "ward" if one.ward == other.ward else "district"

    def levels_of(self, coded: CodedValues, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of places."""
        levels = begun(coded, ones, others)
        part = {name: (coded.parts[name][ones], coded.parts[name][others]) for name in ("province", "district", "ward")}
        for wider, told_no_more, differs in (
            ("province", "else", "else"),
            ("district", "province_only", "province"),
            ("ward", "district_only", "district"),
        ):
            one, other = part[wider]
            settle(levels, (one == 0) | (other == 0), self.at(told_no_more))
            settle(levels, one != other, self.at(differs))
        settle(levels, levels == UNSETTLED, self.at("ward"))
        return levels


PLACE = PlaceKind()
