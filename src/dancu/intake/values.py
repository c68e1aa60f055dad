"""One function per kind of value: text as agencies write it in, one canonical value out.

Every function takes the text of one cell, already not empty, and returns a value,
returns None where the text says that nothing is known, or raises `Fault` with the id of the rule it breaks.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from dancu.kernel.names import PersonName
from dancu.kernel.tcvn3 import CASELESS
from dancu.kernel.text import canonical, fold

NOTHING = frozenset({"", "-", "--", "0", "00", "khong ro", "khong biet", "chua ro", "null", "none", "n/a", "na"})


class Fault(Exception):
    """A cell that cannot be read; `rule` says which rule it breaks."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Style:
    """How one file writes its values.

    Args:
        date_order: `dmy` or `mdy`, for dates written with separators; a year in front always means ymd.
        ethnic_scheme: the numbering of bare ethnic codes: 1 = tctk-1979, 2 = gso-census.
    """

    date_order: str = "dmy"
    ethnic_scheme: int = 1


_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[ T][\d:.Z+]*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTED = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?: [\d:]+)?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[/.]\s*(\d{1,2})(?:\s*[/.]\s*(\d{1,2}))?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})")
_WORDS = re.compile(r"(?:ngay (\d{1,2}) )?(?:thang (\d{1,2}) )?nam (\d{4})")
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2}")
_EXCEL_EPOCH = date(1899, 12, 30)


def partial_date(text: str, style: Style) -> int | None:
    """Read a date of any of the usual forms as yyyymmdd with zeros for what is unknown.

    Raises:
        Fault: `date.unreadable`, `date.two-digit-year`, or `date.impossible`.
    """
    year, month, day = _parts(canonical(text), style)
    if not 1800 <= year <= 2999:
        raise Fault("date.impossible")
    if day and not month:
        raise Fault("date.impossible")
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise Fault("date.impossible") from None
    return year * 10000 + month * 100 + day


def _parts(text: str, style: Style) -> tuple[int, int, int]:
    if text.isdigit():
        return _from_digits(text)
    if match := _ISO.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3] or 0)
    if match := _PARTED.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        day, month = (second, first) if style.date_order == "mdy" else (first, second)
        return int(match[3]), month, day
    if match := _MONTH_YEAR.fullmatch(text):
        return int(match[2]), int(match[1]), 0
    if match := _WORDS.fullmatch(fold(text)):
        return int(match[3]), int(match[2] or 0), int(match[1] or 0)
    raise Fault("date.two-digit-year" if _TWO_DIGIT_YEAR.fullmatch(text) else "date.unreadable")


def _from_digits(text: str) -> tuple[int, int, int]:
    if len(text) == 4:
        return int(text), 0, 0
    if match := _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if len(text) == 5:
        day = _EXCEL_EPOCH + timedelta(days=int(text))
        return day.year, day.month, day.day
    raise Fault("date.unreadable")


def day(text: str, style: Style) -> date | None:
    """Read a date of which the day must be known.

    Raises:
        Fault: as `partial_date`, or `date.incomplete`.
    """
    number = partial_date(text, style)
    if number is None:
        return None
    if number % 100 == 0:
        raise Fault("date.incomplete")
    return date(number // 10000, number // 100 % 100, number % 100)


@dataclass(frozen=True)
class Numbers:
    """What one cell for a number of a person turned out to hold.

    `padded` is a 12-digit number whose leading zeros a spreadsheet took away:
    it holds only if its digits 4 to 6 agree with the person.
    """

    personal: str | None = None
    cmnd9: str | None = None
    padded: str | None = None


_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d+)")


def number(text: str, _style: Style) -> Numbers:
    """Read a personal number of 12 digits or an identity-card number of 9.

    Raises:
        Fault: `number.letters`, `number.length`, `number.rounded`.
    """
    digits = re.sub(r"[\s.'’-]", "", _plain_number(text.strip()))
    if not digits.isdecimal() or not digits.isascii():
        if fold(text) in NOTHING:
            return Numbers()
        raise Fault("number.letters")
    if not digits.strip("0"):
        return Numbers()
    match len(digits):
        case 12:
            return Numbers(personal=digits)
        case 9:
            return Numbers(cmnd9=digits)
        case 8:
            return Numbers(cmnd9=digits.zfill(9))
        case 10 | 11:
            return Numbers(padded=digits.zfill(12))
        case _:
            raise Fault("number.length")


def _plain_number(text: str) -> str:
    if match := _SCIENTIFIC.fullmatch(text):
        fraction, exponent = match[2] or "", int(match[3])
        if len(fraction) != exponent:
            raise Fault("number.rounded")
        return match[1] + fraction
    return text.removesuffix(".0")


_INVISIBLE = dict.fromkeys((173, 1564, 65279, *range(8203, 8208), *range(8234, 8239), *range(8288, 8298)))
_LIKENESSES = str.maketrans({"ð": "đ", "Ð": "Đ", "ɖ": "đ", "Ɖ": "Đ", "’": "'", "‘": "'", "ʼ": "'"})
_OTHERWISE = re.compile(r"[^\w '.`-]|[\d_]")
_WORD_START = re.compile(r"(?:^|(?<=[ '-]))[^\W\d_]")


def name(text: str, _style: Style) -> str | None:
    """Read a name or a part of it: NFC, single spaces, names in capitals or small letters in proper case.

    A word that begins with a small accented letter, as the ABC fonts showed capitals, begins with a capital.

    Raises:
        Fault: `name.characters`, `text.damaged`.
    """
    clean = canonical(unicodedata.normalize("NFC", text).translate(_INVISIBLE).translate(_LIKENESSES))
    clean = clean.strip(" .-'`,")
    if "\ufffd" in clean:
        raise Fault("text.damaged")
    if _OTHERWISE.search(clean):
        raise Fault("name.characters")
    if clean.isupper() or clean.islower():
        return proper(clean)
    return " ".join(w[0].upper() + w[1:] if w[0] in CASELESS else w for w in clean.split(" ")) if clean else None


def proper(text: str) -> str:
    """Write a name with a capital at the start of each word only."""
    return _WORD_START.sub(lambda match: match.group().upper(), text.lower())


def full_name(text: str, style: Style) -> tuple[str | None, str | None, str | None]:
    """Read a full name as surname, middle and given name.

    Raises:
        Fault: as `name`.
    """
    whole = name(text, style)
    if whole is None:
        return None, None, None
    parts = PersonName.parse(whole)
    return parts.surname or None, parts.middle or None, parts.given or None


def text(value: str, _style: Style) -> str | None:
    """Read any text: NFC, single spaces.

    Raises:
        Fault: `text.damaged`.
    """
    if "\ufffd" in value:
        raise Fault("text.damaged")
    return canonical(value) or None
