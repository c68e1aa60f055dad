"""Rules of law about adoption, in the forms of its eras."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dancu.kernel.dates import PartialDate, Period, completed_years
from dancu.register.life import Life
from dancu.register.rules import ALWAYS, Rule
from dancu.register.rules.family import MARRIAGE_LAW_1959, MARRIAGE_LAW_1986, dead_by, incapable, youngest

ADOPTION_BY_LAW_2000 = Period(date(2001, 1, 1), date(2011, 1, 1))
ADOPTION_LAW_2010 = Period(date(2011, 1, 1))


@dataclass(frozen=True)
class AdoptionFacts:
    """An adoption as it is declared.

    Args:
        adopters: one, or both of a couple.
        of_kin: a step-parent, or an aunt or uncle by blood, adopts.
        child_consents: whether the child has agreed in writing.
        grandparents: records of the child's grandparents.
    """

    child: Life
    adopters: tuple[Life, ...]
    on: PartialDate
    recorded_on: date
    of_kin: bool = False
    child_consents: bool = False
    grandparents: frozenset[int] = frozenset()


def _child_too_old(facts: AdoptionFacts) -> bool:
    years = youngest(facts.child, facts.on)
    return years is not None and years >= (18 if facts.of_kin else 16)


def _child_over_fifteen(facts: AdoptionFacts) -> bool:
    years = youngest(facts.child, facts.on)
    return years is not None and years > 15


def _gaps(facts: AdoptionFacts) -> Iterator[int]:
    born = facts.child.born
    for adopter in facts.adopters:
        if born and adopter.born:
            yield completed_years(adopter.born.earliest, born.latest)


def _gap_too_small(facts: AdoptionFacts) -> bool:
    return any(gap < 20 for gap in _gaps(facts))


def _not_a_couple(facts: AdoptionFacts) -> bool:
    if len(facts.adopters) == 1:
        return facts.adopters[0].spouse is not None and not facts.of_kin
    one, other = facts.adopters
    return one.spouse is None or one.spouse.person_id != other.person_id


def _parents(life: Life) -> set[int]:
    return {kin.person_id for kin in (life.father, life.mother) if kin and kin.person_id}


def _of_own_line(facts: AdoptionFacts) -> bool:
    parents = _parents(facts.child)
    if any(adopter.person_id in facts.grandparents for adopter in facts.adopters):
        return True
    return any(adopter.person_id in parents or parents & _parents(adopter) for adopter in facts.adopters)


def _silent_from_nine(facts: AdoptionFacts) -> bool:
    years = youngest(facts.child, facts.on)
    return years is not None and years >= 9 and not facts.child_consents


ADOPTION: tuple[Rule[AdoptionFacts], ...] = (
    Rule(
        "adoption.child_age",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 8 khoản 1, khoản 2",
        ADOPTION_LAW_2010,
        _child_too_old,
        "Con nuôi phải dưới 16 tuổi; dưới 18 tuổi nếu cha dượng, mẹ kế, cô, cậu, dì, chú, bác ruột nhận.",
        "A child is adopted under 16; under 18 by a step-parent or an aunt or uncle by blood.",
    ),
    *(
        Rule(
            f"adoption.child_age{suffix}",
            law,
            period,
            _child_over_fifteen,
            "Trước năm 2011: người được nhận làm con nuôi phải từ mười lăm tuổi trở xuống.",
            "Before 2011 a child was adopted at 15 years of age or less.",
        )
        for suffix, law, period in (
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 68 khoản 1", ADOPTION_BY_LAW_2000),
            (".1986", "Luật Hôn nhân và gia đình 21-LCT/HĐNN7, Điều 36", MARRIAGE_LAW_1986),
        )
    ),
    Rule(
        "adoption.twenty_years_older",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 14 khoản 1 điểm b, khoản 3",
        ADOPTION_LAW_2010,
        lambda facts: not facts.of_kin and _gap_too_small(facts),
        "Người nhận con nuôi phải hơn con nuôi từ 20 tuổi trở lên.",
        "Who adopts must be 20 years older than the child.",
    ),
    *(
        Rule(
            f"adoption.twenty_years_older{suffix}",
            law,
            period,
            _gap_too_small,
            "Người nhận nuôi phải hơn con nuôi từ hai mươi tuổi trở lên.",
            "Before 2011, too, who adopted had to be 20 years older.",
        )
        for suffix, law, period in (
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 69 khoản 2", ADOPTION_BY_LAW_2000),
            (".1986", "Luật Hôn nhân và gia đình 21-LCT/HĐNN7, Điều 35", MARRIAGE_LAW_1986),
        )
    ),
    *(
        Rule(
            f"adoption.one_or_a_couple{suffix}",
            law,
            period,
            _not_a_couple,
            "Một người chỉ làm con nuôi của một người độc thân hoặc của cả hai người là vợ chồng.",
            "A child is adopted by one unmarried person or by both of a couple.",
        )
        for suffix, law, period in (
            ("", "Luật Nuôi con nuôi 52/2010/QH12, Điều 8 khoản 3", ADOPTION_LAW_2010),
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 68 khoản 2", ADOPTION_BY_LAW_2000),
        )
    ),
    Rule(
        "adoption.not_adopted",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 8 khoản 3",
        ALWAYS,
        lambda facts: facts.child.adoption is not None,
        "Trẻ đang là con nuôi: phải chấm dứt việc nuôi con nuôi trước.",
        "The child is adopted already: that adoption must end first.",
    ),
    Rule(
        "adoption.capable",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 14 khoản 1 điểm a",
        ADOPTION_LAW_2010,
        lambda facts: any(incapable(adopter, facts.on) for adopter in facts.adopters),
        "Người nhận con nuôi phải có năng lực hành vi dân sự đầy đủ.",
        "Who adopts must have full civil capacity.",
    ),
    Rule(
        "adoption.not_of_own_line",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 13 khoản 5",
        ADOPTION_LAW_2010,
        _of_own_line,
        "Cha, mẹ đẻ không nhận con mình, ông bà không nhận cháu, anh chị em không nhận nhau làm con nuôi.",
        "Nobody adopts an own child, a grandchild, a brother or a sister.",
    ),
    *(
        Rule(
            f"adoption.consent_from_nine{suffix}",
            law,
            period,
            _silent_from_nine,
            "Trẻ từ đủ 9 tuổi phải đồng ý làm con nuôi. Bổ sung văn bản đồng ý.",
            "A child of nine years or more must agree. Add the consent in writing.",
        )
        for suffix, law, period in (
            ("", "Luật Nuôi con nuôi 52/2010/QH12, Điều 21 khoản 1", ADOPTION_LAW_2010),
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 71 khoản 2", ADOPTION_BY_LAW_2000),
        )
    ),
    Rule(
        "adoption.alive",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 8, Điều 14",
        ALWAYS,
        lambda facts: any(dead_by(life, facts.on) for life in (facts.child, *facts.adopters)),
        "Trẻ hoặc người nhận nuôi đã chết trước ngày này.",
        "The child or who adopts had died before that day.",
        of_nature=True,
    ),
    Rule(
        "adoption.not_in_the_future",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 22",
        ALWAYS,
        lambda facts: facts.on.earliest > facts.recorded_on,
        "Ngày giao nhận con nuôi ở trong tương lai.",
        "The day of the adoption lies in the future.",
    ),
)


@dataclass(frozen=True)
class AdoptionEndFacts:
    """The end of an adoption, as a court has decided."""

    child: Life
    on: PartialDate
    recorded_on: date


def _no_adoption(facts: AdoptionEndFacts) -> bool:
    lasting = facts.child.adoption
    return lasting is None or facts.on.latest < lasting.since.earliest


ADOPTION_END: tuple[Rule[AdoptionEndFacts], ...] = (
    *(
        Rule(
            f"adoption_end.adopted{suffix}",
            law,
            period,
            _no_adoption,
            "Người này không là con nuôi vào ngày này.",
            "The person is not adopted on that day.",
            of_nature=True,
        )
        for suffix, law, period in (
            ("", "Luật Nuôi con nuôi 52/2010/QH12, Điều 25, Điều 26", ADOPTION_LAW_2010),
            (".2000", "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 76", ADOPTION_BY_LAW_2000),
            (".1986", "Luật Hôn nhân và gia đình 21-LCT/HĐNN7, Điều 39", MARRIAGE_LAW_1986),
            (".1959", "Luật Hôn nhân và gia đình 1959 (nuôi con nuôi)", MARRIAGE_LAW_1959),
        )
    ),
    Rule(
        "adoption_end.not_in_the_future",
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 26",
        ALWAYS,
        lambda facts: facts.on.earliest > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)

ADOPTION_RULES = (*ADOPTION, *ADOPTION_END)
