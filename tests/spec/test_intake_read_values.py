"""What agencies write, and what intake reads: text in, value out."""

import pytest

from dancu.intake import coded, values
from dancu.intake.values import Fault, Numbers, Style

DMY = Style()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("30/09/1958", 19580930),
        ("30-9-1958", 19580930),
        ("30.09.1958", 19580930),
        ("30 / 09 / 1958", 19580930),
        ("1958-09-30", 19580930),
        ("1958-09-30 00:00:00", 19580930),
        ("1958/09/30", 19580930),
        ("19580930", 19580930),
        ("19580000", 19580000),
        ("19580900", 19580900),
        ("1958", 19580000),
        ("1958-09", 19580900),
        ("09/1958", 19580900),
        ("21458", 19580930),
        ("ngày 30 tháng 9 năm 1958", 19580930),
        ("tháng 9 năm 1958", 19580900),
        ("Năm 1958", 19580000),
        ("29/02/2024", 20240229),
    ],
)
def test_dates(text: str, number: int) -> None:
    assert values.partial_date(text, DMY) == number


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("30/02/1990", "date.impossible"),
        ("29/02/2023", "date.impossible"),
        ("05/13/1990", "date.impossible"),
        ("01/01/0990", "date.impossible"),
        ("19580030", "date.impossible"),
        ("30/09/58", "date.two-digit-year"),
        ("hôm qua", "date.unreadable"),
        ("123", "date.unreadable"),
        ("1958-9-30-1", "date.unreadable"),
    ],
)
def test_dates_that_cannot_be_read(text: str, rule: str) -> None:
    with pytest.raises(Fault) as fault:
        values.partial_date(text, DMY)
    assert fault.value.rule == rule


def test_american_dates_are_read_if_the_mapping_says_so() -> None:
    assert values.partial_date("09/30/1958", Style(date_order="mdy")) == 19580930


def test_a_day_must_be_whole() -> None:
    with pytest.raises(Fault, match=r"date\.incomplete"):
        values.day("09/1958", DMY)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("020058699336", Numbers(personal="020058699336")),
        ("020 058 699 336", Numbers(personal="020058699336")),
        ("'020058699336", Numbers(personal="020058699336")),
        ("20058699336", Numbers(padded="020058699336")),
        ("20058699336.0", Numbers(padded="020058699336")),
        ("2.0058699336E+10", Numbers(padded="020058699336")),
        ("1058699336", Numbers(padded="001058699336")),
        ("085160637", Numbers(cmnd9="085160637")),
        ("85160637", Numbers(cmnd9="085160637")),
        ("000000000000", Numbers()),
        ("-", Numbers()),
        ("chưa rõ", Numbers()),
    ],
)
def test_numbers(text: str, numbers: Numbers) -> None:
    assert values.number(text, DMY) == numbers


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0200586993361", "number.length"),
        ("1234567", "number.length"),
        ("2.006E+10", "number.rounded"),
        ("02005869933O", "number.letters"),
        ("０２００５８６９９３３６", "number.letters"),
    ],
)
def test_numbers_that_cannot_be_read(text: str, rule: str) -> None:
    with pytest.raises(Fault) as fault:
        values.number(text, DMY)
    assert fault.value.rule == rule


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NGUYỄN THỊ HƯƠNG", "Nguyễn Thị Hương"),
        ("nguyễn thị hương", "Nguyễn Thị Hương"),
        ("Nguyễn  Thị Hương ", "Nguyễn Thị Hương"),
        ("Nguyễn Thị Hương", "Nguyễn Thị Hương"),
        ("Ðặng Văn Lâm", "Đặng Văn Lâm"),
        ("\ufeffTrần Văn\u00a0Nam", "Trần Văn Nam"),
        ("Y BLÔ ÊBAN", "Y Blô Êban"),
        ("H’Mok Niê", "H'Mok Niê"),
        ("H'MOK NIÊ", "H'Mok Niê"),
        ("Hoàng Thị Nguyệt,", "Hoàng Thị Nguyệt"),
        ("Thủy", "Thủy"),
        ("Thuỷ", "Thuỷ"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert values.name(text, DMY) == name


@pytest.mark.parametrize(
    ("text", "rule"),
    [("Nguyễn Văn 3", "name.characters"), ("Tổng: 5", "name.characters"), ("Nguy\ufffdn", "text.damaged")],
)
def test_names_that_cannot_be_read(text: str, rule: str) -> None:
    with pytest.raises(Fault) as fault:
        values.name(text, DMY)
    assert fault.value.rule == rule


def test_an_encoding_without_accented_capitals_gives_each_word_its_capital_back() -> None:
    assert values.name("Nguyễn Thị ánh", DMY) == "Nguyễn Thị Ánh"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Nguyễn Thị Thu Hương", ("Nguyễn", "Thị Thu", "Hương")),
        ("Lê Lan", ("Lê", None, "Lan")),
        ("Mok", (None, None, "Mok")),
        ("Tôn Nữ Thị Hà", ("Tôn Nữ", "Thị", "Hà")),
        (" - ", (None, None, None)),
    ],
)
def test_full_names(text: str, parts: tuple[str | None, ...]) -> None:
    assert values.full_name(text, DMY) == parts


