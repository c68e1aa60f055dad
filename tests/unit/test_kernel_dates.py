"""Partial dates, completed years, and periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.dates import PartialDate, Period, completed_years
from dancu.kernel.errors import Invalid

DAYS = st.dates(date(1800, 1, 1), date(2999, 12, 31))
PARTIAL = st.builds(
    lambda day, known: PartialDate.of(day.year, day.month if known else 0, day.day if known > 1 else 0),
    DAYS,
    st.integers(0, 2),
)
PERIODS = st.builds(
    lambda since, length: Period(since, since + timedelta(days=length) if length else None),
    st.dates(date(2000, 1, 1), date(2000, 3, 1)),
    st.integers(0, 30),
)


@pytest.mark.parametrize("text", ["", "58", "1958-9", "30/09/1958", "1799", "1958-13", "1958-00-03", "1957-02-29"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        PartialDate.parse(text)


@given(PARTIAL)
def test_a_date_is_read_as_it_is_written(day: PartialDate) -> None:
    assert PartialDate.parse(str(day)) == day


@given(PARTIAL)
def test_a_date_lies_between_its_first_and_its_last_day(day: PartialDate) -> None:
    assert day.earliest <= day.latest
    assert (day.earliest == day.latest) == (day.complete is not None)
    assert PartialDate.on(day.earliest).may_be(day)
    assert PartialDate.on(day.latest).may_be(day)
    assert day.latest.year == day.year


@given(PARTIAL, PARTIAL)
def test_whether_two_dates_may_be_one_is_seen_alike_from_both(one: PartialDate, other: PartialDate) -> None:
    assert one.may_be(other) == other.may_be(one)
    assert one.may_be(one)


@given(PARTIAL, PARTIAL)
def test_the_order_never_contradicts_the_calendar(one: PartialDate, other: PartialDate) -> None:
    if one.latest < other.earliest:
        assert one < other
    assert (one == other) == (one.number == other.number)


def test_a_year_stands_before_its_months_and_days() -> None:
    texts = ["1958", "1958-09", "1958-09-01", "1958-09-30", "1958-10", "1959"]
    assert [str(day) for day in sorted(map(PartialDate.parse, reversed(texts)))] == texts


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2008, 11, 24), date(2026, 11, 23), 17),
        (date(2008, 11, 24), date(2026, 11, 24), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_a_year_is_completed_on_the_birthday(born: date, day: date, years: int) -> None:
    assert completed_years(born, day) == years


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(Invalid):
        Period(date(2020, 1, 1), date(2020, 1, 1))


@given(PERIODS, PERIODS)
def test_periods_overlap_where_they_share_a_day(one: Period, other: Period) -> None:
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(120)]
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(other) == any(one.covers(day) and other.covers(day) for day in days)
