"""Which of today's provinces a number or an address speaks of: evidence for matching, never an address."""

from datetime import date
from functools import lru_cache

from dancu.reference.units import unit_index
from dancu.register.territory import latest_day

# The first two digits of a 9-digit identity card number, as provinces of 2-digit code of the 63-province era.
# Source: general knowledge of the numbering in use until 2012; used as evidence beside a name and a birth date only.
_ISSUERS_OF_CMND9: dict[str, tuple[str, ...]] = {
    "01": ("01",),
    "02": ("79",),
    "03": ("31",),
    "04": ("11", "12"),
    "05": ("14",),
    "06": ("10", "15"),
    "07": ("02", "08"),
    "08": ("20", "04"),
    "09": ("19", "06"),
    "10": ("22",),
    "11": ("01", "17"),
    "12": ("24", "27"),
    "13": ("25", "26"),
    "14": ("30", "33"),
    "15": ("34",),
    "16": ("36", "35", "37"),
    "17": ("38",),
    "18": ("40", "42"),
    "19": ("44", "45", "46"),
    "20": ("48", "49"),
    "21": ("51", "52"),
    "22": ("56", "54"),
    "23": ("64", "62"),
    "24": ("66", "67"),
    "25": ("68",),
    "26": ("58", "60"),
    "27": ("75", "77"),
    "28": ("74", "70"),
    "29": ("72",),
    "30": ("80",),
    "31": ("82",),
    "32": ("83",),
    "33": ("86", "84"),
    "34": ("87",),
    "35": ("89",),
    "36": ("92", "93", "94"),
    "37": ("91",),
    "38": ("96", "95"),
}
_LAST_DAY_OF_63 = date(2025, 6, 30)


@lru_cache(maxsize=65536)
def province_today(unit: str, day: date) -> str | None:
    """Return today's province of a unit of a day."""
    found = unit_index().later_province(unit, min(day, latest_day()), latest_day())
    return found.code if found else None


def provinces_of_number(number: str) -> frozenset[str]:
    """Return today's province where a personal number's birth was registered; none for births abroad."""
    return _today(number[1:3]) if number.startswith("0") else frozenset()


def provinces_of_cmnd9(number: str) -> frozenset[str]:
    """Return today's provinces that may have issued a 9-digit number."""
    return frozenset().union(*(_today(code) for code in _ISSUERS_OF_CMND9.get(number[:2], ())))


@lru_cache(maxsize=256)
def _today(old_province: str) -> frozenset[str]:
    found = province_today(old_province, _LAST_DAY_OF_63)
    return frozenset({found}) if found else frozenset()
