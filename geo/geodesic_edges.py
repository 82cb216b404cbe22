"""Geodesics as lines that are straight in lon, lat: places are put in until no part leaves the geodesic by more than a
stated error.

Everything else in this package takes edges and segments as straight in lon, lat. At 60 degrees of latitude that is
0.9 m off the geodesic over 5 km, 93 m over 50 km (the sagitta is about L² tan(lat) / 8 R); where a border or a track
means the geodesic, it is put through here first. Parts are halved only where they have to be, so a border of short
edges comes back as it is, and meridians and the equator do too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.distance import MEAN_RADIUS_M, distance_m, metres_per_degree

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_GEOD = pyproj.Geod(ellps="WGS84")
_AT = (0.25, 0.5, 0.75)  # over the equator a geodesic is off on both sides and right in the middle
_SHARE = 0.9  # of the error allowed where it is looked at, since the worst may lie between
_DEEPEST = 40
_PLAIN_DEG = 85.0  # up to here the sagitta's formula is trusted, three times over, to leave short edges alone


class Parts(NamedTuple):
    """Parts of segments in order: which segment, its share ``u0..u1`` by distance, both ends ``(m, 2)`` lon, lat."""

    segment: Rows
    u0: Floats
    u1: Floats
    start: Floats
    end: Floats


def densified(lonlat: Floats, max_error_m: float) -> Floats:
    """A line or ring ``(n, 2)`` lon, lat whose edges mean geodesics, as one whose edges are straight in lon, lat.

    The places given are kept to the bit, and no edge of the result ``(m, 2)`` leaves its geodesic by more than
    ``max_error_m`` metres. Longitudes stay within -180..180, so an edge over the antimeridian still jumps there. An
    edge half way round the world in longitude goes over the pole, and one from -180 to 180 (the edge of the map, as
    RFC 7946 has polar caps drawn) stays. Raises ValueError unless the error is positive.
    """
    if len(lonlat) < 2:
        return lonlat.copy()
    parts = subdivided(lonlat[:-1], lonlat[1:], max_error_m)
    return np.vstack([parts.start, lonlat[-1:]])


def subdivided(p0: Floats, p1: Floats, max_error_m: float) -> Parts:
    """Each geodesic ``p0 → p1``, both ``(n, 2)``, as parts that are straight in lon, lat, as :func:`densified`."""
    if not max_error_m > 0:
        raise ValueError(f"max_error_m: expected metres above 0, got {max_error_m}")
    start, end = np.array(p0, np.float64), np.array(p1, np.float64)
    whole = Parts(np.arange(len(p0)), np.zeros(len(p0)), np.ones(len(p0)), start, end)
    bent = _may_bend(start, end, max_error_m)
    over = bent & (np.abs(_turn(start, end)) == 180.0)
    done = [_of(whole, ~bent), _over_the_pole(np.flatnonzero(over), start[over], end[over])]
    part = _of(whole, bent & ~over)
    azimuth, metres = np.zeros(len(p0)), np.zeros(len(p0))
    rows = part.segment
    azimuth[rows], _, metres[rows] = _GEOD.inv(start[rows, 0], start[rows, 1], end[rows, 0], end[rows, 1])
    for _ in range(_DEEPEST):
        rows = part.segment
        if not rows.size:
            break
        span = part.u1 - part.u0
        places = []
        for share in _AT:
            x, y, _ = _GEOD.fwd(start[rows, 0], start[rows, 1], azimuth[rows], (part.u0 + share * span) * metres[rows])
            places.append(np.column_stack([x, y]))
        off = np.maximum.reduce([_off_m(part.start, part.end, place) for place in places])
        good = (off <= _SHARE * max_error_m) | (span * metres[rows] <= max_error_m / 4)
        done.append(_of(part, good))
        part = _halves(_of(part, ~good), places[1][~good])
    done.append(part)
    every = _joined(done)
    return _of(every, np.lexsort((every.u0, every.segment)))


def _of(parts: Parts, rows: NDArray[np.bool_] | Rows) -> Parts:
    return Parts(parts.segment[rows], parts.u0[rows], parts.u1[rows], parts.start[rows], parts.end[rows])


def _joined(parts: Sequence[Parts]) -> Parts:
    return Parts(
        np.concatenate([part.segment for part in parts]),
        np.concatenate([part.u0 for part in parts]),
        np.concatenate([part.u1 for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
    )


def _halves(parts: Parts, middle: Floats) -> Parts:
    at = parts.u0 + 0.5 * (parts.u1 - parts.u0)
    return _joined([parts._replace(u1=at, end=middle), parts._replace(u0=at, start=middle)])


def _turn(start: Floats, end: Floats) -> Floats:
    """Degrees of longitude from start to end, the short way."""
    turn = end[:, 0] - start[:, 0]
    found: Floats = np.where(turn > 180.0, turn - 360.0, np.where(turn < -180.0, turn + 360.0, turn))
    return found


def _may_bend(start: Floats, end: Floats, max_error_m: float) -> NDArray[np.bool_]:
    """Segments that may be off by more than the error if they are left as they are."""
    turn = _turn(start, end)
    worst = np.maximum(np.abs(start[:, 1]), np.abs(end[:, 1]))
    east, _ = metres_per_degree(np.minimum(np.abs(start[:, 1]), np.abs(end[:, 1])))
    length = np.hypot(turn * east, (end[:, 1] - start[:, 1]) * 111_700.0)
    sagitta = length * length * np.tan(np.radians(np.minimum(worst, _PLAIN_DEG))) / (8 * MEAN_RADIUS_M)
    straight = (turn == 0.0) | ((start[:, 1] == end[:, 1]) & np.isin(start[:, 1], (-90.0, 0.0, 90.0)))
    found: NDArray[np.bool_] = ~straight & ((worst > _PLAIN_DEG) | (3.0 * sagitta > max_error_m))
    return found


def _off_m(start: Floats, end: Floats, place: Floats) -> Floats:
    """Metres from places to a place of the straight line start → end that is nearly the nearest: never too few."""
    rise = end[:, 1] - start[:, 1]
    turn = _turn(start, end)
    x, y = _turn(start, place), place[:, 1] - start[:, 1]
    east, north = metres_per_degree(place[:, 1])
    run, up = turn * east, rise * north
    t = np.clip((x * east * run + y * north * up) / np.maximum(run * run + up * up, 1e-300), 0.0, 1.0)
    found: Floats = distance_m(start[:, 0] + t * turn, start[:, 1] + t * rise, place[:, 0], place[:, 1])
    return found


def _over_the_pole(segment: Rows, start: Floats, end: Floats) -> Parts:
    """The meridian up to the pole, the turn there, and the meridian down."""
    pole = np.where(start[:, 1] + end[:, 1] >= 0, 90.0, -90.0)
    up = distance_m(start[:, 0], start[:, 1], start[:, 0], pole)
    whole = up + distance_m(end[:, 0], end[:, 1], end[:, 0], pole)
    u = up / np.where(whole > 0, whole, 1.0)
    near, far = np.column_stack([start[:, 0], pole]), np.column_stack([end[:, 0], pole])
    beyond = np.minimum(np.nextafter(u, 2.0), 1.0)
    return _joined(
        [
            Parts(segment, np.zeros(len(segment)), u, start, near),
            Parts(segment, u, beyond, near, far),
            Parts(segment, beyond, np.ones(len(segment)), far, end),
        ]
    )
