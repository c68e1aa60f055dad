"""Indicators: numbers for policy that follow from a projection."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.forecast import Population, Projection, Rates, project
from dancu.forecast.axes import AGES, FEMALE, FERTILE_AGES, MALE
from dancu.forecast.indicators import INDICATORS, Imports, indicators, pension_age, read_imports, shipped
from dancu.kernel.errors import Invalid

UNITS = ("01", "79")
HEADER = "name,unit,sex,age_from,age_to,year,value,source\n"


def a_projection(*, people: float = 1000.0, years: int = 3) -> Projection:
    """Both units keep a thousand people of each sex at each age below 100, and a thousand births a year."""
    counts = np.zeros((len(UNITS), 2, AGES))
    counts[..., :100] = people
    shape = (years, len(UNITS), 2, AGES)
    mx = np.full(shape, 1e-9)
    asfr = np.full((years, len(UNITS), FERTILE_AGES), 2 / FERTILE_AGES)
    return project(
        Population(2026, UNITS, counts),
        Rates(2026, UNITS, mx, asfr, np.ones((years, len(UNITS)))),
        until=2026 + years,
    )


def imports(tmp_path: Path, *lines: str) -> Imports:
    path = tmp_path / "imports.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return read_imports(path)


def whole(projection: Projection, code: str, given: Imports | None = None) -> np.ndarray:
    (measured,) = indicators(projection, given, only=[code])
    return measured.values[""]


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("participation,,both,15,64,2026,0.7,a survey", "/line 2/sex"),
        ("participation,,,64,15,2026,0.7,a survey", "/line 2/age_to"),
        ("participation,,,15,64,last year,0.7,a survey", "/line 2/year"),
        ("participation,,,15,64,2026,-0.7,a survey", "/line 2/value"),
        ("participation,,,15,64,2026,many,a survey", "/line 2/value"),
        ("participation,,,15,64,2026,0.7,", "/line 2/source"),
        (",,,15,64,2026,0.7,a survey", "/line 2/name"),
    ],
)
def test_a_stated_value_that_cannot_be_read_is_named_by_line_and_column(tmp_path: Path, line: str, where: str) -> None:
    with pytest.raises(Invalid) as raised:
        imports(tmp_path, line)
    assert [fault.pointer for fault in raised.value.faults] == [where]


def test_a_file_without_a_column_says_which(tmp_path: Path) -> None:
    path = tmp_path / "imports.csv"
    path.write_text("name,year,value\n", encoding="utf-8")
    with pytest.raises(Invalid) as raised:
        read_imports(path)
    assert [fault.pointer for fault in raised.value.faults] == [
        "/unit",
        "/sex",
        "/age_from",
        "/age_to",
        "/source",
    ]


def test_an_indicator_whose_import_is_missing_says_so_and_makes_nothing_up() -> None:
    (measured,) = indicators(a_projection(), only=["labour_force"])
    assert measured.values == {}
    assert measured.lacks == ("participation",)


def test_an_unknown_indicator_is_refused() -> None:
    with pytest.raises(Invalid):
        indicators(a_projection(), only=["happiness"])


def test_each_indicator_has_a_definition_a_law_and_a_unit() -> None:
    for one in INDICATORS:
        assert all((one.vi, one.en, one.meaning, one.law, one.measure)), one.code
    assert len({one.code for one in INDICATORS}) == len(INDICATORS)


def test_what_ships_has_its_source_and_meets_schools_and_vaccines() -> None:
    lacking = {m.indicator.code for m in indicators(a_projection()) if m.lacks}
    assert not lacking & {"vaccine_doses", "classes", "teachers"}
    assert all(one.source for stated in shipped().values() for one in stated)


def test_voters_are_those_of_eighteen_and_over() -> None:
    # 82 ages from 18 to 99 at the start of 2026, of two sexes; a year later 100-year-olds have joined them.
    assert whole(a_projection(), "voters")[0] == pytest.approx([(82 + 83) / 2 * 2000] * 2, rel=1e-6)


def test_pupils_are_whoever_reaches_the_age_in_the_year_the_school_year_begins() -> None:
    (measured,) = indicators(a_projection(), only=["school_places"])
    assert measured.values["primary"][0] == pytest.approx([5 * 2000] * 2, rel=1e-6)
    assert measured.values["upper_secondary"][0] == pytest.approx([3 * 2000] * 2, rel=1e-6)


def test_teachers_follow_from_places_class_size_and_norm(tmp_path: Path) -> None:
    given = imports(tmp_path, "class_size/primary,,,,,2026,25,an own norm")
    (measured,) = indicators(a_projection(), given, only=["teachers"])
    assert measured.values["primary"][0] == pytest.approx([10_000 / 25 * 1.5] * 2, rel=1e-6)


def test_doses_are_due_to_newborns_and_to_children_by_age() -> None:
    projection = a_projection()
    (measured,) = indicators(projection, only=["vaccine_doses"])
    births = projection.births[0].sum(axis=-1)
    assert measured.values["DPT-HepB-Hib"][0] == pytest.approx(3 * births)
    toddlers = projection.mid_year[0, :, :, 1].sum(axis=-1)
    assert measured.values["measles-rubella"][0] == pytest.approx(toddlers)


@pytest.mark.parametrize(
    ("year", "men", "women"),
    [
        (2020, 60, 55),
        (2021, 60.25, 55 + 4 / 12),
        (2026, 61.5, 57),
        (2028, 62, 57 + 8 / 12),
        (2035, 62, 60),
        (2070, 62, 60),
    ],
)
def test_the_age_of_retirement_rises_as_the_law_says(year: int, men: float, women: float) -> None:
    assert pension_age(year, MALE) == pytest.approx(men)
    assert pension_age(year, FEMALE) == pytest.approx(women)


def test_an_age_between_two_birthdays_counts_a_part_of_the_year_of_age() -> None:
    projection = a_projection()
    people = projection.mid_year[0, 0]
    men = people[MALE, 61] / 2 + people[MALE, 62:].sum()
    assert whole(projection, "pension_age")[0, 0] == pytest.approx(men + people[FEMALE, 57:].sum())


def test_a_stated_share_of_a_unit_stands_before_that_of_all(tmp_path: Path) -> None:
    given = imports(tmp_path, "urban_share,,,,,2026,0.4,nation", "urban_share,79,,,,2026,0.8,city")
    urban = whole(a_projection(), "urban", given)[0]
    assert urban[1] == pytest.approx(2 * urban[0])


def test_between_two_stated_years_values_change_evenly_and_hold_on_after(tmp_path: Path) -> None:
    given = imports(tmp_path, "urban_share,,,,,2026,0.4,nation", "urban_share,,,,,2028,0.5,nation")
    projection = a_projection(years=5)
    share = whole(projection, "urban", given)[:, 0] / projection.mid_year[:, 0].sum(axis=(-2, -1))
    assert share == pytest.approx([0.4, 0.45, 0.5, 0.5, 0.5])


def test_parts_of_the_floating_population_are_the_whole(tmp_path: Path) -> None:
    given = imports(tmp_path, "temporary_share,,male,18,40,2026,0.2,the register", "temporary_share,,,0,17,2026,0.05,x")
    (measured,) = indicators(a_projection(), given, only=["temporary_residents"])
    parts = sum(values for part, values in measured.values.items() if part)
    assert parts == pytest.approx(measured.values[""])


@given(st.floats(0.01, 100))
def test_counts_scale_with_the_people_and_ratios_do_not(factor: float) -> None:
    one = {m.indicator.code: m.values for m in indicators(a_projection())}
    other = {m.indicator.code: m.values for m in indicators(a_projection(people=1000 * factor))}
    for code, parts in one.items():
        times = 1 if code == "dependency" else factor
        for part, values in parts.items():
            np.testing.assert_allclose(other[code][part], values * times, rtol=1e-9)


def test_every_trajectory_has_its_own_numbers() -> None:
    counts = np.zeros((4, len(UNITS), 2, AGES))
    counts[..., :100] = np.arange(1, 5)[:, None, None, None] * 1000
    shape = (2, len(UNITS), 2, AGES)
    rates = Rates(2026, UNITS, np.full(shape, 1e-9), np.full((2, 2, FERTILE_AGES), 0.04), np.ones((2, 2)))
    measured = indicators(project(Population(2026, UNITS, counts), rates, until=2028))
    for one in measured:
        for values in one.values.values():
            assert values.shape == (2, 4, len(UNITS)), one.indicator.code
    voters = next(m for m in measured if m.indicator.code == "voters").values[""]
    assert voters[0, 3] == pytest.approx(4 * voters[0, 0])
