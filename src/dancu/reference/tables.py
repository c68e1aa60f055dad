"""The committed tables, read from `data/*.csv`."""

import csv
import hashlib
import io
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files

from dancu.reference.model import Kind, Part, Precision, Succession, Unit

UNIT_COLUMNS = (
    "code", "valid_from", "valid_from_precision", "valid_to", "valid_to_precision",
    "kind", "name", "province_code", "district_code", "lat", "lon", "area_km2",
)  # fmt: skip
SUCCESSION_COLUMNS = ("day", "from_code", "to_code", "part", "is_default")
UNIT_TABLES = ("units_2022_north", "units_2022_south", "units_2025_early", "units_2025_july")


def read_text(table: str) -> str:
    """Return the text of one table, `data/<table>.csv`."""
    return files("dancu.reference").joinpath("data", f"{table}.csv").read_text(encoding="utf-8")


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of one table, every field as text."""
    return list(csv.DictReader(io.StringIO(read_text(table))))


@cache
def table_names() -> tuple[str, ...]:
    """List the tables that are committed, in order of name."""
    entries = files("dancu.reference").joinpath("data").iterdir()
    return tuple(sorted(entry.name.removesuffix(".csv") for entry in entries if entry.name.endswith(".csv")))


@cache
def digest() -> str:
    """Return SHA-256 over all tables, in hex; it changes when any of them does."""
    total = hashlib.sha256()
    for table in table_names():
        total.update(f"{table}\n{read_text(table)}\n".encode())
    return total.hexdigest()


def unit_fields(unit: Unit) -> dict[str, object]:
    """Return a unit as the fields of a row."""
    return {column: getattr(unit, column) for column in UNIT_COLUMNS}


def read_units() -> list[Unit]:
    """Read every version of every unit of all eras."""
    return [_unit(row) for table in UNIT_TABLES for row in _raw(table)]


def read_successions() -> list[Succession]:
    """Read what became of each unit."""
    return [
        Succession(date.fromisoformat(day), old, new, Part(part), is_default == "True")
        for table in ("successions_hint", "successions_2025_july", "successions_2026")
        for day, old, new, part, is_default in _raw(table)
    ]


def _raw(table: str) -> Iterable[list[str]]:
    reader = csv.reader(io.StringIO(read_text(table)))
    next(reader)
    return reader


_KINDS = {kind.value: kind for kind in Kind}
_PRECISIONS = {precision.value: precision for precision in Precision}


def _unit(row: list[str]) -> Unit:
    code, since, since_precision, until, until_precision, kind, name, province, district, lat, lon, area = row
    return Unit(
        code,
        date.fromisoformat(since),
        _PRECISIONS[since_precision],
        date.fromisoformat(until) if until else None,
        _PRECISIONS[until_precision] if until else None,
        _KINDS[kind],
        name,
        province,
        district or None,
        float(lat) if lat else None,
        float(lon) if lon else None,
        float(area) if area else None,
    )
