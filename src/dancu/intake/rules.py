"""What a record must keep to before it may touch the register: a table of rules.

Rules about one value are broken where the value is read (`dancu.intake.values`);
rules about a whole record have a check here, over all records of a chunk at once.
No message holds anything of the record itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dancu.intake.normal import BY_NAME

REJECT, QUARANTINE, WARN = "reject", "quarantine", "warn"

Mask = npt.NDArray[np.bool_]
Broken = tuple[str, Mask]
"""A field and the records in which it breaks the rule."""


class Facts:
    """The columns of a chunk as numbers, 0 where nothing is given.

    Args:
        table: normal records.
        today: the present day in Vietnam.
    """

    def __init__(self, table: pa.Table, today: date) -> None:
        self.table = table
        self.today = today
        self._numbers: dict[str, npt.NDArray[np.int64]] = {}

    def number(self, name: str) -> npt.NDArray[np.int64]:
        """Return a column as whole numbers; personal numbers too, and days as yyyymmdd."""
        if name not in self._numbers:
            self._numbers[name] = self._as_numbers(self.table.column(name))
        return self._numbers[name]

    @staticmethod
    def _as_numbers(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        if column.null_count == len(column):
            return np.zeros(len(column), np.int64)
        if pa.types.is_date(column.type):
            days = column.combine_chunks().to_numpy(zero_copy_only=False).astype("datetime64[D]")
            return _yyyymmdd(days)
        whole: npt.NDArray[np.int64] = column.cast(pa.int64()).fill_null(0).to_numpy()
        return whole

    def given(self, name: str) -> Mask:
        """Tell where the field is given."""
        column = self.table.column(name)
        if column.null_count == len(column):
            return np.zeros(len(column), np.bool_)
        valid: Mask = column.is_valid().to_numpy()
        return valid

    def of_kind(self, kind: str) -> Mask:
        """Tell which records report this."""
        kinds = self.table.column("kind").combine_chunks().dictionary_encode()
        words = kinds.dictionary.to_pylist()
        if kind not in words:
            return np.zeros(len(kinds), np.bool_)
        same: Mask = kinds.indices.to_numpy() == words.index(kind)
        return same

    @property
    def today_number(self) -> int:
        """Today as yyyymmdd."""
        return self.today.year * 10000 + self.today.month * 100 + self.today.day


def _yyyymmdd(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    missing = np.isnat(days)
    filled = np.where(missing, np.datetime64("1970-01-01"), days)
    year = filled.astype("datetime64[Y]").astype(np.int64) + 1970
    month = filled.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (filled - filled.astype("datetime64[M]")).astype(np.int64) + 1
    return np.where(missing, 0, year * 10000 + month * 100 + day)


@dataclass(frozen=True)
class Rule:
    """A rule, its weight and what it says to the sender.

    Args:
        id: stable; the first word says what it is about.
        version: raised when the meaning changes.
        severity: reject = not taken, to be corrected and sent again; quarantine = an officer decides;
            warn = taken, with a remark.
        dimension: the quality dimension of ISO/IEC 25012.
        law: legal basis, where there is one.
        message_vi: what is wrong and what to do.
        message_en: the same in English.
        check: finds the records that break it; None for rules about one value.
    """

    id: str
    version: int
    severity: str
    dimension: str
    law: str
    message_vi: str
    message_en: str
    check: Callable[[Facts], list[Broken]] | None = None


_NUMBER_LAW = "Nghị định 137/2015/NĐ-CP, Điều 13"
_ROLES = (
    ("personal_number", "sex", "born"),
    ("spouse_number", "", "spouse_born"),
    ("father_number", "", "father_born"),
    ("mother_number", "", "mother_born"),
)
_IMPLIED_SEX = {"father_number": 1, "mother_number": 2}


def _no_name(facts: Facts) -> list[Broken]:
    persons = ~(facts.given("given") | facts.given("surname"))
    spouses = ~(facts.given("spouse_given") | facts.given("spouse_surname")) & facts.of_kind("marriages")
    return [("given", persons), ("spouse_given", spouses)]


def _no_birth_date(kind: str) -> Callable[[Facts], list[Broken]]:
    def check(facts: Facts) -> list[Broken]:
        return [("born", ~facts.given("born") & facts.of_kind(kind))]

    return check


def _no_wedding_day(facts: Facts) -> list[Broken]:
    return [("married_on", ~facts.given("married_on") & facts.of_kind("marriages"))]


def _sex_unknown(facts: Facts) -> list[Broken]:
    return [("sex", (facts.number("sex") == 0) & ~facts.of_kind("marriages"))]


def _no_mother(facts: Facts) -> list[Broken]:
    return [("mother_name", facts.of_kind("births") & ~facts.given("mother_name") & ~facts.given("mother_number"))]


def _number_place(facts: Facts) -> list[Broken]:
    broken = []
    for field in ("personal_number", "spouse_number", "father_number", "mother_number", "head_number"):
        if not facts.given(field).any():
            continue
        place = facts.number(field) // 10**9
        known = ((place >= 1) & (place <= 96)) | ((place >= 101) & (place <= 295))
        broken.append((field, facts.given(field) & ~known))
    return broken


def _number_sex(facts: Facts) -> list[Broken]:
    broken = []
    for field, sex_field, _ in _ROLES:
        if not facts.given(field).any():
            continue
        told = facts.number(field) // 10**8 % 2 + 1
        sex = facts.number(sex_field) if sex_field else np.full(len(told), _IMPLIED_SEX.get(field, 0))
        broken.append((field, facts.given(field) & (sex > 0) & (sex != told)))
    return broken


def number_year(number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the year of birth that personal numbers tell."""
    return 1900 + number // 10**8 % 10 // 2 * 100 + number // 10**6 % 100


