"""Reads Vietnamese addresses of any era into a unit and the rest of the line."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from rapidfuzz import fuzz

from dancu.kernel.text import canonical
from dancu.reference.model import OBSERVED_EARLY, Kind, Level, Unit
from dancu.reference.segments import Segment, name_key, segments_of, spelling_key
from dancu.reference.units import UnitIndex, unit_index

_PROVINCE_ALIASES = {
    "hcm": "79", "tphcm": "79", "saigon": "79", "hn": "01", "hue": "46", "tthue": "46", "thuathienhue": "46",
    "brvt": "77", "baccan": "06", "daclac": "66", "daklac": "66", "dacnong": "67", "dn": "48", "hp": "31",
}  # fmt: skip

_EXACT, _PLAIN, _OTHER_ACCENTS, _NO_KIND, _OTHER_KIND, _FUZZY, _SKIPPED = 1.0, 0.97, 0.9, 0.97, 0.8, 0.7, 0.85
_PEELED = 0.85
_LEFT_OVER = 0.5
_LIKENESS = 80
_MARGIN = 4
_TAIL = 6  # segments at the end of a line that may name units


@dataclass(frozen=True)
class ParsedAddress:
    """What an address line says.

    `unit`: the most exact unit that is certain, or None. `day`: a day on which that unit was in force.
    `detail`: what stands before the unit (house, street, hamlet), as written.
    `candidates`: communes or districts among which the line doesn't decide.
    `confidence`: 0..1; 1 is letter for letter with all levels; below 0.6 a person should look.
    """

    unit: Unit | None
    detail: str
    confidence: float
    day: date | None
    candidates: tuple[Unit, ...] = ()

    @property
    def level(self) -> Level | None:
        """Level of the unit that was found."""
        return self.unit.level if self.unit else None


@dataclass(frozen=True)
class _Reading:
    """The last segments of a line as units of one day.

    `used`: how many segments; `kept`: how many letters of the one before them, when its end was used too.
    """

    unit: Unit | None
    candidates: tuple[Unit, ...]
    confidence: float
    used: int
    kept: int
    left_over: bool
    day: date

    @property
    def quality(self) -> tuple[bool, int, bool, int, float]:
        depth = {None: 0, Level.PROVINCE: 1, Level.DISTRICT: 2, Level.COMMUNE: 3}[
            self.unit.level if self.unit else None
        ]
        return (not self.left_over, depth, not self.candidates, self.used, self.confidence)


class AddressParser:
    """Reads addresses against the units of all days."""

    def __init__(self, index: UnitIndex) -> None:
        """Prepare the days on which units changed."""
        self._index = index
        self._days = (*reversed(index.change_days), OBSERVED_EARLY)
        self._gazetteers: dict[date, _Gazetteer] = {}
        self._read = lru_cache(maxsize=131_072)(self._best_reading)

    def parse(self, text: str, day: date | None = None) -> ParsedAddress:
        """Read `Thôn 3, xã X, huyện Y, tỉnh Z` or `Thôn 3, xã X, tỉnh Z`.

        Accents may be missing or elsewhere, kinds may be abbreviated or missing, commas too where kinds stand.
        Small misspellings are read within a known parent.

        Args:
            text: one line.
            day: the day of whose units the line speaks; None: any, the latest that fits.
                Units of another day are taken when that day's don't fit, and `day` of the answer says so.
        """
        line = canonical(text)
        segments, starts = segments_of(line)
        if not segments:
            return ParsedAddress(None, line, 0.0, None)
        reading = self._read(tuple(segments[-_TAIL:]), day)
        if reading.unit is None and not reading.candidates:
            return ParsedAddress(None, line, 0.0, None)
        first = len(segments) - reading.used
        end = starts[first - 1] + reading.kept if reading.kept else starts[first]
        detail = line[:end].rstrip(" ,;-")
        return ParsedAddress(reading.unit, detail, round(reading.confidence, 3), reading.day, reading.candidates)

    def _best_reading(self, segments: tuple[Segment, ...], day: date | None) -> _Reading:
        days = self._days
        if day is not None:
            state = next((since for since in days if since <= day), OBSERVED_EARLY)
            reading = self._gazetteer(state).read(segments)
            deepest = reading.candidates[:1] or (reading.unit,)
            if not reading.left_over and deepest[0] and deepest[0].level is Level.COMMUNE:
                return reading
            days = (state, *(other for other in days if other != state))
        return max((self._gazetteer(state).read(segments) for state in days), key=lambda found: found.quality)

    def _gazetteer(self, day: date) -> "_Gazetteer":
        if day not in self._gazetteers:
            self._gazetteers[day] = _Gazetteer(self._index, day)
        return self._gazetteers[day]


@dataclass(frozen=True)
class _Match:
    units: tuple[Unit, ...]
    score: float


_NOTHING = _Match((), 1.0)


class _Gazetteer:
    """The names of one day's units."""

    def __init__(self, index: UnitIndex, day: date) -> None:
        self._day = day
        self._by_key: dict[Level, dict[str, list[Unit]]] = {}
        for level in Level:
            keys: dict[str, list[Unit]] = defaultdict(list)
            for unit in index.units_on(day, level):
                keys[name_key(unit.name)].append(unit)
            self._by_key[level] = keys
        provinces = {unit.code: unit for unit in index.units_on(day, Level.PROVINCE)}
        for alias, code in _PROVINCE_ALIASES.items():
            if code in provinces and alias not in self._by_key[Level.PROVINCE]:
                self._by_key[Level.PROVINCE][alias] = [provinces[code]]
        self._within: dict[tuple[Level, str], list[Unit]] = defaultdict(list)
        for level in (Level.DISTRICT, Level.COMMUNE):
            for unit in index.units_on(day, level):
                for parent in {unit.province_code, unit.district_code} - {None}:
                    self._within[level, str(parent)].append(unit)

    def read(self, segments: Sequence[Segment]) -> _Reading:
        """Read from the right: province, district, commune; each may be missing."""
        rest = list(segments)
        unbroken = all(segment.follows for segment in rest[1:])
        score, found = 1.0, _NOTHING
        parents: tuple[Unit, ...] = ()
        matched: dict[Level, tuple[Unit, ...]] = {}
        for level in Level:
            match, size = self._match_end(rest, level, parents)
            left = None
            if not match.units and rest and (level is not Level.COMMUNE or (unbroken and not rest[-1].levels)):
                match, size, left = self._peel(rest[-1], level, parents)
            if not match.units:
                continue
            rest[len(rest) - size :] = [left] if left else []
            found, parents = match, match.units
            score *= match.score
            matched[level] = match.units
        score *= self._skipped(matched)
        left_over = any(segment.levels for segment in rest)
        unit, candidates = self._decide(found.units)
        if candidates:
            score *= 0.5
        if left_over:
            score *= _LEFT_OVER
        kept = len(rest[-1].text) if rest and rest[-1] is not segments[len(rest) - 1] else 0
        return _Reading(unit, candidates, score, len(segments) - len(rest), kept, left_over, self._day)

    def _skipped(self, matched: Mapping[Level, tuple[Unit, ...]]) -> float:
        """Weigh levels that the line leaves out, though this day has them."""
        missing = [level for level in Level if level not in matched and self._by_key[level]]
        deepest = max((list(Level).index(level) for level in matched), default=-1)
        return _SKIPPED ** sum(list(Level).index(level) < deepest for level in missing)

    def _decide(self, units: tuple[Unit, ...]) -> tuple[Unit | None, tuple[Unit, ...]]:
        if len(units) <= 1:
            return (units[0] if units else None), ()
        provinces = {unit.province_code for unit in units}
        if len(provinces) == 1 and units[0].level is not Level.PROVINCE:
            districts = {unit.district_code for unit in units}
            parent = districts.pop() if len(districts) == 1 else None
            return self._unit(parent or provinces.pop()), units
        return None, units

    def _unit(self, code: str) -> Unit | None:
        level = Level.PROVINCE if len(code) == 2 else Level.DISTRICT
        return next((u for units in self._by_key[level].values() for u in units if u.code == code), None)

    def _match_end(self, rest: Sequence[Segment], level: Level, parents: tuple[Unit, ...]) -> tuple[_Match, int]:
        """Match the last segments, joined where no comma parts them; the longest name first."""
        if not rest:
            return _NOTHING, 0
        joined = [rest[-1]]
        while joined[-1].follows and len(joined) < min(3, len(rest)):
            joined.append(joined[-1].after(rest[-1 - len(joined)]))
        for size in range(len(joined), 0, -1):
            match = self._match(joined[size - 1], level, parents)
            if match.units:
                return match, size
        return self._alike(rest[-1], level, parents) if parents or level is Level.PROVINCE else _NOTHING, 1

    def _peel(self, segment: Segment, level: Level, parents: tuple[Unit, ...]) -> tuple[_Match, int, Segment | None]:
        """Match the last words of a segment in which no comma and no kind parts the units."""
        words = segment.text.split()
        for size in range(min(4, len(words) - 1), 0, -1):
            last = Segment(" ".join(words[-size:]))
            match = self._match(last, level, parents) if not last.levels else _NOTHING
            if match.units and (parents or level is Level.PROVINCE):
                return (
                    _Match(match.units, match.score * _PEELED),
                    1,
                    Segment(" ".join(words[:-size]), segment.follows),
                )
        return _NOTHING, 0, None

    def _match(self, segment: Segment, level: Level, parents: tuple[Unit, ...]) -> _Match:
        for kinds, name in segment.readings:
            if kinds and not any(_level(kind) is level for kind in kinds):
                continue
            if not kinds and name.isdecimal():
                continue
            units = self._named(name_key(name), level, parents)
            if units:
                return _weigh(units, name, kinds, plain=segment.text.isascii())
        return _NOTHING

    def _named(self, key: str, level: Level, parents: tuple[Unit, ...]) -> tuple[Unit, ...]:
        codes = {parent.code for parent in parents}
        units = self._by_key[level].get(key, ())
        return tuple(u for u in units if not codes or u.province_code in codes or u.district_code in codes)

    def _alike(self, segment: Segment, level: Level, parents: tuple[Unit, ...]) -> _Match:
        """Find the one unit whose name is nearly this, if the segment says its kind."""
        kinds, name = segment.readings[0]
        key = name_key(name)
        if not any(_level(kind) is level for kind in kinds) or len(key) < 4:
            return _NOTHING
        scored = sorted(
            ((fuzz.ratio(key, name_key(unit.name)), unit) for unit in self._choices(level, parents)),
            key=lambda pair: -pair[0],
        )[:2]
        if not scored or scored[0][0] < _LIKENESS or (len(scored) > 1 and scored[0][0] - scored[1][0] < _MARGIN):
            return _NOTHING
        return _Match((scored[0][1],), _FUZZY)

    def _choices(self, level: Level, parents: tuple[Unit, ...]) -> Iterable[Unit]:
        if level is Level.PROVINCE:
            return [unit for units in self._by_key[level].values() for unit in units]
        return [unit for parent in parents for unit in self._within[level, parent.code]]


