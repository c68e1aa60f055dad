"""Every kind of file that an agency sends gives the same records."""

import gzip
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dancu.intake.mapping import BadMapping, Mapping, of_data
from dancu.intake.readers.archive import UnsafeArchive, expanded
from dancu.intake.readers.raw import NoTable, Unreadable
from dancu.intake.reading import Reading, read

FOLDER = Path(__file__).parents[1] / "data" / "intake"
TODAY = date(2026, 11, 24)
HEADER = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Ghi chú")
PEOPLE = [
    ("Nguyễn Thị Hoà", "05/03/1990", "Nữ", "001190001234", 'gọi là "Hoà con"'),
    ("Trần Văn Đức", "1985", "Nam", "001085005678", "dòng một\ndòng hai"),
    ("Lê Quốc Khánh", "2/9/1945", "Nam", "038045000001", "a,b;c|d"),
]
EXPECTED = [
    ("Nguyễn Thị Hoà", 19900305, 2, "001190001234"),
    ("Trần Văn Đức", 19850000, 1, "001085005678"),
    ("Lê Quốc Khánh", 19450902, 1, "038045000001"),
]


def told(reading: Reading) -> list[tuple[object, ...]]:
    rows = pa.concat_tables([chunk.records for chunk in reading.chunks()]).to_pylist()
    name = ("surname", "middle", "given")
    return [
        (" ".join(row[part] for part in name if row[part]), row["born"], row["sex"], row["personal_number"])
        for row in rows
    ]


def covered(reading: Reading) -> list[int]:
    lines = [line for chunk in reading.chunks() for first, last in zip(
        chunk.raw.first_line, chunk.raw.last_line, strict=True) for line in range(first, last + 1)]  # fmt: skip
    lines += [line for one in reading.remainder for line in range(one.first_line, one.last_line + 1)]
    return sorted(lines)


def text(
    delimiter: str, quoted: Callable[[str], str], ending: str = "\n", people: Sequence[Sequence[str]] = PEOPLE
) -> str:
    return "".join(delimiter.join(map(quoted, row)) + ending for row in (HEADER, *people))


def double(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def single(cell: str) -> str:
    return "'" + cell.replace("'", "''") + "'"


def backslash(cell: str) -> str:
    return '"' + cell.replace('"', '\\"') + '"'


@pytest.mark.parametrize("quoted", [double, single, backslash])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "\x1f", "\x01", "||", "#"])
def test_any_delimiter_with_any_quotation_mark(delimiter: str, quoted: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text(delimiter, quoted), encoding="utf-8")
    reading = read(path, today=TODAY)
    assert told(reading) == EXPECTED
    assert covered(reading) == [1, 2, 3, 4, 5]
    assert reading.source.opened.details["delimiter"] == delimiter


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_quotation_marks_that_belong_to_the_text(delimiter: str, tmp_path: Path) -> None:
    people = [
        ("Nguyễn Thị Hoà", "05/03/1990", "Nữ", "001190001234", 'cao 5"'),
        *[(*p[:4], 'con ông "Ba"') for p in PEOPLE[1:]],
    ]
    path = tmp_path / "list.csv"
    path.write_text(text(delimiter, str, people=people), encoding="utf-8")
    assert told(read(path, today=TODAY)) == EXPECTED


def test_a_stray_mark_far_below_belongs_to_the_text_too(tmp_path: Path) -> None:
    people = [*[PEOPLE[0]] * 100, (*PEOPLE[1][:4], 'cao 5" rưỡi'), PEOPLE[1]]
    path = tmp_path / "list.csv"
    path.write_text(
        "".join(",".join(cell if '5"' in cell else double(cell) for cell in row) + "\n" for row in (HEADER, *people)),
        encoding="utf-8",
    )
    reading = read(path, today=TODAY)
    assert told(reading)[99:] == [EXPECTED[0], EXPECTED[1], EXPECTED[1]]
    assert covered(reading) == list(range(1, 105))


def test_a_mapping_names_a_strange_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text("@@", str, people=[(*p[:4], "") for p in PEOPLE]), encoding="utf-8")
    columns = {"Họ và tên": "name", "Ngày sinh": "born", "Giới tính": "sex", "Số CCCD": "number"}
    assert told(read(path, today=TODAY, mapping=Mapping(columns, delimiter="@@"))) == EXPECTED


