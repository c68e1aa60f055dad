"""Figures of quality as readers see them, and when the register is measured."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dancu.portals.officer.quality_words import few, figure_view, limit_text, measure_line, number_text, spark
from dancu.quality.catalogue import BY_CODE, MEASURES
from dancu.quality.keeping import pause_s
from dancu.quality.model import Figure, Kind
from dancu.quality.run import COUNTING

DAY = date(2026, 11, 24)


def figure(code: str, value: float | None, subjects: int = 100) -> Figure:
    return Figure(DAY, code, "", -2, "*", 1, 2, value, value, value, subjects=subjects)


def test_every_measure_says_what_it_is_in_both_languages_and_has_its_statement() -> None:
    assert len(BY_CODE) == len(MEASURES)
    for one in MEASURES:
        assert one.name_vi
        assert one.name_en
        assert one.formula_vi
        assert one.formula_en
        assert one.kind is Kind.ESTIMATE or getattr(COUNTING, one.query)


@pytest.mark.parametrize(
    ("code", "value", "vi", "en"),
    [
        ("id_consistency", 1.0, "100 %", "100%"),
        ("id_consistency", 0.9999999, "99,999 %", "99.999%"),
        ("id_consistency", 0.5, "50 %", "50%"),
        ("id_consistency", 0.0, "0 %", "0%"),
        ("register_rules", 1234.5, "1.234,5", "1,234.5"),
        ("register_rules", 0.0, "0", "0"),
        ("backlog", 1.0, "1 ngày", "1 day"),
        ("latency_death", 90.0, "90 ngày", "90 days"),
    ],
)
def test_numbers_are_written_as_each_language_does(code: str, value: float, vi: str, en: str) -> None:
    said = number_text(BY_CODE[code], value)
    assert (said.vi, said.en) == (vi, en)


def test_what_tells_of_few_persons_is_not_shown() -> None:
    assert figure_view(BY_CODE["id_consistency"], figure("id_consistency", 0.5, subjects=9)).small
    assert not figure_view(BY_CODE["id_consistency"], figure("id_consistency", 0.5, subjects=10)).small
    assert not figure_view(BY_CODE["source_freshness"], figure("source_freshness", 0.5, subjects=2)).small
    assert [few(count) for count in (0, 1, 9, 10, 1234)] == ["", "< 10", "< 10", "10", "1.234"]


def test_nothing_measured_is_neither_met_nor_missed() -> None:
    assert figure_view(BY_CODE["id_consistency"], None).met is None
    line = measure_line(BY_CODE["id_consistency"], figure("id_consistency", None))
    assert (line.figure.value.vi, line.figure.met) == ("", None)
    assert limit_text(BY_CODE["backlog"]).vi == "≤ 5 ngày"


def test_a_trend_is_a_line_of_two_days_at_least() -> None:
    assert spark([(DAY, 1.0)]) == ""
    assert spark([(DAY, 1.0), (DAY + timedelta(days=1), 1.0)]) == "2.0,12.0 98.0,12.0"
    assert spark([(DAY, 0.0), (DAY + timedelta(days=1), 1.0)]) == "2.0,21.0 98.0,3.0"


def test_the_night_begins_at_two_in_the_time_of_the_state() -> None:
    assert pause_s(datetime(2026, 11, 23, 18, tzinfo=UTC)) == 3600, "one in the morning there"
    assert pause_s(datetime(2026, 11, 23, 19, tzinfo=UTC)) == 300
    assert pause_s(datetime(2026, 11, 24, 12, tzinfo=UTC)) == 300
