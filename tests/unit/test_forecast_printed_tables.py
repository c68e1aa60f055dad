"""Printed tables of statistical offices: what stands where, and what does not add up."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.forecast.statistical import AgeTable, Sheet, YearTable, read_sheet, read_table, single_ages
from dancu.kernel.errors import Invalid, Malformed, NotFound

YEARS = """Dân số trung bình phân theo địa phương,,,
,,,Nghìn người - Thous. pers.
,2022,2023,Sơ bộ - Prel. 2024
CẢ NƯỚC,"10.000,4","10.100,2","10.201,0"
Đồng bằng sông Hồng,"6.000,2","6.050,1","6.100,5"
Hà Nội,"4.000,1","4.030,0","4.060,2"
Hải Phòng,"2.000,1","2.020,1","2.040,3"
Tây Nguyên,"4.000,2","4.050,1","4.100,5"
Đắk Lắk,"3.000,1","3.040,1","3.080,2"
Lâm Đồng,"1.000,1","1.010,0","1.020,3"
"""
AGES = """Nhóm tuổi;Chung;Nam;Nữ
Tổng số;1500;770;730
0-4;500;260;240
5-9;450;230;220
10-14;300;150;150
15 trở lên;250;130;120
"""


def sheet(text: str, tmp_path: Path, name: str = "table.csv") -> Sheet:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_sheet(path)


def test_a_file_that_is_missing_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_sheet(tmp_path / "nothing.xlsx")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(Malformed, match="no spreadsheet"):
        read_sheet(tmp_path / "broken.xlsx")
    (tmp_path / "legacy.csv").write_bytes(b"H\xe0 N\xf6i,1")
    with pytest.raises(Malformed, match="not UTF-8"):
        read_sheet(tmp_path / "legacy.csv")
    with pytest.raises(Malformed, match="neither years nor both sexes"):
        read_table(sheet("a,b\n1,2\n", tmp_path))


def test_a_total_that_is_not_the_sum_is_named_by_its_row(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"CẢ NƯỚC is 9,000\.0") as raised:
        read_table(sheet(YEARS.replace("10.000,4", "9.000,0"), tmp_path))
    assert raised.value.faults[0].pointer == "table.csv/row 4"


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as raised:
        read_table(sheet(YEARS.replace("2.020,1", "..."), tmp_path))
    assert raised.value.faults[0].pointer == "table.csv/row 7/column 3"


def test_an_age_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="begins with age 10, and age 5 should come"):
        read_table(sheet(AGES.replace("5-9;450;230;220\n", ""), tmp_path))


def test_ages_that_do_not_sum_to_their_total_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"is 700.0, and the ages sum to 770.0"):
        read_table(sheet(AGES.replace("1500;770", "1500;700"), tmp_path))


def test_a_unit_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    text = ",2022,2023\nA,1,1\nB,5,7\nA,20,30\n"
    with pytest.raises(Invalid, match="stands twice"):
        read_table(sheet(text, tmp_path))


def test_units_by_years_are_read_without_nation_and_regions(tmp_path: Path) -> None:
    found = read_table(sheet(YEARS, tmp_path))
    assert isinstance(found, YearTable)
    assert found.units == ("Hà Nội", "Hải Phòng", "Đắk Lắk", "Lâm Đồng")
    assert found.years == (2022, 2023, 2024)
    assert set(found.left_out) == {"CẢ NƯỚC", "Đồng bằng sông Hồng", "Tây Nguyên"}
    np.testing.assert_allclose(found.persons[0], [4_000_100, 2_000_100, 3_000_100, 1_000_100])


def test_english_numbers_are_read_as_well(tmp_path: Path) -> None:
    text = "Population (persons)\tYear\t\nUnit\t2019\t2020\nA\t1,234,567\t1,300,000\nB\t2,000,000\t2,100,001\n"
    found = read_table(sheet(text, tmp_path, "table.tsv"))
    assert isinstance(found, YearTable)
    np.testing.assert_allclose(found.persons[:, 0], [1_234_567, 1_300_000])


def test_ages_by_sex_are_read_with_an_open_end(tmp_path: Path) -> None:
    found = read_table(sheet(AGES, tmp_path))
    assert isinstance(found, AgeTable)
    assert (found.ages, found.last) == ((0, 5, 10, 15), None)
    np.testing.assert_allclose(found.persons, [[260, 230, 150, 130], [240, 220, 150, 120]])


@pytest.mark.parametrize("first", ["Dưới 1 tuổi", "Under 1", "< 1", "0"])
def test_the_first_year_of_life_may_stand_alone(tmp_path: Path, first: str) -> None:
    text = f"Age,Male,Female\n{first},10,9\n1-4,40,38\n5+,100,90\n"
    found = read_table(sheet(text, tmp_path))
    assert isinstance(found, AgeTable)
    assert found.ages == (0, 1, 5)


@given(st.lists(st.integers(0, 10**6), min_size=4, max_size=17))
def test_single_ages_keep_every_group_and_are_never_negative(groups: list[int]) -> None:
    persons = np.array([groups, groups[::-1]], dtype=float)
    table = AgeTable(tuple(range(0, 5 * len(groups), 5)), last=None, persons=persons)
    single = single_ages(table)
    assert np.all(single >= 0)
    inner = single[:, :-1].reshape(2, len(groups) - 1, 5).sum(axis=-1)
    np.testing.assert_allclose(inner, persons[:, :-1], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(single[:, -1], persons[:, -1])


def test_an_even_course_is_split_evenly() -> None:
    single = single_ages(AgeTable((0, 5, 10), last=14, persons=np.full((2, 3), 50.0)))
    np.testing.assert_allclose(single, 10, rtol=1e-6)
    assert single.shape == (2, 15)


def test_the_command_writes_what_forecasts_read(tmp_path: Path) -> None:
    (tmp_path / "years.csv").write_text(YEARS, encoding="utf-8")
    done = CliRunner().invoke(
        app, ["forecast", "table", str(tmp_path / "years.csv"), "--out", str(tmp_path / "out.csv")]
    )
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == {"year": "2022", "unit": "Hà Nội", "persons": "4000100.0"}
    assert len(rows) == 12
