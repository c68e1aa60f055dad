"""Which records are rejected, set aside or remarked upon: one record in, the rules it breaks out."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dancu.intake.normal import BY_NAME
from dancu.intake.reading import read
from dancu.intake.rules import QUARANTINE, REJECT, RULES, WARN, explain

TODAY = date(2026, 11, 24)
PERSON = {
    "kind": "persons",
    "surname": "Phan",
    "middle": "Thế",
    "given": "Sơn",
    "born": "1958-09-30",
    "sex": "1",
    "personal_number": "020058699336",
}
BIRTH = {
    "kind": "births",
    "surname": "Nguyễn",
    "given": "Lan",
    "born": "2026-09-21",
    "sex": "2",
    "mother_name": "Nguyễn Thị Hoa",
    "mother_number": "020192961708",
}
MARRIAGE = {
    "kind": "marriages",
    "surname": "Phạm",
    "given": "Dũng",
    "sex": "1",
    "born": "1948-04-27",
    "spouse_surname": "Trần",
    "spouse_given": "Lan",
    "spouse_born": "1952",
    "married_on": "1979",
}


def broken(folder: Path, record: dict[str, str]) -> set[tuple[str, str, str]]:
    path = folder / "one.parquet"
    pq.write_table(pa.table({name: [value] for name, value in record.items()}), path)
    (chunk,) = read(path, today=TODAY).chunks()
    return {(f["field"], f["rule"], f["severity"]) for f in chunk.findings.to_pylist()}


@pytest.mark.parametrize("record", [PERSON, BIRTH, MARRIAGE])
def test_a_correct_record_breaks_nothing(tmp_path: Path, record: dict[str, str]) -> None:
    assert broken(tmp_path, record) == set()


@pytest.mark.parametrize(
    ("record", "change", "field", "rule", "severity"),
    [
        (PERSON, {"surname": "", "middle": "", "given": ""}, "given", "name.missing", REJECT),
        (PERSON, {"given": "S0n"}, "given", "name.characters", REJECT),
        (PERSON, {"given": "S\ufffdn"}, "given", "text.damaged", REJECT),
        (PERSON, {"personal_number": "02005869933"}, "personal_number", "number.zeros", QUARANTINE),
        (PERSON, {"personal_number": "0200586993361"}, "personal_number", "number.length", REJECT),
        (PERSON, {"personal_number": "02005869933x"}, "personal_number", "number.letters", REJECT),
        (PERSON, {"personal_number": "000058699336"}, "personal_number", "number.place", REJECT),
        (PERSON, {"personal_number": "097058699336"}, "personal_number", "number.place", REJECT),
        (PERSON, {"personal_number": "020158699336"}, "personal_number", "number.sex", QUARANTINE),
        (PERSON, {"personal_number": "020059699336"}, "personal_number", "number.year", QUARANTINE),
        (PERSON, {"personal_number": "020258699336"}, "personal_number", "number.year", QUARANTINE),
        (PERSON, {"born": ""}, "born", "born.unknown", QUARANTINE),
        (PERSON, {"born": "30/02/1958"}, "born", "date.impossible", REJECT),
        (PERSON, {"born": "30/09/58"}, "born", "date.two-digit-year", REJECT),
        (PERSON, {"born": "?"}, "born", "date.unreadable", REJECT),
        (PERSON, {"born": "2026-11-25", "personal_number": ""}, "born", "date.future", REJECT),
        (PERSON, {"born": "1905", "personal_number": ""}, "born", "born.very-old", QUARANTINE),
        (PERSON, {"sex": ""}, "sex", "sex.unknown", WARN),
        (PERSON, {"died_on": "1958-09-29"}, "died_on", "death.before-birth", REJECT),
        (PERSON, {"died_on": "2027"}, "died_on", "date.future", REJECT),
        (PERSON, {"permanent_since": "2027-01-01"}, "permanent_since", "date.future", REJECT),
        (PERSON, {"permanent_since": "01/2020"}, "permanent_since", "date.incomplete", WARN),
        (PERSON, {"ethnicity": "Sao Hoả"}, "ethnicity", "code.unknown", WARN),
        (PERSON, {"permanent_unit": "xã"}, "permanent_unit", "unit.code", WARN),
        (PERSON, {"phone": "12"}, "phone", "phone.form", WARN),
        (PERSON, {"email": "x"}, "email", "email.form", WARN),
        (PERSON, {"father_number": "020058699336"}, "father_number", "parent.self", REJECT),
        (PERSON, {"mother_number": "020150111111"}, "mother_number", "parent.age", QUARANTINE),
        (PERSON, {"mother_number": "020030111111"}, "mother_number", "number.sex", QUARANTINE),
        (BIRTH, {"born": ""}, "born", "born.missing", REJECT),
        (BIRTH, {"mother_name": "", "mother_number": ""}, "mother_name", "mother.missing", WARN),
        (BIRTH, {"registered_on": "2026-09-20"}, "registered_on", "registration.before-birth", REJECT),
        (MARRIAGE, {"married_on": ""}, "married_on", "marriage.no-day", REJECT),
        (MARRIAGE, {"married_on": "1947"}, "married_on", "marriage.before-birth", REJECT),
        (MARRIAGE, {"married_on": "09/10/2031"}, "married_on", "date.future", REJECT),
        (MARRIAGE, {"spouse_surname": "", "spouse_given": ""}, "spouse_given", "name.missing", REJECT),
        (
            MARRIAGE,
            {"personal_number": "020048515943", "spouse_number": "020048515943"},
            "spouse_number",
            "marriage.self",
            REJECT,
        ),
    ],
)
def test_a_record_breaks_a_rule(
    tmp_path: Path, record: dict[str, str], change: dict[str, str], field: str, rule: str, severity: str
) -> None:
    assert (field, rule, severity) in broken(tmp_path, record | change)


@pytest.mark.parametrize(
    ("record", "change"),
    [
        (PERSON, {"born": "1958"}),
        (PERSON, {"born": "", "died_on": "", "personal_number": "", "kind": "persons", "born_year": "1958"}),
        (PERSON, {"personal_number": "20058699336"}),
        (PERSON, {"born": "1912", "died_on": "1990", "personal_number": "020012699336"}),
        (PERSON, {"surname": "", "middle": ""}),
        (BIRTH, {"born": "2026-11-24"}),
        (BIRTH, {"registered_on": "2026-11-24"}),
        (MARRIAGE, {"married_on": "1948"}),
    ],
)
def test_uncommon_but_lawful_records_break_nothing(
    tmp_path: Path, record: dict[str, str], change: dict[str, str]
) -> None:
    assert broken(tmp_path, record | change) == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_says_in_both_languages_what_to_do(rule: object) -> None:
    identity = getattr(rule, "id", "")
    for language in ("vi", "en"):
        told = explain(identity, "born", language=language)
        assert len(told) > 30
        assert not any(character.isdigit() and told.count(character) > 9 for character in told)
    assert getattr(rule, "severity", "") in {REJECT, QUARANTINE, WARN}


def test_the_senders_own_header_names_the_field() -> None:
    told = explain("date.future", "married_on", language="vi", header="Ngày đăng ký")
    assert told == "Ngày đăng ký: Ngày ở tương lai; kiểm tra năm rồi gửi lại"


def test_fields_have_meanings() -> None:
    assert all(field.meaning for field in BY_NAME.values())
