"""The synthetic nation hangs together, is always the same, and looks like a country."""

from collections import Counter
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dancu.intake.normal import BY_NAME
from dancu.kernel.numbers import PersonalNumber
from dancu.synth.geography import POPULATIONS
from dancu.synth.nation import BLOCK, TODAY, Block, block_of, nation
from dancu.synth.numbers import BLOCKS, personal_numbers, scatter
from dancu.synth.places import the_map

SEED = 7


@cache
def block() -> Block:
    return block_of(30_000, SEED, 0)


@cache
def rows() -> list[dict[str, str | None]]:
    listed: list[dict[str, str | None]] = block().table.to_pylist()
    return listed


@cache
def by_number() -> dict[str, dict[str, str | None]]:
    return {row["personal_number"]: row for row in rows() if row["personal_number"]}


def year(text: str | None) -> int:
    assert text is not None
    return int(text[:4])


def test_a_block_beyond_the_supply_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="serials"):
        personal_numbers(np.array([1]), np.array([1]), np.array([1990]), block=BLOCKS, seed=1)


def test_the_same_seed_makes_the_same_nation_and_another_one_does_not() -> None:
    first, again, other = (block_of(3_000, seed, 0).table for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_any_block_can_be_made_alone() -> None:
    tables = list(nation(BLOCK + 2_000, SEED))
    assert [table.num_rows for table in tables] == [BLOCK, 2_000]
    assert tables[1].equals(block_of(2_000, SEED, 1).table)


def test_a_larger_nation_takes_no_more_memory() -> None:
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in nation(2 * BLOCK + 10, SEED)]
    assert max(held[1:]) < 1.3 * held[0]


@pytest.mark.soak
def test_no_two_of_a_million_share_a_number() -> None:
    numbers = pa.chunked_array([table.column("personal_number").combine_chunks() for table in nation(1_000_000, SEED)])
    assert len(numbers.unique().drop_null()) == len(numbers) - numbers.null_count


@pytest.mark.parametrize("people", [1, 17, 2_999, 3_001])
def test_a_nation_has_exactly_as_many_records_as_asked_for(people: int) -> None:
    assert sum(table.num_rows for table in nation(people, SEED)) == people


def test_columns_are_fields_of_the_normal_record_and_hold_text() -> None:
    table = block().table
    assert set(table.column_names) <= set(BY_NAME)
    assert {field.type for field in table.schema} == {pa.string()}


def test_a_serial_is_scattered_onto_one_of_its_own() -> None:
    scattered = scatter(np.arange(1_000_000), np.full(1_000_000, 5_079_190, np.uint64))
    assert np.array_equal(np.sort(scattered), np.arange(1_000_000))


def test_no_two_people_of_many_blocks_share_a_number() -> None:
    rng = np.random.default_rng(SEED)
    numbers = [
        personal_numbers(
            rng.integers(1, 10, BLOCK), rng.integers(1, 3, BLOCK), rng.integers(1990, 2010, BLOCK), block=one, seed=SEED
        )
        for one in (0, 1, 2, 500, 501, 900, 1000, 1001, 1109, 1110)
    ]
    assert len(np.unique(np.concatenate(numbers))) == 10 * BLOCK


def test_numbers_agree_with_sex_and_birth_year() -> None:
    assert len(by_number()) > 29_900
    for text, row in by_number().items():
        number = PersonalNumber(text)
        assert (str(int(number.sex)), number.birth_year) == (row["sex"], year(row["born"]))


def test_numbers_agree_with_the_province_of_birth() -> None:
    world = the_map(TODAY)
    place = pc.index_in(block().table.column("birth_registration_unit"), value_set=world.codes).to_pylist()
    for row, at in zip(rows(), place, strict=True):
        if row["personal_number"] and at is not None:
            province = world.province[at]
            allowed = {int(world.province_codes[province]), int(world.today_province[province])}
            assert PersonalNumber(row["personal_number"]).place in allowed


def test_each_spouse_names_the_other_and_the_same_day() -> None:
    couples = [row for row in rows() if row["spouse_number"] and not row["died_on"]]
    assert len(couples) > 10_000
    for row in couples:
        other = by_number()[row["spouse_number"] or ""]
        assert (other["spouse_number"], other["married_on"]) in {
            (row["personal_number"], row["married_on"]),
            (None, row["married_on"]),
        }
        assert other["sex"] != row["sex"]


def test_marriages_keep_the_ages_of_the_law_since_2015() -> None:
    for row in rows():
        if row["married_on"] and row["married_on"] >= "2015-01-01":
            age = year(row["married_on"]) - year(row["born"])
            assert age >= (20 if row["sex"] == "1" else 18)


def test_some_marriages_before_1987_would_be_refused_today() -> None:
    young = [
        row
        for row in rows()
        if row["married_on"] and row["married_on"] < "1987" and year(row["married_on"]) - year(row["born"]) < 18
    ]
    assert young


