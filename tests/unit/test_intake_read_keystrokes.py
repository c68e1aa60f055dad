"""Keystrokes become the words that were meant, and nothing else does."""

import pytest

from dancu.kernel.misread import apply, repaired


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyeenx Thij Hoaf", "Nguyễn Thị Hòa"),
        ("NGUYEENX VAWN DDUWCS", "NGUYỄN VĂN ĐỨC"),
        ("Trần Quoocs Tuaans", "Trần Quốc Tuấn"),
        ("Nguyeexn", "Nguyễn"),
        ("Nguyenex", "Nguyễn"),
        ("Dduwowngf", "Đường"),
        ("Dduonwgf", "Đường"),
        ("Huwowngr", "Hưởng"),
        ("Muwa", "Mưa"),
        ("Quaanf", "Quần"),
        ("Giangf", "Giàng"),
        ("Gif", "Gì"),
        ("Thuyr", "Thủy"),
        ("Quyeets", "Quyết"),
        ("Maix", "Mãi"),
        ("Muaf", "Mùa"),
        ("Lys", "Lý"),
        ("Ddawngj", "Đặng"),
        ("Hoangf Phuwowng", "Hoàng Phương"),
    ],
)
def test_telex_is_read(typed: str, meant: str) -> None:
    assert apply(typed, "telex") == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguye6n4 Thi5 Hoa2", "Nguyễn Thị Hòa"),
        ("NGUYE6N4 VA8N D9U71C", "NGUYỄN VĂN ĐỨC"),
        ("Nguye64n", "Nguyễn"),
        ("D9u7o7ng2", "Đường"),
        ("D9uo7ng2", "Đường"),
        ("Hu7o7ng", "Hương"),
        ("Tra6n2 Quo6c1 Tua6n1", "Trần Quốc Tuấn"),
        ("Thuy3", "Thủy"),
        ("Pha5m", "Phạm"),
    ],
)
def test_vni_keys_are_read(typed: str, meant: str) -> None:
    assert apply(typed, "vni-keys") == meant


@pytest.mark.parametrize(
    "word", ["Nguyen", "Van", "Thomas", "Jones", "Moong", "Xoong", "Ksor", "H", "Rmah", "Smith", "Fox", "Nguyễn"]
)
def test_words_that_type_nothing_stay(word: str) -> None:
    assert repaired(word, typed=True).how == ()


@pytest.mark.parametrize(
    "name", ["Nguyeenx Thomas", "Y Bar", "Thomas Fox", "Nguyen Van An", "TRAN THI TUYET", "Lo Thi Moong"]
)
def test_names_that_may_be_right_stay(name: str) -> None:
    assert repaired(name, typed=True).text == name
