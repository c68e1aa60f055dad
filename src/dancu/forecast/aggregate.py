"""Sums of units: provinces into regions, and into the nation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid


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

    def summed(array: Floats, axis: int) -> Floats:
        return np.asarray(np.moveaxis(np.tensordot(member, array, axes=(1, array.ndim + axis)), 0, axis))

    return replace(
        projection,
        units=tuple(into),
        stock=summed(projection.stock, -3),
        births=summed(projection.births, -2),
        deaths=summed(projection.deaths, -3),
        immigrants=summed(projection.immigrants, -3),
        emigrants=summed(projection.emigrants, -3),
        moved_in=summed(projection.moved_in, -3),
        moved_out=summed(projection.moved_out, -3),
    )


def nation_of(projection: Projection, name: str = "") -> Projection:
    """Return the projection of all units together."""
    return aggregated(projection, {name: projection.units})
