"""What differs is marked, and agreement is measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.intake.adjudication.agreement import kappa, quantile, wilson
from dancu.intake.adjudication.differences import Agreement, Piece, agreement, marked
from dancu.intake.adjudication.queue import groups_of

TEXTS = st.text("aăâđ ơưnghuyeê1250/", max_size=20)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Nguyễn Văn An", "", Agreement.UNKNOWN),
        ("Nguyễn Văn An", "NGUYỄN  VĂN AN", Agreement.SAME),
        ("Nguyễn Văn An", "Nguyen Van An", Agreement.ALIKE),
        ("Nguyễn Văn An", "An Nguyễn Văn", Agreement.ALIKE),
        ("001085123456", "001085123465", Agreement.ALIKE),
        ("Nguyễn Văn An", "Lê Thị Dung", Agreement.DIFFERENT),
    ],
)
def test_values_agree(one: str, other: str, expected: Agreement) -> None:
    assert agreement(one, other) is expected
    assert agreement(other, one) is expected


def test_of_few_values_none_is_like_another() -> None:
    assert agreement("Male", "Female", code=True) is Agreement.DIFFERENT
    assert agreement("Male", "Male", code=True) is Agreement.SAME


def test_digits_that_changed_places_are_marked_both() -> None:
    told = marked("001052100074", "001052100047")
    assert told == (Piece("0010521000", differs=False), Piece("74", differs=True))


def test_words_of_names_are_marked_with_their_accents() -> None:
    assert marked("Nguyễn Thị Hường", "Nguyễn Thị Hương") == (
        Piece("Nguyễn Thị ", differs=False),
        Piece("Hường", differs=True),
    )


def test_digits_of_numbers_and_dates_are_marked_one_by_one() -> None:
    assert marked("12/03/1985", "12/08/1985") == (
        Piece("12/0", differs=False),
        Piece("3", differs=True),
        Piece("/1985", differs=False),
    )


def test_what_the_other_does_not_tell_is_not_marked() -> None:
    assert marked("Lê Thị Dung", "") == (Piece("Lê Thị Dung", differs=False),)
    assert marked("", "Lê Thị Dung") == ()


@given(one=TEXTS, other=TEXTS)
def test_no_letter_of_a_value_is_lost(one: str, other: str) -> None:
    pieces = marked(one, other)
    assert " ".join("".join(piece.text for piece in pieces).split()) == " ".join(one.split())
    if one == other:
        assert not any(piece.differs for piece in pieces)


def test_kappa_is_what_agreement_is_worth_beyond_chance() -> None:
    assert kappa([(1, 1), (2, 2), (1, 1), (2, 2)]) == pytest.approx(1)
    assert kappa([(1, 1), (1, 2), (2, 1), (2, 2)]) == pytest.approx(0)
    # Cohen's own way of counting: 20 + 15 of 50 agree, where chance alone gives half.
    pairs = [(1, 1)] * 20 + [(1, 2)] * 5 + [(2, 1)] * 10 + [(2, 2)] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([(1, 1)]) is None
    assert kappa([]) is None


def test_quantiles_and_intervals() -> None:
    assert quantile([3.0, 1.0, 2.0, 10.0], 0.5) == 2
    assert quantile([3.0, 1.0, 2.0, 10.0], 0.95) == 10
    assert quantile([], 0.5) is None
    low, high = wilson(98, 100) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.93, 0.994)
    assert wilson(0, 0) is None


def test_pairs_that_share_a_person_are_one_group() -> None:
    groups = groups_of([(1, 2, 0.9), (3, 4, 0.8), (2, 5, 0.7), (4, 3, 0.95)])
    assert sorted(sorted(group.items()) for group in groups) == [
        [(1, 0.9), (2, 0.9), (5, 0.7)],
        [(3, 0.95), (4, 0.95)],
    ]
