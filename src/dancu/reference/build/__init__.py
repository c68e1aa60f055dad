"""Builds the derived tables of `data/` from the packages named in SOURCES: `python -m dancu.reference.build`.

Only developers run it; it reads data files of development packages.
"""

from collections.abc import Iterable

from dancu.reference.build.calendar import HOLIDAY_COLUMNS, holidays_of_years
from dancu.reference.build.countries import COUNTRY_COLUMNS, countries
from dancu.reference.build.succession import all_successions, vanished
from dancu.reference.build.tables import as_csv
from dancu.reference.build.units import EARLY_2025, all_units
from dancu.reference.model import OBSERVED_EARLY, TWO_LEVELS_SINCE, Succession, Unit
from dancu.reference.tables import SUCCESSION_COLUMNS, UNIT_COLUMNS, unit_fields

LISTED_COLUMNS = ("code", "title", "province_code", "district_code", "gone_between", "and", "hint")


def derived_tables() -> dict[str, str]:
    """Build the text of every derived table by name."""
    units, successions = all_units(), all_successions()
    return {
        "units_2022_north": _units(u for u in units if u.valid_from == OBSERVED_EARLY and u.province_code < "44"),
        "units_2022_south": _units(u for u in units if u.valid_from == OBSERVED_EARLY and u.province_code >= "44"),
        "units_2025_early": _units(u for u in units if u.valid_from == EARLY_2025),
        "units_2025_july": _units(u for u in units if u.valid_from >= TWO_LEVELS_SINCE),
        "successions_hint": _successions(s for s in successions if s.day == EARLY_2025),
        "successions_2025_july": _successions(s for s in successions if s.day == TWO_LEVELS_SINCE),
        "successions_2026": _successions(s for s in successions if s.day > TWO_LEVELS_SINCE),
        "units_without_successor": _listed(successions),
        "countries": as_csv(COUNTRY_COLUMNS, countries()),
        "holidays": as_csv(HOLIDAY_COLUMNS, holidays_of_years()),
    }


def _units(units: Iterable[Unit]) -> str:
    return as_csv(UNIT_COLUMNS, map(unit_fields, units))


def _successions(successions: Iterable[Succession]) -> str:
    return as_csv(SUCCESSION_COLUMNS, ({c: getattr(row, c) for c in SUCCESSION_COLUMNS} for row in successions))


def _listed(successions: Iterable[Succession]) -> str:
    hints: dict[str, list[str]] = {}
    for row in successions:
        if row.day == EARLY_2025:
            hints.setdefault(row.from_code, []).append(row.to_code)
    return as_csv(
        LISTED_COLUMNS,
        (
            {
                "code": unit.code,
                "title": unit.title,
                "province_code": unit.province_code,
                "district_code": unit.district_code,
                "gone_between": "2022-10-01",
                "and": "2025-03-01",
                "hint": " ".join(hints.get(unit.code, [])),
            }
            for unit in vanished()
        ),
    )
