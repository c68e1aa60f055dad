"""Administrative units as versions in time, and what became of them. Pure."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from dancu.kernel.text import fold

TWO_LEVELS_SINCE = date(2025, 7, 1)


class Level(StrEnum):
    """Level of a unit; its official code has 2, 3 or 5 digits."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


_LEVEL_OF_LENGTH = {2: Level.PROVINCE, 3: Level.DISTRICT, 5: Level.COMMUNE}


def level_of(code: str) -> Level | None:
    """Tell the level from the length of a code, or None for what is no unit code."""
    return _LEVEL_OF_LENGTH.get(len(code)) if code.isascii() and code.isdecimal() else None


class Kind(StrEnum):
    """Kind of a unit as the law names it, as a short code."""

    PROVINCE = "tinh"
    CENTRAL_CITY = "tptw"
    URBAN_DISTRICT = "quan"
    RURAL_DISTRICT = "huyen"
    TOWN = "thi_xa"
    CITY = "thanh_pho"
    RURAL_COMMUNE = "xa"
    WARD = "phuong"
    TOWNSHIP = "thi_tran"
    SPECIAL_ZONE = "dac_khu"

    @property
    def word(self) -> str:
        """The word that stands before the name, in Vietnamese."""
        return _WORDS[self]


_WORDS = {
    Kind.PROVINCE: "Tỉnh",
    Kind.CENTRAL_CITY: "Thành phố",
    Kind.URBAN_DISTRICT: "Quận",
    Kind.RURAL_DISTRICT: "Huyện",
    Kind.TOWN: "Thị xã",
    Kind.CITY: "Thành phố",
    Kind.RURAL_COMMUNE: "Xã",
    Kind.WARD: "Phường",
    Kind.TOWNSHIP: "Thị trấn",
    Kind.SPECIAL_ZONE: "Đặc khu",
}


class Precision(StrEnum):
    """How well a day of change is known.

    DAY: by a legal act. BEFORE: the unit was there on that day and may be older.
    BETWEEN: the change fell between two states that we have (`OBSERVED_EARLY`, `OBSERVED_LATE`);
    the stored day is the convention 2025-01-01.
    """

    DAY = "day"
    BEFORE = "before"
    BETWEEN = "between"


OBSERVED_EARLY = date(2022, 10, 1)
OBSERVED_LATE = date(2025, 3, 1)


@dataclass(frozen=True)
class Unit:
    """One version of a unit: one code, kind, name and parents, from `valid_from` to before `valid_to`."""

    code: str
    valid_from: date
    valid_from_precision: Precision
    valid_to: date | None
    valid_to_precision: Precision | None
    kind: Kind
    name: str
    province_code: str
    district_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    area_km2: float | None = None

    @cached_property
    def level(self) -> Level:
        """The level, told by the code."""
        return _LEVEL_OF_LENGTH[len(self.code)]

    @cached_property
    def name_key(self) -> str:
        """The folded name, as stored in `name_key`."""
        return fold(self.name)

    @property
    def title(self) -> str:
        """Kind and name as written in an address, e.g. `Phường Hồng Hà`."""
        return f"{self.kind.word} {self.name}"

    def covers(self, day: date) -> bool:
        """Tell whether this version is the one shown for the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def may_cover(self, day: date) -> bool:
        """Tell whether this version may have been in force on the day, given how well its days are known."""
        since = {
            Precision.DAY: self.valid_from,
            Precision.BEFORE: date.min,
            Precision.BETWEEN: OBSERVED_EARLY,
        }[self.valid_from_precision]
        until = OBSERVED_LATE if self.valid_to_precision is Precision.BETWEEN else self.valid_to
        return since <= day and (until is None or day < until)


class Part(StrEnum):
    """How much of a unit went to a successor; a hint is a former name in the source, not an act of law."""

    WHOLE = "whole"
    SPLIT = "split"
    HINT = "hint"


@dataclass(frozen=True)
class Succession:
    """On `day`, `part` of the unit `from_code` went to the unit `to_code`.

    `is_default`: the successor that took the seat or most of a split unit, says the source.
    """

    day: date
    from_code: str
    to_code: str
    part: Part
    is_default: bool


@dataclass(frozen=True)
class Resolved:
    """Exactly one unit of the later day covers all of the earlier one."""

    unit: Unit


@dataclass(frozen=True)
class Split:
    """The unit was divided; only an address tells which part. `default` is never taken silently."""

    candidates: tuple[Unit, ...]
    default: Unit | None = None


@dataclass(frozen=True)
class NoSuccessor:
    """No successor is known. `hints` are units whose source lists the old name among their former names."""

    hints: tuple[Unit, ...] = field(default=())


Outcome = Resolved | Split | NoSuccessor
