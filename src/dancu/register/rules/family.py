"""Rules of law about the end of marriages and about parents: each in the forms of its eras."""

from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Capacity, Sex
from dancu.kernel.dates import PartialDate, Period, completed_years
from dancu.register.family import same_kin
from dancu.register.life import Life, Marriage
from dancu.register.payloads import Kin
from dancu.register.rules import ALWAYS, CIVIL_STATUS_LAW, DECREE_83, DECREE_158, MARRIAGE_LAW_2014, Rule

MARRIAGE_LAW_1959 = Period(date(1800, 1, 1), date(1987, 1, 3))
MARRIAGE_LAW_1986 = Period(date(1987, 1, 3), date(2001, 1, 1))
MARRIAGE_LAW_2000 = Period(date(2001, 1, 1), date(2015, 1, 1))

OF_AGE = 18


def youngest(life: Life, day: PartialDate) -> int | None:
    """The least number of completed years that partial dates allow."""
    return completed_years(life.born.latest, day.earliest) if life.born else None


def oldest(life: Life, day: PartialDate) -> int | None:
    """The greatest number of completed years that partial dates allow."""
    return completed_years(life.born.earliest, day.latest) if life.born else None


def under(age: int, life: Life, day: PartialDate) -> bool:
    """Tell whether a person is certain to be younger."""
    years = oldest(life, day)
    return years is not None and years < age


def dead_by(life: Life, day: PartialDate) -> bool:
    """Tell whether a person is certain to have died before a day."""
    return life.died is not None and life.died.latest < day.earliest


def incapable(life: Life, day: PartialDate) -> bool:
    """Tell whether a person is a minor or has no full civil capacity."""
    return life.capacity is not Capacity.FULL or under(OF_AGE, life, day)


# The end of a marriage -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MarriageEndFacts:
    """A marriage that a court has ended or annulled, from `on` on; `other` where the spouse has a record."""

    life: Life
    other: Life | None
    spouse: Kin
    on: PartialDate
    recorded_on: date

    @property
    def marriage(self) -> Marriage | None:
        """The marriage of the two that lasts, or that a later fact has ended."""
        with_spouse = (m for m in reversed(self.life.marriages) if same_kin(m.spouse, self.spouse))
        return next((m for m in with_spouse if m.until is None or m.until.latest > self.on.latest), None)


def _not_married(facts: MarriageEndFacts) -> bool:
    return facts.marriage is None


def _in_future(facts: MarriageEndFacts) -> bool:
    return facts.on.earliest > facts.recorded_on


def _before_wedding(facts: MarriageEndFacts) -> bool:
    since = facts.marriage.restored or facts.marriage.since if facts.marriage else None
    return since is not None and facts.on.latest < since.earliest


def _end_after_death(facts: MarriageEndFacts) -> bool:
    return any(dead_by(life, facts.on) for life in (facts.life, facts.other) if life)


DIVORCE: tuple[Rule[MarriageEndFacts], ...] = (
    Rule(
        "divorce.both_alive",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 65",
        ALWAYS,
        _end_after_death,
        "Một bên đã chết trước ngày này: hôn nhân đã chấm dứt vì chết.",
        "One of the two had died before that day: the death has ended the marriage.",
        of_nature=True,
    ),
    *(
        Rule(
            f"divorce.married{suffix}",
            law,
            period,
            _not_married,
            "Không có quan hệ hôn nhân nào giữa hai người vào ngày này. Kiểm tra lại bản án và ngày có hiệu lực.",
            "The two are not married on that day. Check the judgment and the day it took effect.",
            of_nature=True,
        )
        for suffix, law, period in (
            ("", "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 51, Điều 57 khoản 1", MARRIAGE_LAW_2014),
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 85, Điều 89", MARRIAGE_LAW_2000),
            (".1986", "Luật Hôn nhân và gia đình 21-LCT/HĐNN7, Điều 40", MARRIAGE_LAW_1986),
            (".1959", "Luật Hôn nhân và gia đình 1959 (ly hôn)", MARRIAGE_LAW_1959),
        )
    ),
    Rule(
        "divorce.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        _in_future,
        "Bản án ly hôn chưa có hiệu lực: ngày ở trong tương lai.",
        "The judgment has not taken effect: its day lies in the future.",
    ),
    Rule(
        "divorce.after_wedding",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 57 khoản 1",
        ALWAYS,
        _before_wedding,
        "Ngày ly hôn ở trước ngày kết hôn.",
        "The divorce lies before the wedding.",
        of_nature=True,
    ),
)

