"""The law of missing and dead by declaration, capacity, nationality, changes and protection, as tables."""

from datetime import date

import pytest
from msgspec.structs import replace
from tests.spec.lives import ALLOWED, TODAY, answer, day, life

from dancu.kernel.codes import Capacity, DeathGround, PersonStatus, ProtectionGround, Sex, TieKind
from dancu.register.life import Life, Marriage, Tie
from dancu.register.payloads import Kin, Payload
from dancu.register.rules import civil as rules
from dancu.register.rules.civil import DeathFacts, MarriageFacts
from dancu.register.rules.lived import LIVED, LivedFacts
from dancu.register.rules.missing import (
    DECLARED_DEATH,
    FOUND,
    MISSING,
    RETURN,
    DeclaredDeathFacts,
    FoundFacts,
    MissingFacts,
    ReturnFacts,
)
from dancu.register.rules.status import (
    CAPACITY,
    CHANGE,
    NATIONALITY,
    PROTECTION,
    CapacityFacts,
    ChangeFacts,
    NationalityFacts,
    ProtectionFacts,
)

ALIVE = life(1, "1980-01-01", nationality="VNM")
GONE = replace(ALIVE, status=PersonStatus.DECLARED_MISSING, missing_since=day("2018-01-01"))
DEAD = replace(ALIVE, status=PersonStatus.DEAD, died=day("2018-01-01"))
DECLARED = replace(ALIVE, status=PersonStatus.DECLARED_DEAD, died=day("2018-01-01"))


def on(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("who", "news", "decided", "expected"),
    [
        (ALIVE, "2018-01-01", "2020-01-01", ALLOWED),
        (ALIVE, "2018-01-02", "2020-01-01", "missing.two_years"),
        (ALIVE, "2008-01-02", "2010-01-01", "missing.two_years.2005"),
        (ALIVE, "1998-01-02", "2000-01-01", "missing.two_years.1995"),
        (GONE, "2016-01-01", "2020-01-01", "missing.alive_so_far"),
        (DEAD, "2016-01-01", "2020-01-01", "missing.alive_so_far"),
        (ALIVE, "2016-01-01", "2026-11-25", "missing.not_in_the_future"),
    ],
)
def test_who_is_declared_missing(who: Life, news: str, decided: str, expected: str) -> None:
    assert answer(MISSING, MissingFacts(who, day(news), on(decided), TODAY), decided) == expected


@pytest.mark.parametrize(
    ("who", "decided", "expected"),
    [
        (GONE, "2020-01-01", ALLOWED),
        (ALIVE, "2020-01-01", "found.was_missing"),
        (GONE, "2017-12-31", "found.after_missing"),
        (GONE, "2026-11-25", "found.not_in_the_future"),
    ],
)
def test_who_is_found_again(who: Life, decided: str, expected: str) -> None:
    assert answer(FOUND, FoundFacts(who, on(decided), TODAY), decided) == expected


MISSING_3, WAR_5, DISASTER_2, NEWS_5 = DeathGround


@pytest.mark.parametrize(
    ("who", "ground", "since", "decided", "expected"),
    [
        (GONE, MISSING_3, "2018-01-01", "2021-01-01", ALLOWED),
        (GONE, MISSING_3, "2018-01-01", "2020-12-31", "declared_death.term"),
        (ALIVE, MISSING_3, "2018-01-01", "2021-01-01", "declared_death.missing_first"),
        (ALIVE, WAR_5, "2015-04-30", "2020-04-30", ALLOWED),
        (ALIVE, WAR_5, "2015-05-01", "2020-04-30", "declared_death.term"),
        # after a disaster two years since 2017, one year before
        (ALIVE, DISASTER_2, "2018-02-28", "2020-02-28", ALLOWED),
        (ALIVE, DISASTER_2, "2018-03-01", "2020-02-28", "declared_death.term"),
        (ALIVE, DISASTER_2, "2009-01-01", "2010-01-01", ALLOWED),
        (ALIVE, DISASTER_2, "2009-01-02", "2010-01-01", "declared_death.term.2005"),
        (ALIVE, NEWS_5, "1996-01-01", "2000-01-01", "declared_death.term.1995"),
        (ALIVE, NEWS_5, "2020-02-29", "2025-03-01", ALLOWED),
        (ALIVE, NEWS_5, "2020-02-29", "2025-02-28", "declared_death.term"),
        (ALIVE, NEWS_5, "2010-01-01", "2026-11-25", "declared_death.not_in_the_future"),
    ],
)
def test_who_is_declared_dead(who: Life, ground: DeathGround, since: str, decided: str, expected: str) -> None:
    facts = DeclaredDeathFacts(who, ground, on(since), on(decided), TODAY)
    assert answer(DECLARED_DEATH, facts, decided) == expected


