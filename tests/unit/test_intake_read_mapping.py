"""What headers mean, and mappings that say otherwise."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from dancu.intake.encodings import choose
from dancu.intake.headers import is_footer, readable
from dancu.intake.mapping import BadMapping, Mapping, load, suggest
from dancu.intake.normal import COMPUTED, FIELDS, NORMAL
from dancu.intake.readers.raw import CHUNK_RECORDS, Opened
from dancu.intake.reading import read
from dancu.intake.synonyms import meaning
from dancu.kernel.tcvn3 import TABLE, restore_capitals
from dancu.kernel.text import canonical

TODAY = date(2026, 11, 24)


def suggested(*headers: str, titles: tuple[str, ...] = ()) -> Mapping:
    return suggest(Opened("csv", headers, titles=titles))


def rows(path: Path, mapping: Mapping | None = None) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pa.concat_tables(
        [chunk.records for chunk in read(path, today=TODAY, mapping=mapping).chunks()]
    ).to_pylist()
    return found


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        (("Họ", "Chữ đệm", "Tên"), ("surname", "middle", "given")),
        (("Họ và tên", "Năm sinh", "Dân tộc", "Tôn giáo"), ("name", "born_year", "ethnicity", "religion")),
        (("HỌ TÊN", "SỐ CMND", "SĐT", "E-mail"), ("name", "number", "phone", "email")),
        (("Họ tên", "Quê quán", "Nơi sinh"), ("name", "origin_text", "birth_place_text")),
        (("Họ tên", "Nơi ở hiện nay", "Tạm trú"), ("name", "current_address", "temporary_address")),
        (("Họ tên", "Ngày sinh", "Họ tên cha", "Họ tên mẹ", "Số CCCD"),
         ("name", "born", "father_name", "mother_name", "number")),
        (("Họ tên", "Ngày sinh", "Họ tên cha", "Ngày sinh (2)"), ("name", "born", "father_name", "father_born")),
        (("Full name", "Date of birth", "Sex", "National ID"), ("name", "born", "sex", "number")),
        (("Họ tên", "Điểm thi"), ("name", "ignored")),
        (("Họ tên", "Số hộ chiếu", "Số hộ khẩu"), ("name", "passport", "household_no")),
    ],
)  # fmt: skip
def test_headers_are_understood(headers: tuple[str, ...], targets: tuple[str, ...]) -> None:
    assert tuple(suggested(*headers).columns.values()) == targets


def test_a_marriage_list_in_either_order_keeps_the_husband_first() -> None:
    mapping = suggested("Họ tên vợ", "Ngày sinh", "Họ tên chồng", "Ngày sinh (2)", "Ngày đăng ký")
    assert mapping.kind == "marriages"
    assert list(mapping.columns.values()) == ["spouse_name", "spouse_born", "name", "born", "married_on"]


def test_a_list_of_newborns_gives_the_number_after_the_mother_to_her() -> None:
    mapping = suggested("Họ tên trẻ", "Ngày sinh", "Họ tên mẹ", "Số CCCD")
    assert mapping.kind == "births"
    assert list(mapping.columns.values()) == ["name", "born", "mother_name", "mother_any_number"]


@pytest.mark.parametrize(
    ("title", "day"),
    [("Danh sách (tính đến 30/06/2024)", date(2024, 6, 30)), ("đến ngày 99/99/2024", None), ("Danh sách", None)],
)
def test_a_title_tells_the_day_of_the_units(title: str, day: date | None) -> None:
    assert suggested("Họ tên", titles=(title,)).unit_day == day


def test_the_normal_names_are_understood_without_a_mapping() -> None:
    names = [field.name for field in FIELDS if field.name not in COMPUTED]
    assert suggested(*names).columns == {name: name for name in names}


def test_a_mapping_file_overrides_the_suggestion(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("A|B|C\nTRẦN NAM|05/03/1990|04\n", encoding="utf-8")
    (tmp_path / "map.toml").write_text(
        'date_order = "mdy"\nethnic_scheme = 2\nunit_day = 2024-06-30\n'
        '[columns]\nA = "name"\nB = "born"\nC = "ethnicity"\n',
        encoding="utf-8",
    )
    (row,) = rows(tmp_path / "list.csv", load(tmp_path / "map.toml"))
    assert (row["given"], row["born"], row["ethnicity"], row["unit_day"]) == ("Nam", 19900503, 204, date(2024, 6, 30))


def test_a_mapping_may_leave_columns_out(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Họ tên,Giới tính\nTrần Nam,Nam\n", encoding="utf-8")
    (row,) = rows(tmp_path / "list.csv", Mapping({"Họ tên": "name"}))
    assert (row["given"], row["sex"]) == ("Nam", None)


def test_a_suggestion_written_as_json_is_read_back(tmp_path: Path) -> None:
    mapping = suggested("Họ tên", "Ngày sinh", titles=("tính đến 30/06/2024",))
    path = tmp_path / "map.json"
    path.write_text(json.dumps(mapping.as_json(), ensure_ascii=False), encoding="utf-8")
    assert load(path) == mapping


@pytest.mark.parametrize(
    "options",
    [{"kind": "deaths"}, {"date_order": "ymd"}, {"ethnic_scheme": 3}, {"encoding": "klingon"}, {"delimiter": ", ; |"}],
)
def test_an_option_out_of_its_range_is_refused(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"columns": {"Họ tên": "name"}, **options}), encoding="utf-8")
    with pytest.raises(BadMapping):
        load(path)


def test_an_encoding_named_by_the_mapping_is_used(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"Ten,H\xe4\nNam,Tr\xc7n\n")
    mapping = Mapping({"Ten": "given", "Họ": "surname"}, encoding="tcvn3")
    (row,) = rows(tmp_path / "list.csv", mapping)
    assert row["surname"] == "Trần"


def test_titles_above_a_csv_table_are_no_records(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("UBND XÃ A,,\n,,\nHọ tên,Ngày sinh,Giới tính\nTrần Nam,1990,Nam\n", encoding="utf-8")
    reading = read(path, today=TODAY)
    (chunk,) = reading.chunks()
    assert chunk.records.column("first_line").to_pylist() == [4]
    assert [(r.first_line, r.why) for r in reading.remainder] == [(1, "title"), (2, "empty line"), (3, "header")]


@pytest.mark.parametrize("name", ["Tổng cộng: 5", "Cộng: 3", "Cộng", "Người lập biểu", "Ngày 5 tháng 3"])
def test_totals_and_signatures_are_footers(name: str) -> None:
    assert is_footer(["", name, None])


@pytest.mark.parametrize("name", ["Công Văn Ba", "Tống Thị Hoa", "Trương Văn Nam", "Cồng"])
def test_names_like_totals_are_no_footers(name: str) -> None:
    assert not is_footer(["", name, None])


SAMPLE = {
    "kind": "persons", "source_key": "x1", "subject": "1", "personal_number": "020058699336", "cmnd9": "085160637",
    "surname": "Phan", "middle": "Thế", "given": "Sơn", "born": "1958-09-30", "sex": "1",
    "birth_place_unit": "06484", "ethnicity": "102", "religion": "0", "nationality": "VNM", "blood": "2",
    "marital": "2", "father_name": "Phan Văn Ba", "father_number": "020028699336", "mother_born": "1930",
    "permanent_unit": "06496", "permanent_address": "Thôn 8", "permanent_since": "1990-01-01",
    "temporary_until": "2027-01-01", "unit_day": "2026-11-24", "household_no": "H1", "relation": "1",
    "phone": "0912345678", "email": "a@b.vn", "married_on": "1980", "certificate_year": "1980",
}  # fmt: skip
READ = {
    "born": 19580930, "sex": 1, "ethnicity": 102, "religion": 0, "blood": 2, "marital": 2, "mother_born": 19300000,
    "permanent_since": date(1990, 1, 1), "temporary_until": date(2027, 1, 1), "unit_day": date(2026, 11, 24),
    "relation": 1, "married_on": 19800000, "certificate_year": 1980, "subject": 1,
}  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_canonical_file_of_many_chunks_is_read_whole(tmp_path: Path, form: str) -> None:
    size = CHUNK_RECORDS + 7
    table = pa.table({name: pa.array([value]).take(pa.array([0] * size)) for name, value in SAMPLE.items()})
    path = tmp_path / f"synthetic.{form}"
    if form == "csv":
        arrow_csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    chunks = list(read(path, today=TODAY).chunks())
    assert [chunk.records.num_rows for chunk in chunks] == [CHUNK_RECORDS, 7]
    assert all(chunk.records.schema.equals(NORMAL) for chunk in chunks)
    assert all(chunk.findings.num_rows == 0 for chunk in chunks)
    last = chunks[1].records.to_pylist()[-1]
    assert last["record"] == size
    assert last["first_line"] == (size + 1 if form == "csv" else size)
    assert {name: last[name] for name in SAMPLE} == SAMPLE | READ
    assert last["name_key"] == "phan the son"


def test_a_parquet_file_with_types_of_its_own_is_read_as_text(tmp_path: Path) -> None:
    table = pa.table({
        "given": pa.array(["Lan", "Lan"]).dictionary_encode(),
        "born": pa.array([date(1990, 5, 3), None]),
        "sex": pa.array([2, None], pa.int8()),
        "email": pa.array(["", None]),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "list.parquet")
    first, second = rows(tmp_path / "list.parquet")
    assert (first["born"], first["sex"], first["email"]) == (19900503, 2, None)
    assert (second["given"], second["born"]) == ("Lan", None)


NATIONAL = """<?xml version="1.0" encoding="UTF-8"?>
<b:CongdanCollection xmlns:b="http://dancuquocgia.bca">
<b:CongDan><b:SoDinhDanh>020172694676</b:SoDinhDanh><b:HoVaTen><b:Ho>Bùi</b:Ho><b:Ten>Hằng</b:Ten></b:HoVaTen>
  <b:GioiTinh>2</b:GioiTinh><b:DanToc>02</b:DanToc><b:NhomMau>00</b:NhomMau>
  <b:NgayThangNamSinh><b:Nam>1972</b:Nam></b:NgayThangNamSinh>
  <b:ThuongTru><b:MaTinhThanh>20</b:MaTinhThanh><b:MaPhuongXa>06496</b:MaPhuongXa></b:ThuongTru>
  <b:NoiOHienTai><b:MaTinhThanh>01</b:MaTinhThanh></b:NoiOHienTai>
  <b:VoChong><b:HoVaTen>Lê Văn Ba</b:HoVaTen><b:SoDinhDanh>020070694676</b:SoDinhDanh></b:VoChong>
  <b:ChuHo><b:HoVaTen>Lê Văn Ba</b:HoVaTen><b:QuanHe>Vợ</b:QuanHe></b:ChuHo></b:CongDan>
