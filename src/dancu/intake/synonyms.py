"""The words by which agencies head their columns, and what they mean.

A target is the name of a normal field, or one of the words of `COMPOSED`.
Patterns are matched against the folded header, with everything but letters and digits made a space.
"""

import re
from functools import lru_cache

from dancu.intake.normal import BY_NAME, COMPUTED
from dancu.kernel.text import fold

IGNORED = "ignored"

COMPOSED: dict[str, str] = {
    "name": "Full name of the person",
    "number": "A number of the person, of 12 or of 9 digits",
    "born_year": "Year of birth, where the full date may be missing",
    "spouse_name": "Full name of the spouse",
    "spouse_any_number": "A number of the spouse, of 12 or of 9 digits",
    "spouse_born_year": "Year of birth of the spouse",
    "father_any_number": "A number of the father, of 12 or of 9 digits",
    "mother_any_number": "A number of the mother, of 12 or of 9 digits",
    "head_any_number": "A number of the head of the household",
    **{
        f"{abode}_province": "Province code, used where the commune is not given"
        for abode in ("permanent", "current", "birth_registration", "origin")
    },
    IGNORED: "Not read",
}

TARGETS: frozenset[str] = frozenset(BY_NAME) - COMPUTED | frozenset(COMPOSED)

_NUMBER = (
    r"(?:so |ma |ma so )?(?:cccd|ddcn|cmnd|cmt|cmtnd|dinh danh|dinh danh ca nhan|giay to(?: tuy than)?|"
    r"(?:the )?can cuoc(?: cong dan)?|chung minh(?: nhan dan| thu)?|cccd cmnd|cmnd cccd|cccd ddcn|ddcn cccd|"
    r"dinh danh ca nhan cccd)"
)
_PERSON = r"(?: khai sinh| ks| cong dan| nguoi benh| nguoi lao dong| nhan khau| nguoi)?"
_NAME = r"(?:ho(?: va)? ten|ho (?:va )?(?:chu|ten) dem va ten|ho chu dem va ten|ho va ten|ten(?: day du)?|ho ten)"

