"""Distance and bearing against pyproj's geodesic."""

import numpy as np
import pyproj
import pytest

from geo.distance import bearing_deg, distance_m, metres_per_degree

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize("reach_m, tolerance", [(100, 1e-8), (20_000, 1e-8), (1_000_000, 1e-5), (4_990_000, 3e-4)])
def test_distance_is_the_geodesic(reach_m: float, tolerance: float) -> None:
    """Law: the error stays below the stated share of the distance, anywhere on earth."""
    rng = np.random.default_rng(int(reach_m))
    lon, lat = rng.uniform(-180, 180, 4000), np.degrees(np.arcsin(rng.uniform(-1, 1, 4000)))
    lon1, lat1, _ = GEOD.fwd(lon, lat, rng.uniform(0, 360, 4000), rng.uniform(0, reach_m, 4000))
    _, _, expected = GEOD.inv(lon, lat, lon1, lat1)
    assert np.abs(distance_m(lon, lat, lon1, lat1) - expected).max() <= tolerance * reach_m
    assert (np.abs(distance_m(lon, lat, lon1, lat1) - expected) <= tolerance * expected + 1e-6).all()


def test_anywhere_within_a_hundredth() -> None:
    """Law: even across the globe, up to the antipodes, the error is below 0.6 %."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, (2, 3000)), rng.uniform(-90, 90, (2, 3000))
    _, _, expected = GEOD.inv(lon[0], lat[0], lon[1], lat[1])
    assert (np.abs(distance_m(lon[0], lat[0], lon[1], lat[1]) / expected - 1) < 0.006).all()


def test_bearing_is_the_azimuth() -> None:
    """Law: up to 100 km the bearing is the geodesic's azimuth within 0.001 degree, and lies in 0..360."""
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-180, 180, 4000), rng.uniform(-89, 89, 4000)
    azimuth = rng.uniform(0, 360, 4000)
    lon1, lat1, _ = GEOD.fwd(lon, lat, azimuth, rng.uniform(10, 100_000, 4000))
    found = bearing_deg(lon, lat, lon1, lat1)
    assert (np.abs((found - azimuth + 180) % 360 - 180) < 0.001).all()
    assert ((found >= 0) & (found < 360)).all()


def test_degenerate_places() -> None:
    """Law: the same place is at distance 0, the pole is one place, longitude 180 is longitude -180."""
    assert distance_m(10, 50, 10, 50) == 0
    assert distance_m(0, 90, 123, 90) == pytest.approx(0, abs=1e-6)
    assert distance_m(180, 10, -180, 10) == pytest.approx(0, abs=1e-6)
    assert bearing_deg(10, 50, 10, 50) == 0


def test_metres_per_degree() -> None:
    """Law: one degree is as long as the geodesic says, for small steps."""
    east, north = metres_per_degree(60.0)
    assert float(east) * 1e-4 == pytest.approx(GEOD.inv(0, 60, 1e-4, 60)[2], rel=1e-8)
    assert float(north) * 1e-4 == pytest.approx(GEOD.inv(0, 60 - 5e-5, 0, 60 + 5e-5)[2], rel=1e-8)
