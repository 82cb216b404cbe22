"""Signed distance of the index against a slow geodesic search."""

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo import ZoneIndex
from geo.index.borders import UnknownZone
from geo.index.edges import edge_table, zone_hashes
from geo.zones import Zone, ZoneKind, ZoneSet
from tests.geo.geodesic import nearest_m
from tests.geo.shapes import Points, edge_world, star, zone

CENTIMETRE = 0.01


def edges_of(*zones: Zone) -> np.ndarray:
    """All edges of zones, without those at the edge of the map."""
    shapes = np.array([item.geometry for item in zones], object)
    xy = edge_table(shapes, zone_hashes([item.zone_id for item in zones])).xy
    cut = (np.abs(xy[:, 0]) == 180) & (xy[:, 0] == xy[:, 2]) | (np.abs(xy[:, 1]) == 90) & (xy[:, 1] == xy[:, 3])
    return np.asarray(xy[~cut])


def beside(shape: BaseGeometry, rng: np.random.Generator, count: int, metres: float) -> Points:
    """Positions up to some metres from a border."""
    at = shapely.get_coordinates(shape.boundary.interpolate(rng.random(count), normalized=True))
    away = rng.uniform(-metres, metres, (count, 2)) / 111_000
    away[:, 0] /= np.maximum(np.cos(np.radians(at[:, 1])), 0.01)
    return np.clip(at + away, [-180, -90], [180, 90])


def check(index: ZoneIndex, edges: np.ndarray, points: Points, zone_id: str | None = None) -> int:
    """Compare with the oracle; how many were within 5 km."""
    found = index.distance(points, zone_id=zone_id)
    near = 0
    for (lon, lat), metres in zip(points.tolist(), found.tolist(), strict=True):
        expected = nearest_m(edges, lon, lat)
        if np.isnan(metres):
            assert expected > 5000 - CENTIMETRE
        else:
            assert abs(metres) == pytest.approx(expected, abs=CENTIMETRE)
            near += 1
    return near


@pytest.mark.parametrize("lat", [0.0, -34.0, 57.0, 74.0, 79.9, 84.0])
def test_a_centimetre_up_to_five_kilometres(lat: float) -> None:
    """Law: up to 5 km from any border, at any latitude, the distance is the geodesic one within 1 cm; NaN beyond."""
    rng = np.random.default_rng(int(abs(lat) * 10))
    one, two = zone("a", star(rng, 20, lat, 0.3, 60)), zone("b", star(rng, 20.2, lat, 0.2, 60))
    index = ZoneIndex.from_zones(ZoneSet((one, two)))
    points = np.vstack([beside(one.geometry, rng, 40, 6000), beside(two.geometry, rng, 10, 20)])
    assert check(index, edges_of(one, two), points) >= 25
    assert check(index, edges_of(two), points, "b") >= 10


def test_signs() -> None:
    """Law: positive inside: of the zone that is named, of any zone where none is."""
    one, two = zone("a", shapely.box(0, 0, 1, 1)), zone("b", shapely.box(0.99, 0.2, 1.2, 0.8))
    index = ZoneIndex.from_zones(ZoneSet((one, two)))
    points = np.array([[0.5, 0.01], [0.5, -0.01], [1.005, 0.5], [0.985, 0.5]])
    assert (index.distance(points) > 0).tolist() == [True, False, True, True]
    assert (index.distance(points[2:], zone_id="a") > 0).tolist() == [False, True]
    assert (index.distance(points[2:], zone_id="b") > 0).tolist() == [True, False]
    assert np.isnan(index.distance(np.array([[0.5, 0.5], [9, 9]]))).all()


def test_the_reach() -> None:
    """Law: beyond ``max_m`` there is no number, whatever was asked before, and a wider reach finds what is farther."""
    index = ZoneIndex.from_zones(ZoneSet((zone("a", shapely.box(0, 0, 1, 1)),)))
    point = np.array([[-0.027, 0.5]])  # 3 km west
    assert np.isnan(index.distance(point, max_m=2900)).all()
    assert index.distance(point)[0] == pytest.approx(-3005.6, abs=1)
    assert index.distance(np.array([[-0.18, 0.5]]), max_m=30_000)[0] == pytest.approx(-20_037, abs=10)


def test_at_the_edges_of_the_map() -> None:
    """Law: across the antimeridian and at the poles the distance is the geodesic one; the cut is no border."""
    world = edge_world()
    index = ZoneIndex.from_zones(world)
    rng = np.random.default_rng(5)
    cut = shapely.box(178, -20, 183, -10)
    points = beside(cut, rng, 30, 4000)
    points[:, 0] = (points[:, 0] + 180) % 360 - 180
    assert check(index, edges_of(*world), points) >= 20
    assert np.isnan(index.distance(np.array([[180.0, -15.0], [-180, -15], [0, 90], [0, -90]]))).all()
    island = ZoneIndex.from_zones(ZoneSet((zone("i", star(rng, 179.99, 50, 0.02, 30)),)))
    assert np.isfinite(island.distance(np.array([[-179.99, 50.0], [-179.995, 50.01]]))).all()
    cap = zone("cap", shapely.Polygon([(-180, 89.97), (0, 89.98), (180, 89.97), (180, 90), (-180, 90)]))
    polar = ZoneIndex.from_zones(ZoneSet((cap,)))
    around = np.column_stack([rng.uniform(-180, 180, 12), rng.uniform(89.95, 90, 12)])
    assert check(polar, edges_of(cap), around) >= 6


def test_a_port_ends_a_territory() -> None:
    """Law: with a port across a coast, the territory's border runs round the port, and the old coast is none there."""
    land = zone("land", shapely.box(0, 0, 4, 4))
    port = zone("port", shapely.box(-0.05, 1, 0.05, 1.1), ZoneKind.PORT_OF_ENTRY)
    index = ZoneIndex.from_zones(ZoneSet((land, port)))
    expected = zone("land", shapely.difference(land.geometry, port.geometry))
    rng = np.random.default_rng(7)
    points = np.vstack([rng.uniform([-0.08, 0.97], [0.08, 1.13], (40, 2)), beside(land.geometry, rng, 20, 3000)])
    assert check(index, edges_of(expected), points, "land") >= 30
    assert check(index, edges_of(port), points, "port") >= 20
    assert index.distance(np.array([[0.02, 1.05]]), zone_id="land")[0] < 0


def test_after_an_edit() -> None:
    """Law: distances follow the zones in force."""
    rng = np.random.default_rng(8)
    old, other = zone("a", shapely.box(0, 0, 1, 1)), zone("b", shapely.box(1, 0, 2, 1))
    moved = zone("a", shapely.box(0, 0, 1, 0.98))
    index = ZoneIndex.from_zones(ZoneSet((old, other))).edited([moved])
    points = beside(moved.geometry, rng, 30, 4000)
    assert check(index, edges_of(moved, other), points) >= 20
    assert check(index, edges_of(moved), points, "a") >= 20
    with pytest.raises(UnknownZone):
        index.distance(points, zone_id="c")
