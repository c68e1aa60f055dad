from datetime import date

import pytest

from dancu.kernel.text import fold
from dancu.reference.addresses import parse_address
from dancu.reference.model import Level, Unit
from dancu.reference.units import unit_index

IN_2024 = date(2024, 5, 1)
IN_2026 = date(2026, 11, 24)


@pytest.mark.parametrize("text", ["", " , ", "không rõ", "12 đường Không Tên"])
def test_a_line_without_a_place_keeps_all_of_it_as_detail(text: str) -> None:
    found = parse_address(text)
    assert (found.unit, found.confidence) == (None, 0.0)
    assert found.detail == " ".join(text.split())


def test_communes_that_differ_in_accents_only_are_not_guessed() -> None:
    found = parse_address("phuong sa pa, thi xa sa pa, tinh lao cai", IN_2024)
    assert found.level is Level.DISTRICT
    assert {unit.title for unit in found.candidates} == {"Phường Sa Pa", "Phường Sa Pả"}
    assert found.confidence < 0.6


def test_a_commune_that_does_not_exist_leaves_the_district_and_little_trust() -> None:
    found = parse_address("Xã Không Có Thật, Huyện Chi Lăng, Tỉnh Lạng Sơn")
    assert found.unit
    assert found.unit.code == "187"
    assert found.detail == "Xã Không Có Thật"
    assert found.confidence < 0.6


@pytest.mark.parametrize(
    "text",
    [
        "Thôn 8, Xã Mai Sao, Huyện Chi Lăng, Tỉnh Lạng Sơn",
        "Thôn 8, xã Mai Sao, huyện Chi Lăng, tỉnh Lạng Sơn, Việt Nam",
        "THÔN 8, XÃ MAI SAO, HUYỆN CHI LĂNG, TỈNH LẠNG SƠN",
        "Thôn 8, X. Mai Sao, H. Chi Lăng, T. Lạng Sơn",
        "Thôn 8, Mai Sao, Chi Lăng, Lạng Sơn",
        "Thôn 8 xã Mai Sao huyện Chi Lăng tỉnh Lạng Sơn",
        "thon 8 xa mai sao huyen chi lang lang son",
        "Thôn 8, xã Mai Xao, huyện Chi Lăng, Lạng Sơn",
    ],
)
def test_one_address_is_read_in_many_spellings(text: str) -> None:
    found = parse_address(text)
    assert found.unit
    assert found.unit.code == "06484"
    assert fold(found.detail) == "thon 8"
    assert found.confidence >= 0.6


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12 Lý Thường Kiệt, P.14, Q.10, TP.HCM", "27169"),
        ("12 Lý Thường Kiệt, P14, Q10, TPHCM", "27169"),
        ("12 Lý Thường Kiệt, Phường 14, Quận 10, Sài Gòn", "27169"),
        ("Tx. Sơn Tây, Hà Nội", "269"),
        ("TT Ba Chẽ, H. Ba Chẽ, Quảng Ninh", "06970"),
        ("Huyện đảo Cồn Cỏ, Quảng Trị", "471"),
        ("P. Thuỷ Xuân, TP Huế, Thừa Thiên - Huế", "19813"),
        ("Phường Qui Nhơn, Gia Lai", "21583"),
        ("Bà Rịa-Vũng Tàu", "77"),
        ("xa quan son, huyen chi lang, lang son", "06517"),
        ("Phường Phường Đúc, Thành phố Huế, Tỉnh Thừa Thiên Huế", "19780"),
    ],
)
def test_abbreviations_and_odd_names_are_read(text: str, code: str) -> None:
    found = parse_address(text)
    assert found.unit
    assert found.unit.code == code


def test_a_line_is_read_in_the_units_of_its_day() -> None:
    assert parse_address("xã Long Thành, Đồng Nai", date(2025, 9, 1)).confidence > 0.9
    today = parse_address("Phường Long Thành, TP Đồng Nai", IN_2026)
    assert today.unit
    assert (today.unit.code, today.unit.kind.value) == ("26368", "phuong")


def test_an_earlier_address_written_today_says_of_which_day_it_is() -> None:
    found = parse_address("Thôn A, Xã Y Tịch, Huyện Chi Lăng, Tỉnh Lạng Sơn", IN_2026)
    assert found.unit
    assert found.unit.code == "06520"
    assert found.day
    assert found.day < date(2025, 7, 1)


def _communes() -> list[Unit]:
    return [unit for unit in unit_index().units if unit.level is Level.COMMUNE]


def test_every_commune_of_every_era_is_read_back_from_its_title() -> None:
    index = unit_index()
    for unit in _communes():
        found = parse_address(f"Thôn 3, {index.full_title(unit)}", unit.valid_from)
        assert (found.unit, found.detail, found.confidence) == (unit, "Thôn 3", 1.0)


def test_without_accents_and_commas_only_true_namesakes_are_left_open() -> None:
    index = unit_index()
    for unit in _communes()[::7]:
        title = fold(index.full_title(unit)).replace(",", "")
        found = parse_address(f"thon 3 {title}", unit.valid_from)
        if found.unit != unit:
            assert unit in found.candidates, title
            assert {fold(other.title) for other in found.candidates} == {fold(unit.title)}
