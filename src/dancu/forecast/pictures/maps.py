"""Maps of change: units filled by how much their population grows or shrinks.

Hoàng Sa and Trường Sa are drawn and named with their provinces on every map that holds these.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dancu.forecast.model import Projection
from dancu.forecast.pictures.canvas import FAINT, INK, Language, canvas, number, word
from dancu.forecast.pictures.geometry import Geometry
from dancu.kernel.errors import FieldFault, Invalid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ARCHIPELAGOS = {
    # id of the province: name, name of the province, longitude and latitude of the middle
    "48": ("Hoàng Sa", "Đà Nẵng", 112.0, 16.5),
    "56": ("Trường Sa", "Khánh Hòa", 114.0, 9.9),
}
_SMALL_ISLANDS_EAST_OF = 110.0


def percent_change(course: Projection, first: int, last: int) -> dict[str, float]:
    """Return by how much per cent the people of each unit change from one 1 January to another.

    Raises:
        Invalid: a year is not there.
    """
    if strange := [year for year in (first, last) if year not in course.years]:
        raise Invalid(tuple(FieldFault("/year", f"{year} is not one of the forecast's") for year in strange))
    before, after = (course.total[year - course.first_year] for year in (first, last))
    change = 100 * (after / np.maximum(before, 1e-9) - 1)
    return {unit: float(change[at]) for at, unit in enumerate(course.units)}


def change_map(
    geometry: Geometry, change: Mapping[str, float], *, title: str = "", language: Language = "vi"
) -> "Figure":
    """Draw by how much per cent each unit changes.

    Args:
        geometry: outlines by the ids of units.
        change: per cent by id; units without are drawn as such.

    Raises:
        Invalid: no unit of the change has an outline.
        Unavailable: matplotlib is not installed.
    """
    if not set(change) & set(geometry.rings):
        raise Invalid((FieldFault("/change", "no unit of it has an outline"),))
    figure, axes = canvas(6.6, 7.4)
    from matplotlib import colormaps  # noqa: PLC0415 -- only pictures need it
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415
    from matplotlib.colors import Normalize  # noqa: PLC0415
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path as Outline  # noqa: PLC0415

    widest = max(float(np.max(np.abs(list(change.values())))), 1.0)
    shade = ScalarMappable(Normalize(-widest, widest), colormaps["PuOr_r"])
    fills = {unit: shade.to_rgba(np.array(value)) for unit, value in change.items()}
    for unit, rings in geometry.rings.items():
        whole = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
        fill = fills.get(unit, FAINT)
        axes.add_patch(PathPatch(whole, facecolor=fill, edgecolor="#8c959f", linewidth=0.4))
    _archipelagos(axes, geometry, fills)
    axes.autoscale_view()
    axes.set_aspect(1 / np.cos(np.radians(16)))
    axes.set_axis_off()
    axes.set_title(title or word("change", language), loc="left", fontsize=11, fontweight="bold")
    if set(geometry.rings) - set(change):
        axes.scatter([], [], marker="s", s=60, color=FAINT, label=word("unknown", language))
        axes.legend(frameon=False, fontsize=8, loc="lower left")
    bar = figure.colorbar(shade, ax=axes, orientation="horizontal", shrink=0.5, pad=0.02, aspect=30)
    bar.ax.xaxis.set_major_formatter(lambda value, _: number(value, language))
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    return figure


def _archipelagos(axes: "Axes", geometry: Geometry, fills: Mapping[str, object]) -> None:
    """Draw small islands as dots that can be seen, and name them."""
    for unit, (name, province, longitude, latitude) in _ARCHIPELAGOS.items():
        if unit not in geometry.rings:
            continue
        middles = [ring.mean(axis=0) for ring in geometry.rings[unit] if ring[:, 0].min() > _SMALL_ISLANDS_EAST_OF]
        places = np.array(middles) if middles else np.array([[longitude, latitude]])
        axes.scatter(
            places[:, 0], places[:, 1], s=9, color=fills.get(unit, FAINT), edgecolor=INK, linewidth=0.4, zorder=3
        )
        axes.annotate(
            f"{name}\n({province})",
            (longitude, places[:, 1].min()),
            xytext=(0, -5),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            color=INK,
        )
