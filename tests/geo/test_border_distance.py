"""Signed distance to a zone's border."""

import numpy as np
import pyproj
import pytest
import shapely

from geo.fence import Fence
from geo.zones import ZoneKind, ZoneSet
from tests.geo.shapes import edge_world, star, zone

GEOD = pyproj.Geod(ellps="WGS84")


def oracle_m(polygon: shapely.Polygon, lon: float, lat: float) -> float:
    """Nearest point of the densified border, by the geodesic."""
    ring = shapely.segmentize(polygon.boundary, 1e-4)
    xy = shapely.get_coordinates(ring)
    near = xy[np.hypot((xy[:, 0] - lon) * np.cos(np.radians(lat)), xy[:, 1] - lat) < 0.2]
    _, _, metres = GEOD.inv(np.full(len(near), lon), np.full(len(near), lat), near[:, 0], near[:, 1])
    return float(np.min(metres))


@pytest.mark.parametrize("lat", [0.0, 35.0, 60.0, 75.0])
def test_within_a_metre_up_to_five_kilometres(lat: float) -> None:
    """Law: within 5 km of the border the distance is the geodesic one within 1 m, positive inside."""
    rng = np.random.default_rng(int(lat))
    polygon = star(rng, 10, lat, 0.4, 30)
    fence = Fence(ZoneSet((zone("a", polygon),)))
    at = shapely.get_coordinates(polygon.boundary.interpolate(rng.random(30), normalized=True))
    points = at + rng.normal(0, 0.012, (30, 2)) / [np.cos(np.radians(lat)), 1]
    checked = 0
    for lon, point_lat in points.tolist():
        expected = oracle_m(polygon, lon, point_lat)
        if expected < 5000:
            found = fence.distance_m(lon, point_lat, "a")
            assert abs(found) == pytest.approx(expected, abs=1.0)
            assert (found > 0) == polygon.covers(shapely.Point(lon, point_lat))
            checked += 1
    assert checked > 15


def test_a_port_makes_a_border_of_the_territory() -> None:
    """Law: inside a port one is outside the territory, by the distance to the port's border."""
    land, port = zone("land", shapely.box(0, 0, 4, 4)), zone("port", shapely.box(1, 1, 2, 2), ZoneKind.PORT_OF_ENTRY)
    fence = Fence(ZoneSet((land, port)))
    assert fence.distance_m(1.5, 1.1, "land") == pytest.approx(-11_057, abs=5)
    assert fence.distance_m(1.5, 1.1, "port") == pytest.approx(11_057, abs=5)
    assert fence.distance_m(1.5, 0.9, "land") == pytest.approx(11_057, abs=5)


def test_the_antimeridian_is_no_border() -> None:
    """Law: for a country on both sides of longitude 180 the cut is not a border, and the far half counts."""
    fence = Fence(edge_world())
    _, _, expected = GEOD.inv(-179.99, -15, 178.0, -15)
    assert fence.distance_m(-179.99, -15.0, "cut") == pytest.approx(expected, rel=0.002)
    _, _, expected = GEOD.inv(179.0, -15, 178.0, -15)
    assert fence.distance_m(179.0, -15.0, "cut") == pytest.approx(expected, rel=0.002)


def test_side_of_a_line() -> None:
    """Law: left of a border line is positive, also beyond a sharp corner."""
    line = shapely.LineString([(0, 0), (1, 0), (0, 0.2)])
    fence = Fence(ZoneSet((zone("l", line, ZoneKind.BORDER_LINE),)))
    assert fence.distance_m(0.5, 0.05, "l") > 0
    assert fence.distance_m(0.5, -0.05, "l") < 0
    assert fence.distance_m(1.1, 0.001, "l") < 0
    assert fence.distance_m(1.1, -0.001, "l") < 0


def test_unknown_zone() -> None:
    """Law: asking for a zone that is not there is an error."""
    with pytest.raises(KeyError):
        Fence(edge_world()).distance_m(0.0, 0.0, "nowhere")
