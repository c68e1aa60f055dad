import csv
import io
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.reference.model import Kind, Level, NoSuccessor, Part, Resolved, Split, Unit, level_of
from dancu.reference.tables import read_text
from dancu.reference.units import unit_index

INDEX = unit_index()
IN_2022 = date(2022, 12, 1)
EARLY_2025 = date(2025, 3, 1)
TWO_LEVELS = date(2025, 7, 1)
TODAY = date(2026, 11, 24)
UNITS = st.sampled_from(INDEX.units)
DAYS = st.dates(date(2022, 10, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "provinces", "districts", "communes"),
    [
        (date(1990, 1, 1), 63, 705, 10_599),
        (IN_2022, 63, 705, 10_599),
        (EARLY_2025, 63, 696, 10_035),
        (date(2025, 6, 30), 63, 696, 10_035),
        (TWO_LEVELS, 34, 0, 3_321),
        (TODAY, 34, 0, 3_321),
    ],
)
def test_a_day_has_the_units_that_the_state_counted(day: date, provinces: int, districts: int, communes: int) -> None:
    assert [len(INDEX.units_on(day, level)) for level in Level] == [provinces, districts, communes]


@pytest.mark.parametrize(
    ("day", "cities", "rural", "wards", "zones"),
    [
        (TWO_LEVELS, 6, 2_621, 687, 13),
        (date(2026, 4, 29), 6, 2_621, 687, 13),
        (date(2026, 4, 30), 7, 2_611, 697, 13),
        (date(2026, 9, 1), 8, 2_611, 697, 13),
        (date(2026, 9, 20), 9, 2_599, 709, 13),
    ],
)
def test_kinds_change_on_the_day_of_the_act(day: date, cities: int, rural: int, wards: int, zones: int) -> None:
    counted = (Kind.CENTRAL_CITY, Kind.RURAL_COMMUNE, Kind.WARD, Kind.SPECIAL_ZONE)
    kinds = Counter(unit.kind for level in Level for unit in INDEX.units_on(day, level))
    assert tuple(kinds[kind] for kind in counted) == (cities, rural, wards, zones)


def test_five_districts_had_no_communes() -> None:
    settled = {unit.district_code for unit in INDEX.units_on(IN_2022, Level.COMMUNE)}
    empty = {unit.code for unit in INDEX.units_on(IN_2022, Level.DISTRICT)} - settled
    assert empty == {"318", "471", "498", "536", "755"}
    for code in empty:
        outcome = INDEX.successors(code, IN_2022, TODAY)
        assert isinstance(outcome, Resolved)
        assert outcome.unit.kind == "dac_khu"


def test_an_unknown_code_has_no_unit_and_no_successor() -> None:
    assert INDEX.unit_on("99999", TODAY) is None
    assert INDEX.successors("99999", IN_2022, TODAY) == NoSuccessor()
    assert INDEX.unit_on("00004", TODAY, Level.DISTRICT) is None
    assert level_of("1234") is None


def test_successors_lie_on_a_later_day() -> None:
    with pytest.raises(ValueError, match="later"):
        INDEX.successors("00004", TODAY, IN_2022)


def test_every_commune_of_2022_is_resolved_split_or_listed() -> None:
    listed = {row["code"] for row in csv.DictReader(io.StringIO(read_text("units_without_successor")))}
    outcomes = {
        unit.code: INDEX.successors(unit.code, IN_2022, TODAY) for unit in INDEX.units_on(IN_2022, Level.COMMUNE)
    }
    assert Counter(type(outcome) for outcome in outcomes.values()) == {Resolved: 9_587, Split: 445, NoSuccessor: 567}
    lost = {code for code, outcome in outcomes.items() if isinstance(outcome, NoSuccessor)}
    assert lost == {code for code in listed if len(code) == 5}


def test_every_unit_of_early_2025_is_resolved_or_split() -> None:
    for level in Level:
        for unit in INDEX.units_on(EARLY_2025, level):
            assert not isinstance(INDEX.successors(unit.code, EARLY_2025, TODAY), NoSuccessor), unit.title


def test_a_vanished_commune_has_hints_at_most() -> None:
    outcome = INDEX.successors("00010", IN_2022, TODAY)
    assert isinstance(outcome, NoSuccessor)
    assert [unit.title for unit in outcome.hints] == ["Phường Ba Đình"]
    hinted = [unit for unit in INDEX.units_on(IN_2022, Level.COMMUNE) if _hints(unit)]
    assert len(hinted) == 464


def _hints(unit: Unit) -> tuple[Unit, ...]:
    outcome = INDEX.successors(unit.code, IN_2022, TODAY)
    return outcome.hints if isinstance(outcome, NoSuccessor) else ()


def test_the_later_province_is_certain_even_where_the_commune_is_not() -> None:
    assert INDEX.later_province("99999", IN_2022, TODAY) is None
    for unit in INDEX.units_on(IN_2022, Level.COMMUNE)[::37]:
        province = INDEX.later_province(unit.code, IN_2022, TODAY)
        outcome = INDEX.successors(unit.code, IN_2022, TODAY)
        assert province
        if isinstance(outcome, Resolved):
            assert outcome.unit.province_code == province.code


