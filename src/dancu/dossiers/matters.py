"""The matters for which a dossier is opened, with the authority they belong to and the acts that they lead to."""

from dataclasses import dataclass

from dancu.kernel.codes import Authority


@dataclass(frozen=True)
class Matter:
    """A procedure.

    Args:
        code: as in the national catalogue of procedures where that was found; else a name of ours.
        acts: kinds of act that a dossier in this matter may lead to, by the names of the register's kinds
            in lower case; none: it leads to an answer, not to an act.
        officio: the authority opens it by itself, on the ground of a decision or a finding.
    """

    code: str
    title_vi: str
    title_en: str
    authority: Authority
    legal_ground: str
    acts: frozenset[str] = frozenset()
    officio: bool = False


_CIVIL, _POLICE, _CENTER = Authority.CIVIL_REGISTRAR, Authority.COMMUNE_POLICE, Authority.POPULATION_DATABASE
_CIVIL_LAW, _RESIDENCE_LAW, _ID_LAW = (
    "Luật Hộ tịch 60/2014/QH13",
    "Luật Cư trú 68/2020/QH14",
    "Luật Căn cước 26/2023/QH15",
)
_HOUSEHOLD = ("household_joined", "household_head_changed")
_NUMBERS = ("personal_number_established", "personal_number_cancelled")


def _matter(
    code: str, title_vi: str, title_en: str, authority: Authority, ground: str, *acts: str, officio: bool = False
) -> Matter:
    return Matter(code, title_vi, title_en, authority, ground, frozenset(acts), officio)


