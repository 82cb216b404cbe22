"""The border of one zone as directed edges, its inside to their left; what of it lies about a position, in metres."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.distance import EQUATOR_M, metres_per_degree
from geo.edge_grid import EdgeGrid
from geo.index.grid import COLUMNS, ROWS, STEP, ragged
from geo.index.nearest import scale_at
from geo.orientation import Floats

Rows = NDArray[np.int64]

FLAT_DEG = 89.0  # further polewards the plane about a position is no map any more
_SAG_M = 0.01  # longer stretches are cut, so that a straight line in lon, lat stays so near to one in the plane
_MOST_PIECES = 64
_FEW = 4_000  # edges: looking at all of them costs less than a raster of the world


class Around(NamedTuple):
    """Pieces of edges about positions: ``which`` position ``(m,)``, both ends ``(m, 2)`` metres east, north of it."""

    which: Rows
    start: Floats
    end: Floats


class Rim:
    """The border of one area, without ``holes`` (ports of entry, where it is a territory)."""

    def __init__(self, geometry: BaseGeometry, holes: list[BaseGeometry]) -> None:
        for hole in holes:
            if shapely.intersects(geometry, hole):
                geometry = shapely.difference(geometry, hole)
        parts = [part for part in shapely.get_parts(geometry) if shapely.get_dimensions(part) == 2]
        rings = shapely.get_rings(shapely.orient_polygons(np.array(parts, object)))
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        keep = (ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(1)
        edges = np.hstack([xy[:-1], xy[1:]])[keep]
        # the edge of the map at longitude 180 stays: the two halves of a zone cancel there
        pole = (np.abs(edges[:, 1]) == 90) & (edges[:, 1] == edges[:, 3])
        self._edges: Floats = edges[~pole]
        self._grid = EdgeGrid(self._edges) if len(self._edges) > _FEW else None
        self._low = np.minimum(self._edges[:, 1], self._edges[:, 3])
        self._up = np.maximum(self._edges[:, 1], self._edges[:, 3])

    def around(self, lonlat: Floats, reach_m: Floats) -> Around:
        """Every stretch of the border within ``reach_m`` ``(n,)`` east-west and north-south of positions ``(n, 2)``.

        Positions are not nearer to a pole than one degree; the reach is at most 100 km."""
        x, y = lonlat[:, 0], lonlat[:, 1]
        narrow = np.minimum(np.abs(y) + reach_m / 110_000.0, FLAT_DEG + 0.5)
        east = metres_per_degree(narrow)[0]
        wide, high = reach_m / east, reach_m / metres_per_degree(0.0)[1]
        which, edge = self._pairs(x, y, wide, high)
        a = self._edges.take(edge, axis=0)
        ax, ay = a[:, 0] - x[which], a[:, 1] - y[which]
        dx, dy = a[:, 2] - a[:, 0], a[:, 3] - a[:, 1]
        ax -= 360.0 * np.rint((ax + dx / 2) / 360.0)
        low, up = _clip(ax, dx, wide[which], *_clip(ay, dy, high[which], np.zeros(len(ax)), np.ones(len(ax))))
        kept = np.flatnonzero(low < up)
        which, ax, ay, dx, dy = which[kept], ax[kept], ay[kept], dx[kept], dy[kept]
        low, up = low[kept], up[kept]
        scale = scale_at(y)
        length2 = (dx * scale.east[which]) ** 2 + (dy * scale.north[which]) ** 2
        sag = length2 * (up - low) ** 2 * np.abs(np.tan(np.radians(y[which]))) / (8 * EQUATOR_M)
        count = np.clip(np.ceil(np.sqrt(sag / _SAG_M)), 1, _MOST_PIECES).astype(np.int64)
        piece, nth = ragged(count)
        step = (up - low) / count
        t0, t1 = (low[piece] + step[piece] * part for part in (nth, nth + 1))
        which = which[piece]
        ends = []
        for t in (t0, t1):
            ux, uy = ax[piece] + t * dx[piece], ay[piece] + t * dy[piece]
            ends.append(
                np.column_stack(
                    [
                        ux * (scale.east[which] + scale.east_change[which] * uy / 2),
                        uy * (scale.north[which] + scale.north_change[which] * uy / 2),
                    ]
                )
            )
        return Around(which, ends[0], ends[1])

    def _pairs(self, x: Floats, y: Floats, wide: Floats, high: Floats) -> tuple[Rows, Rows]:
        """``(position, edge)`` pairs that may come near each other, each once."""
        if self._grid is None:
            which, edge = np.divmod(np.arange(len(x) * len(self._edges)), max(len(self._edges), 1))
            return which, edge
        c0, c1 = np.floor((x - wide + 180) / STEP).astype(np.int64), np.floor((x + wide + 180) / STEP).astype(np.int64)
        r0 = np.clip(np.floor((y - high + 90) / STEP).astype(np.int64), 0, ROWS - 1)
        r1 = np.clip(np.floor((y + high + 90) / STEP).astype(np.int64), 0, ROWS - 1)
        across = np.minimum(c1 - c0 + 1, COLUMNS)
        which, nth = ragged(across * (r1 - r0 + 1))
        cells = (r0[which] + nth // across[which]) * COLUMNS + (c0[which] + nth % across[which]) % COLUMNS
        edge = self._grid.edges_in(cells)
        position = which[np.repeat(np.arange(len(cells)), self._grid.count_in(cells))]
        kept = np.flatnonzero((self._low[edge] <= (y + high)[position]) & (self._up[edge] >= (y - high)[position]))
        pairs = np.unique(position[kept] * len(self._edges) + edge[kept])  # an edge in two cells counts once
        return pairs // max(len(self._edges), 1), pairs % max(len(self._edges), 1)


def _clip(a: Floats, d: Floats, limit: Floats, low: Floats, up: Floats) -> tuple[Floats, Floats]:
    """The part ``low..up`` of edges ``a + t d`` that stays within ±limit on one axis; empty where low >= up."""
    flat = d == 0
    slope = np.where(flat, 1.0, d)
    one, two = (-limit - a) / slope, (limit - a) / slope
    enter, leave = np.minimum(one, two), np.maximum(one, two)
    gone = flat & (np.abs(a) > limit)
    enter = np.where(flat, np.where(gone, 2.0, -1.0), enter)
    leave = np.where(flat, np.where(gone, -2.0, 2.0), leave)
    return np.maximum(low, enter), np.minimum(up, leave)
