"""The guide says what is: its commands exist, and its Python runs."""

import re
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.forecast.axes import AGES, FERTILE_AGES
from dancu.forecast.scenarios import read_scenario

GUIDE = (Path(__file__).parents[2] / "docs" / "forecast" / "README.md").read_text(encoding="utf-8")


def test_every_command_of_the_guide_exists() -> None:
    commands = set(re.findall(r"dancu forecast (\w+)", GUIDE))
    assert {"wpp", "run", "compare", "indicators", "picture", "backtest", "table"} <= commands
    for command in commands:
        done = CliRunner().invoke(app, ["forecast", command, "--help"])
        assert done.exit_code == 0, command


def test_the_python_of_the_guide_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    years, shape = 26, (26, 2, 2, AGES)
    given = {
        "counts": np.full((2, 2, AGES), 100.0),
        "mx": np.full(shape, 0.01),
        "asfr": np.full((years, 2, FERTILE_AGES), 0.04),
        "srb": np.full((years, 2), 1.05),
    }
    exec(code, given)  # noqa: S102 -- our own page
    assert given["course"].mid_year.shape == (26, 2, 2, AGES)  # type: ignore[attr-defined]


def test_the_scenario_of_the_guide_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "zone.toml"
    path.write_text(text, encoding="utf-8")
    assert read_scenario(path).title == "Industrial zone"
