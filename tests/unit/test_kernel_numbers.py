"""The structure of personal numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.codes import Sex
from dancu.kernel.errors import Invalid
from dancu.kernel.numbers import PersonalNumber

PLACES = st.integers(1, 96) | st.integers(101, 295)
SEXES = st.sampled_from([Sex.MALE, Sex.FEMALE])


@pytest.mark.parametrize("text", ["", "00109200000", "0010920000012", "00109200000a", "000092000001", "097092000001"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        PersonalNumber(text)


@pytest.mark.parametrize(
    ("place", "year", "sex", "serial"),
    [
        (0, 2000, Sex.MALE, 1),
        (100, 2000, Sex.MALE, 1),
        (296, 2000, Sex.MALE, 1),
        (1, 1899, Sex.MALE, 1),
        (1, 2400, Sex.MALE, 1),
        (1, 2000, Sex.UNKNOWN, 1),
        (1, 2000, Sex.MALE, 1_000_000),
        (1, 2000, Sex.MALE, -1),
    ],
)
def test_a_part_outside_of_the_scheme_is_refused(place: int, year: int, sex: Sex, serial: int) -> None:
    with pytest.raises(Invalid):
        PersonalNumber.of(place=place, year=year, sex=sex, serial=serial)


@given(PLACES, st.integers(1900, 2399), SEXES, st.integers(0, 999_999))
def test_a_number_tells_what_it_was_made_of(place: int, year: int, sex: Sex, serial: int) -> None:
    number = PersonalNumber.of(place=place, year=year, sex=sex, serial=serial)
    assert (number.place, number.birth_year, number.sex) == (place, year, sex)
    assert PersonalNumber(str(number)) == number
    assert number.value == f"{number.block}{serial:06}"


@pytest.mark.parametrize(
    ("year", "sex", "digit"),
    [(1999, Sex.MALE, "0"), (1999, Sex.FEMALE, "1"), (2000, Sex.MALE, "2"), (2026, Sex.FEMALE, "3")],
)
def test_the_fourth_digit_is_the_century_and_the_sex(year: int, sex: Sex, digit: str) -> None:
    assert PersonalNumber.of(place=1, year=year, sex=sex, serial=0).value[3] == digit
