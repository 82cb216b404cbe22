"""Distance from a position to one zone's border, in a tangent plane at the position and then along the ellipsoid.

Beyond 80 degrees of latitude an edge that is straight in lon, lat is far from straight in any plane: there its nearest
place is looked for along the edge itself.
"""

import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.distance import distance_m, metres_per_degree
from geo.orientation import Floats, orientation_of

_POLAR_DEG = 80.0
_PLACES = 33  # along an edge, at first
_TRIES = 21
_ROUNDS = 9  # of looking closer, each ten times: a tenth of a millimetre along a whole parallel


class Border:
    """The edges of one zone: its outline where it is one to a person, without the cuts at the edge of the map."""

    def __init__(self, geometry: BaseGeometry, holes: list[BaseGeometry]) -> None:
        for hole in holes:
            if shapely.intersects(geometry, hole):
                geometry = shapely.difference(geometry, hole)
        lines = shapely.get_parts(geometry if shapely.get_dimensions(geometry) == 1 else shapely.boundary(geometry))
        xy, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
        keep = (part[1:] == part[:-1]) & (xy[1:] != xy[:-1]).any(1)
        edges = np.hstack([xy[:-1], xy[1:]])[keep]
        seam = (np.abs(edges[:, 0]) == 180) & (edges[:, 0] == edges[:, 2])
        seam |= (np.abs(edges[:, 1]) == 90) & (edges[:, 1] == edges[:, 3])
        self._edges: Floats = edges[~seam] if not seam.all() else edges

    @property
    def edges(self) -> int:
        """How many edges the border has."""
        return len(self._edges)

    def distance_m(self, lon: float, lat: float) -> float:
        """Metres to the nearest point of the border."""
        return self._nearest(lon, lat)[0]

    def signed_m(self, lon: float, lat: float) -> float:
        """Metres to the nearest point of a directed line, positive to its left."""
        metres, nearest = self._nearest(lon, lat)
        # at a corner two edges are equally near: the one the position is squarest to tells the side
        best, side = -1.0, 1
        for a, b, c, d in nearest.tolist():
            turn = ((c - a) * (lat - b) - (d - b) * (lon - a)) / math.hypot(c - a, d - b)
            if abs(turn) > best:
                best, side = abs(turn), orientation_of(a, b, c, d, lon, lat)
        return metres if side >= 0 else -metres

    def _nearest(self, lon: float, lat: float) -> tuple[float, Floats]:
        """Metres, and the edges that come that near."""
        if abs(lat) > _POLAR_DEG:
            return self._nearest_polar(lon, lat)
        east, north = metres_per_degree(lat)
        edges = self._edges
        ax, bx = edges[:, 0] - lon, edges[:, 2] - lon
        turn = np.where(ax > 180, -360.0, np.where(ax < -180, 360.0, 0.0))
        ax, bx = (ax + turn) * east, (bx + turn) * east
        ay, by = (edges[:, 1] - lat) * north, (edges[:, 3] - lat) * north
        dx, dy = bx - ax, by - ay
        t = np.clip(-(ax * dx + ay * dy) / np.maximum(dx * dx + dy * dy, 1e-300), 0.0, 1.0)
        plane = np.hypot(ax + t * dx, ay + t * dy)
        # the plane's scale is off by up to 2 % within its horizon of use: every edge that may win is measured again
        near = np.flatnonzero(plane <= plane.min() * 1.02 + 0.01)
        some, part = edges[near], t[near]
        metres = distance_m(
            lon, lat, some[:, 0] + part * (some[:, 2] - some[:, 0]), some[:, 1] + part * (some[:, 3] - some[:, 1])
        )
        best = float(metres.min())
        return best, some[metres <= best + 1e-6]

    def _nearest_polar(self, lon: float, lat: float) -> tuple[float, Floats]:
        """As :meth:`_nearest`, along the edges."""
        edges = self._edges
        metres = _along(lon, lat, edges, np.broadcast_to(np.linspace(0.0, 1.0, _PLACES), (len(edges), _PLACES)))
        step_m = distance_m(edges[:, 0], edges[:, 1], edges[:, 2], edges[:, 3]) / (_PLACES - 1)
        wide_m = np.abs(edges[:, 2] - edges[:, 0]) / (_PLACES - 1) * metres_per_degree(_POLAR_DEG)[0]
        closest = metres.min(1)
        near = np.flatnonzero(closest - np.maximum(step_m, wide_m) <= closest.min())
        some, width = edges[near], 1.0 / (_PLACES - 1)
        middle = metres[near].argmin(1) * width
        best = closest[near]
        for _ in range(_ROUNDS):
            tries = np.clip(middle[:, None] + np.linspace(-width, width, _TRIES), 0.0, 1.0)
            metres = _along(lon, lat, some, tries)
            at = metres.argmin(1)
            middle, width = np.take_along_axis(tries, at[:, None], 1)[:, 0], width / 10
            best = np.minimum(best, metres.min(1))
        least = float(best.min())
        return least, some[best <= least + 1e-6]


def _along(lon: float, lat: float, edges: Floats, shares: Floats) -> Floats:
    """Metres from a position to places on edges ``(m, 4)``, by their shares ``(m, k)`` of the way."""
    x = edges[:, :1] + shares * (edges[:, 2:3] - edges[:, :1])
    y = edges[:, 1:2] + shares * (edges[:, 3:] - edges[:, 1:2])
    found: Floats = distance_m(lon, lat, x, y)
    return found