@pytest.mark.parametrize(
    ("who", "decided", "expected"),
    [
        (DECLARED, "2020-01-01", ALLOWED),
        (DEAD, "2020-01-01", "return.was_declared_dead"),
        (ALIVE, "2020-01-01", "return.was_declared_dead"),
        (DECLARED, "2018-01-01", "return.after_death"),
        (DECLARED, "2026-11-25", "return.decided_by_the_day"),
    ],
)
def test_who_returns_from_a_declared_death(who: Life, decided: str, expected: str) -> None:
    assert answer(RETURN, ReturnFacts(who, on(decided), TODAY), decided) == expected


RETURNED = replace(ALIVE, returned_on=day("2020-01-01"))


@pytest.mark.parametrize(
    ("who", "died", "expected"),
    [
        (RETURNED, "2020-01-01", "death.after_return"),
        (RETURNED, "2020-01-02", ALLOWED),
        (
            replace(ALIVE, ties=(Tie(TieKind.WARD, Kin(2), day("2021-01-01")),)),
            "2020-01-02",
            "death.after_guardianship",
        ),
        (
            replace(ALIVE, marriages=(Marriage(Kin(2), day("2000"), restored=day("2021-01-01")),)),
            "2020-01-02",
            "death.after_marriage",
        ),
    ],
)
def test_a_death_against_what_came_later(who: Life, died: str, expected: str) -> None:
    assert answer(rules.DEATH, DeathFacts(who, day(died), on(died)), died) == expected


def test_nobody_marries_on_a_day_before_a_declaration_of_death_was_taken_back() -> None:
    other = life(2, "1985-01-01")
    early = MarriageFacts(RETURNED, replace(other, sex=Sex.FEMALE), day("2019-05-05"))
    late = MarriageFacts(RETURNED, replace(other, sex=Sex.FEMALE), day("2020-05-05"))
    assert answer(rules.MARRIAGE, early, "2019-05-05") == "marriage.before_return"
    assert answer(rules.MARRIAGE, late, "2020-05-05") == ALLOWED


@pytest.mark.parametrize(
    ("who", "capacity", "decided", "expected"),
    [
        (ALIVE, Capacity.LOST, "2020-01-01", ALLOWED),
        (ALIVE, Capacity.DIFFICULT, "2020-01-01", ALLOWED),
        (life(1, "2010-01-01"), Capacity.DIFFICULT, "2020-01-01", "capacity.difficult_of_adults"),
        (ALIVE, Capacity.DIFFICULT, "2016-12-31", "capacity.difficult_since_2017"),
        (ALIVE, Capacity.FULL, "2020-01-01", "capacity.changes"),
        (DEAD, Capacity.LOST, "2020-01-01", "capacity.alive"),
        (ALIVE, Capacity.LOST, "2026-11-25", "capacity.not_in_the_future"),
    ],
)
def test_a_finding_on_capacity(who: Life, capacity: Capacity, decided: str, expected: str) -> None:
    assert answer(CAPACITY, CapacityFacts(who, capacity, on(decided), TODAY), decided) == expected