@pytest.mark.parametrize(
    ("function", "text", "value"),
    [
        ("sex", "Nam", 1),
        ("sex", "NỮ", 2),
        ("sex", "f", 2),
        ("sex", "1", 1),
        ("sex", "0", 0),
        ("marital", "Chưa kết hôn", 1),
        ("marital", "Đã ly hôn", 3),
        ("marital", "2", 2),
        ("relation", "Chủ hộ", 1),
        ("relation", "Vợ", 2),
        ("relation", "Con dâu", 8),
        ("relation", "11", 11),
        ("blood", "AB", 3),
        ("blood", "O+", 4),
        ("blood", "01", 1),
        ("blood", "00", None),
        ("ethnicity", "Kinh", 101),
        ("ethnicity", "tày", 102),
        ("ethnicity", "4", 104),
        ("ethnicity", "204", 204),
        ("religion", "Không", 0),
        ("religion", "phat giao", 1),
        ("religion", "05", 5),
        ("nationality", "Việt Nam", "VNM"),
        ("nationality", "VN", "VNM"),
        ("nationality", "lao", "LAO"),
        ("nationality", "Không quốc tịch", "XXA"),
        ("unit", "6484", "06484"),
        ("unit", "1", "01"),
        ("unit", "187", "187"),
        ("phone", "0912 345 678", "0912345678"),
        ("phone", "+84 912.345.678", "0912345678"),
        ("phone", "912345678", "0912345678"),
        ("phone", "+85620123456", "+85620123456"),
        ("email", " An@Example.VN ", "an@example.vn"),
        ("passport", "b 1234567", "B1234567"),
        ("year", "1979", 1979),
        ("kind", "births", "births"),
    ],
)
def test_codes(function: str, text: str, value: object) -> None:
    assert getattr(coded, function)(text, DMY) == value


@pytest.mark.parametrize(
    ("function", "text", "rule"),
    [
        ("sex", "khác", "code.unknown"),
        ("sex", "3", "code.unknown"),
        ("blood", "C", "code.unknown"),
        ("ethnicity", "Sao Hoả", "code.unknown"),
        ("ethnicity", "199", "code.unknown"),
        ("religion", "99", "code.unknown"),
        ("nationality", "Atlantis", "code.unknown"),
        ("unit", "123456", "unit.code"),
        ("unit", "xã A", "unit.code"),
        ("phone", "12", "phone.form"),
        ("email", "an@", "email.form"),
        ("passport", "#1", "passport.form"),
        ("year", "79", "date.unreadable"),
        ("kind", "deaths", "code.unknown"),
    ],
)
def test_codes_that_are_in_no_list(function: str, text: str, rule: str) -> None:
    with pytest.raises(Fault) as fault:
        getattr(coded, function)(text, DMY)
    assert fault.value.rule == rule


def test_a_census_code_keeps_its_scheme() -> None:
    assert coded.ethnicity("04", Style(ethnic_scheme=2)) == 204
    assert coded.ethnicity("Mường", Style(ethnic_scheme=2)) == 204