def json_lines(path: Path) -> None:
    nested = [
        {"hoTen": {"ho": name.split()[0], "dem": " ".join(name.split()[1:-1]), "ten": name.split()[-1]},
         "Ngày sinh": born, "Giới tính": sex, "Số CCCD": int(number) if number.startswith("0011") else number}
        for name, born, sex, number, _ in PEOPLE
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(one, ensure_ascii=at > 0) for at, one in enumerate(nested)), encoding="utf-8")


def test_json_lines_with_nested_names_and_numbers_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    json_lines(path)
    columns = {"hoTen/ho": "surname", "hoTen/dem": "middle", "hoTen/ten": "given", "Ngày sinh": "born"}
    mapping = Mapping({**columns, "Giới tính": "sex", "Số CCCD": "number"})
    reading = read(path, today=TODAY, mapping=mapping)
    assert told(reading) == EXPECTED
    assert reading.format == "jsonl"
    assert covered(reading) == [1, 2, 3]


def test_json_lines_that_are_none_are_rejected_and_stand_in_their_place(tmp_path: Path) -> None:
    good = json.dumps(dict(zip(HEADER, PEOPLE[0], strict=True)), ensure_ascii=False)
    lines = [good, "{broken", "", "[1, 2]", "[" * 5000, '{"Họ và tên": "\\ud800 x"}', good]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading = read(path, today=TODAY)
    findings = pa.concat_tables([chunk.findings for chunk in reading.chunks()]).to_pylist()
    assert [(f["first_line"], f["rule"]) for f in findings if f["severity"] == "reject"] == [
        (2, "file.fields"), (4, "file.fields"), (5, "file.fields"), (6, "file.fields")]  # fmt: skip
    assert covered(reading) == [1, 2, 3, 4, 5, 6, 7]


def test_names_that_come_late_in_json_lines_are_stated(tmp_path: Path) -> None:
    good = json.dumps(dict(zip(HEADER, PEOPLE[0], strict=True)))
    path = tmp_path / "list.jsonl"
    path.write_text(f"{good}\n" * 6_000 + '{"Họ và tên": "Lê Văn Nam", "email": "a@b.vn"}\n', encoding="utf-8")
    reading = read(path, today=TODAY)
    list(reading.chunks())
    # All of a block is learned from, so the name is known here; from the next block on it would be stated.
    assert "email" in reading.columns


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_fields_at_fixed_places(encoding: str, tmp_path: Path) -> None:
    lines = ["DANH SÁCH", *(f"{n:<30}{b:<12}{s:<5}{c:>12}" for n, b, s, c, _ in PEOPLE), "", "Tổng cộng: 3"]
    path = tmp_path / "list.txt"
    path.write_text("\r\n".join(lines) + "\r\n", encoding=encoding, newline="")
    mapping = of_data(
        {
            "columns": {"ten": "name", "sinh": "born", "gioi": "sex", "so": "number"},
            "fixed": {"ten": [1, 30], "sinh": [31, 12], "gioi": [43, 5], "so": [48, 12]},
            "skipped": 1,
        }
    )
    reading = read(path, today=TODAY, mapping=mapping)
    assert told(reading) == EXPECTED
    assert covered(reading) == [1, 2, 3, 4, 5, 6]
    assert [one.why for one in reading.remainder] == ["header", "empty line", "total or signature"]


def test_a_wrong_place_is_refused() -> None:
    with pytest.raises(BadMapping):
        of_data({"columns": {"ten": "name"}, "fixed": {"ten": [0, 30]}})
    with pytest.raises(BadMapping):
        of_data({"columns": {"ten": "name"}, "fixed": {"ten": "1-30"}})


def ods(path: Path) -> None:
    def cell(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row[:4]))}</table:table-row>" for row in (HEADER, *PEOPLE))
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )


