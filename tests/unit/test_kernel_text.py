"""Folding for search, the canonical form, and the order of a dictionary."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.text import canonical, fold, sort_key

VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵĐÂẾ ")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nguyễn Thị Đào", "nguyen thi dao"),
        ("ĐẶNG  đình\tĐệ", "dang dinh de"),
        (unicodedata.normalize("NFD", "Hoàng Thị Ngọc Uyển"), "hoang thi ngoc uyen"),
        ("K'Brơi Y-Niê", "k'broi y-nie"),
        ("", ""),
    ],
)
def test_fold_drops_diacritics_case_and_spaces(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(VIETNAMESE)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(VIETNAMESE)
def test_fold_does_not_care_how_the_letters_are_composed(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(VIETNAMESE)
def test_a_folded_text_holds_plain_letters_only(text: str) -> None:
    assert fold(text).isascii()


@given(st.text())
def test_the_canonical_form_is_final(text: str) -> None:
    once = canonical(text)
    assert once == once.strip()
    assert canonical(once) == once


def test_words_stand_in_the_order_of_a_dictionary() -> None:
    words = ["ưn", "an", "êm", "ăn", "đao", "ba", "ân", "em", "dao", "ơn", "ôn", "on", "un"]
    expected = ["an", "ăn", "ân", "ba", "dao", "đao", "em", "êm", "on", "ôn", "ơn", "un", "ưn"]
    assert sorted(words, key=sort_key) == expected


def test_tones_decide_only_between_equal_letters() -> None:
    words = ["man", "mạ", "má", "mã", "mả", "mà", "ma"]
    assert sorted(words, key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ", "man"]
