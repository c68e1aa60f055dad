from datetime import date

import pycountry
import pytest

from dancu.kernel.codes import MaritalStatus, Relation, Sex
from dancu.reference.codes import (
    CodeList,
    EthnicScheme,
    code_list,
    countries,
    ethnic_groups,
    find_country,
    find_ethnic_group,
    number_place_of,
    number_places,
    translate_ethnic_code,
)
from dancu.reference.model import Level
from dancu.reference.units import unit_index

OLD, CENSUS = EthnicScheme.TCTK_1979, EthnicScheme.GSO_CENSUS


def test_a_foreigner_has_no_code_in_the_census_numbering() -> None:
    assert translate_ethnic_code("55", OLD, CENSUS) is None
    assert translate_ethnic_code("99", OLD, CENSUS) is None


def test_the_two_numberings_name_the_same_54_groups() -> None:
    assert len(ethnic_groups(OLD)) == 55
    assert len(ethnic_groups(CENSUS)) == 54
    for group in ethnic_groups(CENSUS).values():
        there = translate_ethnic_code(group.code, CENSUS, OLD)
        assert there
        assert translate_ethnic_code(there, OLD, CENSUS) == group.code


@pytest.mark.parametrize(
    ("name", "old", "census"),
    [
        ("Hoa", "04", "06"),
        ("Mông", "08", "08"),
        ("h'mong", "08", "08"),
        ("Khmer", "05", "05"),
        ("EDE", "12", "11"),
    ],
)
def test_a_group_is_found_in_any_spelling(name: str, old: str, census: str) -> None:
    found = [find_ethnic_group(name, scheme) for scheme in (OLD, CENSUS)]
    assert [group.code for group in found if group] == [old, census]


def test_an_unknown_group_is_not_found() -> None:
    assert find_ethnic_group("Atlantis", OLD) is None


def test_countries_are_those_of_iso_3166() -> None:
    theirs = {(country.alpha_2, country.alpha_3, country.numeric) for country in pycountry.countries}
    assert theirs == {(country.alpha2, country.alpha3, country.numeric) for country in countries().values()}


@pytest.mark.parametrize("text", ["VN", "vnm", "704", "Việt Nam", "viet nam", "Vietnam"])
def test_a_country_is_found_by_code_and_name(text: str) -> None:
    country = find_country(text)
    assert country
    assert country.alpha2 == "VN"


def test_the_codes_of_the_kernel_are_those_of_the_tables() -> None:
    assert set(code_list(CodeList.SEX)) == {str(sex.value) for sex in Sex}
    assert set(code_list(CodeList.MARITAL_STATUS)) == {str(status.value) for status in MaritalStatus}
    assert set(code_list(CodeList.RELATION_TO_HEAD)) == {str(relation.value) for relation in Relation}


def test_places_of_the_number_are_the_63_provinces_and_195_countries() -> None:
    old = unit_index().units_on(date(2022, 12, 1), Level.PROVINCE)
    assert {place.place for place in number_places() if place.kind == "province"} == {f"0{u.code}" for u in old}
    assert [p.place for p in number_places() if p.kind == "country"] == [str(n) for n in range(101, 296)]
    assert {p.unit_or_country for p in number_places() if p.kind == "country"} <= set(countries())


def test_since_the_mergers_only_surviving_provinces_give_numbers() -> None:
    today = date(2026, 11, 24)
    assert number_place_of("02", date(2025, 6, 30)) is not None
    assert number_place_of("02", today) is None
    now = [number_place_of(unit.code, today) for unit in unit_index().units_on(today, Level.PROVINCE)]
    assert [place.status for place in now if place] == ["assumed"] * 34


def test_a_birth_registered_in_a_country_takes_the_countrys_place() -> None:
    place = number_place_of("KR", date(1999, 1, 1))
    assert place
    assert place.place == "174"
