"""Takes out parts that the converter gives to a commune only because a namesake lies in the same new province.

The converter finds split communes by name: of two communes `Thạnh Quới`, 99 km apart and now in one province,
it gives each the successors of both. A part is taken out when it is a namesake's default and lies far away.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import cos, hypot, radians

from dancu.reference.build.spelling import squeezed
from dancu.reference.model import Part, Succession, Unit

FAR_KM = 12.0
_KM_PER_DEGREE = 111.2


def without_namesakes(rows: Sequence[Succession], before: dict[str, Unit], after: dict[str, Unit]) -> list[Succession]:
    """Return the successions of communes without namesakes' parts; one that has a single part left is whole."""
    defaults = {row.from_code: row.to_code for row in rows if row.is_default}
    namesakes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for code, target in defaults.items():
        if code in before:
            namesakes[squeezed(before[code].title), after[target].province_code].add(code)

    def is_namesakes(row: Succession) -> bool:
        if row.part is not Part.SPLIT or row.is_default:
            return False
        title, target = squeezed(before[row.from_code].title), after[row.to_code]
        others = namesakes[title, target.province_code] - {row.from_code}
        shared = any(defaults[other] == row.to_code for other in others)
        return shared and _km(before[row.from_code], target) > FAR_KM

    kept = [row for row in rows if not is_namesakes(row)]
    parts: dict[str, int] = defaultdict(int)
    for row in kept:
        parts[row.from_code] += 1
    return [
        Succession(row.day, row.from_code, row.to_code, Part.WHOLE, True) if parts[row.from_code] == 1 else row
        for row in kept
    ]


def _km(one: Unit, other: Unit) -> float:
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return 0.0
    east = (one.lon - other.lon) * cos(radians((one.lat + other.lat) / 2))
    return _KM_PER_DEGREE * hypot(east, one.lat - other.lat)
