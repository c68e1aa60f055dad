"""Dates that may be partial, and half-open periods of days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from dancu.kernel.errors import FieldFault, Invalid

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date of which the day, or day and month, may be unknown (0 stands for unknown).

    `number` is yyyymmdd with zeros for what is unknown: 19580000, 19580900, 19580930.
    Order is the order of `number`, so a year comes before each of its months and days.

    Raises:
        Invalid: year outside 1800..2999, a day without a month, or a day the calendar lacks.
    """

    number: int

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            raise Invalid((FieldFault("/date", fault),))

    def _fault(self) -> str | None:
        year, rest = divmod(self.number, 10000)
        month, day = divmod(rest, 100)
        if not 1800 <= year <= 2999:
            return "The year must lie between 1800 and 2999"
        if month == 0:
            return "A day needs its month" if day else None
        if month > 12:
            return "The month must lie between 1 and 12"
        if day:
            try:
                date(year, month, day)
            except ValueError:
                return "The calendar has no such day"
        return None

    @classmethod
    def of(cls, year: int, month: int = 0, day: int = 0) -> Self:
        """Make a date from its parts; 0 is unknown."""
        return cls(year * 10000 + month * 100 + day)

    @classmethod
    def on(cls, day: date) -> Self:
        """Make a complete date."""
        return cls.of(day.year, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1958`, `1958-09` or `1958-09-30` (ISO 8601).

        Raises:
            Invalid: any other form.
        """
        match = _PARTIAL.fullmatch(text.strip())
        if not match:
            raise Invalid((FieldFault("/date", "Write a date as 1958, 1958-09 or 1958-09-30"),))
        return cls.of(*(int(part or 0) for part in match.groups()))

    @property
    def year(self) -> int:
        """The year, always known."""
        return self.number // 10000

    @property
    def month(self) -> int:
        """The month 1..12, or 0 when unknown."""
        return self.number // 100 % 100

    @property
    def day(self) -> int:
        """The day of the month, or 0 when unknown."""
        return self.number % 100

    @property
    def complete(self) -> date | None:
        """The day, if all of it is known."""
        return date(self.year, self.month, self.day) if self.day else None

    @property
    def earliest(self) -> date:
        """The first day that it may be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day that it may be."""
        if self.day:
            return self.earliest
        if self.month == 12 or not self.month:
            return date(self.year, 12, 31)
        return date(self.year, self.month + 1, 1) - timedelta(days=1)

    def may_be(self, other: "PartialDate") -> bool:
        """Tell whether both can be the same day."""
        return self.earliest <= other.latest and other.earliest <= self.latest

    def __str__(self) -> str:
        parts = [f"{self.year:04}"]
        if self.month:
            parts.append(f"{self.month:02}")
        if self.day:
            parts.append(f"{self.day:02}")
        return "-".join(parts)


def completed_years(born: date, day: date) -> int:
    """Count the birthdays up to and on a day; someone born on 29 February ages on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, order=True)
class Period:
    """Days from `since` up to, not including, `until`; None is open.

    Raises:
        Invalid: the period would be empty.
    """

    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise Invalid((FieldFault("/period", "A period must end after it begins"),))

    def covers(self, day: date) -> bool:
        """Tell whether the day lies in the period."""
        return self.since <= day and (self.until is None or day < self.until)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two share a day."""
        return (other.until is None or self.since < other.until) and (self.until is None or other.since < self.until)
