"""What is known of one person, normalised for comparing; never stored in place of what was written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from dancu.linkage.names import Name

_DIGITS = re.compile(r"\D+")


class Precision(IntEnum):
    """How much of a birth date is known."""

    NOTHING = 0
    YEAR = 1
    MONTH = 2
    DAY = 3


class Calendar(StrEnum):
    """In which calendar a birth date was told."""

    UNKNOWN = "unknown"
    SOLAR = "solar"
    LUNAR = "lunar"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place of birth in the units of before 1 July 2025, which don't change any more; '' is unknown."""

    province: str = ""
    district: str = ""
    ward: str = ""

    @property
    def code(self) -> str:
        """The codes of province, district and ward with `/` between."""
        return f"{self.province}/{self.district}/{self.ward}"


@dataclass(frozen=True, slots=True)
class Record:
    """A person as one source tells of it.

    Args:
        id: the caller's own, never compared.
        born: yyyymmdd with zeros for what is unknown; None: nothing known.
        sex: 1 male, 2 female, 0 unknown.
        number: the 12-digit personal number.
        cmnd9s: every 9-digit identity card number, sorted.
        birth_place: None where not even the province is known.
        residence: codes of the communes of today in which the person lives or lived lately.
    """

    id: str
    name: Name | None = None
    born: int | None = None
    calendar: Calendar = Calendar.UNKNOWN
    sex: int = 0
    number: str | None = None
    cmnd9s: tuple[str, ...] = ()
    mother: Name | None = None
    father: Name | None = None
    birth_place: Place | None = None
    residence: tuple[str, ...] = ()

    @property
    def precision(self) -> Precision:
        """How much of the birth date is known."""
        if not self.born:
            return Precision.NOTHING
        if self.born % 100:
            return Precision.DAY
        return Precision.MONTH if self.born // 100 % 100 else Precision.YEAR


def normalised(
    id: str,  # noqa: A002 -- the word of the record
    *,
    name: str | None = None,
    born: int | str | None = None,
    calendar: Calendar = Calendar.UNKNOWN,
    sex: int | str | None = None,
    number: str | None = None,
    cmnd9s: Iterable[str] = (),
    mother: str | None = None,
    father: str | None = None,
    birth_place: Place | None = None,
    residence: Iterable[str | None] = (),
) -> Record:
    """Make a record of raw values; what can't be read counts as not told.

    Args:
        name, mother, father: full names in any case and encoding damage; raw keystrokes are decoded.
        born: yyyymmdd with zeros for unknown parts, as a number or text, or ISO 8601, partial or whole.
        sex: 1 male, 2 female.
    """
    return Record(
        id=id,
        name=Name.of(name) if name else None,
        born=birth(born),
        calendar=calendar,
        sex=int(sex) if sex and str(sex) in {"1", "2"} else 0,
        number=personal_number(number),
        cmnd9s=card_numbers(cmnd9s),
        mother=Name.of(mother) if mother else None,
        father=Name.of(father) if father else None,
        birth_place=birth_place if birth_place and birth_place.province else None,
        residence=tuple(sorted({unit for unit in residence if unit})),
    )


def birth(value: int | str | None) -> int | None:
    """Return a birth date as yyyymmdd with zeros for unknown parts, or None where it can't be read."""
    if value is None:
        return None
    if isinstance(value, str):
        digits = _DIGITS.sub("", value)
        value = int(digits.ljust(8, "0")) if len(digits) in {4, 6, 8} else 0
    return value if 18000000 <= value <= 29991231 else None


def personal_number(text: str | None) -> str | None:
    """Return the twelve digits of a personal number, or None where there are not twelve."""
    digits = _DIGITS.sub("", text) if text else ""
    return digits if len(digits) == 12 else None


def card_numbers(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Return the nine digits of each old card number, sorted, each once."""
    found = {_DIGITS.sub("", text) for text in texts if text}
    return tuple(sorted(digits for digits in found if len(digits) == 9))
