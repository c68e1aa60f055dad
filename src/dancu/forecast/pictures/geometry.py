"""Shapes of units, read from a GeoJSON or TopoJSON file that the user brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dancu.forecast.axes import Floats
from dancu.kernel.errors import Malformed, NotFound


@dataclass(frozen=True)
class Geometry:
    """Outlines of units.

    Args:
        rings: of each unit, by its id; every ring is degrees of longitude and latitude `(point, 2)`.
    """

    rings: Mapping[str, tuple[Floats, ...]]


def read_geometry(path: Path, layer: str = "") -> Geometry:
    """Read the outlines of units by their ids.

    Args:
        layer: the object of a TopoJSON file; the first one whose name holds `provinc` by default, else the first.

    Raises:
        NotFound: there is no such file or layer.
        Malformed: it is no GeoJSON or TopoJSON of polygons with ids.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}")
    try:
        read = msgspec.json.decode(path.read_bytes())
        kind = read["type"]
        features = _features(read) if kind == "FeatureCollection" else _of_topology(read, layer)
        rings = {str(one["id"]): tuple(ring for ring in _rings(one["geometry"])) for one in features}
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise Malformed(f"{path.name} holds no polygons with ids in GeoJSON or TopoJSON") from error
    return Geometry(rings)


def _features(read: Any) -> list[dict[str, Any]]:
    return [{"id": one.get("id", one["properties"].get("id")), "geometry": one["geometry"]} for one in read["features"]]


def _rings(geometry: Mapping[str, Any]) -> list[Floats]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [np.asarray(ring, dtype=float) for polygon in polygons for ring in polygon]


def _of_topology(read: Any, layer: str) -> list[dict[str, Any]]:
    objects = read["objects"]
    chosen = layer or next((name for name in objects if "provinc" in name.lower()), next(iter(objects)))
    if chosen not in objects:
        raise NotFound(f"There is no layer {chosen}; there are {', '.join(objects)}")
    arcs = [_arc(arc, read.get("transform")) for arc in read["arcs"]]
    return [
        {"id": one["id"], "geometry": _joined(one, arcs)}
        for one in objects[chosen]["geometries"]
        if one["type"] in {"Polygon", "MultiPolygon"}
    ]


def _arc(arc: Sequence[Sequence[float]], transform: Mapping[str, Sequence[float]] | None) -> Floats:
    points = np.asarray(arc, dtype=float)[:, :2]
    if transform is None:
        return points
    return np.asarray(np.cumsum(points, axis=0) * transform["scale"] + transform["translate"])


def _joined(one: Mapping[str, Any], arcs: Sequence[Floats]) -> dict[str, Any]:
    polygons = one["arcs"] if one["type"] == "MultiPolygon" else [one["arcs"]]
    rings = [[_ring(ring, arcs) for ring in polygon] for polygon in polygons]
    return {"type": "MultiPolygon", "coordinates": rings}


def _ring(indices: Sequence[int], arcs: Sequence[Floats]) -> Floats:
    """A negative index is an arc that is run through backwards."""
    parts = [arcs[at] if at >= 0 else arcs[~at][::-1] for at in indices]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
