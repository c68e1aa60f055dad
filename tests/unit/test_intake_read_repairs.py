"""How many misread names are repaired cell by cell, and that nothing is changed which may be right."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.test_intake_read_encodings import MISREAD

import dancu.reference
from dancu.kernel.misread import repaired

SURNAMES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
    "Trịnh",
    "Mai",
    "Lò",
    "Giàng",
    "Sùng",
]
MIDDLES = [
    "Thị",
    "Văn",
    "Hữu",
    "Đức",
    "Ngọc",
    "Thanh",
    "Minh",
    "Thu",
    "Kim",
    "Quốc",
    "Xuân",
    "Bích",
    "Đình",
    "Công",
    "Gia",
    "Khánh",
    "Tuấn",
    "Mỹ",
    "Hồng",
]
GIVENS = [
    "An",
    "Ánh",
    "Bảo",
    "Bình",
    "Cường",
    "Chi",
    "Châu",
    "Dũng",
    "Duyên",
    "Đạt",
    "Giang",
    "Hà",
    "Hạnh",
    "Hằng",
    "Hiếu",
    "Hoà",
    "Huệ",
    "Hùng",
    "Hương",
    "Khôi",
    "Lan",
    "Liên",
    "Linh",
    "Loan",
    "Long",
    "Lý",
    "Mai",
    "Minh",
    "Nam",
    "Nga",
    "Ngân",
    "Nghĩa",
    "Nhung",
    "Oanh",
    "Phúc",
    "Phượng",
    "Quang",
    "Quỳnh",
    "Sơn",
    "Tâm",
    "Thảo",
    "Thắng",
    "Thuỷ",
    "Tiến",
    "Trang",
    "Trung",
    "Tú",
    "Tuyết",
    "Uyên",
    "Vân",
    "Việt",
    "Vy",
    "Xuyến",
    "Yến",
    "Ý",
]
OTHERS = [
    "H'Hen Niê",
    "Y Moan Ênuôl",
    "Siu Black",
    "Rơ Chăm Phiang",
    "Kpă Klơng",
    "Ksor Phước",
    "Y Blok Êban",
    "Rmah H'Bé Nét",
    "Alăng Nhất",
    "Zơrâm Thị Bích",
    "Đinh Yung",
    "K'Brêu",
    "Điểu K'Ré",
    "Thạch Sô Phi",
    "Châu Sóc Kha",
    "Katơr Thị Lan",
    "Chamaléa Điêu",
    "Lò Văn Pọm",
    "Sùng A Phình",
    "Chảo Láo Tả",
    "Tẩn Mí Sài",
    "Ma Seo Sử",
    "Moong Văn Nghệ",
    "Xeo Văn Thoong",
    "Khoàng Xỏ",
    "Jean Dupont",
    "René Lacoste",
    "José García",
    "Zoë Müller",
    "François Mitterrand",
    "Thérèse Lê",
    "Ngô Viết Thụ André",
    "Wendy Trần",
    "Jimmy Nguyễn",
    "Louis Trường",
]


def names(count: int) -> list[str]:
    draw = random.Random(4)  # noqa: S311 - names to try, no secrets
    return [f"{draw.choice(SURNAMES)} {draw.choice(MIDDLES)} {draw.choice(GIVENS)}" for _ in range(count)]


@pytest.mark.parametrize(("way", "share"), [("TCVN3", 0.99), ("VNI", 0.97), ("VISCII", 0.98), ("VPS", 0.95),
                                            ("CP1258", 0.98), ("UTF-8", 1.0)])  # fmt: skip
def test_single_cells_are_repaired_without_the_help_of_their_column(way: str, share: float) -> None:
    misread: Callable[[str], str] = MISREAD[way]
    found = names(1_500)
    right = sum(repaired(misread(name), typed=True).text.lower() == name.lower() for name in found)
    assert right / len(found) >= share


def test_what_may_be_right_stays() -> None:
    assert [name for name in (*OTHERS, *map(str.upper, OTHERS)) if repaired(name, typed=True).how] == []
    assert [name for name in names(1_500) if repaired(name, typed=True).how] == []


def test_no_name_of_any_unit_or_code_list_is_changed() -> None:
    words = set()
    for path in (Path(dancu.reference.__file__).parent / "data").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            words |= {cell for row in csv.reader(file) for cell in row}
    assert len(words) > 5_000
    assert [word for word in words if repaired(word, typed=True).how and not word.isascii()] == []
