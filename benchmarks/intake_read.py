"""How many rows a second intake decodes, maps, normalises and validates: `python benchmarks/intake_read.py [ROWS]`.

Synthetic files: `eleven` (11 columns with Vietnamese headers, names and long addresses, in every encoding),
`canonical` (25 columns under the names of the normal record) and `agency` (a commune police list), as CSV and Parquet.
Each file is read by a process of its own, on the cores there are; memory is that process's highest.
"""

import json
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from dancu.intake.reading import read
from dancu.kernel.charsets import VISCII, VNI, VPS
from dancu.kernel.tcvn3 import CASELESS
from dancu.kernel.tcvn3 import TABLE as TCVN3

SURNAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ"]
MIDDLES = ["Thị", "Văn", "Hữu", "Đức", "Ngọc", "Thanh", "Minh", "Thu", "Kim", "Quốc", "Xuân", "Bích"]
GIVENS = [
    f"{a}{b}" for a in ("L", "T", "H", "M", "Qu", "Th", "Ng", "D") for b in ("an", "ân", "iên", "anh", "oa", "ùng")
]
PART = 250_000


def pick(rng: np.random.Generator, words: list[str], size: int) -> pa.Array:
    return pa.array(words).take(pa.array(rng.integers(0, len(words), size)))


def numbers(rng: np.random.Generator, born: np.ndarray, sex: np.ndarray) -> pa.Array:
    year = born.astype("datetime64[Y]").astype(int) + 1970
    gender = (year - 1900) // 100 * 2 + (sex == 2)
    value = rng.integers(1, 97, len(born)) * 10**9 + gender * 10**8 + year % 100 * 10**6
    value += rng.integers(0, 10**6, len(born))
    return pc.utf8_lpad(pa.array(value).cast(pa.string()), 12, "0")


def canonical(rng: np.random.Generator, size: int) -> pa.Table:
    born = np.datetime64("1940-01-01") + rng.integers(0, 30_000, size).astype("timedelta64[D]")
    sex = rng.integers(1, 3, size)
    codes = [f"{code:05}" for code in range(1, 32_000, 10)]
    days = pa.array(born).cast(pa.string())
    names = [f"{s} {m} {g}" for s in SURNAMES for m in MIDDLES for g in GIVENS]
    streets = pc.binary_join_element_wise(
        pa.array(rng.integers(1, 400, size)).cast(pa.string()), pick(rng, ["đường Lê Lợi", "thôn 3"], size), ", "
    )
    return pa.table(
        {
            "kind": pick(rng, ["persons"], size),
            "source_key": pa.array(rng.integers(0, 10**10, size)).cast(pa.string()),
            "personal_number": numbers(rng, born, sex),
            "surname": pick(rng, SURNAMES, size),
            "middle": pick(rng, MIDDLES, size),
            "given": pick(rng, GIVENS, size),
            "born": days,
            "sex": pa.array(sex).cast(pa.string()),
            "birth_registration_unit": pick(rng, codes, size),
            "origin_unit": pick(rng, codes, size),
            "ethnicity": pick(rng, ["101", "102", "104"], size),
            "religion": pick(rng, ["0", "1", "2"], size),
            "nationality": pick(rng, ["VNM"], size),
            "marital": pick(rng, ["1", "2"], size),
            "father_name": pick(rng, names, size),
            "father_number": numbers(rng, born - np.timedelta64(10_000, "D"), np.full(size, 1)),
            "mother_name": pick(rng, names, size),
            "mother_number": numbers(rng, born - np.timedelta64(9_000, "D"), np.full(size, 2)),
            "permanent_unit": pick(rng, codes, size),
            "permanent_address": streets,
            "permanent_since": days,
            "current_unit": pick(rng, codes, size),
            "household_no": pa.array(rng.integers(0, 10**9, size)).cast(pa.string()),
            "relation": pick(rng, ["1", "2", "3"], size),
            "phone": pc.utf8_lpad(pa.array(rng.integers(10**8, 10**9, size)).cast(pa.string()), 10, "0"),
        }
    )


def agency(rng: np.random.Generator, size: int) -> pa.Table:
    table = canonical(rng, size)
    born = pc.strftime(table["born"].cast(pa.date32()), "%d/%m/%Y")
    name = pc.binary_join_element_wise(table["surname"], table["middle"], table["given"], " ")
    return pa.table(
        {
            "STT": pa.array(np.arange(1, size + 1)).cast(pa.string()),
            "Họ, chữ đệm và tên": pc.if_else(pa.array(rng.random(size) < 0.5), name, pc.utf8_upper(name)),
            "Ngày, tháng, năm sinh": born,
            "Giới tính": pc.if_else(pc.equal(table["sex"], "1"), "Nam", "Nữ"),
            "Số CCCD/ĐDCN": table["personal_number"],
            "Nơi thường trú": table["permanent_address"],
            "Quan hệ với chủ hộ": pick(rng, ["Chủ hộ", "Con", "Vợ"], size),
        }
    )