def test_while_the_day_of_a_change_is_unknown_both_codes_are_known() -> None:
    vanished = INDEX.unit_on("00223", date(2025, 2, 1))
    assert vanished
    assert vanished.valid_to_precision == "between"
    assert INDEX.unit_on("00223", EARLY_2025) is None
    founded = INDEX.unit_on("03980", date(2024, 12, 1))
    assert founded
    assert founded.valid_from_precision == "between"


def test_ba_che_changes_its_code() -> None:
    assert INDEX.unit_on("06978", date(2026, 4, 29)) is None
    assert INDEX.unit_on("06970", date(2026, 4, 30)) is None
    assert INDEX.successors("06970", TWO_LEVELS, TODAY) == Resolved(INDEX.versions("06978")[0])


def test_a_split_commune_is_resolved_by_a_title_in_the_address_and_never_by_a_street() -> None:
    split = INDEX.successors("20296", EARLY_2025, TODAY)
    assert isinstance(split, Split)
    assert [unit.title for unit in split.candidates] == ["Phường Hải Vân", "Phường Liên Chiểu"]
    day = date(2025, 6, 1)
    for text in ("", "12 đường Hải Vân", "Xã Hòa Liên, Đà Nẵng", "phường Hải Vân hoặc phường Liên Chiểu"):
        assert INDEX.resolve_address(text, "20296", day, TODAY) == split, text
    for text in ("tổ 2, phường hải vân", "(nay là Phuong Hai Van)", "Thôn Hải Vân, xã Hòa Liên"):
        assert INDEX.resolve_address(text, "20296", day, TODAY) == Resolved(split.candidates[0]), text


def test_a_name_shared_with_a_split_commune_far_away_splits_nothing() -> None:
    outcome = INDEX.successors("31246", EARLY_2025, TODAY)
    assert isinstance(outcome, Resolved)
    assert outcome.unit.title == "Xã Thạnh Quới"


def test_a_whole_commune_needs_no_address() -> None:
    found = INDEX.resolve_address("", "00004", EARLY_2025, TODAY)
    assert isinstance(found, Resolved)
    assert INDEX.full_title(found.unit, TODAY) == "Phường Ba Đình, Thành phố Hà Nội"


def test_the_units_before_a_merger_are_found_from_the_unit_after_it() -> None:
    found = {unit.title: part for unit, part in INDEX.predecessors("00097", TODAY, EARLY_2025)}
    assert found["Phường Phúc Xá"] is Part.WHOLE
    assert found["Phường Bồ Đề"] is Part.SPLIT
    provinces = {unit.title for unit, _ in INDEX.predecessors("79", TODAY, IN_2022)}
    assert provinces == {"Tỉnh Bình Dương", "Tỉnh Bà Rịa - Vũng Tàu", "Thành phố Hồ Chí Minh"}


def test_predecessors_and_successors_agree() -> None:
    before: dict[str, set[str]] = defaultdict(set)
    for unit in INDEX.units_on(TODAY, Level.COMMUNE):
        for old, _ in INDEX.predecessors(unit.code, TODAY, EARLY_2025):
            before[old.code].add(unit.code)
    for old in INDEX.units_on(EARLY_2025, Level.COMMUNE)[::11]:
        outcome = INDEX.successors(old.code, EARLY_2025, TODAY)
        after = (
            outcome.candidates
            if isinstance(outcome, Split)
            else (outcome.unit,)
            if isinstance(outcome, Resolved)
            else ()
        )
        assert before[old.code] == {unit.code for unit in after}


def test_versions_of_a_code_do_not_overlap() -> None:
    for unit in INDEX.units:
        history = INDEX.versions(unit.code)
        for earlier, later in pairwise(history):
            assert earlier.valid_to is not None
            assert earlier.valid_to <= later.valid_from


def test_every_version_lies_in_parents_of_its_days() -> None:
    for unit in INDEX.units:
        last = unit.valid_to - timedelta(days=1) if unit.valid_to else TODAY
        expected = {code for code in (unit.province_code, unit.district_code) if code and code != unit.code}
        for day in (unit.valid_from, last):
            assert {parent.code for parent in INDEX.parents(unit, day)} == expected, unit


@given(unit=UNITS, first=DAYS, second=DAYS)
def test_successions_lead_to_units_of_the_day_asked_for(unit: Unit, first: date, second: date) -> None:
    since, until = min(first, second), max(first, second)
    outcome = INDEX.successors(unit.code, since, until)
    match outcome:
        case Resolved(found):
            reached: tuple[Unit, ...] = (found,)
        case Split(candidates, default):
            assert len(candidates) > 1
            assert default is None or default in candidates
            reached = candidates
        case NoSuccessor(hints):
            reached = hints
    assert all(found.may_cover(until) for found in reached)


@given(unit=UNITS, day=DAYS)
def test_a_unit_is_its_own_successor_on_the_same_day(unit: Unit, day: date) -> None:
    found = INDEX.unit_on(unit.code, day)
    assert found is None or INDEX.successors(unit.code, day, day) == Resolved(found)


@given(unit=UNITS, days=st.tuples(DAYS, DAYS, DAYS))
def test_two_steps_lead_where_one_does(unit: Unit, days: tuple[date, date, date]) -> None:
    first, middle, last = sorted(days)
    halfway = INDEX.successors(unit.code, first, middle)
    if isinstance(halfway, Resolved):
        assert INDEX.successors(halfway.unit.code, middle, last) == INDEX.successors(unit.code, first, last)
