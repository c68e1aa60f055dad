"""`dancu forecast scenario` and `backtest` at the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from tests.forecast_past import write_past
from typer.testing import CliRunner, Result

from dancu.cli.main import app
from dancu.kernel.errors import Conflict, Invalid, Malformed

LOW = 'schema = 1\nname = "low"\n[[change]]\nkind = "fertility"\nto = 1.2\nfirst_year = 2008\n'
ZONE = (
    'schema = 1\nname = "zone"\ntitle = "Khu công nghiệp"\n[[change]]\nkind = "transfer"\nadd = 50\nunits = ["a"]\n'
    'ages = [20, 34]\nfirst_year = 2009\n[[change]]\nkind = "mortality"\nadd = 2\nfirst_year = 2008\n'
)


def called(*words: object) -> Result:
    done = CliRunner().invoke(app, ["forecast", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"low": tmp_path / "low.toml", "zone": tmp_path / "zone.toml"}
    made["low"].write_text(LOW)
    made["zone"].write_text(ZONE, encoding="utf-8")
    return made


@pytest.fixture
def past(tmp_path: Path) -> Path:
    return write_past(tmp_path / "past")


def totals(folder: Path, years: int = 20) -> Path:
    rng = np.random.default_rng(1)
    lines = ["year,unit,persons"]
    for unit in range(8):
        persons = 1e5 * np.exp(np.cumsum(rng.normal(0.01, 0.005, years)))
        lines += [f"{2000 + year},p{unit},{one:.0f}" for year, one in enumerate(persons)]
    folder.mkdir()
    (folder / "population.csv").write_text("\n".join(lines))
    return folder


def test_scenarios_in_conflict_are_refused_with_both_names(files: dict[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "high.toml"
    other.write_text(LOW.replace('"low"', '"high"').replace("1.2", "2.4"))
    with pytest.raises(Conflict, match=r"(low and high|high and low) both set"):
        called("scenario", "check", files["low"], other)


def test_a_wrong_field_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(LOW.replace("to = 1.2", "to = 12"))
    with pytest.raises(Invalid, match=r"/change/0/to: 12 is not within 0\.1 and 10"):
        called("scenario", "check", path)


def test_scenarios_are_told_and_composed(files: dict[str, Path], tmp_path: Path) -> None:
    done = called("scenario", "check", files["low"], files["zone"])
    assert "zone: Khu công nghiệp" in done.stdout
    assert "2 scenarios with 3 changes are in no conflict." in done.stdout
    called("scenario", "compose", "both", files["low"], files["zone"], "--folder", tmp_path / "made")
    again = called("scenario", "check", tmp_path / "made" / "both.json", "--json")
    assert len(json.loads(again.stdout)[0]["change"]) == 3
    with pytest.raises(Conflict, match="a scenario both"):
        called("scenario", "compose", "both", files["low"], "--folder", tmp_path / "made")


def test_a_scenario_is_compared_and_shares_sum(files: dict[str, Path], past: Path, tmp_path: Path) -> None:
    out = tmp_path / "difference.csv"
    words = ("scenario", "compare", files["zone"], "--past", past, "--to", 2020, "--against", files["low"])
    done = called(*words, "--out", out)
    assert "2020" in done.stdout
    assert "fertility" in done.stdout
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 13 * 2
    last = [{name: float(value) for name, value in row.items() if name != "unit"} for row in rows[-2:]]
    for row in last:
        assert row["with"] - row["without"] == pytest.approx(row["difference"], abs=0.01)
        shares = row["fertility"] + row["mortality"] + row["transfer"]
        assert shares == pytest.approx(row["difference"], abs=0.01)
    assert last[0]["transfer"] > 0 > last[1]["transfer"]
    assert called(*words, "--json").stdout == called(*words, "--json").stdout


def test_a_scenario_needs_one_ground(files: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="either --past FOLDER, or --wpp FOLDER and --country"):
        called("scenario", "compare", files["zone"], "--to", 2020)
    with pytest.raises(Malformed, match="totals only"):
        called("scenario", "compare", files["zone"], "--to", 2020, "--past", totals(tmp_path / "totals"))


def test_a_back_test_prints_its_report_and_writes_it(tmp_path: Path) -> None:
    folder = totals(tmp_path / "totals")
    out = tmp_path / "report.md"
    done = called("backtest", folder, "--as-of", 2012, "--as-of", 2014, "--trajectories", 50, "--out", out)
    assert "Back-test of growth of totals: 8 units, made as of 2012, 2014." in done.stdout
    assert out.read_text() == done.stdout
    told = json.loads(called("backtest", folder, "--as-of", 2012, "--trajectories", 50, "--json").stdout)
    assert told["report"]["origins"] == [2012]
    assert told["report"]["ours"]["5"]["cases"] == 8
    assert told["against_growth"] > 0


def test_a_back_test_that_misses_its_bars_ends_with_one_if_asked(tmp_path: Path) -> None:
    folder = totals(tmp_path / "totals")
    report = json.loads(called("backtest", folder, "--as-of", 2012, "--json").stdout)
    done = CliRunner().invoke(app, ["forecast", "backtest", str(folder), "--as-of", "2012", "--strict"])
    assert done.exit_code == (0 if report["reached"] else 1)


def test_a_back_test_of_provinces_with_ages(past: Path) -> None:
    done = called("backtest", past, "--horizon", 2, "--as-of", 2006, "--trajectories", 20)
    assert "Back-test of cohorts and components: 2 units, made as of 2006." in done.stdout
    assert "| 65+ |" in done.stdout
