"""Scenarios in files: TOML or JSON, with the version of the form.

schema = 1
name = "industrial-zone"
title = "Khu công nghiệp phía bắc"

[[change]]
kind = "transfer"
add = 40000
units = ["24"]
ages = [20, 34]
first_year = 2028
last_year = 2032
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dancu.forecast.axes import FEMALE, MALE, OLDEST, SEXES
from dancu.forecast.scenarios.model import SCHEMA, Change, Kind, Scenario
from dancu.kernel.errors import Conflict, FieldFault, Invalid, Malformed, NotFound

_ENDINGS = (".toml", ".json")
_FIELDS = {"schema", "name", "title", "change"}
_CHANGE_FIELDS = {
    "kind",
    "first_year",
    "by",
    "last_year",
    "units",
    "origins",
    "ages",
    "sexes",
    "to",
    "factor",
    "add",
}


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a file.

    Raises:
        NotFound: there is no such file.
        Malformed: it is neither TOML nor JSON.
        Invalid: a field is wrong, and which one.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path.name} in {path.parent}")
    text = path.read_text(encoding="utf-8")
    try:
        told = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise Malformed(f"{path.name} cannot be read: {error}") from None
    return scenario_of(told)


def scenario_of(told: object) -> Scenario:
    """Return the scenario that data of JSON's types tell of.

    Raises:
        Invalid: a field is wrong, and which one; all of them are named.
    """
    if not isinstance(told, Mapping):
        raise Invalid((FieldFault("", "is no table of fields"),))
    faults = [FieldFault(f"/{name}", "there is no such field") for name in sorted(set(told) - _FIELDS)]
    if told.get("schema") != SCHEMA:
        faults.append(FieldFault("/schema", f"is {told.get('schema')!r}; this version reads {SCHEMA}"))
    if not isinstance(told.get("name"), str):
        faults.append(FieldFault("/name", "is missing or no text"))
    listed = told.get("change", [])
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        faults.append(FieldFault("/change", "is no list"))
        listed = []
    changes = []
    for at, one in enumerate(listed):
        try:
            changes.append(_change(one))
        except Invalid as wrong:
            faults += [FieldFault(f"/change/{at}{fault.pointer}", fault.message) for fault in wrong.faults]
    if faults:
        raise Invalid(tuple(faults))
    return Scenario(str(told["name"]), tuple(changes), str(told.get("title", "")))


def data_of(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as data of JSON's types."""
    changes = []
    for change in scenario.changes:
        told: dict[str, Any] = {"kind": str(change.kind), change.manner: change.value, "first_year": change.first_year}
        told |= {name: year for name in ("by", "last_year") if (year := getattr(change, name)) is not None}
        told |= {name: list(units) for name in ("units", "origins") if (units := getattr(change, name))}
        if change.ages != (0, OLDEST):
            told["ages"] = list(change.ages)
        if len(change.sexes) == 1:
            told["sexes"] = [SEXES[sex] for sex in change.sexes]
        changes.append(told)
    return {"schema": SCHEMA, "name": scenario.name, "title": scenario.title, "change": changes}


def store(scenario: Scenario, folder: Path, *, replacing: bool = False) -> Path:
    """Write a scenario to the file of its name in a folder.

    Raises:
        Conflict: there is one of that name already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scenario.name}.json"
    if not replacing and any((folder / f"{scenario.name}{ending}").exists() for ending in _ENDINGS):
        raise Conflict(f"There is a scenario {scenario.name} in {folder} already")
    path.write_text(json.dumps(data_of(scenario), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def stored(folder: Path) -> dict[str, Scenario]:
    """Read all scenarios of a folder, by name.

    Raises:
        Conflict: two files have one name.
    """
    found: dict[str, Scenario] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in _ENDINGS:
            one = read_scenario(path)
            if one.name in found:
                raise Conflict(f"Two files of {folder} are named {one.name}")
            found[one.name] = one
    return found


def _change(told: object) -> Change:
    if not isinstance(told, Mapping):
        raise Invalid((FieldFault("", "is no table of fields"),))
    faults = [FieldFault(f"/{name}", "there is no such field") for name in sorted(set(told) - _CHANGE_FIELDS)]
    kinds = [str(kind) for kind in Kind]
    if told.get("kind") not in kinds:
        faults.append(FieldFault("/kind", f"{told.get('kind')!r} is not one of {', '.join(kinds)}"))
    for name, needed in (("first_year", True), ("by", False), ("last_year", False)):
        if (needed or name in told) and not _is_whole(told.get(name)):
            faults.append(FieldFault(f"/{name}", "is missing or no year"))
    faults += [
        FieldFault(f"/{name}", "is no number")
        for name in ("to", "factor", "add")
        if name in told and not _is_number(told[name])
    ]
    faults += [
        FieldFault(f"/{name}", "is no list of names")
        for name in ("units", "origins")
        if name in told and not _is_list_of(told[name], str)
    ]
    ages = told.get("ages", [0, OLDEST])
    if not _is_list_of(ages, int) or len(ages) != 2:
        faults.append(FieldFault("/ages", "is no list of a first and a last age"))
    sexes = told.get("sexes", list(SEXES))
    if not _is_list_of(sexes, str) or not set(sexes) <= set(SEXES):
        faults.append(FieldFault("/sexes", f"is no list of {' and '.join(SEXES)}"))
    if faults:
        raise Invalid(tuple(faults))
    return Change(
        kind=Kind(told["kind"]),
        first_year=told["first_year"],
        by=told.get("by"),
        last_year=told.get("last_year"),
        units=tuple(told.get("units", ())),
        origins=tuple(told.get("origins", ())),
        ages=(ages[0], ages[1]),
        sexes=tuple(sex for sex in (MALE, FEMALE) if SEXES[sex] in sexes),
        to=told.get("to"),
        factor=told.get("factor"),
        add=told.get("add"),
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) and not isinstance(one, bool) for one in value)
