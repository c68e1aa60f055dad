"""Values that come out of lists or have a form of their own: codes, units, telephone numbers.

The same contract as `dancu.intake.values`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from dancu.intake.values import NOTHING, Fault, Style
from dancu.kernel.codes import MaritalStatus, Relation, Sex, SubjectType
from dancu.kernel.text import canonical, fold
from dancu.reference.codes import (
    CodeList,
    EthnicScheme,
    code_list,
    ethnic_groups,
    find_country,
    find_ethnic_group,
)

_SCHEMES = {1: EthnicScheme.TCTK_1979, 2: EthnicScheme.GSO_CENSUS}
_STATELESS = frozenset({"khong quoc tich", "nguoi khong quoc tich", "stateless", "xxa"})


def _worded(words: Mapping[str, int], highest: int) -> Callable[[str, Style], int | None]:
    def read(text: str, _style: Style) -> int | None:
        word = fold(text.replace("_", " ")).strip(" .")
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
            Relation.CHILD_IN_LAW: "con dau,con re,child in law",
            Relation.PARENT_IN_LAW: "cha vo,me vo,cha chong,me chong,bo vo,bo chong,parent in law",
            Relation.OTHER_RELATIVE: "co,di,chu,bac,cau,mo,ho hang,anh ho,em ho,chi ho,nguoi than,khac,other relative",
            Relation.NOT_RELATED: "o nho,o thue,o tro,cung o nho,nguoi giup viec,khong ho hang,not related",
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
    if word in NOTHING:
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
    if fold(word) in NOTHING:
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
    if word in NOTHING or word == "xxx":
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
    if digits in NOTHING:
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
