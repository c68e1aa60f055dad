"""Scenarios: what is refused, what goes together, and what becomes of rates and people."""

import json
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dancu.forecast import Population, Rates, project
from dancu.forecast.axes import AGES, FEMALE
from dancu.forecast.life_table import life_table
from dancu.forecast.moves import OriginDestination
from dancu.forecast.scenarios import (
    Change,
    Kind,
    Scenario,
    applied,
    apply,
    compare,
    compose,
    data_of,
    read_scenario,
    scenario_of,
    store,
    stored,
)
from dancu.kernel.errors import Conflict, Invalid, Malformed, NotFound

UNITS = ("a", "b", "c")
YEARS = 20


def rates(units: tuple[str, ...] = UNITS, years: int = YEARS, *, moves: bool = True) -> Rates:
    age = np.arange(AGES)
    mx = np.minimum(0.00005 * np.exp(0.095 * age), 1.2) + np.where(age == 0, 0.01, 0.0002)
    shape = np.exp(-(((np.arange(45) - 17.0) / 6) ** 2) / 2)
    leaving = np.tile(0.02 * np.exp(-(((age - 23) / 7.0) ** 2)), (len(units), 2, 1))
    to = (1 - np.eye(len(units)))[None] / (len(units) - 1)
    return Rates(
        2024,
        units,
        np.tile(np.stack([mx * 1.2, mx]), (years, len(units), 1, 1)),
        np.tile(1.6 * shape / shape.sum(), (years, len(units), 1)),
        np.full((years, len(units)), 1.06),
        moves=(OriginDestination(leaving, to),) * years if moves else (),
    )


def people(units: tuple[str, ...] = UNITS) -> Population:
    age = np.arange(AGES)
    return Population(2024, units, np.tile(1000 * np.exp(-0.00002 * age**2.4), (len(units), 2, 1)))


def told(**change: Any) -> dict[str, Any]:
    return {"schema": 1, "name": "x", "change": [{"kind": "fertility", "first_year": 2026, "to": 2.1} | change]}


@pytest.mark.parametrize(
    ("data", "pointer", "what"),
    [
        ({"schema": 2, "name": "x"}, "/schema", "is 2; this version reads 1"),
        ({"schema": 1}, "/name", "is missing"),
        ({"schema": 1, "name": "Big Zone"}, "/name", "lower-case letters"),
        ({"schema": 1, "name": "x", "changes": []}, "/changes", "there is no such field"),
        ({"schema": 1, "name": "x", "change": {}}, "/change", "is no list"),
        (told(kind="births"), "/change/0/kind", "'births' is not one of fertility"),
        (told(first_year="2026"), "/change/0/first_year", "is missing or no year"),
        (told(first_year=26), "/change/0/first_year", "26 is no calendar year"),
        (told(by=2025), "/change/0/by", "2025 comes before 2026"),
        (told(to="2.1"), "/change/0/to", "is no number"),
        (told(to=21), "/change/0/to", "21 is not within 0.1 and 10"),
        (told(factor=2), "/change/0/to", "takes one of to, factor, add; given: to, factor"),
        (told(ages=[20, 34]), "/change/0/ages", "is of all ages"),
        (told(sexes=["women"]), "/change/0/sexes", "is no list of male and female"),
        (told(sexes=["male"]), "/change/0/sexes", "fertility is of both sexes"),
        (told(units="a"), "/change/0/units", "is no list of names"),
        (told(origins=["a"]), "/change/0/origins", "only a transfer has origins"),
        (told(kind="transfer", to=1), "/change/0/to", "transfer takes one of add"),
        (told(unit=["a"]), "/change/0/unit", "there is no such field"),
    ],
)
def test_a_wrong_field_is_named(data: dict[str, Any], pointer: str, what: str) -> None:
    with pytest.raises(Invalid) as wrong:
        scenario_of(data)
    assert any(fault.pointer == pointer and what in fault.message for fault in wrong.value.faults), wrong.value


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as wrong:
        scenario_of({"schema": 3, "name": "x", "change": [{"kind": "mortality"}, 7]})
    assert {fault.pointer for fault in wrong.value.faults} == {"/schema", "/change/0/first_year", "/change/1"}


