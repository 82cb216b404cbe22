"""Track segments as pieces that stay within -180..180: a segment over the antimeridian is cut there."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.orientation import Floats


class Pieces(NamedTuple):
    """Straight pieces of segments: which one, the part ``u0..u1`` of it, and both ends in degrees. All ``(m,)``."""

    segment: NDArray[np.int64]
    u0: Floats
    u1: Floats
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats


def pieces_of(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Pieces:
    """One piece per segment; two where the longitudes differ by more than 180 degrees (the short way is taken)."""
    count = len(x0)
    all_of, zero, one = np.arange(count), np.zeros(count), np.ones(count)
    over = np.flatnonzero(np.abs(x1 - x0) > 180)
    if not over.size:
        return Pieces(all_of, zero, one, x0, y0, x1, y1)
    edge = np.where(x0[over] > 0, 180.0, -180.0)  # the side the segment starts on
    length = np.abs(edge - x0[over]) + np.abs(-edge - x1[over])
    cut = np.where(length > 0, np.abs(edge - x0[over]) / np.where(length > 0, length, 1.0), 0.5)
    y = y0[over] + cut * (y1[over] - y0[over])
    first_u1, first_x1, first_y1 = one.copy(), x1.copy(), y1.copy()
    first_u1[over], first_x1[over], first_y1[over] = cut, edge, y
    return Pieces(
        np.concatenate([all_of, over]),
        np.concatenate([zero, cut]),
        np.concatenate([first_u1, one[over]]),
        np.concatenate([x0, -edge]),
        np.concatenate([y0, y]),
        np.concatenate([first_x1, x1[over]]),
        np.concatenate([first_y1, y1[over]]),
    )