MARRIAGE_ANNULMENT: tuple[Rule[MarriageEndFacts], ...] = (
    *(
        Rule(
            f"marriage_annulment.married{suffix}",
            law,
            period,
            _not_married,
            "Không có quan hệ hôn nhân nào để huỷ vào ngày này.",
            "There is no marriage of the two to annul on that day.",
            of_nature=True,
        )
        for suffix, law, period in (
            ("", "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 10, Điều 11, Điều 12", MARRIAGE_LAW_2014),
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 15, Điều 16, Điều 17", MARRIAGE_LAW_2000),
            (".1986", "Luật Hôn nhân và gia đình 21-LCT/HĐNN7, Điều 9", MARRIAGE_LAW_1986),
            (".1959", "Luật Hôn nhân và gia đình 1959 (kết hôn trái pháp luật)", MARRIAGE_LAW_1959),
        )
    ),
    Rule(
        "marriage_annulment.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        _in_future,
        "Quyết định huỷ kết hôn chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
    Rule(
        "marriage_annulment.after_wedding",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 11",
        ALWAYS,
        _before_wedding,
        "Ngày huỷ kết hôn ở trước ngày kết hôn.",
        "The annulment lies before the wedding.",
        of_nature=True,
    ),
)


# Recognition -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecognitionFacts:
    """A parent and a child who recognise one another. Lawful also when one of the two has died."""

    child: Life
    father: Life | None
    mother: Life | None
    on: PartialDate
    recorded_on: date
    by_court: bool = False
    no_father: bool = False
    no_mother: bool = False


def _needs_a_court(facts: RecognitionFacts) -> bool:
    return not facts.by_court and (facts.no_father or facts.no_mother or _another_parent(facts))


def _nobody_recorded(facts: RecognitionFacts) -> bool:
    """Tell whether nobody stands recorded in the place of a parent who is found to be none."""
    kept = facts.child.adoption
    recorded = (
        (facts.no_father, kept.birth_father if kept else facts.child.father),
        (facts.no_mother, kept.birth_mother if kept else facts.child.mother),
    )
    return any(found and kin is None for found, kin in recorded)


def _another_parent(facts: RecognitionFacts) -> bool:
    """Tell whether another person stands recorded in the place of the one who is recognised."""
    kept = facts.child.adoption
    recorded = (
        (facts.father, kept.birth_father if kept else facts.child.father),
        (facts.mother, kept.birth_mother if kept else facts.child.mother),
    )
    return any(
        parent is not None and kin is not None and kin.person_id not in {None, parent.person_id}
        for parent, kin in recorded
    )


def _parent_not_older(facts: RecognitionFacts) -> bool:
    born = facts.child.born
    parents = (parent.born for parent in (facts.father, facts.mother) if parent)
    return born is not None and any(day is not None and day.earliest.year >= born.latest.year for day in parents)


RECOGNITION: tuple[Rule[RecognitionFacts], ...] = (
    *(
        Rule(
            f"recognition.undisputed{suffix}",
            law,
            period,
            _needs_a_court,
            "Đã có người khác được ghi là cha hoặc mẹ: việc xác định cha, mẹ, con thuộc thẩm quyền của Toà án.",
            "Somebody else is recorded as the parent: a court must decide.",
        )
        for suffix, law, period in (
            (
                "",
                "Luật Hộ tịch 60/2014/QH13, Điều 25; Luật Hôn nhân và gia đình 52/2014/QH13, Điều 101",
                CIVIL_STATUS_LAW,
            ),
            (".2005", "Nghị định 158/2005/NĐ-CP, Điều 32", DECREE_158),
            (".1998", "Nghị định 83/1998/NĐ-CP (đăng ký việc nhận cha, mẹ, con)", DECREE_83),
        )
    ),
    Rule(
        "recognition.somebody_recorded",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 101 khoản 2",
        ALWAYS,
        _nobody_recorded,
        "Hồ sơ không ghi người cha hoặc mẹ nào để chấm dứt.",
        "No parent is recorded there who could be found to be none.",
    ),
    Rule(
        "recognition.two_sexes",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 90, Điều 91",
        ALWAYS,
        lambda facts: bool(
            (facts.father and facts.father.sex is Sex.FEMALE) or (facts.mother and facts.mother.sex is Sex.MALE)
        ),
        "Giới tính của người được nhận là cha hoặc mẹ không phù hợp. Kiểm tra lại số định danh.",
        "The recorded sex does not fit a father or a mother. Check the number.",
    ),
    Rule(
        "recognition.parent_is_older",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 88",
        ALWAYS,
        _parent_not_older,
        "Cha hoặc mẹ không lớn tuổi hơn con. Kiểm tra lại số định danh.",
        "The parent is not older than the child. Check the number.",
        of_nature=True,
    ),
    Rule(
        "recognition.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 25",
        ALWAYS,
        lambda facts: facts.on.earliest > facts.recorded_on,
        "Ngày nhận cha, mẹ, con ở trong tương lai.",
        "The day of the recognition lies in the future.",
    ),
    Rule(
        "recognition.not_oneself",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 88",
        ALWAYS,
        lambda facts: facts.child.person_id in {life.person_id for life in (facts.father, facts.mother) if life},
        "Cần hai người khác nhau.",
        "Two different persons are needed.",
        of_nature=True,
    ),
)

FAMILY_RULES = (*DIVORCE, *MARRIAGE_ANNULMENT, *RECOGNITION)
