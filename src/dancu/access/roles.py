"""Roles, and the purposes for which each may use personal data: rights packages as data."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Operation
from dancu.kernel.codes import Authority
from dancu.kernel.dates import Period


class AccountClass(IntEnum):
    """The four classes of accounts that are kept apart.

    Standard: TCVN 14423:2026, level 4, 6.6.
    """

    ADMINISTRATOR = 1
    OPERATOR = 2
    TECHNICAL = 3
    SERVICE = 4


class Reach(StrEnum):
    """How far a role sees from its office."""

    NATION = "nation"
    PROVINCE = "province"
    COMMUNE = "commune"
    NONE = "none"


@dataclass(frozen=True)
class Role:
    """What an officer is at an office.

    Args:
        authority: to which authority the office belongs; None: to none of those that record acts.
        records: whether the role may record acts of its authority, or only reads.
        reach: how far browsing and searching go, from the unit of the office.
        account_class: the only class of accounts that may have it.
        supervises: whether it decides on acts that offices below propose, though it records none itself.
    """

    code: str
    title_vi: str
    title_en: str
    reach: Reach
    account_class: AccountClass
    authority: Authority | None = None
    records: bool = True
    supervises: bool = False

    @property
    def seconds(self) -> bool:
        """Whether the role may be the second pair of eyes on an act of its authority."""
        return self.authority is not None and (self.records or self.supervises)


@dataclass(frozen=True)
class Purpose:
    """Why personal data are used: who may, to do what, with which fields, on what ground, from when.

    Args:
        needs_dossier: only on a dossier.
        inspects: of the use of data, which has no dossier: a masked record is opened with a reason alone.
    """

    code: str
    title_vi: str
    title_en: str
    legal_ground: str
    roles: frozenset[str]
    operations: frozenset[Operation]
    fields: int
    in_force: Period
    needs_dossier: bool = False
    inspects: bool = False


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "civil_registrar",
            "Công chức tư pháp - hộ tịch",
            "Civil registrar",
            Reach.COMMUNE,
            AccountClass.OPERATOR,
            Authority.CIVIL_REGISTRAR,
        ),
        Role(
            "commune_police",
            "Công an cấp xã",
            "Commune police",
            Reach.COMMUNE,
            AccountClass.OPERATOR,
            Authority.COMMUNE_POLICE,
        ),
        Role(
            "province_officer",
            "Cán bộ dân cư cấp tỉnh",
            "Provincial population officer",
            Reach.PROVINCE,
            AccountClass.OPERATOR,
            Authority.COMMUNE_POLICE,
        ),
        Role(
            "province_justice",
            "Cán bộ hộ tịch cấp tỉnh",
            "Provincial civil status officer",
            Reach.PROVINCE,
            AccountClass.OPERATOR,
            Authority.CIVIL_REGISTRAR,
            records=False,
            supervises=True,
        ),
        Role(
            "center_officer",
            "Cán bộ Trung tâm dữ liệu quốc gia về dân cư",
            "Officer of the Center",
            Reach.NATION,
            AccountClass.OPERATOR,
            Authority.POPULATION_DATABASE,
        ),
        Role("auditor", "Thanh tra", "Auditor", Reach.NATION, AccountClass.OPERATOR),
        Role("data_engineer", "Kỹ sư dữ liệu", "Data engineer", Reach.NONE, AccountClass.TECHNICAL),
        Role(
            "administrator", "Quản trị tài khoản", "Administrator of accounts", Reach.NONE, AccountClass.ADMINISTRATOR
        ),
    )
}

_LAW_2023 = Period(date(2024, 7, 1))
_DESK = frozenset(
    {
        Operation.SEARCH,
        Operation.LOOK_UP,
        Operation.READ,
        Operation.WRITE,
        Operation.OPEN_DOSSIER,
        Operation.READ_LOG,
        Operation.PROPOSE,
        Operation.DECIDE,
        Operation.UNMASK,
    }
)

PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose(
            "civil_status",
            "Đăng ký hộ tịch",
            "Civil status registration",
            "Luật Hộ tịch 60/2014/QH13, Điều 7",
            frozenset({"civil_registrar", "province_justice"}),
            _DESK,
            ALL_FIELDS,
            Period(date(2016, 1, 1)),
        ),
        Purpose(
            "residence",
            "Đăng ký, quản lý cư trú",
            "Registration of residence",
            "Luật Cư trú 68/2020/QH14, Điều 22, Điều 36",
            frozenset({"commune_police", "province_officer"}),
            _DESK | {Operation.NOTIFY},
            ALL_FIELDS,
            Period(date(2021, 7, 1)),
        ),
        Purpose(
            "population_database",
            "Cập nhật Cơ sở dữ liệu quốc gia về dân cư",
            "Upkeep of the National Population Database",
            "Luật Căn cước 26/2023/QH15, Điều 10",
            frozenset({"commune_police", "province_officer", "center_officer"}),
            _DESK,
            ALL_FIELDS,
            _LAW_2023,
        ),
        Purpose(
            "dossier",
            "Giải quyết hồ sơ",
            "Work on a dossier",
            "Nghị định 70/2024/NĐ-CP, Điều 10",
            frozenset({"civil_registrar", "commune_police", "province_officer", "province_justice", "center_officer"}),
            _DESK,
            ALL_FIELDS,
            _LAW_2023,
            needs_dossier=True,
        ),
        Purpose(
            "intake",
            "Nạp dữ liệu từ nguồn",
            "Loading of source data",
            "Luật Căn cước 26/2023/QH15, Điều 10",
            frozenset({"data_engineer", "center_officer"}),
            frozenset({Operation.BULK_WRITE, Operation.EXPORT}),
            ALL_FIELDS,
            _LAW_2023,
        ),
        Purpose(
            "derivation",
            "Lập dữ liệu dẫn xuất từ sổ gốc",
            "Keeping what is derived from the register",
            "Luật Căn cước 26/2023/QH15, Điều 10",
            frozenset({"data_engineer"}),
            frozenset({Operation.EXPORT}),
            ALL_FIELDS,
            _LAW_2023,
        ),
        Purpose(
            "inspection",
            "Thanh tra việc khai thác dữ liệu",
            "Inspection of the use of data",
            "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15",
            frozenset({"auditor"}),
            frozenset({Operation.READ_LOG, Operation.LOOK_UP, Operation.UNMASK}),
            SUMMARY_FIELDS,
            Period(date(2026, 1, 1)),
            inspects=True,
        ),
    )
}


def purposes_of(role: str, day: date) -> list[Purpose]:
    """List the purposes that a role may choose on a day without a dossier."""
    return [p for p in PURPOSES.values() if role in p.roles and p.in_force.covers(day) and not p.needs_dossier]
