"""What holds for every file: encodings come back, lines add up, dates and numbers survive their journey."""

import csv
import io
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dancu.intake.mapping import Mapping
from dancu.intake.readers.delimited import open_delimited
from dancu.intake.reading import read
from dancu.intake.values import Style, number, partial_date
from dancu.kernel.codes import Sex
from dancu.kernel.numbers import PersonalNumber
from dancu.kernel.syllables import is_syllable
from dancu.kernel.tcvn3 import TABLE

TODAY = date(2026, 11, 24)
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Đỗ", "Lường", "Quách", "Ngô")
MIDDLES = ("Thị", "Văn", "Đình", "Thuý", "Thế", "Ngọc", "Quốc", "Hữu", "Bích", "Kim", "Ánh")
GIVENS = ("Thuỷ", "Thủy", "Hoà", "Dũng", "Quỳnh", "Nguyệt", "Đạt", "Ánh", "Út", "Ỷ", "Yến", "Phúc", "Mẫn")
TONES = "\u0300\u0309\u0303\u0301\u0323"

names = st.builds(
    lambda *parts: " ".join(parts), st.sampled_from(SURNAMES), st.sampled_from(MIDDLES), st.sampled_from(GIVENS)
)


def in_cp1258(text: str) -> bytes:
    """Write letters with their hat and the tone apart, as the code page does."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in TONES)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES))
        out.append(base + tone)
    return "".join(out).encode("cp1258")


def in_tcvn3(text: str) -> bytes:
    """Write accented capitals as small letters, as the fonts did."""
    return bytes(TABLE.index(letter if letter in TABLE else letter.lower()) for letter in text)


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8 with mark": lambda text: text.encode("utf-8-sig"),
    "utf-8 decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "cp1258": in_cp1258,
    "tcvn3": in_tcvn3,
}


def names_read(content: bytes) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.txt"
        path.write_bytes(content)
        rows = pa.concat_tables([c.records for c in read(path, today=TODAY).chunks()]).to_pylist()
    return [f"{row['surname']} {row['middle']} {row['given']}" for row in rows]


@pytest.mark.parametrize("encoding", ENCODERS)
@given(people=st.lists(names, min_size=1, max_size=30), shouting=st.booleans())
@settings(max_examples=25, deadline=None)
def test_names_come_back_from_every_encoding(encoding: str, people: list[str], shouting: bool) -> None:
    written = [name.upper() if shouting and encoding != "tcvn3" else name for name in people]
    text = "Họ và tên\tGiới tính\r\n" + "".join(f"{name}\tNam\r\n" for name in written)
    assert names_read(ENCODERS[encoding](text)) == people


@given(people=st.lists(names, min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_names_in_the_capitals_of_a_font_come_back(people: list[str]) -> None:
    text = "Họ và tên\tGiới tính\n" + "".join(f"{name.upper()}\tNam\n" for name in people)
    assert names_read(in_tcvn3(text)) == people


@given(name=names)
def test_words_of_names_are_syllables(name: str) -> None:
    assert all(is_syllable(word) and is_syllable(word.upper()) for word in name.split())


cells = st.text(st.sampled_from(list('aễ 1;,"\n\r\t')), max_size=6).map(lambda text: text.replace("\r", ""))


@given(
    rows=st.lists(st.tuples(cells, cells, cells), max_size=25),
    delimiter=st.sampled_from([",", ";", "\t"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    block=st.integers(1, 200),
)
@settings(max_examples=200, deadline=None)
def test_cells_with_quotes_and_line_breaks_come_back_and_every_line_is_accounted_for(
    rows: list[tuple[str, str, str]], delimiter: str, ending: str, block: int
) -> None:
    rows = [("x" + a, b, c) for a, b, c in rows]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_MINIMAL)
    writer.writerows([("Họ và tên", "Ngày sinh", "Giới tính"), *rows])
    content = buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content.encode())
        source = open_delimited(path, Mapping({}))
        source.block_bytes = block
        chunks = list(source.chunks())
    found = [tuple(row.values()) for chunk in chunks for row in chunk.columns.to_pylist()]
    lines = [
        line
        for chunk in chunks
        for first, last in zip(chunk.first_line.tolist(), chunk.last_line.tolist(), strict=True)
        for line in range(first, last + 1)
    ]
    lines += [line for r in source.opened.remainder for line in range(r.first_line, r.last_line + 1)]
    assert found == [tuple(cell or None for cell in row) for row in rows]
    assert sorted(lines) == list(range(1, content.count("\n") + 1))


days = st.dates(date(1850, 1, 1), date(2100, 12, 31))


@given(day=days, form=st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"]))
def test_a_day_is_the_same_in_every_form(day: date, form: str) -> None:
    assert partial_date(day.strftime(form), Style()) == day.year * 10000 + day.month * 100 + day.day


@given(
    place=st.one_of(st.integers(1, 96), st.integers(101, 295)),
    year=st.integers(1900, 2026),
    sex=st.sampled_from([Sex.MALE, Sex.FEMALE]),
    serial=st.integers(0, 999_999),
)
def test_a_number_survives_a_spreadsheet(place: int, year: int, sex: Sex, serial: int) -> None:
    true = PersonalNumber.of(place=place, year=year, sex=sex, serial=serial).value
    found = number(str(float(true)), Style())
    assert true in (found.personal, found.padded)


@given(people=st.lists(st.tuples(st.integers(1, 96), st.integers(1900, 2026), st.integers(1, 2)), min_size=1))
@settings(max_examples=25, deadline=None)
def test_a_list_of_numbers_as_numbers_is_repaired(people: list[tuple[int, int, int]]) -> None:
    true = [PersonalNumber.of(place=p, year=y, sex=Sex(s), serial=7).value for p, y, s in people]
    lines = [f"Lê Lan;{int(n)};{y};{s}" for n, (_, y, s) in zip(true, people, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text("Họ tên;Số CCCD;Năm sinh;Giới tính\n" + "\n".join(lines), encoding="utf-8")
        (chunk,) = read(path, today=TODAY).chunks()
    assert chunk.records.column("personal_number").to_pylist() == true
