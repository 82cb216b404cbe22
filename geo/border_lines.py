"""Directed border lines: which segments cross them, where, and in which direction.

The inside of a line is to the LEFT of its direction of travel, as in the order of its positions; the line itself
belongs to the inside. A track that ends on the line and goes on inwards therefore crosses once, inbound.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.edge_grid import EdgeGrid
from geo.orientation import Floats, orientation
from geo.pieces import pieces_of
from geo.zones import Zone

LINE_CROSSING = np.dtype(
    [("segment", "<i4"), ("u", "<f8"), ("lon", "<f8"), ("lat", "<f8"), ("line", "<i4"), ("direction", "i1")]
)


class LineIndex:
    """The border lines of one version."""

    def __init__(self, lines: tuple[Zone, ...]) -> None:
        found: list[Floats] = []
        owner: list[NDArray[np.int64]] = []
        for index, line in enumerate(lines):
            for part in shapely.get_parts(line.geometry):
                xy = shapely.get_coordinates(part)
                edges = np.hstack([xy[:-1], xy[1:]])[(xy[1:] != xy[:-1]).any(1)]
                found.append(edges)
                owner.append(np.full(len(edges), index))
        self._grid = EdgeGrid(np.concatenate(found)) if found else None
        self._owner = np.concatenate(owner) if owner else np.empty(0, np.int64)

    def crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        """See :meth:`geo.fence.Fence.line_crossings`."""
        if self._grid is None:
            return np.empty(0, LINE_CROSSING)
        x0, y0, x1, y1 = p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1]
        near = np.flatnonzero(self._grid.near(x0, y0, x1, y1) | (np.abs(x1 - x0) > 180))
        if not near.size:
            return np.empty(0, LINE_CROSSING)
        piece = pieces_of(x0[near], y0[near], x1[near], y1[near])
        at, edge = self._grid.candidates(piece.x0, piece.y0, piece.x1, piece.y1)
        a, b, c, d = self._grid.edges[edge].T
        p = (piece.x0[at], piece.y0[at], piece.x1[at], piece.y1[at])
        # on the line counts as inside, at both ends and at the line's own corners: no crossing is lost or doubled
        start_in = orientation(a, b, c, d, p[0], p[1]) >= 0
        end_in = orientation(a, b, c, d, p[2], p[3]) >= 0
        corner0, corner1 = orientation(*p, a, b) >= 0, orientation(*p, c, d) >= 0
        hit = np.flatnonzero((start_in != end_in) & (corner0 != corner1))
        a, b, c, d, at = a[hit], b[hit], c[hit], d[hit], at[hit]
        sx, sy, ex, ey = (side[hit] for side in p)
        start = (c - a) * (sy - b) - (d - b) * (sx - a)
        end = (c - a) * (ey - b) - (d - b) * (ex - a)
        v = np.clip(start / np.where(start == end, 1.0, start - end), 0.0, 1.0)
        found = np.empty(len(hit), LINE_CROSSING)
        found["segment"] = near[piece.segment[at]]
        found["u"] = piece.u0[at] + v * (piece.u1[at] - piece.u0[at])
        found["lon"], found["lat"] = sx + v * (ex - sx), sy + v * (ey - sy)
        found["line"] = self._owner[edge[hit]]
        found["direction"] = np.where(end_in[hit], 1, -1)
        return found[np.lexsort((found["line"], found["u"], found["segment"]))]
