"""Distance and chance where the map has its edges: over longitude 180, near the poles, and at them."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.chance import covariance_of
from geo.distance import distance_m
from geo.fence import Fence
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet
from tests.geo.geodesic import nearest_m

SIDES = st.tuples(st.floats(0.01, 0.3), st.floats(0.005, 0.1))
HERE = st.tuples(st.floats(-0.4, 0.4), st.floats(-0.15, 0.15))


def zone(geometry: BaseGeometry) -> Zone:
    """One territory."""
    return Zone(ZoneId("zone"), ZoneKind.TERRITORY, "zone", geometry)


def fence_of(geometry: BaseGeometry) -> Fence:
    """A fence of one territory."""
    return Fence(ZoneSet((zone(geometry),)))


def border(geometry: BaseGeometry) -> NDArray[np.float64]:
    """Its edges but those of the map: longitude 180 and the poles."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(geometry))]
    edges = np.vstack([np.hstack([xy[:-1], xy[1:]]) for xy in rings])
    cut = (np.abs(edges[:, 0]) == 180) & (edges[:, 0] == edges[:, 2])
    cut |= (np.abs(edges[:, 1]) == 90) & (edges[:, 1] == edges[:, 3])
    kept: NDArray[np.float64] = edges[~cut]
    return kept


def over_the_seam(half_wide: float, half_high: float, lat: float) -> shapely.MultiPolygon:
    """A box about longitude 180, cut there."""
    low, high = lat - half_high, lat + half_high
    return shapely.MultiPolygon(
        [shapely.box(180 - half_wide, low, 180, high), shapely.box(-180, low, -180 + half_wide, high)]
    )


def wrapped(lon: float) -> float:
    """Degrees, -180 to 180."""
    return (lon + 180.0) % 360.0 - 180.0


@given(sides=SIDES, here=HERE, lat=st.sampled_from((-72.0, -16.5, 0.0, 51.0, 79.0)))
@example(sides=(0.1, 0.05), here=(0.0, 0.0), lat=0.0)
@settings(max_examples=40, deadline=None)
def test_over_the_seam_all_is_as_elsewhere(sides: tuple[float, float], here: tuple[float, float], lat: float) -> None:
    """Law: a zone cut at longitude 180 gives the distance and the chance of the same zone at longitude 20."""
    (wide, high), (east, north) = sides, here
    cut, whole = over_the_seam(wide, high, lat), shapely.box(20 - wide, lat - high, 20 + wide, lat + high)
    found = []
    for geometry, middle in ((cut, 180.0), (whole, 20.0)):
        fence, lon = fence_of(geometry), wrapped(middle + east)
        chance = fence.inside_chance(np.array([[lon, lat + north]]), covariance_of(300.0), "zone")
        found.append((fence.distance_m(lon, lat + north, "zone"), float(chance[0])))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-3)
    assert found[0][1] == pytest.approx(found[1][1], abs=1e-6)


@given(
    corners=st.lists(st.tuples(st.floats(-60, 60), st.floats(84, 89.99)), min_size=3, max_size=5, unique=True),
    here=st.tuples(st.floats(-180, 180), st.floats(83.9, 90)),
    south=st.booleans(),
)
@example(corners=[(-60, 89), (60, 89), (0, 89.9)], here=(0.0, 90.0), south=False)
@example(corners=[(-60, 84), (60, 84), (0, 89)], here=(180.0, 89.999), south=True)
@settings(max_examples=40, deadline=None)
def test_near_the_poles_distance_is_the_geodesic_one(
    corners: list[tuple[float, float]], here: tuple[float, float], south: bool
) -> None:
    """Law: within 1 m up to 100 km, and 1 in 1,000 beyond, to edges that are straight in lon, lat, which are curves
    there; positive inside."""
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    if shape.geom_type != "Polygon" or shape.area < 1e-4:
        return
    sign = -1.0 if south else 1.0
    shape = shapely.transform(shape, lambda xy: xy * (1.0, sign))
    lon, lat = here[0], here[1] * sign
    metres = fence_of(shape).distance_m(lon, lat, "zone")
    wanted = nearest_m(border(shape), lon, lat)
    assert abs(metres) == pytest.approx(wanted, abs=1.0, rel=1e-3)
    if wanted > 1:
        assert (metres > 0) == shape.covers(shapely.Point(lon, lat))


@given(lat=st.floats(89.0, 90.0), lon=st.floats(-180, 180), edge=st.sampled_from((88.5, 89.5, 89.9)))
@example(lat=90.0, lon=0.0, edge=89.5)
@settings(max_examples=40, deadline=None)
def test_round_a_pole_it_does_not_matter_where(lat: float, lon: float, edge: float) -> None:
    """Law: from a cap round a pole the distance is that of its parallel, whatever the longitude; the pole itself and
    the edge of the map are no border; beyond 89 degrees the chance is whether the position is inside."""
    cap = fence_of(shapely.box(-180, edge, 180, 90))
    metres = cap.distance_m(lon, lat, "zone")
    wanted = float(distance_m(lon, lat, lon, edge)) * (1 if lat >= edge else -1)
    assert metres == pytest.approx(wanted, abs=1.0)
    chance = cap.inside_chance(np.array([[lon, lat]]), covariance_of(50.0), "zone")
    assert chance.tolist() == [1.0 if lat >= edge else 0.0]


@given(lat=st.floats(85.0, 88.9), sigma=st.floats(5.0, 500.0), away=st.floats(-3.0, 3.0), lon=st.floats(-180, 180))
@settings(max_examples=40, deadline=None)
def test_up_to_89_degrees_the_chance_is_that_of_a_straight_border(
    lat: float, sigma: float, away: float, lon: float
) -> None:
    """Law: beside a parallel the chance is Phi of the distance in deviations, up to the parallel's own bend."""
    edge = lat + away * sigma / 111_690.0
    cap = fence_of(shapely.box(-180, edge, 180, 90))
    chance = float(cap.inside_chance(np.array([[lon, lat]]), covariance_of(sigma), "zone")[0])
    metres = cap.distance_m(lon, lat, "zone")
    straight = 0.5 * (1 + math.erf(metres / sigma / math.sqrt(2)))
    bend = sigma * np.tan(np.radians(lat)) / 6_371_000.0
    assert chance == pytest.approx(straight, abs=1e-4 + bend)
