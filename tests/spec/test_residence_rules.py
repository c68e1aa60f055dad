"""The law of residence, households and records as tables: facts in, answer out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dancu.kernel.codes import (
    AbsenceCase,
    IdentifierScheme,
    MaritalStatus,
    PermanentEnd,
    PersonStatus,
    Relation,
    ResidenceKind,
    Sex,
    TemporaryEnd,
)
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Refused
from dancu.register.life import Absence, Identifier, Life, Marriage, Membership, Residence
from dancu.register.payloads import Kin
from dancu.register.rules import judge
from dancu.register.rules.deregistration import (
    DEREGISTRATION,
    ENDS_OF_RESIDENCE,
    TEMPORARY_END,
    PermanentEndFacts,
    TemporaryEndFacts,
)
from dancu.register.rules.households import HOUSEHOLD, HOUSEHOLDS, SPLIT, HouseholdFacts, SplitFacts
from dancu.register.rules.records import MERGE, NUMBER_CANCEL, RECORDS, MergeFacts, NumberCancelFacts
from dancu.register.rules.residence import (
    ABODE,
    ABSENCE,
    EXTENSION,
    RETURN,
    TEMPORARY,
    TEMPORARY_AND_ABSENCE,
    AbodeFacts,
    AbsenceFacts,
    ExtensionFacts,
    ReturnFacts,
    TemporaryFacts,
    months_after,
)

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
TODAY = date(2026, 11, 24)
DIED: dict[str, Any] = {"status": PersonStatus.DEAD, "died": PartialDate(20260101)}
HOME = Residence(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2026, 1, 1), date(2000, 1, 1))
LODGING = Residence(
    ResidenceKind.TEMPORARY, "26740", "5 Lê Lợi", date(2026, 1, 1), date(2025, 12, 1), date(2026, 12, 1)
)
ALLOWED = ""


def life(person_id: int = 1, born: int = 19800101, **more: Any) -> Life:
    return Life(person_id, 1, NOW, born=PartialDate(born), residences=more.pop("residences", (HOME,)), **more)


def answer(of: Any, facts: Any, on: date) -> str:
    """The rule that refuses, `warns: ...`, or nothing."""
    try:
        warned = judge(of, facts, on=on)
    except Refused as refused:
        return refused.rule if refused.law and refused.in_force <= on else "a refusal without law"
    return "warns: " + " ".join(one.rule for one in warned) if warned else ALLOWED


def temporary(on: date, until: date, **more: Any) -> tuple[TemporaryFacts, date]:
    of = more.pop("of", life())
    unit, detail = more.pop("place", ("26740", "5 Lê Lợi"))
    return TemporaryFacts(of, unit, detail, on, until, more.pop("registered_on", TODAY), **more), on


def extension(until: date, registered_on: date, stay: Residence | None = LODGING) -> tuple[ExtensionFacts, date]:
    return ExtensionFacts(life(), stay, until, registered_on), registered_on


TERM = date(2027, 11, 24)
DAY, OF_2015, OF_2010 = TODAY, date(2015, 6, 1), date(2010, 6, 1)

TEMPORARIES = [
    (temporary(DAY, TERM), ALLOWED),
    (temporary(DAY, TERM, of=life(**DIED)), "temporary.alive"),
    (temporary(date(2026, 11, 25), TERM), "temporary.not_in_the_future"),
    (temporary(DAY, date(2028, 11, 24)), ALLOWED),
    (temporary(DAY, date(2028, 11, 25)), "temporary.two_years"),
    (temporary(OF_2015, date(2017, 6, 1)), ALLOWED),
    (temporary(OF_2015, date(2017, 6, 2)), "temporary.24_months.2013"),
    (temporary(OF_2010, date(2015, 6, 2)), ALLOWED),
    (temporary(DAY, date(2026, 12, 24)), ALLOWED),
    (temporary(DAY, date(2026, 12, 23)), "temporary.from_30_days"),
    (temporary(DAY, TERM, home="06325", here="06325"), "temporary.outside_own_commune"),
    (temporary(DAY, TERM, home=None, here="06325"), ALLOWED),
    (temporary(OF_2010, date(2011, 6, 1), place=("06325", "Thôn 1")), "temporary.not_where_permanent"),
]

_OLD_TERM = Residence(ResidenceKind.TEMPORARY, "26740", "5 Lê Lợi", OF_2015, OF_2015, date(2017, 6, 1))
EXTENSIONS = [
    (extension(date(2028, 12, 1), date(2026, 11, 16)), ALLOWED),
    (extension(date(2028, 12, 1), date(2026, 11, 15)), "extension.last_15_days"),
    (extension(date(2028, 12, 2), date(2026, 11, 16)), "extension.two_years"),
    (extension(date(2026, 12, 1), date(2026, 11, 16)), "extension.ends_later"),
    (extension(date(2028, 12, 1), TODAY, stay=None), "extension.registration_lasts"),
    (extension(date(2019, 6, 1), date(2017, 5, 2), stay=_OLD_TERM), ALLOWED),
    (extension(date(2019, 6, 1), date(2017, 5, 1), stay=_OLD_TERM), "extension.last_30_days.2013"),
]


def end(ground: PermanentEnd, on: date = TODAY, since: date | None = None, of: Life | None = None) -> Any:
    return PermanentEndFacts(of or life(nationality="VNM"), ground, on, TODAY, since), on


_ABROAD = Absence(AbsenceCase.LONG_ABSENCE, date(2025, 1, 1))
DEREGISTRATIONS = [
    (end(PermanentEnd.SETTLED_ABROAD), ALLOWED),
    (end(PermanentEnd.SETTLED_ABROAD, of=life(residences=())), "deregistration.registered"),
    (end(PermanentEnd.SETTLED_ABROAD, date(2026, 11, 25)), "deregistration.not_in_the_future"),
    (end(PermanentEnd.LODGING_ENDED, since=date(2025, 11, 24)), ALLOWED),
    (end(PermanentEnd.LODGING_ENDED, since=date(2025, 11, 25)), "deregistration.twelve_months"),
    (end(PermanentEnd.DWELLING_SOLD), "deregistration.twelve_months"),
    (end(PermanentEnd.ABSENT_12_MONTHS, since=date(2025, 1, 1)), ALLOWED),
    (
        end(PermanentEnd.ABSENT_12_MONTHS, since=date(2025, 1, 1), of=life(absences=(_ABROAD,))),
        "deregistration.absence_not_declared",
    ),
    (
        end(PermanentEnd.ABSENT_12_MONTHS, since=date(2025, 1, 1), of=life(residences=(HOME, LODGING))),
        "deregistration.absence_not_declared",
    ),
    (end(PermanentEnd.DEAD_OR_MISSING), "deregistration.dead_or_missing"),
    (end(PermanentEnd.DEAD_OR_MISSING, of=life(status=PersonStatus.DECLARED_MISSING)), ALLOWED),
    (end(PermanentEnd.NATIONALITY_LOST), "deregistration.nationality_lost"),
    (end(PermanentEnd.NATIONALITY_LOST, of=life(nationality="USA")), ALLOWED),
    (end(PermanentEnd.JOINED_FORCES), "deregistration.joined_forces"),
    (end(PermanentEnd.JOINED_FORCES, OF_2015), ALLOWED),
    (end(PermanentEnd.DWELLING_GONE, OF_2015), "deregistration.ground.2006"),
    (end(PermanentEnd.DWELLING_GONE), ALLOWED),
]


def lodging_end(
    ground: TemporaryEnd, on: date = TODAY, since: date | None = None, stay: Residence | None = LODGING, **more: Any
) -> Any:
    return TemporaryEndFacts(life(**more), stay, ground, on, TODAY, since), on


_AT_LODGING = Residence(ResidenceKind.PERMANENT, "26740", "5 Lê Lợi", date(2026, 1, 1), date(2026, 6, 1))
TEMPORARY_ENDS = [
    (lodging_end(TemporaryEnd.LODGING_ENDED), ALLOWED),
    (lodging_end(TemporaryEnd.LODGING_ENDED, stay=None), "temporary_end.registered"),
    (lodging_end(TemporaryEnd.LODGING_ENDED, date(2026, 11, 25)), "temporary_end.not_in_the_future"),
    (lodging_end(TemporaryEnd.ABSENT_6_MONTHS, since=date(2026, 5, 24)), ALLOWED),
    (lodging_end(TemporaryEnd.ABSENT_6_MONTHS, since=date(2026, 5, 25)), "temporary_end.six_months"),
    (lodging_end(TemporaryEnd.ABSENT_6_MONTHS, OF_2015, date(2015, 5, 1)), "temporary_end.six_months.2006"),
    (lodging_end(TemporaryEnd.DEAD_OR_MISSING), "temporary_end.dead_or_missing"),
    (lodging_end(TemporaryEnd.PERMANENT_HERE), "temporary_end.permanent_here"),
    (lodging_end(TemporaryEnd.PERMANENT_HERE, residences=(_AT_LODGING, LODGING)), ALLOWED),
    (lodging_end(TemporaryEnd.EXPIRED), "temporary_end.expired"),
]

ABODES = [
    ((AbodeFacts(life(), TODAY, TODAY), TODAY), ALLOWED),
    ((AbodeFacts(life(**DIED), TODAY, TODAY), TODAY), "abode.alive"),
    ((AbodeFacts(life(), date(2026, 12, 1), TODAY), TODAY), "abode.not_in_the_future"),
]


def absence(case: AbsenceCase, on: date, until: date | None, **more: Any) -> Any:
    return AbsenceFacts(life(**more), case, on, until), on


_SERVICE, _LONG = AbsenceCase.LIABLE_TO_SERVICE, AbsenceCase.LONG_ABSENCE
ABSENCES = [
    (absence(_LONG, TODAY, None), ALLOWED),
    (absence(_LONG, TODAY, None, **DIED), "absence.alive"),
    (absence(_SERVICE, OF_2015, date(2015, 8, 1)), "warns: absence.three_months.2006"),
    (absence(_SERVICE, date(2023, 1, 1), date(2023, 3, 1)), "warns: absence.three_months.district"),
    (absence(_SERVICE, TODAY, date(2027, 2, 23)), "warns: absence.three_months"),
    (absence(_SERVICE, TODAY, date(2027, 2, 24)), ALLOWED),
    (absence(_LONG, TODAY, date(2027, 11, 23)), "warns: absence.twelve_months"),
    (absence(_LONG, TODAY, None, residences=(HOME, LODGING)), "warns: absence.registered_elsewhere"),
]
RETURNS = [
    ((ReturnFacts(life(absences=(_ABROAD,)), TODAY, TODAY), TODAY), ALLOWED),
    ((ReturnFacts(life(), TODAY, TODAY), TODAY), "return.absence_lasts"),
    ((ReturnFacts(life(absences=(_ABROAD,)), date(2026, 12, 1), TODAY), TODAY), "return.not_in_the_future"),
]


def household(head: Life | None = None, on: date = TODAY, **more: Any) -> Any:
    return HouseholdFacts({1: life(**more)}, head, on, TODAY), TODAY


_MEMBER = (Membership(7, Relation.CHILD, date(2020, 1, 1)),)


def split(*, consents: bool = True, **more: Any) -> Any:
    return SplitFacts({1: life(memberships=more.pop("memberships", _MEMBER), **more)}, TODAY, consents), TODAY


HOUSEHOLD_ACTS = [
    (household(life()), ALLOWED),
    (household(**DIED), "household.alive"),
    (household(on=date(2026, 11, 25)), "household.not_in_the_future"),
    (household(life(born=20081125)), "warns: household.head_of_age"),
    (household(life(born=20081124)), ALLOWED),
]
SPLITS = [
    (split(), ALLOWED),
    (split(memberships=()), "split.of_one_household"),
    (split(born=20150101), "split.full_capacity"),
    (split(consents=False), "split.head_consents"),
    (split(consents=False, marital=MaritalStatus.DIVORCED), ALLOWED),
]

_NUMBER = (Identifier(IdentifierScheme.PERSONAL_NUMBER, "001080000001"),)
NUMBERS = [
    ((NumberCancelFacts(life(identifiers=_NUMBER)), TODAY), ALLOWED),
    ((NumberCancelFacts(life()), TODAY), "number.in_force"),
]


def merge(one: dict[str, Any], other: dict[str, Any], other_id: int = 2) -> Any:
    return MergeFacts(life(**one), life(other_id, **other)), TODAY


def married(spouse: int, until: int | None = None) -> dict[str, Any]:
    ended = PartialDate(until) if until else None
    return {"marriages": (Marriage(Kin(spouse), PartialDate(20100101), ended),)}


MERGES = [
    (merge({}, {}), ALLOWED),
    (merge({}, {}, other_id=1), "merge.two_records"),
    (merge({}, {"status": PersonStatus.ANNULLED}), "merge.both_stand"),
    (merge({"status": PersonStatus.MERGED}, {}), "merge.both_stand"),
    (merge({}, {"identifiers": _NUMBER}), "merge.survivor_has_the_number"),
    (merge({"identifiers": _NUMBER}, {}), ALLOWED),
    (merge({"sex": Sex.MALE}, {"sex": Sex.FEMALE}), "merge.one_sex"),
    (merge({"sex": Sex.MALE}, {}), ALLOWED),
    (merge({}, {"born": 19800102}), "warns: merge.one_birth"),
    (merge({}, {"born": 19800000}), ALLOWED),
    (merge(DIED, {**DIED, "died": PartialDate(20260102)}), "merge.one_death"),
    (merge(DIED, DIED), ALLOWED),
    (merge(DIED, married(9)), "merge.bound_beyond_death"),
    (merge(DIED, married(9, 20200101)), ALLOWED),
    (merge(married(8), married(9)), "merge.one_marriage"),
    (merge(married(9), married(9)), ALLOWED),
    (merge({"mother": Kin(2)}, {}), "merge.not_of_one_family"),
    (merge(married(2), {}), "merge.not_of_one_family"),
]

TABLES: list[tuple[Any, list[Any]]] = [
    (TEMPORARY, TEMPORARIES),
    (EXTENSION, EXTENSIONS),
    (DEREGISTRATION, DEREGISTRATIONS),
    (TEMPORARY_END, TEMPORARY_ENDS),
    (ABODE, ABODES),
    (ABSENCE, ABSENCES),
    (RETURN, RETURNS),
    (HOUSEHOLD, HOUSEHOLD_ACTS),
    (SPLIT, SPLITS),
    (NUMBER_CANCEL, NUMBERS),
    (MERGE, MERGES),
]
CASES = [(of, *facts, expected) for of, rows in TABLES for facts, expected in rows]


@pytest.mark.parametrize(("of", "facts", "on", "expected"), CASES)
def test_the_law_answers(of: Any, facts: Any, on: date, expected: str) -> None:
    assert answer(of, facts, on) == expected


def test_every_rule_is_breached_by_a_case() -> None:
    answers = {expected.removeprefix("warns: ") for *_, expected in CASES}
    ids = [rule.id for rule in (*TEMPORARY_AND_ABSENCE, *ENDS_OF_RESIDENCE, *HOUSEHOLDS, *RECORDS)]
    assert len(ids) == len(set(ids))
    assert set(ids) - answers == set()


def test_every_rule_says_what_law_it_is_in_both_languages() -> None:
    for rule in (*TEMPORARY_AND_ABSENCE, *ENDS_OF_RESIDENCE, *HOUSEHOLDS, *RECORDS):
        assert rule.law
        assert rule.message_vi != rule.message_en
        assert rule.message_vi.endswith(".")
        assert rule.message_en.endswith(".")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 24), 24, date(2028, 11, 24)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_on_the_day_of_the_same_number(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected
