"""A small past of provinces in files, as forecasts read it."""

from pathlib import Path

import numpy as np


def write_past(folder: Path) -> Path:
    """Write the past of two provinces of constant rates, in which nobody of over 84 is told apart."""
    rng = np.random.default_rng(1)
    folder.mkdir()
    tables = {"population": ["year,unit,sex,age,persons"], "deaths": ["year,unit,sex,age,count"]}
    births = ["year,unit,sex,count"]
    for year in range(2000, 2009):
        for unit, size in (("a", 2000.0), ("b", 1000.0)):
            for sex in "mf":
                if year < 2008:
                    births.append(f"{year},{unit},{sex},{rng.poisson(size)}")
                for age in range(86):
                    told = "85+" if age == 85 else str(age)
                    persons = size * np.exp(-((age / 80) ** 4)) * (4 if age == 85 else 1)
                    tables["population"].append(f"{year},{unit},{sex},{told},{persons:.0f}")
                    if year < 2008:
                        died = rng.poisson(persons * min(0.0002 * np.exp(0.08 * age), 0.3))
                        tables["deaths"].append(f"{year},{unit},{sex},{told},{died}")
    for name, lines in (tables | {"births": births}).items():
        (folder / f"{name}.csv").write_text("\n".join(lines))
    return folder
