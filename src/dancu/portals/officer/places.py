"""Communes for forms: chosen by type-ahead, or recognised from what was typed."""

from datetime import date

from dancu.kernel.text import fold
from dancu.portals.officer.views import Suggestion
from dancu.reference.model import Level
from dancu.reference.suggest import suggest
from dancu.reference.units import unit_index


def commune_of(code: str, day: date) -> Suggestion | None:
    """Return the commune that has a code on a day."""
    unit = unit_index().unit_on(code, day, Level.COMMUNE)
    return Suggestion(unit.code, unit_index().full_title(unit, day)) if unit else None


def suggest_communes(text: str, day: date) -> list[Suggestion]:
    """Suggest the communes of a day, the likeliest first."""
    found = suggest(text, day=day, level=Level.COMMUNE, limit=10)
    return [Suggestion(one.unit.code, unit_index().full_title(one.unit, day)) for one in found if one.unit.covers(day)]


def communes_like(text: str, day: date) -> list[Suggestion]:
    """Return the one commune that a text names exactly, or those that it may mean."""
    found = suggest_communes(text, day)
    exact = [one for one in found if fold(one.label) == fold(text)]
    return exact if len(exact) == 1 else found


def place_text(unit: str, detail: str, unit_day: date) -> str:
    """Write a place as it was registered: free text, then the unit in the names of its day."""
    index = unit_index()
    found = index.unit_on(unit, unit_day) if unit else None
    return ", ".join(part for part in (detail, index.full_title(found, unit_day) if found else "") if part)
