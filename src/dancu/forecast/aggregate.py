"""Sums of units: provinces into regions, and into the nation."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid

_BY_UNIT_AND_SEX = {"births"}


def aggregated(projection: Projection, into: Mapping[str, Sequence[str]]) -> Projection:
    """Return the projection of sums of units.

    Moves between units of one sum stay in both its arrivals and its departures.

    Args:
        into: by name of the sum, the units that make it up; a unit may be in several.

    Raises:
        Invalid: a unit is not in the projection.
    """
    place = {unit: index for index, unit in enumerate(projection.units)}
    unknown = sorted({unit for units in into.values() for unit in units} - place.keys())
    if unknown:
        raise Invalid(tuple(FieldFault(f"/units/{unit}", "is not in the projection") for unit in unknown))
    member = np.zeros((len(into), len(projection.units)))
    for row, units in enumerate(into.values()):
        member[row, [place[unit] for unit in units]] = 1

    def sums(name: str) -> Floats:
        axis = -2 if name in _BY_UNIT_AND_SEX else -3
        array = getattr(projection, name)
        return np.asarray(np.moveaxis(np.tensordot(member, array, axes=(1, array.ndim + axis)), 0, axis))

    arrays = {one.name for one in fields(projection)} - {"first_year", "units", "ages"}
    return replace(projection, units=tuple(into), **{name: sums(name) for name in arrays})


def nation_of(projection: Projection, name: str = "") -> Projection:
    """Return the projection of all units together."""
    return aggregated(projection, {name: projection.units})
