"""Every encoding of three decades is recognised by itself, and gives the text to the letter."""

import codecs
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dancu.intake.encodings import choose
from dancu.intake.mapping import Mapping
from dancu.intake.reading import Reading, read
from dancu.kernel.charsets import VISCII, VNI, VPS
from dancu.kernel.tcvn3 import CASELESS
from dancu.kernel.tcvn3 import TABLE as TCVN3

TODAY = date(2026, 11, 24)
NAMES = [
    "Nguyễn Thị Hoà", "Trần Văn Đức", "Lê Quốc Khánh", "Phạm Ngọc Ánh", "Hoàng Xuân Ý", "Huỳnh Thuỳ Dương", "Vũ Đại",
    "Võ Thị Sáu", "Đặng Bảo Châu", "Bùi Thị Thuý", "Đỗ Mỹ Linh", "Ngô Thế Huệ", "Dương Tấn Dũng", "Lý Thường Kiệt",
    "Đinh Bộ Lĩnh", "Trịnh Công Sơn", "Nông Thị Xuyến", "Giàng A Phử", "Quách Đại Cương", "Trương Vĩnh Ký", "Lữ Thị Ấu",
]  # fmt: skip
ADDRESSES = ["Xã Quảng Vinh, huyện Sầm Sơn, tỉnh Thanh Hoá", "Số 12 đường Nguyễn Trãi, phường Thượng Đình, Hà Nội"]
ROWS = [
    (name, f"{1950 + at}-02-03", "Nữ" if " Thị " in name else "Nam", ADDRESSES[at % 2]) for at, name in enumerate(NAMES)
]
HEADER = ("Họ và tên", "Ngày sinh", "Giới tính", "Nơi thường trú")


def table(rows: Sequence[tuple[str, ...]] | None = None) -> str:
    lines = [HEADER, *(ROWS if rows is None else rows)]
    return "".join(";".join(line) + "\n" for line in lines)


def by_table(letters: str) -> Callable[[str], bytes]:
    def encode(text: str) -> bytes:
        small = "".join(c.lower() if c not in letters and c.lower() in CASELESS else c for c in text)
        return bytes(letters.index(letter) for letter in small)

    return encode


def vni(text: str) -> bytes:
    shown = {letter: seen for seen, letter in reversed(VNI.items())}
    return "".join(shown.get(letter, letter) for letter in text).encode("latin-1")


def cp1258(text: str) -> bytes:
    made = bytearray()
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in parts if mark in "\u0300\u0309\u0303\u0301\u0323")
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tones))
        made += (base + tones).encode("cp1258")
    return bytes(made)


def western(data: bytes) -> str:
    return "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in data)


ENCODERS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "UTF-8": ("utf-8", str.encode),
    "UTF-8, NFD": ("utf-8", lambda text: unicodedata.normalize("NFD", text).encode()),
    "UTF-8 with a mark": ("utf-8", lambda text: text.encode("utf-8-sig")),
    "UTF-16 LE": ("utf-16", lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le")),
    "UTF-16 BE": ("utf-16", lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be")),
    "UTF-16 LE without a mark": ("utf-16-le", lambda text: text.encode("utf-16-le")),
    "UTF-16 BE without a mark": ("utf-16-be", lambda text: text.encode("utf-16-be")),
    "CP1258": ("cp1258", cp1258),
    "TCVN3": ("tcvn3", by_table(TCVN3)),
    "VNI": ("vni", vni),
    "VISCII": ("viscii", by_table(VISCII)),
    "VPS": ("vps", by_table(VPS)),
    "UTF-8 twice, through Latin-1": ("double-utf-8", lambda text: text.encode().decode("latin-1").encode()),
    "UTF-8 twice, through cp1252": ("double-utf-8", lambda text: western(text.encode()).encode()),
    "UTF-8 thrice": ("double-utf-8", lambda text: western(western(text.encode()).encode()).encode()),
}


def rows_of(reading: Reading) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pa.concat_tables([chunk.records for chunk in reading.chunks()]).to_pylist()
    return rows


def told(row: dict[str, object]) -> tuple[str, object, object]:
    name = " ".join(str(row[part]) for part in ("surname", "middle", "given") if row[part])
    return name, row["sex"], row["permanent_address"]


def truth(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, object, object]]:
    return [(name, 2 if sex == "Nữ" else 1, address) for name, _, sex, address in rows]


@pytest.mark.parametrize("way", ENCODERS)
def test_an_encoding_is_recognised_and_read_to_the_letter(way: str, tmp_path: Path) -> None:
    expected, encode = ENCODERS[way]
    path = tmp_path / "list.csv"
    path.write_bytes(encode(table()))
    reading = read(path, today=TODAY)
    assert reading.encoding == expected
    assert reading.columns == HEADER
    assert [told(row) for row in rows_of(reading)] == truth(ROWS)
    assert all(row["notes"] is None for row in rows_of(reading))


