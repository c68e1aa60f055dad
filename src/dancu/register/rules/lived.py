"""Rules of law about a child who was born and died before the birth was registered."""

from dataclasses import dataclass
from datetime import date

from dancu.kernel.dates import PartialDate, Period
from dancu.register.rules import ALWAYS, Rule
from dancu.register.rules.ties import CODE_2015


@dataclass(frozen=True)
class LivedFacts:
    """A child who was born and died before the birth was registered."""

    born: PartialDate
    died: PartialDate
    declared_on: date
    lived_24_hours: bool
    parents_ask: bool


def _need_not_be_registered(facts: LivedFacts) -> bool:
    return not (facts.lived_24_hours or facts.parents_ask)


LIVED: tuple[Rule[LivedFacts], ...] = (
    *(
        Rule(
            f"lived.twenty_four_hours{suffix}",
            law,
            period,
            _need_not_be_registered,
            "Trẻ sống dưới 24 giờ không phải khai sinh và khai tử, trừ trường hợp cha mẹ đẻ yêu cầu.",
            "A child who lived less than 24 hours is not registered, unless the parents ask for it.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 30 khoản 3", CODE_2015),
            (".2005", "Nghị định 158/2005/NĐ-CP, Điều 23", Period(date(2006, 4, 1), date(2017, 1, 1))),
        )
    ),
    Rule(
        "lived.death_after_birth",
        "Bộ luật Dân sự 91/2015/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.died.latest < facts.born.earliest,
        "Ngày chết ở trước ngày sinh. Kiểm tra lại ngày chết.",
        "The date of death lies before the date of birth. Check the date of death.",
        of_nature=True,
    ),
    Rule(
        "lived.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 33",
        ALWAYS,
        lambda facts: facts.died.earliest > facts.declared_on,
        "Ngày chết ở sau ngày khai. Kiểm tra lại ngày chết.",
        "The date of death lies after the day of declaration. Check the date of death.",
        of_nature=True,
    ),
)
