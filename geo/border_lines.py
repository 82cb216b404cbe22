"""Directed border lines: which segments cross them, where, and in which direction.

The inside of a line is to the LEFT of its direction of travel, as in the order of its positions; the line itself
belongs to the inside. A track that ends on the line and goes on inwards therefore crosses once, inbound.

So the line is judged as if it lay infinitely little to its right: what is exactly on it is inside. A corner then lies
aside in the direction between its two edges, which decides for segments exactly through it; where they run in that
very direction, it lies infinitely less further along the line, so that a line ends where the next one begins.
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
        corners: list[Floats] = []
        owner: list[NDArray[np.int64]] = []
        for index, line in enumerate(lines):
            for part in shapely.get_parts(line.geometry):
                xy = shapely.get_coordinates(part)
                edges = np.hstack([xy[:-1], xy[1:]])[(xy[1:] != xy[:-1]).any(1)]
                found.append(edges)
                corners.append(_corners(edges))
                owner.append(np.full(len(edges), index))
        self._grid = EdgeGrid(np.concatenate(found)) if found else None
        self._owner = np.concatenate(owner) if owner else np.empty(0, np.int64)
        self._corners = np.concatenate(corners) if corners else np.empty((0, 2, 4))

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
        way = np.column_stack([p[2] - p[0], p[3] - p[1]])
        corner0 = _left(orientation(*p, a, b), way, self._corners[edge, 0])
        corner1 = _left(orientation(*p, c, d), way, self._corners[edge, 1])
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
        found = found[np.lexsort((found["line"], found["u"], found["segment"]))]
        return found[~_touches(found)]


def _corners(edges: Floats) -> Floats:
    """Per edge ``(m, 2, 4)``: of its start and of its end, the direction aside (to the left) and along the line."""
    along = edges[:, 2:] - edges[:, :2]
    along = along / np.hypot(along[:, 0], along[:, 1])[:, None]
    before, after = np.vstack([along[:1], along[:-1]]), np.vstack([along[1:], along[-1:]])
    if (edges[0, :2] == edges[-1, 2:]).all():
        before[0], after[-1] = along[-1], along[0]
    both = np.stack([before + along, along + after], axis=1)
    return np.concatenate([np.stack([-both[:, :, 1], both[:, :, 0]], axis=2), both], axis=2)


def _left(sign: NDArray[np.int8], way: Floats, corner: Floats) -> NDArray[np.bool_]:
    """Whether corners lie to the left of segments that run ``way``, where they are taken to lie."""
    left: NDArray[np.bool_] = sign > 0
    on = np.flatnonzero(sign == 0)
    if on.size:
        x, y = way[on].T
        aside_x, aside_y, along_x, along_y = corner[on].T
        first = aside_x * y - aside_y * x
        left[on] = np.where(first == 0, x * along_y - y * along_x, first) > 0
    return left


def _touches(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Two crossings of one line at one place, there and back: it was only touched."""
    gone = np.zeros(len(rows), bool)
    same = (rows["segment"][1:] == rows["segment"][:-1]) & (rows["line"][1:] == rows["line"][:-1])
    inner = (rows["u"][1:] == rows["u"][:-1]) & (rows["u"][1:] > 0) & (rows["u"][1:] < 1)
    for at in np.flatnonzero(same & inner & (rows["direction"][1:] == -rows["direction"][:-1])).tolist():
        if not gone[at]:
            gone[at : at + 2] = True
    return gone
