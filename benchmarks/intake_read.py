"""How many rows a second intake reads: `python benchmarks/intake_read.py [ROWS]`.

Two shapes of synthetic file, each as CSV and Parquet: `canonical` (25 columns under the names of the
normal record) and `agency` (a commune police list: full names, dd/mm/yyyy, addresses).
One core; memory is the process's highest.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from dancu.intake.reading import read

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


def parts(shape: str, rows: int) -> Iterator[pa.Table]:
    rng = np.random.default_rng(7)
    for start in range(0, rows, PART):
        yield (canonical if shape == "canonical" else agency)(rng, min(PART, rows - start))


def write(folder: Path, shape: str, form: str, rows: int) -> Path:
    path = folder / f"synthetic-{shape}.{form}"
    tables = parts(shape, rows)
    first = next(tables)
    opened = arrow_csv.CSVWriter if form == "csv" else pq.ParquetWriter
    with opened(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    return path


def measure(path: Path) -> tuple[int, int, float]:
    started = time.process_time()
    records = findings = 0
    for chunk in read(path, today=date(2026, 11, 24)).chunks():
        records += chunk.records.num_rows
        findings += chunk.findings.num_rows
    return records, findings, time.process_time() - started


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    pa.set_cpu_count(1)
    print("| shape | form | MB | records | findings | CPU s | rows/s | peak MB |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for shape in ("canonical", "agency"):
            for form in ("parquet", "csv"):
                path = write(Path(folder), shape, form, rows)
                records, findings, seconds = measure(path)
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                size = path.stat().st_size / 1e6
                print(
                    f"| {shape} | {form} | {size:.0f} | {records} | {findings} | {seconds:.2f} "
                    f"| {records / seconds:,.0f} | {peak:.0f} |"
                )


if __name__ == "__main__":
    main()
