"""Files made to do harm, or made by accident so that they would: a clear message or a clear finding, nothing lost."""

import os
import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dancu.intake.dry_run import write_rows
from dancu.intake.headers import TooWide
from dancu.intake.reading import Reading, read
from dancu.kernel.errors import Malformed

TODAY = date(2026, 11, 24)
HEADER = "Họ và tên,Ngày sinh,Giới tính,Địa chỉ\n"

Row = dict[str, object]


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return path


def rows(reading: Reading) -> list[Row]:
    found: list[Row] = pa.concat_tables([chunk.records for chunk in reading.chunks()]).to_pylist()
    return found


def rejected(reading: Reading) -> list[tuple[int, str]]:
    found = pa.concat_tables([chunk.findings for chunk in reading.chunks()]).to_pylist()
    return [(row["first_line"], row["rule"]) for row in found if row["severity"] == "reject"]


@pytest.mark.parametrize(
    "name", ["Robert'); DROP TABLE person;--", "<script>alert(1)</script>", "{{7*7}}", "Lê Văn Nam\u0000", "../../etc"]
)
def test_code_is_no_name(name: str, tmp_path: Path) -> None:
    reading = read(written(tmp_path, HEADER + f'"{name}",1990,Nam,\nLê Văn Nam,1990,Nam,\n'), today=TODAY)
    assert [line for line, _ in rejected(reading)] == [2]
    assert [row["given"] for row in rows(reading)] == [None, "Nam"]


def test_code_in_an_address_is_text_like_any_other(tmp_path: Path) -> None:
    address = "<b>xã An Bình</b>'; DELETE FROM x"
    reading = read(written(tmp_path, HEADER + f'Lê Văn Nam,1990,Nam,"{address}"\n'), today=TODAY)
    assert [row["current_address"] for row in rows(reading)] == [address]


@pytest.mark.parametrize("mark", ["\u200f", "\u202e", "\u2066", "\u061c", "\u200b", "\ufeff"])
def test_invisible_marks_do_not_make_another_name(mark: str, tmp_path: Path) -> None:
    reading = read(written(tmp_path, HEADER + f"Lê {mark}Văn{mark} Nam,1990,Nam,\n"), today=TODAY)
    assert [(row["surname"], row["middle"], row["given"]) for row in rows(reading)] == [("Lê", "Văn", "Nam")]


def test_a_lone_surrogate_is_a_lost_letter(tmp_path: Path) -> None:
    reading = read(written(tmp_path, HEADER + "Lê \ud800 Nam,1990,Nam,\nLê Văn Nam,1990,Nam,\n"), today=TODAY)
    assert rejected(reading) == [(2, "text.damaged")]


def test_a_lone_surrogate_in_utf16_is_one_too(tmp_path: Path) -> None:
    content = (HEADER + "Lê \ud800 Nam,1990,Nam,\nLê Văn Nam,1990,Nam,\n").encode("utf-16", "surrogatepass")
    assert rejected(read(written(tmp_path, content), today=TODAY)) == [(2, "text.damaged")]


def test_a_text_in_utf16_that_was_cut_off(tmp_path: Path) -> None:
    content = (HEADER + "Lê Văn Nam,1990,Nam,\n").encode("utf-16")[:-1]
    reading = read(written(tmp_path, content), today=TODAY)
    assert len(rows(reading)) == 1


@pytest.mark.parametrize(
    ("year", "fate"),
    [("0000", "date.impossible"), ("0001", "date.impossible"), ("1066", "date.impossible"), ("9999", "date.impossible"),
     ("2200", "date.future"), ("10000", "")],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}", "1/2/{}", "{}-02-01", "{}0201"])
def test_dates_from_the_year_0_to_9999(form: str, year: str, fate: str, tmp_path: Path) -> None:
    reading = read(written(tmp_path, HEADER + f"Lê Văn Nam,{form.format(year)},Nam,\n"), today=TODAY)
    found = rejected(reading)
    assert len(found) == 1 or (year, form) in {("10000", "{}"), ("0000", "{}")}
    if fate and found:
        assert found == [(2, fate)]


def test_ten_thousand_columns_are_refused(tmp_path: Path) -> None:
    line = ",".join(f"cột {n}" for n in range(10_000))
    with pytest.raises(TooWide, match=r"10000 columns, a list 2000 at most; check its delimiter"):
        read(written(tmp_path, f"{line}\n{',' * 9_999}\n"), today=TODAY)


def test_headers_that_come_twice_are_told_apart(tmp_path: Path) -> None:
    content = "Họ tên,Năm sinh,Họ tên,Ghi chú,Ghi chú\nLê Văn Nam,1990,Trần Thị Lan,a,b\n"
    reading = read(written(tmp_path, content), today=TODAY)
    assert reading.columns == ("Họ tên", "Năm sinh", "Họ tên (2)", "Ghi chú", "Ghi chú (2)")
    assert [row["given"] for row in rows(reading)] == ["Nam"]


def test_a_sheet_of_a_trillion_cells_is_refused(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    with pytest.raises(Malformed, match="spans 1048576 rows and 16384 columns"):
        read(path, today=TODAY)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(part: float, tmp_path: Path) -> None:
    whole = (Path(__file__).parents[1] / "data" / "intake" / "cong-an.xlsx").read_bytes()
    with pytest.raises(Malformed, match="damaged or incomplete"):
        read(written(tmp_path, whole[: int(len(whole) * part)], "list.xlsx"), today=TODAY)


@pytest.mark.parametrize("change", ["grown", "cut", "replaced"])
def test_a_file_that_changes_while_it_is_read_is_refused_and_nothing_is_left(change: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "Lê Văn Nam,1990,Nam,\n" * 120_000)

    def meddle(_: int) -> None:
        if change == "grown":
            with path.open("ab") as file:
                file.write(b"x,1991,Nam,\n")
        elif change == "cut":
            os.truncate(path, 1_000_000)
        else:
            (tmp_path / "other").write_text(HEADER, encoding="utf-8")
            (tmp_path / "other").replace(path)

    with pytest.raises(Malformed, match="changed while it was read"):
        write_rows([("list.csv", read(path, today=TODAY))], tmp_path / "out.csv", progress=meddle)
    assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]


@pytest.mark.parametrize("content", ["<a><b><c>" + "x" * (9 << 20) + "</c></b></a>", "<a><b>" + "".join(
    f"<c{n}>x</c{n}>" for n in range(3_000)) + "</b></a>"])  # fmt: skip
def test_a_record_larger_than_any_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"longer than any value|more elements than any list"):
        read(written(tmp_path, content, "list.xml"), today=TODAY)


def test_random_bytes_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        read(written(tmp_path, bytes(range(256)) * 100), today=TODAY)


@pytest.mark.parametrize("cell", ["x" * 200_000, "a," * 1_500, '"' * 999, "\\" * 5_000])
def test_a_strange_first_line_is_refused_or_read(cell: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + cell + "\nLê Văn Nam,1990,Nam,\n")
    try:
        reading = read(path, today=TODAY)
        assert [row["given"] for row in rows(reading)][-1:] == ["Nam"]
    except Malformed as refused:
        assert str(refused)  # noqa: PT017 - either answer is right


def test_a_hundred_thousand_digits_are_no_number(tmp_path: Path) -> None:
    content = f"Họ tên,Số CCCD,Năm sinh\nLê Văn Nam,{'9' * 100_000},1990\nLê Văn Nam,1e400000000,1990\n"
    assert [line for line, _ in rejected(read(written(tmp_path, content), today=TODAY))] == [2, 3]
