"""A flat patch of sea: metres east and north of an origin, and back to WGS-84 degrees.

The map is affine (equirectangular about the origin, with the ellipsoid's radii of curvature there), so a straight
line in metres is a straight line in lon, lat, as zone edges are. Within 50 km of the origin lengths are right to 1 %.
"""

from math import cos, radians, sin, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_A_M, _E2 = 6_378_137.0, 6.694379990141317e-3  # WGS-84 semi-major axis and first eccentricity squared (NIMA TR8350.2)

Array = NDArray[np.float64]


class Plane(NamedTuple):
    """The patch about ``(lon_deg, lat_deg)``."""

    lon_deg: float
    lat_deg: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Metres per degree of longitude and of latitude at the origin."""
        phi = radians(self.lat_deg)
        w = sqrt(1.0 - _E2 * sin(phi) ** 2)
        east = _A_M / w * cos(phi)
        north = _A_M * (1.0 - _E2) / w**3
        return radians(1.0) * east, radians(1.0) * north

    def to_metres(self, lonlat: Array) -> Array:
        """``(..., 2)`` lon, lat degrees to ``(..., 2)`` metres east, north."""
        found: Array = (lonlat - np.array([self.lon_deg, self.lat_deg])) * np.array(self.metres_per_degree)
        return found

    def to_lonlat(self, metres: Array) -> Array:
        """``(..., 2)`` metres east, north to ``(..., 2)`` lon, lat degrees."""
        found: Array = metres / np.array(self.metres_per_degree) + np.array([self.lon_deg, self.lat_deg])
        return found
