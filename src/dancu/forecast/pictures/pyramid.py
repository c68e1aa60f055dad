"""Pyramids: who is how old, males to the left, one year filled and another one as a line."""

from typing import TYPE_CHECKING

import numpy as np

from dancu.forecast.axes import FEMALE, FIVE_YEAR, MALE, Floats, folded
from dancu.forecast.model import Projection
from dancu.forecast.pictures.canvas import FEMALE_COLOUR, INK, MALE_COLOUR, Language, canvas, number, word
from dancu.kernel.errors import FieldFault, Invalid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def pyramid(
    projection: Projection,
    year: int,
    *,
    against: int | None = None,
    unit: str | None = None,
    title: str = "",
    language: Language = "vi",
) -> "Figure":
    """Draw the pyramid of 1 January of a year.

    Args:
        projection: one course with single ages.
        against: a second year, drawn as a line.
        unit: None for all units together.

    Raises:
        Invalid: the year or the unit is not there, or there are trajectories.
        Unavailable: matplotlib is not installed.
    """
    filled = _thousands(projection, year, unit)
    figure, axes = canvas(5.2, 5.6)
    places = np.arange(len(FIVE_YEAR))
    for sex, sign, colour in ((MALE, -1, MALE_COLOUR), (FEMALE, 1, FEMALE_COLOUR)):
        axes.barh(
            places,
            sign * filled[sex],
            height=0.92,
            color=colour,
            label=word("male" if sign < 0 else "female", language),
        )
    if against is not None:
        edges = np.repeat(np.arange(len(FIVE_YEAR) + 1) - 0.5, 2)[1:-1]
        other = np.repeat(_thousands(projection, against, unit), 2, axis=-1)
        axes.plot(-other[MALE], edges, color=INK, linewidth=1.2)
        axes.plot(other[FEMALE], edges, color=INK, linewidth=1.2, label=str(against))
    _label(axes, language)
    axes.set_title(title or f"{unit or word('all', language)}, {year}", loc="left", fontsize=11, fontweight="bold")
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    return figure


def _label(axes: "Axes", language: Language) -> None:
    labels = [f"{age}–{age + 4}" for age in FIVE_YEAR[:-1]] + [f"{FIVE_YEAR[-1]}+"]
    axes.set_yticks(np.arange(len(FIVE_YEAR)), labels)
    axes.set_ylim(-0.7, len(FIVE_YEAR) - 0.3)
    axes.xaxis.set_major_formatter(lambda value, _: number(abs(value), language))
    axes.set_xlabel(word("thousand", language), fontsize=9)
    axes.axvline(0, color="white", linewidth=1)
    edge = max(abs(limit) for limit in axes.get_xlim())
    axes.set_xlim(-edge, edge)


def _thousands(projection: Projection, year: int, unit: str | None) -> Floats:
    """Persons by sex and five-year group, in thousands `(sex, group)`."""
    faults = []
    if year not in projection.years:
        faults.append(FieldFault("/year", f"{year} is not one of {projection.years[0]} to {projection.years[-1]}"))
    if unit is not None and unit not in projection.units:
        faults.append(FieldFault("/unit", f"There is no unit {unit}"))
    if projection.trajectories is not None:
        faults.append(FieldFault("/trajectories", "A pyramid shows one course"))
    if faults:
        raise Invalid(tuple(faults))
    people = projection.stock[year - projection.first_year]
    chosen = people.sum(axis=0) if unit is None else people[projection.units.index(unit)]
    return folded(chosen, FIVE_YEAR) / 1000
