"""Rules of law about the end of registered residence: one unit each, with citation and days in force."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dancu.kernel.codes import PermanentEnd, PersonStatus, ResidenceKind, TemporaryEnd
from dancu.register.life import Life, Residence
from dancu.register.rules import ALWAYS, RESIDENCE_LAW_2020, Rule
from dancu.register.rules.residence import RESIDENCE_LAW_2006, months_after


@dataclass(frozen=True)
class PermanentEndFacts:
    """A deregistration of permanent residence.

    Args:
        since: when what is the ground began: the absence, the end of the lease, the sale.
    """

    life: Life
    ground: PermanentEnd
    on: date
    registered_on: date
    since: date | None = None


_TWELVE_MONTHS = {PermanentEnd.ABSENT_12_MONTHS, PermanentEnd.LODGING_ENDED, PermanentEnd.DWELLING_SOLD}
_GROUNDS_OF_2006 = {
    PermanentEnd.DEAD_OR_MISSING,
    PermanentEnd.JOINED_FORCES,
    PermanentEnd.REGISTRATION_CANCELLED,
    PermanentEnd.SETTLED_ABROAD,
}


def _lives_elsewhere(life: Life, day: date) -> bool:
    temporary = life.residence(ResidenceKind.TEMPORARY, day) is not None
    return temporary or any(absence.covers(day) for absence in life.absences)


DEREGISTRATION: tuple[Rule[PermanentEndFacts], ...] = (
    Rule(
        "deregistration.registered",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1",
        ALWAYS,
        lambda facts: facts.life.residence(ResidenceKind.PERMANENT, facts.on) is None,
        "Người này không có đăng ký thường trú vào ngày đó.",
        "The person has no permanent residence on that day.",
    ),
    Rule(
        "deregistration.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 24",
        ALWAYS,
        lambda facts: facts.on > facts.registered_on,
        "Ngày xóa đăng ký thường trú ở trong tương lai.",
        "The day of deregistration lies in the future.",
    ),
    Rule(
        "deregistration.twelve_months",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm d, e, g",
        RESIDENCE_LAW_2020,
        lambda facts: (
            facts.ground in _TWELVE_MONTHS and (facts.since is None or months_after(facts.since, 12) > facts.on)
        ),
        "Chưa đủ 12 tháng kể từ khi vắng mặt, chấm dứt thuê, mượn, ở nhờ hoặc chuyển quyền sở hữu chỗ ở.",
        "Twelve months since the absence began, the lodging ended or the dwelling was sold are not over.",
    ),
    Rule(
        "deregistration.absence_not_declared",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm d",
        RESIDENCE_LAW_2020,
        lambda facts: facts.ground is PermanentEnd.ABSENT_12_MONTHS and _lives_elsewhere(facts.life, facts.on),
        "Người này đã đăng ký tạm trú nơi khác hoặc đã khai báo tạm vắng: không xóa vì vắng mặt.",
        "The person is temporarily registered elsewhere or declared the absence: that is no ground.",
    ),
    Rule(
        "deregistration.dead_or_missing",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm a",
        ALWAYS,
        lambda facts: facts.ground is PermanentEnd.DEAD_OR_MISSING and facts.life.status is PersonStatus.ALIVE,
        "Chưa có khai tử hoặc quyết định của Tòa án tuyên bố mất tích, đã chết.",
        "No death is registered, and no court has declared the person missing or dead.",
    ),
    Rule(
        "deregistration.nationality_lost",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm đ",
        RESIDENCE_LAW_2020,
        lambda facts: facts.ground is PermanentEnd.NATIONALITY_LOST and facts.life.nationality == "VNM",
        "Dữ liệu còn ghi quốc tịch Việt Nam: cập nhật quyết định thôi, tước quốc tịch trước.",
        "The record still tells Vietnamese nationality: the decision on its loss comes first.",
    ),
    Rule(
        "deregistration.joined_forces",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1",
        RESIDENCE_LAW_2020,
        lambda facts: facts.ground is PermanentEnd.JOINED_FORCES,
        "Từ 01/07/2021, vào quân đội, công an không còn là căn cứ xóa đăng ký thường trú.",
        "Since 1 July 2021 joining the forces is no ground of deregistration.",
    ),
    Rule(
        "deregistration.ground.2006",
        "Luật Cư trú 81/2006/QH11, Điều 22 khoản 1",
        RESIDENCE_LAW_2006,
        lambda facts: facts.ground not in _GROUNDS_OF_2006,
        "Trước 01/07/2021 đây không phải là căn cứ xóa đăng ký thường trú.",
        "Before 1 July 2021 this was no ground of deregistration.",
    ),
)


@dataclass(frozen=True)
class TemporaryEndFacts:
    """A deregistration of temporary residence; `stay` is the one that lasts up to that day."""

    life: Life
    stay: Residence | None
    ground: TemporaryEnd
    on: date
    registered_on: date
    since: date | None = None


def _not_permanent_here(facts: TemporaryEndFacts) -> bool:
    if facts.ground is not TemporaryEnd.PERMANENT_HERE or facts.stay is None:
        return False
    home = facts.life.residence(ResidenceKind.PERMANENT, facts.on)
    return home is None or (home.unit, home.detail) != (facts.stay.unit, facts.stay.detail)


TEMPORARY_END: tuple[Rule[TemporaryEndFacts], ...] = (
    Rule(
        "temporary_end.registered",
        "Luật Cư trú 68/2020/QH14, Điều 29 khoản 1",
        ALWAYS,
        lambda facts: facts.stay is None,
        "Người này không có đăng ký tạm trú vào ngày đó.",
        "The person has no temporary residence on that day.",
    ),
    Rule(
        "temporary_end.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 29",
        ALWAYS,
        lambda facts: facts.on > facts.registered_on,
        "Ngày xóa đăng ký tạm trú ở trong tương lai.",
        "The day of deregistration lies in the future.",
    ),
    Rule(
        "temporary_end.six_months",
        "Luật Cư trú 68/2020/QH14, Điều 29 khoản 1 điểm c",
        RESIDENCE_LAW_2020,
        lambda facts: (
            facts.ground is TemporaryEnd.ABSENT_6_MONTHS
            and (facts.since is None or months_after(facts.since, 6) > facts.on)
        ),
        "Chưa đủ 06 tháng vắng mặt liên tục tại nơi tạm trú.",
        "Six months of unbroken absence from the place are not over.",
    ),
    Rule(
        "temporary_end.six_months.2006",
        "Luật Cư trú 81/2006/QH11, Điều 30 khoản 5",
        RESIDENCE_LAW_2006,
        lambda facts: (
            facts.ground is TemporaryEnd.ABSENT_6_MONTHS
            and (facts.since is None or months_after(facts.since, 6) > facts.on)
        ),
        "Trước 01/07/2021: xóa tên khi không sinh sống tại nơi tạm trú từ 06 tháng trở lên.",
        "Before 1 July 2021 a name was struck off after six months of not living at the place.",
    ),
    Rule(
        "temporary_end.dead_or_missing",
        "Luật Cư trú 68/2020/QH14, Điều 29 khoản 1 điểm a",
        ALWAYS,
        lambda facts: facts.ground is TemporaryEnd.DEAD_OR_MISSING and facts.life.status is PersonStatus.ALIVE,
        "Chưa có khai tử hoặc quyết định của Tòa án tuyên bố mất tích, đã chết.",
        "No death is registered, and no court has declared the person missing or dead.",
    ),
    Rule(
        "temporary_end.permanent_here",
        "Luật Cư trú 68/2020/QH14, Điều 29 khoản 1 điểm đ",
        RESIDENCE_LAW_2020,
        _not_permanent_here,
        "Người này chưa đăng ký thường trú tại chính nơi tạm trú.",
        "The person is not permanently registered at that very place.",
    ),
    Rule(
        "temporary_end.expired",
        "Luật Cư trú 68/2020/QH14, Điều 27 khoản 2",
        ALWAYS,
        lambda facts: facts.ground is TemporaryEnd.EXPIRED and facts.stay is not None and facts.stay.until != facts.on,
        "Thời hạn tạm trú chưa kết thúc vào ngày đó.",
        "The term of temporary residence does not end on that day.",
    ),
)


ENDS_OF_RESIDENCE: tuple[Rule[Any], ...] = (*DEREGISTRATION, *TEMPORARY_END)
"""All rules of this module."""
