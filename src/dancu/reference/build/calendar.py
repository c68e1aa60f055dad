"""Builds the public holidays of Vietnam: days by law, compensatory days, and swapped Saturdays."""

from collections.abc import Iterator
from datetime import date, timedelta

import holidays
from holidays.countries.vietnam import VietnamStaticHolidays
from lunar_vn import convert_lunar_to_solar

HOLIDAY_COLUMNS = ("day", "kind", "status", "name_vi", "name_en", "law")
YEARS = range(2015, 2028)
ANNOUNCED_UNTIL = 2026

_LAW_2012 = "Bộ luật Lao động 10/2012/QH13, Điều 115"
_LAW_2019 = "Bộ luật Lao động 45/2019/QH14, Điều 112"
_COMPENSATION_2012 = "Bộ luật Lao động 10/2012/QH13, Điều 115.3"
_COMPENSATION_2019 = "Bộ luật Lao động 45/2019/QH14, Điều 111.3"
_CULTURE_DAY = "Nghị quyết 80-NQ/TW (chưa thấy luật)"
_EXCHANGE = "Thông báo của Thủ tướng Chính phủ"
_ENTERED_SWAPS = {date(2026, 1, 2): date(2026, 1, 10)}  # văn bản 12729/VPCP-KGVX ngày 25/12/2025

Row = dict[str, object]


def holidays_of_years() -> list[Row]:
    """Build all rows, in order of day; one day may have two names."""
    rows = [row for year in YEARS for row in _year(year)]
    return sorted(rows, key=lambda row: (str(row["day"]), str(row["name_vi"])))


def _year(year: int) -> Iterator[Row]:
    named = list(_by_law(year))
    yield from named
    lawful = {row["day"] for row in named}
    swaps = dict(_swaps(year))
    compensation = _COMPENSATION_2019 if year >= 2021 else _COMPENSATION_2012
    published = holidays.country_holidays("VN", years=year, language="vi")
    for day in sorted(published.keys() - lawful):
        if day not in swaps and day.weekday() < 5:
            yield _row(day, "compensatory", _status(year), "Nghỉ bù", "Compensatory day off", compensation)
    for off, worked in swaps.items():
        yield _row(off, "swapped_off", "announced", "Nghỉ hoán đổi", "Day off in exchange", _EXCHANGE)
        yield _row(worked, "swapped_work", "announced", "Làm việc hoán đổi", "Working day in exchange", _EXCHANGE)


def _by_law(year: int) -> Iterator[Row]:
    law = _LAW_2019 if year >= 2021 else _LAW_2012
    tet = convert_lunar_to_solar(1, 1, year)
    yield _row(date(year, 1, 1), "public", "law", "Tết Dương lịch", "New Year's Day", law)
    yield _row(tet - timedelta(days=1), "public", "law", "Giao thừa Tết Nguyên đán", "Lunar New Year's Eve", law)
    for number, (vi, en) in enumerate(zip(("một", "hai", "ba", "bốn"), ("1st", "2nd", "3rd", "4th"), strict=True)):
        day = tet + timedelta(days=number)
        yield _row(day, "public", "law", f"Mùng {vi} Tết Nguyên đán", f"{en} day of the Lunar New Year", law)
    kings = convert_lunar_to_solar(10, 3, year)
    yield _row(kings, "public", "law", "Giỗ Tổ Hùng Vương", "Hùng Kings' Commemoration Day", law)
    yield _row(date(year, 4, 30), "public", "law", "Ngày Chiến thắng", "Victory Day", law)
    yield _row(date(year, 5, 1), "public", "law", "Ngày Quốc tế Lao động", "International Labour Day", law)
    yield _row(date(year, 9, 2), "public", "law", "Quốc khánh", "National Day", law)
    if year >= 2021:
        yield _row(_beside_national_day(year), "public", _status(year), "Quốc khánh", "National Day", law)
    if year >= 2026:
        yield _row(
            date(year, 11, 24),
            "public",
            "unconfirmed",
            "Ngày Văn hóa Việt Nam",
            "Vietnamese Culture Day",
            _CULTURE_DAY,
        )


def _beside_national_day(year: int) -> date:
    published = holidays.country_holidays("VN", years=year, language="vi")
    first, third = date(year, 9, 1), date(year, 9, 3)
    return first if "Quốc khánh" in str(published.get(first, "")) else third


def _status(year: int) -> str:
    return "announced" if year <= ANNOUNCED_UNTIL else "estimated"


def _swaps(year: int) -> Iterator[tuple[date, date]]:
    """Yield (day off, Saturday worked for it); the source writes month, day, month, day and maybe a year."""
    for entry in _entries(tuple(VietnamStaticHolidays.special_public_holidays.get(year, ()))):
        off_month, off_day, month, day = entry[:4]
        yield date(year, off_month, off_day), date(entry[4] if len(entry) > 4 else year, month, day)
    yield from ((off, worked) for off, worked in _ENTERED_SWAPS.items() if off.year == year)


def _entries(entry: tuple[object, ...]) -> Iterator[tuple[int, ...]]:
    if entry and isinstance(entry[0], tuple):
        yield from (tuple(map(int, one)) for one in entry if isinstance(one, tuple))
    elif entry:
        yield tuple(int(str(part)) for part in entry)


def _row(day: date, kind: str, status: str, name_vi: str, name_en: str, law: str) -> Row:
    return {"day": day, "kind": kind, "status": status, "name_vi": name_vi, "name_en": name_en, "law": law}
