"""Names by people, sex and generation.

Shares of surnames: public surname counts (Nguyễn about 38 %), see SOURCES of the project's design; the lists of
given and middle names, and the patterns of peoples other than the Kinh, are general knowledge.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

KINH, TAY, THAI, MUONG, KHMER, NUNG, HMONG, GIA_RAI, E_DE, CHAM = 101, 102, 103, 106, 105, 107, 108, 110, 112, 117
"""Ethnic groups as scheme 1 (tctk-1979) times 100 plus code."""

_KINH_SURNAMES = {
    "Nguyễn": 380, "Trần": 115, "Lê": 95, "Phạm": 71, "Hoàng": 33, "Huỳnh": 18, "Phan": 45, "Vũ": 22, "Võ": 17,
    "Đặng": 21, "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10, "Lý": 5, "Đinh": 9, "Đoàn": 8, "Trịnh": 7,
    "Mai": 7, "Trương": 12, "Lâm": 6, "Cao": 6, "Hà": 6, "Lương": 6, "Tạ": 4, "Thái": 4, "Châu": 4, "Phùng": 5,
    "Tô": 4, "Vương": 3, "Tăng": 2, "Quách": 2, "Kiều": 1, "Tôn Nữ": 1,
}  # fmt: skip
_SURNAMES: dict[int, dict[str, int]] = {
    KINH: _KINH_SURNAMES,
    TAY: {"Hoàng": 25, "Nông": 20, "Lương": 10, "Triệu": 10, "Ma": 8, "Hà": 8, "Bế": 5, "Vi": 5, "Lý": 9},
    NUNG: {"Nông": 20, "Hoàng": 18, "Vi": 12, "Lương": 10, "Lý": 10, "Lăng": 5, "Hứa": 8, "Triệu": 10},
    THAI: {"Lò": 35, "Cà": 12, "Quàng": 12, "Lường": 14, "Cầm": 6, "Tòng": 9, "Hà": 6, "Vi": 6},
    MUONG: {"Bùi": 45, "Quách": 14, "Đinh": 20, "Bạch": 8, "Hà": 13},
    HMONG: {"Giàng": 25, "Vàng": 22, "Thào": 15, "Sùng": 14, "Lý": 14, "Hờ": 5, "Mùa": 5},
    KHMER: {"Thạch": 30, "Sơn": 18, "Kim": 16, "Danh": 18, "Châu": 10, "Lâm": 8},
    CHAM: {"Đàng": 18, "Báo": 10, "Thành": 12, "Quảng": 10, "Đạo": 8, "Hán": 8, "Trượng": 8},
}
_MIDDLE_OLD = {1: {"Văn": 62, "Hữu": 10, "Đình": 10, "Xuân": 6, "Ngọc": 5, "": 7}, 2: {"Thị": 86, "": 8, "Ngọc": 6}}
_MIDDLE_YOUNG = {
    1: {"Văn": 20, "Minh": 14, "Đức": 10, "Quang": 9, "Hoàng": 9, "Gia": 8, "Tuấn": 7, "Quốc": 6, "Anh": 6, "Duy": 6},
    2: {"Thị": 30, "Ngọc": 13, "Thu": 8, "Minh": 7, "Phương": 7, "Khánh": 6, "Thanh": 7, "Bảo": 7, "Kim": 5, "Thùy": 5},
}
_GIVEN_OLD = {
    1: "Hùng Dũng Cường Sơn Hải Long Thành Bình Minh Tuấn Thắng Lâm Phúc Quang Tâm Hòa Đức Toàn Lộc Năm Ba Tư Chiến "
    "Khánh Thịnh Đông Nam Trung Hưng Phong Bảy Tài Vinh Kiên Quý Lợi Hiếu Nghĩa",
    2: "Hương Lan Hoa Hồng Nga Thủy Mai Liên Hạnh Thanh Phượng Hà Tuyết Xuân Dung Loan Yến Oanh Bình Thu Hiền Tâm "
    "Nhung Sáu Bé Cúc Đào Huệ Lý Nguyệt Minh Vân Thảo Thơm Gái",
}
_GIVEN_YOUNG = {
    1: "Anh Huy Khoa Khôi Phúc Bảo Minh Nam Long Đạt Kiệt Quân Khang Duy Hoàng Phong Thiên Tùng Việt Sơn Trí Nhân "
    "Lâm Hiếu Đăng Vũ Tú Dũng Nguyên Hải",
    2: "Anh Linh Trang Ngọc Nhi Vy My Hân Thảo Phương Hà Chi Trâm Ngân Uyên Như Quỳnh Giang Ly Mai Thư Yến Huyền "
    "Diệp Hương An Châu Khánh Tiên Trúc",
}
_HIGHLAND = {
    GIA_RAI: ("Rơ Châm", "Siu", "Ksor", "Rahlan", "Kpă", "Nay"),
    E_DE: ("Niê", "Mlô", "Ayun", "Kbuôr", "Êban", "Niê Kđăm"),
}
_HIGHLAND_GIVEN = {
    1: ["Y Bđan", "Y Thuy", "Y Wưn", "Y Khun", "Y Bhiêo", "Y Moan", "Y Lêng", "Y Suin"],
    2: ["H'Mai", "H'Loan", "H'Bia", "H'Nhiêu", "H'Yer", "H'Lê", "H'Đim", "H'Rôh"],
}

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Names:
    """Names of persons in order: parts as the register keeps them."""

    surname: Texts
    middle: Texts
    given: Texts

    @property
    def full(self) -> Texts:
        """Full names."""
        joined = self.surname + " " + self.middle + " " + self.given
        return np.array([" ".join(name.split()) for name in joined], object)


def _draw(rng: np.random.Generator, shares: dict[str, int], size: int) -> Texts:
    weights = np.array(list(shares.values()), float)
    words: Texts = np.array(list(shares), object)
    return words[rng.choice(len(words), size, p=weights / weights.sum())]


def surnames(rng: np.random.Generator, ethnic: npt.NDArray[np.int16]) -> Texts:
    """Draw surnames; peoples without surnames get ''."""
    drawn: Texts = np.full(len(ethnic), "", object)
    for group in np.unique(ethnic):
        chosen = ethnic == group
        if group not in _HIGHLAND:
            drawn[chosen] = _draw(rng, _SURNAMES.get(int(group), _KINH_SURNAMES), int(chosen.sum()))
    return drawn


def given_names(
    rng: np.random.Generator, ethnic: npt.NDArray[np.int16], sex: npt.NDArray[np.int8], year: npt.NDArray[np.int32]
) -> tuple[Texts, Texts]:
    """Draw middle and given names by people, sex and generation."""
    middle: Texts = np.full(len(sex), "", object)
    given: Texts = np.full(len(sex), "", object)
    for gender in (1, 2):
        for young in (False, True):
            chosen = (sex == gender) & ((year >= 1990) == young)
            size = int(chosen.sum())
            middles = (_MIDDLE_YOUNG if young else _MIDDLE_OLD)[gender]
            words = (_GIVEN_YOUNG if young else _GIVEN_OLD)[gender].split()
            middle[chosen] = _draw(rng, middles, size)
            pool: Texts = np.array(words, object)
            # The first names of each list are the commonest.
            weights = 1.0 / (np.arange(len(words)) + 4)
            given[chosen] = pool[rng.choice(len(words), size, p=weights / weights.sum())]
        for group, clans in _HIGHLAND.items():
            chosen = (sex == gender) & (ethnic == group)
            size = int(chosen.sum())
            own: Texts = np.array(_HIGHLAND_GIVEN[gender], object)[rng.integers(0, 8, size)]
            clan: Texts = np.array(clans, object)[rng.integers(0, len(clans), size)]
            middle[chosen] = ""
            given[chosen] = own + " " + clan
    return middle, given
