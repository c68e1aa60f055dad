"""One function per kind of value: text as agencies write it in, one canonical value out.

Every function takes the text of one cell, already not empty, and returns a value,
returns None where the text says that nothing is known, or raises `Fault` with the id of the rule it breaks.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from dancu.intake.tcvn3 import CASELESS
from dancu.kernel.codes import MaritalStatus, Relation, Sex, SubjectType
from dancu.kernel.names import PersonName
from dancu.kernel.text import canonical, fold
from dancu.reference.codes import CodeList, EthnicScheme, code_list, find_country, find_ethnic_group

_SCHEMES = {1: EthnicScheme.TCTK_1979, 2: EthnicScheme.GSO_CENSUS}
_NOTHING = frozenset({"", "-", "--", "0", "00", "khong ro", "khong biet", "chua ro", "null", "none", "n/a", "na"})
_STATELESS = frozenset({"khong quoc tich", "nguoi khong quoc tich", "stateless", "xxa"})


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
        lost_capitals: the encoding cannot write accented capitals (TCVN3).
    """

    date_order: str = "dmy"
    ethnic_scheme: int = 1
    lost_capitals: bool = False


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
        Fault: `number.letters` or `number.length`.
    """
    digits = re.sub(r"[\s.'’-]", "", _plain_number(text.strip()))
    if not digits.isdecimal() or not digits.isascii():
        if fold(text) in _NOTHING:
            return Numbers()
        raise Fault("number.letters")
    if not int(digits):
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
        if len(fraction) <= exponent <= 12:
            return match[1] + fraction.ljust(exponent, "0")
    return text.removesuffix(".0")


_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_LIKENESSES = str.maketrans({"ð": "đ", "Ð": "Đ", "ɖ": "đ", "Ɖ": "Đ", "’": "'", "‘": "'", "ʼ": "'"})
_OTHERWISE = re.compile(r"[^\w '.`-]|[\d_]")
_WORD_START = re.compile(r"(?:^|(?<=[ '-]))[^\W\d_]")


def name(text: str, style: Style) -> str | None:
    """Read a name or a part of it: NFC, single spaces, names in capitals or small letters in proper case.

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
    if style.lost_capitals:
        clean = " ".join(w[0].upper() + w[1:] if w[0] in CASELESS else w for w in clean.split(" "))
    return clean or None


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


def _worded(words: Mapping[str, int], highest: int) -> Callable[[str, Style], int | None]:
    def read(text: str, _style: Style) -> int | None:
        word = fold(text).strip(" .")
        if word in words:
            return words[word]
        if word.isdecimal() and int(word) <= highest:
            return int(word)
        raise Fault("code.unknown")

    return read


def _spread(groups: Mapping[int, str]) -> dict[str, int]:
    return {word: code for code, words in groups.items() for word in words.split(",")}


sex = _worded(
    _spread({Sex.MALE: "nam,male,m,trai,be trai", Sex.FEMALE: "nu,female,f,gai,be gai", Sex.UNKNOWN: "khong ro,x"}),
    2,
)  # fmt: skip

marital = _worded(
    _spread(
        {
            MaritalStatus.UNKNOWN: "khong ro,chua ro",
            MaritalStatus.NEVER_MARRIED: "chua ket hon,doc than,chua vo/chong,chua co vo/chong,single,never married",
            MaritalStatus.MARRIED: "da ket hon,ket hon,co vo/chong,co vo,co chong,dang co vo/chong,married",
            MaritalStatus.DIVORCED: "ly hon,da ly hon,li hon,divorced",
            MaritalStatus.WIDOWED: "goa,goa vo,goa chong,goa vo/chong,widowed",
        }
    ),
    4,
)

relation = _worded(
    _spread(
        {
            Relation.HEAD: "chu ho,head",
            Relation.SPOUSE: "vo,chong,vo/chong,spouse,wife,husband",
            Relation.CHILD: "con,con de,con nuoi,con trai,con gai,child,son,daughter",
            Relation.PARENT: "cha,bo,me,cha de,me de,bo de,cha/me,bo/me,parent,father,mother",
            Relation.GRANDPARENT: "ong,ba,ong noi,ba noi,ong ngoai,ba ngoai,grandparent",
            Relation.GRANDCHILD: "chau,chau noi,chau ngoai,chau ruot,grandchild",
            Relation.SIBLING: "anh,chi,em,anh trai,em trai,chi gai,em gai,anh ruot,chi ruot,em ruot,sibling",
            Relation.CHILD_IN_LAW: "con dau,con re",
            Relation.PARENT_IN_LAW: "cha vo,me vo,cha chong,me chong,bo vo,bo chong",
            Relation.OTHER_RELATIVE: "co,di,chu,bac,cau,mo,ho hang,anh ho,em ho,chi ho,nguoi than,khac",
            Relation.NOT_RELATED: "o nho,o thue,o tro,cung o nho,nguoi giup viec,khong ho hang",
        }
    ),
    11,
)

