"""Builds what became of each unit: from the converter's names to codes, and hints from former names."""

import json
from collections import defaultdict
from collections.abc import Iterable

from dancu.reference.build.namesakes import without_namesakes
from dancu.reference.build.spelling import squeezed
from dancu.reference.build.tables import package_file
from dancu.reference.build.units import (
    BA_CHE_RECODED,
    EARLY_2025,
    dataset,
    state_2022,
    state_early_2025,
    state_july_2025,
)
from dancu.reference.model import TWO_LEVELS_SINCE, Part, Succession, Unit

Keys = dict[str, str]


def all_successions() -> list[Succession]:
    """Build every succession, in order of day and codes."""
    hints = [Succession(EARLY_2025, old, new, Part.HINT, False) for old, new in _hints()]
    communes = without_namesakes(_communes(), state_early_2025(), state_july_2025())
    july = _provinces() + communes
    found = [*hints, *july, *_districts(july), Succession(BA_CHE_RECODED, "06970", "06978", Part.WHOLE, True)]
    return sorted(found, key=lambda row: (row.day, len(row.from_code), row.from_code, row.to_code))


def vanished() -> list[Unit]:
    """List the units of 2022 whose code is gone in early 2025; no source names their successor."""
    late = state_early_2025()
    return [unit for code, unit in sorted(state_2022().items()) if code not in late]


def _hints() -> Iterable[tuple[str, str]]:
    former: dict[tuple[str, str], list[str]] = defaultdict(list)
    for district, ward, names in dataset("SELECT districtCode, wardCode, wardAlias FROM admin_units_legacy"):
        for name in json.loads(str(names)) if names else []:
            former[(str(district), name)].append(str(ward))
    districts = {unit.code: unit.district_code for unit in state_early_2025().values()}
    for unit in vanished():
        for code in sorted(set(former.get((unit.district_code or "", squeezed(unit.title)), []))):
            if code in districts:
                yield unit.code, code


def _converter() -> dict[str, dict[str, object]]:
    path = package_file("vietnamadminunits", "data/converter_2025.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _legacy_keys() -> tuple[Keys, Keys]:
    provinces: Keys = {}
    units: Keys = {}
    for province_key, district_key, ward_key, province, district, ward in dataset(
        "SELECT provinceKey, districtKey, wardKey, provinceCode, districtCode, wardCode FROM admin_units_legacy"
    ):
        provinces[str(province_key)] = str(province)
        units[f"{province_key}_{district_key}_{ward_key or ''}"] = str(ward or district)
    return provinces, units


def _present_keys() -> tuple[Keys, Keys]:
    provinces: Keys = {}
    communes: Keys = {}
    for province_key, ward_key, province, ward in dataset(
        "SELECT provinceKey, wardKey, provinceCode, wardCode FROM admin_units"
    ):
        provinces[str(province_key)] = str(province)
        communes[f"{province_key}_{ward_key}"] = str(ward)
    return provinces, communes


def _provinces() -> list[Succession]:
    before, after = _legacy_keys()[0], _present_keys()[0]
    return [
        Succession(TWO_LEVELS_SINCE, before[old], after[new], Part.WHOLE, True)
        for new, olds in _converter()["DICT_PROVINCE"].items()
        for old in _texts(olds)
    ]


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("the converter holds a list here")
    return [str(item) for item in value]


def _communes() -> list[Succession]:
    before, after = _legacy_keys()[1], _present_keys()[1]
    found: list[Succession] = []
    for province, wards in _converter()["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in dict(wards).items():  # type: ignore[call-overload]
            found += [
                Succession(TWO_LEVELS_SINCE, before[old], after[f"{province}_{ward}"], Part.WHOLE, True) for old in olds
            ]
    for province, olds in _converter()["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, targets in dict(olds).items():  # type: ignore[call-overload]
            found += [
                Succession(
                    TWO_LEVELS_SINCE,
                    before[old],
                    after[f"{province}_{target['newWardKey']}"],
                    Part.SPLIT,
                    bool(target["isDefaultNewWard"]),
                )
                for target in targets
            ]
    return found


def _districts(july: list[Succession]) -> list[Succession]:
    """Derive where the communes of each district went; one without communes has its own row already."""
    district_of = {unit.code: unit.district_code for unit in state_early_2025().values()}
    targets: dict[str, set[str]] = defaultdict(set)
    for row in july:
        district = district_of.get(row.from_code)
        if district:
            targets[district].add(row.to_code)
    return [
        Succession(TWO_LEVELS_SINCE, district, target, Part.WHOLE if len(found) == 1 else Part.SPLIT, len(found) == 1)
        for district, found in targets.items()
        for target in sorted(found)
    ]