_ALL = (
    _matter(
        "1.001193",
        "Đăng ký khai sinh",
        "Birth registration",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 16",
        "birth_registered",
        # A child who lived a day: Bộ luật Dân sự 91/2015/QH13, Điều 30.
        "death_registered",
        "parent_recognised",
    ),
    _matter("1.000656", "Đăng ký khai tử", "Death registration", _CIVIL, f"{_CIVIL_LAW}, Điều 34", "death_registered"),
    _matter(
        "1.000894",
        "Đăng ký kết hôn",
        "Marriage registration",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 18",
        "marriage_registered",
    ),
    _matter(
        "civil.recognition",
        "Đăng ký nhận cha, mẹ, con",
        "Recognition of a parent or child",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 25",
        "parent_recognised",
        "particulars_changed",
    ),
    _matter(
        "civil.guardianship",
        "Đăng ký giám hộ, giám sát việc giám hộ",
        "Guardianship",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 20, 22",
        "guardianship_established",
        "guardianship_ended",
        "representation_established",
        "representation_ended",
    ),
    _matter(
        "civil.adoption",
        "Đăng ký nuôi con nuôi trong nước",
        "Adoption",
        _CIVIL,
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 19, 22",
        "adopted",
        "adoption_ended",
        "particulars_changed",
    ),
    _matter(
        "1.004859",
        "Thay đổi, cải chính, bổ sung thông tin hộ tịch",
        "Change or correction of civil status",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 28",
        "particulars_corrected",
        "particulars_changed",
    ),
    _matter(
        "civil.decision",
        "Ghi vào Sổ hộ tịch thay đổi theo bản án, quyết định",
        "Recording what a court or another authority decided",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 30",
        "divorced",
        "marriage_annulled",
        "adopted",
        "adoption_ended",
        "parent_recognised",
        "guardianship_established",
        "guardianship_ended",
        "representation_established",
        "representation_ended",
        "particulars_changed",
        "particulars_corrected",
        "nationality_changed",
        "legal_capacity_changed",
        "declared_missing",
        "declared_missing_reversed",
        "death_declared",
        "declared_death_reversed",
        officio=True,
    ),
    _matter(
        "civil.annulment",
        "Thu hồi, hủy bỏ việc đăng ký hộ tịch trái luật",
        "Annulling a civil-status act",
        _CIVIL,
        f"{_CIVIL_LAW}, Điều 70, 71",
        "event_annulled",
        officio=True,
    ),
    _matter(
        "civil.protection",
        "Bảo vệ thông tin hộ tịch của người được bảo vệ",
        "Protection of a person's particulars",
        _CIVIL,
        "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15",
        "protected",
        "protection_ended",
        officio=True,
    ),
    _matter(
        "1.004222",
        "Đăng ký thường trú",
        "Registration of permanent residence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 22",
        "permanent_residence_registered",
        *_HOUSEHOLD,
    ),
    _matter(
        "1.003197",
        "Xóa đăng ký thường trú",
        "End of permanent residence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 24",
        "permanent_residence_ended",
        "household_head_changed",
    ),
    _matter(
        "1.004194",
        "Đăng ký tạm trú",
        "Registration of temporary residence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 28",
        "temporary_residence_registered",
        *_HOUSEHOLD,
    ),
    _matter(
        "1.002755",
        "Gia hạn tạm trú",
        "Extension of temporary residence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 28",
        "temporary_residence_extended",
    ),
    _matter(
        "1.010028",
        "Xóa đăng ký tạm trú",
        "End of temporary residence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 29",
        "temporary_residence_ended",
    ),
    _matter(
        "1.003677",
        "Khai báo tạm vắng",
        "Declaration of absence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 31",
        "absence_declared",
        "absence_ended",
    ),
    _matter(
        "1.010038",
        "Tách hộ",
        "Split of a household",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 25",
        "household_split",
        *_HOUSEHOLD,
    ),
    _matter(
        "1.010039",
        "Điều chỉnh thông tin về cư trú",
        "Change of residence particulars",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 26",
        "particulars_updated",
        "particulars_corrected",
        "households_merged",
        "event_annulled",
        *_HOUSEHOLD,
    ),
    _matter(
        "1.010040",
        "Khai báo thông tin về cư trú",
        "Declaration of the current abode",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 19",
        "current_abode_declared",
        *_HOUSEHOLD,
    ),
    _matter(
        "1.010041",
        "Xác nhận thông tin về cư trú",
        "Certificate of residence",
        _POLICE,
        f"{_RESIDENCE_LAW}, Điều 17",
    ),
    _matter(
        "2.001178",
        "Cấp xác nhận số CMND, số định danh cá nhân",
        "Certificate of old and cancelled numbers",
        _POLICE,
        f"{_ID_LAW}, Điều 12",
    ),
    _matter(
        "population.collect",
        "Thu thập, cập nhật thông tin dân cư",
        "Collection and update of population data",
        _POLICE,
        f"{_ID_LAW}, Điều 10",
        "person_established",
        "particulars_updated",
        "particulars_corrected",
    ),
    _matter(
        "population.number",
        "Xác lập, hủy, xác lập lại số định danh cá nhân",
        "Establishing or re-establishing a personal number",
        _POLICE,
        f"{_ID_LAW}, Điều 12; Thông tư 17/2024/TT-BCA",
        *_NUMBERS,
    ),
    _matter(
        "residence.protection",
        "Bảo vệ thông tin của người được bảo vệ",
        "Protection of a person's whereabouts",
        _POLICE,
        "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15",
        "protected",
        "protection_ended",
        officio=True,
    ),
    _matter(
        "population.verify",
        "Xác minh thông tin dân cư",
        "Verification of population data",
        _CENTER,
        f"{_ID_LAW}, Điều 10",
        "person_established",
        "particulars_updated",
        "particulars_corrected",
        "record_merged",
        "record_unmerged",
        "event_annulled",
        *_NUMBERS,
        officio=True,
    ),
)

MATTERS: dict[str, Matter] = {matter.code: matter for matter in _ALL}


def matters_of(authority: Authority | None) -> list[Matter]:
    """List the matters of an authority."""
    return [matter for matter in MATTERS.values() if matter.authority is authority]


def matters_for(act: str, authority: Authority | None) -> list[Matter]:
    """List the matters of an authority that lead to a kind of act, the usual one first."""
    fitting = [matter for matter in matters_of(authority) if act in matter.acts]
    return sorted(fitting, key=lambda matter: (matter.officio, len(matter.acts)))
