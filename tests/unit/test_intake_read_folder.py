"""A folder of twenty ugly files about the same people goes through in one dry run, and all twenty say the same."""

import csv
import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.unit.test_intake_read_encodings import MISREAD, cp1258, vni, western
from tests.unit.test_intake_read_encodings import by_table as table_of
from tests.unit.test_intake_read_sheet import workbook

from dancu.intake.dry_run import write_rows
from dancu.intake.readers.archive import expanded
from dancu.intake.reading import read
from dancu.kernel.charsets import VISCII, VPS
from dancu.kernel.tcvn3 import TABLE as TCVN3

TODAY = date(2026, 11, 24)
PEOPLE = [
    ("Nguyễn Thị Hoà", "1990-03-05", "female", "001190001234"),
    ("Trần Văn Đức", "1985", "male", "001085005678"),
    ("Lê Quốc Khánh", "1945-09-02", "male", "038045000001"),
    ("Phạm Ngọc Tuyết", "2001-12-31", "female", "001301000777"),
]
DMY = {"1990-03-05": "05/03/1990", "1985": "1985", "1945-09-02": "2-9-1945", "2001-12-31": "31.12.2001"}
HEADER = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD")
ROWS = [(name, DMY[born], "Nam" if sex == "male" else "Nữ", number) for name, born, sex, number in PEOPLE]


def lines(rows: Sequence[Sequence[str]], mark: str = ";", header: Sequence[str] = HEADER, end: str = "\n") -> str:
    return "".join(mark.join(row) + end for row in (header, *rows))


def spelled(number: str) -> str:
    return number.lstrip("0")


def titled() -> str:
    above = "UBND XÃ QUẢNG VINH;;;\nDANH SÁCH NHÂN KHẨU (tính đến 24/11/2026);;;\n;;;\n"
    return above + lines(ROWS) + ";;;\nTổng cộng: 4;;;\nNgười lập biểu;;;\n"


def sheet(path: Path) -> None:
    cells: dict[str, str | int | float | bool | date] = {"A1": "CÔNG AN XÃ", "B3": HEADER[0]}
    cells |= {f"{'BCDE'[at]}3": header for at, header in enumerate(HEADER)}
    for line, (name, born, sex, number) in enumerate(ROWS, start=4):
        cells |= {f"B{line}": name, f"C{line}": born, f"D{line}": sex, f"E{line}": float(number)}
    workbook(path, Bìa={"A1": "Báo cáo"}, DS=cells)


def xml(path: Path) -> None:
    people = "".join(
        f"<CongDan><SoDinhDanh>{number}</SoDinhDanh><HoVaTen>{name}</HoVaTen><GioiTinh>{1 if sex == 'male' else 2}"
        f"</GioiTinh><NgayThangNamSinh><Nam>{born[:4]}</Nam>"
        + (f"<NgayThangNam>{born.replace('-', '')}</NgayThangNam>" if len(born) > 4 else "")
        + "</NgayThangNamSinh></CongDan>"
        for name, born, sex, number in PEOPLE
    )
    path.write_text(
        f'<CongdanCollection xmlns="http://dancuquocgia.bca">{people}</CongdanCollection>', encoding="utf-8"
    )


def parquet(path: Path) -> None:
    columns = zip(*ROWS, strict=True)
    pq.write_table(pa.table([pa.array(column) for column in columns], names=list(HEADER)), path)


def json_lines(path: Path) -> None:
    keys = ("full_name", "dob", "gender", "national_id")
    path.write_text("\n".join(json.dumps(dict(zip(keys, row, strict=True))) for row in ROWS), encoding="utf-8")


def text(content: str | bytes) -> Callable[[Path], object]:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda path: path.write_bytes(data)


ENGLISH = ("Full name", "Date of birth", "Sex", "ID number")
JOINED = ("HOTEN", "NGAYSINH", "GIOITINH", "SOCCCD")
MIXED = [(MISREAD["TCVN3"](row[0]), *row[1:]) for row in ROWS[:2]] + [
    (MISREAD["UTF-8"](ROWS[2][0]), *ROWS[2][1:]),
    ROWS[3],
]
UGLY: dict[str, Callable[[Path], object]] = {
    "01 utf-8 bom.csv": text("\ufeff" + lines(ROWS, ",")),
    "02 utf-16.txt": text(lines(ROWS, "\t").encode("utf-16")),
    "03 tcvn3.csv": text(table_of(TCVN3)(lines(ROWS))),
    "04 vni.csv": text(vni(lines(ROWS))),
    "05 viscii.csv": text(table_of(VISCII)(lines(ROWS))),
    "06 vps.csv": text(table_of(VPS)(lines(ROWS))),
    "07 cp1258.csv": text(cp1258(lines(ROWS))),
    "08 double.csv": text(western(lines(ROWS).encode())),
    "09 capitals.csv": text(lines([[cell.upper() for cell in row] for row in ROWS], header=JOINED)),
    "10 zeros.csv": text(lines([(*row[:3], spelled(row[3])) for row in ROWS], header=ENGLISH)),
    "11 titles.csv": text(titled()),
    "12 quotes.csv": text(lines([tuple(f'"{cell}"' for cell in row) for row in ROWS], "|", end="\r\n")),
    "13 macintosh.csv": text(lines(ROWS, end="\r")),
    "14 mixed.csv": text(lines(MIXED)),
    "15 sheet.xlsx": sheet,
    "16 people.xml": xml,
    "17 people.parquet": parquet,
    "18 people.jsonl": json_lines,
    "19 packed.csv.gz": lambda path: path.write_bytes(gzip.compress(lines(ROWS, "^").encode())),
}


def packed(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sâu/trong/tệp.csv", lines(ROWS, "||"))


def test_twenty_ugly_files_say_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "gửi"
    folder.mkdir()
    for name, make in {**UGLY, "20 set.zip": packed}.items():
        make(folder / name)
    with expanded([folder]) as members:
        done = write_rows(((one.name, read(one.path, today=TODAY)) for one in members), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_file: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        told = tuple(row[column] for column in ("name", "born", "sex", "personal_number"))
        by_file.setdefault(row["file"], []).append(told)
    assert len(by_file) == 20
    assert {name: found for name, found in by_file.items() if found != PEOPLE} == {}
    assert done.severities["reject"] == 0
