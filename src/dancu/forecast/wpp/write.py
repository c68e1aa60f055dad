"""Writing of a forecast as the United Nations publish theirs: persons at 1 July by single ages to 100 and over."""

import csv
from pathlib import Path

from dancu.forecast.axes import FEMALE, MALE, PUBLISHED, folded
from dancu.forecast.model import Projection


def write_mid_year(projection: Projection, path: Path, *, until: int) -> int:
    """Write year, age, males and females of the first unit to a file, and return how many lines that are.

    Args:
        until: the last year.
    """
    persons = folded(projection.mid_year[:, 0], PUBLISHED)
    rows = [
        (year, age, f"{of_year[MALE, age]:.3f}", f"{of_year[FEMALE, age]:.3f}")
        for year, of_year in zip(projection.years, persons, strict=False)
        if year <= until
        for age in PUBLISHED
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("year", "age", "male", "female"))
        lines.writerows(rows)
    return len(rows)
