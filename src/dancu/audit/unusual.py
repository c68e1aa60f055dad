"""Unusual use: what an auditor should ask about, each with its reason; a question, not a verdict. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from statistics import median

from dancu.audit.entry import Operation
from dancu.audit.reading import Use, Volume
from dancu.kernel.time import STATE_TIME

OPENS, CLOSES = time(6, 30), time(19, 0)
"""Office hours with the time before and after in which people are still at their desks."""
MANY_LOOKS = 60
MANY_TIMES = 4
MANY_REFUSED = 10
_DAYS_FOR_HABIT = 5
_DEEDS = frozenset({Operation.WRITE, Operation.PROPOSE, Operation.DECIDE, Operation.UNMASK})
_LOOKS = _DEEDS | {Operation.SEARCH, Operation.LOOK_UP, Operation.READ, Operation.EXPORT}


class Why(StrEnum):
    """Why a use is unusual."""

    SELF = "self"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    AFTER_HOURS = "after_hours"
    VOLUME = "volume"
    REFUSED = "refused"


@dataclass(frozen=True)
class Rule:
    """A rule: its titles, what it looks for, and on what it rests."""

    why: Why
    title_vi: str
    title_en: str
    looks_for_vi: str
    looks_for_en: str
    law: str


_CONFLICT = "Luật Phòng, chống tham nhũng 36/2018/QH14, Điều 23"
_PURPOSE = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"

RULES: dict[Why, Rule] = {
    rule.why: rule
    for rule in (
        Rule(
            Why.SELF,
            "Tra cứu chính mình",
            "Oneself",
            "Cán bộ mở hoặc ghi hồ sơ của chính mình, hoặc đề nghị, duyệt việc về chính mình.",
            "The officer opened or wrote the own record, or proposed or decided on an act about it.",
            _CONFLICT,
        ),
        Rule(
            Why.RELATIVE,
            "Tra cứu người thân",
            "Relatives",
            "Cán bộ mở hồ sơ của cha, mẹ, vợ, chồng, con, anh, chị, em hoặc người cùng hộ, kể cả khi có hồ sơ.",
            "The officer opened the record of a parent, spouse, child, sibling or housemate, on a dossier or not.",
            _CONFLICT,
        ),
        Rule(
            Why.NEIGHBOUR,
            "Tra cứu hàng xóm",
            "Neighbours",
            "Cán bộ mở, không theo hồ sơ nào, hồ sơ của người cùng địa chỉ chi tiết với mình.",
            "The officer opened, on no dossier, the record of somebody at the same address in the same unit.",
            _PURPOSE,
        ),
        Rule(
            Why.AFTER_HOURS,
            "Ngoài giờ",
            "After hours",
            "Tra cứu vào ngày nghỉ, trước 6 giờ 30 hoặc sau 19 giờ.",
            "Looks on days of rest, before 6:30 or after 19:00.",
            _PURPOSE,
        ),
        Rule(
            Why.VOLUME,
            "Số lượng bất thường",
            "Volume",
            "Trong một ngày, hơn bốn lần mức thường ngày của mình, hoặc của mọi người nếu chưa có mức riêng.",
            "On one day, more than four times the own habit, or that of all where there is no own yet.",
            _PURPOSE,
        ),
        Rule(
            Why.REFUSED,
            "Bị từ chối nhiều lần",
            "Often refused",
            "Trong một ngày bị từ chối nhiều lần: có thể đang dò.",
            "Refused many times on one day: perhaps guessing.",
            _PURPOSE,
        ),
    )
}


@dataclass(frozen=True)
class Circle:
    """Who stands near an officer, by ids of the register; empty where the officer's own record is not known."""

    own: int | None = None
    relatives: frozenset[int] = frozenset()
    neighbours: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Suspicion:
    """One thing to ask an officer about.

    Args:
        day: in the time of the State.
        log_ids: rows of the log that it rests on, the first first.
        persons: whom of the officer's circle it is about.
        count: of looks or refusals.
        usual: what would have been usual, where that can be told.
        on_dossier: whether all of it was done on a dossier.
    """

    why: Why
    officer_id: int
    day: date
    log_ids: tuple[int, ...] = ()
    persons: frozenset[int] = field(default=frozenset())
    count: int = 0
    usual: float | None = None
    on_dossier: bool = False

    @property
    def rule(self) -> Rule:
        """The rule that found it."""
        return RULES[self.why]


