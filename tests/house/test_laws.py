"""No rule without a test that names it, and the table of laws as the code has them."""

from itertools import pairwise

from tests.house.laws import PAGE, page, proofs, rules


def test_every_rule_is_proved_by_a_test_that_names_it() -> None:
    named = proofs()
    assert [rule.id for rule in rules() if not named[rule.id]] == []


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.id for rule in rules()]
    assert len(ids) == len(set(ids)), ids


def test_every_rule_has_a_citation_and_says_in_both_languages_what_to_do() -> None:
    for rule in rules():
        assert rule.law
        assert rule.message_vi != rule.message_en
        assert rule.message_vi.endswith(".")
        assert rule.message_en.endswith(".")


def test_rules_of_one_subject_that_differ_by_era_do_not_overlap() -> None:
    """Two forms of one rule in force on one day would refuse one fact for two reasons."""
    eras: dict[str, list[tuple[object, ...]]] = {}
    for rule in rules():
        base = ".".join(rule.id.split(".")[:2])
        eras.setdefault(base, []).append((rule.in_force.since, rule.in_force.until, rule.id))
    for forms in eras.values():
        ordered = sorted(forms, key=lambda one: str(one[0]))
        for (_, until, _earlier), (since, _, _later) in pairwise(ordered):
            assert until is not None, ordered
            assert str(until) <= str(since), ordered


def test_the_table_of_laws_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.house.laws"
