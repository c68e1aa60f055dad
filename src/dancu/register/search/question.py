"""What was typed into the box, understood: pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid
from dancu.kernel.text import canonical, fold
from dancu.reference.model import Level, Resolved, Split
from dancu.reference.units import unit_index


@dataclass(frozen=True)
class Place:
    """A unit that was named, as today's communes or provinces.

    Args:
        text: as typed.
        provinces: today's codes, when a province was named.
        communes: today's codes, when a commune or a district was named.
    """

    text: str
    provinces: frozenset[str]
    communes: frozenset[str]


@dataclass(frozen=True)
class Question:
    """What was understood.

    Args:
        numbers: digits (or letters and digits) that may be numbers of a person.
        name: what is left for a name, as typed.
        born_from: first and last birth date as numbers yyyymmdd, unknown parts included; None: no date was typed.
        whole_date: day, month and year were typed.
        places: every place that some words may mean; a reading without them is tried too.
        name_with_place: the words of the name if the place is not one.
    """

    numbers: tuple[str, ...] = ()
    name: str = ""
    born_from: int | None = None
    born_to: int | None = None
    whole_date: bool = False
    sex: Sex = Sex.UNKNOWN
    place: Place | None = None
    name_with_place: str = ""


_NUMBER = re.compile(r"(?<!\d)(?:\d[ .]?){11}\d(?!\d)|(?<!\d)\d{3}[ .]?\d{3}[ .]?\d{3}(?!\d)")
_LOST_ZERO = re.compile(r"(?<![\d ])(?<!\d[ .])\d{11}(?!\d)")
_PASSPORT = re.compile(r"\b[A-Za-z]\d{7,8}\b")
_WORDED_DATE = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})(?:\s+năm)?\s+(\d{4})", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{4})(?!\d)")
_DAY_OF_SHORT_YEAR = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2})(?!\d)")
_BORN_WORDS = re.compile(
    r"(?:(?:ngày|năm)\s+sinh|sinh(?=\s+(?:ngày|năm))|(?-i:\bsinh)(?=\s+\d))(?:\s+ngày(?=\s+\d{1,2}[/.\-]))?[\s:]*",
    re.IGNORECASE,
)
_WORDS_OF_A_NAME = 3
_LIVING_AT = re.compile(r"(?<=\w)[,\s]+(?:ở|tại|quê|trú tại|thường trú tại)\s+")
_ADDRESSED_AS = re.compile(r"^(?:ông|bà|anh|chị|em|cháu|cô|chú|bác)\s+(?=\S+\s+\S+)")
_KEYED_DIGIT = re.compile(r"(?<=[^\W\d])[1-9](?=[^\W\d]|\b)(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_EIGHT = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_MONTH = re.compile(r"(?<!\d)(?:tháng\s+)?(\d{1,2})[/.\-](\d{4})(?!\d)", re.IGNORECASE)
_AGE = re.compile(r"(?<!\d)(\d{1,3})\s*(?:tuổi|tuoi|years old)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:\b(?:(?:sinh\s+)?năm|sinh\s+nam)\s+)?(?<!\d)((?:18|19|20)\d{2})(?!\d)", re.IGNORECASE)
_SEXES = {"nam": Sex.MALE, "nu": Sex.FEMALE, "male": Sex.MALE, "female": Sex.FEMALE}
_WOMAN_AT_END = re.compile(r"(?<=\s)(?:nữ|phụ nữ|female)\s*$", re.IGNORECASE)
_LEVEL_WORDS = r"(?:xã|phường|thị trấn|đặc khu|huyện|quận|thị xã|thành phố|tỉnh|tp\.?|tx\.?|tt\.?|p\.|x\.|h\.|q\.)"
_MARKED_PLACE = re.compile(rf"(?:^|[\s,]){_LEVEL_WORDS}\s*([^,]+)", re.IGNORECASE)
_LONGEST_PLACE = 5


def parse(text: str, today: date) -> Question:
    """Understand what was typed.

    Args:
        today: the present day in Vietnam, for ages.
    """
    rest = _LIVING_AT.sub(", ", _ADDRESSED_AS.sub("", canonical(text)))
    numbers, rest = _take_numbers(rest)
    rest = _without_born_words(rest)
    span, whole, rest = _take_date(rest, today)
    sex, rest = _take_sex(_KEYED_DIGIT.sub("", rest))
    place, name, with_place = _take_place(rest)
    return Question(
        numbers=numbers,
        name=name,
        born_from=span[0] if span else None,
        born_to=span[1] if span else None,
        whole_date=whole,
        sex=sex,
        place=place,
        name_with_place=with_place,
    )


def _take_numbers(text: str) -> tuple[tuple[str, ...], str]:
    numbers = [re.sub(r"[ .]", "", found) for found in _NUMBER.findall(text)]
    numbers += [f"0{found}" for found in _LOST_ZERO.findall(text)]
    text = _LOST_ZERO.sub(" ", text)
    text = _NUMBER.sub(" ", text)
    numbers += [found.upper() for found in _PASSPORT.findall(text)]
    return tuple(numbers), _PASSPORT.sub(" ", text)


def _take_date(text: str, today: date) -> tuple[tuple[int, int] | None, bool, str]:
    """Take the first date out of a text: as a span of numbers, whether it is whole, and what is left."""
    for pattern, order in ((_WORDED_DATE, (3, 2, 1)), (_ISO, (1, 2, 3)), (_DAY, (3, 2, 1))):
        if (match := pattern.search(text)) and (day := _date(*(int(match[i]) for i in order))):
            return (day.number, day.number), True, _without(text, match)
    if (match := _DAY_OF_SHORT_YEAR.search(text)) and (day := _of_short_year(match, today)):
        return (day.number, day.number), True, _without(text, match)
    if (match := _EIGHT.search(text)) and (day := _eight_digits(match[1])):
        return (day.number, day.number), True, _without(text, match)
    if (match := _MONTH.search(text)) and (month := _date(int(match[2]), int(match[1]), 0)):
        return (month.number, month.number + 99), False, _without(text, match)
    if match := _AGE.search(text):
        year = today.year - int(match[1])
        return ((year - 1) * 10000, year * 10000 + 1231), False, _without(text, match)
    if match := _YEAR.search(text):
        year = int(match[1])
        return (year * 10000, year * 10000 + 1231), False, _without(text, match)
    return None, False, text


def _date(year: int, month: int, day: int) -> PartialDate | None:
    try:
        return PartialDate.of(year, month, day)
    except Invalid:
        return None


def _without_born_words(text: str) -> str:
    """Take out `sinh`, `ngày sinh` and the like; Sinh is a name too, so it stays where the name would be short."""
    match = _BORN_WORDS.search(text)
    if not match:
        return text
    alone = match[0].strip() == "sinh"
    if alone and text[: match.start()] and len(text[: match.start()].split()) < _WORDS_OF_A_NAME:
        return text
    return _without(text, match)


def _of_short_year(match: re.Match[str], today: date) -> PartialDate | None:
    """Read 30/9/58 as the latest such year that has come."""
    year = int(match[3]) + 1900 + (100 if int(match[3]) <= today.year % 100 else 0)
    return _date(year, int(match[2]), int(match[1]))


def _eight_digits(digits: str) -> PartialDate | None:
    day_first = _date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    return day_first or _date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _take_sex(text: str) -> tuple[Sex, str]:
    """Take a sex that stands alone between commas, or `nữ` at an end; `Nam` is a name too."""
    parts = [part.strip() for part in text.split(",")]
    for i, part in enumerate(parts):
        if len(parts) > 1 and fold(part) in _SEXES:
            return _SEXES[fold(part)], ",".join(parts[:i] + parts[i + 1 :])
    if match := _WOMAN_AT_END.search(text):
        return Sex.FEMALE, _without(text, match)
    return Sex.UNKNOWN, text


def _take_place(text: str) -> tuple[Place | None, str, str]:
    """Take a place out of a text: (the place, the name without it, the name if it is none)."""
    whole = canonical(text.replace(",", " "))
    if match := _MARKED_PLACE.search(text):
        segments = [part.strip() for part in text[match.start() :].split(",") if part.strip()]
        before = text[: match.start()].replace(",", " ")
        if place := _first_place(segments):
            return place, canonical(before), ""
        if segments and (split := _place_then_name(_bare(segments[0]))):
            rest = " ".join([before, split[1], *segments[1:]])
            return split[0], canonical(rest), ""
    segments = [part.strip() for part in text.split(",") if part.strip()]
    if len(segments) > 1 and (place := _first_place(segments[1:])):
        return place, segments[0], ""
    words = whole.split()
    for size in range(min(_LONGEST_PLACE, len(words) - 2), 0, -1):
        for start in (len(words) - size, 0)[: 1 + (size > 1)]:
            if place := place_named(" ".join(words[start : start + size])):
                name = " ".join(words[:start] + words[start + size :])
                return place, name, whole
    return None, whole, ""


def _place_then_name(segment: str) -> tuple[Place, str] | None:
    """Split a segment that begins with the name of a unit, the longest first."""
    words = segment.split()
    for size in range(min(_LONGEST_PLACE, len(words) - 1), 0, -1):
        if place := place_named(" ".join(words[:size])):
            return place, " ".join(words[size:])
    return None


def _first_place(segments: Sequence[str]) -> Place | None:
    """The narrowest unit that the segments name; wider ones decide between namesakes."""
    named = [place for segment in segments if (place := place_named(_bare(segment)))]
    if not named:
        return None
    first = named[0]
    provinces = frozenset().union(*(place.provinces for place in named[1:]))
    within = frozenset(c for c in first.communes if not provinces or _province_of(c) in provinces)
    return Place(", ".join(segments), first.provinces, within or first.communes)


_LEVEL_PREFIX = re.compile(rf"^{_LEVEL_WORDS}\s*", re.IGNORECASE)


def _bare(segment: str) -> str:
    return _LEVEL_PREFIX.sub("", segment)


def _province_of(commune: str) -> str:
    unit = unit_index().unit_on(commune, _last_change())
    return unit.province_code if unit else ""


def place_named(text: str) -> Place | None:
    """Return the units of any era that bear a name, as today's units."""
    provinces, communes = _gazetteer().get(fold(text), (frozenset(), frozenset()))
    return Place(text, provinces, communes) if provinces or communes else None


@cache
def _last_change() -> date:
    return unit_index().change_days[-1]


@cache
def _gazetteer() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Folded name of every unit of every era to today's (provinces, communes)."""
    provinces: dict[str, set[str]] = {}
    communes: dict[str, set[str]] = {}
    index, day = unit_index(), _last_change()
    for unit in index.units:
        outcome = index.successors(unit.code, max(unit.valid_from, date(2022, 10, 1)), day)
        found: Iterable[str] = ()
        match outcome:
            case Resolved(unit=today):
                found = (today.code,)
            case Split(candidates=candidates):
                found = (candidate.code for candidate in candidates)
        table = provinces if unit.level is Level.PROVINCE else communes
        table.setdefault(unit.name_key, set()).update(code for code in found if len(code) in {2, 5})
    names = provinces.keys() | communes.keys()
    return {name: (frozenset(provinces.get(name, ())), frozenset(communes.get(name, ()))) for name in names}
