"""Names of what the reference tables number: ethnic groups, countries, religions, blood types."""

from dancu.portals.shared.pages import Said
from dancu.reference.codes import CodeList, EthnicScheme, code_list, countries, ethnic_groups


def ethnic_name(code: int) -> str:
    """Name an ethnic group; `scheme * 100 + code`, 0 is unknown."""
    schemes = {1: EthnicScheme.TCTK_1979, 2: EthnicScheme.GSO_CENSUS}
    scheme = schemes.get(code // 100)
    group = ethnic_groups(scheme).get(f"{code % 100:02}") if scheme else None
    return group.name if group else ""


def country_name(alpha3: str) -> str | Said:
    """Name a country by its ISO 3166-1 alpha-3 code."""
    found = next((country for country in countries().values() if country.alpha3 == alpha3), None)
    return Said(found.name_vi, found.name_en) if found else alpha3


def religion_name(code: int | None) -> str | Said:
    """Name a religion by its code."""
    found = code_list(CodeList.RELIGION).get(f"{code:02}") if code is not None else None
    return Said(found.name_vi, found.name_en) if found else ""


def blood_name(code: int) -> str:
    """Name a blood type by its code; 0 is unknown."""
    found = code_list(CodeList.BLOOD_TYPE).get(f"{code:02}") if code else None
    return found.name_vi if found else ""
