"""Birth dates, whole or partial."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from dancu.linkage.kinds.kind import NOT_TOLD, UNSETTLED, Array, CodedValues, Kind, begun, on_distinct, settle
from dancu.linkage.kinds.likeness import one_slip, one_slip_many
from dancu.linkage.record import birth

_NEW_YEAR = 101
_LUNAR_DAYS = (18, 52)


def _sides(one: Any, other: Any) -> tuple[Any, ...]:
    """Split two dates, or two arrays of them."""
    return one // 10000, one // 100 % 100, one % 100, other // 10000, other // 100 % 100, other % 100


def _day_number(number: Any) -> Any:
    """Count the days of a date yyyymmdd in the Gregorian calendar, of one number or an array of them."""
    year, month, day = number // 10000, number // 100 % 100, number % 100
    year = year - (month <= 2)
    month = (month + 9) % 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 306 + 5) // 10 + day


def _either(number: int) -> str:
    """Return a whole date with day and month in the order of their size."""
    month, day = number // 100 % 100, number % 100
    return f"{number // 10000}{min(month, day):02}{max(month, day):02}"


class DateKind(Kind):
    """A birth date as yyyymmdd with zeros for unknown parts.

    exact: the same day; swapped: day and month exchanged; slip: one digit, or two neighbours exchanged;
    next_year: the same day a year apart; partial: one side is only a year or month, or the 1 January of those who
    don't know theirs, and the other agrees; both_partial: both are, and they agree;
    lunar: 18 to 52 days apart, as when one side told the day of the lunar calendar;
    parts: the same year and either day or month; year: the same year.
    """

    id = "date"
    levels = (
        "exact", "swapped", "slip", "next_year", "partial", "both_partial", "lunar", "parts", "year", "else",
    )  # fmt: skip
    parts: dict[str, Callable[[Any], Hashable]] = {  # noqa: RUF012
        "value": lambda number: number,
        "day": lambda number: number if number % 100 else None,
        "either": lambda number: _either(number) if number % 100 else None,
        "anniversary": lambda number: f"{number % 10000:04}" if number % 100 else None,
        "year": lambda number: number // 10000,
    }

    def read(self, text: str) -> int | None:
        """Return the date that a cell tells."""
        return birth(text)

    def level(self, one: int | None, other: int | None) -> int:
        """Return the level of two dates."""
        if not one or not other:
            return NOT_TOLD
        return self.levels.index(self._level(one, other))

    def _level(self, one: int, other: int) -> str:
        y1, m1, d1, y2, m2, d2 = _sides(one, other)
        partial1, partial2 = not d1, not d2
        if one == other:
            return "both_partial" if partial1 else "exact"
        if partial1 or partial2:
            if y1 != y2 or (m1 and m2 and m1 != m2):
                return "year" if y1 == y2 else "else"
            return "both_partial" if partial1 and partial2 else "partial"
        if y1 == y2 and m1 == d2 and d1 == m2:
            return "swapped"
        if y1 == y2 and _NEW_YEAR in {one % 10000, other % 10000}:
            return "partial"
        if abs(y1 - y2) == 1 and m1 == m2 and d1 == d2:
            return "next_year"
        if one_slip(str(one), str(other)):
            return "slip"
        if _LUNAR_DAYS[0] <= abs(_day_number(one) - _day_number(other)) <= _LUNAR_DAYS[1]:
            return "lunar"
        if y1 != y2:
            return "else"
        return "parts" if m1 == m2 or d1 == d2 else "year"

    def levels_of(self, coded: CodedValues, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of dates."""
        numbers = np.array([value or 0 for value in coded.values], np.int64)
        one, other = numbers[ones], numbers[others]
        y1, m1, d1, y2, m2, d2 = _sides(one, other)
        levels = begun(coded, ones, others)
        partial, both = (d1 == 0) | (d2 == 0), (d1 == 0) & (d2 == 0)
        same_year = y1 == y2
        may_be = same_year & ((m1 == 0) | (m2 == 0) | (m1 == m2))
        settle(levels, (one == other) & ~partial, self.at("exact"))
        settle(levels, may_be & both, self.at("both_partial"))
        settle(levels, may_be & partial, self.at("partial"))
        settle(levels, same_year & partial, self.at("year"))
        settle(levels, partial, self.at("else"))
        settle(levels, same_year & (m1 == d2) & (d1 == m2), self.at("swapped"))
        new_year = (one % 10000 == _NEW_YEAR) | (other % 10000 == _NEW_YEAR)
        settle(levels, same_year & new_year, self.at("partial"))
        settle(levels, (abs(y1 - y2) == 1) & (m1 == m2) & (d1 == d2), self.at("next_year"))
        rest = levels == UNSETTLED
        slip = np.zeros(len(ones), np.bool_)
        slip[rest] = on_distinct(ones[rest], others[rest], lambda i, j: one_slip_many(coded.texts(i), coded.texts(j)))
        settle(levels, slip, self.at("slip"))
        apart = abs(_day_number(one) - _day_number(other))
        settle(levels, (apart >= _LUNAR_DAYS[0]) & (apart <= _LUNAR_DAYS[1]), self.at("lunar"))
        settle(levels, ~same_year, self.at("else"))
        settle(levels, (m1 == m2) | (d1 == d2), self.at("parts"))
        settle(levels, rest, self.at("year"))
        return levels


DATE = DateKind()
