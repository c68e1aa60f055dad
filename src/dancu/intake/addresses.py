"""The unit that an address of a file lies in, in the units of the file's day."""

from datetime import date

from dancu.intake.normalise import Resolve
from dancu.reference.addresses import parse_address
from dancu.reference.model import Level, Resolved
from dancu.reference.units import unit_index

_CERTAIN = 0.6


def resolver(*, today: date) -> Resolve:
    """Make a function that finds the commune of an address.

    It answers None where the line is not certain, or names a commune that was split and does not say which part.

    Args:
        today: the day whose units count for a file that names no day.
    """
    return lambda address, day: commune_of(address, day or today)


def commune_of(address: str, day: date) -> str | None:
    """Return the code, in the units of a day, of the commune that an address names; None if it is not certain."""
    parsed = parse_address(address, day)
    unit = parsed.unit
    if unit is None or unit.level is not Level.COMMUNE or parsed.candidates or parsed.confidence < _CERTAIN:
        return None
    if unit.covers(day):
        return unit.code
    if parsed.day is None or parsed.day >= day:
        return None
    outcome = unit_index().resolve_address(address, unit.code, parsed.day, day)
    return outcome.unit.code if isinstance(outcome, Resolved) else None