@pytest.mark.parametrize("way", ENCODERS)
def test_a_list_in_capitals_is_recognised_too(way: str, tmp_path: Path) -> None:
    expected, encode = ENCODERS[way]
    shouted = [(name.upper(), day, sex.upper(), address) for name, day, sex, address in ROWS]
    path = tmp_path / "list.csv"
    path.write_bytes(encode(table(shouted)))
    reading = read(path, today=TODAY)
    assert reading.encoding == expected
    assert [told(row)[0] for row in rows_of(reading)] == NAMES


@pytest.mark.parametrize("way", [way for way in ENCODERS if not ENCODERS[way][0].startswith("utf-16")])
@pytest.mark.parametrize("at", range(len(NAMES)))
def test_two_names_are_enough(way: str, at: int, tmp_path: Path) -> None:
    expected, encode = ENCODERS[way]
    two = [NAMES[at], NAMES[(at + 7) % len(NAMES)]]
    path = tmp_path / "list.csv"
    path.write_bytes(encode("Ho ten\n" + "".join(f"{name}\n" for name in two)))
    reading = read(path, today=TODAY)
    assert [told(row)[0] for row in rows_of(reading)] == two, (reading.encoding, expected)


MISREAD: dict[str, Callable[[str], str]] = {
    "TCVN3": lambda text: by_table(TCVN3)(text).decode("latin-1"),
    "VNI": lambda text: vni(text).decode("latin-1"),
    "VISCII": lambda text: by_table(VISCII)(text).decode("latin-1"),
    "VPS": lambda text: by_table(VPS)(text).decode("latin-1"),
    "CP1258": lambda text: cp1258(text).decode("cp1252"),
    "UTF-8": lambda text: western(text.encode()),
}


@pytest.mark.parametrize("way", MISREAD)
def test_a_misread_column_beside_sound_ones_is_repaired(way: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [(MISREAD[way](name), day, sex, address) for name, day, sex, address in ROWS]
    path.write_text(table(rows), encoding="utf-8")
    assert [told(row) for row in rows_of(read(path, today=TODAY))] == truth(ROWS)


@pytest.mark.parametrize("way", ["TCVN3", "VNI", "UTF-8 twice, through cp1252"])
def test_single_misread_cells_are_repaired_and_noted(way: str, tmp_path: Path) -> None:
    encode = ENCODERS[way][1]
    path = tmp_path / "list.csv"
    lines = table().encode().split(b"\n")
    lines[5] = lines[5].replace(NAMES[4].encode(), encode("Nguyễn Thị Hường"))
    path.write_bytes(b"\n".join(lines))
    rows = rows_of(read(path, today=TODAY))
    assert told(rows[4])[0] == "Nguyễn Thị Hường"
    assert [row["notes"] for row in rows] == [None] * 4 + ["given.decoded"] + [None] * 16


def test_columns_in_encodings_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = [";".join(HEADER).encode()]
    lines += [
        b";".join((by_table(TCVN3)(name), day.encode(), sex.encode(), vni(address))) for name, day, sex, address in ROWS
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    reading = read(path, today=TODAY)
    assert [told(row) for row in rows_of(reading)] == truth(ROWS)


def test_an_operator_names_the_encoding_of_a_column(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"Ho ten;Ngay sinh\n" + by_table(TCVN3)("Vũ Hà;1990\n"))
    columns = {"Ho ten": "name", "Ngay sinh": "born"}
    mapping = Mapping(columns, encoding="mixed", encodings={"Ho ten": "tcvn3"})
    assert told(rows_of(read(path, today=TODAY, mapping=mapping))[0])[0] == "Vũ Hà"


@pytest.mark.parametrize("way", ["telex", "vni-keys"])
def test_a_list_of_keystrokes(way: str, tmp_path: Path) -> None:
    typed = {
        "telex": ["Nguyeenx Thij Lan", "Traanf Vawn DDuwcs", "Leej Thij Hoa", "Phamj Quoocs Huwng"],
        "vni-keys": ["Nguye6n4 Thi5 Lan", "Tra6n2 Va8n D9u71c", "Le65 Thi5 Hoa", "Pha5m Quo6c1 Hu7ng"],
    }[way]
    path = tmp_path / "list.csv"
    path.write_text("Hoj teen,Ngayf sinh\n" + "".join(f"{name},1990\n" for name in typed), encoding="utf-8")
    names = [told(row)[0] for row in rows_of(read(path, today=TODAY))]
    assert names == ["Nguyễn Thị Lan", "Trần Văn Đức", "Lệ Thị Hoa", "Phạm Quốc Hưng"]


def test_the_operator_is_told_why_and_shown_a_sample() -> None:
    choice = choose(by_table(TCVN3)(table()))
    assert choice.why == "most Vietnamese syllables on trial"
    assert set(choice.scores) == {"cp1258", "tcvn3", "vni", "viscii", "vps"}
    assert choice.sample[:2] == ("Họ và tên", "Ngày sinh")


def test_lines_of_old_macintoshes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(table().replace("\n", "\r").encode())
    reading = read(path, today=TODAY)
    assert [row["first_line"] for row in rows_of(reading)] == list(range(2, 2 + len(ROWS)))
