"""Rules of law about households: one unit each, with citation and days in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dancu.kernel.codes import MaritalStatus
from dancu.kernel.dates import completed_years
from dancu.register.life import Life
from dancu.register.rules import ALWAYS, RESIDENCE_LAW_2020, Rule

FULL_AGE = 18


@dataclass(frozen=True)
class HouseholdFacts:
    """Who takes which place in a household.

    Args:
        lives: of all to whom the act gives a place.
        head: whom it makes head, if anybody.
    """

    lives: Mapping[int, Life]
    head: Life | None
    on: date
    registered_on: date


def _age(life: Life, day: date) -> int | None:
    return completed_years(life.born.earliest, day) if life.born else None


def _minor(life: Life, day: date) -> bool:
    return (age := _age(life, day)) is not None and age < FULL_AGE


HOUSEHOLD: tuple[Rule[HouseholdFacts], ...] = (
    Rule(
        "household.alive",
        "Luật Cư trú 68/2020/QH14, Điều 10",
        ALWAYS,
        lambda facts: any(life.died is not None for life in facts.lives.values()),
        "Có người đã được khai tử trong số thành viên.",
        "The death of one of the members is registered.",
    ),
    Rule(
        "household.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 26",
        ALWAYS,
        lambda facts: facts.on > facts.registered_on,
        "Ngày thay đổi trong hộ gia đình ở trong tương lai.",
        "The day of the change lies in the future.",
    ),
    Rule(
        "household.head_of_age",
        "Luật Cư trú 68/2020/QH14, Điều 10",
        RESIDENCE_LAW_2020,
        lambda facts: facts.head is not None and _minor(facts.head, facts.on),
        "Chủ hộ chưa đủ 18 tuổi: chỉ được khi trong hộ không có người có đầy đủ năng lực hành vi dân sự.",
        "The head is under 18: that holds only where nobody in the household has full capacity.",
        warns_only=True,
    ),
)


@dataclass(frozen=True)
class SplitFacts:
    """Members who leave a household and form their own.

    Args:
        leavers: who leave.
        head_consents: the head agrees.
    """

    leavers: Mapping[int, Life]
    on: date
    head_consents: bool


def _of_several_households(facts: SplitFacts) -> bool:
    homes = {(m := life.membership(facts.on)) and m.household_id for life in facts.leavers.values()}
    return len(homes) != 1 or None in homes


SPLIT: tuple[Rule[SplitFacts], ...] = (
    Rule(
        "split.of_one_household",
        "Luật Cư trú 68/2020/QH14, Điều 25 khoản 1",
        ALWAYS,
        _of_several_households,
        "Những người tách hộ phải đang là thành viên của cùng một hộ gia đình.",
        "Those who split off must be members of one household.",
    ),
    Rule(
        "split.full_capacity",
        "Luật Cư trú 68/2020/QH14, Điều 25 khoản 1 điểm a",
        RESIDENCE_LAW_2020,
        lambda facts: all(_minor(life, facts.on) for life in facts.leavers.values()),
        "Trong những người tách hộ phải có ít nhất một người có đầy đủ năng lực hành vi dân sự.",
        "At least one of those who split off must have full capacity to act.",
    ),
    Rule(
        "split.head_consents",
        "Luật Cư trú 68/2020/QH14, Điều 25 khoản 1 điểm b",
        RESIDENCE_LAW_2020,
        lambda facts: (
            not facts.head_consents
            and not any(life.marital is MaritalStatus.DIVORCED for life in facts.leavers.values())
        ),
        "Cần ý kiến đồng ý của chủ hộ, trừ vợ chồng đã ly hôn cùng sử dụng chỗ ở.",
        "The head must agree, except where divorced spouses go on living there.",
    ),
)


HOUSEHOLDS: tuple[Rule[Any], ...] = (*HOUSEHOLD, *SPLIT)
"""All rules of this module."""
