"""Planes of sectors, and grounds of any shape."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from streams.tracks.sharing.halo import Squares
from streams.tracks.sharing.plane import Plane, carried
from streams.tracks.sharing.polygons import Polygons
from tests.streams.tracks.identity import scalar


@pytest.mark.parametrize("origin", [Plane(10.4, 63.4), Plane(-0.5, 50.8), Plane(103.8, 1.2)])
def test_the_plane_is_projs_topocentric_one(origin: Plane) -> None:
    """Law: east and north equal PROJ's topocentric ones within a millimetre, and back, within 100 km."""
    rng = np.random.default_rng(1)
    place = rng.uniform(-100_000, 100_000, (50, 2))
    lonlat = origin.to_lonlat(place)
    np.testing.assert_allclose(origin.to_plane(lonlat), place, atol=1e-3)
    steps = "+proj=pipeline +step +proj=cart +ellps=WGS84 +step +proj=topocentric +ellps=WGS84"
    theirs = pyproj.Transformer.from_pipeline(f"{steps} +lon_0={origin.lon_deg} +lat_0={origin.lat_deg} +h_0=0")
    east, north, _ = theirs.transform(lonlat[:, 0], lonlat[:, 1], np.zeros(50))
    np.testing.assert_allclose(np.stack([east, north], axis=1), place, atol=1e-3)


def test_a_state_carried_over_goes_on_where_it_would() -> None:
    """Law: a carried state moves, for a minute, as the old one does, and its covariance turns along; undone too."""
    rng = np.random.default_rng(2)
    one, other = Plane(10.0, 63.4), Plane(10.9, 63.6)
    mean = np.c_[rng.uniform(20_000, 40_000, (20, 2)), rng.normal(size=(20, 2)) * 10.0]
    covariance = scalar.spread(rng, 20)
    there, spread = carried(mean, covariance, one, other)
    later = mean[:, :2] + 60.0 * mean[:, 2:]
    np.testing.assert_allclose(other.to_plane(one.to_lonlat(later)), there[:, :2] + 60.0 * there[:, 2:], atol=0.05)
    turned = math.degrees(math.atan2(there[0, 3], there[0, 2]) - math.atan2(mean[0, 3], mean[0, 2]))
    assert abs(math.remainder(turned + 0.9 * math.sin(math.radians(63.5)), 360.0)) < 0.02
    np.testing.assert_allclose(np.linalg.det(spread), np.linalg.det(covariance), rtol=1e-3)
    back, undone = carried(there, spread, other, one)
    np.testing.assert_allclose(back, mean, atol=1e-3)
    np.testing.assert_allclose(undone, covariance, rtol=1e-3, atol=1e-2)


GROUND = Squares(0.0, 0.0, 700.0, 3, 2)
AREAS = Polygons({i: shapely.box(i % 3 * 700, i // 3 * 700, i % 3 * 700 + 700, i // 3 * 700 + 700) for i in range(6)})


@given(st.floats(1, 2099), st.floats(1, 1399), st.floats(0, 900))
def test_polygons_are_a_ground_like_squares(x: float, y: float, margin: float) -> None:
    """Law: boxes as polygons have the same distances as the squares, one owner each place, which is always near."""
    away = [AREAS.outside_m(x, y, owner) for owner in range(6)]
    owner = AREAS.owner(x, y)
    assert away[owner] == 0.0
    assert owner in AREAS.near(x, y, margin)
    inner = [GROUND.outside_m(x, y, o) for o in range(6)]
    np.testing.assert_allclose(away, inner, atol=1e-9)
    assert AREAS.near(x, y, margin) == tuple(o for o in range(6) if away[o] <= margin)
    with pytest.raises(ValueError, match="owner"):
        Polygons({})
