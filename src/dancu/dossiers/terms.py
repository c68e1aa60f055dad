"""How long the law allows for a matter, in working days: rules as data, with the days on which they are in force."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dancu.dossiers.matters import MATTERS
from dancu.kernel.dates import Period
from dancu.kernel.time import STATE_TIME
from dancu.reference.calendar import add_working_days, is_working_day

LATEST_AT_ONCE = time(15)
"""What is received later than this, and can't be decided at once, is decided on the next working day.

Law: Nghị định 123/2015/NĐ-CP, Điều 2; Thông tư 04/2020/TT-BTP.
"""


@dataclass(frozen=True)
class Term:
    """How long the law allows for a matter.

    Args:
        working_days: 0: on the same working day, if received before 15:00.
        extension: working days more where something must be verified; 0: none.
        certain: the number was found in a published source; otherwise it is general knowledge, to be confirmed.
    """

    matter: str
    working_days: int
    law: str
    in_force: Period
    extension: int = 0
    certain: bool = True


_CIVIL = Period(date(2016, 1, 1))
_RESIDENCE = Period(date(2021, 7, 1))
_RESIDENCE_2006 = Period(date(2007, 7, 1), date(2021, 7, 1))
_IDENTITY = Period(date(2024, 7, 1))
_PROTECTION = Period(date(2026, 1, 1))
_CIVIL_LAW, _RESIDENCE_LAW = "Luật Hộ tịch 60/2014/QH13", "Luật Cư trú 68/2020/QH14"

TERMS: tuple[Term, ...] = (
    Term("1.001193", 0, f"{_CIVIL_LAW}, Điều 16 khoản 2", _CIVIL, extension=5),
    Term("1.000656", 0, f"{_CIVIL_LAW}, Điều 34 khoản 2", _CIVIL, extension=3),
    Term("1.000894", 0, f"{_CIVIL_LAW}, Điều 18 khoản 2", _CIVIL, extension=5),
    Term("civil.recognition", 3, f"{_CIVIL_LAW}, Điều 25 khoản 2", _CIVIL, extension=5),
    Term("civil.guardianship", 3, f"{_CIVIL_LAW}, Điều 20 khoản 2", _CIVIL, certain=False),
    Term("civil.adoption", 20, "Luật Nuôi con nuôi 52/2010/QH12, Điều 19", Period(date(2011, 1, 1)), certain=False),
    Term("1.004859", 3, f"{_CIVIL_LAW}, Điều 28 khoản 2", _CIVIL, extension=3),
    Term("civil.decision", 5, f"{_CIVIL_LAW}, Điều 30", _CIVIL, certain=False),
    Term("civil.annulment", 5, f"{_CIVIL_LAW}, Điều 70", _CIVIL, certain=False),
    Term("civil.protection", 2, "Nghị định 356/2025/NĐ-CP", _PROTECTION, certain=False),
    Term("1.004222", 15, "Luật Cư trú 81/2006/QH11, Điều 21 khoản 3", _RESIDENCE_2006, certain=False),
    Term("1.004222", 7, f"{_RESIDENCE_LAW}, Điều 22 khoản 3", _RESIDENCE),
    Term("1.003197", 5, "Nghị định 154/2024/NĐ-CP, Điều 7", _RESIDENCE, certain=False),
    Term("1.004194", 3, f"{_RESIDENCE_LAW}, Điều 28 khoản 2", _RESIDENCE, certain=False),
    Term("1.002755", 3, f"{_RESIDENCE_LAW}, Điều 28 khoản 3", _RESIDENCE, certain=False),
    Term("1.010028", 3, "Nghị định 154/2024/NĐ-CP", _RESIDENCE, certain=False),
    Term("1.003677", 1, f"{_RESIDENCE_LAW}, Điều 31 khoản 3", _RESIDENCE, extension=1),
    Term("1.010038", 5, f"{_RESIDENCE_LAW}, Điều 25 khoản 3", _RESIDENCE),
    Term("1.010039", 3, f"{_RESIDENCE_LAW}, Điều 26 khoản 3", _RESIDENCE, certain=False),
    Term("1.010040", 3, "Nghị định 154/2024/NĐ-CP", _RESIDENCE, extension=27, certain=False),
    Term("1.010041", 3, "Thông tư 66/2023/TT-BCA", _RESIDENCE, certain=False),
    Term("2.001178", 7, "Luật Căn cước 26/2023/QH15, Điều 12", _IDENTITY),
    Term("population.collect", 7, "Luật Căn cước 26/2023/QH15, Điều 10", _IDENTITY, certain=False),
    Term("population.number", 7, "Nghị định 70/2024/NĐ-CP", _IDENTITY, certain=False),
    Term("residence.protection", 2, "Nghị định 356/2025/NĐ-CP", _PROTECTION, certain=False),
    Term("population.verify", 7, "Luật Căn cước 26/2023/QH15, Điều 10", _IDENTITY, certain=False),
)


def term_of(matter: str, day: date) -> Term:
    """Return the term of a matter on a day; before the first rule of a matter, that rule.

    Raises:
        KeyError: there is no such matter.
    """
    if matter not in MATTERS:
        raise KeyError(matter)
    own = [term for term in TERMS if term.matter == matter]
    return next((term for term in own if term.in_force.covers(day)), own[0])


def deadline(term: Term, received_at: datetime) -> date:
    """Return the last day of a term.

    Raises:
        OutsideCalendar: it leaves the calendar of public holidays.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 147, 148 (the day of the event is not counted).
    """
    local = received_at.astimezone(STATE_TIME)
    day = local.date()
    if term.working_days:
        return add_working_days(day, term.working_days)
    if local.time() >= LATEST_AT_ONCE:
        day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
