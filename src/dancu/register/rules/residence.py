"""Rules of law about temporary residence, declared abode and absence: each with citation and days in force."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dancu.kernel.codes import AbsenceCase, ResidenceKind
from dancu.kernel.dates import Period
from dancu.register.life import Life, Residence
from dancu.register.rules import ALWAYS, RESIDENCE_LAW_2020, Rule

RESIDENCE_LAW_2006 = Period(date(2007, 7, 1), date(2021, 7, 1))
RESIDENCE_LAW_2006_AS_AMENDED = Period(date(2014, 1, 1), date(2021, 7, 1))
DISTRICTS_UNDER_LAW_2020 = Period(date(2021, 7, 1), date(2025, 7, 1))
WITHOUT_DISTRICTS = Period(date(2025, 7, 1))


def months_after(day: date, months: int) -> date:
    """Return the day of the same number some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# Temporary residence ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TemporaryFacts:
    """A temporary residence as it is registered.

    Args:
        home: today's commune of permanent residence, None where there is none or it can't be told.
        here: today's commune of the place, None where it can't be told.
    """

    life: Life
    unit: str
    detail: str
    on: date
    until: date
    registered_on: date
    home: str | None = None
    here: str | None = None


def _permanent_here(facts: TemporaryFacts) -> bool:
    home = facts.life.residence(ResidenceKind.PERMANENT, facts.on)
    return home is not None and (home.unit, home.detail) == (facts.unit, facts.detail)


TEMPORARY: tuple[Rule[TemporaryFacts], ...] = (
    Rule(
        "temporary.alive",
        "Luật Cư trú 68/2020/QH14, Điều 29 khoản 1 điểm a",
        ALWAYS,
        lambda facts: facts.life.died is not None,
        "Người này đã được khai tử; không đăng ký cư trú được nữa.",
        "The death of this person is registered; residence can be registered no more.",
    ),
    Rule(
        "temporary.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 28",
        ALWAYS,
        lambda facts: facts.on > facts.registered_on,
        "Ngày bắt đầu tạm trú ở trong tương lai.",
        "The first day of temporary residence lies in the future.",
    ),
    Rule(
        "temporary.two_years",
        "Luật Cư trú 68/2020/QH14, Điều 27 khoản 2",
        RESIDENCE_LAW_2020,
        lambda facts: facts.until > months_after(facts.on, 24),
        "Thời hạn tạm trú tối đa là 02 năm, sau đó có thể gia hạn.",
        "Temporary residence is registered for at most 2 years, and may be extended then.",
    ),
    Rule(
        "temporary.24_months.2013",
        "Luật Cư trú 81/2006/QH11, Điều 30 khoản 4 (sửa đổi bởi Luật 36/2013/QH13)",
        RESIDENCE_LAW_2006_AS_AMENDED,
        lambda facts: facts.until > months_after(facts.on, 24),
        "Từ năm 2014 đến 30/06/2021: sổ tạm trú có thời hạn tối đa 24 tháng.",
        "From 2014 to 30 June 2021 a book of temporary residence held for at most 24 months.",
    ),
    Rule(
        "temporary.from_30_days",
        "Luật Cư trú 68/2020/QH14, Điều 27 khoản 1",
        RESIDENCE_LAW_2020,
        lambda facts: facts.until < facts.on + timedelta(days=30),
        "Ở dưới 30 ngày thì thông báo lưu trú, không đăng ký tạm trú.",
        "A stay of less than 30 days is notified as a stay, and not registered.",
    ),
    Rule(
        "temporary.outside_own_commune",
        "Luật Cư trú 68/2020/QH14, Điều 27 khoản 1",
        RESIDENCE_LAW_2020,
        lambda facts: facts.home is not None and facts.home == facts.here,
        "Chỗ ở nằm trong chính xã, phường nơi đã đăng ký thường trú: không phải đăng ký tạm trú.",
        "The place lies in the very commune of permanent residence: nothing is to be registered.",
    ),
    Rule(
        "temporary.not_where_permanent",
        "Luật Cư trú 81/2006/QH11, Điều 30 khoản 1",
        RESIDENCE_LAW_2006,
        _permanent_here,
        "Người này đăng ký thường trú tại chính chỗ ở này.",
        "The person is permanently registered at this very place.",
    ),
)


