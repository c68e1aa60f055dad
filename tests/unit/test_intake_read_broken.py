"""Files that nobody should send: each gives one clear error that says where and what to do."""

import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dancu.intake.encodings import LineTooLong, NotText, UnknownEncoding
from dancu.intake.mapping import BadMapping, Mapping, NoNames, load
from dancu.intake.readers.delimited import UnpairedQuote
from dancu.intake.readers.raw import NoTable, Unreadable
from dancu.intake.readers.xml import UnsafeXml
from dancu.intake.reading import Reading, read
from dancu.kernel.errors import Malformed

FOLDER = Path(__file__).parents[1] / "data" / "intake"
TODAY = date(2026, 11, 24)
HEADER = "Họ và tên,Ngày sinh,Giới tính,Ghi chú\n"


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def exhausted(path: Path, mapping: Mapping | None = None) -> Reading:
    reading = read(path, today=TODAY, mapping=mapping)
    for _ in reading.chunks():
        pass
    return reading


def test_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(NoTable, match="is empty"):
        exhausted(written(tmp_path, ""))


def test_a_file_of_empty_lines(tmp_path: Path) -> None:
    with pytest.raises(NoTable, match="is empty"):
        exhausted(written(tmp_path, "\n\n \n"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened"):
        exhausted(tmp_path / "nothing.csv")


def test_a_file_without_names(tmp_path: Path) -> None:
    with pytest.raises(NoNames, match="give a mapping"):
        exhausted(written(tmp_path, "a,b\n1,2\n"))


def test_a_header_without_records_is_no_error(tmp_path: Path) -> None:
    reading = exhausted(written(tmp_path, HEADER))
    assert [(r.first_line, r.why) for r in reading.remainder] == [(1, "header")]


def test_binary_junk(tmp_path: Path) -> None:
    with pytest.raises(NotText, match="bytes that no text has"):
        exhausted(written(tmp_path, bytes(range(256)) * 40))


def test_text_in_no_known_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoding, match="save the file as UTF-8"):
        exhausted(written(tmp_path, "Имя,Дата\nИванов,1990\n".encode("koi8-r")))


def findings(reading: Reading) -> list[tuple[int, str, str]]:
    found = pa.concat_tables([chunk.findings for chunk in reading.chunks()]).to_pylist()
    return [(row["first_line"], row["rule"], row["severity"]) for row in found if row["severity"] == "reject"]


def test_a_record_with_a_zero_byte_is_rejected_and_the_others_are_read(tmp_path: Path) -> None:
    rows = "Trần Văn Nam,1990,Nam,\n" * 20_000
    content = (HEADER + rows).encode() + b"Tr\x00n,1990,Nam,\n" + rows.encode()
    reading = read(written(tmp_path, content), today=TODAY)
    assert findings(reading) == [(20_002, "text.damaged", "reject")]


def test_a_line_in_another_encoding_is_read_by_itself(tmp_path: Path) -> None:
    good = "Trần Văn Nam,1990,Nam,\n" * 5
    bad = b"Nguy\xd4n Th\xde Lan,1991,N\xf7,\n"  # TCVN3
    reading = read(written(tmp_path, (HEADER + good).encode() + bad + good.encode()), today=TODAY)
    rows = pa.concat_tables([chunk.records for chunk in reading.chunks()]).to_pylist()
    assert (rows[5]["surname"], rows[5]["middle"], rows[5]["sex"]) == ("Nguyễn", "Thị", 2)
    assert rows[5]["notes"] == "given.decoded"
    assert findings(reading) == []


def test_a_line_in_no_encoding_at_all_is_rejected(tmp_path: Path) -> None:
    good = "Trần Văn Nam,1990,Nam,\n" * 5
    reading = read(written(tmp_path, (HEADER + good).encode() + b"\xff\xfeqx\x81,1991,Nam,\n"), today=TODAY)
    assert findings(reading) == [(7, "text.damaged", "reject")]


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LineTooLong, match="Line 3 is longer than 4 MB"):
        exhausted(written(tmp_path, (HEADER + "Trần Văn Nam,1990,Nam,\n").encode() + b"x" * (20 << 20)))


def test_an_unclosed_quote_names_its_line(tmp_path: Path) -> None:
    rows = "Trần Văn Nam,1990,Nam,\n" * 3 + 'Lê Thị Hoa,1991,Nữ,"sinh tại\n' + "Trần Văn Nam,1990,Nam,\n" * 30
    with pytest.raises(UnpairedQuote, match="line 5 has no partner"):
        exhausted(written(tmp_path, HEADER + rows))


def test_an_unclosed_quote_that_meets_another_is_named_too(tmp_path: Path) -> None:
    rows = 'Lê Thị Hoa,1991,Nữ,"sinh tại\n' + "Trần Văn Nam,1990,Nam,\n" * 3 + 'Lê Thị Lan,1991,Nữ,"chuyển đến"\n'
    with pytest.raises(UnpairedQuote, match="line 2 has no partner"):
        exhausted(written(tmp_path, HEADER + rows))


