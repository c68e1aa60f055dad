"""Public holidays and working days. Pure over the committed table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from dancu.kernel.errors import NotFound
from dancu.reference.tables import rows

FIRST_DAY = date(2015, 1, 1)
LAST_DAY = date(2027, 12, 31)

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class OutsideCalendar(NotFound):
    """The calendar of public holidays doesn't reach that day."""


@dataclass(frozen=True)
class Holiday:
    """One entry of the calendar.

    `kind`: `public`, `compensatory`, `swapped_off`, or `swapped_work` (a Saturday worked in exchange).
    `status`: `law`, `announced`, `estimated` (by rule, not announced yet) or `unconfirmed`
    (said to come, no law found: counted as a working day).
    """

    day: date
    kind: str
    status: str
    name_vi: str
    name_en: str
    law: str


@cache
def holidays() -> tuple[Holiday, ...]:
    """List the calendar in order of day; two names may share a day."""
    return tuple(Holiday(date.fromisoformat(row.pop("day")), **row) for row in rows("holidays"))


def holidays_on(day: date) -> tuple[Holiday, ...]:
    """List what the calendar says of a day."""
    return _by_day().get(day, ())


@cache
def _by_day() -> Mapping[date, tuple[Holiday, ...]]:
    found: dict[date, tuple[Holiday, ...]] = {}
    for holiday in holidays():
        found[holiday.day] = (*found.get(holiday.day, ()), holiday)
    return MappingProxyType(found)


def is_working_day(day: date) -> bool:
    """Tell whether state offices work on a day: Monday to Friday but for holidays, and exchanged Saturdays.

    Raises:
        OutsideCalendar: the day lies outside of 2015..2027.

    Law: Bộ luật Lao động 45/2019/QH14, Điều 111, 112 (2021-01-01); before it 10/2012/QH13, Điều 115.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise OutsideCalendar("The calendar of public holidays reaches from 2015 to 2027")
    entries = [entry.kind for entry in holidays_on(day) if entry.status != "unconfirmed"]
    if entries:
        return "swapped_work" in entries
    return day.weekday() < _SATURDAY


def add_working_days(day: date, n: int) -> date:
    """Return the n-th working day after a day; the day itself doesn't count.

    Args:
        day: working or not.
        n: 0 or more; 0 returns the day itself.

    Raises:
        OutsideCalendar: the count leaves 2015..2027.
        ValueError: n is negative.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 147 (the first day of a term isn't counted).
    """
    if n < 0:
        raise ValueError("working days are added, not taken away")
    while n:
        day += _ONE_DAY
        n -= is_working_day(day)
    return day


def working_days_between(since: date, until: date) -> int:
    """Count the working days after `since` up to and including `until`; 0 when `until` isn't later.

    `working_days_between(day, add_working_days(day, n)) == n`.

    Raises:
        OutsideCalendar: the period leaves 2015..2027.
    """
    days = (since + timedelta(days=offset) for offset in range(1, (until - since).days + 1))
    return sum(is_working_day(day) for day in days)
