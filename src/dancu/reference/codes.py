"""Code tables: small lists, ethnic groups in two numberings, countries, places of the personal number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from dancu.kernel.text import fold
from dancu.reference.tables import rows


class CodeList(StrEnum):
    """The small lists."""

    SEX = "sex"
    MARITAL_STATUS = "marital_status"
    BLOOD_TYPE = "blood_type"
    RELATION_TO_HEAD = "relation_to_head"
    RELIGION = "religion"


class EthnicScheme(StrEnum):
    """The two numberings of ethnic groups; a code means nothing without its scheme."""

    TCTK_1979 = "tctk-1979"
    GSO_CENSUS = "gso-census"


@dataclass(frozen=True)
class Code:
    """One entry of a small list."""

    list: CodeList
    code: str
    name_vi: str
    name_en: str


@dataclass(frozen=True)
class EthnicGroup:
    """An ethnic group as one numbering has it; `key` is the same in both."""

    scheme: EthnicScheme
    code: str
    key: str
    name: str


@dataclass(frozen=True)
class Country:
    """A country or territory. Standard: ISO 3166-1."""

    alpha2: str
    alpha3: str
    numeric: str
    name_vi: str
    name_en: str


@dataclass(frozen=True)
class NumberPlace:
    """What the first three digits of a personal number stand for, for numbers allocated in a period.

    `unit_or_country`: code of a province of 2 digits, or ISO alpha-2 code of a country.
    `status`: `law`, `published` (a public copy of the annex) or `assumed` (no rule was found).
    """

    place: str
    kind: str
    unit_or_country: str
    name: str
    valid_from: date
    valid_to: date | None
    status: str


@cache
def code_list(which: CodeList) -> Mapping[str, Code]:
    """Return one list by code, in the order of the table."""
    found = (row for row in rows("codes") if row["list"] == which)
    return MappingProxyType({row["code"]: Code(which, row["code"], row["name_vi"], row["name_en"]) for row in found})


@cache
def ethnic_groups(scheme: EthnicScheme) -> Mapping[str, EthnicGroup]:
    """Return the groups of one numbering, by code."""
    found = (row for row in rows("ethnic_groups") if row["scheme"] == scheme)
    return MappingProxyType(
        {row["code"]: EthnicGroup(scheme, row["code"], row["group_key"], row["name"]) for row in found}
    )


def translate_ethnic_code(code: str, source: EthnicScheme, target: EthnicScheme) -> str | None:
    """Return the code of the same group in the other numbering, or None where it has none (foreigners)."""
    group = ethnic_groups(source).get(code)
    if group is None:
        return None
    return next((other.code for other in ethnic_groups(target).values() if other.key == group.key), None)


def find_ethnic_group(name: str, scheme: EthnicScheme) -> EthnicGroup | None:
    """Find a group by any spelling of its name in either numbering, with or without accents."""
    key = _names().get(_squeezed(name))
    return next((group for group in ethnic_groups(scheme).values() if group.key == key), None)


@cache
def _names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for scheme in EthnicScheme:
        names |= {_squeezed(group.name): group.key for group in ethnic_groups(scheme).values()}
    return names


def _squeezed(name: str) -> str:
    return "".join(letter for letter in fold(name) if letter.isalnum())


@cache
def countries() -> Mapping[str, Country]:
    """Return the countries and territories by ISO 3166-1 alpha-2 code."""
    return MappingProxyType({row["alpha2"]: Country(*row.values()) for row in rows("countries")})


def find_country(text: str) -> Country | None:
    """Find a country by an ISO code, or by its Vietnamese or English name in any accents."""
    return _country_keys().get(_squeezed(text))


@cache
def _country_keys() -> Mapping[str, Country]:
    found: dict[str, Country] = {}
    for country in countries().values():
        names = (country.name_vi, country.name_en, country.alpha2, country.alpha3, country.numeric)
        found |= {_squeezed(name): country for name in names}
    return found


@cache
def number_places() -> tuple[NumberPlace, ...]:
    """List the places of the personal number, in order of place and time."""
    found = (
        NumberPlace(
            row["place"],
            row["kind"],
            row["unit_or_country"],
            row["name"],
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            row["status"],
        )
        for row in rows("number_places")
    )
    return tuple(sorted(found, key=lambda place: (place.place, place.valid_from)))


def number_place_of(unit_or_country: str, day: date) -> NumberPlace | None:
    """Find the place whose digits a number allocated on a day bears.

    Two countries have two places each; the first one is found.

    Args:
        unit_or_country: code of a province in force on that day, or alpha-2 code of a country.
        day: a day before 2016-01-01 finds the first allocation.

    Law: Thông tư 59/2021/TT-BCA, Điều 4; since 2025-07-01 the survivor's code is assumed.
    """
    found = [place for place in number_places() if place.unit_or_country == unit_or_country]
    covering = (
        place
        for place in found
        if place.valid_from <= max(day, found[0].valid_from) and (place.valid_to is None or day < place.valid_to)
    )
    return next(covering, None)
