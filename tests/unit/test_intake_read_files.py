"""The five files of one imaginary district, against what is known about every record."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dancu.intake.addresses import commune_of, resolver
from dancu.intake.reading import Reading, read
from dancu.kernel.dates import PartialDate
from dancu.kernel.text import fold

FOLDER = Path(__file__).parents[1] / "data" / "intake"
TODAY = date(2026, 11, 24)
FILES = {
    "cong-an.xlsx": ("xlsx", "", "persons", 646),
    "bhxh.txt": ("csv", "utf-16", "persons", 501),
    "benh-vien.csv": ("csv", "tcvn3", "births", 64),
    "tu-phap.csv": ("csv", "cp1258", "marriages", 121),
    "congdan.xml": ("xml", "", "persons", 153),
}

Row = dict[str, object]


@dataclass(frozen=True)
class Whole:
    """A file that was read to its end, beside its answers."""

    reading: Reading
    rows: list[Row]
    findings: list[Row]
    answers: list[dict[str, str]]


@pytest.fixture(scope="module")
def answers() -> dict[str, list[dict[str, str]]]:
    by_file: dict[str, list[dict[str, str]]] = {}
    with (FOLDER / "answers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_file.setdefault(row["file"], []).append(row)
    return by_file


@pytest.fixture(scope="module")
def whole(answers: dict[str, list[dict[str, str]]]) -> Callable[[str], Whole]:
    def read_whole(name: str) -> Whole:
        reading = read(FOLDER / name, today=TODAY)
        chunks = list(reading.chunks())
        rows = pa.concat_tables([chunk.records for chunk in chunks]).to_pylist()
        findings = pa.concat_tables([chunk.findings for chunk in chunks]).to_pylist()
        return Whole(reading, rows, findings, answers[name])

    return read_whole


def name_of(row: Row, prefix: str = "") -> str:
    parts = (row[f"{prefix}surname"], row[f"{prefix}middle"], row[f"{prefix}given"])
    return " ".join(str(part) for part in parts if part)


def pairs(whole: Whole) -> Iterator[tuple[Row, dict[str, str]]]:
    return zip(whole.rows, whole.answers, strict=True)


@pytest.mark.parametrize("name", FILES)
def test_every_record_is_there_in_order_and_every_line_is_accounted_for(
    name: str, whole: Callable[[str], Whole]
) -> None:
    found = whole(name)
    lines: list[int] = []
    for row in found.rows:
        lines += range(int(str(row["first_line"])), int(str(row["last_line"])) + 1)
    for remainder in found.reading.remainder:
        lines += range(remainder.first_line, remainder.last_line + 1)
    assert [row["record"] for row in found.rows] == list(range(1, len(found.answers) + 1))
    assert sorted(lines) == list(range(1, FILES[name][3] + 1))


@pytest.mark.parametrize("name", FILES)
def test_the_kind_of_file_its_encoding_and_its_records_are_recognised(name: str, whole: Callable[[str], Whole]) -> None:
    found = whole(name)
    kinds = {row["kind"] for row in found.rows}
    assert (found.reading.format, found.reading.encoding, *kinds) == FILES[name][:3]


@pytest.mark.parametrize("name", [name for name in FILES if name != "bhxh.txt"])
def test_names_are_right_letter_for_letter(name: str, whole: Callable[[str], Whole]) -> None:
    for row, answer in pairs(whole(name)):
        assert name_of(row) == answer["name"]
        assert row["name_key"] == fold(answer["name"])
        assert row["name_plain"] is False


def test_names_of_a_file_without_diacritics_keep_what_they_have_and_are_flagged(
    whole: Callable[[str], Whole],
) -> None:
    for row, answer in pairs(whole("bhxh.txt")):
        assert name_of(row) == fold(answer["name"]).title()
        assert row["name_plain"] is True


@pytest.mark.parametrize("name", FILES)
def test_birth_dates_are_right_as_far_as_they_are_given(name: str, whole: Callable[[str], Whole]) -> None:
    for row, answer in pairs(whole(name)):
        born = PartialDate(int(str(row["born"])))
        true = PartialDate.parse(answer["born"])
        assert born in (true, PartialDate.of(true.year))


def test_most_birth_dates_are_complete(whole: Callable[[str], Whole]) -> None:
    incomplete = {name: sum(int(str(r["born"])) % 100 == 0 for r in whole(name).rows) for name in FILES}
    assert incomplete == {"cong-an.xlsx": 50, "bhxh.txt": 29, "benh-vien.csv": 0, "tu-phap.csv": 0, "congdan.xml": 0}


@pytest.mark.parametrize("name", ["cong-an.xlsx", "bhxh.txt", "tu-phap.csv", "congdan.xml"])
def test_personal_numbers_are_right_with_their_lost_zeros(name: str, whole: Callable[[str], Whole]) -> None:
    for row, answer in pairs(whole(name)):
        if answer["planted"] == "wrong digit in the number":
            assert sum(a != b for a, b in zip(str(row["personal_number"]), answer["personal_number"], strict=True)) == 1
        elif row["personal_number"] is None:
            assert len(str(row["cmnd9"])) == 9
        else:
            assert row["personal_number"] == answer["personal_number"]


def test_numbers_whose_zeros_were_put_back_are_noted(whole: Callable[[str], Whole]) -> None:
    notes = [row["notes"] for row in whole("cong-an.xlsx").rows]
    assert notes.count("personal_number.zeros") == 437


def test_mothers_of_newborns_have_their_numbers(whole: Callable[[str], Whole]) -> None:
    for row, answer in pairs(whole("benh-vien.csv")):
        assert row["mother_number"] == answer["mother"]
        assert row["mother_name"]
        assert row["personal_number"] is None


def test_marriages_have_husband_and_wife_day_and_certificate(whole: Callable[[str], Whole]) -> None:
    for row, answer in pairs(whole("tu-phap.csv")):
        assert row["sex"] == 1
        assert row["spouse_number"] in (None, answer["spouse"])
        assert row["spouse_number"] or row["spouse_cmnd9"]
        day, _, year = answer["married"].rpartition("/")
        expected = PartialDate.of(int(year), *(int(part) for part in reversed(day.split("/")) if part))
        assert row["married_on"] == expected.number
        assert row["certificate_year"] == int(year)


def test_planted_dates_in_the_future_are_rejected_and_nothing_else_is_found(whole: Callable[[str], Whole]) -> None:
    found = whole("tu-phap.csv")
    planted = [int(a["record"]) for a in found.answers if a["planted"] == "date in the future"]
    assert [(f["record"], f["field"], f["rule"], f["severity"]) for f in found.findings] == [
        (record, "married_on", "date.future", "reject") for record in planted
    ]


@pytest.mark.parametrize("name", ["cong-an.xlsx", "bhxh.txt", "benh-vien.csv", "congdan.xml"])
def test_correct_files_give_no_findings(name: str, whole: Callable[[str], Whole]) -> None:
    assert whole(name).findings == []


def test_the_list_tells_the_day_of_its_units(whole: Callable[[str], Whole]) -> None:
    assert {row["unit_day"] for row in whole("cong-an.xlsx").rows} == {date(2024, 6, 30)}


def test_three_level_addresses_find_their_commune_of_that_day() -> None:
    reading = read(FOLDER / "cong-an.xlsx", today=TODAY, resolve=resolver(today=TODAY))
    chunk = next(reading.chunks())
    units = chunk.records.column("permanent_unit").to_pylist()
    assert units[0] == "06484"  # xã Mai Sao, huyện Chi Lăng
    assert None not in units
    assert chunk.findings.num_rows == 0


@pytest.mark.parametrize(
    ("address", "day", "code"),
    [
        ("Thôn 8, Xã Mai Sao, Huyện Chi Lăng, Tỉnh Lạng Sơn", date(2024, 6, 30), "06484"),
        ("Thon 8, X. Mai Sao, H. Chi Lang, Lang Son", date(2024, 6, 30), "06484"),
        ("Thôn 8, Xã Mai Sao, Huyện Chi Lăng, Tỉnh Lạng Sơn", TODAY, "06496"),
        ("Lạng Sơn", TODAY, None),
        ("chỗ cũ", TODAY, None),
    ],
)
def test_an_address_finds_its_commune_in_the_units_of_the_day_or_says_nothing(
    address: str, day: date, code: str | None
) -> None:
    assert commune_of(address, day) == code


def test_the_description_shows_what_was_understood() -> None:
    description = read(FOLDER / "benh-vien.csv", today=TODAY).describe()
    assert description.encoding.startswith("tcvn3 (most Vietnamese syllables")
    assert description.details == {"delimiter": ";"}
    assert description.unread == ("Ghi chú",)
    assert [row["given"] for row in description.sample] == ["Quỳnh", "Hương", "Dũng", "Thuỷ", "Cường"]


def test_reading_goes_on_after_a_record() -> None:
    reading = read(FOLDER / "congdan.xml", today=TODAY)
    assert list(reading.chunks(after=150)) == []
    assert len(list(reading.chunks(after=149))) == 1


def test_the_header_of_a_field_is_the_senders_word() -> None:
    reading = read(FOLDER / "cong-an.xlsx", today=TODAY)
    assert reading.header_of("personal_number") == "Số CCCD/ĐDCN"
    assert reading.header_of("given") == "Họ, chữ đệm và tên"
    assert reading.header_of("email") == ""
