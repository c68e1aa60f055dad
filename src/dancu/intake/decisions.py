"""What may become of a record, and why."""

from enum import IntEnum, unique


class Decision(IntEnum):
    """The fate of one record; every record has exactly one."""

    CREATED = 1
    UPDATED = 2
    UNCHANGED = 3
    QUEUED = 4
    REJECTED = 5

    @property
    def word(self) -> str:
        """The word in answers and files."""
        return self.name.lower()


@unique
class Reason(IntEnum):
    """Why a record was decided as it was."""

    NOBODY_LIKE_IT = 1
    SAME_NUMBER = 2
    SAME_OLD_NUMBER_AND_NAME = 3
    SAME_NAME_DATE_AND_PLACE = 4
    BROKEN_RULE = 5
    RULE_FOR_A_CLERK = 6
    NUMBER_OF_ANOTHER_PERSON = 7
    TWO_NUMBERS = 8
    SEVERAL_CANDIDATES = 9
    NOT_ENOUGH_TO_BE_SURE = 10
    CONTRADICTS_THE_REGISTER = 11
    TWICE_IN_THE_FILE = 12
    ANNULLED_BEFORE = 13
    SAME_COUPLE = 14
    AS_BEFORE = 15
    TOLD_BY_A_CLERK = 16
    REFUSED_BY_THE_REGISTER = 17
    LATER_ONE_KNOWN = 18
    WITHDRAWN = 19
    NOT_KNOWN_FROM_SOURCE = 20
    OTHERS_REST_ON_IT = 21
    SAME_KEY_OF_SOURCE = 22
    PERHAPS_TWICE = 23

    @property
    def text(self) -> str:
        """The reason in English."""
        return TEXTS[self][1]

    @property
    def text_vi(self) -> str:
        """The reason in Vietnamese."""
        return TEXTS[self][0]


TEXTS: dict[Reason, tuple[str, str]] = {
    Reason.NOBODY_LIKE_IT: ("Chưa có người nào như vậy", "Nobody like this was known"),
    Reason.SAME_NUMBER: ("Cùng số định danh", "Same personal number"),
    Reason.SAME_OLD_NUMBER_AND_NAME: (
        "Cùng số CMND và họ tên hoặc ngày sinh",
        "Same 9-digit number and name or birth date",
    ),
    Reason.SAME_NAME_DATE_AND_PLACE: ("Cùng họ tên, ngày sinh và nơi", "Same name, birth date and place"),
    Reason.BROKEN_RULE: (
        "Bản ghi có lỗi, cần sửa và gửi lại",
        "The record breaks a rule: correct it and send it again",
    ),
    Reason.RULE_FOR_A_CLERK: ("Bản ghi có điểm cần cán bộ xem", "The record breaks a rule that a clerk must look at"),
    Reason.NUMBER_OF_ANOTHER_PERSON: (
        "Số định danh đang thuộc về người khác tên và khác ngày sinh",
        "The personal number belongs to somebody of another name and birth date",
    ),
    Reason.TWO_NUMBERS: (
        "Giống một người đã có nhưng số định danh khác",
        "Like a known person, whose personal number is another",
    ),
    Reason.SEVERAL_CANDIDATES: ("Giống nhiều người", "Like several persons"),
    Reason.NOT_ENOUGH_TO_BE_SURE: ("Chưa đủ thông tin để chắc chắn", "Not enough to be sure"),
    Reason.CONTRADICTS_THE_REGISTER: (
        "Đúng người nhưng thông tin khác với sổ",
        "The right person, but it says otherwise than the register",
    ),
    Reason.TWICE_IN_THE_FILE: ("Trùng với bản ghi khác trong tệp", "The same as another record of the file"),
    Reason.SAME_COUPLE: (
        "Cùng họ tên và năm sinh của cả hai vợ chồng, cùng một xã",
        "Same names and years of birth of both spouses, in one commune",
    ),
    Reason.AS_BEFORE: ("Như trong tệp trước", "As in the file that this one supersedes"),
    Reason.TOLD_BY_A_CLERK: ("Cán bộ đã quyết định", "A clerk decided"),
    Reason.REFUSED_BY_THE_REGISTER: (
        "Đúng người nhưng sổ không ghi nhận được, cần cán bộ xem",
        "The right person, but the register can not take it over: a clerk must look",
    ),
    Reason.LATER_ONE_KNOWN: (
        "Đến muộn: thay đổi sau đó đã được ghi nhận",
        "It came late: what happened after it is known already",
    ),
    Reason.SAME_KEY_OF_SOURCE: ("Cùng mã bản ghi của nguồn", "Same key of the source"),
    Reason.WITHDRAWN: ("Nguồn đã rút lại", "The source took it back"),
    Reason.NOT_KNOWN_FROM_SOURCE: (
        "Chưa có bản ghi nào của nguồn với mã này",
        "Nothing is known from the source under this key",
    ),
    Reason.OTHERS_REST_ON_IT: (
        "Có thông tin khác dựa trên bản ghi này, cần cán bộ xem",
        "Other facts rest on it: a clerk must look",
    ),
    Reason.PERHAPS_TWICE: ("Có thể một người có hai hồ sơ", "Perhaps one person with two records"),
    Reason.ANNULLED_BEFORE: ("Đã có hồ sơ bị huỷ, được lập lại", "An annulled record was established again"),
}
