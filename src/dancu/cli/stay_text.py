"""Notices of stay as text: one from options, many from the CSV file of a lodging."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid, Malformed
from dancu.kernel.text import fold
from dancu.kernel.time import STATE_TIME
from dancu.register.notices import LodgingKind, Stay

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "guest_name": ("guest_name", "ho ten", "ho va ten", "ten khach"),
    "number": ("number", "so dinh danh", "so giay to", "ho chieu"),
    "arrived_at": ("arrived_at", "den luc", "ngay den", "thoi gian den"),
    "until": ("until", "ngay di", "den ngay"),
    "born": ("born", "ngay sinh"),
    "nationality": ("nationality", "quoc tich"),
    "reason": ("reason", "ly do"),
    "unit": ("unit", "ma xa"),
    "lodging": ("lodging", "co so luu tru", "noi luu tru"),
    "lodging_kind": ("lodging_kind", "loai"),
}
"""What a column may be called; accents and capitals don't matter."""
NEEDED = ("guest_name", "number", "arrived_at", "until")
_MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")


def stay_of(told: Mapping[str, str], pointer: str = "") -> Stay:
    """Return a stay from its parts as they are written.

    Args:
        pointer: of the stay, before the names of its fields.

    Raises:
        Invalid: a part can't be read, with a fault for each.
    """
    faults: list[FieldFault] = []

    def read(name: str, value: object, message: str) -> None:
        if value is None:
            faults.append(FieldFault(f"{pointer}/{name}", message))

    arrived, until = _moment(told.get("arrived_at", "")), _day(told.get("until", ""))
    kind = next((one for one in LodgingKind if one.name.lower() == (told.get("lodging_kind") or "hotel").lower()), None)
    born, born_told = _born(told.get("born", "")), told.get("born", "")
    read("arrived_at", arrived, "Write the arrival as 2026-11-24 14:30 or 24/11/2026 14:30")
    read("until", until, "Write the day of departure as 2026-11-25 or 25/11/2026")
    read("lodging_kind", kind, f"The kinds are: {', '.join(one.name.lower() for one in LodgingKind)}")
    read("born", born if born_told else "", "Write the date of birth as 1980-05-01, 01/05/1980 or 1980")
    if faults or arrived is None or until is None or kind is None:
        raise Invalid(tuple(faults))
    return Stay(
        guest_name=told.get("guest_name", "").strip(),
        number=told.get("number", "").replace(" ", ""),
        arrived_at=arrived,
        until=until,
        unit=told.get("unit", "").strip(),
        lodging=told.get("lodging", "").strip(),
        lodging_kind=kind,
        born=born,
        nationality=told.get("nationality", "").strip() or "VNM",
        reason=told.get("reason", "").strip(),
    )


def stays_of(text: str, defaults: Mapping[str, str]) -> list[Stay]:
    """Return the stays of a CSV file, whose separator is a comma, a semicolon or a tab.

    Args:
        defaults: parts that hold for every row that does not tell them, such as the lodging.

    Raises:
        Malformed: a column that is needed is not there, or there is no row.
        Invalid: parts of rows can't be read; `/stays/0` is the first row below the names of the columns.
    """
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    names = [_column(name) for name in next(rows, [])]
    if missing := [name for name in NEEDED if name not in names and not defaults.get(name)]:
        raise Malformed(f"The file needs the columns: {', '.join(missing)}")
    found, faults = [], list[FieldFault]()
    for i, told in enumerate(_told(names, rows)):
        try:
            found.append(stay_of({**defaults, **told}, f"/stays/{i}"))
        except Invalid as error:
            faults += error.faults
    if faults:
        raise Invalid(tuple(faults))
    if not found:
        raise Malformed("The file has no rows")
    return found


def _told(names: Sequence[str], rows: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    for row in rows:
        if any(cell.strip() for cell in row):
            yield {name: cell.strip() for name, cell in zip(names, row, strict=False) if name and cell.strip()}


def _column(name: str) -> str:
    wanted = fold(name.strip("\ufeff ")).replace("-", " ")
    return next((column for column, called in COLUMNS.items() if wanted in map(fold, called)), "")


def _moment(text: str) -> datetime | None:
    for form in _MOMENTS:
        try:
            return datetime.strptime(text.strip()[:16], form).replace(tzinfo=STATE_TIME)
        except ValueError:
            continue
    return None


def _day(text: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip()[:10], form).replace(tzinfo=STATE_TIME).date()
        except ValueError:
            continue
    return None


def _born(text: str) -> PartialDate | None:
    if whole := _day(text):
        return PartialDate.on(whole)
    try:
        return PartialDate.parse(text.strip()) if text.strip() else None
    except Invalid:
        return None