def test_a_transfer_needs_somewhere() -> None:
    with pytest.raises(Invalid, match="/units: a transfer needs units"):
        Change(Kind.TRANSFER, 2028, add=100)
    with pytest.raises(Invalid, match="/origins: a is a unit that people come to"):
        Change(Kind.TRANSFER, 2028, add=100, units=("a",), origins=("a", "b"))


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_scenario(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("schema = = 1")
    with pytest.raises(Malformed, match=r"bad\.toml cannot be read"):
        read_scenario(tmp_path / "bad.toml")


def test_the_two_examples_of_the_issue_are_data(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        'schema = 1\nname = "recovery"\n[[change]]\nkind = "fertility"\nto = 2.1\nfirst_year = 2025\nby = 2035\n'
        '[[change]]\nkind = "transfer"\nadd = 40000\nunits = ["a"]\nages = [20, 34]\nfirst_year = 2028\n'
    )
    found = read_scenario(tmp_path / "one.toml")
    assert found.changes == (
        Change(Kind.FERTILITY, 2025, by=2035, to=2.1),
        Change(Kind.TRANSFER, 2028, units=("a",), ages=(20, 34), add=40000),
    )
    assert scenario_of(json.loads(json.dumps(data_of(found)))) == found


def test_the_scenario_of_the_manual_is_one() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "forecast-uncertainty.md").read_text(encoding="utf-8")
    found = scenario_of(tomllib.loads(manual.split("```toml")[1].split("```")[0]))
    assert found.kinds == (Kind.FERTILITY, Kind.TRANSFER)


def test_scenarios_are_stored_by_name_and_never_written_over(tmp_path: Path) -> None:
    one = Scenario("recovery", (Change(Kind.FERTILITY, 2025, to=2.1, units=("a",)),), "Hồi phục mức sinh")
    path = store(one, tmp_path)
    assert "Hồi phục" in path.read_text(encoding="utf-8")
    assert stored(tmp_path) == {"recovery": one}
    with pytest.raises(Conflict, match="a scenario recovery"):
        store(one, tmp_path)
    store(one, tmp_path, replacing=True)
    (tmp_path / "copy.json").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(Conflict, match="named recovery"):
        stored(tmp_path)


def test_two_values_of_one_rate_are_in_conflict_and_both_are_named() -> None:
    first = Scenario("recovery", (Change(Kind.FERTILITY, 2025, to=2.1),))
    second = Scenario("decline", (Change(Kind.FERTILITY, 2030, to=1.2, units=("b",)),))
    with pytest.raises(Conflict, match=r"^recovery and decline both set fertility of b in 2030: 2\.1 and 1\.2$"):
        compose("both", [first, second])
    with pytest.raises(Conflict):
        apply(Scenario("x", first.changes + second.changes), rates())


def test_values_of_other_units_sexes_or_years_are_in_no_conflict() -> None:
    changes = (
        Change(Kind.FERTILITY, 2025, to=2.1, units=("a",)),
        Change(Kind.FERTILITY, 2025, to=1.9, units=("b",), last_year=2030),
        Change(Kind.FERTILITY, 2031, to=1.2, units=("b",)),
        Change(Kind.MORTALITY, 2025, to=80, sexes=(0,)),
        Change(Kind.MORTALITY, 2025, to=84, sexes=(1,)),
    )
    tfr = apply(Scenario("x", changes), rates()).tfr
    assert tfr[-1] == pytest.approx([2.1, 1.2, 1.6])


