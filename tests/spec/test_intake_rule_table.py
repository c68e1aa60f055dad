"""The rules of intake are a table: versions in force one after another, each with its ground and its words."""

from datetime import date

import msgspec
import pyarrow as pa
import pytest
from tests.house.intake_rules import DOC, page

from dancu.intake import rules
from dancu.intake.normal import BY_NAME, NORMAL
from dancu.intake.rules import REJECT, TABLE, WARN, Facts, Rule, check

ISO_25012 = {"accuracy", "completeness", "consistency", "credibility", "currentness", "precision"}


def a_rule(**other: object) -> Rule:
    told = {
        "id": "name.short",
        "version": 1,
        "severity": REJECT,
        "dimension": "accuracy",
        "owner": "population-database",
        "law": "",
        "since": date(2020, 1, 1),
        "message_vi": "Tên quá ngắn",
        "message_en": "The name is too short",
        "predicate": {"given": "length(given) < 2"},
    }
    return msgspec.convert(told | other, Rule)


def a_table(given: str) -> pa.Table:
    row = {"record": 1, "first_line": 2, "last_line": 2, "kind": "persons", "given": given, "born": 19800101, "sex": 1}
    return pa.Table.from_pylist([dict.fromkeys(NORMAL.names) | row], schema=NORMAL)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: f"{rule.id}-{rule.version}")
def test_every_rule_says_what_is_wrong_in_both_languages_and_who_answers_for_it(rule: Rule) -> None:
    assert rule.severity in {"reject", "quarantine", "warn"}
    assert rule.dimension in ISO_25012
    assert rule.owner
    assert len(rule.message_vi) > 20
    assert len(rule.message_en) > 20
    assert set(rule.predicate) <= set(BY_NAME)


def test_a_rule_holds_from_its_first_day_to_the_day_before_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    first = a_rule(until=date(2026, 1, 1))
    second = a_rule(version=2, since=date(2026, 1, 1), severity=WARN, predicate={"given": "length(given) < 3"})
    monkeypatch.setattr(rules, "TABLE", (first, second))
    rules._compiled.cache_clear()
    broken = {
        day: [(rule.version, rule.severity) for rule, _, _ in check(Facts(a_table(given), day))]
        for given, day in (("A", date(2019, 12, 31)), ("A", date(2025, 12, 31)), ("An", date(2026, 1, 1)))
    }
    rules._compiled.cache_clear()
    assert list(broken.values()) == [[], [(1, REJECT)], [(2, WARN)]]


def test_a_word_of_the_sender_is_never_taken_for_sql() -> None:
    assert check(Facts(a_table("'; DROP TABLE told; --"), date(2026, 11, 24))) == []


def test_the_page_of_the_rules_is_up_to_date() -> None:
    assert DOC.read_text(encoding="utf-8") == page(), "python -m tests.house.intake_rules"
