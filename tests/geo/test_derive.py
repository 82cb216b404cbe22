"""Derived seas beside pyproj: every place of the outer border is at the distance from the coast, and none is missed."""

import json

import numpy as np
import pyproj
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.derive import ERROR_M, NAUTICAL_MILE_M, Sea, derive, near_coast, ring_at
from geo.outlines import Outline, read_polygons
from geo.zones import read_zones

WGS84 = pyproj.Geod(ellps="WGS84")
Floats = NDArray[np.float64]


def island(lon: float, lat: float, seed: int = 1) -> BaseGeometry:
    """A ragged island some 60 km across; over the antimeridian it is cut there."""
    chance = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    reach = 0.15 + 0.12 * chance.random(300)
    x, y = lon + reach * np.cos(angle) / np.cos(np.radians(lat)), lat + reach * np.sin(angle)
    ring = np.column_stack([(x + 180) % 360 - 180, y])
    shape = read_polygons({"type": "Polygon", "coordinates": [ring.tolist()]}, Outline(mend=True, trust_axes=True))
    assert shape is not None
    return shape


def geojson(shape: BaseGeometry) -> object:
    """The geometry as a file holds it."""
    return json.loads(shapely.to_geojson(shape))


def coast_of(shape: BaseGeometry) -> Floats:
    """Places along the outline every 200 m or so, without the edge of the map."""
    xy = shapely.get_coordinates(shapely.segmentize(shapely.boundary(shape), 0.002))
    return xy[np.abs(xy[:, 0]) < 180]


def metres_to(coast: Floats, places: Floats) -> Floats:
    """The geodesic distance of each place to the nearest place of the coast."""
    found = []
    for lon, lat in places.tolist():
        turn = (coast[:, 0] - lon + 180.0) % 360.0 - 180.0
        rough = np.hypot(turn * np.cos(np.radians(lat)), coast[:, 1] - lat)
        x, y = coast[rough <= 1.1 * rough.min() + 0.02].T
        found.append(WGS84.inv(np.full_like(x, lon), np.full_like(y, lat), x, y)[2].min())
    return np.array(found)


@pytest.mark.parametrize(
    "lon, lat, miles", [(20.0, 60.0, 12.0), (103.8, 1.3, 24.0), (180.0, -17.0, 12.0), (-40.0, -84.0, 24.0)]
)
def test_the_border_lies_at_the_distance(lon: float, lat: float, miles: float) -> None:
    """Law: corners and middles of the border are at the distance from the coast, within the stated error."""
    shape, distance_m = island(lon, lat), miles * NAUTICAL_MILE_M
    border = shapely.boundary(near_coast(shape, distance_m))
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(border)]
    corners = np.vstack(parts)
    middles = np.vstack([(part[1:] + part[:-1]) / 2 for part in parts])
    chance = np.random.default_rng(2)
    places = np.vstack([chance.permutation(corners)[:30], chance.permutation(middles)[:30]])
    places = places[np.abs(places[:, 0]) < 179.999]
    off = metres_to(coast_of(shape), places) - distance_m
    assert off.min() > -ERROR_M - 0.5  # the coast of this test is sampled, too
    assert off.max() < 0.5


def test_straight_coasts_and_corners_are_followed() -> None:
    """Law: where the coast is a straight line or a right angle there is no scallop deeper than the stated error."""
    shape = shapely.box(10.0, 50.0, 11.5, 51.0)
    border = shapely.get_coordinates(shapely.boundary(near_coast(shape, 12 * NAUTICAL_MILE_M)))
    places = np.random.default_rng(3).permutation(border)[:60]
    off = metres_to(coast_of(shape), places) - 12 * NAUTICAL_MILE_M
    assert -ERROR_M - 0.5 < off.min() <= off.max() < 0.5


def test_places_near_the_coast_are_inside_and_far_ones_are_not() -> None:
    """Law: membership of the ring between two distances is that of the distance, away from the error band."""
    shape = island(5.0, 45.0)
    low, high = 12 * NAUTICAL_MILE_M, 24 * NAUTICAL_MILE_M
    ring = ring_at(shape, low, high, [shape])
    chance = np.random.default_rng(4)
    places = np.column_stack([chance.uniform(3.8, 6.2, 120), chance.uniform(44.0, 46.0, 120)])
    metres = metres_to(coast_of(shape), places)
    sure = (np.abs(metres - low) > 2) & (np.abs(metres - high) > 2)
    land = shapely.covers(shape, shapely.points(places))
    wanted = (metres > low) & (metres < high) & ~land
    assert (shapely.covers(ring, shapely.points(places)) == wanted)[sure].all()


def test_the_pole_is_inside_the_sea_of_a_polar_island() -> None:
    """Law: a circle that holds the pole covers it, in every longitude."""
    cap = near_coast(shapely.box(20.0, 89.7, 60.0, 89.9), 12 * NAUTICAL_MILE_M)
    assert shapely.covers(cap, shapely.points([[-170.0, 89.999], [0.0, 90.0], [179.0, 89.95]])).all()


def test_derived_zones_are_zones() -> None:
    """Law: land is taken out, other land too; the zones read back, and say that they are indicative."""
    land = {"type": "Feature", "properties": {"name": "Isle"}, "geometry": geojson(island(5.0, 45.0))}
    coast = {"type": "FeatureCollection", "features": [land]}
    other = shapely.box(5.35, 44.8, 5.6, 45.2)
    document = derive(coast, Sea.TERRITORIAL_SEA, land={"type": "Feature", "geometry": geojson(other)})
    (zone,) = read_zones(document)
    assert (zone.zone_id, zone.indicative, zone.accuracy_m) == ("Isle-territorial-sea", True, ERROR_M)
    assert shapely.area(shapely.intersection(zone.geometry, other)) < 1e-12
    assert shapely.area(shapely.intersection(zone.geometry, island(5.0, 45.0))) < 1e-12
