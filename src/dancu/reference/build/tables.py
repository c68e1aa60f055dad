"""Reading data files of installed packages and writing tables."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import files
from pathlib import Path


def package_file(package: str, ending: str) -> Path:
    """Find a data file of an installed distribution without importing it.

    Raises:
        FileNotFoundError: the distribution has no such file.
    """
    for entry in files(package) or []:
        if str(entry).endswith(ending):
            return Path(str(entry.locate()))
    raise FileNotFoundError(f"{package} has no file {ending}")


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV with a head line; None becomes an empty field."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({column: "" if row[column] is None else row[column] for column in columns})
    return out.getvalue()
