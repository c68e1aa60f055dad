"""The law of marriages that end, of adoption, of parents and of ties, as tables: facts in, answer out."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from tests.spec.lives import ALLOWED, TODAY, answer, day, life

from dancu.kernel.codes import Capacity, Sex, TieKind
from dancu.register.life import Adoption, Life, Marriage, Tie
from dancu.register.payloads import Kin
from dancu.register.rules.adoption import ADOPTION, ADOPTION_END, AdoptionEndFacts, AdoptionFacts
from dancu.register.rules.family import (
    DIVORCE,
    MARRIAGE_ANNULMENT,
    RECOGNITION,
    MarriageEndFacts,
    RecognitionFacts,
)
from dancu.register.rules.ties import GUARDIANSHIP, REPRESENTATION, TIE_END, TieEndFacts, TieFacts

HUSBAND = life(1, "1960-01-01", marriages=(Marriage(Kin(2), day("1985-05-05")),))
WIFE = life(2, "1962-01-01", Sex.FEMALE, marriages=(Marriage(Kin(1), day("1985-05-05")),))


@pytest.mark.parametrize(
    ("on", "who", "expected"),
    [
        ("2020-01-01", HUSBAND, ALLOWED),
        ("1990-01-01", HUSBAND, ALLOWED),
        ("2020-01-01", replace(HUSBAND, marriages=()), "divorce.married"),
        ("2010-01-01", replace(HUSBAND, marriages=()), "divorce.married.2000"),
        ("1995-01-01", replace(HUSBAND, marriages=()), "divorce.married.1986"),
        ("1986-01-01", replace(HUSBAND, marriages=()), "divorce.married.1959"),
        ("2026-11-25", HUSBAND, "divorce.not_in_the_future"),
        ("2026-11-24", HUSBAND, ALLOWED),
        ("1985-05-04", HUSBAND, "divorce.after_wedding"),
        ("1985", HUSBAND, ALLOWED),
        ("2020-01-02", replace(HUSBAND, died=day("2020-01-01")), "divorce.both_alive"),
        ("2020-01-01", replace(HUSBAND, died=day("2020-01-01")), ALLOWED),
        # a marriage that a later fact has ended was one on that day
        ("2010-01-01", replace(HUSBAND, marriages=(Marriage(Kin(2), day("1985"), day("2020")),)), ALLOWED),
        ("2021-01-01", replace(HUSBAND, marriages=(Marriage(Kin(2), day("1985"), day("2020")),)), "divorce.married"),
        # a marriage that lasts again was none in between
        (
            "2001-01-01",
            replace(HUSBAND, marriages=(Marriage(Kin(2), day("1985"), restored=day("2002-02-02")),)),
            "divorce.after_wedding",
        ),
    ],
)
def test_a_divorce(on: str, who: Life, expected: str) -> None:
    facts = MarriageEndFacts(who, WIFE, Kin(2), day(on), TODAY)
    assert answer(DIVORCE, facts, on) == expected


@pytest.mark.parametrize(
    ("on", "who", "expected"),
    [
        ("2020-01-01", HUSBAND, ALLOWED),
        ("2020-01-01", replace(HUSBAND, marriages=()), "marriage_annulment.married"),
        ("2010-01-01", replace(HUSBAND, marriages=()), "marriage_annulment.married.2000"),
        ("1995-01-01", replace(HUSBAND, marriages=()), "marriage_annulment.married.1986"),
        ("1980-01-01", replace(HUSBAND, marriages=()), "marriage_annulment.married.1959"),
        ("2026-11-25", HUSBAND, "marriage_annulment.not_in_the_future"),
        ("1984-01-01", HUSBAND, "marriage_annulment.after_wedding"),
    ],
)
def test_an_annulled_marriage(on: str, who: Life, expected: str) -> None:
    facts = MarriageEndFacts(who, WIFE, Kin(2), day(on), TODAY)
    assert answer(MARRIAGE_ANNULMENT, facts, on) == expected


FATHER = life(3, "1970-01-01", marriages=(Marriage(Kin(4), day("1995")),))
MOTHER = life(4, "1972-01-01", Sex.FEMALE, marriages=(Marriage(Kin(3), day("1995")),))
SINGLE = life(5, "1970-01-01", Sex.FEMALE)
ADOPTED = Adoption(day("2015-01-01"), None, None, None)


@pytest.mark.parametrize(
    ("on", "born", "adopters", "more", "expected"),
    [
        ("2020-06-01", "2018-01-01", (FATHER, MOTHER), {}, ALLOWED),
        ("2020-06-01", "2018-01-01", (SINGLE,), {}, ALLOWED),
        # the age of the child, in three eras
        ("2020-06-01", "2004-06-02", (FATHER, MOTHER), {"child_consents": True}, ALLOWED),
        ("2020-06-01", "2004-06-01", (FATHER, MOTHER), {"child_consents": True}, "adoption.child_age"),
        ("2020-06-01", "2004-06-01", (FATHER,), {"child_consents": True, "of_kin": True}, ALLOWED),
        ("2020-06-01", "2002-06-01", (FATHER,), {"child_consents": True, "of_kin": True}, "adoption.child_age"),
        ("2010-06-01", "1994-06-01", (FATHER, MOTHER), {"child_consents": True}, "adoption.child_age.2000"),
        ("2010-06-01", "1994-06-02", (FATHER, MOTHER), {"child_consents": True}, ALLOWED),
        ("1999-06-01", "1983-06-01", (FATHER, MOTHER), {}, "adoption.child_age.1986"),
        # twenty years between
        ("2015-06-01", "2009-12-31", (life(6, "1989-12-31", Sex.FEMALE),), {}, ALLOWED),
        ("2015-06-01", "2009-12-31", (life(6, "1990-01-01", Sex.FEMALE),), {}, "adoption.twenty_years_older"),
        ("2015-06-01", "2009-12-31", (life(6, "1990-01-01", Sex.FEMALE),), {"of_kin": True}, ALLOWED),
        ("2010-06-01", "2005-12-31", (life(6, "1986-01-01", Sex.FEMALE),), {}, "adoption.twenty_years_older.2000"),
        ("2000-06-01", "1995-12-31", (life(6, "1976-01-01", Sex.FEMALE),), {}, "adoption.twenty_years_older.1986"),
        # one unmarried person, or both of a couple
        ("2020-06-01", "2018-01-01", (FATHER,), {}, "adoption.one_or_a_couple"),
        ("2020-06-01", "2018-01-01", (FATHER, SINGLE), {}, "adoption.one_or_a_couple"),
        ("2009-06-01", "2008-01-01", (FATHER,), {}, "adoption.one_or_a_couple.2000"),
        ("2020-06-01", "2018-01-01", (replace(SINGLE, capacity=Capacity.LOST),), {}, "adoption.capable"),
        ("2020-06-01", "2011-06-01", (FATHER, MOTHER), {}, "adoption.consent_from_nine"),
        ("2020-06-01", "2011-06-02", (FATHER, MOTHER), {}, ALLOWED),
        ("2010-06-01", "2001-06-01", (FATHER, MOTHER), {}, "adoption.consent_from_nine.2000"),
        ("2020-06-01", "2018-01-01", (replace(SINGLE, died=day("2020-05-31")),), {}, "adoption.alive"),
        ("2026-11-25", "2018-01-01", (SINGLE,), {}, "adoption.not_in_the_future"),
    ],
)
def test_an_adoption(on: str, born: str, adopters: tuple[Life, ...], more: dict[str, Any], expected: str) -> None:
    facts = AdoptionFacts(life(9, born), adopters, day(on), TODAY, **more)
    assert answer(ADOPTION, facts, on) == expected


def test_who_is_adopted_is_not_adopted_again_nor_by_sister_parent_or_grandparent() -> None:
    child = life(9, "2018-01-01", mother=Kin(77))
    twice = AdoptionFacts(replace(child, adoption=ADOPTED), (SINGLE,), day("2020-06-01"), TODAY)
    sister = AdoptionFacts(child, (replace(SINGLE, mother=Kin(77)),), day("2020-06-01"), TODAY)
    own = AdoptionFacts(replace(child, mother=Kin(5)), (SINGLE,), day("2020-06-01"), TODAY)
    grandchild = AdoptionFacts(child, (SINGLE,), day("2020-06-01"), TODAY, grandparents=frozenset({5}))
    assert answer(ADOPTION, grandchild, "2020-06-01") == "adoption.not_of_own_line"
    assert answer(ADOPTION, twice, "2020-06-01") == "adoption.not_adopted"
    assert answer(ADOPTION, sister, "2020-06-01") == "adoption.not_of_own_line"
    assert answer(ADOPTION, own, "2020-06-01") == "adoption.not_of_own_line"


@pytest.mark.parametrize(
    ("on", "adoption", "expected"),
    [
        ("2020-06-01", ADOPTED, ALLOWED),
        ("2014-12-31", ADOPTED, "adoption_end.adopted"),
        ("2020-06-01", None, "adoption_end.adopted"),
        ("2009-06-01", None, "adoption_end.adopted.2000"),
        ("1999-06-01", None, "adoption_end.adopted.1986"),
        ("1979-06-01", None, "adoption_end.adopted.1959"),
        ("2026-11-25", ADOPTED, "adoption_end.not_in_the_future"),
    ],
)
def test_the_end_of_an_adoption(on: str, adoption: Adoption | None, expected: str) -> None:
    facts = AdoptionEndFacts(life(9, "2010-01-01", adoption=adoption), day(on), TODAY)
    assert answer(ADOPTION_END, facts, on) == expected


CHILD = life(9, "2015-01-01")


@pytest.mark.parametrize(
    ("on", "child", "father", "mother", "expected"),
    [
        ("2024-01-01", CHILD, FATHER, None, ALLOWED),
        ("2024-01-01", CHILD, FATHER, MOTHER, ALLOWED),
        # after the death of the one or the other it stays lawful
        ("2024-01-01", CHILD, replace(FATHER, died=day("2020-01-01")), None, ALLOWED),
        ("2024-01-01", replace(CHILD, died=day("2020-01-01")), FATHER, None, ALLOWED),
        ("2024-01-01", replace(CHILD, father=Kin(3)), FATHER, None, ALLOWED),
        ("2024-01-01", replace(CHILD, father=Kin(None, "Ông A")), FATHER, None, ALLOWED),
        ("2024-01-01", replace(CHILD, father=Kin(88)), FATHER, None, "recognition.undisputed"),
        ("2010-01-01", replace(CHILD, father=Kin(88)), FATHER, None, "recognition.undisputed.2005"),
        ("2001-01-01", replace(CHILD, father=Kin(88)), FATHER, None, "recognition.undisputed.1998"),
        ("2024-01-01", replace(CHILD, mother=Kin(88)), None, MOTHER, "recognition.undisputed"),
        (
            "2024-01-01",
            replace(CHILD, father=Kin(88), adoption=Adoption(day("2016"), None, None, None)),
            FATHER,
            None,
            ALLOWED,
        ),
        ("2024-01-01", CHILD, MOTHER, None, "recognition.two_sexes"),
        ("2024-01-01", CHILD, None, FATHER, "recognition.two_sexes"),
        ("2024-01-01", CHILD, life(3, "2015-06-01"), None, "recognition.parent_is_older"),
        ("2026-11-25", CHILD, FATHER, None, "recognition.not_in_the_future"),
        ("2024-01-01", replace(CHILD, born=None), replace(FATHER, person_id=9), None, "recognition.not_oneself"),
    ],
)
def test_a_recognition(on: str, child: Life, father: Life | None, mother: Life | None, expected: str) -> None:
    assert answer(RECOGNITION, RecognitionFacts(child, father, mother, day(on), TODAY), on) == expected


ADULT = life(1, "1980-01-01")
MINOR = life(9, "2015-01-01")
OTHER = Tie(TieKind.GUARDIAN, Kin(50), day("2018-01-01"))
SAME = Tie(TieKind.GUARDIAN, Kin(1), day("2018-01-01"))


@pytest.mark.parametrize(
    ("on", "ward", "guardian", "expected"),
    [
        ("2020-01-01", MINOR, ADULT, ALLOWED),
        ("2020-01-01", life(9, "2002-01-02"), ADULT, ALLOWED),
        ("2020-01-01", life(9, "2002-01-01"), ADULT, "guardianship.ward_needs_one"),
        ("2020-01-01", life(9, "1990-01-01", capacity=Capacity.LOST), ADULT, ALLOWED),
        ("2020-01-01", life(9, "1990-01-01", capacity=Capacity.DIFFICULT), ADULT, ALLOWED),
        ("2020-01-01", life(9, "1990-01-01", capacity=Capacity.LIMITED), ADULT, "guardianship.ward_needs_one"),
        ("2010-01-01", life(9, "1990-01-01", capacity=Capacity.DIFFICULT), ADULT, "guardianship.ward_needs_one.2005"),
        ("2000-01-01", life(9, "1970-01-01"), ADULT, "guardianship.ward_needs_one.1995"),
        ("2020-01-01", MINOR, life(1, "2002-01-02"), "guardianship.guardian_capable"),
        ("2020-01-01", MINOR, replace(ADULT, capacity=Capacity.LIMITED), "guardianship.guardian_capable"),
        ("2016-01-01", MINOR, life(1, "2002-01-02"), "guardianship.guardian_capable.2005"),
        ("2000-01-01", life(9, "1995-01-01"), life(1, "1985-01-01"), "guardianship.guardian_capable.1995"),
        ("2020-01-01", replace(MINOR, ties=(OTHER,)), ADULT, "guardianship.one_guardian"),
        ("2016-01-01", replace(MINOR, ties=(OTHER,)), ADULT, "guardianship.one_guardian.2005"),
        ("2020-01-01", replace(MINOR, ties=(replace(OTHER, until=day("2019-01-01")),)), ADULT, ALLOWED),
        ("2020-01-01", replace(MINOR, ties=(SAME,)), ADULT, "guardianship.new"),
        ("2020-01-01", MINOR, replace(ADULT, died=day("2019-12-31")), "guardianship.alive"),
        ("2020-01-01", replace(MINOR, returned_on=day("2021-01-01")), ADULT, "guardianship.before_return"),
        ("2026-11-25", MINOR, ADULT, "guardianship.not_in_the_future"),
        ("2020-01-01", replace(MINOR, born=None, capacity=Capacity.FULL), MINOR, "guardianship.guardian_capable"),
    ],
)
def test_a_guardianship(on: str, ward: Life, guardian: Life, expected: str) -> None:
    facts = TieFacts(ward, guardian, TieKind.GUARDIAN, day(on), TODAY)
    assert answer(GUARDIANSHIP, facts, on) == expected


def test_parents_or_grandparents_are_guardians_together_and_nobody_of_oneself() -> None:
    ward = replace(MINOR, ties=(OTHER,))
    together = TieFacts(ward, ADULT, TieKind.GUARDIAN, day("2020-01-01"), TODAY, together=True)
    oneself = TieFacts(replace(ADULT, capacity=Capacity.LOST), ADULT, TieKind.GUARDIAN, day("2020-01-01"), TODAY)
    assert answer(GUARDIANSHIP, together, "2020-01-01") == ALLOWED
    assert answer(GUARDIANSHIP, oneself, "2020-01-01") == "guardianship.two_persons"


HELD = Tie(TieKind.REPRESENTATIVE, Kin(1), day("2018-01-01"))


@pytest.mark.parametrize(
    ("on", "who", "representative", "expected"),
    [
        ("2020-01-01", MINOR, ADULT, ALLOWED),
        ("2020-01-01", life(9, "1990-01-01", capacity=Capacity.LIMITED), ADULT, ALLOWED),
        ("2020-01-01", life(9, "1990-01-01"), ADULT, "representation.needs_one"),
        ("2010-01-01", life(9, "1990-01-01"), ADULT, "representation.needs_one.2005"),
        ("2020-01-01", MINOR, life(1, "2005-01-01"), "representation.capable"),
        ("2010-01-01", MINOR, life(1, "2005-01-01"), "representation.capable.2005"),
        ("2020-01-01", replace(MINOR, ties=(HELD,)), ADULT, "representation.new"),
        ("2020-01-01", replace(MINOR, died=day("2019-01-01")), ADULT, "representation.alive"),
        ("2020-01-01", replace(MINOR, returned_on=day("2021-01-01")), ADULT, "representation.before_return"),
        ("2020-01-01", replace(ADULT, capacity=Capacity.LOST), ADULT, "representation.two_persons"),
        ("2026-11-25", MINOR, ADULT, "representation.not_in_the_future"),
    ],
)
def test_a_representation(on: str, who: Life, representative: Life, expected: str) -> None:
    facts = TieFacts(who, representative, TieKind.REPRESENTATIVE, day(on), TODAY)
    assert answer(REPRESENTATION, facts, on) == expected


@pytest.mark.parametrize(
    ("on", "ties", "expected"),
    [
        ("2020-01-01", (SAME,), ALLOWED),
        ("2017-12-31", (SAME,), "tie_end.lasts"),
        ("2020-01-01", (), "tie_end.lasts"),
        ("2010-01-01", (), "tie_end.lasts.2005"),
        ("2000-01-01", (), "tie_end.lasts.1995"),
        ("1990-01-01", (), "tie_end.lasts.1986"),
        ("2026-11-25", (SAME,), "tie_end.not_in_the_future"),
    ],
)
def test_the_end_of_a_tie(on: str, ties: tuple[Tie, ...], expected: str) -> None:
    facts = TieEndFacts(replace(MINOR, ties=ties), Kin(1), TieKind.GUARDIAN, day(on), TODAY)
    assert answer(TIE_END, facts, on) == expected


def test_what_was_is_recorded_with_a_warning_and_what_never_was_is_not() -> None:
    child = life(9, "1990-01-01")
    late = AdoptionFacts(child, (FATHER,), day("2020-06-01"), TODAY)
    assert answer(ADOPTION, late, "2020-06-01", history=True).startswith("warns: adoption.child_age")
    unmarried = MarriageEndFacts(life(1, "1980"), None, Kin(2), day("2020-01-01"), TODAY)
    assert answer(DIVORCE, unmarried, date(2020, 1, 1), history=True) == "divorce.married"