small = _worded({}, max(SubjectType))

_BLOOD = {"a": 1, "b": 2, "ab": 3, "o": 4}


def blood(text: str, _style: Style) -> int | None:
    """Read a blood group, with or without the Rhesus factor.

    Raises:
        Fault: `code.unknown`.
    """
    word = fold(text).rstrip("+-").removeprefix("nhom").strip()
    if word in _NOTHING:
        return None
    if word in _BLOOD:
        return _BLOOD[word]
    if word.isdecimal() and 1 <= int(word) <= 4:
        return int(word)
    raise Fault("code.unknown")


def ethnicity(text: str, style: Style) -> int | None:
    """Read an ethnic group by name or code as scheme x 100 + code.

    Raises:
        Fault: `code.unknown`.
    """
    word = canonical(text)
    if word.isdecimal():
        value = int(word)
        return _known_ethnic(value if value >= 100 else style.ethnic_scheme * 100 + value)
    if fold(word) in _NOTHING:
        return None
    group = find_ethnic_group(word, _SCHEMES[style.ethnic_scheme])
    if group is None:
        raise Fault("code.unknown")
    return style.ethnic_scheme * 100 + int(group.code)


def _known_ethnic(value: int) -> int | None:
    if value % 100 == 0:
        return None
    if value not in _ethnic_codes():
        raise Fault("code.unknown")
    return value


@cache
def _ethnic_codes() -> frozenset[int]:
    from dancu.reference.codes import ethnic_groups  # noqa: PLC0415

    return frozenset(n * 100 + int(code) for n, scheme in _SCHEMES.items() for code in ethnic_groups(scheme))


def religion(text: str, _style: Style) -> int | None:
    """Read a religion by name or code.

    Raises:
        Fault: `code.unknown`.
    """
    code = _religions().get(fold(text))
    if code is None and text.strip().isdecimal():
        code = _religions().get(text.strip().zfill(2))
    if code is None:
        raise Fault("code.unknown")
    return code


@cache
def _religions() -> Mapping[str, int]:
    found = {"khong": 0, "khong ton giao": 0, "none": 0, "cong giao": 2, "thien chua giao": 2, "phat": 1}
    for code, entry in code_list(CodeList.RELIGION).items():
        found |= {code.zfill(2): int(code), fold(entry.name_vi): int(code), fold(entry.name_en): int(code)}
    return found


def nationality(text: str, _style: Style) -> str | None:
    """Read a country as ISO 3166 alpha-3; XXA is stateless, XXX not stated.

    Raises:
        Fault: `code.unknown`.
    """
    word = fold(text)
    if word in _NOTHING or word == "xxx":
        return None
    if word in _STATELESS:
        return "XXA"
    country = find_country(text)
    if country is None:
        raise Fault("code.unknown")
    return country.alpha3


def unit(text: str, _style: Style) -> str | None:
    """Read the code of an administrative unit: 2, 3 or 5 digits; a lost leading zero is put back.

    Raises:
        Fault: `unit.code`.
    """
    digits = text.strip()
    if digits in _NOTHING:
        return None
    if not digits.isdecimal() or len(digits) > 5:
        raise Fault("unit.code")
    return digits.zfill({1: 2, 2: 2, 3: 3}.get(len(digits), 5))


def phone(text: str, _style: Style) -> str | None:
    """Read a telephone number: digits with a leading 0, or + and the country.

    Raises:
        Fault: `phone.form`.
    """
    digits = re.sub(r"[\s.()-]", "", text)
    digits = re.sub(r"^(?:\+84|0084)", "0", digits)
    if re.fullmatch(r"[1-9]\d{8}", digits):
        digits = "0" + digits
    if not re.fullmatch(r"0\d{8,10}|\+\d{8,15}", digits):
        raise Fault("phone.form")
    return digits


def email(text: str, _style: Style) -> str | None:
    """Read an e-mail address, in small letters.

    Raises:
        Fault: `email.form`.
    """
    address = text.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", address):
        raise Fault("email.form")
    return address


def passport(text: str, _style: Style) -> str | None:
    """Read a passport number: capitals and digits.

    Raises:
        Fault: `passport.form`.
    """
    value = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"[A-Z0-9]{5,12}", value):
        raise Fault("passport.form")
    return value


def year(text: str, _style: Style) -> int | None:
    """Read a year of four digits.

    Raises:
        Fault: `date.unreadable`.
    """
    if not re.fullmatch(r"(?:1[89]|2[01])\d\d", text.strip()):
        raise Fault("date.unreadable")
    return int(text)


def kind(text: str, _style: Style) -> str | None:
    """Read what a record reports.

    Raises:
        Fault: `code.unknown`.
    """
    word = fold(text)
    if word not in ("persons", "births", "marriages"):
        raise Fault("code.unknown")
    return word
