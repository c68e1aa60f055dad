from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.reference.calendar import (
    OutsideCalendar,
    add_working_days,
    holidays,
    holidays_on,
    is_working_day,
    working_days_between,
)


@pytest.mark.parametrize("day", [date(2014, 12, 31), date(2028, 1, 1)])
def test_days_outside_of_the_calendar_are_refused(day: date) -> None:
    with pytest.raises(OutsideCalendar):
        is_working_day(day)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="added"):
        add_working_days(date(2026, 1, 5), -1)


# What the state announced, as remembered from the announcements: every day off from Monday to Friday.
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2016, 2, 6), date(2016, 2, 14)),
        (date(2019, 2, 2), date(2019, 2, 10)),
        (date(2020, 1, 23), date(2020, 1, 29)),
        (date(2021, 2, 10), date(2021, 2, 16)),
        (date(2022, 1, 29), date(2022, 2, 6)),
        (date(2023, 1, 20), date(2023, 1, 26)),
        (date(2024, 2, 8), date(2024, 2, 14)),
        (date(2025, 1, 25), date(2025, 2, 2)),
        (date(2026, 2, 14), date(2026, 2, 22)),
        (date(2025, 8, 30), date(2025, 9, 2)),
        (date(2026, 1, 1), date(2026, 1, 4)),
        (date(2026, 8, 29), date(2026, 9, 2)),
    ],
)
def test_announced_days_off_are_off_and_the_days_around_are_not(first: date, last: date) -> None:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [day for day in days if is_working_day(day)] == []
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    assert all(is_working_day(day) for day in (before, after) if day.weekday() < 5)


def test_a_saturday_worked_in_exchange_is_a_working_day() -> None:
    assert is_working_day(date(2025, 4, 26))
    assert not is_working_day(date(2025, 5, 2))
    assert is_working_day(date(2026, 1, 10))


def test_an_unconfirmed_holiday_is_listed_and_worked() -> None:
    assert [entry.status for entry in holidays_on(date(2026, 11, 24))] == ["unconfirmed"]
    assert is_working_day(date(2026, 11, 24))


def test_every_year_has_the_days_of_its_law() -> None:
    for year in range(2015, 2028):
        days = {h.day for h in holidays() if h.day.year == year and h.kind == "public" and h.status != "unconfirmed"}
        assert len(days) == (11 if year >= 2021 else 10), year


def test_a_term_of_three_working_days_passes_over_tet() -> None:
    assert add_working_days(date(2026, 2, 12), 3) == date(2026, 2, 24)


@given(
    st.dates(date(2015, 1, 1), date(2027, 6, 1)),
    st.integers(min_value=0, max_value=60),
)
def test_counting_back_what_was_added_gives_the_same(day: date, n: int) -> None:
    reached = add_working_days(day, n)
    assert working_days_between(day, reached) == n
    assert n == 0 or is_working_day(reached)