_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"stt|tt|so tt|so thu tu|no|record|ghi chu|note|notes|remarks?", IGNORED),
    (rf"(?:{_NAME}(?: cua)?(?: nguoi)? )?chong", "husband_name"),
    (rf"(?:{_NAME}(?: cua)?(?: nguoi)? )?vo", "wife_name"),
    (rf"{_NAME}(?: cua)?(?: tre em| tre| con| be)", "child_name"),
    (rf"(?:{_NAME}(?: cua)?(?: nguoi)? )?me|mother(?: s)?(?: full)? name|mother", "mother_name"),
    (rf"(?:{_NAME}(?: cua)?(?: nguoi)? )?(?:cha|bo)|father(?: s)?(?: full)? name|father", "father_name"),
    (rf"{_NAME}(?: cua)? chu ho|chu ho|head of household", "head_name"),
    (rf"{_NUMBER}(?: cua)?(?: nguoi)? me|mother(?: s)? (?:id|number)", "mother_any_number"),
    (rf"{_NUMBER}(?: cua)?(?: nguoi)? (?:cha|bo)|father(?: s)? (?:id|number)", "father_any_number"),
    (rf"{_NUMBER}(?: cua)? chu ho", "head_any_number"),
    (rf"{_NUMBER}(?: cua)?(?: nguoi)? vo", "spouse_any_number"),
    (rf"{_NUMBER}(?: cua)?(?: nguoi)?(?: chong| con)?", "number"),
    (r"personal (?:number|id)|id(?:entity)? (?:number|no)|(?:national|citizen) id(?: number| no)?", "number"),
    (r"(?:so )?ho chieu|passport(?: number| no)?", "passport"),
    (r"ten goi khac|ten khac|other name|alias", "other_name"),
    (rf"{_NAME}{_PERSON}|full ?name|name", "name"),
    (r"ho|surname|family name|last name", "surname"),
    (r"chu dem|chu lot|ten dem|ten lot|dem|lot|middle(?: names?)?", "middle"),
    (r"given(?: names?)?|first name", "given"),
    (r"nam sinh|n ?sinh|year of birth|birth year|yob", "born_year"),
    (r"(?:ngay|ngay thang|ngay thang nam)? ?sinh(?: cua)?(?: chong| con| tre)?", "born"),
    (r"sinh (?:ngay|nam)|ntns|ns|date of birth|dob|birth ?date|born(?: on)?", "born"),
    (r"(?:ngay|nam|ngay thang nam)? ?sinh(?: cua)? vo", "spouse_born"),
    (r"(?:ngay|nam|ngay thang nam)? ?sinh(?: cua)? me", "mother_born"),
    (r"(?:ngay|nam|ngay thang nam)? ?sinh(?: cua)? (?:cha|bo)", "father_born"),
    (r"gioi tinh|gioi|gt|phai|nam nu|nu nam|sex|gender", "sex"),
    (r"(?:noi |dia chi |ho khau |noi dang ky |noi dk )?(?:ho khau )?thuong tru|ho khau", "permanent_address"),
    (r"(?:noi |dia chi )?(?:hktt|dktt|dkhktt)", "permanent_address"),
    (r"permanent (?:address|residence)", "permanent_address"),
    (r"(?:noi |dia chi )?(?:dang ky )?tam tru|temporary (?:address|residence)", "temporary_address"),
    (r"noi o|noi o hien (?:tai|nay)|cho o(?: hien (?:nay|tai))?|dia chi(?: hien tai| lien he)?|address|current address",
     "current_address"),
    (r"que quan|nguyen quan|qq|place of origin|home ?town", "origin_text"),
    (r"noi sinh|place of birth|birth place", "birth_place_text"),
    (r"dan toc|ethnic(?:ity| group)?", "ethnicity"),
    (r"ton giao|religion", "religion"),
    (r"quoc tich|nationality", "nationality"),
    (r"nhom mau|blood(?: type| group)?", "blood"),
    (r"(?:tinh trang )?hon nhan|tthn|marital(?: status)?", "marital"),
    (r"quan he|quan he voi chu ho|qh voi chu ho|relation(?:ship)?(?: to head)?", "relation"),
    (r"so ho|so ho khau|so so ho khau|ma ho|household(?: no| number)?", "household_no"),
    (r"(?:so )?dien thoai|sdt|dt|phone(?: number)?|mobile", "phone"),
    (r"e ?mail|thu dien tu", "email"),
    (r"ngay (?:mat|chet|tu vong)|date of death|died(?: on)?", "died_on"),
    (r"ngay ket hon|ngay dang ky ket hon|ngay dkkh|married(?: on)?|date of marriage", "married_on"),
    (r"ngay dang ky|ngay dk|ngay vao so|registered(?: on)?", "registered_on"),
    (r"so|so dang ky|so giay (?:chung nhan|khai sinh)|certificate(?: number| no)?", "certificate_number"),
    (r"quyen|quyen so|so quyen|book", "certificate_book"),
    (r"ma so|(?:ma so|so so|so|ma) bhxh|ma so bao hiem xa hoi|(?:ma|so)(?: the)? bhyt|id|key", "source_key"),
    (r"ma (?:nhan khau|nk|cong dan|doi tuong|benh nhan|bn)", "source_key"),
    (r"ma tinh|tinh|tinh thanh(?: pho)?|province(?: code)?", "source_province"),
)  # fmt: skip

