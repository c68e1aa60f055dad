"""Streams of any size: a file of more than two gigabytes is read in less than one of memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dancu.kernel.tcvn3 import TABLE

pytestmark = [pytest.mark.soak, pytest.mark.skipif(not os.environ.get("DANCU_SOAK"), reason="runs in make soak only")]

GIGABYTES = 2.1
MOST_MEMORY = 1 << 30
HEADER = (
    "Số định danh,Họ và tên,Ngày sinh,Giới tính,Dân tộc,Nơi thường trú,Họ tên cha,Họ tên mẹ,Quan hệ,Điện thoại,"
    "Ghi chú\n"
)
READ = """
import json, sys
from datetime import date
from pathlib import Path
from dancu.intake.reading import read
records = sum(c.records.num_rows for c in read(Path(sys.argv[1]), today=date(2026, 11, 24)).chunks())
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps([records, peak]))
"""


def lines(start: int, count: int) -> str:
    surnames = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Võ", "Đặng")
    place = "xã Quảng Vinh, huyện Sầm Sơn, tỉnh Thanh Hoá"
    made = []
    for n in range(start, start + count):
        born = f"{n % 28 + 1}/{n % 12 + 1}/19{n % 100:02}"
        number = f"0{n % 90 + 1:02}1{n % 100:02}{n % 10**6:06}"
        name, father, mother = f"{surnames[n % 7]} Văn {'ABCDEGHK'[n % 8]}n", surnames[n % 5], surnames[n % 3]
        made.append(
            f'{number},{name},{born},Nữ,Kinh,"Số {n}, đường Lê Lợi, {place}",{father} Văn Cha,{mother} Thị Mẹ,Con,'
            f"09{n % 10**8:08},\n"
        )
    return "".join(made)


@pytest.mark.parametrize("encoding", ["utf-8", "tcvn3"])
def test_a_file_of_two_gigabytes_needs_less_than_one_of_memory(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    records = 0
    with path.open("wb") as file:
        file.write(encoded(HEADER, encoding))
        block = encoded(lines(0, 200_000), encoding)
        while file.tell() < GIGABYTES * (1 << 30):
            file.write(block)
            records += 200_000
    try:
        read, peak = json.loads(subprocess.check_output([sys.executable, "-c", READ, str(path)]))
    finally:
        path.unlink()
    assert read == records
    assert peak < MOST_MEMORY, f"{peak >> 20} MB"


def encoded(text: str, encoding: str) -> bytes:
    if encoding == "utf-8":
        return text.encode()
    return text.translate({ord(letter): code for code, letter in enumerate(TABLE)}).encode("latin-1")