@dataclass(frozen=True)
class ExtensionFacts:
    """An extension of temporary residence; `stay` is the registration that lasts, None where there is none."""

    life: Life
    stay: Residence | None
    until: date
    registered_on: date

    @property
    def ends(self) -> date | None:
        """The last day of the term that lasts, if it has one."""
        return self.stay.until if self.stay else None


EXTENSION: tuple[Rule[ExtensionFacts], ...] = (
    Rule(
        "extension.registration_lasts",
        "Luật Cư trú 68/2020/QH14, Điều 28 khoản 3",
        ALWAYS,
        lambda facts: facts.ends is None or facts.life.died is not None,
        "Không có đăng ký tạm trú còn thời hạn để gia hạn. Nếu đã hết hạn, đăng ký tạm trú mới.",
        "No temporary residence with a term lasts. If it has expired, register anew.",
    ),
    Rule(
        "extension.last_15_days",
        "Luật Cư trú 68/2020/QH14, Điều 28 khoản 3",
        RESIDENCE_LAW_2020,
        lambda facts: facts.ends is not None and facts.registered_on < facts.ends - timedelta(days=15),
        "Chỉ gia hạn trong thời hạn 15 ngày trước ngày hết hạn tạm trú.",
        "It is extended within the last 15 days of the term.",
    ),
    Rule(
        "extension.last_30_days.2013",
        "Luật Cư trú 81/2006/QH11, Điều 30 khoản 4 (sửa đổi bởi Luật 36/2013/QH13)",
        RESIDENCE_LAW_2006_AS_AMENDED,
        lambda facts: facts.ends is not None and facts.registered_on < facts.ends - timedelta(days=30),
        "Trước 01/07/2021: gia hạn trong 30 ngày trước ngày hết hạn.",
        "Before 1 July 2021 it was extended within the last 30 days of the term.",
    ),
    Rule(
        "extension.two_years",
        "Luật Cư trú 68/2020/QH14, Điều 27 khoản 2",
        RESIDENCE_LAW_2020,
        lambda facts: facts.ends is not None and facts.until > months_after(facts.ends, 24),
        "Mỗi lần gia hạn tạm trú tối đa 02 năm.",
        "Each extension of temporary residence is for at most 2 years.",
    ),
    Rule(
        "extension.ends_later",
        "Luật Cư trú 68/2020/QH14, Điều 27 khoản 2",
        ALWAYS,
        lambda facts: facts.ends is not None and facts.until <= facts.ends,
        "Thời hạn mới phải kết thúc sau thời hạn cũ.",
        "The new term must end after the old one.",
    ),
)


# Declared abode and absence --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AbodeFacts:
    """A place of abode as it is declared."""

    life: Life
    on: date
    declared_on: date


ABODE: tuple[Rule[AbodeFacts], ...] = (
    Rule(
        "abode.alive",
        "Luật Cư trú 68/2020/QH14, Điều 19",
        ALWAYS,
        lambda facts: facts.life.died is not None,
        "Người này đã được khai tử; không khai báo cư trú được nữa.",
        "The death of this person is registered; no abode can be declared.",
    ),
    Rule(
        "abode.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 19",
        ALWAYS,
        lambda facts: facts.on > facts.declared_on,
        "Ngày đến nơi ở hiện tại ở trong tương lai.",
        "The first day at the abode lies in the future.",
    ),
)


@dataclass(frozen=True)
class AbsenceFacts:
    """An absence as it is declared."""

    life: Life
    case: AbsenceCase
    on: date
    until: date | None = None

    def shorter_than(self, months: int) -> bool:
        """Tell whether the person is to be back earlier."""
        return self.until is not None and self.until < months_after(self.on, months)


