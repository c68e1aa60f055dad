"""All units of all days, in memory: which unit was there, and what became of it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, cached_property

from dancu.kernel.text import fold
from dancu.reference.model import (
    OBSERVED_EARLY,
    Level,
    NoSuccessor,
    Outcome,
    Part,
    Resolved,
    Split,
    Succession,
    Unit,
    level_of,
)
from dancu.reference.tables import read_successions, read_units


class UnitIndex:
    """Every version of every unit, with its successions. Immutable once built; share one per process."""

    def __init__(self, units: Iterable[Unit], successions: Iterable[Succession]) -> None:
        """Index the units and what became of them."""
        self.units: tuple[Unit, ...] = tuple(units)
        self._versions: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            self._versions[unit.code].append(unit)
        for history in self._versions.values():
            history.sort(key=lambda unit: unit.valid_from)
        self._next: dict[date, dict[str, list[Succession]]] = defaultdict(lambda: defaultdict(list))
        self._previous: dict[date, dict[str, list[Succession]]] = defaultdict(lambda: defaultdict(list))
        for row in successions:
            self._next[row.day][row.from_code].append(row)
            self._previous[row.day][row.to_code].append(row)

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """The days on which the set of units changed, in order."""
        return tuple(sorted({unit.valid_from for unit in self.units} - {OBSERVED_EARLY}))

    def versions(self, code: str) -> tuple[Unit, ...]:
        """List all versions of a code, in order of time."""
        return tuple(self._versions.get(code, ()))

    def unit_on(self, code: str, day: date, level: Level | None = None) -> Unit | None:
        """Find the version of a code on a day, or None.

        A day before the first state that we have finds the version of that state.
        Where days of change are known roughly only, a version that may have been in force is found too.
        """
        if level is not None and level_of(code) is not level:
            return None
        history = self._versions.get(code, [])
        shown = next((unit for unit in history if unit.covers(day)), None)
        return shown or next((unit for unit in history if unit.may_cover(day)), None)

    def units_on(self, day: date, level: Level, within: str | None = None) -> list[Unit]:
        """List the units of a level on a day, in order of code.

        Args:
            day: a day before 2022-10-01 gives the state of that day, the earliest that we have.
            within: code of a province or district.
        """
        shown = max(day, OBSERVED_EARLY)
        return sorted(
            (
                unit
                for unit in self._of_level[level]
                if unit.covers(shown) and (within is None or within in (unit.province_code, unit.district_code))
            ),
            key=lambda unit: unit.code,
        )

    @cached_property
    def _of_level(self) -> dict[Level, list[Unit]]:
        found: dict[Level, list[Unit]] = {level: [] for level in Level}
        for unit in self.units:
            found[unit.level].append(unit)
        return found

    def parents(self, unit: Unit, day: date | None = None) -> tuple[Unit, ...]:
        """List the units that this version lay in, from the district, if any, to the province.

        Args:
            day: the day whose names are wanted; None: the first day of the version.
        """
        codes = (code for code in (unit.district_code, unit.province_code) if code and code != unit.code)
        found = (self.unit_on(code, day or unit.valid_from) for code in codes)
        return tuple(parent for parent in found if parent)

    def full_title(self, unit: Unit, day: date | None = None) -> str:
        """Write a unit as an address ends: `Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội`."""
        return ", ".join(part.title for part in (unit, *self.parents(unit, day)))

    def successors(self, code: str, day_from: date, day_to: date) -> Outcome:
        """Tell what a unit of one day was on a later day.

        A district may resolve to a commune: districts were abolished on 2025-07-01.

        Raises:
            ValueError: `day_to` lies before `day_from`; see `predecessors`.
        """
        if day_to < day_from:
            raise ValueError("a unit's successors lie on a later day")
        unit = self.unit_on(code, day_from)
        if unit is None:
            return NoSuccessor()
        return self._walk({code}, code, _last_shown(unit, day_from), day_to, certain=True)

    def _walk(self, codes: set[str], default: str | None, since: date, until: date, *, certain: bool) -> Outcome:
        for day in self.change_days:
            if not since < day <= until:
                continue
            reached: set[str] = set()
            defaults: set[str] = set()
            for code in codes:
                rows = self._next[day].get(code, []) if day in self._next else []
                if not rows and self._goes_on(code, day):
                    rows = [Succession(day, code, code, Part.WHOLE, True)]
                certain = certain and all(row.part is not Part.HINT for row in rows)
                reached |= {row.to_code for row in rows}
                if code == default:
                    defaults = {row.to_code for row in rows if row.is_default}
            codes, default = reached, defaults.pop() if len(defaults) == 1 else None
        return self._outcome(codes, default, until, certain=certain)

    def _goes_on(self, code: str, day: date) -> bool:
        return any(unit.covers(day) for unit in self._versions.get(code, []))

    def _outcome(self, codes: set[str], default: str | None, day: date, *, certain: bool) -> Outcome:
        units = tuple(unit for code in sorted(codes) if (unit := self.unit_on(code, day)))
        if not certain or not units:
            return NoSuccessor(units)
        if len(units) == 1:
            return Resolved(units[0])
        return Split(units, next((unit for unit in units if unit.code == default), None))

    def later_province(self, code: str, day_from: date, day_to: date) -> Unit | None:
        """Return the province in which a unit of one day lies on a later day.

        Provinces merged whole, so this is certain also where the commune's own successor is not.

        Raises:
            ValueError: `day_to` lies before `day_from`.
        """
        unit = self.unit_on(code, day_from)
        if unit is None:
            return None
        outcome = self.successors(unit.province_code, _last_shown(unit, day_from), day_to)
        return outcome.unit if isinstance(outcome, Resolved) else None

    def predecessors(self, code: str, day_from: date, day_to: date) -> tuple[tuple[Unit, Part], ...]:
        """List the units of an earlier day that went, whole or in part, into a unit of a later one.

        Not promised: units that vanished with no known successor.
        """
        found: dict[str, Part] = {code: Part.WHOLE}
        for day in reversed(self.change_days):
            if day_to < day <= day_from:
                found = self._before(found, day, level_of(code))
        units = ((self.unit_on(old, day_to), part) for old, part in sorted(found.items()))
        return tuple((unit, part) for unit, part in units if unit)

    def _before(self, found: dict[str, Part], day: date, level: Level | None) -> dict[str, Part]:
        earlier: dict[str, Part] = {}
        changes = self._next.get(day, {})
        for code, part in found.items():
            if code not in changes and any(unit.valid_from < day for unit in self._versions.get(code, [])):
                earlier[code] = part
            for row in self._previous.get(day, {}).get(code, []):
                kept = level_of(row.from_code) is level or not self._has_communes(row.from_code)
                if row.part is not Part.HINT and kept:
                    earlier[row.from_code] = Part.SPLIT if Part.SPLIT in (part, row.part) else Part.WHOLE
        return earlier

    def _has_communes(self, district: str) -> bool:
        return district in self._settled

    @cached_property
    def _settled(self) -> frozenset[str]:
        return frozenset(unit.district_code for unit in self.units if unit.district_code)

    def resolve_address(self, text: str, code: str, day_from: date, day_to: date) -> Outcome:
        """Tell what an address of a unit of one day lies in on a later day.

        Where the unit was split, the address decides if it names exactly one candidate, by its title
        or by a hamlet of the same name; the old unit's own title doesn't count. Otherwise it stays `Split`.
        """
        outcome = self.successors(code, day_from, day_to)
        if not isinstance(outcome, Split):
            return outcome
        old = self.unit_on(code, day_from)
        words = " ".join(_WORD.findall(fold(text)))
        named = [
            unit
            for unit in outcome.candidates
            if not (old and fold(unit.title) == fold(old.title)) and _names(words, unit)
        ]
        return Resolved(named[0]) if len(named) == 1 else outcome


# A street may bear a ward's name by chance; a hamlet that does lies in it.
_HAMLET = r"(?:thon|ap|ban|buon|lang|xom|khom|khu pho|to dan pho)"
_WORD = re.compile(r"\w+")


def _names(words: str, unit: Unit) -> bool:
    name = " ".join(_WORD.findall(unit.name_key))
    before = f"(?:{fold(unit.kind.word)}|{_HAMLET})"
    return re.search(rf"\b{before} {re.escape(name)}\b", words) is not None


def _last_shown(unit: Unit, day: date) -> date:
    """Return the day nearest to `day` on which the version is the one shown."""
    if unit.valid_to is not None and unit.valid_to <= day:
        return unit.valid_to - timedelta(days=1)
    return max(day, unit.valid_from)


@cache
def unit_index() -> UnitIndex:
    """Return the index over the committed tables, built once per process."""
    return UnitIndex(read_units(), read_successions())