def test_an_unclosed_quote_early_in_a_long_file_is_found_before_its_end(tmp_path: Path) -> None:
    rows = 'Lê Thị Hoa,1991,Nữ,"sinh tại\n' + "Trần Văn Nam,1990,Nam,\n" * 400_000
    with pytest.raises(UnpairedQuote, match="line 2 has no partner"):
        exhausted(written(tmp_path, HEADER + rows))


def test_a_quote_inside_of_a_field_is_a_letter(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + 'Trần Văn Nam,1990,Nam,nhà "Ba" cũ\n')
    assert sum(chunk.records.num_rows for chunk in read(path, today=TODAY).chunks()) == 1


def test_a_line_with_too_many_fields_is_a_rejected_record(tmp_path: Path) -> None:
    rows = "Trần Văn Nam,1990,Nam,\nLê, Thị Hoa,1991,Nữ,\nPhan Văn Ba,1992,Nam,\n"
    (chunk,) = read(written(tmp_path, HEADER + rows), today=TODAY).chunks()
    assert chunk.records.column("given").to_pylist() == ["Nam", None, "Ba"]
    assert chunk.findings.to_pylist() == [
        {"record": 2, "field": "", "rule": "file.fields", "severity": "reject", "first_line": 3}
    ]


def test_totals_and_empty_lines_are_stated_and_no_records(tmp_path: Path) -> None:
    rows = "Trần Văn Nam,1990,Nam,\n\n,,,\nTổng cộng: 1,,,\nNgười lập biểu\n"
    reading = read(written(tmp_path, HEADER + rows), today=TODAY)
    assert [chunk.records.num_rows for chunk in reading.chunks()] == [1]
    assert sorted((r.first_line, r.why) for r in reading.remainder) == [
        (1, "header"),
        (3, "empty line"),
        (4, "empty record"),
        (5, "total or signature"),
        (6, "total or signature"),
    ]


def test_a_truncated_workbook(tmp_path: Path) -> None:
    content = (FOLDER / "cong-an.xlsx").read_bytes()
    for size in (600, len(content) // 2, len(content) - 30):
        with pytest.raises(Unreadable, match="damaged or incomplete"):
            exhausted(written(tmp_path, content[:size], "list.xlsx"))


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(Malformed):
        exhausted(path)


def test_a_truncated_xml_names_its_line(tmp_path: Path) -> None:
    content = (FOLDER / "congdan.xml").read_bytes()
    with pytest.raises(Unreadable, match=r"not well formed in line \d+ .* send it again"):
        exhausted(written(tmp_path, content[: len(content) // 2], "list.xml"))


def test_an_xml_bomb(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a><p>&c;</p></a>'
    with pytest.raises(UnsafeXml, match="declares entities"):
        exhausted(written(tmp_path, bomb, "list.xml"))


def test_an_xml_that_reads_files_of_ours(tmp_path: Path) -> None:
    theft = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a><p>&b;</p></a>'
    with pytest.raises(UnsafeXml):
        exhausted(written(tmp_path, theft, "list.xml"))


def test_an_xml_without_records(tmp_path: Path) -> None:
    with pytest.raises(NoTable, match="holds no records"):
        exhausted(written(tmp_path, "<CongdanCollection/>", "list.xml"))


def test_an_xml_nested_without_end(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="nested too deeply"):
        exhausted(written(tmp_path, "<a>" * 5000, "list.xml"))


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"name": ["Trần Văn Nam"] * 1000}), path)
    content = path.read_bytes()
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        exhausted(written(tmp_path, content[:-20], "list.parquet"))


def test_a_parquet_file_with_nested_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"name": [["Trần Văn Nam"]]}), path)
    with pytest.raises(Unreadable, match="nested columns"):
        exhausted(path)


def test_a_mapping_with_unknown_fields(tmp_path: Path) -> None:
    path = written(tmp_path, '[columns]\n"Họ và tên" = "full"\n', "map.toml")
    with pytest.raises(BadMapping, match="do not exist: full"):
        load(path)


def test_a_mapping_with_unknown_options(tmp_path: Path) -> None:
    path = written(tmp_path, 'colour = "red"\n[columns]\n"Họ và tên" = "name"\n', "map.toml")
    with pytest.raises(BadMapping, match="unknown options: colour"):
        load(path)


@pytest.mark.parametrize("content", ["", "{", "[columns", "kind = 1\n"])
def test_a_mapping_that_is_none(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadMapping):
        load(written(tmp_path, content, "map.toml"))


def test_a_mapping_for_another_file(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "Trần Văn Nam,1990,Nam,\n")
    with pytest.raises(BadMapping, match="no columns of these names"):
        exhausted(path, Mapping({"Tên họ": "name"}))


def test_messages_hold_nothing_of_the_records(tmp_path: Path) -> None:
    rows = "Trần Bí Mật,1990,Nam,\n" * 3 + 'Trần Bí Mật,1991,Nữ,"x\n'
    with pytest.raises(UnpairedQuote) as failure:
        exhausted(written(tmp_path, HEADER + rows))
    assert "Mật" not in str(failure.value)
