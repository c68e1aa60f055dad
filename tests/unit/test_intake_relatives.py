"""Which records of a first load are certain, and who is whose."""

from typing import Any

import pyarrow as pa
import pytest

from dancu.intake import spool
from dancu.intake.relatives import Relatives, learned
from dancu.kernel.text import fold


def chunk(*records: dict[str, Any]) -> pa.Table:
    rows = []
    for ordinal, record in enumerate(records, start=1):
        row = dict.fromkeys(spool.SCHEMA.names) | {"record": ordinal, "fate": spool.TAKEN, "given": "An"} | record
        row["name_key"] = fold(row["given"])
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=spool.SCHEMA)


def understood(*records: dict[str, Any]) -> Relatives:
    return learned([chunk(*records)])


def certain(*records: dict[str, Any]) -> list[bool]:
    return [bool(one) for one in understood(*records).certain]


NUMBER, OTHER = "001080000001", "001080000002"


def test_a_number_that_two_records_bear_is_certain_of_neither() -> None:
    assert certain({"personal_number": NUMBER}, {"personal_number": NUMBER}) == [False, False]


def test_a_number_of_ones_own_is_certain_whatever_the_name() -> None:
    assert certain({"personal_number": NUMBER}, {"personal_number": OTHER}) == [True, True]


def test_what_a_rule_stands_against_is_not_certain() -> None:
    assert certain({"personal_number": NUMBER, "fate": spool.QUARANTINED}) == [False]


def test_a_record_about_a_couple_is_not_certain() -> None:
    assert certain({"personal_number": NUMBER, "kind": "marriages"}) == [False]


@pytest.mark.parametrize(
    ("born", "other", "expected"),
    [
        (19800203, 19800203, False),
        (19800203, 19800204, True),
        (19800203, 19800000, False),
        (19800203, 19810000, True),
        (19800000, 19800000, False),
        (19800000, 19810203, True),
        (19800203, None, False),
        (None, None, False),
        (None, 19800203, False),
    ],
)
def test_without_a_number_no_namesake_may_have_the_birth(born: int | None, other: int | None, expected: bool) -> None:
    assert certain({"born": born}, {"born": other, "personal_number": NUMBER}) == [expected, True]


def test_a_name_that_nobody_else_has_is_certain() -> None:
    assert certain({"given": "Niệm"}, {"given": "Hòa"}) == [True, True]


@pytest.mark.parametrize(
    ("same", "expected"), [({"given": "An"}, False), ({"born": 19800203}, False), ({"born": 19700101}, True)]
)
def test_an_old_number_with_name_or_birth_of_another_record_waits_for_a_clerk(
    same: dict[str, Any], expected: bool
) -> None:
    first = {"personal_number": NUMBER, "cmnd9": "010000001", "born": 19800203, "given": "An"}
    second = {"personal_number": OTHER, "cmnd9": "010000001", "born": 19990909, "given": "Bình"} | same
    assert certain(first, second) == [expected, expected]


def test_holders_of_one_old_number_or_passport_are_counted() -> None:
    known = understood(
        {"personal_number": NUMBER, "cmnd9": "010000001", "passport": "C1234567"},
        {"personal_number": OTHER, "cmnd9": "010000001", "passport": "C1234567"},
        {"cmnd9": "010000002"},
    )
    assert known.cmnd9_ordinals.tolist() == [0, 1, 0]
    assert known.passport_ordinals.tolist() == [0, 1, 0]


def test_couples_who_name_each_other_are_linked() -> None:
    wife, husband = {"personal_number": NUMBER, "spouse_number": OTHER}, {"personal_number": OTHER}
    one_sided = understood(wife, husband)
    assert one_sided.spouses.tolist() == [0, 0]
    mutual = understood(wife, husband | {"spouse_number": NUMBER})
    assert mutual.spouses.tolist() == mutual.ids[::-1].tolist()


def test_the_widowed_are_not_linked() -> None:
    wife = {"personal_number": NUMBER, "spouse_number": OTHER}
    husband = {"personal_number": OTHER, "spouse_number": NUMBER, "died_on": 20200101}
    assert understood(wife, husband).spouses.tolist() == [0, 0]


def test_parents_are_found_by_number_among_certain_records_only() -> None:
    records = chunk(
        {"personal_number": NUMBER},
        {"personal_number": OTHER, "fate": spool.REJECTED},
        {"given": "Con", "father_number": NUMBER, "mother_number": OTHER},
    )
    known = learned([records])
    assert known.ids_of(records, "father_number").to_pylist() == [None, None, int(known.ids[0])]
    assert known.ids_of(records, "mother_number").to_pylist() == [None, None, None]


def test_nothing_to_learn_is_no_error() -> None:
    assert certain() == []