some_changes = st.sampled_from(
    [
        Change(Kind.FERTILITY, 2026, by=2030, to=2.1),
        Change(Kind.FERTILITY, 2026, factor=1.1, units=("a",), ages=(30, 40)),
        Change(Kind.FERTILITY, 2028, add=-0.2),
        Change(Kind.MORTALITY, 2025, factor=0.8, ages=(60, 130)),
        Change(Kind.MORTALITY, 2025, by=2040, add=3.0),
        Change(Kind.MIGRATION, 2025, add=500.0, units=("b",), ages=(20, 40)),
        Change(Kind.MIGRATION, 2025, factor=0.5),
        Change(Kind.LEAVING, 2025, factor=0.5, units=("a",)),
        Change(Kind.DRAWING, 2027, factor=2.0, units=("c",)),
        Change(Kind.TRANSFER, 2028, last_year=2030, add=100.0, units=("a",), ages=(20, 34)),
        Change(Kind.TRANSFER, 2028, add=10.0, origins=("b",)),
    ]
)


@settings(max_examples=20, deadline=None)
@given(st.lists(some_changes, min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_scenarios_changes_nothing(changes: list[Change], random: Any) -> None:
    each = [Scenario(f"s{at}", (change,)) for at, change in enumerate(changes)]
    shuffled = list(each)
    random.shuffle(shuffled)
    first, second = compose("all", each), compose("all", shuffled)
    assert first == second
    ahead, again = (project(people(), apply(one, rates()), until=2032) for one in (first, second))
    assert ahead.stock.tobytes() == again.stock.tobytes()
    moved = ahead.moved_in.sum(axis=1) - ahead.moved_out.sum(axis=1)
    assert moved == pytest.approx(np.zeros_like(moved), abs=1e-6)


def test_fertility_goes_to_a_value_on_a_straight_line_and_stays() -> None:
    one = Scenario("x", (Change(Kind.FERTILITY, 2026, by=2035, to=2.1, units=("b",)),))
    tfr = apply(one, rates()).tfr
    assert tfr[:, 0] == pytest.approx(np.full(YEARS, 1.6))
    assert tfr[1, 1] == pytest.approx(1.6)
    assert tfr[6, 1] == pytest.approx(1.6 + 0.5 * 0.5)
    assert tfr[11:, 1] == pytest.approx(np.full(YEARS - 11, 2.1))


def test_factors_are_of_the_ages_of_mothers_that_are_named() -> None:
    one = Scenario("x", (Change(Kind.FERTILITY, 2024, factor=2.0, ages=(30, 34)),))
    share = apply(one, rates()).asfr / rates().asfr
    assert share[0, 0, 20:25] == pytest.approx(np.full(5, 2.0))
    assert share[0, 0, :20] == pytest.approx(np.ones(20))


def test_life_expectancy_goes_where_it_is_sent() -> None:
    changes = (
        Change(Kind.MORTALITY, 2025, to=83.0, sexes=(FEMALE,)),
        Change(Kind.MORTALITY, 2024, add=2.0, sexes=(0,)),
    )
    before, after = life_table(rates().mx).e0, life_table(apply(Scenario("x", changes), rates()).mx).e0
    assert after[1:, :, FEMALE] == pytest.approx(np.full((YEARS - 1, 3), 83.0), abs=1e-4)
    assert after[0, :, FEMALE] == pytest.approx(before[0, :, FEMALE])
    assert after[..., 0] == pytest.approx(before[..., 0] + 2, abs=1e-4)


def test_what_has_ended_is_as_it_was() -> None:
    one = Scenario("x", (Change(Kind.MORTALITY, 2026, factor=3.0, last_year=2027),))
    share = (apply(one, rates()).mx / rates().mx)[:, 0, 0, 30]
    assert share == pytest.approx([1, 1, 3, 3, *([1] * (YEARS - 4))])


def test_migrants_are_added_and_divided_among_all_units_that_are_meant() -> None:
    one = Scenario("x", (Change(Kind.MIGRATION, 2025, add=300.0, ages=(20, 29)),))
    net = apply(one, rates()).net
    assert net is not None
    assert net[1].sum() == pytest.approx(300)
    assert net[1].sum(axis=(1, 2)) == pytest.approx([100, 100, 100])
    assert net[1, :, :, 20:30].sum() == pytest.approx(300)


def test_transferred_workers_arrive_from_the_others() -> None:
    one = Scenario("x", (Change(Kind.TRANSFER, 2028, last_year=2030, add=600.0, units=("a",), ages=(20, 34)),))
    plain, moved = (project(people(), of, until=2032) for of in (rates(), apply(one, rates())))
    more = moved.moved_in[:, 0].sum(axis=(1, 2)) - plain.moved_in[:, 0].sum(axis=(1, 2))
    assert more[:4] == pytest.approx(0)
    assert more[4] == pytest.approx(600, rel=1e-6)
    assert np.abs(moved.moved_in.sum(axis=1) - moved.moved_out.sum(axis=1)).max() < 1e-6


def test_moves_cannot_be_scaled_where_none_are_known() -> None:
    one = Scenario("x", (Change(Kind.LEAVING, 2025, factor=0.5),))
    with pytest.raises(Invalid, match="/change/0/kind: no moves are known"):
        apply(one, rates(moves=False))


def test_unknown_units_are_named() -> None:
    with pytest.raises(Invalid, match="/change/0/units: there is no unit 'z'"):
        apply(Scenario("x", (Change(Kind.FERTILITY, 2025, to=2.0, units=("z",)),)), rates())


def test_shares_of_kinds_sum_to_the_difference_exactly() -> None:
    one = Scenario(
        "x",
        (
            Change(Kind.FERTILITY, 2025, to=2.4),
            Change(Kind.MORTALITY, 2025, factor=0.7),
            Change(Kind.TRANSFER, 2026, add=500.0, units=("a",)),
        ),
    )
    found = compare(people(), rates(), one, until=2040)
    assert sum(found.by_kind.values()) == pytest.approx(found.difference)
    assert found.by_kind[Kind.TRANSFER].sum(axis=1)[3] == pytest.approx(0, abs=1e-6)
    assert (found.by_kind[Kind.FERTILITY][-1] > 0).all()
    assert found.difference[0] == pytest.approx([0, 0, 0])


def test_two_scenarios_are_compared_with_each_other() -> None:
    low = Scenario("low", (Change(Kind.FERTILITY, 2025, to=1.2),))
    high = Scenario("high", (Change(Kind.FERTILITY, 2025, to=2.4), Change(Kind.MORTALITY, 2025, add=2.0)))
    found = compare(people(), rates(), high, until=2040, against=low)
    back = compare(people(), rates(), low, until=2040, against=high)
    assert found.difference == pytest.approx(-back.difference)
    assert sum(found.by_kind.values()) == pytest.approx(found.difference)


def test_trajectories_are_changed_by_as_much_as_the_central_course() -> None:
    one = Scenario(
        "x", (Change(Kind.FERTILITY, 2025, to=2.4), Change(Kind.MORTALITY, 2025, factor=0.7, ages=(0, 80)),
              Change(Kind.TRANSFER, 2026, add=500.0, units=("a",)), Change(Kind.MIGRATION, 2026, add=90.0)),
    )  # fmt: skip
    course = project(people(), apply(one, rates()), until=2040)
    wrapped = project(people(), applied(one, rates(), rates()), until=2040)
    assert wrapped.total == pytest.approx(course.total, rel=2e-3)


def test_a_scenario_of_other_years_than_the_trajectories_is_refused() -> None:
    one = Scenario("x", (Change(Kind.FERTILITY, 2025, to=2.4),))
    with pytest.raises(Invalid, match="/central"):
        applied(one, rates(), rates(years=5))


def test_34_provinces_answer_to_a_change_at_once() -> None:
    units = tuple(f"{at:02}" for at in range(34))
    base, ground = people(units), rates(units, 50)
    changes = (Change(Kind.FERTILITY, 2025, by=2035, to=2.1), Change(Kind.MORTALITY, 2025, by=2050, add=4.0))
    began = time.process_time()
    project(base, apply(Scenario("x", changes), ground), until=2074)
    assert time.process_time() - began < 3.0  # 0.5 s on a machine at rest: benchmarks/forecast_uncertainty.py
