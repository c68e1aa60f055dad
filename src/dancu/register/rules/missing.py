"""Rules of law about who is declared missing or dead by a court, and about taking that back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import DeathGround, PersonStatus
from dancu.kernel.dates import PartialDate
from dancu.register.life import Life
from dancu.register.rules import ALWAYS, GONE, Rule
from dancu.register.rules.ties import CODE_1995, CODE_2005, CODE_2015


def years_after(day: date, years: int) -> date:
    """Return the same day some years later; 1 March for 29 February."""
    leap_day = day.month == 2 and day.day == 29
    return date(day.year + years, 3, 1) if leap_day else day.replace(year=day.year + years)


@dataclass(frozen=True)
class MissingFacts:
    """Somebody whom a court has declared missing; `last_news` is the day of the last news, and terms run from it."""

    life: Life
    last_news: PartialDate
    on: date
    recorded_on: date


MISSING: tuple[Rule[MissingFacts], ...] = (
    *(
        Rule(
            f"missing.two_years{suffix}",
            law,
            period,
            lambda facts: facts.on < years_after(facts.last_news.earliest, 2),
            "Chưa đủ hai năm kể từ ngày có tin tức cuối cùng.",
            "Two years have not passed since the last news.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 68 khoản 1", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 78 khoản 1", CODE_2005),
            (".1995", "Bộ luật Dân sự 1995, Điều 88", CODE_1995),
        )
    ),
    Rule(
        "missing.alive_so_far",
        "Bộ luật Dân sự 91/2015/QH13, Điều 68 khoản 1",
        ALWAYS,
        lambda facts: facts.life.status in GONE | {PersonStatus.DECLARED_MISSING},
        "Người này đã chết hoặc đã được tuyên bố mất tích.",
        "The person is dead, or was declared missing before.",
        of_nature=True,
    ),
    Rule(
        "missing.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class FoundFacts:
    """A declaration of missing that a court takes back."""

    life: Life
    on: date
    recorded_on: date


FOUND: tuple[Rule[FoundFacts], ...] = (
    Rule(
        "found.was_missing",
        "Bộ luật Dân sự 91/2015/QH13, Điều 70 khoản 1",
        ALWAYS,
        lambda facts: facts.life.status is not PersonStatus.DECLARED_MISSING,
        "Người này không bị tuyên bố mất tích.",
        "The person is not declared missing.",
        of_nature=True,
    ),
    Rule(
        "found.after_missing",
        "Bộ luật Dân sự 91/2015/QH13, Điều 70 khoản 1",
        ALWAYS,
        lambda facts: bool(facts.life.missing_since and facts.on < facts.life.missing_since.earliest),
        "Ngày huỷ tuyên bố ở trước ngày tuyên bố mất tích.",
        "That day lies before the declaration.",
        of_nature=True,
    ),
    Rule(
        "found.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class DeclaredDeathFacts:
    """Somebody whom a court has declared dead.

    Args:
        since: the day from which the term of the ground runs: the declaration of missing, the end of the war,
            the disaster, or the last news.
        decided_on: the day on which the decision took effect.
    """

    life: Life
    ground: DeathGround
    since: date
    decided_on: date
    recorded_on: date


_TERMS_2015 = {
    DeathGround.MISSING_THREE_YEARS: 3,
    DeathGround.WAR_FIVE_YEARS: 5,
    DeathGround.DISASTER_TWO_YEARS: 2,
    DeathGround.NO_NEWS_FIVE_YEARS: 5,
}
_TERMS_BEFORE = _TERMS_2015 | {DeathGround.DISASTER_TWO_YEARS: 1}


def _before(terms: dict[DeathGround, int]) -> Callable[[DeclaredDeathFacts], bool]:
    """The check whether the term of the ground has yet to pass."""

    def breached(facts: DeclaredDeathFacts) -> bool:
        return facts.decided_on < years_after(facts.since, terms[facts.ground])

    return breached


DECLARED_DEATH: tuple[Rule[DeclaredDeathFacts], ...] = (
    *(
        Rule(
            f"declared_death.term{suffix}",
            law,
            period,
            _before(terms),
            "Chưa đủ thời hạn luật định để tuyên bố chết theo căn cứ này.",
            "The term of this ground has not passed.",
        )
        for suffix, law, period, terms in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 71 khoản 1", CODE_2015, _TERMS_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 81 khoản 1", CODE_2005, _TERMS_BEFORE),
            (".1995", "Bộ luật Dân sự 1995, Điều 91", CODE_1995, _TERMS_BEFORE),
        )
    ),
    Rule(
        "declared_death.missing_first",
        "Bộ luật Dân sự 91/2015/QH13, Điều 71 khoản 1 điểm a",
        ALWAYS,
        lambda facts: (
            facts.ground is DeathGround.MISSING_THREE_YEARS and facts.life.status is not PersonStatus.DECLARED_MISSING
        ),
        "Căn cứ này cần quyết định tuyên bố mất tích trước đó.",
        "This ground needs an earlier declaration of missing.",
    ),
    Rule(
        "declared_death.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.decided_on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class ReturnFacts:
    """A declaration of death that a court takes back."""

    life: Life
    on: date
    recorded_on: date


RETURN: tuple[Rule[ReturnFacts], ...] = (
    Rule(
        "return.was_declared_dead",
        "Bộ luật Dân sự 91/2015/QH13, Điều 73 khoản 1",
        ALWAYS,
        lambda facts: facts.life.status is not PersonStatus.DECLARED_DEAD,
        "Người này không bị Toà án tuyên bố là đã chết.",
        "No court has declared the person dead.",
        of_nature=True,
    ),
    Rule(
        "return.after_death",
        "Bộ luật Dân sự 91/2015/QH13, Điều 73 khoản 1",
        ALWAYS,
        lambda facts: bool(facts.life.died and facts.on <= facts.life.died.latest),
        "Ngày huỷ tuyên bố phải ở sau ngày chết đã tuyên bố.",
        "That day must lie after the declared day of death.",
        of_nature=True,
    ),
    Rule(
        "return.decided_by_the_day",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)