def unusual(
    uses: Iterable[Use],
    *,
    circles: Mapping[int, Circle],
    volumes: Sequence[Volume],
    is_working_day: Callable[[date], bool],
) -> list[Suspicion]:
    """List what is unusual, the latest day first and the gravest before.

    Args:
        uses: accesses of officers, in any order.
        circles: who stands near each officer.
        volumes: of the same days and of those before, for what is usual.
        is_working_day: the calendar of the State.
    """
    by_day: dict[tuple[int, date], list[Use]] = defaultdict(list)
    for use in sorted(uses, key=lambda use: use.log_id):
        if use.officer_id is not None and use.what in _LOOKS:
            by_day[use.officer_id, _day(use.logged_at)].append(use)
    found: list[Suspicion] = []
    for (officer_id, day), done in by_day.items():
        found += _near(officer_id, day, done, circles.get(officer_id, Circle()))
        found += _late(officer_id, day, done, is_working_day)
    found += _too_much(volumes)
    return sorted(found, key=lambda one: (-one.day.toordinal(), list(Why).index(one.why), one.officer_id))


def _near(officer_id: int, day: date, done: Sequence[Use], circle: Circle) -> Iterable[Suspicion]:
    own = frozenset() if circle.own is None else frozenset({circle.own})
    for why, near, any_dossier in (
        (Why.SELF, own, True),
        (Why.RELATIVE, circle.relatives - own, True),
        (Why.NEIGHBOUR, circle.neighbours - circle.relatives - own, False),
    ):
        # A list that names many tells little: a search counts only where it found that one alone. An act means all.
        hits = [
            use
            for use in done
            if use.about & near and (use.person_id is not None or len(use.about) == 1 or use.what in _DEEDS)
            if any_dossier or use.dossier_id is None
        ]
        if hits:
            yield Suspicion(
                why,
                officer_id,
                day,
                log_ids=tuple(use.log_id for use in hits),
                persons=frozenset().union(*(use.about & near for use in hits)),
                count=len(hits),
                on_dossier=all(use.dossier_id is not None for use in hits),
            )


def _late(
    officer_id: int, day: date, done: Sequence[Use], is_working_day: Callable[[date], bool]
) -> Iterable[Suspicion]:
    at_rest = not is_working_day(day)
    late = [use for use in done if at_rest or not OPENS <= use.logged_at.astimezone(STATE_TIME).time() < CLOSES]
    if late:
        yield Suspicion(
            Why.AFTER_HOURS,
            officer_id,
            day,
            log_ids=tuple(use.log_id for use in late),
            count=len(late),
            on_dossier=all(use.dossier_id is not None for use in late),
        )


def _too_much(volumes: Sequence[Volume]) -> Iterable[Suspicion]:
    everybody = median([one.looks for one in volumes]) if volumes else 0
    own: dict[int, list[Volume]] = defaultdict(list)
    for one in volumes:
        own[one.officer_id].append(one)
    for one in volumes:
        others = [other.looks for other in own[one.officer_id] if other.day != one.day]
        usual = median(others) if len(others) >= _DAYS_FOR_HABIT else everybody
        if one.looks >= MANY_LOOKS and one.looks > MANY_TIMES * usual:
            yield Suspicion(Why.VOLUME, one.officer_id, one.day, count=one.looks, usual=usual)
        if one.refused >= MANY_REFUSED:
            yield Suspicion(Why.REFUSED, one.officer_id, one.day, count=one.refused)


def _day(moment: datetime) -> date:
    return moment.astimezone(STATE_TIME).date()
