"""Forecasts as files: `dancu forecast run`, `indicators`, `compare`, and where a result comes from."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.forecast_past import write_past
from typer.testing import CliRunner, Result

from dancu.cli.main import app
from dancu.forecast import Keep, Population, Projection, Rates, project
from dancu.forecast.axes import AGES, FERTILE_AGES
from dancu.forecast.results import (
    Provenance,
    bands_of,
    difference,
    input_of,
    read_bands,
    read_course,
    write_bands,
    write_course,
)
from dancu.kernel.errors import Invalid, Malformed, NotFound

NOTHING = Provenance("course", ())


def called(*words: object) -> Result:
    done = CliRunner().invoke(app, ["forecast", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_past(tmp_path_factory.mktemp("history") / "past")


@pytest.fixture(scope="module")
def made(past: Path) -> Path:
    """A forecast of two provinces, in a folder of its own."""
    out = past.parent / "result.parquet"
    called("run", "--past", past, "--to", 2018, "--out", out, "--trajectories", 60, "--no-tried")
    return out


def a_projection(*, trajectories: int = 0, units: tuple[str, ...] = ("01", "79")) -> Projection:
    rng = np.random.default_rng(5)
    leading = (trajectories,) if trajectories else ()
    counts = rng.gamma(2, 500, (*leading, len(units), 2, AGES))
    years = 3
    shape = (years, len(units), 2, AGES)
    rates = Rates(
        2026, units, np.full(shape, 0.01), np.full((years, len(units), FERTILE_AGES), 0.04), np.ones(shape[:2])
    )
    return project(Population(2026, units, counts), rates, until=2026 + years)


def test_a_file_that_is_not_there_or_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_course(tmp_path / "nothing.parquet")
    (tmp_path / "text.parquet").write_text("year,unit")
    with pytest.raises(Malformed, match="no Parquet file"):
        read_course(tmp_path / "text.parquet")
    pq.write_table(pa.table({"year": [1]}), tmp_path / "other.parquet")
    with pytest.raises(Malformed, match="no result of a forecast"):
        read_course(tmp_path / "other.parquet")


def test_bands_are_not_taken_for_a_course(made: Path) -> None:
    with pytest.raises(Malformed, match=r"no result|holds bands"):
        read_course(made.with_name("result-bands.parquet"))


def test_trajectories_are_no_course_and_a_course_has_no_bands(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        write_course(a_projection(trajectories=2), tmp_path / "x.parquet", NOTHING)
    with pytest.raises(Invalid):
        bands_of(a_projection())


def test_a_run_needs_one_ground(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="--past FOLDER"):
        called("run", "--to", 2030, "--out", tmp_path / "x.parquet")


def test_what_fails_leaves_no_file_behind(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        write_course(a_projection(trajectories=2), tmp_path / "x.parquet", NOTHING)
    assert list(tmp_path.iterdir()) == []


def test_a_course_is_read_back_to_the_last_bit(tmp_path: Path) -> None:
    projection = a_projection()
    write_course(projection, tmp_path / "x.parquet", NOTHING)
    again, _ = read_course(tmp_path / "x.parquet")
    assert (again.first_year, again.units, again.ages) == (projection.first_year, projection.units, projection.ages)
    for name in ("stock", "births", "deaths", "immigrants", "emigrants", "moved_in", "moved_out"):
        np.testing.assert_array_equal(getattr(again, name), getattr(projection, name))


def test_bands_are_read_back_with_all_units_together(tmp_path: Path) -> None:
    projection = a_projection(trajectories=40)
    bands = bands_of(projection)
    write_bands(bands, tmp_path / "x.parquet", Provenance("bands", ()))
    again, _ = read_bands(tmp_path / "x.parquet")
    everybody = projection.total.sum(axis=-1)
    np.testing.assert_allclose(again.of("").median, np.median(everybody, axis=1))
    np.testing.assert_array_equal(again.of("79").high95, bands.of("79").high95)
    np.testing.assert_array_equal(again.groups.low80, bands.groups.low80)


def test_a_result_says_what_was_read_and_from_which_seed(made: Path, past: Path) -> None:
    _, provenance = read_course(made)
    assert provenance.inputs == input_of(past)
    assert {one.name for one in provenance.inputs} == {"births.csv", "deaths.csv", "population.csv"}
    assert (provenance.seed, provenance.trajectories, provenance.settings["until"]) == (1, 60, "2018")


def test_one_seed_gives_the_same_bits_and_another_one_does_not(made: Path, past: Path, tmp_path: Path) -> None:
    words = ("run", "--past", past, "--to", 2018, "--trajectories", 60, "--no-tried")
    called(*words, "--out", tmp_path / "result.parquet")
    called(*words, "--out", tmp_path / "other.parquet", "--seed", 2)
    for name in ("result.parquet", "result-bands.parquet"):
        assert (tmp_path / name).read_bytes() == made.with_name(name).read_bytes()
    assert (tmp_path / "other-bands.parquet").read_bytes() != (tmp_path / "result-bands.parquet").read_bytes()


def test_the_middle_lies_within_the_bands(made: Path) -> None:
    course, _ = read_course(made)
    bands, _ = read_bands(made.with_name("result-bands.parquet"))
    total = course.total.sum(axis=-1)
    assert np.all(bands.of("").low95 <= total * 1.001)
    assert np.all(total <= bands.of("").high95 * 1.001)


def test_a_report_of_the_past_is_printed_beside_the_forecast(past: Path, tmp_path: Path) -> None:
    done = called("run", "--past", past, "--to", 2012, "--out", tmp_path / "x.parquet", "--trajectories", 0)
    assert "back-test" in done.stdout.lower()


def test_a_scenario_changes_the_course_and_compare_says_by_how_much(made: Path, past: Path, tmp_path: Path) -> None:
    low = tmp_path / "low.toml"
    low.write_text('schema = 1\nname = "low"\n[[change]]\nkind = "fertility"\nto = 1.2\nfirst_year = 2008\n')
    out = tmp_path / "low.parquet"
    called("run", "--past", past, "--to", 2018, "--out", out, "--scenario", low, "--trajectories", 60, "--no-tried")
    table = tmp_path / "difference.csv"
    told = json.loads(called("compare", made, out, "--out", table, "--json").stdout)
    assert told["year"] == 2018
    assert all(change < 0 for change in told["change"].values())
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {row["age"] for row in rows if float(row["change"]) < -1} == {"0", "5"}
    bands, _ = read_bands(tmp_path / "low-bands.parquet")
    course, _ = read_course(out)
    assert bands.of("").low95[-1] <= course.total[-1].sum() * 1.001


def test_nothing_in_common_can_be_compared() -> None:
    with pytest.raises(Invalid, match="none in common"):
        difference(a_projection(), a_projection(units=("02", "04")))


def test_indicators_are_read_off_a_result(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "indicators.csv"
    done = called("indicators", made, "--out", out, "--only", "voters", "--only", "labour_force")
    assert "labour_force: not computed, for it needs participation" in done.stdout
    course, _ = read_course(made)
    rows = [
        row
        for row in csv.DictReader(out.read_text(encoding="utf-8").splitlines())
        if row["year"] == "2008" and row["unit"] == "a"
    ]
    assert float(rows[0]["value"]) == pytest.approx(course.mid_year[0, 0, :, 18:].sum(), abs=0.01)
    assert {row["indicator"] for row in rows} == {"voters"}


def test_keeping_less_than_all_is_refused(tmp_path: Path) -> None:
    one = a_projection()
    rates = Rates(2026, one.units, np.full((1, 2, 2, AGES), 0.01), np.full((1, 2, FERTILE_AGES), 0.04), np.ones((1, 2)))
    short = project(one.at(2026), rates, until=2027, keep=Keep(components=False))
    with pytest.raises(Invalid):
        write_course(short, tmp_path / "x.parquet", NOTHING)
