"""The words of people for what a record tells, in Vietnamese and English."""

from dancu.intake.synonyms import IGNORED

Words = tuple[str, str]

_PERSONS = {
    "": ("", ""),
    "spouse": (" của vợ/chồng", " of the spouse"),
    "father": (" của cha", " of the father"),
    "mother": (" của mẹ", " of the mother"),
    "head": (" của chủ hộ", " of the head of the household"),
}
_OF_A_PERSON = {
    "name": ("Họ và tên", "Full name"),
    "surname": ("Họ", "Family name"),
    "middle": ("Chữ đệm", "Middle names"),
    "given": ("Tên", "Given name"),
    "any_number": ("Số định danh hoặc CMND", "Personal or old card number"),
    "number": ("Số định danh 12 số", "Personal number, 12 digits"),
    "cmnd9": ("Số CMND 9 số", "Old card number, 9 digits"),
    "born": ("Ngày sinh", "Date of birth"),
    "born_year": ("Năm sinh", "Year of birth"),
}
_ABODES = {
    "permanent": ("thường trú", "permanent residence"),
    "temporary": ("tạm trú", "temporary residence"),
    "current": ("nơi ở hiện tại", "current abode"),
    "birth_registration": ("nơi đăng ký khai sinh", "place of birth registration"),
    "birth_place": ("nơi sinh", "place of birth"),
    "origin": ("quê quán", "place of origin"),
}
_OF_AN_ABODE = {
    "unit": ("Mã xã", "Code of the commune"),
    "province": ("Mã tỉnh", "Code of the province"),
    "address": ("Địa chỉ", "Address"),
    "text": ("Địa chỉ", "Address"),
    "since": ("Từ ngày", "Since"),
    "until": ("Đến ngày", "Until"),
}
_OTHERS = {
    IGNORED: ("(không đọc)", "(not read)"),
    "kind": ("Loại bản ghi", "Kind of record"),
    "source_key": ("Mã của nguồn", "Key of the source"),
    "source_province": ("Mã tỉnh, không rõ của gì", "Province code, of what is not said"),
    "subject": ("Loại đối tượng", "Kind of subject"),
    "number": ("Số định danh hoặc CMND", "Personal or old card number"),
    "personal_number": ("Số định danh 12 số", "Personal number, 12 digits"),
    "passport": ("Số hộ chiếu", "Passport number"),
    "other_name": ("Tên gọi khác", "Other name"),
    "sex": ("Giới tính", "Sex"),
    "ethnicity": ("Dân tộc", "Ethnic group"),
    "religion": ("Tôn giáo", "Religion"),
    "nationality": ("Quốc tịch", "Nationality"),
    "blood": ("Nhóm máu", "Blood group"),
    "marital": ("Tình trạng hôn nhân", "Marital status"),
    "unit_day": ("Ngày của mã đơn vị", "Day of the unit codes"),
    "household_no": ("Số hộ", "Number of the household"),
    "relation": ("Quan hệ với chủ hộ", "Relation to the head"),
    "phone": ("Điện thoại", "Telephone"),
    "email": ("Thư điện tử", "E-mail"),
    "died_on": ("Ngày chết", "Day of death"),
    "married_on": ("Ngày đăng ký kết hôn", "Day of the marriage"),
    "registered_on": ("Ngày đăng ký", "Day of registration"),
    "certificate_number": ("Số giấy", "Number of the certificate"),
    "certificate_book": ("Quyển số", "Book of the certificate"),
    "certificate_year": ("Năm của sổ", "Year of the book"),
    "first_line": ("Dòng", "Line"),
    "notes": ("Đã sửa khi đọc", "Repaired in reading"),
    "stamp": ("Ghi chú", "Remark"),
}


def _words() -> dict[str, Words]:
    found = {}
    for person, (vi, en) in _PERSONS.items():
        for name, (what_vi, what_en) in _OF_A_PERSON.items():
            found[f"{person}_{name}" if person else name] = (what_vi + vi, what_en + en)
    for abode, (vi, en) in _ABODES.items():
        for name, (what_vi, what_en) in _OF_AN_ABODE.items():
            found[f"{abode}_{name}"] = (f"{what_vi} {vi}", f"{what_en}: {en}")
    return found | _OTHERS


WORDS: dict[str, Words] = _words()
"""The words for every meaning of a column, and for what a dry run writes beside them."""


def blamed(field: str) -> Words:
    """Return the words for a field that breaks a rule; a name is blamed at its last part, and meant as a whole."""
    whole = f"{field.removesuffix('given')}name"
    return WORDS.get(whole if field.endswith("given") else field, (field, field))
