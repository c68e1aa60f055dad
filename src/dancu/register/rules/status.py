"""Rules of law about missing and dead by declaration, capacity, nationality, changes and protection."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Capacity, DeathGround, PersonStatus, ProtectionGround
from dancu.kernel.dates import PartialDate, Period
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.rules import ALWAYS, CIVIL_STATUS_LAW, DECREE_158, Rule
from dancu.register.rules.family import OF_AGE, youngest
from dancu.register.rules.ties import CODE_1995, CODE_2005, CODE_2015

_GONE = frozenset({PersonStatus.DEAD, PersonStatus.DECLARED_DEAD})
_VOID = frozenset({PersonStatus.MERGED, PersonStatus.ANNULLED})


def years_after(day: date, years: int) -> date:
    """Return the same day some years later; 1 March for 29 February."""
    leap_day = day.month == 2 and day.day == 29
    return date(day.year + years, 3, 1) if leap_day else day.replace(year=day.year + years)


# Missing, and dead by declaration --------------------------------------------------------------------------------


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
        lambda facts: facts.life.status in _GONE | {PersonStatus.DECLARED_MISSING},
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
        "return.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


# Capacity, nationality, changes ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CapacityFacts:
    """Civil capacity as a court has found it."""

    life: Life
    capacity: Capacity
    on: date
    recorded_on: date


def _difficult_minor(facts: CapacityFacts) -> bool:
    years = youngest(facts.life, PartialDate.on(facts.on))
    return facts.capacity is Capacity.DIFFICULT and years is not None and years < OF_AGE


CAPACITY: tuple[Rule[CapacityFacts], ...] = (
    Rule(
        "capacity.difficult_of_adults",
        "Bộ luật Dân sự 91/2015/QH13, Điều 23 khoản 1",
        CODE_2015,
        _difficult_minor,
        "Chỉ người thành niên mới được tuyên bố có khó khăn trong nhận thức, làm chủ hành vi.",
        "Only an adult is found to have difficulty in cognition and control of behaviour.",
    ),
    Rule(
        "capacity.difficult_since_2017",
        "Bộ luật Dân sự 33/2005/QH11, Điều 22, Điều 23",
        Period(date(1800, 1, 1), date(2017, 1, 1)),
        lambda facts: facts.capacity is Capacity.DIFFICULT,
        "Trước ngày 01/01/2017 luật chưa có tình trạng khó khăn trong nhận thức, làm chủ hành vi.",
        "Before 1 January 2017 the law did not know this state.",
    ),
    Rule(
        "capacity.changes",
        "Bộ luật Dân sự 91/2015/QH13, Điều 22, Điều 23, Điều 24",
        ALWAYS,
        lambda facts: facts.capacity is facts.life.capacity,
        "Năng lực hành vi dân sự đã được ghi như vậy.",
        "That capacity is recorded already.",
    ),
    Rule(
        "capacity.alive",
        "Bộ luật Dân sự 91/2015/QH13, Điều 16 khoản 3",
        ALWAYS,
        lambda facts: facts.life.status in _GONE,
        "Người này đã chết.",
        "The person is dead.",
        of_nature=True,
    ),
    Rule(
        "capacity.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class NationalityFacts:
    """A nationality gained, given up or taken away."""

    life: Life
    nationality: str
    on: date
    recorded_on: date


NATIONALITY: tuple[Rule[NationalityFacts], ...] = (
    *(
        Rule(
            f"nationality.changes{suffix}",
            law,
            period,
            lambda facts: facts.nationality == facts.life.nationality,
            "Quốc tịch này đã được ghi.",
            "That nationality is recorded already.",
        )
        for suffix, law, period in (
            ("", "Luật Quốc tịch Việt Nam 24/2008/QH12, Điều 19, Điều 23, Điều 27", Period(date(2009, 7, 1))),
            (".1998", "Luật Quốc tịch Việt Nam 07/1998/QH10", Period(date(1999, 1, 1), date(2009, 7, 1))),
            (".1988", "Luật Quốc tịch Việt Nam 1988", Period(date(1988, 7, 15), date(1999, 1, 1))),
        )
    ),
    Rule(
        "nationality.alive",
        "Luật Quốc tịch Việt Nam 24/2008/QH12, Điều 26",
        ALWAYS,
        lambda facts: facts.life.status in _GONE,
        "Người này đã chết.",
        "The person is dead.",
        of_nature=True,
    ),
    Rule(
        "nationality.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class ChangeFacts:
    """Particulars that change from a day on; unlike a correction, which says that they never were so.

    Args:
        consents: whether the person has agreed in writing.
    """

    life: Life
    told: Payload
    on: date
    recorded_on: date
    consents: bool = True


def _silent_from(age: int, facts: ChangeFacts) -> bool:
    years = youngest(facts.life, PartialDate.on(facts.on))
    return years is not None and years >= age and not facts.consents


def _renamed_silently(facts: ChangeFacts) -> bool:
    return facts.told.name is not None and _silent_from(9, facts)


def _of_other_ethnicity_silently(facts: ChangeFacts) -> bool:
    return facts.told.ethnicity is not None and _silent_from(15, facts)


CHANGE: tuple[Rule[ChangeFacts], ...] = (
    Rule(
        "change.record_stands",
        "Luật Hộ tịch 60/2014/QH13, Điều 26",
        ALWAYS,
        lambda facts: facts.life.status in _VOID,
        "Hồ sơ này đã bị huỷ hoặc hợp nhất.",
        "This record was annulled or merged.",
    ),
    *(
        Rule(
            f"change.alive{suffix}",
            law,
            period,
            lambda facts: facts.life.status in _GONE,
            "Thông tin hộ tịch của người chết đã khoá; chỉ cải chính sai sót, không thay đổi.",
            "The civil status of the dead is locked: mistakes are corrected, nothing is changed.",
        )
        for suffix, law, period in (
            ("", "Luật Hộ tịch 60/2014/QH13, Điều 34 khoản 2", CIVIL_STATUS_LAW),
            (".2005", "Nghị định 158/2005/NĐ-CP, Điều 36", DECREE_158),
        )
    ),
    *(
        Rule(
            f"change.name_consent_from_nine{suffix}",
            law,
            period,
            _renamed_silently,
            "Thay đổi họ, tên cho người từ đủ chín tuổi phải có sự đồng ý của người đó.",
            "From nine years on, a name is changed only with the person's consent.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 27 khoản 2, Điều 28 khoản 2", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 27 khoản 2", CODE_2005),
        )
    ),
    *(
        Rule(
            f"change.ethnicity_consent_from_fifteen{suffix}",
            law,
            period,
            _of_other_ethnicity_silently,
            "Xác định lại dân tộc cho người từ đủ mười lăm tuổi phải được người đó đồng ý.",
            "From fifteen years on, ethnicity is determined anew only with the person's consent.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 29 khoản 4", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 28", CODE_2005),
        )
    ),
    Rule(
        "change.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 28",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Ngày thay đổi ở trong tương lai.",
        "The day of the change lies in the future.",
    ),
)


# Protection ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProtectionFacts:
    """A ground of protection that begins or ends."""

    life: Life
    ground: ProtectionGround
    begins: bool


PROTECTION: tuple[Rule[ProtectionFacts], ...] = (
    Rule(
        "protection.new",
        "Bộ luật Tố tụng hình sự 101/2015/QH13, Điều 484-490; Luật Phòng, chống bạo lực gia đình 13/2022/QH15",
        ALWAYS,
        lambda facts: facts.begins and facts.ground in facts.life.protections,
        "Hồ sơ đã được bảo vệ theo căn cứ này.",
        "The record is protected on this ground already.",
    ),
    Rule(
        "protection.stands",
        "Bộ luật Tố tụng hình sự 101/2015/QH13, Điều 489",
        ALWAYS,
        lambda facts: not facts.begins and facts.ground not in facts.life.protections,
        "Hồ sơ không được bảo vệ theo căn cứ này.",
        "The record is not protected on this ground.",
    ),
)

# The child who lived a day ---------------------------------------------------------------------------------------


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

STATUS_RULES = (*LIVED, *MISSING, *FOUND, *DECLARED_DEATH, *RETURN, *CAPACITY, *NATIONALITY, *CHANGE, *PROTECTION)
