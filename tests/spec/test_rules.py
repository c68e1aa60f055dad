"""The law as tables: facts in, answer out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from dancu.kernel.codes import PersonStatus, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Refused
from dancu.register.model import Life, Marriage, Residence
from dancu.register.payloads import Kin
from dancu.register.rules import civil as rules
from dancu.register.rules import judge
from dancu.register.rules.civil import BirthFacts, CorrectionFacts, DeathFacts, MarriageFacts, MoveFacts

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
ALLOWED = ""


def life(person_id: int, sex: Sex, born: str, **more: object) -> Life:
    return Life(person_id, 1, NOW, born=PartialDate.parse(born), sex=sex, **more)  # type: ignore[arg-type]


def answer(of: object, facts: object, on: date, *, history: bool = False) -> str:
    """The rule that refuses, `warns: ...`, or nothing."""
    try:
        warned = judge(of, facts, on=on, recording_history=history)  # type: ignore[arg-type]
    except Refused as refused:
        return refused.rule if refused.law and refused.in_force <= on else "a refusal without law"
    return "warns: " + " ".join(one.rule for one in warned) if warned else ALLOWED


MARRIAGES = [
    # born him, born her, on, answer: the age is of completed years since 2015
    ("2006-11-24", "2008-11-24", "2026-11-24", ALLOWED),
    ("2006-11-25", "2008-11-24", "2026-11-24", "marriage.age"),
    ("2006-11-24", "2008-11-25", "2026-11-24", "marriage.age"),
    ("1995-01-01", "1997-01-01", "2015-01-01", ALLOWED),
    ("1995-01-02", "1997-01-01", "2015-01-01", "marriage.age"),
    # before 2015: from the twentieth and the eighteenth year, that is 19 and 17 completed ones
    ("1995-12-31", "1997-12-31", "2014-12-31", ALLOWED),
    ("1996-01-01", "1997-12-31", "2014-12-31", "marriage.age.2000"),
    ("1995-12-31", "1998-01-01", "2014-12-31", "marriage.age.2000"),
    # a year alone is read in favour of those who marry
    ("2006", "2008", "2026-11-24", ALLOWED),
    # before 3 January 1987 marriages in fact are recognised
    ("1971-01-01", "1972-01-01", "1987-01-02", "warns: marriage.before_1987"),
    ("1971-01-01", "1972-01-01", "1987-01-03", "marriage.age.2000"),
]


@pytest.mark.parametrize(("his", "hers", "on", "expected"), MARRIAGES)
def test_the_age_at_marriage_follows_the_law_of_the_day(his: str, hers: str, on: str, expected: str) -> None:
    facts = MarriageFacts(life(1, Sex.MALE, his), life(2, Sex.FEMALE, hers), PartialDate.parse(on))
    assert answer(rules.MARRIAGE, facts, date.fromisoformat(on)) == expected


@pytest.mark.parametrize(("his", "hers", "on", "expected"), MARRIAGES)
def test_what_happened_is_recorded_with_a_warning(his: str, hers: str, on: str, expected: str) -> None:
    facts = MarriageFacts(life(1, Sex.MALE, his), life(2, Sex.FEMALE, hers), PartialDate.parse(on))
    warned = answer(rules.MARRIAGE, facts, date.fromisoformat(on), history=True)
    assert warned == (expected if expected == ALLOWED or expected.startswith("warns") else f"warns: {expected}")


def married(since: str, until: str | None = None) -> dict[str, Any]:
    return {"marriages": (Marriage(Kin(9), PartialDate.parse(since), PartialDate.parse(until) if until else None),)}


MAN, WOMAN = life(1, Sex.MALE, "1980-01-01"), life(2, Sex.FEMALE, "1980-01-01")
NAMED = Kin(None, "Bà A")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (MAN, WOMAN, ALLOWED),
        (replace(MAN, **married("2010-01-01")), WOMAN, "marriage.monogamy"),
        (MAN, replace(WOMAN, **married("2010-01-01")), "marriage.monogamy"),
        (replace(MAN, **married("2010-01-01", "2020-05-05")), WOMAN, ALLOWED),
        (MAN, replace(WOMAN, sex=Sex.MALE), "marriage.two_sexes"),
        (MAN, MAN, "marriage.two_sexes"),
        (replace(MAN, mother=Kin(5)), replace(WOMAN, mother=Kin(5)), "marriage.kin"),
        (replace(MAN, mother=Kin(2)), replace(WOMAN, born=PartialDate(19600101)), "marriage.kin"),
        # two women of one name are not one woman
        (replace(MAN, mother=NAMED), replace(WOMAN, mother=NAMED), ALLOWED),
        (replace(MAN, died=PartialDate(20200101)), WOMAN, "marriage.alive"),
    ],
)
def test_who_may_marry_whom(one: Life, other: Life, expected: str) -> None:
    facts = MarriageFacts(one, other, PartialDate.parse("2026-06-01"))
    assert answer(rules.MARRIAGE, facts, date(2026, 6, 1)) == expected


def test_nobody_marries_the_dead_not_even_in_history() -> None:
    facts = MarriageFacts(replace(MAN, died=PartialDate(19900101)), WOMAN, PartialDate.parse("2000-06-01"))
    assert answer(rules.MARRIAGE, facts, date(2000, 6, 1), history=True) == "marriage.alive"


MOTHER, FATHER = life(2, Sex.FEMALE, "1995-03-04"), life(3, Sex.MALE, "1990-01-01")


def died(who: Life, day: int) -> Life:
    return replace(who, died=PartialDate(day))


@pytest.mark.parametrize(
    ("born", "declared", "mother", "father", "expected"),
    [
        ("2026-11-20", "2026-11-24", MOTHER, None, ALLOWED),
        ("2026-11-20", "2026-11-24", None, None, ALLOWED),
        ("2026-11-25", "2026-11-24", MOTHER, None, "birth.not_in_the_future"),
        ("2026-09-25", "2026-11-24", MOTHER, None, ALLOWED),
        ("2026-09-24", "2026-11-24", MOTHER, None, "warns: birth.within_60_days"),
        ("2015-03-01", "2015-04-30", MOTHER, None, ALLOWED),
        ("2015-03-01", "2015-05-01", MOTHER, None, "warns: birth.within_60_days.2005"),
        ("2005-03-01", "2005-04-01", None, None, "warns: birth.within_30_days.1998"),
        ("1990-03-01", "2005-04-01", None, None, ALLOWED),
        ("2026-11-20", "2026-11-24", replace(MOTHER, sex=Sex.MALE), None, "birth.mother_is_a_woman"),
        ("2026-11-20", "2026-11-24", MOTHER, replace(FATHER, sex=Sex.FEMALE), "birth.father_is_a_man"),
        ("2026-11-20", "2026-11-24", died(MOTHER, 20261119), None, "birth.mother_alive"),
        ("2026-11-20", "2026-11-24", died(MOTHER, 20261120), None, ALLOWED),
        ("2026-11-20", "2026-11-24", MOTHER, died(FATHER, 20260124), ALLOWED),
        ("2026-11-20", "2026-11-24", MOTHER, died(FATHER, 20260123), "birth.father_within_300_days"),
        ("2026-11-20", "2026-11-24", life(2, Sex.FEMALE, "2016-01-01"), None, "warns: birth.mother_age"),
    ],
)
def test_a_birth(born: str, declared: str, mother: Life | None, father: Life | None, expected: str) -> None:
    facts = BirthFacts(PartialDate.parse(born), date.fromisoformat(declared), mother, father)
    assert answer(rules.BIRTH, facts, facts.born.latest) == expected


@pytest.mark.parametrize(
    ("who", "died", "declared", "expected"),
    [
        (life(1, Sex.MALE, "1950-01-01"), "2026-11-09", "2026-11-24", ALLOWED),
        (life(1, Sex.MALE, "1950-01-01"), "2026-11-08", "2026-11-24", "warns: death.within_15_days"),
        (life(1, Sex.MALE, "1950-01-01"), "2015-11-08", "2015-11-24", "warns: death.within_15_days.2005"),
        (life(1, Sex.MALE, "1950-01-01"), "2026-11-25", "2026-11-24", "death.not_in_the_future"),
        (life(1, Sex.MALE, "1950-01-01"), "1949-12-31", "2026-11-24", "death.after_birth"),
        (life(1, Sex.MALE, "1950-01-01", status=PersonStatus.DEAD), "2026-11-20", "2026-11-24", "death.once"),
        (life(1, Sex.MALE, "1950-01-01", **married("2000-01-01")), "1999-12-31", "2026-11-24", "death.after_marriage"),
        (life(1, Sex.MALE, "1950-01-01", **married("2000-05")), "2000", "2000-12-31", ALLOWED),
        # a child who lived a day has a birth and a death
        (life(1, Sex.MALE, "2026-11-20"), "2026-11-21", "2026-11-24", ALLOWED),
    ],
)
def test_a_death(who: Life, died: str, declared: str, expected: str) -> None:
    facts = DeathFacts(who, PartialDate.parse(died), date.fromisoformat(declared))
    assert answer(rules.DEATH, facts, facts.died.latest) == expected


@pytest.mark.parametrize(
    ("died", "on", "registered", "expected"),
    [
        (None, date(2026, 11, 1), date(2026, 11, 24), ALLOWED),
        (None, date(2026, 11, 25), date(2026, 11, 24), "residence.not_in_the_future"),
        (None, date(2025, 11, 1), date(2026, 11, 24), "warns: residence.within_12_months"),
        (20261031, date(2026, 11, 1), date(2026, 11, 24), "residence.alive"),
    ],
)
def test_a_move(died: int | None, on: date, registered: date, expected: str) -> None:
    who = life(1, Sex.MALE, "1990-01-01", died=PartialDate(died) if died else None)
    assert answer(rules.RESIDENCE, MoveFacts(who, "06325", "Thôn 1", on, registered), registered) == expected


def test_a_correction_after_a_death_is_lawful() -> None:
    dead = life(1, Sex.MALE, "1950-01-01", status=PersonStatus.DEAD, died=PartialDate(20200101))
    assert answer(rules.CORRECTION, CorrectionFacts(dead, PartialDate(19490101), NOW.date()), NOW.date()) == ALLOWED
    after = CorrectionFacts(dead, PartialDate(20200102), NOW.date())
    assert answer(rules.CORRECTION, after, NOW.date()) == "correction.born_before_death"


def test_a_record_that_was_annulled_is_not_corrected_nor_anybody_born_tomorrow() -> None:
    void = replace(MAN, status=PersonStatus.ANNULLED)
    assert answer(rules.CORRECTION, CorrectionFacts(void, None, NOW.date()), NOW.date()) == "correction.record_stands"
    tomorrow = CorrectionFacts(MAN, PartialDate(20261125), NOW.date())
    assert answer(rules.CORRECTION, tomorrow, NOW.date()) == "correction.born_in_the_past"


def test_nobody_marries_oneself_and_nobody_moves_to_where_one_lives() -> None:
    alone = replace(MAN, sex=Sex.UNKNOWN)
    facts = MarriageFacts(alone, alone, PartialDate.parse("2026-06-01"))
    assert answer(rules.MARRIAGE, facts, date(2026, 6, 1)) == "marriage.two_persons"
    stay = Residence(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2026, 1, 1), date(2010, 1, 1))
    here = MoveFacts(replace(MAN, residences=(stay,)), "06325", "Thôn 1", date(2026, 11, 1), NOW.date())
    assert answer(rules.RESIDENCE, here, NOW.date()) == "residence.another_place"


def test_every_rule_says_what_law_it_is_in_both_languages() -> None:
    ids = [rule.id for rule in rules.ALL_RULES]
    assert len(ids) == len(set(ids))
    for rule in rules.ALL_RULES:
        assert rule.law
        assert rule.message_vi != rule.message_en
        assert rule.message_vi.endswith(".")
        assert rule.message_en.endswith(".")
