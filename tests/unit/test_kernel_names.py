"""Names: parts are never invented, and lists stand in Vietnamese order."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.errors import Invalid
from dancu.kernel.names import PersonName

WORDS = st.lists(st.text("abcđêôươáạNTĐ", min_size=1, max_size=6), min_size=1, max_size=6)


@pytest.mark.parametrize("text", ["", "   ", "Nguyễn Văn 4", "Trần;Thị", "A\u200bB"])
def test_what_no_name_can_be_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        PersonName.parse(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Nguyễn Thị Ngọc Mai", ("Nguyễn", "Thị Ngọc", "Mai")),
        ("Lê An", ("Lê", "", "An")),
        ("Sùng", ("", "", "Sùng")),
        ("Tôn Nữ Thị Ninh", ("Tôn Nữ", "Thị", "Ninh")),
        ("Công Tằng Tôn Nữ Hà", ("Công Tằng Tôn Nữ", "", "Hà")),
        ("Tôn Nữ", ("Tôn", "", "Nữ")),
        ("  Lê \t Văn  Ba ", ("Lê", "Văn", "Ba")),
    ],
)
def test_a_name_is_split_in_kinh_order(text: str, parts: tuple[str, str, str]) -> None:
    name = PersonName.parse(text)
    assert (name.surname, name.middle, name.given) == parts


@given(WORDS)
def test_parsing_neither_loses_nor_invents_a_word(words: list[str]) -> None:
    name = PersonName.parse(" ".join(words))
    assert name.full.split() == [unicodedata.normalize("NFC", word) for word in words]
    assert name.given


@given(WORDS)
def test_a_name_is_the_same_however_its_letters_are_composed(words: list[str]) -> None:
    text = " ".join(words)
    assert PersonName.parse(unicodedata.normalize("NFD", text)) == PersonName.parse(text)


def test_a_list_is_sorted_by_given_name_then_surname_then_middle_name() -> None:
    listed = ["Trần Văn An", "Lê Thị Ân", "Đỗ Văn Bình", "Lê Anh Bình", "Lê Văn Bình"]
    expected = ["Trần Văn An", "Lê Thị Ân", "Đỗ Văn Bình", "Lê Anh Bình", "Lê Văn Bình"]
    assert [n.full for n in sorted(map(PersonName.parse, reversed(listed)), key=lambda n: n.order)] == expected
