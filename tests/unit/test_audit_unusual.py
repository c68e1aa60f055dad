"""What an auditor should ask about is found with its reason, and plain work is left alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dancu.audit.entry import Operation
from dancu.audit.reading import Use, Volume
from dancu.audit.unusual import RULES, Circle, Suspicion, Why, unusual
from dancu.reference.calendar import is_working_day

TUESDAY = date(2026, 11, 24)
LOOK = Use(
    log_id=1,
    logged_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC),  # ten in the morning in Hà Nội
    operation=Operation.READ,
    outcome=1,
    channel=1,
    actor=1,
    officer_id=7,
    office="10273",
    role="civil_registrar",
    purpose="civil_status",
    legal_ground="",
    dossier_id=None,
    person_id=500,
    persons=None,
    fields=1,
    result_count=1,
    reason=None,
)
NEAR = {7: Circle(own=41, relatives=frozenset({42, 43}), neighbours=frozenset({42, 60}))}


def found(*uses: Use, volumes: list[Volume] | None = None) -> list[Suspicion]:
    return unusual(uses, circles=NEAR, volumes=volumes or [], is_working_day=is_working_day)


def whys(*uses: Use) -> list[Why]:
    return [one.why for one in found(*uses)]


def test_plain_work_is_left_alone() -> None:
    assert found(LOOK, replace(LOOK, officer_id=8, person_id=41), replace(LOOK, officer_id=None)) == []


@pytest.mark.parametrize("deed", [Operation.WRITE, Operation.PROPOSE, Operation.DECIDE, Operation.UNMASK])
def test_an_act_on_several_persons_is_about_each_of_them(deed: Operation) -> None:
    act = replace(LOOK, operation=deed, person_id=None, persons=(41, 42, 700), dossier_id=9)
    assert whys(act) == [Why.SELF, Why.RELATIVE]
    assert whys(replace(act, operation=Operation.SEARCH)) == []


@pytest.mark.parametrize(
    ("person", "dossier", "expected"),
    [
        (41, None, [Why.SELF]),
        (41, 9, [Why.SELF]),
        (42, None, [Why.RELATIVE]),
        (43, 9, [Why.RELATIVE]),
        (60, None, [Why.NEIGHBOUR]),
        (60, 9, []),
        (61, None, []),
    ],
)
def test_looks_at_those_near_are_found(person: int, dossier: int | None, expected: list[Why]) -> None:
    use = replace(LOOK, person_id=person, dossier_id=dossier)
    assert whys(use) == expected
    assert whys(replace(use, outcome=2, reason="NotFound")) == expected
    for one in found(use):
        assert (one.persons, one.log_ids) == (frozenset({person}), (1,))
        assert one.on_dossier == (dossier is not None)


def test_a_list_is_a_look_only_where_it_names_one_alone() -> None:
    search = replace(LOOK, operation=Operation.SEARCH, person_id=None)
    assert whys(replace(search, persons=[42])) == [Why.RELATIVE]
    assert whys(replace(search, persons=[42, 500, 501])) == []


def test_looks_of_one_day_are_one_suspicion() -> None:
    (one,) = found(*(replace(LOOK, log_id=i, person_id=42) for i in (5, 3, 4)))
    assert (one.log_ids, one.count, one.day) == ((3, 4, 5), 3, TUESDAY)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 23, 23, 29, tzinfo=UTC), [Why.AFTER_HOURS]),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), []),
        (datetime(2026, 11, 24, 11, 59, tzinfo=UTC), []),
        (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), [Why.AFTER_HOURS]),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), [Why.AFTER_HOURS]),
        (datetime(2026, 11, 22, 3, 0, tzinfo=UTC), [Why.AFTER_HOURS]),
        (datetime(2026, 9, 2, 3, 0, tzinfo=UTC), [Why.AFTER_HOURS]),
    ],
    ids=["6:29", "6:30", "18:59", "19:00", "midnight", "a Sunday", "National Day"],
)
def test_nights_and_days_of_rest_are_told_by_the_calendar_of_the_state(at: datetime, expected: list[Why]) -> None:
    assert whys(replace(LOOK, logged_at=at)) == expected


def test_signing_in_at_night_is_no_look() -> None:
    assert whys(replace(LOOK, operation=Operation.SIGN_IN, logged_at=datetime(2026, 11, 24, 17, 0, tzinfo=UTC))) == []


def volume(days_ago: int, looks: int, *, officer: int = 7, refused: int = 0) -> Volume:
    return Volume(officer, TUESDAY - timedelta(days=days_ago), looks, looks, refused)


def test_a_day_far_above_the_own_habit_is_found() -> None:
    habit = [volume(n, 30) for n in range(1, 7)]
    assert found(volumes=[*habit, volume(0, 120)]) == []
    (one,) = found(volumes=[*habit, volume(0, 121)])
    assert (one.why, one.count, one.usual, one.day) == (Why.VOLUME, 121, 30, TUESDAY)


def test_few_looks_are_never_too_many() -> None:
    assert found(volumes=[*(volume(n, 1) for n in range(1, 7)), volume(0, 59)]) == []


def test_who_has_no_habit_yet_is_held_to_that_of_all() -> None:
    others = [volume(n, 20, officer=officer) for officer in (8, 9) for n in range(3)]
    (one,) = found(volumes=[*others, volume(0, 90)])
    assert (one.officer_id, one.usual) == (7, 20)


def test_many_refusals_on_a_day_are_found() -> None:
    (one,) = found(volumes=[volume(0, 3, refused=10), volume(1, 3, refused=9)])
    assert (one.why, one.count) == (Why.REFUSED, 10)


def test_the_gravest_of_the_latest_day_comes_first() -> None:
    yesterday = replace(LOOK, person_id=41, logged_at=LOOK.logged_at - timedelta(days=1))
    late = replace(LOOK, log_id=2, logged_at=datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    assert whys(late, replace(LOOK, log_id=3, person_id=41), yesterday) == [Why.SELF, Why.AFTER_HOURS, Why.SELF]


def test_every_reason_is_explained_in_both_languages_with_its_ground() -> None:
    assert set(RULES) == set(Why)
    for rule in RULES.values():
        assert all((rule.title_vi, rule.title_en, rule.looks_for_vi, rule.looks_for_en, rule.law))
