"""Where a place of any era lies today: the territorial key by which access to a person is decided."""

from datetime import date
from functools import lru_cache

from dancu.reference.model import Level, NoSuccessor, Resolved, Split, Unit
from dancu.reference.units import unit_index


def latest_day() -> date:
    """Return the last day on which units changed: the units of today are those since then."""
    return unit_index().change_days[-1]


@lru_cache(maxsize=200_000)
def _whole(unit: str, unit_day: date) -> tuple[str | None, str | None, bool]:
    """(province, commune, whether the address must decide)."""
    if not unit:
        return None, None, False
    outcome = unit_index().successors(unit, min(unit_day, latest_day()), latest_day())
    match outcome:
        case Resolved(unit=found):
            return (*_keys(found), False)
        case Split(candidates=candidates):
            return _province_of(candidates), None, True
        case NoSuccessor():
            province = unit_index().later_province(unit, min(unit_day, latest_day()), latest_day())
            return province.code if province else None, None, False


def locate(unit: str, unit_day: date, detail: str) -> tuple[str | None, str | None]:
    """Return today's (province, commune) of a place.

    An old commune that was split is decided by the address text where that names one part;
    otherwise the commune stays None and only the province, if it is the same for all parts, is told.
    Nothing is guessed.

    Args:
        unit: code of 2, 3 or 5 digits.
        unit_day: the day whose unit it is.
        detail: the rest of the address.
    """
    province, commune, address_decides = _whole(unit, unit_day)
    if address_decides and detail:
        outcome = unit_index().resolve_address(detail, unit, min(unit_day, latest_day()), latest_day())
        if isinstance(outcome, Resolved):
            return _keys(outcome.unit)
    return province, commune


def _keys(unit: Unit) -> tuple[str | None, str | None]:
    if unit.level is Level.COMMUNE:
        return unit.province_code, unit.code
    return unit.province_code or (unit.code if unit.level is Level.PROVINCE else None), None


def _province_of(units: tuple[Unit, ...]) -> str | None:
    provinces = {_keys(unit)[0] for unit in units}
    return provinces.pop() if len(provinces) == 1 else None
