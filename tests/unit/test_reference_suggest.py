from datetime import date

import pytest

from dancu.kernel.text import fold
from dancu.reference.model import Level
from dancu.reference.suggest import suggest
from dancu.reference.units import unit_index

IN_2024 = date(2024, 5, 1)
IN_2026 = date(2026, 11, 24)


@pytest.mark.parametrize("text", ["", "  ", "---", "zzz", "mai sao ca mau"])
def test_what_names_nothing_suggests_nothing(text: str) -> None:
    assert suggest(text) == []


def test_no_more_than_the_limit_is_listed_and_nothing_twice() -> None:
    found = suggest("tan", limit=7)
    assert len(found) == 7
    assert len({suggestion.title for suggestion in found}) == 7


def test_units_of_today_come_before_those_of_the_past() -> None:
    found = suggest("ba che", limit=3)
    assert found[0].title == "Xã Ba Chẽ, Thành phố Quảng Ninh"
    assert found[0].unit.valid_to is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("mai s chi l", "Xã Mai Sao, Huyện Chi Lăng, Tỉnh Lạng Sơn"),
        ("sao mai", "Xã Mai Sao, Huyện Chi Lăng, Tỉnh Lạng Sơn"),
        ("phuong 14 quan 10 hcm", "Phường 14, Quận 10, Thành phố Hồ Chí Minh"),
        ("Hồng Hà, Hà Nội", "Phường Hồng Hà, Thành phố Hà Nội"),
        ("tp dong nai", "Thành phố Đồng Nai"),
        ("con co", "Đặc khu Cồn Cỏ, Tỉnh Quảng Trị"),
    ],
)
def test_the_right_unit_comes_first(text: str, title: str) -> None:
    assert suggest(text)[0].title == title


def test_a_day_and_a_level_narrow_the_choice() -> None:
    old = suggest("ba dinh", day=IN_2024, level=Level.DISTRICT)
    assert old[0].unit.code == "001"
    assert {found.unit.level for found in old} == {Level.DISTRICT}
    now = suggest("ba dinh", day=IN_2026, limit=50)
    assert now
    assert all(found.unit.valid_to is None for found in now)


def test_a_title_typed_out_finds_its_unit_with_or_without_accents() -> None:
    index = unit_index()
    for unit in index.units_on(IN_2026, Level.COMMUNE)[::23]:
        title = index.full_title(unit, IN_2026)
        for typed in (title, fold(title)):
            assert unit in [found.unit for found in suggest(typed, day=IN_2026)], typed
