"""What is typed into the box, and what is understood."""

from datetime import date

import pytest

from dancu.kernel.codes import Sex
from dancu.register.search import Question, parse

TODAY = date(2026, 11, 24)
AN = "Nguyễn Văn An"


def understood(text: str) -> Question:
    return parse(text, TODAY)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("079058012345", "079058012345"),
        ("079 058 012345", "079058012345"),
        ("079.058.012.345", "079058012345"),
        ("79058012345", "079058012345"),
        ("271234567", "271234567"),
        ("271 234 567", "271234567"),
        ("B1234567", "B1234567"),
        ("b12345678", "B12345678"),
        ("Nguyễn Văn An 079058012345", "079058012345"),
    ],
)
def test_numbers_of_any_era_are_seen(text: str, number: str) -> None:
    assert understood(text).numbers == (number,)


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Văn An 30/9/1958",
        "30/09/1958 Nguyễn Văn An",
        "Nguyễn Văn An 30-09-1958",
        "Nguyễn Văn An 30.9.1958",
        "Nguyễn Văn An, 30091958",
        "Nguyễn Văn An 19580930",
        "Nguyễn Văn An 1958-09-30",
        "Nguyễn Văn An 30/9/58",
        "Nguyễn Văn An sinh ngày 30 tháng 9 năm 1958",
        "Nguyễn Văn An sinh ngày 30/9/1958",
        "Nguyễn Văn An ngày sinh: 30/9/1958",
        "ông Nguyễn Văn An sinh 30/9/1958",
    ],
)
def test_a_whole_date_is_read_in_the_forms_that_people_write(text: str) -> None:
    question = understood(text)
    assert (question.name, question.born_from, question.born_to, question.whole_date) == (AN, 19580930, 19580930, True)


@pytest.mark.parametrize(
    ("text", "born_from", "born_to"),
    [
        ("Nguyễn Văn An 1958", 19580000, 19581231),
        ("Nguyễn Văn An sinh năm 1958", 19580000, 19581231),
        ("Nguyễn Văn An năm sinh 1958", 19580000, 19581231),
        ("1958 Nguyễn Văn An", 19580000, 19581231),
        ("Nguyễn Văn An 9/1958", 19580900, 19580999),
        ("Nguyễn Văn An tháng 9/1958", 19580900, 19580999),
        ("Nguyễn Văn An 68 tuổi", 19570000, 19581231),
        ("nguyen van an 68 tuoi", 19570000, 19581231),
    ],
)
def test_a_month_a_year_or_an_age_is_a_span(text: str, born_from: int, born_to: int) -> None:
    question = understood(text)
    assert (question.born_from, question.born_to, question.whole_date) == (born_from, born_to, False)
    assert question.name in {AN, "nguyen van an"}


@pytest.mark.parametrize("text", ["Nguyễn Văn An 31/2/1958", "Nguyễn Văn An 45/45/1958"])
def test_a_day_that_the_calendar_lacks_is_no_whole_date(text: str) -> None:
    assert not understood(text).whole_date


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("Nguyễn Văn An, nam, 1958", Sex.MALE),
        ("Nguyễn Thị An, nữ", Sex.FEMALE),
        ("Nguyễn Thị An 1958 nữ", Sex.FEMALE),
        ("Nguyễn Văn Nam", Sex.UNKNOWN),
        ("Nguyễn Văn Nam 1958", Sex.UNKNOWN),
    ],
)
def test_nam_is_a_sex_only_where_it_stands_alone(text: str, sex: Sex) -> None:
    question = understood(text)
    assert question.sex is sex
    assert question.name.split()[-1] in {"An", "Nam"}


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Văn An 1958 xã Hồng Hà",
        "Nguyễn Văn An, phường Hồng Hà, 1958",
        "Nguyễn Văn An ở Hồng Hà 1958",
        "Nguyễn Văn An P. Hồng Hà 1958",
        "1958, Nguyễn Văn An, Hồng Hà",
        "phường Hồng Hà Nguyễn Văn An 1958",
        "Nguyễn Văn An Hồng Hà 1958",
        "nguyễn văn an hong ha 1958",
    ],
)
def test_a_place_is_taken_out_wherever_it_stands(text: str) -> None:
    question = understood(text)
    assert question.place is not None
    assert "00097" in question.place.communes
    assert question.name.lower() == AN.lower()


def test_a_province_decides_between_communes_of_one_name() -> None:
    alone, decided = understood("Nguyễn Văn An, Hồng Hà"), understood("Nguyễn Văn An, Hồng Hà, Hà Nội")
    assert alone.place
    assert decided.place
    assert decided.place.communes < alone.place.communes or decided.place.communes == {"00097"}


def test_a_given_name_that_is_also_a_place_is_kept_as_both() -> None:
    question = understood("Trần Thị Hồng Hà")
    assert question.place is not None
    assert (question.name, question.name_with_place) == ("Trần Thị", "Trần Thị Hồng Hà")


@pytest.mark.parametrize("text", ["Nguyễn Văn Sinh 1958", "nguyễn văn sinh 1958", "Sinh 1958"])
def test_sinh_is_a_name_too(text: str) -> None:
    assert understood(text).name.lower().endswith("sinh")


def test_digits_of_a_keyboard_are_taken_out_of_words() -> None:
    assert understood("Nguye6n4 Va8n An").name == "Nguyen Van An"


def test_nothing_typed_is_nothing_asked() -> None:
    assert understood("  ") == Question()
