"""Likeness of names and the keys that a typed name may stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from dancu.linkage.likeness import likeness
from dancu.linkage.variants import MOST_KEYS, Vocabulary, keys_of, without_keystrokes

WORDS = Vocabulary(
    {"nguyen": 900, "van": 700, "thi": 800, "hoa": 90, "hao": 40, "giang": 30, "xuan": 60, "truong": 50, "ly": 10}
    | {"minh": 80, "nguyet": 20, "lan": 70, "tran": 300, "le": 200, "an": 60, "anh": 90, "phuoc": 20, "phuc": 30}
)
letters = st.characters(min_codepoint=ord("a"), max_codepoint=ord("z"))


@given(st.sampled_from(sorted(WORDS.frequencies)), st.integers(0, 9), letters, st.sampled_from("idsw"))
def test_every_word_is_near_each_of_its_slips(word: str, at: int, letter: str, kind: str) -> None:
    i = at % len(word)
    typed = {
        "i": word[:i] + letter + word[i:],
        "d": word[:i] + word[i + 1 :],
        "s": word[:i] + letter + word[i + 1 :],
        "w": word[:i] + word[i : i + 2][::-1] + word[i + 2 :],
    }[kind]
    assert typed == word or word in WORDS.near(typed)


@given(st.sampled_from(sorted(WORDS.frequencies)))
def test_words_that_are_near_are_one_slip_or_one_sound_away(word: str) -> None:
    for other in WORDS.near(word):
        assert OSA.distance(word, other) <= 3


@given(st.lists(st.text(letters, min_size=1, max_size=7), min_size=1, max_size=6))
def test_keys_begin_with_what_was_typed_and_are_few(words: list[str]) -> None:
    keys = keys_of(" ".join(words), WORDS)
    assert keys[0] == " ".join(words)
    assert len(keys) == len(set(keys)) <= MOST_KEYS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nguyen thi hao", "nguyen thi hoa"),
        ("tran xuan chuong", "tran xuan truong"),
        ("le thi dang", "le thi giang"),
        ("hoa nguyen thi", "nguyen thi hoa"),
        ("nguyen hoa", "nguyen thi hoa"),
        ("nguyen minh thi hoa", "nguyen thi hoa"),
        ("ng v an", "nguyen van an"),
        ("nguyenthi hoa", "nguyen thi hoa"),
        ("nguyne thi haoo", "nguyen thi hao"),
    ],
)
def test_the_meant_name_is_among_the_keys(typed: str, meant: str) -> None:
    assert meant in keys_of(typed, WORDS)


def test_an_empty_vocabulary_leaves_what_was_typed() -> None:
    assert keys_of("nguyen van an", Vocabulary({}))[0] == "nguyen van an"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("nguyeenx", "nguyen"), ("nguye6n4", "nguyen"), ("ddoof", "do"), ("hoaf", "hoa"), ("thij", "thi"), ("van", "van")],
)
def test_keystrokes_are_taken_out(typed: str, plain: str) -> None:
    assert without_keystrokes(typed) == plain


@pytest.mark.parametrize(
    ("typed", "nearer", "farther"),
    [
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa", "Nguyễn Thị Hoa"),
        ("nguyen thi hoa", "Nguyễn Thị Hoa", "Nguyễn Thị Hào"),
        ("Ng. V. An", "Nguyễn Văn An", "Nguyễn Hữu Anh"),
        ("nguyen an", "Nguyễn Văn An", "Nguyễn Văn Anh"),
        ("le thi dang", "Lê Thị Giang", "Lê Thị Đông"),
        ("Phúc Nguyễn Văn", "Nguyễn Văn Phúc", "Nguyễn Văn Phước"),
        ("tran nguyenthi", "Trần Nguyên Thi", "Trần Nguyên Thái"),
        ("nguyen van phuc", "Nguyễn Phúc", "Trần Phúc"),
    ],
)
def test_the_nearer_name_is_more_alike(typed: str, nearer: str, farther: str) -> None:
    assert likeness(typed, nearer) > likeness(typed, farther)


@given(st.lists(st.sampled_from(sorted(WORDS.frequencies)), min_size=1, max_size=5))
def test_a_name_is_as_alike_to_itself_as_can_be(words: list[str]) -> None:
    name = " ".join(words)
    assert likeness(name, name) == 1.0
    assert 0.0 <= likeness(name, "Nguyễn Văn An") <= 1.0


def test_other_names_are_not_alike() -> None:
    assert likeness("Nguyễn Văn Hùng", "Trần Thị Mai") < 0.74
    assert likeness("Nguyễn Văn Hùng", "Nguyễn Văn Mai") < 0.8
