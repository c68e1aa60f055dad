"""What damaged names are taken for: the table is the manual."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.keystrokes import telex, telex_shapes, tone_in_place, vni, vni_marks
from dancu.linkage.decoding import decoded
from dancu.linkage.names import Name

_WORDS = (
    "nguyễn trần lê phạm hoàng huỳnh võ vũ đặng bùi đỗ hồ ngô dương lý văn thị hữu đình quốc xuân thúy hòa khuê "
    "giang nghĩa quý mỹ hương trường phước tuyết oanh uyên ánh ửng yến"
)
SYLLABLES = st.sampled_from(_WORDS.split())
_TELEX = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j", "\u0306": "w", "\u031b": "w"}
_VNI = {
    "\u0300": "2",
    "\u0301": "1",
    "\u0303": "4",
    "\u0309": "3",
    "\u0323": "5",
    "\u0306": "8",
    "\u031b": "7",
    "\u0302": "6",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NGUYỄN VĂN A", "nguyễn văn a"),
        ("  Nguyễn   Văn A ", "nguyễn văn a"),
        (unicodedata.normalize("NFD", "Nguyễn Văn Hoà"), "nguyễn văn hòa"),
        ("Hoà Thuý", "hòa thúy"),
        ("Nguyeenx Vawn Dduwcs", "nguyễn văn đức"),
        ("Nguyenex Thij", "nguyễn thị"),
        ("Coong", "công"),
        ("Nguye6n4 Va8n D9u71c", "nguyễn văn đức"),
        ("NguyÔn V¨n B×nh", "nguyễn văn bình"),
        ("Nguyeãn Vaên Bình", "nguyễn văn bình"),
        ("Nguyá»…n VÄƒn BÃ¬nh", "nguyễn văn bình"),
        ("Ng. V. An", "ng v an"),
        ("Nguyễn-Văn_An", "nguyễn văn an"),
        ("H'Đim Niê Kđăm", "h'đim niê kđăm"),
        ("H'D9im Nie6", "h'đim niê"),
        ("h'dim niee kddawm", "h'dim niê kđăm"),
        ("Ksor H’Lan", "ksor h'lan"),
        ("John Smith", "john smith"),
        ("Ông Nguyễn Văn A (Tý)", "nguyễn văn a"),
        ("Ông Tuệ Minh", "ông tuệ minh"),
        ("Nguyễn Văn A (con ông Bảy", "nguyễn văn a"),
        ("Ä\ufffdá»— VÄƒn An", "đỗ văn an"),
        ("¨", ""),
    ],
)
def test_a_name_is_taken_for(written: str, meant: str) -> None:
    assert decoded(written) == meant


@given(st.lists(SYLLABLES, min_size=1, max_size=4).map(" ".join))
def test_decoding_is_done_once(name: str) -> None:
    assert decoded(decoded(name)) == decoded(name)


@given(SYLLABLES)
def test_every_way_to_type_a_syllable_gives_it_back(word: str) -> None:
    typed = {keys: _typed(word, table) for keys, table in (("telex", _TELEX), ("vni", _VNI))}
    assert (telex(typed["telex"]) or word) == tone_in_place(word)
    assert (vni(typed["vni"]) or word) == tone_in_place(word)
    assert decoded(typed["telex"].upper()) == decoded(typed["vni"]) == tone_in_place(word)


def _typed(word: str, table: dict[str, str]) -> str:
    keys, tone = "", ""
    for mark in unicodedata.normalize("NFD", word):
        if mark in "\u0300\u0301\u0303\u0309\u0323":
            tone = table[mark]
        elif mark == "\u0302":
            keys += table.get(mark, keys[-1])
        elif mark == "đ":
            keys += "d9" if table is _VNI else "dd"
        else:
            keys += table.get(mark, mark)
    return keys + tone


def test_keys_of_tones_are_letters_in_other_languages() -> None:
    assert telex("ksor") is None
    assert telex_shapes("ksor") == "ksor"
    assert vni("bya8") is None
    assert vni_marks("bya8") == "byă"


def test_what_was_written_stays_at_hand() -> None:
    name = Name.of("Max Nguyễn")
    assert name is not None
    assert (name.folded, name.written) == ("ma nguyen", "max nguyen")
    assert Name.of("Mã Nguyễn") == name