def _number_birth_year(facts: Facts) -> list[Broken]:
    broken = []
    for field, _, born_field in _ROLES:
        if facts.given(field).any():
            born = facts.number(born_field) // 10000
            wrong = facts.given(field) & (born > 0) & (born != number_year(facts.number(field)))
            broken.append((field, wrong))
    return broken


_PAST = ("born", "spouse_born", "father_born", "mother_born", "died_on", "married_on", "registered_on",
         "permanent_since", "temporary_since", "current_since")  # fmt: skip


def _future(facts: Facts) -> list[Broken]:
    return [(field, facts.number(field) > facts.today_number) for field in _PAST if facts.given(field).any()]


def _before(earlier: str, later: str) -> Callable[[Facts], list[Broken]]:
    def check(facts: Facts) -> list[Broken]:
        first, second = facts.number(earlier), facts.number(later)
        known = (first > 0) & (second > 0)
        exact = known & (first % 100 > 0) & (second % 100 > 0)
        return [(later, np.where(exact, second < first, known & (second // 10000 < first // 10000)))]

    return check


def _very_old(facts: Facts) -> list[Broken]:
    born = facts.number("born") // 10000
    alive = ~facts.given("died_on") & facts.of_kind("persons")
    return [("born", alive & (born > 0) & (born < facts.today.year - 115))]


def _own_number(*fields: str) -> Callable[[Facts], list[Broken]]:
    def check(facts: Facts) -> list[Broken]:
        own = facts.number("personal_number")
        return [(field, (own > 0) & (own == facts.number(field))) for field in fields]

    return check


def _young_parent(facts: Facts) -> list[Broken]:
    child = facts.number("born") // 10000
    broken = []
    for parent in ("father", "mother"):
        number, born = facts.number(f"{parent}_number"), facts.number(f"{parent}_born") // 10000
        year = np.where(born > 0, born, np.where(number > 0, number_year(number), 0))
        broken.append((f"{parent}_number", (child > 0) & (year > 0) & (child - year < 12)))
    return broken


_TABLE: tuple[Rule, ...] = (
    Rule("file.fields", 1, REJECT, "accuracy", "",
         "Dòng có số cột khác với dòng tiêu đề; kiểm tra dấu phân cách và dấu ngoặc kép rồi gửi lại",
         "The line has not as many fields as the header; check delimiters and quotation marks and send it again"),
    Rule("text.damaged", 1, REJECT, "accuracy", "",
         "Có ký tự bị mất khi chuyển mã; xuất lại tệp theo bảng mã UTF-8",
         "Letters were lost in a conversion; export the file again as UTF-8"),
    Rule("name.missing", 1, REJECT, "completeness", "Luật 26/2023/QH15, Điều 9",
         "Thiếu họ, chữ đệm và tên; bổ sung rồi gửi lại",
         "The name is missing; add it and send the record again", _no_name),
    Rule("name.characters", 1, REJECT, "accuracy", "Luật 26/2023/QH15, Điều 9",
         "Họ tên có chữ số hoặc ký hiệu lạ; chỉ ghi chữ cái, dấu cách, dấu gạch nối hoặc dấu phẩy trên",
         "The name holds digits or signs; write letters, spaces, hyphens and apostrophes only"),
    Rule("number.length", 1, REJECT, "accuracy", _NUMBER_LAW,
         "Số định danh phải có 12 chữ số (CMND: 9 chữ số); ghi lại cho đủ",
         "A personal number has 12 digits (an old card number 9); write all of them"),
    Rule("number.letters", 1, REJECT, "accuracy", _NUMBER_LAW,
         "Số định danh chỉ gồm chữ số; sửa lại rồi gửi lại",
         "A personal number has digits only; correct it and send the record again"),
    Rule("number.rounded", 1, REJECT, "precision", _NUMBER_LAW,
         "Bảng tính đã làm tròn số; định dạng cột là văn bản rồi ghi lại đủ 12 chữ số",
         "The spreadsheet rounded the number; format the column as text and write all 12 digits again"),
    Rule("number.place", 1, REJECT, "accuracy", _NUMBER_LAW,
         "Ba chữ số đầu không phải mã tỉnh hay mã nước nơi đăng ký khai sinh; kiểm tra lại số",
         "The first three digits name no province or country; check the number", _number_place),
    Rule("number.zeros", 1, QUARANTINE, "accuracy", _NUMBER_LAW,
         "Số thiếu chữ số 0 ở đầu và không khớp giới tính, năm sinh; ghi lại đủ 12 chữ số dưới dạng văn bản",
         "Leading zeros are missing and the rest disagrees with sex or birth year; write all 12 digits as text"),
    Rule("number.sex", 1, QUARANTINE, "consistency", _NUMBER_LAW,
         "Chữ số thứ tư của số định danh không khớp giới tính; kiểm tra số và giới tính với giấy tờ",
         "The fourth digit of the number disagrees with the sex; check both against the document", _number_sex),
    Rule("number.year", 1, QUARANTINE, "consistency", _NUMBER_LAW,
         "Chữ số thứ tư đến thứ sáu của số định danh không khớp năm sinh; kiểm tra số và ngày sinh với giấy tờ",
         "Digits four to six of the number disagree with the birth year; check both against the document",
         _number_birth_year),
    Rule("date.unreadable", 1, REJECT, "accuracy", "",
         "Không đọc được ngày; ghi theo dạng ngày/tháng/năm, ví dụ 05/03/1990, hoặc chỉ ghi năm",
         "The date cannot be read; write day/month/year such as 05/03/1990, or the year only"),
    Rule("date.two-digit-year", 1, REJECT, "precision", "",
         "Năm chỉ có hai chữ số; ghi đủ bốn chữ số",
         "The year has two digits only; write all four"),
    Rule("date.impossible", 1, REJECT, "accuracy", "",
         "Không có ngày này trong lịch; kiểm tra ngày và tháng",
         "The calendar has no such day; check day and month"),
    Rule("date.incomplete", 1, WARN, "precision", "",
         "Cần đủ ngày, tháng, năm; giá trị không được dùng",
         "Day, month and year are needed; the value was not used"),
    Rule("date.future", 1, REJECT, "accuracy", "",
         "Ngày ở tương lai; kiểm tra năm rồi gửi lại",
         "The date lies in the future; check the year and send the record again", _future),
    Rule("born.missing", 1, REJECT, "completeness", "Luật 60/2014/QH13, Điều 14",
         "Thiếu ngày sinh của người được khai sinh; bổ sung rồi gửi lại",
         "The birth date of the child is missing; add it and send the record again", _no_birth_date("births")),
    Rule("born.unknown", 1, QUARANTINE, "completeness", "Luật 26/2023/QH15, Điều 9",
         "Thiếu ngày sinh; bổ sung ít nhất năm sinh",
         "The birth date is missing; add the year at least", _no_birth_date("persons")),
    Rule("born.very-old", 1, QUARANTINE, "accuracy", "",
         "Tuổi trên 115; kiểm tra năm sinh, hoặc báo tử nếu đã chết",
         "The age is over 115; check the birth year, or report the death", _very_old),
    Rule("sex.unknown", 1, WARN, "completeness", "",
         "Không có giới tính; bổ sung nếu biết",
         "The sex is not given; add it if it is known", _sex_unknown),
    Rule("marriage.no-day", 1, REJECT, "completeness", "Luật 60/2014/QH13, Điều 17",
         "Thiếu ngày đăng ký kết hôn; bổ sung ít nhất năm",
         "The day of the marriage is missing; add the year at least", _no_wedding_day),
    Rule("marriage.before-birth", 1, REJECT, "consistency", "",
         "Ngày kết hôn trước ngày sinh; kiểm tra hai ngày",
         "The marriage comes before the birth; check both dates", _before("born", "married_on")),
    Rule("marriage.self", 1, REJECT, "consistency", "Luật 52/2014/QH13, Điều 8",
         "Vợ và chồng có cùng một số; kiểm tra hai số",
         "Both spouses have the same number; check the numbers", _own_number("spouse_number")),
    Rule("death.before-birth", 1, REJECT, "consistency", "",
         "Ngày chết trước ngày sinh; kiểm tra hai ngày",
         "The death comes before the birth; check both dates", _before("born", "died_on")),
    Rule("registration.before-birth", 1, REJECT, "consistency", "Luật 60/2014/QH13, Điều 15",
         "Ngày đăng ký trước ngày sinh; kiểm tra hai ngày",
         "The registration comes before the birth; check both dates", _before("born", "registered_on")),
    Rule("parent.self", 1, REJECT, "consistency", "",
         "Cha hoặc mẹ có cùng số với con; kiểm tra các số",
         "A parent has the number of the child; check the numbers", _own_number("father_number", "mother_number")),
    Rule("parent.age", 1, QUARANTINE, "consistency", "",
         "Cha hoặc mẹ hơn con chưa đến 12 tuổi; kiểm tra số và năm sinh",
         "A parent is less than 12 years older than the child; check number and birth year", _young_parent),
    Rule("mother.missing", 1, WARN, "completeness", "Luật 60/2014/QH13, Điều 14",
         "Không có thông tin người mẹ; bổ sung, trừ trẻ bị bỏ rơi",
         "Nothing is said of the mother; add it, except for an abandoned child", _no_mother),
    Rule("code.unknown", 1, WARN, "consistency", "",
         "Giá trị không có trong danh mục nên không được dùng; ghi theo danh mục",
         "The value is in no code list and was not used; write it as the list does"),
    Rule("unit.code", 1, WARN, "accuracy", "",
         "Mã đơn vị hành chính sai dạng nên không được dùng; ghi mã 2 hoặc 5 chữ số",
         "The code of the unit is malformed and was not used; write 2 or 5 digits"),
    Rule("unit.unresolved", 1, WARN, "precision", "",
         "Chưa xác định được xã của địa chỉ; ghi đủ xã và tỉnh, hoặc mã đơn vị",
         "The commune of the address could not be found; write commune and province, or the code of the unit"),
    Rule("phone.form", 1, WARN, "accuracy", "",
         "Số điện thoại sai dạng nên không được dùng",
         "The telephone number is malformed and was not used"),
    Rule("email.form", 1, WARN, "accuracy", "",
         "Địa chỉ thư điện tử sai dạng nên không được dùng",
         "The e-mail address is malformed and was not used"),
    Rule("passport.form", 1, WARN, "accuracy", "",
         "Số hộ chiếu sai dạng nên không được dùng",
         "The passport number is malformed and was not used"),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.id: rule for rule in _TABLE}
"""Every rule by its id."""

FINDINGS: pa.Schema = pa.schema(
    [
        pa.field("record", pa.int32()),
        pa.field("field", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("first_line", pa.int32()),
    ]
)
"""One row per rule that a record breaks; ordered by record."""

_FIELD_WORDS_VI = {
    "given": "Họ tên",
    "spouse_given": "Họ tên vợ",
    "born": "Ngày sinh",
    "sex": "Giới tính",
    "personal_number": "Số định danh",
    "married_on": "Ngày kết hôn",
}


def check(facts: Facts) -> list[tuple[Rule, str, Mask]]:
    """Apply every rule about whole records; only fields that some record breaks come back."""
    found = []
    for rule in _TABLE:
        if rule.check is not None:
            found += [(rule, field, mask) for field, mask in rule.check(facts) if mask.any()]
    return found


def explain(rule: str, field: str, *, language: str, header: str = "") -> str:
    """Say to the sender which field breaks a rule and what to do, without any personal data.

    Args:
        language: `vi`, or anything else for English.
        header: the column's header in the sender's file, if it is known.
    """
    known = BY_NAME.get(field)
    words = _FIELD_WORDS_VI.get(field, field) if language == "vi" else (known.meaning if known else field)
    message = RULES[rule].message_vi if language == "vi" else RULES[rule].message_en
    return f"{header or words}: {message}" if field else message
