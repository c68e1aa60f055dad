"""Pictures of forecasts: what is drawn is what the projection says."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import PathPatch, Rectangle
from tests.forecast_past import write_past
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.forecast import Population, Projection, Rates, project
from dancu.forecast.axes import AGES, FEMALE, FERTILE_AGES, FIVE_YEAR, MALE, folded
from dancu.forecast.pictures import change_map, fan, percent_change, pyramid, read_geometry, save
from dancu.forecast.results import bands_of
from dancu.kernel.errors import Invalid, Malformed, NotFound

UNITS = ("48", "79")


def a_projection(*, trajectories: int = 0) -> Projection:
    rng = np.random.default_rng(3)
    counts = rng.gamma(2, 5000, (*((trajectories,) if trajectories else ()), 2, 2, AGES))
    shape = (5, 2, 2, AGES)
    rates = Rates(2026, UNITS, np.full(shape, 0.01), np.full((5, 2, FERTILE_AGES), 0.04), np.ones((5, 2)))
    return project(Population(2026, UNITS, counts), rates, until=2031)


def square(west: float, south: float) -> list[list[float]]:
    return [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]


@pytest.fixture
def outlines(tmp_path: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "id": unit,
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [square(x, 10)]},
        }
        for unit, x in (("48", 106.0), ("79", 107.5), ("01", 105.0))
    ]
    path = tmp_path / "outlines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_a_year_or_a_unit_that_is_not_there_is_named() -> None:
    with pytest.raises(Invalid, match="1999 is not one of 2026 to 2031"):
        pyramid(a_projection(), 1999)
    with pytest.raises(Invalid, match="There is no unit 99"):
        pyramid(a_projection(), 2030, unit="99")
    with pytest.raises(Invalid, match="There is no unit 99"):
        fan(bands_of(a_projection(trajectories=5)), "99")


def test_a_picture_of_another_ending_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    figure = pyramid(a_projection(), 2030)
    with pytest.raises(Malformed, match=r"\.png"):
        save(figure, tmp_path / "picture.doc")
    assert list(tmp_path.iterdir()) == []


def test_no_outlines_are_said_to_be_none(tmp_path: Path, outlines: Path) -> None:
    with pytest.raises(NotFound):
        read_geometry(tmp_path / "nowhere.json")
    (tmp_path / "text.json").write_text("[]")
    with pytest.raises(Malformed, match="no polygons"):
        read_geometry(tmp_path / "text.json")
    with pytest.raises(Invalid, match="no unit of it has an outline"):
        change_map(read_geometry(outlines), {"99": 1.0})


def test_bars_of_a_pyramid_are_the_people_males_to_the_left() -> None:
    projection = a_projection()
    axes = pyramid(projection, 2030, unit="79").axes[0]
    bars = [one.get_width() for one in axes.patches if isinstance(one, Rectangle)]
    people = folded(projection.stock[4, 1], FIVE_YEAR) / 1000
    np.testing.assert_allclose(bars, np.concatenate((-people[MALE], people[FEMALE])))


def test_the_line_of_the_other_year_stands_at_the_ends_of_its_bars() -> None:
    projection = a_projection()
    axes = pyramid(projection, 2030, against=2026).axes[0]
    people = folded(projection.stock[0].sum(axis=0), FIVE_YEAR) / 1000
    line = next(one for one in axes.lines if one.get_label() == "2026")
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    for group in range(len(FIVE_YEAR)):
        side = x[(np.abs(y - group + 0.5) < 1e-9) | (np.abs(y - group - 0.5) < 1e-9)]
        assert np.isclose(side, people[FEMALE, group]).sum() >= 2


def test_a_fan_draws_the_median_and_two_bands_in_the_reader_s_language() -> None:
    bands = bands_of(a_projection(trajectories=50))
    axes = fan(bands, "48", language="vi").axes[0]
    np.testing.assert_allclose(np.asarray(axes.lines[0].get_ydata(), dtype=float) * 1_000_000, bands.of("48").median)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["Khoảng 95 %", "Khoảng 80 %", "Trung vị"]


def test_each_unit_is_filled_by_its_change_and_the_archipelago_is_named(outlines: Path) -> None:
    axes = change_map(read_geometry(outlines), {"48": -10.0, "79": 10.0}).axes[0]
    fills = [one.get_facecolor() for one in axes.patches if isinstance(one, PathPatch)]
    assert len(set(fills)) == 3
    assert [text.get_text() for text in axes.texts] == ["Hoàng Sa\n(Đà Nẵng)"]


def test_a_topology_gives_the_same_outline_as_plain_coordinates(tmp_path: Path) -> None:
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.5], "translate": [105, 10]},
        "arcs": [[[0, 0], [2, 0], [0, 2]], [[0, 0], [0, 2], [2, 0]]],
        "objects": {
            "provinces": {
                "type": "GeometryCollection",
                "geometries": [{"type": "Polygon", "id": "01", "arcs": [[0, -2]]}],
            }
        },
    }
    path = tmp_path / "outlines.topojson"
    path.write_text(json.dumps(topology))
    (ring,) = read_geometry(path).rings["01"]
    np.testing.assert_allclose(ring, square(105, 10))


def test_change_is_told_in_per_cent() -> None:
    projection = a_projection()
    total = projection.total
    assert percent_change(projection, 2026, 2031)["79"] == pytest.approx(100 * (total[-1, 1] / total[0, 1] - 1))


def test_pictures_are_drawn_at_the_command_line(tmp_path: Path) -> None:
    past, out = write_past(tmp_path / "past"), tmp_path / "result.parquet"

    def called(*words: object) -> None:
        done = CliRunner().invoke(app, ["forecast", *map(str, words)])
        assert done.exit_code == 0, done.output

    called("run", "--past", past, "--to", 2015, "--out", out, "--trajectories", 30, "--no-tried")
    called("picture", out, "--kind", "pyramid", "--out", tmp_path / "pyramid.svg")
    called("picture", tmp_path / "result-bands.parquet", "--kind", "fan", "--unit", "a", "--out", tmp_path / "fan.png")
    assert (tmp_path / "pyramid.svg").read_text().startswith("<?xml")
    assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")