_LONGEST = 40
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = sorted(
    (  # noqa: SIM905 - a row of words reads better
        "ho va ten day du chu dem lot ngay thang nam sinh gioi tinh so cccd cmnd cmt cmtnd ddcn ma dinh danh ca nhan "
        "can cuoc cong dan the giay to tuy than dia chi noi thuong tru tam o hien nay tai que quan nguyen dan toc ton "
        "giao quoc tich nhom mau tinh trang hon khau me cha bo vo chong con chu quan he voi dien thoai mat chet tu "
        "vong ket dang ky quyen nguoi khac goi thu full name first last family given date of birth year number ghi"
    ).split(),
    key=len,
    reverse=True,
)

_COMPILED = tuple((re.compile(pattern), target) for pattern, target in _PATTERNS)

PATHS: dict[str, str] = {
    "SoDinhDanh": "number",
    "SoCCCD": "number",
    "SoCMND": "cmnd9",
    "HoVaTen": "name",
    "HoVaTen/Ho": "surname",
    "HoVaTen/ChuDem": "middle",
    "HoVaTen/Ten": "given",
    "TenGoiKhac": "other_name",
    "GioiTinh": "sex",
    "DanToc": "ethnicity",
    "TonGiao": "religion",
    "TinhTrangHonNhan": "marital",
    "NhomMau": "blood",
    "NgayThangNamSinh/NgayThangNam": "born",
    "NgayThangNamSinh/Nam": "born_year",
    "QuocTich": "nationality",
    "NoiDangKyKhaiSinh/MaPhuongXa": "birth_registration_unit",
    "NoiDangKyKhaiSinh/MaTinhThanh": "birth_registration_province",
    "QueQuan/MaPhuongXa": "origin_unit",
    "QueQuan/MaTinhThanh": "origin_province",
    "QueQuan/ChiTiet": "origin_text",
    "ThuongTru/MaPhuongXa": "permanent_unit",
    "ThuongTru/MaTinhThanh": "permanent_province",
    "ThuongTru/ChiTiet": "permanent_address",
    "NoiOHienTai/MaPhuongXa": "current_unit",
    "NoiOHienTai/MaTinhThanh": "current_province",
    "NoiOHienTai/ChiTiet": "current_address",
    "Cha/HoVaTen": "father_name",
    "Cha/SoDinhDanh": "father_any_number",
    "Cha/SoCMND": "father_cmnd9",
    "Me/HoVaTen": "mother_name",
    "Me/SoDinhDanh": "mother_any_number",
    "Me/SoCMND": "mother_cmnd9",
    "VoChong/HoVaTen": "spouse_name",
    "VoChong/SoDinhDanh": "spouse_any_number",
    "VoChong/SoCMND": "spouse_cmnd9",
    "ChuHo/HoVaTen": "head_name",
    "ChuHo/QuanHe": "relation",
    "ChuHo/SoDinhDanh": "head_any_number",
    "SoSoHoKhau": "household_no",
}
"""Element paths of the national service (namespace http://dancuquocgia.bca) and what they mean."""


@lru_cache(maxsize=4096)
def meaning(header: str) -> str | None:
    """Return what a column header means on its own, or None if it is unknown.

    `husband_name`, `wife_name` and `child_name` tell the kind of the file besides.
    """
    if header in TARGETS:
        return header
    if header in COMPUTED or header in PATHS:
        return PATHS.get(header, IGNORED)
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", fold(_CAMEL.sub(" ", re.sub(r"\(.*?\)", " ", header)))).split())
    return _matched(words) or (_matched(_parted(words)) if " " not in words else None)


def _matched(words: str) -> str | None:
    return next((target for pattern, target in _COMPILED if pattern.fullmatch(words)), None)


def _parted(word: str) -> str:
    """Part a header that was written in one, such as `hoten`; empty where it is no row of known words."""
    return " ".join(_parts(word[:_LONGEST]) or ()) if len(word) <= _LONGEST else ""


def _parts(word: str) -> list[str] | None:
    if not word:
        return []
    for part in _PARTS:
        if word.startswith(part) and (rest := _parts(word[len(part) :])) is not None:
            return [part, *rest]
    return None