def _short_service(facts: AbsenceFacts) -> bool:
    return facts.case is AbsenceCase.LIABLE_TO_SERVICE and facts.shorter_than(3)


ABSENCE: tuple[Rule[AbsenceFacts], ...] = (
    Rule(
        "absence.alive",
        "Luật Cư trú 68/2020/QH14, Điều 31",
        ALWAYS,
        lambda facts: facts.life.died is not None,
        "Người này đã được khai tử.",
        "The death of this person is registered.",
    ),
    Rule(
        "absence.three_months.2006",
        "Luật Cư trú 81/2006/QH11, Điều 32 khoản 2",
        RESIDENCE_LAW_2006,
        _short_service,
        "Người trong độ tuổi nghĩa vụ quân sự chỉ phải khai báo khi đi khỏi huyện từ 03 tháng trở lên.",
        "Who may be called up declares an absence from the district of three months and more.",
        warns_only=True,
    ),
    Rule(
        "absence.three_months.district",
        "Luật Cư trú 68/2020/QH14, Điều 31 khoản 1 điểm c (đơn vị hành chính cấp huyện)",
        DISTRICTS_UNDER_LAW_2020,
        _short_service,
        "Người trong độ tuổi nghĩa vụ quân sự chỉ phải khai báo khi đi khỏi huyện từ 03 tháng trở lên.",
        "Who may be called up declares an absence from the district of three months and more.",
        warns_only=True,
    ),
    Rule(
        "absence.three_months",
        "Luật Cư trú 68/2020/QH14, Điều 31 khoản 1 điểm c (từ 01/07/2025 không còn cấp huyện)",
        WITHOUT_DISTRICTS,
        _short_service,
        "Người trong độ tuổi nghĩa vụ quân sự chỉ phải khai báo khi vắng mặt từ 03 tháng trở lên.",
        "Who may be called up declares an absence of three months and more.",
        warns_only=True,
    ),
    Rule(
        "absence.twelve_months",
        "Luật Cư trú 68/2020/QH14, Điều 31 khoản 1 điểm d",
        RESIDENCE_LAW_2020,
        lambda facts: facts.case is AbsenceCase.LONG_ABSENCE and facts.shorter_than(12),
        "Chỉ phải khai báo tạm vắng khi đi khỏi xã, phường từ 12 tháng trở lên.",
        "An absence from the commune is declared when it lasts twelve months and more.",
        warns_only=True,
    ),
    Rule(
        "absence.registered_elsewhere",
        "Luật Cư trú 68/2020/QH14, Điều 31 khoản 1 điểm d",
        RESIDENCE_LAW_2020,
        lambda facts: (
            facts.case is AbsenceCase.LONG_ABSENCE
            and facts.life.residence(ResidenceKind.TEMPORARY, facts.on) is not None
        ),
        "Người này đã đăng ký tạm trú nơi khác: không cần khai báo tạm vắng.",
        "The person is temporarily registered elsewhere: the absence need not be declared.",
        warns_only=True,
    ),
)


@dataclass(frozen=True)
class ReturnFacts:
    """The end of an absence."""

    life: Life
    on: date
    declared_on: date


RETURN: tuple[Rule[ReturnFacts], ...] = (
    Rule(
        "return.absence_lasts",
        "Luật Cư trú 68/2020/QH14, Điều 31",
        ALWAYS,
        lambda facts: not any(absence.covers(facts.on) for absence in facts.life.absences),
        "Không có khai báo tạm vắng nào còn hiệu lực vào ngày đó.",
        "No declared absence lasts on that day.",
    ),
    Rule(
        "return.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 31",
        ALWAYS,
        lambda facts: facts.on > facts.declared_on,
        "Ngày trở về ở trong tương lai.",
        "The day of return lies in the future.",
    ),
)


TEMPORARY_AND_ABSENCE: tuple[Rule[Any], ...] = (*TEMPORARY, *EXTENSION, *ABODE, *ABSENCE, *RETURN)
"""All rules of this module."""
