"""Metres and degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from simulator.plane import Plane

_KM50 = st.floats(-50_000.0, 50_000.0)


@given(st.floats(-179.0, 179.0), st.floats(-70.0, 70.0), _KM50, _KM50)
def test_there_and_back_is_where_it_was(lon: float, lat: float, east: float, north: float) -> None:
    """The map and its inverse agree to a millimetre."""
    plane = Plane(lon, lat)
    back = plane.to_metres(plane.to_lonlat(np.array([east, north])))
    assert back.tolist() == pytest.approx([east, north], abs=1e-3)


@given(st.floats(-60.0, 60.0), _KM50, st.floats(-20_000.0, 20_000.0))
def test_a_length_is_right_to_one_per_cent(lat: float, east: float, north: float) -> None:
    """Within 50 km of the origin the distance from it is the geodesic's, to 1 %."""
    plane = Plane(10.0, lat)
    lon2, lat2 = plane.to_lonlat(np.array([east, north])).tolist()
    _, _, length = Geod(ellps="WGS84").inv(10.0, lat, lon2, lat2)
    assert np.hypot(east, north) == pytest.approx(length, rel=0.01, abs=0.01)