def xlsb(path: Path) -> None:
    def record(kind: int, data: bytes = b"") -> bytes:
        head = bytes((kind,)) if kind < 0x80 else bytes((kind & 0x7F | 0x80, kind >> 7))
        size = len(data)
        return head + (bytes((size,)) if size < 0x80 else bytes((size & 0x7F | 0x80, size >> 7))) + data

    def string(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    rows = b""
    for at, row in enumerate((HEADER, *PEOPLE)):
        rows += record(0, struct.pack("<IIHH", at, 0, 300, 0) + bytes(5))
        for place, value in enumerate(row[:4]):
            rows += record(6, struct.pack("<II", place, 0) + string(value))
    sheet = (
        record(0x81)
        + record(0x94, struct.pack("<IIII", 0, 3, 0, 3))
        + record(0x91)
        + rows
        + record(0x92)
        + record(0x82)
    )
    book = record(0x83) + record(0x8F) + record(0x9C, struct.pack("<II", 0, 1) + string("rId1") + string("A"))
    book += record(0x90) + record(0x84)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", rels)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)


@pytest.mark.parametrize(("name", "make"), [("list.ods", ods), ("list.xlsb", xlsb)])
def test_other_workbooks(name: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / name)
    assert told(read(tmp_path / name, today=TODAY)) == EXPECTED


def test_a_workbook_of_the_nineties() -> None:
    reading = read(FOLDER / "so-ho-khau.xls", today=TODAY)
    assert told(reading) == EXPECTED[:2]
    assert covered(reading) == [1, 2, 3, 4]


def test_a_zip_of_folders_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text(",", double), encoding="utf-8")
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(tmp_path / "a.csv", "sâu/b.csv")
    outer = tmp_path / "set.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(tmp_path / "a.csv", "xã 1/a.csv")
        archive.write(inner, "xã 2/inner.zip")
        archive.writestr("xã 1/a.csv.manifest.json", "{}")
        archive.writestr("__MACOSX/xã 1/._a.csv", "x")
        archive.write(FOLDER / "cong-an.xlsx", "xã 3/cong-an.xlsx")
    with expanded([outer]) as members:
        assert [one.name for one in members] == [
            "set.zip/xã 1/a.csv", "set.zip/xã 2/inner.zip/sâu/b.csv", "set.zip/xã 3/cong-an.xlsx"]  # fmt: skip
        assert [one.path.name for one in members] == ["a.csv", "b.csv", "cong-an.xlsx"]
        assert [told(read(one.path, today=TODAY)) for one in members[:2]] == [EXPECTED, EXPECTED]
        places = [one.path for one in members]
        assert places[0].with_name("a.csv.manifest.json").exists()
    assert not any(place.exists() for place in places)
    with pytest.raises(NoTable, match="set of files"):
        read(outer, today=TODAY)


def test_a_gzipped_file_and_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "gui"
    folder.mkdir()
    (folder / "a.csv.gz").write_bytes(gzip.compress(text(",", double).encode()))
    (folder / "b.csv").write_text(text(",", double), encoding="utf-8")
    with expanded([folder]) as members:
        assert [one.name for one in members] == ["gui/a.csv.gz/a.csv", "gui/b.csv"]
        assert [told(read(one.path, today=TODAY)) for one in members] == [EXPECTED, EXPECTED]


def test_an_empty_set_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("thư mục/", "")
    with pytest.raises(NoTable, match="empty"), expanded([tmp_path / "set.zip"]):
        pass


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\x.csv", "a/../../b.csv", "..\\x.csv"])
def test_a_member_that_points_outside_is_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "Họ tên\n")
    with pytest.raises(UnsafeArchive, match="points outside"), expanded([tmp_path / "set.zip"]):
        pass


def test_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("list.csv")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="is a link"), expanded([tmp_path / "set.zip"]):
        pass


@pytest.mark.parametrize("name", ["list.csv", "xl/worksheets/sheet1.xml"])
def test_a_zip_bomb_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if name != "list.csv":
            archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(name, "w") as member:
            for _ in range(300):
                member.write(bytes(1 << 20))
    with pytest.raises(UnsafeArchive, match="out of proportion"), expanded([path]) as members:
        read(members[0].path, today=TODAY)


def test_an_archive_three_deep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "0"
    path.write_text("Họ tên\n", encoding="utf-8")
    for depth in range(1, 4):
        with zipfile.ZipFile(tmp_path / str(depth), "w") as archive:
            archive.write(tmp_path / str(depth - 1))
    with pytest.raises(UnsafeArchive, match="archive in an archive"), expanded([tmp_path / "3"]):
        pass


@pytest.mark.parametrize("size", [100, 400])
def test_a_cut_off_archive_is_said(size: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("a.csv", text(",", double) * 5)
    whole = (tmp_path / "set.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:size])
    with pytest.raises(Unreadable, match=r"damaged|incomplete"), expanded([tmp_path / "cut.zip"]) as members:
        read(members[0].path, today=TODAY)