def _level(kind: Kind) -> Level:
    if kind in {Kind.PROVINCE, Kind.CENTRAL_CITY}:
        return Level.PROVINCE
    if kind in {Kind.URBAN_DISTRICT, Kind.RURAL_DISTRICT, Kind.TOWN, Kind.CITY}:
        return Level.DISTRICT
    return Level.COMMUNE


def _weigh(units: tuple[Unit, ...], name: str, kinds: frozenset[Kind], *, plain: bool) -> _Match:
    """Keep the units that agree best in kind, then in accents."""
    of_kind = tuple(unit for unit in units if unit.kind in kinds)
    score = _EXACT if of_kind else _OTHER_KIND if kinds else _NO_KIND
    units = of_kind or units
    if plain and not all(unit.name.isascii() for unit in units):
        return _Match(units, score * _PLAIN)
    same = tuple(unit for unit in units if spelling_key(unit.name) == spelling_key(name))
    return _Match(same or units, score * (_EXACT if same else _OTHER_ACCENTS))


@cache
def address_parser() -> AddressParser:
    """Return the parser over the committed tables, built once per process."""
    return AddressParser(unit_index())


def parse_address(text: str, day: date | None = None) -> ParsedAddress:
    """Read an address line; see `AddressParser.parse`."""
    return address_parser().parse(text, day)
