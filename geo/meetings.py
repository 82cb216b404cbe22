"""Where track segments meet edges: exact decisions, and the position along the segment."""

import numpy as np
from numpy.typing import NDArray

from geo.orientation import Floats, orientation

Rows = NDArray[np.int64]


def meetings(
    segment: Rows, edge: Rows, xy: Floats, x0: Floats, y0: Floats, x1: Floats, y1: Floats
) -> tuple[Rows, Rows, Floats]:
    """Of the given ``(segment, edge)`` pairs those that touch, and where along the segment (0..1).

    ``xy (m, 4)`` are the edges, ``x0 … y1`` the segments. Whether they touch is exact; the position is rounded. A
    collinear overlap gives both its ends.
    """
    a, b, c, d = xy.take(edge, axis=0).T
    px, py, qx, qy = x0.take(segment), y0.take(segment), x1.take(segment), y1.take(segment)
    start = (c - a) * (py - b) - (d - b) * (px - a)
    side0, side1 = orientation(a, b, c, d, px, py), orientation(a, b, c, d, qx, qy)
    touch = side0 * side1 <= 0
    touch &= orientation(px, py, qx, qy, a, b) * orientation(px, py, qx, qy, c, d) <= 0
    keep = np.flatnonzero(touch)
    segment, edge, start, side0, side1 = segment[keep], edge[keep], start[keep], side0[keep], side1[keep]
    a, b, c, d, px, py, qx, qy = (v[keep] for v in (a, b, c, d, px, py, qx, qy))
    difference = start - ((c - a) * (qy - b) - (d - b) * (qx - a))
    u = start / np.where(difference == 0, 1.0, difference)
    u = np.where(side0 == 0, 0.0, np.where(side1 == 0, 1.0, np.clip(u, 0.0, 1.0)))
    flat = (side0 == 0) & (side1 == 0)
    if not flat.any():
        return segment, edge, u
    on, cross = np.flatnonzero(flat), ~flat
    dx, dy = (qx - px)[on], (qy - py)[on]
    length2 = np.where(dx * dx + dy * dy > 0, dx * dx + dy * dy, np.inf)
    one = ((a[on] - px[on]) * dx + (b[on] - py[on]) * dy) / length2
    two = ((c[on] - px[on]) * dx + (d[on] - py[on]) * dy) / length2
    overlap = np.flatnonzero((np.minimum(one, two) <= 1) & (np.maximum(one, two) >= 0))
    on, ends = on[overlap], np.clip(np.concatenate([one[overlap], two[overlap]]), 0.0, 1.0)
    segment = np.concatenate([segment[cross], segment[on], segment[on]])
    edge = np.concatenate([edge[cross], edge[on], edge[on]])
    return segment, edge, np.concatenate([u[cross], ends])
