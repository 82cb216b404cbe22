"""Position reports to columns, a whole batch at once (ITU-R M.1371-5, annex 8).

Types 1, 2, 3 (class A), 9 (SAR aircraft), 11 (a mobile station's answer to a UTC inquiry), 18, 19 (class B) and 27
(long range) are reports of something that moves. Types 4, 17, 20, 21, 22, 23 and 28 come from fixed stations and aids
to navigation: they are not reports, and neither is anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.ais.armour import signed, unsigned, words
from sensors.units import KNOT_MPS

ACCURATE_M = 10.0  # what the accuracy flag promises; a report without it says nothing
LONG_RANGE_M = 54.0  # type 27 counts in tenths of a minute: 185.2 m / sqrt(12)


class Speed(NamedTuple):
    """Where speed stands: its largest value is "not available"."""

    start: int
    width: int
    knots: float  # per unit


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields of a kind of report stand; ``start`` is a bit, counted from 0."""

    bits: int  # needed for all fields below
    accuracy: int
    lon: tuple[int, int]  # start, width; two's complement
    lat: tuple[int, int]
    per_degree: int
    speed: Speed | None = None
    course: tuple[int, int, float] | None = None  # start, width, degrees per unit
    heading: int | None = None
    status: int | None = None
    altitude: int | None = None


_CLASS_A = Layout(137, 60, (61, 28), (89, 27), 600_000, Speed(50, 10, 0.1), (116, 12, 0.1), heading=128, status=38)
_CLASS_B = Layout(133, 56, (57, 28), (85, 27), 600_000, Speed(46, 10, 0.1), (112, 12, 0.1), heading=124)
_AIRCRAFT = Layout(128, 60, (61, 28), (89, 27), 600_000, Speed(50, 10, 1.0), (116, 12, 0.1), altitude=38)
_UTC_ANSWER = Layout(134, 78, (79, 28), (107, 27), 600_000)
_LONG_RANGE = Layout(94, 38, (44, 18), (62, 17), 600, Speed(79, 6, 1.0), (85, 9, 1.0))
LAYOUTS = {
    1: _CLASS_A,
    2: _CLASS_A,
    3: _CLASS_A,
    9: _AIRCRAFT,
    11: _UTC_ANSWER,
    18: _CLASS_B,
    19: _CLASS_B,
    27: _LONG_RANGE,
}
_GROUPS = tuple(dict.fromkeys(LAYOUTS.values()))
_GROUP_OF = {kind: _GROUPS.index(layout) for kind, layout in LAYOUTS.items()}
NO_STATUS = -1


class Positions(NamedTuple):
    """``n`` reports, each array ``(n,)``. NaN where the report says "not available"; ranges are not checked."""

    mmsi: NDArray[np.int64]
    status: NDArray[np.int64]  # navigational status, NO_STATUS where the kind of report has none
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    sigma_m: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    course_deg: NDArray[np.float64]
    heading_deg: NDArray[np.float64]
    altitude_m: NDArray[np.float64]


def read_positions(types: Sequence[int], payloads: Sequence[bytes]) -> Positions:
    """The reports in ``n`` payloads, which have the bits that :data:`LAYOUTS` asks for their type; of a type that is
    not there, only the MMSI."""
    n = len(payloads)
    message = words(payloads)
    found = Positions(
        unsigned(message, 8, 30), np.full(n, NO_STATUS, np.int64), *(np.full(n, np.nan) for _ in range(7))
    )
    groups = [_GROUP_OF.get(kind, -1) for kind in types]
    present = set(groups)
    column = np.array(groups, np.int64)
    for group, layout in enumerate(_GROUPS):
        if group in present:
            rows = np.flatnonzero(column == group)
            _read_group(layout, message[rows], rows, found)
    return found


def _read_group(layout: Layout, message: NDArray[np.uint64], rows: NDArray[np.intp], found: Positions) -> None:
    per_degree = layout.per_degree
    lon, lat = signed(message, *layout.lon), signed(message, *layout.lat)
    found.lon[rows] = np.where(lon == 181 * per_degree, np.nan, lon / per_degree)
    found.lat[rows] = np.where(lat == 91 * per_degree, np.nan, lat / per_degree)
    if layout is _LONG_RANGE:
        found.sigma_m[rows] = LONG_RANGE_M
    else:
        found.sigma_m[rows] = np.where(unsigned(message, layout.accuracy, 1) == 1, ACCURATE_M, np.nan)
    if layout.speed is not None:
        start, width, knots = layout.speed
        speed = unsigned(message, start, width)
        found.speed_mps[rows] = np.where(speed == (1 << width) - 1, np.nan, speed * (knots * KNOT_MPS))
    if layout.course is not None:
        start, width, step = layout.course
        found.course_deg[rows] = _angle(unsigned(message, start, width), step)
    if layout.heading is not None:
        found.heading_deg[rows] = _angle(unsigned(message, layout.heading, 9), 1.0)
    if layout.status is not None:
        found.status[rows] = unsigned(message, layout.status, 4)
    if layout.altitude is not None:
        altitude = unsigned(message, layout.altitude, 12)
        found.altitude_m[rows] = np.where(altitude == 4095, np.nan, altitude)


def _angle(units: NDArray[np.int64], step: float) -> NDArray[np.float64]:
    """Degrees; 360 and 511 are "not available", what lies between means nothing."""
    degrees = units.astype(np.float64) * step
    return np.where(degrees < 360.0, degrees, np.nan)
