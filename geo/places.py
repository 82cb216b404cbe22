"""What callers hand over as positions, made into arrays of the one kind that everything here is written for."""

import numpy as np
from numpy.typing import ArrayLike

from geo.index.points import NotAPlace, fine_cells
from geo.orientation import Floats


def places(lonlat: ArrayLike) -> Floats:
    """Float64 ``(n, 2)`` lon, lat of anything that is that much; whether they are on the map is asked later.

    Raises :class:`geo.index.points.NotAPlace`."""
    try:
        found = np.asarray(lonlat, np.float64)
    except (TypeError, ValueError) as problem:
        raise NotAPlace(f"positions: expected numbers, shape (n, 2): {problem}") from problem
    if found.ndim != 2 or found.shape[1] != 2:
        if not found.size and found.ndim == 1:
            return np.empty((0, 2))
        raise NotAPlace(f"positions: expected shape (n, 2) of lon, lat; got {found.shape}")
    return found


def segment_ends(p0: ArrayLike, p1: ArrayLike) -> tuple[Floats, Floats]:
    """Both ends of segments, equally many. Raises :class:`geo.index.points.NotAPlace`."""
    start, end = places(p0), places(p1)
    if len(start) != len(end):
        raise NotAPlace(f"segments: expected as many ends as starts; got {len(start)} starts and {len(end)} ends")
    return start, end


def on_the_map(lonlat: Floats) -> None:
    """Raise :class:`geo.index.points.NotAPlace` for a position that is not finite or beyond the map's edge."""
    if len(lonlat):
        fine_cells(lonlat[:, 0], lonlat[:, 1])
