"""The matters for which a dossier is opened, with the authority they belong to and their deadline."""

from dataclasses import dataclass

from dancu.kernel.codes import Authority


@dataclass(frozen=True)
class Matter:
    """A procedure.

    Args:
        code: as in the national catalogue of procedures where it has one.
        working_days: within which it must be decided; 0: on the same working day.
    """

    code: str
    title_vi: str
    title_en: str
    authority: Authority
    working_days: int
    legal_ground: str


MATTERS: dict[str, Matter] = {
    matter.code: matter
    for matter in (
        Matter(
            "1.001193",
            "Đăng ký khai sinh",
            "Birth registration",
            Authority.CIVIL_REGISTRAR,
            0,
            "Luật Hộ tịch 60/2014/QH13, Điều 16",
        ),
        Matter(
            "1.000656",
            "Đăng ký khai tử",
            "Death registration",
            Authority.CIVIL_REGISTRAR,
            0,
            "Luật Hộ tịch 60/2014/QH13, Điều 34",
        ),
        Matter(
            "1.000894",
            "Đăng ký kết hôn",
            "Marriage registration",
            Authority.CIVIL_REGISTRAR,
            5,
            "Luật Hộ tịch 60/2014/QH13, Điều 18",
        ),
        Matter(
            "1.004859",
            "Thay đổi, cải chính, bổ sung thông tin hộ tịch",
            "Change or correction of civil status",
            Authority.CIVIL_REGISTRAR,
            3,
            "Luật Hộ tịch 60/2014/QH13, Điều 28",
        ),
        Matter(
            "1.004222",
            "Đăng ký thường trú",
            "Registration of permanent residence",
            Authority.COMMUNE_POLICE,
            7,
            "Luật Cư trú 68/2020/QH14, Điều 22",
        ),
        Matter(
            "1.010041",
            "Xác nhận thông tin về cư trú",
            "Certificate of residence",
            Authority.COMMUNE_POLICE,
            3,
            "Luật Cư trú 68/2020/QH14, Điều 17",
        ),
        Matter(
            "2.001178",
            "Cấp xác nhận số CMND, số định danh cá nhân",
            "Certificate of old and cancelled numbers",
            Authority.COMMUNE_POLICE,
            7,
            "Luật Căn cước 26/2023/QH15, Điều 12",
        ),
        Matter(
            "population.verify",
            "Xác minh thông tin dân cư",
            "Verification of population data",
            Authority.POPULATION_DATABASE,
            7,
            "Luật Căn cước 26/2023/QH15, Điều 10",
        ),
    )
}


def matters_of(authority: Authority | None) -> list[Matter]:
    """List the matters of an authority."""
    return [matter for matter in MATTERS.values() if matter.authority is authority]
