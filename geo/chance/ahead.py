"""The border a track would cross: that which lies on its course, and the nearest, which it may drift over.

A border is ahead where the zones beyond it include one that is asked about and that the track is not in. Both borders
are described by the distance to them and the direction across them, as :mod:`geo.chance.predicted` wants it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.distance import metres_per_degree
from geo.orientation import Floats
from geo.zone_index import ZoneIndex

_BEFORE_M = 0.5  # the direction across a border is asked so far before the crossing
_EDGE_M = 5.0
Gains = Callable[[int, int], bool]  # (set here, set beyond): whether to come there is to enter something


class Ahead(NamedTuple):
    """One border a track, ``n`` tracks; inf and NaN where there is none."""

    distance_m: Floats  # (n,) across the border
    normal: Floats  # (n, 2) unit vector east, north, across it
    beyond: NDArray[np.int32]  # (n,) the set of zones on its other side


def on_course(index: ZoneIndex, lonlat: Floats, velocity_mps: Floats, seconds: float, gains: Gains) -> Ahead:
    """The first border on the course within ``seconds`` at this speed; ``(n, 2)`` positions and velocities.

    What is gained is asked from where the track is and from this side of the border. The course is a straight line in
    lon, lat; where it comes over longitude 180 or a pole there is none."""
    here = index.sets(lonlat)
    found = _nothing(len(lonlat))
    east, north = metres_per_degree(lonlat[:, 1])
    step = velocity_mps * seconds / np.column_stack([east, north])
    end = lonlat + step
    fit = np.flatnonzero((np.abs(end) <= [180.0, 90.0]).all(1) & (step != 0).any(1))
    rows = index.crossings(lonlat[fit], end[fit])
    track = fit[rows["segment"]]
    gained = _gained(gains, here[track], rows["after"]) & _gained(gains, rows["before"], rows["after"])
    good = np.flatnonzero(gained)
    track, first = np.unique(track[good], return_index=True)
    rows = rows[good[first]]
    if not len(track):
        return found
    way = np.hypot(*velocity_mps[track].T) * seconds
    course = velocity_mps[track] / np.hypot(*velocity_mps[track].T)[:, None]
    back = np.maximum(rows["u"] - _BEFORE_M / way, 0.0)[:, None]
    border = index.nearest(lonlat[track] + back * step[track], _EDGE_M)
    normal = np.where(np.isfinite(border.normal), border.normal, course)
    squarely = np.clip((normal * course).sum(1), 0.0, 1.0)
    found.distance_m[track] = rows["u"] * way * squarely
    found.normal[track], found.beyond[track] = normal, rows["after"]
    return found


def nearby(index: ZoneIndex, lonlat: Floats, max_m: float, gains: Gains) -> Ahead:
    """The nearest border within ``max_m``, where one enters something by crossing it."""
    border = index.nearest(lonlat, max_m)
    known = np.flatnonzero(np.isfinite(border.normal[:, 0]))
    found = _nothing(len(lonlat))
    kept = known[_gained(gains, index.sets(lonlat)[known], border.beyond[known])]
    found.distance_m[kept] = np.abs(border.signed_m[kept])
    found.normal[kept], found.beyond[kept] = border.normal[kept], border.beyond[kept]
    return found


def _nothing(count: int) -> Ahead:
    return Ahead(np.full(count, np.inf), np.full((count, 2), np.nan), np.zeros(count, np.int32))


def _gained(gains: Gains, here: NDArray[np.int32], beyond: NDArray[np.int32]) -> NDArray[np.bool_]:
    """``gains`` asked once for each different pair."""
    pairs, which = np.unique(np.column_stack([here, beyond]), axis=0, return_inverse=True)
    told = np.array([gains(one, other) for one, other in pairs.tolist()], bool)
    found: NDArray[np.bool_] = told[which.reshape(-1)]
    return found