def eleven(rng: np.random.Generator, size: int) -> pa.Table:
    table = canonical(rng, size)
    communes = [f"xã {a} {b}" for a in ("Quảng", "Hoà", "Vĩnh", "Tân", "Phước") for b in MIDDLES]
    districts = [f"huyện {a} {b}, tỉnh Thanh Hoá" for a in ("Sầm", "Hậu", "Thọ") for b in GIVENS]
    address = pc.binary_join_element_wise(
        table["permanent_address"].combine_chunks(), pick(rng, communes, size), pick(rng, districts, size), ", "
    )
    return pa.table(
        {
            "Số định danh": table["personal_number"],
            "Họ, chữ đệm và tên": pc.binary_join_element_wise(table["surname"], table["middle"], table["given"], " "),
            "Ngày sinh": pc.strftime(table["born"].cast(pa.date32()), "%d/%m/%Y"),
            "Giới tính": pc.if_else(pc.equal(table["sex"], "1"), "Nam", "Nữ"),
            "Dân tộc": pick(rng, ["Kinh", "Mường", "Thái", "H'Mông"], size),
            "Quê quán": pick(rng, districts, size),
            "Nơi thường trú": address,
            "Họ tên cha": table["father_name"],
            "Họ tên mẹ": table["mother_name"],
            "Quan hệ với chủ hộ": pick(rng, ["Chủ hộ", "Con", "Vợ"], size),
            "Điện thoại": table["phone"],
        }
    )


SHAPES = {"canonical": canonical, "agency": agency, "eleven": eleven}
_SHOWN_AS_VNI = {letter: shown for shown, letter in reversed(VNI.items())}


def _by_table(table: str) -> Callable[[str], bytes]:
    codes = {ord(letter): code for code, letter in enumerate(table)}
    small = {ord(c.upper()): codes[ord(c)] for c in CASELESS if ord(c.upper()) not in codes and ord(c) in codes}
    return lambda text: text.translate({k: chr(v) for k, v in (small | codes).items()}).encode("latin-1")


def _cp1258(text: str) -> bytes:
    made = {}
    for letter in set(text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in parts if mark in "\u0300\u0309\u0303\u0301\u0323")
        made[ord(letter)] = unicodedata.normalize("NFC", "".join(m for m in parts if m not in tones)) + tones
    return text.translate(made).encode("cp1258")


WAYS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16-le"),
    "cp1258": _cp1258,
    "tcvn3": _by_table(TCVN3),
    "vni": lambda text: text.translate({ord(k): v for k, v in _SHOWN_AS_VNI.items()}).encode("latin-1"),
    "viscii": _by_table(VISCII),
    "vps": _by_table(VPS),
    "double-utf-8": lambda text: text.encode().decode("latin-1").encode(),
}


def parts(shape: str, rows: int) -> Iterator[pa.Table]:
    rng = np.random.default_rng(7)
    for start in range(0, rows, PART):
        yield SHAPES[shape](rng, min(PART, rows - start))


def write(folder: Path, shape: str, form: str, rows: int, way: str = "utf-8") -> Path:
    path = folder / f"synthetic-{shape}-{way}.{form}"
    tables = parts(shape, rows)
    first = next(tables)
    opened = arrow_csv.CSVWriter if form == "csv" else pq.ParquetWriter
    with opened(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    if way != "utf-8":
        path.write_bytes(WAYS[way](path.read_text(encoding="utf-8")))
    return path


def measure(path: Path) -> tuple[str, int, int, float, float]:
    """Read a file wholly; return its encoding, records, findings, seconds on the wall and of all cores."""
    wall, spent = time.perf_counter(), time.process_time()
    records = findings = 0
    reading = read(path, today=date(2026, 11, 24))
    for chunk in reading.chunks():
        records += chunk.records.num_rows
        findings += chunk.findings.num_rows
    return reading.encoding, records, findings, time.perf_counter() - wall, time.process_time() - spent


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    wanted = [("eleven", "csv", way) for way in WAYS]
    wanted += [(shape, form, "utf-8") for shape in ("canonical", "agency") for form in ("parquet", "csv")]
    print("| shape | form | encoding | MB | records | findings | s | CPU s | rows/s | peak MB |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for shape, form, way in wanted:
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder), shape, form, rows, way)
            script = [sys.executable, __file__, "--one", str(path)]
            encoding, records, findings, wall, spent, peak = json.loads(subprocess.check_output(script))
            size = path.stat().st_size / 1e6
        rate = records / wall
        print(f"| {shape} | {form} | {encoding} | {size:.0f} | {records:,} | {findings:,} | {wall:.2f} | {spent:.2f} "
              f"| {rate:,.0f} | {peak:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        result = measure(Path(sys.argv[2]))
        status = Path("/proc/self/status").read_text(encoding="ascii")
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
        print(json.dumps((*result, peak)))
    else:
        main()
