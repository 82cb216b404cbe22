"""Distance from a position to one zone's border, in a tangent plane at the position and then along the ellipsoid."""

import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.distance import distance_m, metres_per_degree
from geo.orientation import Floats, orientation_of


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