def test_parents_are_older_by_a_generation_and_of_their_sex() -> None:
    told = 0
    for row in rows():
        for role, sex in (("father", "1"), ("mother", "2")):
            parent = by_number().get(row[f"{role}_number"] or "")
            if parent:
                told += 1
                assert parent["sex"] == sex
                assert 13 <= year(row["born"]) - year(parent["born"]) <= (50 if role == "mother" else 70)
    assert told > 30_000


def test_most_people_under_60_have_a_parent_with_a_record() -> None:
    younger = [row for row in rows() if year(row["born"]) > 1966 and not row["died_on"]]
    assert sum(bool(row["mother_number"] or row["father_number"]) for row in younger) / len(younger) > 0.8


def test_some_fathers_are_unknown() -> None:
    children = [row for row in rows() if year(row["born"]) > 2006 and row["mother_name"]]
    assert 0.01 < sum(row["father_name"] is None for row in children) / len(children) < 0.05


def test_each_household_of_the_living_has_one_head_and_one_address() -> None:
    heads: Counter[str] = Counter()
    homes: dict[str, set[tuple[str | None, str | None]]] = {}
    for row in rows():
        number = row["household_no"]
        if number:
            heads[number] += row["relation"] == "1"
            homes.setdefault(number, set()).add((row["permanent_unit"], row["permanent_address"]))
            assert not row["died_on"]
    assert set(heads.values()) == {1}
    assert {len(places) for places in homes.values()} == {1}
    assert 3.0 < sum(bool(row["household_no"]) for row in rows()) / len(homes) < 3.9


def test_a_household_keeps_three_generations_together() -> None:
    kinds = Counter(row["relation"] for row in rows())
    assert min(kinds[code] for code in ("2", "3", "4", "6", "8")) > 200


def test_ages_sexes_and_places_look_like_the_country() -> None:
    living = [row for row in rows() if not row["died_on"]]
    ages = np.array([2026 - year(row["born"]) for row in living])
    assert 0.20 < (ages < 15).mean() < 0.26
    assert 0.08 < (ages >= 65).mean() < 0.11
    children = [row["sex"] for row in living if year(row["born"]) > 2012]
    assert 1.05 < children.count("1") / children.count("2") < 1.17
    kinh = sum(row["ethnicity"] == "101" for row in living) / len(living)
    assert 0.82 < kinh < 0.90
    away = sum(bool(row["temporary_unit"]) for row in living) / len(living)
    assert 0.05 < away < 0.11
    nguyen = sum(row["surname"] == "Nguyễn" for row in living) / len(living)
    assert 0.27 < nguyen < 0.40


def test_people_are_spread_over_the_provinces_as_registered() -> None:
    world = the_map(TODAY)
    place = pc.index_in(block().table.column("permanent_unit"), value_set=world.codes).drop_null().to_numpy()
    counts = np.bincount(world.today_province[world.province[place]], minlength=100)
    total = sum(POPULATIONS.values())
    for code, thousand in POPULATIONS.items():
        share = counts[int(code)] / counts.sum() / (thousand / total)
        assert 0.4 < share < 1.6, code
        assert thousand < 3_000 or 0.7 < share < 1.35, code


def test_ordinary_oddities_are_there() -> None:
    assert sum(len(row["born"] or "") == 4 for row in rows()) > 50
    assert sum((row["born"] or "").endswith("-01-01") for row in rows()) > 150
    assert sum(row["nationality"] is None for row in rows()) > 5
    assert sum(row["nationality"] == "XXA" for row in rows()) > 2
    assert sum(row["permanent_unit"] is None for row in rows()) > 5
    assert sum(row["surname"] is None for row in rows()) > 50
    assert sum(row["personal_number"] is None for row in rows()) > 5
    assert sum(row["mother_name"] is None for row in rows()) > 5


def test_the_truth_names_who_is_whose() -> None:
    truth = {row["source_key"]: row for row in block().truth.to_pylist()}
    for row in rows()[:5_000]:
        known = truth[row["source_key"]]
        if row["household_no"]:
            assert known["household"] == row["household_no"]
        spouse = known["spouse"]
        assert spouse is None or truth[spouse]["spouse"] == row["source_key"]


def test_few_stay_single_in_any_generation_and_few_live_alone() -> None:
    living = [row for row in rows() if not row["died_on"]]
    for sex, first, last in (("1", 1947, 1981), ("2", 1947, 1981), ("1", 1972, 1981), ("2", 1972, 1981)):
        grown = [row for row in living if row["sex"] == sex and first <= year(row["born"]) <= last]
        assert 0.03 < sum(row["marital"] == "1" for row in grown) / len(grown) < 0.14
    sizes = Counter(Counter(row["household_no"] for row in living if row["household_no"]).values())
    assert 0.09 < sizes[1] / sizes.total() < 0.2
    assert 0.1 < sum(count for size, count in sizes.items() if size > 5) / sizes.total() < 0.25


def test_nobody_lives_on_islands_without_inhabitants() -> None:
    assert "20333" not in set(block().table.column("permanent_unit").to_pylist())
    assert "20333" not in set(block().table.column("birth_place_unit").to_pylist())
    by_unit = Counter(block().table.column("permanent_unit").to_pylist())
    assert by_unit["31078"] > by_unit["22736"]
