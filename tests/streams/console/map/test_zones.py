"""From zones to shapes: holes, directions, seams, clips, budgets."""

import numpy as np
import pytest
import shapely

from geo.zones import read_zones
from streams.console.map.scene import Scene, Style, Symbol, Window
from streams.console.map.zones import BUDGET, draw, scene_of_zones, seam
from tests.streams.console.map.sample import SOURCE, box, zones


def area(scene: Scene, style: Style) -> shapely.Geometry:
    """Everything of one style that is filled, as the renderers fill it: even-odd."""
    found: shapely.Geometry = shapely.Polygon()
    for shape in scene.shapes:
        if shape.style is style and shape.filled:
            for path in shape.paths:
                found = shapely.symmetric_difference(found, shapely.Polygon(path))
    return found


def test_a_port_is_a_hole_in_what_is_drawn_of_the_territory() -> None:
    """Law: the drawn territory is the territory without its ports."""
    territory, port = zones().by_id["quiet-bay"].geometry, zones().by_id["port"].geometry
    drawn = area(scene_of_zones(zones()), Style.TERRITORY)
    assert shapely.equals(drawn, shapely.difference(territory, port))


def test_arrows_point_along_a_line_and_ticks_to_its_left() -> None:
    """Law: a line to the south has arrows to the south and its inside in the east."""
    marks = scene_of_zones(zones()).marks
    arrows = {round(mark.turn_deg) % 360 for mark in marks if mark.symbol is Symbol.ARROW}
    ticks = {round(mark.turn_deg) % 360 for mark in marks if mark.symbol is Symbol.INSIDE}
    assert (arrows, ticks) == ({180}, {90})


def test_sources_and_accuracy_are_carried_in() -> None:
    """Law: every source is named, and a border of limited accuracy has a band of twice that width."""
    scene = scene_of_zones(zones())
    assert scene.sources == (SOURCE,)
    assert [shape.width_m for shape in scene.shapes if shape.style is Style.BAND] == [240.0]


def test_zones_on_both_sides_of_the_antimeridian_are_drawn_together() -> None:
    """Law: the map of a zone over the antimeridian is as wide as the zone, not as the world."""
    west, east = box(179.5, -17, 180, -16)["coordinates"], box(-180, -17, -179.5, -16)["coordinates"]
    feature = {
        "type": "Feature",
        "properties": {"zone_id": "f", "kind": "territory", "name": "F"},
        "geometry": {"type": "MultiPolygon", "coordinates": [west, east]},
    }
    scene = scene_of_zones(read_zones({"type": "FeatureCollection", "features": [feature]}))
    assert scene.start.east - scene.start.west < 1.2
    assert shapely.area(area(scene, Style.TERRITORY)) == pytest.approx(1.0)
    assert seam(zones()) == -180.0


def test_a_clip_leaves_no_edge_of_its_own() -> None:
    """Law: the outline of a clipped zone lies on the zone's border; the edges of the clip are not drawn."""
    clip = Window(-29.98, 44.9, -29.9, 45.2)
    drawn = draw(zones(), clip, clip=clip)
    border = zones().by_id["quiet-bay"].geometry.boundary
    outlines = [s for s in drawn.shapes if s.style is Style.TERRITORY and not s.filled]
    assert outlines
    for path in (path for shape in outlines for path in shape.paths):
        middles = (path[1:] + path[:-1]) / 2
        on_border = [
            shapely.Point(x, y).distance(border) < 1e-6
            or shapely.Point(x, y).distance(zones().by_id["port"].geometry) < 1e-6
            for x, y in middles
        ]
        assert all(on_border)


def test_too_many_positions_are_thinned_and_that_is_said() -> None:
    """Law: no map holds more positions than its budget, and one that was thinned says by how much."""
    turn = np.linspace(0, 2 * np.pi, 2 * BUDGET)
    ring = np.column_stack([np.cos(turn), np.sin(turn) + 0.01 * np.sin(900 * turn)])
    ring[-1] = ring[0]
    geometry = {"type": "Polygon", "coordinates": [ring.tolist()]}
    feature = {
        "type": "Feature",
        "properties": {"zone_id": "c", "kind": "lane", "name": "C", "accuracy_m": 0.1},
        "geometry": geometry,
    }
    scene = scene_of_zones(read_zones({"type": "FeatureCollection", "features": [feature]}, mend=True))
    assert sum(len(path) for shape in scene.shapes for path in shape.paths) <= BUDGET
    assert "simplified" in scene.notes[0]
    assert all(shape.style is not Style.BAND for shape in scene.shapes)  # 0.1 m around an outline that is further off
    assert scene_of_zones(zones()).notes == ()