@pytest.mark.parametrize(
    ("who", "code", "decided", "expected"),
    [
        (ALIVE, "DEU", "2020-01-01", ALLOWED),
        (ALIVE, "VNM", "2020-01-01", "nationality.changes"),
        (ALIVE, "VNM", "2005-01-01", "nationality.changes.1998"),
        (ALIVE, "VNM", "1995-01-01", "nationality.changes.1988"),
        (DEAD, "DEU", "2020-01-01", "nationality.alive"),
        (ALIVE, "DEU", "2026-11-25", "nationality.not_in_the_future"),
    ],
)
def test_a_change_of_nationality(who: Life, code: str, decided: str, expected: str) -> None:
    assert answer(NATIONALITY, NationalityFacts(who, code, on(decided), TODAY), decided) == expected


NAME = Payload(name=("Lê", "", "Mới"))
ETHNICITY = Payload(ethnicity=102)


@pytest.mark.parametrize(
    ("who", "told", "decided", "consents", "expected"),
    [
        (ALIVE, NAME, "2020-01-01", True, ALLOWED),
        (life(1, "2015-01-01"), NAME, "2020-01-01", False, ALLOWED),
        (life(1, "2011-01-01"), NAME, "2020-01-01", False, "change.name_consent_from_nine"),
        (life(1, "2001-01-01"), NAME, "2010-01-01", False, "change.name_consent_from_nine.2005"),
        (life(1, "2006-01-01"), ETHNICITY, "2020-01-01", False, ALLOWED),
        (life(1, "2005-01-01"), ETHNICITY, "2020-01-01", False, "change.ethnicity_consent_from_fifteen"),
        (life(1, "1995-01-01"), ETHNICITY, "2010-01-01", False, "change.ethnicity_consent_from_fifteen.2005"),
        (DEAD, NAME, "2020-01-01", True, "change.alive"),
        (DEAD, NAME, "2010-01-01", True, "change.alive.2005"),
        (replace(ALIVE, status=PersonStatus.ANNULLED), NAME, "2020-01-01", True, "change.record_stands"),
        (ALIVE, NAME, "2026-11-25", True, "change.not_in_the_future"),
    ],
)
def test_a_change_of_particulars(who: Life, told: Payload, decided: str, consents: bool, expected: str) -> None:
    facts = ChangeFacts(who, told, on(decided), TODAY, consents)
    assert answer(CHANGE, facts, decided) == expected


@pytest.mark.parametrize(
    ("grounds", "begins", "expected"),
    [
        ((), True, ALLOWED),
        ((ProtectionGround.WITNESS,), True, "protection.new"),
        ((ProtectionGround.ADOPTION,), True, ALLOWED),
        ((ProtectionGround.WITNESS,), False, ALLOWED),
        ((ProtectionGround.ADOPTION,), False, "protection.stands"),
    ],
)
def test_a_protection(grounds: tuple[ProtectionGround, ...], begins: bool, expected: str) -> None:
    facts = ProtectionFacts(replace(ALIVE, protections=grounds), ProtectionGround.WITNESS, begins)
    assert answer(PROTECTION, facts, TODAY) == expected


@pytest.mark.parametrize(
    ("born", "died", "lived", "asked", "expected"),
    [
        ("2026-11-20", "2026-11-21", True, False, ALLOWED),
        ("2026-11-20", "2026-11-20", False, True, ALLOWED),
        ("2026-11-20", "2026-11-20", False, False, "lived.twenty_four_hours"),
        ("2010-11-20", "2010-11-20", False, False, "lived.twenty_four_hours.2005"),
        ("2026-11-20", "2026-11-19", True, False, "lived.death_after_birth"),
        ("2026-11-20", "2026-11-25", True, False, "lived.not_in_the_future"),
    ],
)
def test_a_child_who_lived_a_day(born: str, died: str, lived: bool, asked: bool, expected: str) -> None:
    assert answer(LIVED, LivedFacts(day(born), day(died), TODAY, lived, asked), born) == expected