</b:CongdanCollection>
"""


def test_the_national_services_answer_is_read_with_all_its_paths(tmp_path: Path) -> None:
    (tmp_path / "answer.xml").write_text(NATIONAL, encoding="utf-8")
    (row,) = rows(tmp_path / "answer.xml")
    expected = {
        "surname": "Bùi", "middle": None, "given": "Hằng", "born": 19720000, "sex": 2, "ethnicity": 102,
        "blood": None, "permanent_unit": "06496", "current_unit": "01", "spouse_given": "Ba",
        "spouse_number": "020070694676", "head_name": "Lê Văn Ba", "relation": 2, "first_line": 3, "last_line": 9,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_the_table_of_tcvn3_has_its_74_letters_and_no_letter_twice() -> None:
    letters = [letter for letter in TABLE[0xA1:] if letter != "\ufffd"]
    assert len(letters) == len(set(letters)) == 74


@pytest.mark.parametrize(
    ("font", "shown"),
    [
        ("NGUYễN THị Hà", "NGUYỄN THỊ HÀ"),
        ("Nguyễn Thị Hà", "Nguyễn Thị Hà"),
        ("Họ tên;Số", "Họ tên;Số"),
        ("ĐặNG VĂN", "ĐẶNG VĂN"),
        ("ả", "ả"),
    ],
)
def test_capitals_are_restored_where_the_words_tell(font: str, shown: str) -> None:
    assert restore_capitals(font) == shown


def test_a_utf8_file_cut_within_a_letter_is_still_utf8() -> None:
    assert choose(("Trần Văn Nam\n" * 3).encode()[:-9]).encoding.id == "utf-8"


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ("HoTen,HOTEN,ho_ten,Tên đầy đủ,Họ tên KS,Full Name,FULLNAME", "name"),
        ("Tên lót,Chữ đệm,Middle name", "middle"),
        ("FirstName,given_name", "given"),
        ("NTNS,NgaySinh,ngaythangnamsinh,Sinh ngày,NS,DOB,BirthDate", "born"),
        ("Năm sinh,N.sinh,YOB", "born_year"),
        ("GT,GIOITINH,Nam/Nữ,Phái,Gender", "sex"),
        ("SoDDCN,MaDinhDanh,Mã định danh cá nhân,Số thẻ căn cước,socccd,ID No,Citizen ID,SO_CMT", "number"),
        ("HKTT,Nơi ĐKTT,DiaChiThuongTru,Hộ khẩu thường trú,Permanent address", "permanent_address"),
        ("Chỗ ở hiện tại,Nơi ở hiện nay,Địa chỉ,Address", "current_address"),
        ("QQ,quequan,Nguyên quán,Hometown", "origin_text"),
        ("Mẹ,hotenme,Tên mẹ,Họ và tên của mẹ,Mother's name", "mother_name"),
        ("Cha,Bố,Họ tên bố,Father", "father_name"),
        ("sodienthoai,SĐT,ĐT,Mobile", "phone"),
        ("TTHN,Tình trạng hôn nhân,Marital status", "marital"),
        ("Hä vµ tªn,Há»\x8d vÃ\xa0 tÃªn,Hoj vaf teen,Hoï vaø teân", "name"),
        ("ghichu,Ghi chú,STT,Notes", "ignored"),
    ],
)
def test_headers_in_any_spelling_are_understood(headers: str, target: str) -> None:
    assert {header: meaning(canonical(readable(header))) for header in headers.split(",")} == dict.fromkeys(
        headers.split(","), target
    )


def test_a_list_of_people_that_names_their_wives_is_no_list_of_marriages() -> None:
    found = suggested("Họ tên", "Ngày sinh", "Vợ")
    assert (found.kind, dict(found.columns)["Vợ"]) == ("persons", "spouse_name")
